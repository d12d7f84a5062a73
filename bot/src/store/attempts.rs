//! How each attempt of each run ended. The runs themselves keep only their last attempt.

use adapters::event::{Conclusion, Run, RunRef};
use jiff::Timestamp;

use super::column::{clean, now_ms};
use super::{Reads, Result, Tx};

/// One attempt, seen from one failure.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Attempt {
    /// Name of the configured CI source.
    pub source: String,
    /// `owner/name`.
    pub repo: String,
    /// The provider's id of the run.
    pub run_id: String,
    /// 1 for the first attempt.
    pub attempt: i64,
    /// The pipeline's name.
    pub workflow: String,
    /// Branch or tag.
    pub branch: String,
    /// Full commit id.
    pub sha: String,
    /// Account of the change's author; empty when unknown.
    pub author: String,
    /// 1 for a machine's account.
    pub bot: i64,
    /// `green` or `red`.
    pub outcome: String,
    /// When it ended, unix milliseconds.
    pub at: i64,
    /// 1 if a job of it failed in the way that was asked about.
    pub failed: i64,
}

/// A pipeline of a repository.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Pipeline {
    /// Name of the configured CI source.
    pub source: String,
    /// `owner/name`.
    pub repo: String,
    /// The pipeline's name.
    pub workflow: String,
}

/// Remembers how an attempt ended; the last word on it counts. One that has not ended, or ended without a verdict (cancelled,
/// skipped), is left out.
pub(super) async fn record(tx: &mut Tx, run: &Run) -> Result<()> {
    match &run.conclusion {
        Some(conclusion) if conclusion.is_success() => put(tx, run, "green").await,
        Some(conclusion) if conclusion.is_failure() => put(tx, run, "red").await,
        Some(_) | None => Ok(()),
    }
}

/// A job of a run failed: its attempt counts as red until the run itself says otherwise.
pub async fn failed(tx: &mut Tx, run: &Run) -> Result<()> {
    if run.conclusion.as_ref().is_some_and(Conclusion::is_success) {
        return Ok(());
    }
    put(tx, run, "red").await
}

async fn put(tx: &mut Tx, run: &Run, outcome: &str) -> Result<()> {
    let at = run.finished_at.or(run.started_at).map_or_else(now_ms, Timestamp::as_millisecond);
    sqlx::query(
        "INSERT INTO attempts (source, repo, run_id, attempt, workflow, branch, sha, author, bot, outcome, at, \
         started_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
         ON CONFLICT (source, repo, run_id, attempt) DO UPDATE SET workflow = excluded.workflow, \
         branch = excluded.branch, sha = excluded.sha, author = excluded.author, bot = excluded.bot, \
         outcome = excluded.outcome, at = excluded.at, \
         started_at = COALESCE(excluded.started_at, attempts.started_at)",
    )
    .bind(clean(&run.at.source).as_ref())
    .bind(clean(&run.at.repo).as_ref())
    .bind(clean(&run.at.id).as_ref())
    .bind(i64::from(run.at.attempt))
    .bind(clean(&run.workflow).as_ref())
    .bind(clean(&run.branch).as_ref())
    .bind(clean(&run.sha).as_ref())
    .bind(clean(&run.author.login).as_ref())
    .bind(i64::from(run.author.bot))
    .bind(outcome)
    .bind(at)
    .bind(run.started_at.map(Timestamp::as_millisecond))
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// How soon, in milliseconds, the last failed runs of a pipeline were tried again after this attempt of them; `None` for each
/// that was not. The newest first; the run itself is left out.
pub async fn retries_of<'a>(db: impl Reads<'a>, run: &Run, limit: u32) -> Result<Vec<Option<i64>>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_scalar(
        "SELECT n.started_at - a.at FROM attempts a LEFT JOIN attempts n ON n.source = a.source AND n.repo = a.repo \
         AND n.run_id = a.run_id AND n.attempt = a.attempt + 1 \
         WHERE a.source = $1 AND a.repo = $2 AND a.workflow = $3 AND a.attempt = $4 AND a.outcome = 'red' \
         AND a.run_id <> $5 ORDER BY a.at DESC, a.run_id DESC LIMIT $6",
    )
    .bind(clean(&run.at.source).as_ref())
    .bind(clean(&run.at.repo).as_ref())
    .bind(clean(&run.workflow).as_ref())
    .bind(i64::from(run.at.attempt))
    .bind(clean(&run.at.id).as_ref())
    .bind(i64::from(limit))
    .fetch_all(&mut *db)
    .await?)
}

/// When an attempt ended, if it is known to have.
pub async fn ended_at<'a>(db: impl Reads<'a>, run: &RunRef) -> Result<Option<i64>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_scalar(
        "SELECT at FROM attempts WHERE source = $1 AND repo = $2 AND run_id = $3 AND attempt = $4",
    )
    .bind(clean(&run.source).as_ref())
    .bind(clean(&run.repo).as_ref())
    .bind(clean(&run.id).as_ref())
    .bind(i64::from(run.attempt))
    .fetch_optional(&mut *db)
    .await?)
}

