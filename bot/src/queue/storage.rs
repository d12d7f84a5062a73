//! The statements on the table `jobs`.

use std::collections::HashSet;

use serde::Serialize;
use sqlx::AssertSqlSafe;

use super::job::NewJob;
use super::lanes::Lanes;
use crate::store::column::{clean, now_ms, placeholders, words};
use crate::store::{Backend, Reads, Result, StoreError, Tx};

words! {
    /// How far a job is. Finished jobs are deleted.
    pub enum JobState {
        /// Waiting for its time, its lane or a free worker.
        Ready = "ready",
        /// Being run by the holder of the lease.
        Running = "running",
        /// Given up; it can be replayed.
        Dead = "dead",
    }
}

/// A stored job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct JobRow {
    /// Our own id; the order of ids is the order of making.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Its fields as JSON text.
    pub payload: String,
    /// Its lane.
    pub lane: Option<String>,
    /// What makes it the same as another.
    pub dedupe_key: Option<String>,
    /// How far it is.
    #[sqlx(try_from = "String")]
    pub state: JobState,
    /// Not before this moment, unix milliseconds.
    pub run_at: i64,
    /// How often it was started.
    pub attempts: i64,
    /// How often it may be started.
    pub max_attempts: i64,
    /// Until when its holder must have renewed the lease, unix milliseconds.
    pub lease_until: Option<i64>,
    /// Who runs it.
    pub lease_owner: Option<String>,
    /// Why it last failed.
    pub last_error: Option<String>,
    /// When it was made, unix milliseconds.
    pub created_at: i64,
    /// When it changed last, unix milliseconds.
    pub updated_at: i64,
}

/// How many jobs of a kind are in a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct JobCounts {
    /// The kind.
    pub kind: String,
    /// The state.
    #[sqlx(try_from = "String")]
    pub state: JobState,
    /// How many.
    pub jobs: i64,
}

/// Stores a job; returns its id, or that of the same one already waiting.
pub(crate) async fn insert(tx: &mut Tx, job: &NewJob) -> Result<String> {
    let ids = insert_many(tx, &[job]).await?;
    ids.into_iter().next().ok_or(StoreError::Database(sqlx::Error::RowNotFound))
}

/// Stores jobs, but for those that are waiting already; returns the ids of all of them.
///
/// A job that waits already is touched, not skipped: so its row is locked, and on `PostgreSQL` no worker starts it before
/// this transaction has committed what the job is to find. It comes forward if it is wanted earlier, unless it waits
/// because it failed.
pub(crate) async fn insert_many(tx: &mut Tx, jobs: &[&NewJob]) -> Result<Vec<String>> {
    // One statement may not touch the same row twice.
    let mut keys = HashSet::new();
    let jobs: Vec<_> = jobs
        .iter()
        .filter(|job| job.dedupe_key.as_deref().is_none_or(|key| keys.insert((job.kind, key))))
        .collect();
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "INSERT INTO jobs (id, kind, payload, lane, dedupe_key, state, run_at, attempts, max_attempts, created_at, \
         updated_at) VALUES {} ON CONFLICT (kind, dedupe_key) WHERE dedupe_key IS NOT NULL AND state = 'ready' \
         DO UPDATE SET run_at = CASE WHEN jobs.attempts = 0 AND jobs.last_error IS NULL AND excluded.run_at < jobs.run_at THEN excluded.run_at \
         ELSE jobs.run_at END RETURNING id",
        placeholders(jobs.len(), 11)
    );
    let now = now_ms();
    // Safe: the text holds placeholders only.
    let mut insert = sqlx::query_scalar(AssertSqlSafe(sql));
    for job in jobs {
        insert = insert
            .bind(job.id.as_str())
            .bind(job.kind)
            .bind(job.payload.as_str())
            .bind(job.lane.as_deref())
            .bind(job.dedupe_key.as_deref())
            .bind(JobState::Ready.word())
            .bind(job.run_at)
            .bind(0_i64)
            .bind(job.max_attempts)
            .bind(now)
            .bind(now);
    }
    let ids = insert.fetch_all(tx.connection()).await?;
    tx.made_work = true;
    Ok(ids)
}

