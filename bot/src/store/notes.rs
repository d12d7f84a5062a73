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
