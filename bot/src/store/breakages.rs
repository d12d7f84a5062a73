//! Breakages: episodes of redness. One begins with the first failed run of a pipeline on a branch and ends with a green one.

use adapters::event::Run;
use jiff::Timestamp;
use serde::Serialize;

use super::column::{MaybeJson, clean, json, new_id, now_ms, words};
use super::runs::number;
use super::{Reads, Result, StoreError, Tx};

words! {
    /// Whether it is over.
    pub enum BreakageState {
        /// Still red.
        Open = "open",
        /// A green run came.
        Fixed = "fixed",
    }
}

/// An episode of redness of one pipeline on one branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Breakage {
    /// Our own id.
    pub id: String,
    /// Name of the configured CI source.
    pub source: String,
    /// `owner/name`.
    pub repo: String,
    /// Branch or tag.
    pub branch: String,
    /// The pipeline's name.
    pub workflow: String,
    /// Whether it is over.
    #[sqlx(try_from = "String")]
    pub state: BreakageState,
    /// When the first run failed, unix milliseconds.
    pub opened_at: i64,
    /// When a green run ended, unix milliseconds.
    pub closed_at: Option<i64>,
    /// The first run that failed.
    pub first_run_id: String,
    /// Its commit.
    pub first_sha: String,
    /// The last run that failed.
    pub last_run_id: String,
    /// Its attempt.
    pub last_attempt: i64,
    /// Its number; 0 when unknown.
    pub last_number: i64,
    /// How many runs failed; further attempts of one run are not counted again.
    pub failures: i64,
    /// The run that was green.
    #[sqlx(try_from = "Option<String>")]
    pub fixed_run: MaybeJson<Run>,
}

/// The open breakage of a pipeline on a branch.
pub async fn open_for<'a>(
    db: impl Reads<'a>,
    source: &str,
    repo: &str,
    branch: &str,
    workflow: &str,
) -> Result<Option<Breakage>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as(
        "SELECT * FROM breakages \
         WHERE source = $1 AND repo = $2 AND branch = $3 AND workflow = $4 AND state = 'open'",
    )
    .bind(clean(source).as_ref())
    .bind(clean(repo).as_ref())
    .bind(clean(branch).as_ref())
    .bind(clean(workflow).as_ref())
    .fetch_optional(&mut *db)
    .await?)
}

/// Opens a breakage with its first failed run, or returns the one that is open already; true when it is new. The run is
/// counted either way, once.
pub async fn open(tx: &mut Tx, run: &Run) -> Result<(Breakage, bool)> {
    let opened: Option<String> = sqlx::query_scalar(
        "INSERT INTO breakages (id, source, repo, branch, workflow, state, opened_at, first_run_id, first_sha, \
         last_run_id, last_attempt, last_number, failures) \
         VALUES ($1, $2, $3, $4, $5, 'open', $6, $7, $8, $7, $9, $10, 0) \
         ON CONFLICT (source, repo, branch, workflow) WHERE state = 'open' DO NOTHING RETURNING id",
    )
    .bind(new_id())
    .bind(clean(&run.at.source).as_ref())
    .bind(clean(&run.at.repo).as_ref())
    .bind(clean(&run.branch).as_ref())
    .bind(clean(&run.workflow).as_ref())
    .bind(ended(run))
    .bind(clean(&run.at.id).as_ref())
    .bind(clean(&run.sha).as_ref())
    .bind(i64::from(run.at.attempt))
    .bind(number(run))
    .fetch_optional(tx.connection())
    .await?;
    let fresh = opened.is_some();
    let id = match opened {
        Some(id) => id,
        None => {
            open_for(&mut *tx, &run.at.source, &run.at.repo, &run.branch, &run.workflow)
                .await?
                // Another writer closed it between the two statements (PostgreSQL only): trying again opens a new one.
                .ok_or(StoreError::Database(sqlx::Error::RowNotFound))?
                .id
        }
    };
    Ok((add_failure(tx, &id, run).await?, fresh))
}

