//! Conversations that nothing can be posted in any more, until something can again.

use serde::Serialize;

use super::column::{clean, now_ms};
use super::{Reads, Result, Tx};

/// Such a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Lost {
    /// The configured name of the surface.
    pub surface: String,
    /// The conversation, as it is routed to.
    pub conversation: String,
    /// What the surface says, and what to do about it.
    pub error: String,
    /// Since when, unix milliseconds.
    pub since: i64,
}

/// Notes that nothing can be posted there. True: that is news.
pub async fn note(tx: &mut Tx, surface: &str, conversation: &str, error: &str) -> Result<bool> {
    let noted = sqlx::query(
        "INSERT INTO lost_conversations (surface, conversation, error, since) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (surface, conversation) DO NOTHING",
    )
    .bind(surface)
    .bind(clean(conversation).as_ref())
    .bind(clean(error).as_ref())
    .bind(now_ms())
    .execute(tx.connection())
    .await?;
    Ok(noted.rows_affected() == 1)
}

/// Something was posted there: it is lost no longer. Returns what it was, if it was.
pub async fn found(tx: &mut Tx, surface: &str, conversation: &str) -> Result<Option<Lost>> {
    Ok(sqlx::query_as("DELETE FROM lost_conversations WHERE surface = $1 AND conversation = $2 RETURNING *")
        .bind(surface)
        .bind(clean(conversation).as_ref())
        .fetch_optional(tx.connection())
        .await?)
}

/// All of them, by name.
pub async fn list<'a>(db: impl Reads<'a>) -> Result<Vec<Lost>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as("SELECT * FROM lost_conversations ORDER BY surface, conversation")
        .fetch_all(&mut *db)
        .await?)
}

#[cfg(test)]
mod tests {
    use super::super::testing::on_both;
    use super::*;

    #[tokio::test]
    async fn a_conversation_is_lost_once_and_found_once() {
        on_both(async |store| {
            let mut tx = store.begin().await.unwrap();
            assert!(note(&mut tx, "slack", "#old", "archived").await.unwrap());
            assert!(!note(&mut tx, "slack", "#old", "still").await.unwrap(), "no news");
            assert!(note(&mut tx, "slack", "#other", "archived").await.unwrap());
            let known: Vec<_> =
                list(&mut tx).await.unwrap().into_iter().map(|lost| lost.conversation).collect();
            assert_eq!(known, ["#old", "#other"]);
            let back = found(&mut tx, "slack", "#old").await.unwrap().unwrap();
            assert_eq!(back.error, "archived");
            assert_eq!(found(&mut tx, "slack", "#old").await.unwrap(), None);
        })
        .await;
    }
}