/// The newest attempts of a pipeline on all branches, each with whether the failure was in it.
pub async fn of_pipeline<'a>(
    db: impl Reads<'a>,
    pipeline: &Pipeline,
    failure_id: &str,
    limit: u32,
) -> Result<Vec<Attempt>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as(
        "SELECT a.source, a.repo, a.run_id, a.attempt, a.workflow, a.branch, a.sha, a.author, a.bot, a.outcome, a.at, \
         (SELECT COUNT(*) FROM occurrences o WHERE o.source = a.source AND o.repo = a.repo AND o.run_id = a.run_id \
         AND o.attempt = a.attempt AND o.failure_id = $4) AS failed \
         FROM attempts a WHERE a.source = $1 AND a.repo = $2 AND a.workflow = $3 \
         ORDER BY a.at DESC, a.run_id DESC, a.attempt DESC LIMIT $5",
    )
    .bind(clean(&pipeline.source).as_ref())
    .bind(clean(&pipeline.repo).as_ref())
    .bind(clean(&pipeline.workflow).as_ref())
    .bind(failure_id)
    .bind(i64::from(limit))
    .fetch_all(&mut *db)
    .await?)
}

/// The pipelines in which a failure was seen at or after `since` (unix milliseconds), at most `limit` of them.
pub async fn pipelines_of<'a>(
    db: impl Reads<'a>,
    failure_id: &str,
    since: i64,
    limit: u32,
) -> Result<Vec<Pipeline>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as(
        "SELECT DISTINCT a.source, a.repo, a.workflow FROM occurrences o JOIN attempts a ON a.source = o.source \
         AND a.repo = o.repo AND a.run_id = o.run_id AND a.attempt = o.attempt \
         WHERE o.failure_id = $1 AND o.at >= $2 ORDER BY a.source, a.repo, a.workflow LIMIT $3",
    )
    .bind(failure_id)
    .bind(since)
    .bind(i64::from(limit))
    .fetch_all(&mut *db)
    .await?)
}

/// A failure that a further attempt of the same run got over, with nothing changed.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Flip {
    /// `owner/name`.
    pub repo: String,
    /// Branch or tag.
    pub branch: String,
    /// The pipeline's name.
    pub workflow: String,
    /// What failed, in a sentence.
    pub summary: String,
    /// In how many runs.
    pub times: i64,
    /// When it failed last, unix milliseconds.
    pub last: i64,
}

/// Failures at or after `since` (unix milliseconds) that passed on a further attempt of the same run, the most frequent first.
/// Failures without a known cause are left out: they look alike by chance.
pub async fn flips<'a>(db: impl Reads<'a>, since: i64, limit: u32) -> Result<Vec<Flip>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as(
        "SELECT a.repo, a.branch, a.workflow, MAX(o.summary) AS summary, COUNT(DISTINCT o.run_id) AS times, \
         MAX(o.at) AS last FROM occurrences o JOIN attempts a ON a.source = o.source AND a.repo = o.repo \
         AND a.run_id = o.run_id AND a.attempt > o.attempt AND a.outcome = 'green' \
         WHERE o.at >= $1 AND o.rule IS NOT NULL AND o.category <> 'unknown' \
         GROUP BY o.failure_id, a.source, a.repo, a.branch, a.workflow ORDER BY times DESC, last DESC LIMIT $2",
    )
    .bind(since)
    .bind(i64::from(limit))
    .fetch_all(&mut *db)
    .await?)
}

/// Forgets attempts that ended before `before` (unix milliseconds); how many.
pub async fn sweep(tx: &mut Tx, before: i64) -> Result<u64> {
    let swept =
        sqlx::query("DELETE FROM attempts WHERE at < $1").bind(before).execute(tx.connection()).await?;
    Ok(swept.rows_affected())
}

#[cfg(test)]
mod tests {
    use adapters::event::Person;
    use serde_json::json;

    use super::super::failures::failure_id;
    use super::super::occurrences::{self, NewOccurrence};
    use super::super::testing::{on_both, run};
    use super::super::{Store, runs};
    use super::*;

    async fn recorded(store: &Store, run: &Run) {
        let mut tx = store.begin().await.unwrap();
        runs::record(&mut tx, run).await.unwrap();
        tx.commit().await.unwrap();
    }

    fn verdict(run: &Run, fingerprint: &str) -> NewOccurrence {
        NewOccurrence {
            breakage_id: None,
            run: run.at.clone(),
            job_id: "1".into(),
            job_name: "test".into(),
            fingerprint: fingerprint.into(),
            earlier_fingerprint: None,
            category: "test_failure".into(),
            owner: "code".into(),
            rule: None,
            summary: "It failed".into(),
            confidence: 0.9,
            diagnosis: json!({}),
            at: 1,
        }
    }

    fn ci() -> Pipeline {
        Pipeline { source: "github".into(), repo: "acme/payments".into(), workflow: "CI".into() }
    }

