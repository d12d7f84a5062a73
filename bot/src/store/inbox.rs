//! Deliveries from outside, each kept once, so that a repeat changes nothing and a day can be replayed.

use std::collections::HashSet;

use serde::Serialize;
use sqlx::AssertSqlSafe;

use super::column::{clean, new_id, now_ms, placeholders, words};
use super::{Reads, Result, Tx};

words! {
    /// What kind of thing was delivered.
    pub enum DeliveryKind {
        /// An event of a CI system or the like.
        Webhook = "webhook",
        /// Something that a person did on a chat surface.
        Interaction = "interaction",
    }
}

/// A delivery about to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// Our own id; jobs refer to it.
    pub id: String,
    /// Name of the configured source.
    pub source: String,
    /// The source's own id of the delivery: the same one is never stored twice.
    pub delivery_id: String,
    /// What kind of thing it is.
    pub kind: DeliveryKind,
    /// The source's word for the event (`workflow_run`).
    pub event: String,
    /// The body as JSON text, already redacted.
    pub body: String,
}

impl NewDelivery {
    /// A delivery with a new id.
    pub fn new(
        source: impl Into<String>,
        delivery_id: impl Into<String>,
        kind: DeliveryKind,
        event: impl Into<String>,
        body: impl Into<String>,
    ) -> Self {
        Self {
            id: new_id(),
            source: source.into(),
            delivery_id: delivery_id.into(),
            kind,
            event: event.into(),
            body: body.into(),
        }
    }
}

/// A stored delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Delivery {
    /// Our own id.
    pub id: String,
    /// Name of the configured source.
    pub source: String,
    /// The source's own id of the delivery.
    pub delivery_id: String,
    /// What kind of thing it is.
    #[sqlx(try_from = "String")]
    pub kind: DeliveryKind,
    /// The source's word for the event.
    pub event: String,
    /// The body as JSON text, redacted.
    pub body: String,
    /// When it came, unix milliseconds.
    pub received_at: i64,
    /// When its job was done with it, unix milliseconds.
    pub processed_at: Option<i64>,
    /// What became of it, in a few words.
    pub outcome: Option<String>,
}

/// Stores a delivery inside the caller's transaction. False: seen before, nothing stored. [`super::Store::accept_webhook`]
/// does the same for many callers in one commit.
pub async fn accept(tx: &mut Tx, delivery: &NewDelivery) -> Result<bool> {
    Ok(!accept_many(tx, &[delivery]).await?.is_empty())
}

/// Stores those that were not seen before; returns their ids.
pub(super) async fn accept_many(tx: &mut Tx, deliveries: &[&NewDelivery]) -> Result<HashSet<String>> {
    let now = now_ms();
    let mut ordered = deliveries.to_vec();
    // One order for all writers, so that two of them never wait for each other.
    ordered.sort_by(|a, b| (&a.source, &a.delivery_id).cmp(&(&b.source, &b.delivery_id)));
    let sql = format!(
        "INSERT INTO inbox (id, source, delivery_id, kind, event, body, received_at) VALUES {} \
         ON CONFLICT (source, delivery_id) DO NOTHING RETURNING id",
        placeholders(ordered.len(), 7)
    );
    // Safe: the text holds placeholders only.
    let mut insert = sqlx::query_scalar(AssertSqlSafe(sql));
    for delivery in ordered {
        insert = insert
            .bind(delivery.id.as_str())
            .bind(clean(&delivery.source).into_owned())
            .bind(clean(&delivery.delivery_id).into_owned())
            .bind(delivery.kind.word())
            .bind(clean(&delivery.event).into_owned())
            .bind(clean(&delivery.body).into_owned())
            .bind(now);
    }
    let ids: Vec<String> = insert.fetch_all(tx.connection()).await?;
    Ok(ids.into_iter().collect())
}

/// One delivery.
pub async fn get<'a>(db: impl Reads<'a>, id: &str) -> Result<Option<Delivery>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as("SELECT * FROM inbox WHERE id = $1").bind(id).fetch_optional(&mut *db).await?)
}

/// Notes that a delivery has been dealt with, and what became of it.
pub async fn mark_processed(tx: &mut Tx, id: &str, outcome: &str) -> Result<()> {
    sqlx::query("UPDATE inbox SET processed_at = $2, outcome = $3 WHERE id = $1")
        .bind(id)
        .bind(now_ms())
        .bind(clean(outcome).as_ref())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// How many deliveries wait to be dealt with.
pub async fn unprocessed<'a>(db: impl Reads<'a>) -> Result<i64> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_scalar("SELECT COUNT(*) FROM inbox WHERE processed_at IS NULL")
        .fetch_one(&mut *db)
        .await?)
}