/// Starts up to `limit` jobs under a lease: those that are due, and the first of their lane while nothing of that lane runs.
/// A conflict means that another process was quicker on some lane: start anew.
pub(super) async fn claim(
    tx: &mut Tx,
    owner: &str,
    lease_until: i64,
    limit: usize,
    lanes: &Lanes,
) -> Result<Vec<JobRow>> {
    let lock = match tx.backend() {
        Backend::Sqlite => "",
        Backend::Postgres => "FOR UPDATE SKIP LOCKED",
    };
    let sql = format!(
        "UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_owner = $1, lease_until = $2, \
         updated_at = $3 WHERE id IN (SELECT j.id FROM jobs j WHERE j.state = 'ready' AND j.run_at <= $3 {} \
         AND (j.lane IS NULL OR NOT EXISTS (SELECT 1 FROM jobs o WHERE o.lane = j.lane AND (o.state = 'running' \
         OR (o.state = 'ready' AND o.id < j.id)))) ORDER BY j.run_at, j.id LIMIT $4 {lock}) \
         AND state = 'ready' RETURNING *",
        lanes.condition(5)
    );
    // Safe: the text holds placeholders only.
    let mut claim = sqlx::query_as(AssertSqlSafe(sql))
        .bind(owner)
        .bind(lease_until)
        .bind(now_ms())
        .bind(i64::try_from(limit).unwrap_or(i64::MAX));
    for value in lanes.values() {
        claim = claim.bind(value);
    }
    let mut jobs: Vec<JobRow> = claim.fetch_all(tx.connection()).await?;
    // RETURNING keeps no order.
    jobs.sort_by(|a, b| (a.run_at, &a.id).cmp(&(b.run_at, &b.id)));
    Ok(jobs)
}

/// When the next job on these lanes will be due, unix milliseconds.
pub(super) async fn next_due<'a>(db: impl Reads<'a>, lanes: &Lanes) -> Result<Option<i64>> {
    let mut db = db.reading().await?;
    let sql = format!("SELECT MIN(j.run_at) FROM jobs j WHERE j.state = 'ready' {}", lanes.condition(1));
    // Safe: the text holds placeholders only.
    let mut due = sqlx::query_scalar(AssertSqlSafe(sql));
    for value in lanes.values() {
        due = due.bind(value);
    }
    Ok(due.fetch_one(&mut *db).await?)
}

/// Deletes a finished job, if the lease is still the one under which it was started.
pub(super) async fn finish(tx: &mut Tx, job: &JobRow) -> Result<()> {
    sqlx::query(
        "DELETE FROM jobs WHERE id = $1 AND state = 'running' AND lease_owner = $2 AND attempts = $3",
    )
    .bind(job.id.as_str())
    .bind(job.lease_owner.as_deref())
    .bind(job.attempts)
    .execute(tx.connection())
    .await?;
    // The next one of its lane may start.
    tx.made_work |= job.lane.is_some();
    Ok(())
}

/// Gives a started job back to be tried again at `run_at`, or as a dead letter if there is no such moment. Changes nothing
/// if the lease is no longer the one under which it was started.
pub(super) async fn give_back(
    tx: &mut Tx,
    job: &JobRow,
    run_at: Option<i64>,
    attempts: i64,
    why: Option<&str>,
) -> Result<()> {
    if run_at.is_some() && merged_into_waiting(tx, job).await? {
        return Ok(());
    }
    sqlx::query(
        "UPDATE jobs SET state = $4, run_at = COALESCE($5, run_at), attempts = $6, last_error = COALESCE($7, last_error), \
         lease_owner = NULL, lease_until = NULL, updated_at = $8 \
         WHERE id = $1 AND state = 'running' AND lease_owner = $2 AND attempts = $3",
    )
    .bind(job.id.as_str())
    .bind(job.lease_owner.as_deref())
    .bind(job.attempts)
    .bind(if run_at.is_some() { JobState::Ready } else { JobState::Dead }.word())
    .bind(run_at)
    .bind(attempts)
    .bind(why.map(|why| clean(why).into_owned()))
    .bind(now_ms())
    .execute(tx.connection())
    .await?;
    // Its lane may go on, or it may be due at once.
    tx.made_work = true;
    Ok(())
}