/// Counts a failed run, unless it is counted already, and notes it as the last one, unless a later one is known.
pub async fn add_failure(tx: &mut Tx, id: &str, run: &Run) -> Result<Breakage> {
    let counted =
        sqlx::query("INSERT INTO breakage_runs (breakage_id, run_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(id)
            .bind(clean(&run.at.id).as_ref())
            .execute(tx.connection())
            .await?
            .rows_affected();
    sqlx::query("UPDATE breakages SET failures = failures + $2 WHERE id = $1")
        .bind(id)
        .bind(i64::from(counted == 1))
        .execute(tx.connection())
        .await?;
    sqlx::query(
        "UPDATE breakages SET last_run_id = $2, last_attempt = $3, last_number = $4 WHERE id = $1 AND \
         ((last_run_id = $2 AND last_attempt < $3) OR (last_run_id <> $2 AND ($4 = 0 OR last_number < $4)))",
    )
    .bind(id)
    .bind(clean(&run.at.id).as_ref())
    .bind(i64::from(run.at.attempt))
    .bind(number(run))
    .execute(tx.connection())
    .await?;
    get(tx, id).await?.ok_or_else(|| StoreError::Missing { what: "breakage", id: id.to_owned() })
}

/// Ends a breakage with a green run. `None`: it had ended before, nothing changed.
pub async fn fix(tx: &mut Tx, id: &str, run: &Run) -> Result<Option<Breakage>> {
    Ok(sqlx::query_as(
        "UPDATE breakages SET state = 'fixed', closed_at = $2, fixed_run = $3 \
         WHERE id = $1 AND state = 'open' RETURNING *",
    )
    .bind(id)
    .bind(ended(run))
    .bind(json("run", run)?)
    .fetch_optional(tx.connection())
    .await?)
}

/// Goes on with a breakage that a green run had ended, and counts the failed run. `None`: it had not ended.
pub async fn reopen(tx: &mut Tx, id: &str, run: &Run) -> Result<Option<Breakage>> {
    let reopened = sqlx::query(
        "UPDATE breakages SET state = 'open', closed_at = NULL, fixed_run = NULL WHERE id = $1 AND state = 'fixed'",
    )
    .bind(id)
    .execute(tx.connection())
    .await?;
    if reopened.rows_affected() == 0 {
        return Ok(None);
    }
    Ok(Some(add_failure(tx, id, run).await?))
}

/// When a run ended, or at least began, unix milliseconds.
pub(crate) fn ended(run: &Run) -> i64 {
    run.finished_at.or(run.started_at).map_or_else(now_ms, Timestamp::as_millisecond)
}

/// One breakage, locked until the transaction ends: whoever makes its messages from what is stored does so alone, so that
/// older news never overwrite newer ones.
pub async fn lock(tx: &mut Tx, id: &str) -> Result<Option<Breakage>> {
    Ok(sqlx::query_as("UPDATE breakages SET id = id WHERE id = $1 RETURNING *")
        .bind(id)
        .fetch_optional(tx.connection())
        .await?)
}

/// One breakage.
pub async fn get<'a>(db: impl Reads<'a>, id: &str) -> Result<Option<Breakage>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as("SELECT * FROM breakages WHERE id = $1").bind(id).fetch_optional(&mut *db).await?)
}

/// All that are open, the newest first.
pub async fn list_open<'a>(db: impl Reads<'a>) -> Result<Vec<Breakage>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as("SELECT * FROM breakages WHERE state = 'open' ORDER BY opened_at DESC, id DESC")
        .fetch_all(&mut *db)
        .await?)
}

/// The last breakages of a repository, open or not, the newest first.
pub async fn of_repo<'a>(db: impl Reads<'a>, repo: &str, limit: u32) -> Result<Vec<Breakage>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as("SELECT * FROM breakages WHERE repo = $1 ORDER BY opened_at DESC, id DESC LIMIT $2")
        .bind(repo)
        .bind(i64::from(limit))
        .fetch_all(&mut *db)
        .await?)
}

/// Those that began at or after `since` (unix milliseconds), over or not, the newest first.
pub async fn opened_since<'a>(db: impl Reads<'a>, since: i64, limit: u32) -> Result<Vec<Breakage>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as(
        "SELECT * FROM breakages WHERE opened_at >= $1 ORDER BY opened_at DESC, id DESC LIMIT $2",
    )
    .bind(since)
    .bind(i64::from(limit))
    .fetch_all(&mut *db)
    .await?)
}

/// The last breakages of a pipeline on a branch, open or not, the newest first.
pub async fn history<'a>(
    db: impl Reads<'a>,
    source: &str,
    repo: &str,
    branch: &str,
    workflow: &str,
    limit: u32,
) -> Result<Vec<Breakage>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as(
        "SELECT * FROM breakages WHERE source = $1 AND repo = $2 AND branch = $3 AND workflow = $4 \
         ORDER BY opened_at DESC, id DESC LIMIT $5",
    )
    .bind(clean(source).as_ref())
    .bind(clean(repo).as_ref())
    .bind(clean(branch).as_ref())
    .bind(clean(workflow).as_ref())
    .bind(i64::from(limit))
    .fetch_all(&mut *db)
    .await?)
}

#[cfg(test)]
mod tests {
    use adapters::event::Conclusion;

    use super::super::testing::{on_both, run};
    use super::*;