/// Deliveries received at or after `since` (unix milliseconds), oldest first: what `replay` feeds again. `after` is the id
/// of the last one already read.
pub async fn list_since<'a>(
    db: impl Reads<'a>,
    since: i64,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<Delivery>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as("SELECT * FROM inbox WHERE received_at >= $1 AND id > $2 ORDER BY id LIMIT $3")
        .bind(since)
        .bind(after.unwrap_or_default())
        .bind(i64::from(limit))
        .fetch_all(&mut *db)
        .await?)
}

/// Forgets deliveries that were dealt with before `before` (unix milliseconds); returns how many. Keep at least 72 hours:
/// a source may deliver again that long.
pub async fn sweep(tx: &mut Tx, before: i64) -> Result<u64> {
    let swept = sqlx::query("DELETE FROM inbox WHERE processed_at IS NOT NULL AND received_at < $1")
        .bind(before)
        .execute(tx.connection())
        .await?;
    Ok(swept.rows_affected())
}

#[cfg(test)]
mod tests {
    use super::super::testing::on_both;
    use super::*;

    fn delivery(id: &str) -> NewDelivery {
        NewDelivery::new("github", id, DeliveryKind::Webhook, "workflow_run", r#"{"action":"completed"}"#)
    }

    #[tokio::test]
    async fn a_delivery_is_stored_once() {
        on_both(async |store| {
            let first = delivery("d1");
            let mut tx = store.begin().await.unwrap();
            assert!(accept(&mut tx, &first).await.unwrap());
            assert!(!accept(&mut tx, &delivery("d1")).await.unwrap());
            let other = NewDelivery { source: "ghes".into(), ..delivery("d1") };
            assert!(accept(&mut tx, &other).await.unwrap(), "another source has ids of its own");
            tx.commit().await.unwrap();

            let stored = get(&store, &first.id).await.unwrap().unwrap();
            assert_eq!((stored.kind, stored.event.as_str()), (DeliveryKind::Webhook, "workflow_run"));
            assert_eq!(stored.body, first.body);
            assert_eq!((stored.processed_at, stored.outcome), (None, None));
            assert_eq!(unprocessed(&store).await.unwrap(), 2);
        })
        .await;
    }

    #[tokio::test]
    async fn nothing_stays_of_a_transaction_that_is_dropped() {
        on_both(async |store| {
            let mut tx = store.begin().await.unwrap();
            assert!(accept(&mut tx, &delivery("d1")).await.unwrap());
            assert_eq!(unprocessed(&mut tx).await.unwrap(), 1, "seen inside");
            assert_eq!(unprocessed(&store).await.unwrap(), 0, "not seen outside");
            drop(tx);
            let mut tx = store.begin().await.unwrap();
            assert!(accept(&mut tx, &delivery("d1")).await.unwrap());
        })
        .await;
    }

    #[tokio::test]
    async fn processed_deliveries_are_replayed_from_and_swept() {
        on_both(async |store| {
            let mut tx = store.begin().await.unwrap();
            let mut ids = Vec::new();
            for n in 0..5 {
                let delivery = delivery(&format!("d{n}"));
                accept(&mut tx, &delivery).await.unwrap();
                ids.push(delivery.id);
            }
            mark_processed(&mut tx, &ids[0], "ignored: \0 odd").await.unwrap();
            tx.commit().await.unwrap();

            let page = list_since(&store, 0, None, 3).await.unwrap();
            assert_eq!(page.iter().map(|d| &d.id).collect::<Vec<_>>(), ids[..3].iter().collect::<Vec<_>>());
            assert_eq!(page[0].outcome.as_deref(), Some("ignored: \u{fffd} odd"));
            let rest = list_since(&store, 0, Some(&page[2].id), 10).await.unwrap();
            assert_eq!(rest.len(), 2);
            assert!(list_since(&store, now_ms() + 60_000, None, 10).await.unwrap().is_empty());

            let mut tx = store.begin().await.unwrap();
            assert_eq!(sweep(&mut tx, 0).await.unwrap(), 0, "none is that old");
            assert_eq!(sweep(&mut tx, now_ms() + 60_000).await.unwrap(), 1, "the others are not dealt with");
        })
        .await;
    }
}
