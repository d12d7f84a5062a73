//! Pipeline runs, each as it stood last.

use adapters::event::{Conclusion, Run, RunRef};
use jiff::Timestamp;

use super::column::{Json, clean, containing, json, now_ms};
use super::{Reads, Result, Tx, attempts};

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "String")]
    run: Json<Run>,
}

fn run_of(row: Row) -> Run {
    row.run.0
}

/// Which runs are meant.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// Name of the configured CI source.
    pub source: Option<String>,
    /// Part of `owner/name`, in any case.
    pub repo: Option<String>,
    /// The whole branch name.
    pub branch: Option<String>,
    /// Part of the pipeline's name, in any case.
    pub workflow: Option<String>,
    /// Only runs that ended in failure.
    pub failed_only: bool,
}

/// Remembers how a run stands. Never goes backwards: news of an earlier attempt, or that an ended attempt is still
/// running, changes nothing here and returns false; how each attempt ended is kept all the same. What the news leaves out (events of single jobs tell little) is kept.
pub async fn record(tx: &mut Tx, run: &Run) -> Result<bool> {
    let run = match get(&mut *tx, &run.at).await? {
        Some(known) => with_gaps_filled(run, &known),
        None => run.clone(),
    };
    attempts::record(tx, &run).await?;
    let at = run.finished_at.or(run.started_at).map_or_else(now_ms, Timestamp::as_millisecond);
    let recorded = sqlx::query(
        "INSERT INTO runs (source, repo, run_id, attempt, number, workflow, branch, sha, outcome, at, updated_at, run) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
         ON CONFLICT (source, repo, run_id) DO UPDATE SET attempt = excluded.attempt, number = excluded.number, \
         workflow = excluded.workflow, branch = excluded.branch, sha = excluded.sha, outcome = excluded.outcome, \
         at = excluded.at, updated_at = excluded.updated_at, run = excluded.run \
         WHERE excluded.attempt > runs.attempt OR (excluded.attempt = runs.attempt \
         AND (runs.outcome = 'running' OR excluded.outcome <> 'running'))",
    )
    .bind(clean(&run.at.source).as_ref())
    .bind(clean(&run.at.repo).as_ref())
    .bind(clean(&run.at.id).as_ref())
    .bind(i64::from(run.at.attempt))
    .bind(number(&run))
    .bind(clean(&run.workflow).as_ref())
    .bind(clean(&run.branch).as_ref())
    .bind(clean(&run.sha).as_ref())
    .bind(outcome(run.conclusion.as_ref()))
    .bind(at)
    .bind(now_ms())
    .bind(json("run", &run)?)
    .execute(tx.connection())
    .await?;
    Ok(recorded.rows_affected() == 1)
}

/// The run's number as the database counts: 0 when unknown.
pub(super) fn number(run: &Run) -> i64 {
    i64::try_from(run.number).unwrap_or(i64::MAX)
}

fn outcome(conclusion: Option<&Conclusion>) -> &'static str {
    match conclusion {
        None => "running",
        Some(conclusion) if conclusion.is_success() => "green",
        Some(conclusion) if conclusion.is_failure() => "red",
        Some(_) => "other",
    }
}

/// The news, with what it does not tell taken from what is known about the same run.
fn with_gaps_filled(news: &Run, known: &Run) -> Run {
    let mut run = news.clone();
    if run.number == 0 {
        run.number = known.number;
    }
    for (field, known) in [
        (&mut run.workflow, &known.workflow),
        (&mut run.branch, &known.branch),
        (&mut run.sha, &known.sha),
        (&mut run.title, &known.title),
        (&mut run.trigger, &known.trigger),
        (&mut run.url, &known.url),
    ] {
        if field.is_empty() {
            field.clone_from(known);
        }
    }
    if run.author.login.is_empty() {
        run.author = known.author.clone();
    }
    run.private |= known.private;
    if run.at.attempt == known.at.attempt {
        run.started_at = run.started_at.or(known.started_at);
        run.finished_at = run.finished_at.or(known.finished_at);
    }
    run
}