    #[tokio::test]
    async fn every_attempt_is_kept_with_what_was_found_in_it() {
        on_both(async |store| {
            let red = run(7, Some(Conclusion::Failure));
            let mut green = run(7, Some(Conclusion::Success));
            green.at.attempt = 2;
            green.author = Person::default();
            recorded(&store, &red).await;
            recorded(&store, &green).await;
            recorded(&store, &run(8, None)).await;
            recorded(&store, &run(9, Some(Conclusion::Cancelled))).await;
            let mut tx = store.begin().await.unwrap();
            occurrences::upsert(&mut tx, &verdict(&red, "flaky")).await.unwrap();
            failed(&mut tx, &run(8, None)).await.unwrap();
            tx.commit().await.unwrap();

            let told = |attempts: Vec<Attempt>| -> Vec<(String, i64, String, i64, String)> {
                let told = attempts.into_iter();
                told.map(|it| (it.run_id, it.attempt, it.outcome, it.failed, it.author)).collect()
            };
            let seen = of_pipeline(&store, &ci(), &failure_id("flaky"), 9).await.unwrap();
            let row = |id: &str, attempt, outcome: &str, failed| {
                (id.to_owned(), attempt, outcome.to_owned(), failed, "mona".to_owned())
            };
            assert_eq!(told(seen), [row("8", 1, "red", 0), row("7", 2, "green", 0), row("7", 1, "red", 1)]);
            let other = of_pipeline(&store, &ci(), &failure_id("other"), 2).await.unwrap();
            assert_eq!(told(other), [row("8", 1, "red", 0), row("7", 2, "green", 0)]);
            assert_eq!(pipelines_of(&store, &failure_id("flaky"), 0, 9).await.unwrap(), [ci()]);
            assert_eq!(pipelines_of(&store, &failure_id("flaky"), 2, 9).await.unwrap(), []);
            assert_eq!(
                ended_at(&store, &red.at).await.unwrap(),
                red.finished_at.map(Timestamp::as_millisecond)
            );

            let mut tx = store.begin().await.unwrap();
            assert_eq!(sweep(&mut tx, i64::MAX).await.unwrap(), 3);
            tx.commit().await.unwrap();
        })
        .await;
    }

    #[tokio::test]
    async fn what_passed_on_a_further_attempt_is_found() {
        on_both(async |store| {
            for id in [7, 8, 9] {
                let red = run(id, Some(Conclusion::Failure));
                let mut again =
                    run(id, Some(if id == 9 { Conclusion::Failure } else { Conclusion::Success }));
                again.at.attempt = 2;
                recorded(&store, &red).await;
                recorded(&store, &again).await;
                let mut tx = store.begin().await.unwrap();
                let known = |name: &str| NewOccurrence { rule: Some("pytest".into()), ..verdict(&red, name) };
                occurrences::upsert(&mut tx, &known("flaky")).await.unwrap();
                let unknown = NewOccurrence { job_id: "2".into(), ..verdict(&red, "unknown") };
                occurrences::upsert(&mut tx, &unknown).await.unwrap();
                tx.commit().await.unwrap();
            }
            let found = flips(&store, 0, 9).await.unwrap();
            let told: Vec<(&str, &str, i64)> =
                found.iter().map(|flip| (flip.repo.as_str(), flip.summary.as_str(), flip.times)).collect();
            assert_eq!(told, [("acme/payments", "It failed", 2)]);
            assert_eq!(flips(&store, 2, 9).await.unwrap(), []);
        })
        .await;
    }

    #[tokio::test]
    async fn how_soon_failed_runs_were_tried_again() {
        on_both(async |store| {
            for id in [7, 8, 9] {
                let red = run(id, Some(Conclusion::Failure));
                recorded(&store, &red).await;
                if id == 8 {
                    let mut again = run(id, Some(Conclusion::Failure));
                    again.at.attempt = 2;
                    again.started_at =
                        red.finished_at.map(|ended| ended + jiff::SignedDuration::from_secs(20));
                    recorded(&store, &again).await;
                }
            }
            recorded(&store, &run(6, Some(Conclusion::Success))).await;
            let retries = async |id| retries_of(&store, &run(id, None), 9).await.unwrap();
            assert_eq!(retries(10).await, [None, Some(20_000), None]);
            assert_eq!(retries(9).await, [Some(20_000), None], "itself is left out");
            let second = Run { at: RunRef { attempt: 2, ..run(9, None).at }, ..run(9, None) };
            assert_eq!(retries_of(&store, &second, 9).await.unwrap(), [None]);
        })
        .await;
    }

    /// A job that may fail, in a run that ends well.
    #[tokio::test]
    async fn the_last_word_on_an_attempt_counts() {
        on_both(async |store| {
            let mut tx = store.begin().await.unwrap();
            failed(&mut tx, &run(7, None)).await.unwrap();
            tx.commit().await.unwrap();
            recorded(&store, &run(7, Some(Conclusion::Success))).await;
            let mut tx = store.begin().await.unwrap();
            failed(&mut tx, &run(7, Some(Conclusion::Success))).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(of_pipeline(&store, &ci(), "x", 9).await.unwrap()[0].outcome, "green");
        })
        .await;
    }
}
