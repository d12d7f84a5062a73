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
