//! Occurrences: the verdict on each job of each attempt of each run.

use adapters::event::RunRef;
use serde::Serialize;
use serde_json::Value;

use super::column::{Json, clean, containing, json, new_id};
use super::failures::{self, Seen};
use super::{Reads, Result, Tx};

/// A verdict about to be stored.
#[derive(Debug, Clone)]
pub struct NewOccurrence {
    /// The breakage it belongs to, if it belongs to one.
    pub breakage_id: Option<String>,
    /// The attempt of the run that failed.
    pub run: RunRef,
    /// The provider's id of the job.
    pub job_id: String,
    /// Its name as people see it.
    pub job_name: String,
    /// The masked text by which it is grouped.
    pub fingerprint: String,
    /// What it was grouped by before fingerprints became what they are now.
    pub earlier_fingerprint: Option<String>,
    /// What kind of failure.
    pub category: String,
    /// Whose move it is.
    pub owner: String,
    /// The rule that held.
    pub rule: Option<String>,
    /// One sentence.
    pub summary: String,
    /// How sure the verdict is, 0 to 1.
    pub confidence: f64,
    /// The whole diagnosis.
    pub diagnosis: Value,
    /// When the job failed, unix milliseconds.
    pub at: i64,
}

/// A stored verdict.
#[derive(Debug, Clone, PartialEq, Serialize, sqlx::FromRow)]
pub struct Occurrence {
    /// Our own id.
    pub id: String,
    /// The breakage it belongs to, if it belongs to one.
    pub breakage_id: Option<String>,
    /// Short id of its failure.
    pub failure_id: String,
    /// Name of the configured CI source.
    pub source: String,
    /// `owner/name`.
    pub repo: String,
    /// The provider's id of the run.
    pub run_id: String,
    /// Its attempt.
    pub attempt: i64,
    /// The provider's id of the job.
    pub job_id: String,
    /// Its name as people see it.
    pub job_name: String,
    /// The masked text by which it is grouped.
    pub fingerprint: String,
    /// What kind of failure.
    pub category: String,
    /// Whose move it is.
    pub owner: String,
    /// The rule that held.
    pub rule: Option<String>,
    /// One sentence.
    pub summary: String,
    /// How sure the verdict is, 0 to 1.
    pub confidence: f64,
    /// The whole diagnosis.
    #[sqlx(try_from = "String")]
    pub diagnosis: Json<Value>,
    /// When the job failed, unix milliseconds.
    pub at: i64,
}

/// Stores a verdict, in place of an earlier one on the same job and attempt, and notes the sighting of its failure.
pub async fn upsert(tx: &mut Tx, new: &NewOccurrence) -> Result<Occurrence> {
    let failure_id = failures::seen(
        tx,
        &Seen {
            fingerprint: &new.fingerprint,
            earlier: new.earlier_fingerprint.as_deref(),
            category: &new.category,
            owner: &new.owner,
            rule: new.rule.as_deref(),
            summary: &new.summary,
            at: new.at,
        },
    )
    .await?;
    Ok(sqlx::query_as(
        "INSERT INTO occurrences (id, breakage_id, failure_id, source, repo, run_id, attempt, job_id, job_name, \
         fingerprint, category, owner, rule, summary, confidence, diagnosis, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) \
         ON CONFLICT (source, repo, run_id, attempt, job_id) DO UPDATE SET \
         breakage_id = COALESCE(excluded.breakage_id, occurrences.breakage_id), failure_id = excluded.failure_id, \
         job_name = excluded.job_name, fingerprint = excluded.fingerprint, category = excluded.category, \
         owner = excluded.owner, rule = excluded.rule, summary = excluded.summary, \
         confidence = excluded.confidence, diagnosis = excluded.diagnosis, at = excluded.at RETURNING *",
    )
    .bind(new_id())
    .bind(new.breakage_id.as_deref())
    .bind(failure_id)
    .bind(clean(&new.run.source).as_ref())
    .bind(clean(&new.run.repo).as_ref())
    .bind(clean(&new.run.id).as_ref())
    .bind(i64::from(new.run.attempt))
    .bind(clean(&new.job_id).as_ref())
    .bind(clean(&new.job_name).as_ref())
    .bind(clean(&new.fingerprint).as_ref())
    .bind(new.category.as_str())
    .bind(new.owner.as_str())
    .bind(new.rule.as_deref())
    .bind(clean(&new.summary).as_ref())
    .bind(new.confidence)
    .bind(json("diagnosis", &new.diagnosis)?)
    .bind(new.at)
    .fetch_one(tx.connection())
    .await?)
}

