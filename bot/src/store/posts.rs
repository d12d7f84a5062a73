//! Posts: every message as it should stand, and how far its surface has it. This is the outbox.
//!
//! Nothing is queued: a post *is* the wish. Delivery brings the surface to the newest revision, whatever was missed in
//! between. Before each call to a surface `in_doubt` is committed, so that after a crash it is known that the outcome is
//! unknown, and the surface is asked before anything is posted again.

mod delivery;
mod reading;

pub use delivery::{Undelivered, mark_attempt, mark_delivered, mark_failed, withdraw};
pub use reading::{
    PostFilter, by_external, by_key, by_subject, changes_since, conversations, get, list, thread, undelivered,
};

use adapters::message::Message;
use serde::Serialize;

use super::column::{Json, clean, json, new_id, now_ms, words};
use super::{Result, Tx};

words! {
    /// How far a surface has a post.
    pub enum PostState {
        /// The surface does not have the newest revision yet.
        Pending = "pending",
        /// The surface has the newest revision.
        Delivered = "delivered",
        /// The surface will not take it; `error` says why.
        Failed = "failed",
        /// Nobody wants it any more.
        Withdrawn = "withdrawn",
    }
}

/// A message with its one living copy on a surface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Post {
    /// Our own id.
    pub id: String,
    /// Grows with every change of any post, in the order of commits.
    pub seq: i64,
    /// The configured name of the surface (`slack`).
    pub surface: String,
    /// Where it belongs, as configured (`#payments`) or as the surface knows it (`C012AB3CD`).
    pub conversation: String,
    /// What makes it one: the same surface, conversation and key are the same post.
    pub key: String,
    /// What it is about (`breakage:<id>`, `answer:<interaction>`).
    pub subject: String,
    /// The post in whose thread it stands.
    pub parent_id: Option<String>,
    /// The surface's id of the message in whose thread it stands, when that message is not ours.
    pub thread: Option<String>,
    /// What it should say.
    #[sqlx(try_from = "String")]
    pub message: Json<Message>,
    /// Counts what it should say, from 1.
    pub revision: i64,
    /// The revision that the surface has; 0 for none.
    pub delivered_revision: i64,
    /// How far the surface has it.
    #[sqlx(try_from = "String")]
    pub state: PostState,
    /// 1 while the outcome of a call to the surface is unknown.
    pub in_doubt: i64,
    /// The surface's id of the conversation, once posted.
    pub external_conversation: Option<String>,
    /// The surface's id of the message, once posted.
    pub external_message: Option<String>,
    /// Why the surface did not take it.
    pub error: Option<String>,
    /// When it was first wished for, unix milliseconds.
    pub created_at: i64,
    /// When it changed last, unix milliseconds.
    pub updated_at: i64,
}

impl Post {
    /// Whether the surface lacks the newest revision.
    pub fn is_behind(&self) -> bool {
        self.delivered_revision < self.revision
    }
}

/// A post as it should stand.
#[derive(Debug, Clone)]
pub struct NewPost {
    /// The configured name of the surface.
    pub surface: String,
    /// Where it belongs.
    pub conversation: String,
    /// What makes it one.
    pub key: String,
    /// What it is about.
    pub subject: String,
    /// The post in whose thread it stands.
    pub parent_id: Option<String>,
    /// The surface's id of the message in whose thread it stands, when that message is not ours.
    pub thread: Option<String>,
    /// What it should say.
    pub message: Message,
}

/// Wishes for a post, or for what it should say from now on. True when that changed anything: then it is to be delivered.
/// A withdrawn post stays withdrawn; one that failed is tried again when its message changes.
pub async fn put(tx: &mut Tx, new: &NewPost) -> Result<(Post, bool)> {
    let seq = next_seq(tx).await?;
    let now = now_ms();
    let message = json("message", &new.message)?;
    let changed: Option<Post> = sqlx::query_as(
        "INSERT INTO posts (id, seq, surface, conversation, key, subject, parent_id, thread, message, revision, \
         delivered_revision, state, in_doubt, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, 0, 'pending', 0, $10, $10) \
         ON CONFLICT (surface, conversation, key) DO UPDATE SET seq = excluded.seq, subject = excluded.subject, \
         message = excluded.message, revision = posts.revision + 1, state = 'pending', error = NULL, \
         updated_at = excluded.updated_at \
         WHERE posts.message <> excluded.message AND posts.state <> 'withdrawn' RETURNING *",
    )
    .bind(new_id())
    .bind(seq)
    .bind(new.surface.as_str())
    .bind(clean(&new.conversation).as_ref())
    .bind(clean(&new.key).as_ref())
    .bind(clean(&new.subject).as_ref())
    .bind(new.parent_id.as_deref())
    .bind(new.thread.as_deref())
    .bind(message)
    .bind(now)
    .fetch_optional(tx.connection())
    .await?;
    if let Some(post) = changed {
        tx.changed_posts = true;
        return Ok((post, true));
    }
    let post = by_key(&mut *tx, &new.surface, &new.conversation, &new.key).await?;
    Ok((post.ok_or(sqlx::Error::RowNotFound)?, false))
}

/// The next change number. Its row stays locked until the commit: numbers become visible in their order, so that a reader
/// who has seen number 7 never misses a number 6 that commits later.
async fn next_seq(tx: &mut Tx) -> Result<i64> {
    Ok(sqlx::query_scalar("UPDATE counters SET value = value + 1 WHERE name = 'posts' RETURNING value")
        .fetch_one(tx.connection())
        .await?)
}
