//! Finding posts.

use super::super::column::clean;
use super::super::{Reads, Result};
use super::Post;

/// Which posts are meant.
#[derive(Debug, Clone, Default)]
pub struct PostFilter {
    /// The configured name of the surface.
    pub surface: Option<String>,
    /// The conversation, as configured or as the surface knows it.
    pub conversation: Option<String>,
    /// Leave out posts that stand in a thread.
    pub top_level: bool,
    /// Only posts older than the one with this id: the last of the page before.
    pub before: Option<String>,
}

/// One post.
pub async fn get<'a>(db: impl Reads<'a>, id: &str) -> Result<Option<Post>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as("SELECT * FROM posts WHERE id = $1").bind(id).fetch_optional(&mut *db).await?)
}

/// The post with this key.
pub async fn by_key<'a>(
    db: impl Reads<'a>,
    surface: &str,
    conversation: &str,
    key: &str,
) -> Result<Option<Post>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as("SELECT * FROM posts WHERE surface = $1 AND conversation = $2 AND key = $3")
        .bind(surface)
        .bind(clean(conversation).as_ref())
        .bind(clean(key).as_ref())
        .fetch_optional(&mut *db)
        .await?)
}

/// All posts about one subject, the oldest first.
pub async fn by_subject<'a>(db: impl Reads<'a>, subject: &str) -> Result<Vec<Post>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as("SELECT * FROM posts WHERE subject = $1 ORDER BY id")
        .bind(clean(subject).as_ref())
        .fetch_all(&mut *db)
        .await?)
}

/// The post that the surface knows as `message` in `conversation`.
pub async fn by_external<'a>(
    db: impl Reads<'a>,
    surface: &str,
    conversation: &str,
    message: &str,
) -> Result<Option<Post>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as(
        "SELECT * FROM posts WHERE surface = $1 AND external_conversation = $2 AND external_message = $3 \
         ORDER BY id LIMIT 1",
    )
    .bind(surface)
    .bind(clean(conversation).as_ref())
    .bind(clean(message).as_ref())
    .fetch_optional(&mut *db)
    .await?)
}

/// Our last answer in the thread of a message that is not ours; with `about`, the last one whose subject begins so.
pub async fn last_in_thread<'a>(
    db: impl Reads<'a>,
    surface: &str,
    conversation: &str,
    thread: &str,
    about: &str,
) -> Result<Option<Post>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as(
        "SELECT * FROM posts WHERE surface = $1 AND conversation = $2 AND thread = $3 \
         AND SUBSTR(subject, 1, LENGTH($4)) = $4 ORDER BY id DESC LIMIT 1",
    )
    .bind(surface)
    .bind(clean(conversation).as_ref())
    .bind(clean(thread).as_ref())
    .bind(about)
    .fetch_optional(&mut *db)
    .await?)
}

/// Posts that fit the filter, the newest first.
pub async fn list<'a>(db: impl Reads<'a>, filter: &PostFilter, limit: u32) -> Result<Vec<Post>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as(
        "SELECT * FROM posts WHERE ($1 IS NULL OR surface = $1) \
         AND ($2 IS NULL OR conversation = $2 OR external_conversation = $2) \
         AND ($3 = 0 OR (parent_id IS NULL AND thread IS NULL)) AND ($4 IS NULL OR id < $4) \
         ORDER BY id DESC LIMIT $5",
    )
    .bind(filter.surface.as_deref())
    .bind(filter.conversation.as_deref())
    .bind(i64::from(filter.top_level))
    .bind(filter.before.as_deref())
    .bind(i64::from(limit))
    .fetch_all(&mut *db)
    .await?)
}

/// The posts in the thread of a post of ours, the oldest first.
pub async fn thread<'a>(db: impl Reads<'a>, parent_id: &str) -> Result<Vec<Post>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as("SELECT * FROM posts WHERE parent_id = $1 ORDER BY id")
        .bind(parent_id)
        .fetch_all(&mut *db)
        .await?)
}

/// The conversations of a surface that have posts, the most recently changed first.
pub async fn conversations<'a>(db: impl Reads<'a>, surface: &str) -> Result<Vec<String>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_scalar(
        "SELECT conversation FROM posts WHERE surface = $1 GROUP BY conversation ORDER BY MAX(seq) DESC",
    )
    .bind(surface)
    .fetch_all(&mut *db)
    .await?)
}

/// The number of the newest change of any post; 0 before the first.
pub async fn newest_change<'a>(db: impl Reads<'a>) -> Result<i64> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_scalar("SELECT value FROM counters WHERE name = 'posts'").fetch_one(&mut *db).await?)
}

/// Posts changed after change number `seq`, in the order of their last change. Go on from the last one's `seq`.
pub async fn changes_since<'a>(db: impl Reads<'a>, seq: i64, limit: u32) -> Result<Vec<Post>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as("SELECT * FROM posts WHERE seq > $1 ORDER BY seq LIMIT $2")
        .bind(seq)
        .bind(i64::from(limit))
        .fetch_all(&mut *db)
        .await?)
}

/// Posts of a conversation that were given up and have changed at or after `since` (unix milliseconds), the oldest first.
pub async fn given_up<'a>(
    db: impl Reads<'a>,
    surface: &str,
    conversation: &str,
    since: i64,
    limit: u32,
) -> Result<Vec<Post>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as(
        "SELECT * FROM posts WHERE state = 'failed' AND surface = $1 AND conversation = $2 AND updated_at >= $3 \
         ORDER BY id LIMIT $4",
    )
    .bind(surface)
    .bind(clean(conversation).as_ref())
    .bind(since)
    .bind(i64::from(limit))
    .fetch_all(&mut *db)
    .await?)
}

/// Posts that their surface does not have in the newest revision, the oldest first: those still being tried, and those
/// that were given up.
pub async fn undelivered<'a>(db: impl Reads<'a>, limit: u32) -> Result<Vec<Post>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as("SELECT * FROM posts WHERE state IN ('pending', 'failed') ORDER BY id LIMIT $1")
        .bind(i64::from(limit))
        .fetch_all(&mut *db)
        .await?)
}