/// The run that is meant, whatever its attempt now is.
pub async fn get<'a>(db: impl Reads<'a>, run: &RunRef) -> Result<Option<Run>> {
    let mut db = db.reading().await?;
    let row: Option<Row> =
        sqlx::query_as("SELECT run FROM runs WHERE source = $1 AND repo = $2 AND run_id = $3")
            .bind(clean(&run.source).as_ref())
            .bind(clean(&run.repo).as_ref())
            .bind(clean(&run.id).as_ref())
            .fetch_optional(&mut *db)
            .await?;
    Ok(row.map(run_of))
}

/// The last green run of the same pipeline and branch before `run` (by number; by time where numbers are unknown).
pub async fn last_green<'a>(db: impl Reads<'a>, run: &Run) -> Result<Option<Run>> {
    let mut db = db.reading().await?;
    let at = run.started_at.or(run.finished_at).map_or_else(now_ms, Timestamp::as_millisecond);
    let row: Option<Row> = sqlx::query_as(
        "SELECT run FROM runs WHERE source = $1 AND repo = $2 AND workflow = $3 AND branch = $4 AND outcome = 'green' \
         AND run_id <> $5 AND (($6 > 0 AND number > 0 AND number < $6) OR (($6 = 0 OR number = 0) AND at <= $7)) \
         ORDER BY number DESC, at DESC LIMIT 1",
    )
    .bind(clean(&run.at.source).as_ref())
    .bind(clean(&run.at.repo).as_ref())
    .bind(clean(&run.workflow).as_ref())
    .bind(clean(&run.branch).as_ref())
    .bind(clean(&run.at.id).as_ref())
    .bind(number(run))
    .bind(at)
    .fetch_optional(&mut *db)
    .await?;
    Ok(row.map(run_of))
}

/// Runs that fit the filter, the most recent first, `offset` of them left out.
pub async fn latest<'a>(db: impl Reads<'a>, filter: &RunFilter, limit: u32, offset: u32) -> Result<Vec<Run>> {
    let mut db = db.reading().await?;
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT run FROM runs WHERE ($1 IS NULL OR source = $1) AND ($2 IS NULL OR LOWER(repo) LIKE $2 ESCAPE '\\') \
         AND ($3 IS NULL OR branch = $3) AND ($4 IS NULL OR LOWER(workflow) LIKE $4 ESCAPE '\\') \
         AND ($5 = 0 OR outcome = 'red') ORDER BY at DESC, number DESC LIMIT $6 OFFSET $7",
    )
    .bind(filter.source.as_deref())
    .bind(filter.repo.as_deref().map(containing))
    .bind(filter.branch.as_deref())
    .bind(filter.workflow.as_deref().map(containing))
    .bind(i64::from(filter.failed_only))
    .bind(i64::from(limit))
    .bind(i64::from(offset))
    .fetch_all(&mut *db)
    .await?;
    Ok(rows.into_iter().map(run_of).collect())
}

/// The last run of a repository that we heard of.
pub async fn newest_of<'a>(db: impl Reads<'a>, repo: &str) -> Result<Option<Run>> {
    let mut db = db.reading().await?;
    let row: Option<Row> =
        sqlx::query_as("SELECT run FROM runs WHERE repo = $1 ORDER BY at DESC, number DESC LIMIT 1")
            .bind(clean(repo).as_ref())
            .fetch_optional(&mut *db)
            .await?;
    Ok(row.map(run_of))
}

/// Every repository seen so far, by name.
pub async fn repos<'a>(db: impl Reads<'a>) -> Result<Vec<String>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_scalar("SELECT DISTINCT repo FROM runs ORDER BY repo").fetch_all(&mut *db).await?)
}

#[cfg(test)]
mod tests {
    use super::super::Store;
    use super::super::testing::{on_both, run};
    use super::*;

    async fn recorded(store: &Store, run: &Run) -> bool {
        let mut tx = store.begin().await.unwrap();
        let recorded = record(&mut tx, run).await.unwrap();
        tx.commit().await.unwrap();
        recorded
    }