/// Deletes a job that wants to wait again while the same work waits already; true if so.
pub(super) async fn merged_into_waiting(tx: &mut Tx, job: &JobRow) -> Result<bool> {
    let merged = sqlx::query(
        "DELETE FROM jobs WHERE id = $1 AND attempts = $2 AND state <> 'ready' AND EXISTS (SELECT 1 FROM jobs o \
         WHERE o.kind = $3 AND o.dedupe_key = $4 AND o.state = 'ready')",
    )
    .bind(job.id.as_str())
    .bind(job.attempts)
    .bind(job.kind.as_str())
    .bind(job.dedupe_key.as_deref())
    .execute(tx.connection())
    .await?;
    Ok(merged.rows_affected() == 1)
}

/// Renews an owner's leases on these jobs; returns the ids of those that it still holds.
pub(super) async fn renew(tx: &mut Tx, owner: &str, ids: &[String], lease_until: i64) -> Result<Vec<String>> {
    let placed: Vec<String> = (3..ids.len() + 3).map(|number| format!("${number}")).collect();
    let sql = format!(
        "UPDATE jobs SET lease_until = $2 WHERE lease_owner = $1 AND state = 'running' AND id IN ({}) RETURNING id",
        placed.join(", ")
    );
    // Safe: the text holds placeholders only.
    let mut renew = sqlx::query_scalar(AssertSqlSafe(sql)).bind(owner).bind(lease_until);
    for id in ids {
        renew = renew.bind(id.as_str());
    }
    Ok(renew.fetch_all(tx.connection()).await?)
}

/// Started jobs whose holder has not renewed its lease in time.
pub(super) async fn expired<'a>(db: impl Reads<'a>) -> Result<Vec<JobRow>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as("SELECT * FROM jobs WHERE state = 'running' AND lease_until < $1 ORDER BY id")
        .bind(now_ms())
        .fetch_all(&mut *db)
        .await?)
}

/// Started jobs whose holder is no part of the process `process`: on `SQLite`, of a process that is gone.
pub(super) async fn held_by_others<'a>(db: impl Reads<'a>, process: &str) -> Result<Vec<JobRow>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as(
        "SELECT * FROM jobs WHERE state = 'running' AND lease_owner NOT LIKE $1 || '%' ORDER BY id",
    )
    .bind(process)
    .fetch_all(&mut *db)
    .await?)
}

/// How many jobs there are, by kind and state.
pub async fn counts<'a>(db: impl Reads<'a>) -> Result<Vec<JobCounts>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as(
        "SELECT kind, state, COUNT(*) AS jobs FROM jobs GROUP BY kind, state ORDER BY kind, state",
    )
    .fetch_all(&mut *db)
    .await?)
}

/// For how many milliseconds the longest waiting job could have been started; `None` when none could. Jobs behind another one
/// of their lane wait for that one, not for a worker.
pub async fn oldest_ready_age<'a>(db: impl Reads<'a>) -> Result<Option<i64>> {
    let now = now_ms();
    let mut db = db.reading().await?;
    let oldest: Option<i64> = sqlx::query_scalar(
        "SELECT MIN(j.run_at) FROM jobs j WHERE j.state = 'ready' AND j.run_at <= $1 AND (j.lane IS NULL OR NOT EXISTS \
         (SELECT 1 FROM jobs o WHERE o.lane = j.lane AND (o.state = 'running' OR (o.state = 'ready' AND o.id < j.id))))",
    )
    .bind(now)
    .fetch_one(&mut *db)
    .await?;
    Ok(oldest.map(|due| now - due))
}