    #[tokio::test]
    async fn one_breakage_from_the_first_red_run_to_the_first_green_one() {
        on_both(async |store| {
            let mut tx = store.begin().await.unwrap();
            let first = run(7, Some(Conclusion::Failure));
            let (breakage, fresh) = open(&mut tx, &first).await.unwrap();
            assert!(fresh);
            assert_eq!((breakage.failures, breakage.state), (1, BreakageState::Open));

            let (same, fresh) = open(&mut tx, &run(8, Some(Conclusion::Failure))).await.unwrap();
            assert!(!fresh);
            assert_eq!((same.id.as_str(), same.failures, same.last_number), (breakage.id.as_str(), 2, 8));
            assert_eq!(same.first_run_id, "7");

            let fixed =
                fix(&mut tx, &breakage.id, &run(9, Some(Conclusion::Success))).await.unwrap().unwrap();
            assert_eq!(fixed.state, BreakageState::Fixed);
            assert_eq!(fixed.fixed_run.as_ref().unwrap().number, 9);
            assert_eq!(fixed.closed_at, Some(fixed.opened_at + 120_000));
            assert!(fix(&mut tx, &breakage.id, &run(10, None)).await.unwrap().is_none(), "over is over");

            let red = run(10, Some(Conclusion::Failure));
            let again = reopen(&mut tx, &breakage.id, &red).await.unwrap().unwrap();
            assert_eq!((again.state, again.closed_at, again.failures), (BreakageState::Open, None, 3));
            assert_eq!((again.fixed_run.0, again.last_number), (None, 10));
            assert!(reopen(&mut tx, &breakage.id, &red).await.unwrap().is_none(), "it is open");
            fix(&mut tx, &breakage.id, &run(10, Some(Conclusion::Success))).await.unwrap().unwrap();

            let (next, fresh) = open(&mut tx, &run(11, Some(Conclusion::Failure))).await.unwrap();
            assert!(fresh && next.id != breakage.id);
            tx.commit().await.unwrap();

            let open: Vec<_> = list_open(&store).await.unwrap().into_iter().map(|b| b.id).collect();
            assert_eq!(open, std::slice::from_ref(&next.id));
            let history = history(&store, "github", "acme/payments", "main", "CI", 10).await.unwrap();
            assert_eq!(history.iter().map(|b| &b.id).collect::<Vec<_>>(), [&next.id, &breakage.id]);
            let since = async |moment| -> Vec<String> {
                opened_since(&store, moment, 10).await.unwrap().into_iter().map(|b| b.id).collect()
            };
            assert_eq!(since(breakage.opened_at).await, [next.id.clone(), breakage.id.clone()]);
            assert_eq!(since(next.opened_at).await, std::slice::from_ref(&next.id));
            assert_eq!(since(next.opened_at + 1).await, [""; 0]);
        })
        .await;
    }

    #[tokio::test]
    async fn runs_are_counted_once_and_late_news_does_not_become_the_last() {
        on_both(async |store| {
            let mut tx = store.begin().await.unwrap();
            let (breakage, _) = open(&mut tx, &run(7, Some(Conclusion::Failure))).await.unwrap();
            let mut again = run(7, Some(Conclusion::Failure));
            again.at.attempt = 2;
            let counted = add_failure(&mut tx, &breakage.id, &again).await.unwrap();
            assert_eq!((counted.failures, counted.last_attempt), (1, 2));
            add_failure(&mut tx, &breakage.id, &run(9, Some(Conclusion::Failure))).await.unwrap();
            let counted =
                add_failure(&mut tx, &breakage.id, &run(8, Some(Conclusion::Failure))).await.unwrap();
            assert_eq!((counted.failures, counted.last_number), (3, 9));
            assert!(matches!(
                add_failure(&mut tx, "nothing", &run(8, None)).await,
                Err(StoreError::Database(_) | StoreError::Missing { .. })
            ));
        })
        .await;
    }

    #[tokio::test]
    async fn writers_at_the_same_time_open_one_breakage() {
        on_both(async |store| {
            let writers = (1..=8).map(|id| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut tx = store.begin().await.unwrap();
                    let (breakage, fresh) = open(&mut tx, &run(id, Some(Conclusion::Failure))).await.unwrap();
                    tx.commit().await.unwrap();
                    (breakage.id, fresh)
                })
            });
            let opened: Vec<_> =
                futures::future::join_all(writers).await.into_iter().map(|done| done.unwrap()).collect();
            assert_eq!(opened.iter().filter(|(_, fresh)| *fresh).count(), 1);
            assert!(opened.iter().all(|(id, _)| *id == opened[0].0));
            let breakage = get(&store, &opened[0].0).await.unwrap().unwrap();
            assert_eq!((breakage.failures, breakage.last_number), (8, 8));
        })
        .await;
    }
}
