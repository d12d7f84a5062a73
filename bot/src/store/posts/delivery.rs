//! What delivery writes down before and after each call to a surface.

use super::super::column::{clean, now_ms};
use super::super::{Result, Tx};
use super::{Post, next_seq};

/// Notes, before a surface is called, that the outcome will be unknown until it has answered. Commit this in a transaction
/// of its own. `None`: the post is gone or withdrawn, so do not call.
pub async fn mark_attempt(tx: &mut Tx, id: &str) -> Result<Option<Post>> {
    Ok(sqlx::query_as("UPDATE posts SET in_doubt = 1 WHERE id = $1 AND state <> 'withdrawn' RETURNING *")
        .bind(id)
        .fetch_optional(tx.connection())
        .await?)
}

/// Notes that the surface has `revision` of a post, and where. The post stays pending if a newer revision came meanwhile:
/// then [`Post::is_behind`] tells the caller to go on.
pub async fn mark_delivered(
    tx: &mut Tx,
    id: &str,
    revision: i64,
    external_conversation: &str,
    external_message: &str,
) -> Result<Option<Post>> {
    let seq = next_seq(tx).await?;
    tx.changed_posts = true;
    Ok(sqlx::query_as(
        "UPDATE posts SET seq = $2, delivered_revision = CASE WHEN delivered_revision > $3 THEN delivered_revision \
         ELSE $3 END, in_doubt = 0, error = NULL, external_conversation = $4, external_message = $5, \
         state = CASE WHEN state = 'withdrawn' THEN state WHEN revision > $3 THEN 'pending' ELSE 'delivered' END, \
         updated_at = $6 WHERE id = $1 RETURNING *",
    )
    .bind(id)
    .bind(seq)
    .bind(revision)
    .bind(external_conversation)
    .bind(external_message)
    .bind(now_ms())
    .fetch_optional(tx.connection())
    .await?)
}

/// Notes where a post of unknown outcome was found. What stands there may be any revision, so the post stays behind.
pub async fn mark_found(
    tx: &mut Tx,
    id: &str,
    external_conversation: &str,
    external_message: &str,
) -> Result<Option<Post>> {
    mark_delivered(tx, id, 0, external_conversation, external_message).await
}

/// What is known about a message that the surface did not confirm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undelivered {
    /// It did not arrive; it will be tried again.
    NotArrived,
    /// It may have arrived: ask the surface before trying again.
    Unknown,
    /// It did not arrive, and will not be tried again by itself.
    GivenUp,
}

/// Notes why the surface did not confirm a post.
pub async fn mark_failed(tx: &mut Tx, id: &str, error: &str, what: Undelivered) -> Result<Option<Post>> {
    let seq = next_seq(tx).await?;
    tx.changed_posts = true;
    Ok(sqlx::query_as(
        "UPDATE posts SET seq = $2, error = $3, in_doubt = $4, \
         state = CASE WHEN $5 = 1 AND state <> 'withdrawn' THEN 'failed' ELSE state END, \
         updated_at = $6 WHERE id = $1 RETURNING *",
    )
    .bind(id)
    .bind(seq)
    .bind(clean(error).as_ref())
    .bind(i64::from(what == Undelivered::Unknown))
    .bind(i64::from(what == Undelivered::GivenUp))
    .bind(now_ms())
    .fetch_optional(tx.connection())
    .await?)
}

/// Takes back the wish for a post: it will not be delivered, nor changed any more.
pub async fn withdraw(tx: &mut Tx, id: &str) -> Result<Option<Post>> {
    let seq = next_seq(tx).await?;
    tx.changed_posts = true;
    Ok(sqlx::query_as(
        "UPDATE posts SET seq = $2, state = 'withdrawn', updated_at = $3 WHERE id = $1 RETURNING *",
    )
    .bind(id)
    .bind(seq)
    .bind(now_ms())
    .fetch_optional(tx.connection())
    .await?)
}