/// The verdicts on one attempt of one run, in the order in which they were made.
pub async fn of_run<'a>(db: impl Reads<'a>, run: &RunRef) -> Result<Vec<Occurrence>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as(
        "SELECT * FROM occurrences WHERE source = $1 AND repo = $2 AND run_id = $3 AND attempt = $4 ORDER BY id",
    )
    .bind(clean(&run.source).as_ref())
    .bind(clean(&run.repo).as_ref())
    .bind(clean(&run.id).as_ref())
    .bind(i64::from(run.attempt))
    .fetch_all(&mut *db)
    .await?)
}

/// The verdicts of one breakage, the newest first.
pub async fn of_breakage<'a>(db: impl Reads<'a>, breakage_id: &str, limit: u32) -> Result<Vec<Occurrence>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as("SELECT * FROM occurrences WHERE breakage_id = $1 ORDER BY at DESC, id DESC LIMIT $2")
        .bind(breakage_id)
        .bind(i64::from(limit))
        .fetch_all(&mut *db)
        .await?)
}

/// The verdicts of one failure, the newest first. `failure_id` is made by [`failures::failure_id`].
pub async fn of_failure<'a>(db: impl Reads<'a>, failure_id: &str, limit: u32) -> Result<Vec<Occurrence>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as("SELECT * FROM occurrences WHERE failure_id = $1 ORDER BY at DESC, id DESC LIMIT $2")
        .bind(failure_id)
        .bind(i64::from(limit))
        .fetch_all(&mut *db)
        .await?)
}

