//! Dead letters: jobs that were given up. They stay until somebody replays them.

use super::storage::{JobRow, merged_into_waiting};
use crate::store::column::now_ms;
use crate::store::{Reads, Result, Tx};

/// Dead letters, the newest first; `before` is the id of the last one of the page before.
pub async fn list<'a>(db: impl Reads<'a>, before: Option<&str>, limit: u32) -> Result<Vec<JobRow>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as(
        "SELECT * FROM jobs WHERE state = 'dead' AND ($1 IS NULL OR id < $1) ORDER BY id DESC LIMIT $2",
    )
    .bind(before)
    .bind(i64::from(limit))
    .fetch_all(&mut *db)
    .await?)
}

/// How many dead letters there are.
pub async fn count<'a>(db: impl Reads<'a>) -> Result<i64> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_scalar("SELECT COUNT(*) FROM jobs WHERE state = 'dead'").fetch_one(&mut *db).await?)
}

/// Makes a dead letter ready again, with all its attempts. False: there is none with this id.
pub async fn replay(tx: &mut Tx, id: &str) -> Result<bool> {
    let job: Option<JobRow> = sqlx::query_as("SELECT * FROM jobs WHERE id = $1 AND state = 'dead'")
        .bind(id)
        .fetch_optional(tx.connection())
        .await?;
    match job {
        Some(job) => revive(tx, &job).await.map(|()| true),
        None => Ok(false),
    }
}

/// Makes all dead letters, or those of one kind, ready again, in their order; returns how many.
pub async fn replay_all(tx: &mut Tx, kind: Option<&str>) -> Result<u64> {
    let jobs: Vec<JobRow> =
        sqlx::query_as("SELECT * FROM jobs WHERE state = 'dead' AND ($1 IS NULL OR kind = $1) ORDER BY id")
            .bind(kind)
            .fetch_all(tx.connection())
            .await?;
    for job in &jobs {
        revive(tx, job).await?;
    }
    Ok(jobs.len() as u64)
}

/// Forgets the dead letters of work that was done otherwise.
pub async fn forget(tx: &mut Tx, kind: &str, dedupe_key: &str) -> Result<u64> {
    let forgotten = sqlx::query("DELETE FROM jobs WHERE state = 'dead' AND kind = $1 AND dedupe_key = $2")
        .bind(kind)
        .bind(dedupe_key)
        .execute(tx.connection())
        .await?;
    Ok(forgotten.rows_affected())
}

/// Makes one ready; if the same work waits already, that one stands for it.
async fn revive(tx: &mut Tx, job: &JobRow) -> Result<()> {
    tx.made_work = true;
    if merged_into_waiting(tx, job).await? {
        return Ok(());
    }
    sqlx::query(
        "UPDATE jobs SET state = 'ready', run_at = $2, attempts = 0, updated_at = $2 WHERE id = $1 AND state = 'dead'",
    )
    .bind(job.id.as_str())
    .bind(now_ms())
    .execute(tx.connection())
    .await?;
    Ok(())
}