    #[tokio::test]
    async fn a_run_never_goes_backwards() {
        on_both(async |store| {
            let ended = run(7, Some(Conclusion::Failure));
            assert!(recorded(&store, &run(7, None)).await);
            assert!(recorded(&store, &ended).await);
            assert!(!recorded(&store, &run(7, None)).await, "ended is not running again");
            assert_eq!(get(&store, &ended.at).await.unwrap().unwrap(), ended);

            let mut again = run(7, None);
            again.at.attempt = 2;
            assert!(recorded(&store, &again).await, "a further attempt is news");
            assert!(!recorded(&store, &ended).await, "the first attempt is not");
            let stored = get(&store, &ended.at).await.unwrap().unwrap();
            assert_eq!((stored.at.attempt, stored.conclusion), (2, None));
        })
        .await;
    }

    #[tokio::test]
    async fn what_news_leaves_out_is_kept() {
        on_both(async |store| {
            recorded(&store, &run(7, None)).await;
            let mut news = run(7, Some(Conclusion::Other("action_required".into())));
            news.number = 0;
            news.branch = String::new();
            news.author = adapters::event::Person::default();
            recorded(&store, &news).await;
            let stored = get(&store, &news.at).await.unwrap().unwrap();
            assert_eq!(
                (stored.number, stored.branch.as_str(), stored.author.login.as_str()),
                (7, "main", "mona")
            );
            assert_eq!(stored.conclusion, news.conclusion);
        })
        .await;
    }

    #[tokio::test]
    async fn the_last_green_run_is_the_one_before_on_the_same_branch() {
        on_both(async |store| {
            for (id, conclusion) in [
                (3, Conclusion::Success),
                (5, Conclusion::Success),
                (6, Conclusion::Cancelled),
                (7, Conclusion::Failure),
                (9, Conclusion::Success),
            ] {
                recorded(&store, &run(id, Some(conclusion))).await;
            }
            let mut elsewhere = run(8, Some(Conclusion::Success));
            elsewhere.branch = "feature".into();
            recorded(&store, &elsewhere).await;

            let red = run(8, Some(Conclusion::Failure));
            assert_eq!(last_green(&store, &red).await.unwrap().unwrap().number, 5);
            let unnumbered = Run { number: 0, ..red.clone() };
            assert_eq!(last_green(&store, &unnumbered).await.unwrap().unwrap().number, 5, "by time");
            assert_eq!(last_green(&store, &run(2, None)).await.unwrap(), None);
        })
        .await;
    }

    #[tokio::test]
    async fn runs_are_found_by_part_of_their_names() {
        on_both(async |store| {
            recorded(&store, &run(1, Some(Conclusion::Failure))).await;
            recorded(&store, &run(2, Some(Conclusion::Success))).await;
            let mut other = run(3, Some(Conclusion::Failure));
            other.at.repo = "acme/web_shop".into();
            recorded(&store, &other).await;

            let found = async |filter: RunFilter| -> Vec<u64> {
                latest(&store, &filter, 10, 0).await.unwrap().iter().map(|run| run.number).collect()
            };
            assert_eq!(found(RunFilter::default()).await, [3, 2, 1]);
            assert_eq!(found(RunFilter { repo: Some("PAY".into()), ..RunFilter::default() }).await, [2, 1]);
            assert_eq!(found(RunFilter { repo: Some("b_s".into()), ..RunFilter::default() }).await, [3]);
            assert_eq!(found(RunFilter { repo: Some("%".into()), ..RunFilter::default() }).await, [0; 0]);
            let failed = RunFilter { failed_only: true, branch: Some("main".into()), ..RunFilter::default() };
            assert_eq!(found(failed).await, [3, 1]);
            assert_eq!(
                found(RunFilter { source: Some("gitlab".into()), ..RunFilter::default() }).await,
                [0; 0]
            );
            assert_eq!(
                found(RunFilter { workflow: Some("ci".into()), ..RunFilter::default() }).await,
                [3, 2, 1]
            );
            assert_eq!(latest(&store, &RunFilter::default(), 1, 1).await.unwrap()[0].number, 2);
            assert_eq!(newest_of(&store, "acme/payments").await.unwrap().unwrap().number, 2);
            assert_eq!(newest_of(&store, "acme/pay").await.unwrap(), None);
            assert_eq!(repos(&store).await.unwrap(), ["acme/payments", "acme/web_shop"]);
        })
        .await;
    }
}