/// "Has anyone seen …": the newest verdict of each failure whose fingerprint or summary contains the text, in any case.
pub async fn search<'a>(db: impl Reads<'a>, text: &str, limit: u32) -> Result<Vec<Occurrence>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as(
        "SELECT o.* FROM occurrences o JOIN failures f ON f.id = o.failure_id \
         WHERE (LOWER(f.fingerprint) LIKE $1 ESCAPE '\\' OR LOWER(f.summary) LIKE $1 ESCAPE '\\') \
         AND o.id = (SELECT n.id FROM occurrences n WHERE n.failure_id = f.id ORDER BY n.at DESC, n.id DESC LIMIT 1) \
         ORDER BY o.at DESC, o.id DESC LIMIT $2",
    )
    .bind(containing(text))
    .bind(i64::from(limit))
    .fetch_all(&mut *db)
    .await?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::failures::{FailureOrder, failure_id};
    use super::super::testing::on_both;
    use super::super::{Store, breakages, testing};
    use super::*;

    fn verdict(repo: &str, job: &str, fingerprint: &str, at: i64) -> NewOccurrence {
        NewOccurrence {
            breakage_id: None,
            run: RunRef { source: "github".into(), repo: repo.into(), id: "7".into(), attempt: 1 },
            job_id: job.into(),
            job_name: format!("test ({job})"),
            fingerprint: fingerprint.into(),
            earlier_fingerprint: None,
            category: "network".into(),
            owner: "infra".into(),
            rule: Some("network.timeout".into()),
            summary: format!("Connection 100% lost at {at}"),
            confidence: 0.875,
            diagnosis: json!({"key_line": {"line": 3, "text": "nul \0 and \"quotes\""}}),
            at,
        }
    }

    async fn store_all(store: &Store, verdicts: &[NewOccurrence]) {
        let mut tx = store.begin().await.unwrap();
        for verdict in verdicts {
            upsert(&mut tx, verdict).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    #[tokio::test]
    async fn a_later_verdict_on_the_same_job_replaces_the_earlier() {
        on_both(async |store| {
            let mut tx = store.begin().await.unwrap();
            let (breakage, _) = breakages::open(&mut tx, &testing::run(7, None)).await.unwrap();
            let first =
                NewOccurrence { breakage_id: Some(breakage.id.clone()), ..verdict("a/b", "1", "old", 5) };
            let stored = upsert(&mut tx, &first).await.unwrap();
            assert_eq!(stored.diagnosis.0, first.diagnosis);
            assert!((stored.confidence - 0.875).abs() < f64::EPSILON);
            let again = upsert(&mut tx, &verdict("a/b", "1", "new", 6)).await.unwrap();
            tx.commit().await.unwrap();

            assert_eq!(again.id, stored.id);
            assert_eq!(again.failure_id, failure_id("new"));
            assert_eq!(again.breakage_id.as_ref(), Some(&breakage.id), "kept");
            assert_eq!(of_run(&store, &first.run).await.unwrap(), std::slice::from_ref(&again));
            assert_eq!(of_breakage(&store, &breakage.id, 5).await.unwrap(), [again]);
        })
        .await;
    }

    #[tokio::test]
    async fn failures_sum_up_their_occurrences() {
        on_both(async |store| {
            store_all(
                &store,
                &[
                    verdict("a/b", "1", "connect timed out", 10),
                    verdict("a/b", "2", "connect timed out", 30),
                    verdict("a/c", "1", "connect timed out", 20),
                    verdict("a/c", "2", "oom\0killed", 40),
                    verdict("a/b", "2", "connect timed out", 30),
                ],
            )
            .await;
            let id = failure_id("connect timed out");
            let failure = failures::get(&store, &id).await.unwrap().unwrap();
            assert_eq!((failure.occurrences, failure.repos), (3, 2));
            assert_eq!((failure.first_seen, failure.last_seen), (10, 30));
            assert_eq!(failure.summary, "Connection 100% lost at 30", "the newest says");
            assert_eq!(failures::repos_of(&store, &id).await.unwrap(), ["a/b", "a/c"]);
            assert_eq!(failures::count_since(&store, &id, 20).await.unwrap(), 2);
            assert_eq!(of_failure(&store, &id, 2).await.unwrap().len(), 2);

            let listed = async |order| -> Vec<String> {
                let failures = failures::list(&store, order, 10, 0).await.unwrap();
                failures.into_iter().map(|failure| failure.fingerprint).collect()
            };
            assert_eq!(listed(FailureOrder::Frequent).await, ["connect timed out", "oom\u{fffd}killed"]);
            assert_eq!(listed(FailureOrder::Recent).await, ["oom\u{fffd}killed", "connect timed out"]);

            let mut tx = store.begin().await.unwrap();
            assert!(failures::set_known_issue(&mut tx, &id, Some("https://issues.example/4")).await.unwrap());
            assert!(!failures::set_known_issue(&mut tx, "nothing", None).await.unwrap());
            tx.commit().await.unwrap();
            let failure = failures::by_fingerprint(&store, "connect timed out").await.unwrap().unwrap();
            assert_eq!(failure.known_issue.as_deref(), Some("https://issues.example/4"));
        })
        .await;
    }

    #[tokio::test]
    async fn an_older_sighting_extends_the_time_only() {
        on_both(async |store| {
            store_all(&store, &[verdict("a/b", "1", "x", 50), verdict("a/b", "2", "x", 40)]).await;
            let failure = failures::by_fingerprint(&store, "x").await.unwrap().unwrap();
            assert_eq!((failure.first_seen, failure.last_seen), (40, 50));
            assert_eq!(failure.summary, "Connection 100% lost at 50");
        })
        .await;
    }

    /// A new version of the fingerprints does not make old acquaintances new.
    #[tokio::test]
    async fn history_outlives_the_version_of_the_fingerprints() {
        on_both(async |store| {
            store_all(
                &store,
                &[verdict("a/b", "1", "v1:old name", 10), verdict("a/c", "1", "v1:old name", 20)],
            )
            .await;
            let old = failure_id("v1:old name");
            let mut tx = store.begin().await.unwrap();
            failures::set_known_issue(&mut tx, &old, Some("https://issues.example/4")).await.unwrap();
            tx.commit().await.unwrap();

            let renamed = |job: &str, at| NewOccurrence {
                earlier_fingerprint: Some("v1:old name".into()),
                ..verdict("a/d", job, "v2:new name", at)
            };
            store_all(&store, &[renamed("1", 30), renamed("2", 40)]).await;
            let failure = failures::by_fingerprint(&store, "v2:new name").await.unwrap().unwrap();
            assert_eq!(failure.follows.as_ref(), Some(&old));
            assert_eq!((failure.first_seen, failure.last_seen), (10, 40));
            assert_eq!((failure.occurrences, failure.repos), (4, 3));
            assert_eq!(failure.known_issue.as_deref(), Some("https://issues.example/4"));
            assert_eq!(failure.summary, "Connection 100% lost at 40");
            let failure = failures::get(&store, &old).await.unwrap().unwrap();
            assert_eq!((failure.occurrences, failure.last_seen, failure.follows), (2, 20, None), "as it was");

            let unheard_of = NewOccurrence {
                earlier_fingerprint: Some("v1:unheard of".into()),
                ..verdict("a/e", "1", "v2:other", 50)
            };
            store_all(&store, &[unheard_of]).await;
            let failure = failures::by_fingerprint(&store, "v2:other").await.unwrap().unwrap();
            assert_eq!((failure.first_seen, failure.occurrences, failure.follows), (50, 1, None));
        })
        .await;
    }

    #[tokio::test]
    async fn has_anyone_seen_it() {
        on_both(async |store| {
            store_all(
                &store,
                &[verdict("a/b", "1", "E: Connect Timed out", 10), verdict("a/c", "1", "other", 20)],
            )
            .await;
            let found = async |text: &str| -> Vec<String> {
                search(&store, text, 10).await.unwrap().into_iter().map(|hit| hit.fingerprint).collect()
            };
            assert_eq!(found("connect TIMED").await, ["E: Connect Timed out"]);
            assert_eq!(found("100% LOST").await, ["other", "E: Connect Timed out"]);
            assert_eq!(found("100_").await, [""; 0]);
        })
        .await;
    }
}
