//! What green runs of each job print: bytes in the classifier's own format, which hold hashes and counts, never text.

use super::column::{clean, now_ms};
use super::{Reads, Result, Tx};

/// Which job: the same one on every branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key<'a> {
    /// Name of the configured CI source.
    pub source: &'a str,
    /// `owner/name`.
    pub repo: &'a str,
    /// The pipeline's name.
    pub workflow: &'a str,
    /// The job's name, matrix values included.
    pub job: &'a str,
}

/// A stored baseline.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Stored {
    /// The classifier's bytes.
    pub learned: Vec<u8>,
    /// How many green runs they were learned from.
    pub runs: i64,
    /// When the last one was learned.
    pub updated_at: i64,
}

/// The baseline of a job, if one was learned.
pub async fn get<'a>(db: impl Reads<'a>, key: Key<'_>) -> Result<Option<Stored>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as(
        "SELECT learned, runs, updated_at FROM baselines \
         WHERE source = $1 AND repo = $2 AND workflow = $3 AND job = $4",
    )
    .bind(key.source)
    .bind(key.repo)
    .bind(clean(key.workflow).as_ref())
    .bind(clean(key.job).as_ref())
    .fetch_optional(&mut *db)
    .await?)
}

/// When a job of a pipeline was learned last, in unix milliseconds.
pub async fn last_learned<'a>(
    db: impl Reads<'a>,
    source: &str,
    repo: &str,
    workflow: &str,
) -> Result<Option<i64>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_scalar(
        "SELECT MAX(updated_at) FROM baselines WHERE source = $1 AND repo = $2 AND workflow = $3",
    )
    .bind(source)
    .bind(repo)
    .bind(clean(workflow).as_ref())
    .fetch_one(&mut *db)
    .await?)
}

/// Keeps a job's baseline in place of the one before.
pub async fn put(tx: &mut Tx, key: Key<'_>, learned: &[u8], runs: i64) -> Result<()> {
    sqlx::query(
        "INSERT INTO baselines (source, repo, workflow, job, learned, runs, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (source, repo, workflow, job) \
         DO UPDATE SET learned = excluded.learned, runs = excluded.runs, updated_at = excluded.updated_at",
    )
    .bind(key.source)
    .bind(key.repo)
    .bind(clean(key.workflow).as_ref())
    .bind(clean(key.job).as_ref())
    .bind(learned)
    .bind(runs)
    .bind(now_ms())
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Forgets the baselines of jobs that were not green since: jobs come and go, and so do the names of a matrix.
pub async fn sweep(tx: &mut Tx, before: i64) -> Result<u64> {
    let swept = sqlx::query("DELETE FROM baselines WHERE updated_at < $1")
        .bind(before)
        .execute(tx.connection())
        .await?;
    Ok(swept.rows_affected())
}

#[cfg(test)]
mod tests {
    use super::super::testing::on_both;
    use super::*;

    #[tokio::test]
    async fn each_job_has_its_own_and_old_ones_are_swept() {
        on_both(async |store| {
            let key = |job| Key { source: "github", repo: "acme/payments", workflow: "CI", job };
            assert_eq!(get(&store, key("test")).await.unwrap(), None);
            assert_eq!(last_learned(&store, "github", "acme/payments", "CI").await.unwrap(), None);
            let mut tx = store.begin().await.unwrap();
            put(&mut tx, key("test"), b"\x00\xff one", 1).await.unwrap();
            put(&mut tx, key("test"), b"\x00\xff two", 2).await.unwrap();
            put(&mut tx, key("lint"), b"", 1).await.unwrap();
            tx.commit().await.unwrap();
            let stored = get(&store, key("test")).await.unwrap().unwrap();
            assert_eq!((stored.learned.as_slice(), stored.runs), (b"\x00\xff two".as_slice(), 2));
            let last = last_learned(&store, "github", "acme/payments", "CI").await.unwrap();
            assert!(last.is_some_and(|last| last >= stored.updated_at));
            assert_eq!(last_learned(&store, "github", "acme/payments", "CD").await.unwrap(), None);
            let mut tx = store.begin().await.unwrap();
            assert_eq!(sweep(&mut tx, stored.updated_at).await.unwrap(), 0);
            assert_eq!(sweep(&mut tx, i64::MAX).await.unwrap(), 2);
            tx.commit().await.unwrap();
            assert_eq!(get(&store, key("test")).await.unwrap(), None);
        })
        .await;
    }
}
