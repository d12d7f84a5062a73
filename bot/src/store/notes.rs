//! What became known about a breakage after it was first told.

use adapters::event::Changes;
use serde::{Deserialize, Serialize};

use super::column::{Json, json, now_ms};
use super::{Reads, Result, Tx};

/// Late news about a breakage. New fields need defaults: notes of the version before are read too.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Notes {
    /// What lies between the last green run and the first failed one.
    pub changes: Option<Changes>,
    /// Who owns what was changed, by CODEOWNERS.
    pub owners: Vec<String>,
    /// Who said that they are on it.
    pub claimed_by: Option<String>,
    /// Failed jobs of the last run whose logs were not read, because there were very many.
    pub unread_jobs: usize,
    /// Milliseconds from the end of the failed run or job to the first message.
    pub answered_in_ms: Option<i64>,
    /// Labels of the pull request, once they were asked for.
    pub labels: Option<Vec<String>>,
    /// Set once the pipeline breaks and is mended again and again.
    pub flapping: Option<Flapping>,
}

/// A pipeline that breaks and is mended in turns: one episode, however often it turns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flapping {
    /// When it broke first, unix milliseconds.
    pub since: i64,
    /// When it broke last, unix milliseconds.
    pub last: i64,
    /// How often it broke.
    pub breaks: u64,
    /// Whether it has been green for long enough since.
    pub over: bool,
}

/// The notes of a breakage; empty ones if nothing was noted yet.
pub async fn get<'a>(db: impl Reads<'a>, breakage_id: &str) -> Result<Notes> {
    #[derive(sqlx::FromRow)]
    struct Row {
        #[sqlx(try_from = "String")]
        notes: Json<Notes>,
    }
    let mut db = db.reading().await?;
    let row: Option<Row> = sqlx::query_as("SELECT notes FROM breakage_notes WHERE breakage_id = $1")
        .bind(breakage_id)
        .fetch_optional(&mut *db)
        .await?;
    Ok(row.map(|row| row.notes.0).unwrap_or_default())
}

/// Changes the notes of a breakage inside the caller's transaction; returns them as they now stand.
pub async fn change(tx: &mut Tx, breakage_id: &str, change: impl FnOnce(&mut Notes)) -> Result<Notes> {
    // Locks the breakage's row where there are several writers, so that no change is lost between reading and writing.
    sqlx::query("UPDATE breakages SET id = id WHERE id = $1")
        .bind(breakage_id)
        .execute(tx.connection())
        .await?;
    let mut notes = get(&mut *tx, breakage_id).await?;
    change(&mut notes);
    sqlx::query(
        "INSERT INTO breakage_notes (breakage_id, notes, updated_at) VALUES ($1, $2, $3) \
         ON CONFLICT (breakage_id) DO UPDATE SET notes = excluded.notes, updated_at = excluded.updated_at",
    )
    .bind(breakage_id)
    .bind(json("breakage note", &notes)?)
    .bind(now_ms())
    .execute(tx.connection())
    .await?;
    Ok(notes)
}

#[cfg(test)]
mod tests {
    use super::super::breakages;
    use super::super::testing::{on_both, run};
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn writers_at_the_same_time_lose_no_note() {
        on_both(async |store| {
            let mut tx = store.begin().await.unwrap();
            let (breakage, _) = breakages::open(&mut tx, &run(7, None)).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(get(&store, &breakage.id).await.unwrap(), Notes::default());
            let writers = (0..10).map(|n| {
                let (store, id) = (store.clone(), breakage.id.clone());
                tokio::spawn(async move {
                    let mut tx = store.begin().await.unwrap();
                    change(&mut tx, &id, |notes| notes.owners.push(format!("@owner{n}"))).await.unwrap();
                    tx.commit().await.unwrap();
                })
            });
            for writer in futures::future::join_all(writers).await {
                writer.unwrap();
            }
            assert_eq!(get(&store, &breakage.id).await.unwrap().owners.len(), 10);
        })
        .await;
    }
}
