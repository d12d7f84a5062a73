//! Subscriptions: what a conversation asked to hear about.

use serde::Serialize;

use super::column::{clean, new_id, now_ms};
use super::{Reads, Result, Tx};

/// What a conversation asked to hear about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Subscription {
    /// Our own id.
    pub id: String,
    /// The configured name of the surface.
    pub surface: String,
    /// The surface's id of the conversation.
    pub conversation: String,
    /// What is wanted, in the words of the person who asked (`acme/payments main`).
    pub filter: String,
    /// The surface's id of the person who asked.
    pub created_by: String,
    /// When, unix milliseconds.
    pub created_at: i64,
    /// Nothing is said before this moment, unix milliseconds.
    pub muted_until: Option<i64>,
}

/// Subscribes a conversation. False: it was subscribed to the same already.
pub async fn add(
    tx: &mut Tx,
    surface: &str,
    conversation: &str,
    filter: &str,
    created_by: &str,
) -> Result<bool> {
    let added = sqlx::query(
        "INSERT INTO subscriptions (id, surface, conversation, filter, created_by, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (surface, conversation, filter) DO NOTHING",
    )
    .bind(new_id())
    .bind(surface)
    .bind(clean(conversation).as_ref())
    .bind(clean(filter).as_ref())
    .bind(clean(created_by).as_ref())
    .bind(now_ms())
    .execute(tx.connection())
    .await?;
    Ok(added.rows_affected() == 1)
}

/// Ends a subscription. False: there was none.
pub async fn remove(tx: &mut Tx, surface: &str, conversation: &str, filter: &str) -> Result<bool> {
    let removed =
        sqlx::query("DELETE FROM subscriptions WHERE surface = $1 AND conversation = $2 AND filter = $3")
            .bind(surface)
            .bind(clean(conversation).as_ref())
            .bind(clean(filter).as_ref())
            .execute(tx.connection())
            .await?;
    Ok(removed.rows_affected() > 0)
}

/// Keeps a conversation's subscriptions quiet until a moment (unix milliseconds), or with `None` no longer; returns how
/// many there are.
pub async fn mute(tx: &mut Tx, surface: &str, conversation: &str, until: Option<i64>) -> Result<u64> {
    let muted =
        sqlx::query("UPDATE subscriptions SET muted_until = $3 WHERE surface = $1 AND conversation = $2")
            .bind(surface)
            .bind(clean(conversation).as_ref())
            .bind(until)
            .execute(tx.connection())
            .await?;
    Ok(muted.rows_affected())
}

/// All subscriptions, the oldest first.
pub async fn list<'a>(db: impl Reads<'a>) -> Result<Vec<Subscription>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as("SELECT * FROM subscriptions ORDER BY id").fetch_all(&mut *db).await?)
}

/// The subscriptions of one conversation, the oldest first.
pub async fn list_for<'a>(
    db: impl Reads<'a>,
    surface: &str,
    conversation: &str,
) -> Result<Vec<Subscription>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as("SELECT * FROM subscriptions WHERE surface = $1 AND conversation = $2 ORDER BY id")
        .bind(surface)
        .bind(clean(conversation).as_ref())
        .fetch_all(&mut *db)
        .await?)
}

#[cfg(test)]
mod tests {
    use super::super::testing::on_both;
    use super::*;

    #[tokio::test]
    async fn a_conversation_subscribes_once_mutes_and_leaves() {
        on_both(async |store| {
            let mut tx = store.begin().await.unwrap();
            assert!(add(&mut tx, "slack", "C1", "acme/payments", "U1").await.unwrap());
            assert!(!add(&mut tx, "slack", "C1", "acme/payments", "U2").await.unwrap());
            assert!(add(&mut tx, "slack", "C2", "acme/payments", "U2").await.unwrap());
            assert_eq!(mute(&mut tx, "slack", "C1", Some(5)).await.unwrap(), 1);
            tx.commit().await.unwrap();

            let of_c1 = list_for(&store, "slack", "C1").await.unwrap();
            assert_eq!((of_c1.len(), of_c1[0].muted_until, of_c1[0].created_by.as_str()), (1, Some(5), "U1"));
            assert_eq!(list(&store).await.unwrap().len(), 2);

            let mut tx = store.begin().await.unwrap();
            assert!(remove(&mut tx, "slack", "C1", "acme/payments").await.unwrap());
            assert!(!remove(&mut tx, "slack", "C1", "acme/payments").await.unwrap());
        })
        .await;
    }
}
