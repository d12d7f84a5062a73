//! Several failures told as one in a conversation: an incident, or what happened while it was to be left alone.

use serde::Serialize;

use super::breakages::Breakage;
use super::column::{clean, new_id, now_ms, words};
use super::{Reads, Result, Tx};

words! {
    /// Why they are told as one.
    pub enum RollupKind {
        /// Many repositories broke for the same cause.
        Incident = "incident",
        /// They broke in quiet hours.
        Quiet = "quiet",
    }
}

words! {
    /// Whether more may join.
    pub enum RollupState {
        /// Nothing is told before it is due.
        Waiting = "waiting",
        /// It is told. More may join an incident.
        Open = "open",
        /// All recovered: what breaks anew is another one.
        Closed = "closed",
    }
}

/// Several failures told as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Rollup {
    /// Our own id.
    pub id: String,
    /// Why they are told as one.
    #[sqlx(try_from = "String")]
    pub kind: RollupKind,
    /// The configured name of the surface.
    pub surface: String,
    /// The conversation, as the failures are routed to it.
    pub conversation: String,
    /// What they have in common, for an incident.
    pub failure_id: Option<String>,
    /// Whether more may join.
    #[sqlx(try_from = "String")]
    pub state: RollupState,
    /// When it began, unix milliseconds.
    pub opened_at: i64,
    /// When it is to be told, unix milliseconds; at once if that is not set.
    pub due_at: Option<i64>,
}

/// The open incident with this cause in a conversation.
pub async fn incident<'a>(
    db: impl Reads<'a>,
    surface: &str,
    conversation: &str,
    failure_id: &str,
) -> Result<Option<Rollup>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as(
        "SELECT * FROM rollups WHERE surface = $1 AND conversation = $2 AND failure_id = $3 \
         AND kind = 'incident' AND state = 'open'",
    )
    .bind(surface)
    .bind(clean(conversation).as_ref())
    .bind(failure_id)
    .fetch_optional(&mut *db)
    .await?)
}

/// Begins an incident, or returns the one that is open.
pub async fn begin_incident(
    tx: &mut Tx,
    surface: &str,
    conversation: &str,
    failure_id: &str,
) -> Result<Rollup> {
    insert(tx, RollupKind::Incident, surface, conversation, Some(failure_id), None).await?;
    let begun = incident(tx, surface, conversation, failure_id).await?;
    Ok(begun.ok_or(sqlx::Error::RowNotFound)?)
}

/// What is to be told when a conversation's quiet hours end (unix milliseconds), or what waits for that already.
pub async fn begin_quiet(tx: &mut Tx, surface: &str, conversation: &str, due_at: i64) -> Result<Rollup> {
    insert(tx, RollupKind::Quiet, surface, conversation, None, Some(due_at)).await?;
    Ok(sqlx::query_as(
        "SELECT * FROM rollups WHERE surface = $1 AND conversation = $2 AND kind = 'quiet' AND state = 'waiting'",
    )
    .bind(surface)
    .bind(clean(conversation).as_ref())
    .fetch_one(tx.connection())
    .await?)
}

async fn insert(
    tx: &mut Tx,
    kind: RollupKind,
    surface: &str,
    conversation: &str,
    failure_id: Option<&str>,
    due_at: Option<i64>,
) -> Result<()> {
    let state = if due_at.is_some() { RollupState::Waiting } else { RollupState::Open };
    sqlx::query(
        "INSERT INTO rollups (id, kind, surface, conversation, failure_id, state, opened_at, due_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
    )
    .bind(new_id())
    .bind(kind.word())
    .bind(surface)
    .bind(clean(conversation).as_ref())
    .bind(failure_id)
    .bind(state.word())
    .bind(now_ms())
    .bind(due_at)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// A breakage is told in it. False: it was already.
pub async fn join(tx: &mut Tx, id: &str, breakage_id: &str) -> Result<bool> {
    let joined = sqlx::query(
        "INSERT INTO rollup_members (rollup_id, breakage_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(breakage_id)
    .execute(tx.connection())
    .await?;
    Ok(joined.rows_affected() == 1)
}

/// One, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, id: &str) -> Result<Option<Rollup>> {
    Ok(sqlx::query_as("UPDATE rollups SET id = id WHERE id = $1 RETURNING *")
        .bind(id)
        .fetch_optional(tx.connection())
        .await?)
}

/// How far it is from now on.
pub async fn set_state(tx: &mut Tx, id: &str, state: RollupState) -> Result<()> {
    sqlx::query("UPDATE rollups SET state = $2 WHERE id = $1")
        .bind(id)
        .bind(state.word())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// What is told in it, in the order in which it broke.
pub async fn members<'a>(db: impl Reads<'a>, id: &str) -> Result<Vec<Breakage>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as(
        "SELECT b.* FROM rollup_members m JOIN breakages b ON b.id = m.breakage_id WHERE m.rollup_id = $1 \
         ORDER BY b.opened_at, b.id",
    )
    .bind(id)
    .fetch_all(&mut *db)
    .await?)
}

/// Those that a breakage is told in, the oldest first: at most one in a conversation.
pub async fn of_breakage<'a>(db: impl Reads<'a>, breakage_id: &str) -> Result<Vec<Rollup>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as(
        "SELECT r.* FROM rollup_members m JOIN rollups r ON r.id = m.rollup_id WHERE m.breakage_id = $1 ORDER BY r.id",
    )
    .bind(breakage_id)
    .fetch_all(&mut *db)
    .await?)
}

/// Breakages that began at or after `since` (unix milliseconds), fail in this way, and have a message of their own in a
/// conversation.
pub async fn alike<'a>(
    db: impl Reads<'a>,
    surface: &str,
    conversation: &str,
    failure_id: &str,
    since: i64,
) -> Result<Vec<Breakage>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as(
        "SELECT b.* FROM posts p JOIN breakages b ON p.key = 'breakage:' || b.id \
         WHERE p.surface = $1 AND p.conversation = $2 AND p.parent_id IS NULL AND b.opened_at >= $4 \
         AND EXISTS (SELECT 1 FROM occurrences o WHERE o.breakage_id = b.id AND o.failure_id = $3) \
         AND NOT EXISTS (SELECT 1 FROM rollup_members m JOIN rollups r ON r.id = m.rollup_id \
         WHERE m.breakage_id = b.id AND r.surface = p.surface AND r.conversation = p.conversation) \
         ORDER BY b.opened_at, b.id",
    )
    .bind(surface)
    .bind(clean(conversation).as_ref())
    .bind(failure_id)
    .bind(since)
    .fetch_all(&mut *db)
    .await?)
}

#[cfg(test)]
mod tests {
    use adapters::event::Conclusion;
    use serde_json::json;

    use super::super::failures::failure_id;
    use super::super::occurrences::{self, NewOccurrence};
    use super::super::posts::{self, NewPost};
    use super::super::testing::{message, on_both, run};
    use super::super::{Store, breakages};
    use super::*;

    /// A breakage of a repository with a message of its own.
    async fn told(store: &Store, repo: &str, conversation: &str) -> Breakage {
        let mut tx = store.begin().await.unwrap();
        let mut run = run(7, Some(Conclusion::Failure));
        run.at.repo = repo.to_owned();
        let (breakage, _) = breakages::open(&mut tx, &run).await.unwrap();
        let verdict = NewOccurrence {
            breakage_id: Some(breakage.id.clone()),
            run: run.at.clone(),
            job_id: "1".into(),
            job_name: "test".into(),
            fingerprint: "timed out".into(),
            earlier_fingerprint: None,
            category: "network".into(),
            owner: "infra".into(),
            rule: Some("network".into()),
            summary: "It failed".into(),
            confidence: 0.9,
            diagnosis: json!({}),
            at: 1,
        };
        occurrences::upsert(&mut tx, &verdict).await.unwrap();
        let subject = format!("breakage:{}", breakage.id);
        let post = NewPost {
            surface: "slack".into(),
            conversation: conversation.into(),
            key: subject.clone(),
            subject,
            parent_id: None,
            thread: None,
            message: message("broke"),
        };
        posts::put(&mut tx, &post).await.unwrap();
        tx.commit().await.unwrap();
        breakage
    }

    #[tokio::test]
    async fn what_breaks_alike_is_found_and_joins_one_incident() {
        on_both(async |store| {
            let (a, b) = (told(&store, "acme/a", "#ci").await, told(&store, "acme/b", "#ci").await);
            let other = told(&store, "acme/c", "#other").await;
            let cause = failure_id("timed out");
            let found = async |since| -> Vec<String> {
                let alike = alike(&store, "slack", "#ci", &cause, since).await.unwrap();
                alike.into_iter().map(|breakage| breakage.id).collect()
            };
            assert_eq!(found(a.opened_at).await, [a.id.clone(), b.id.clone()]);
            assert_eq!(found(a.opened_at + 1).await, [""; 0]);
            assert!(alike(&store, "slack", "#ci", &failure_id("other"), 0).await.unwrap().is_empty());

            let mut tx = store.begin().await.unwrap();
            let incident = begin_incident(&mut tx, "slack", "#ci", &cause).await.unwrap();
            assert_eq!(begin_incident(&mut tx, "slack", "#ci", &cause).await.unwrap(), incident, "one");
            assert!(join(&mut tx, &incident.id, &b.id).await.unwrap());
            assert!(join(&mut tx, &incident.id, &a.id).await.unwrap());
            assert!(!join(&mut tx, &incident.id, &a.id).await.unwrap(), "already");
            tx.commit().await.unwrap();
            assert_eq!(found(0).await, [""; 0], "they have joined");
            assert_eq!(members(&store, &incident.id).await.unwrap(), [a.clone(), b]);
            assert_eq!(of_breakage(&store, &a.id).await.unwrap(), std::slice::from_ref(&incident));
            assert!(of_breakage(&store, &other.id).await.unwrap().is_empty());

            let mut tx = store.begin().await.unwrap();
            set_state(&mut tx, &incident.id, RollupState::Closed).await.unwrap();
            let next = begin_incident(&mut tx, "slack", "#ci", &cause).await.unwrap();
            assert_ne!(next.id, incident.id, "what is over is over");
            assert_eq!(lock(&mut tx, &incident.id).await.unwrap().unwrap().state, RollupState::Closed);
        })
        .await;
    }

    #[tokio::test]
    async fn one_summary_waits_in_a_conversation() {
        on_both(async |store| {
            let mut tx = store.begin().await.unwrap();
            let first = begin_quiet(&mut tx, "slack", "#ci", 70).await.unwrap();
            let same = begin_quiet(&mut tx, "slack", "#ci", 90).await.unwrap();
            assert_eq!(
                (same.id, same.due_at, same.state),
                (first.id.clone(), Some(70), RollupState::Waiting)
            );
            assert_ne!(begin_quiet(&mut tx, "slack", "#db", 70).await.unwrap().id, first.id);
            set_state(&mut tx, &first.id, RollupState::Open).await.unwrap();
            assert_ne!(
                begin_quiet(&mut tx, "slack", "#ci", 90).await.unwrap().id,
                first.id,
                "the next night"
            );
            tx.commit().await.unwrap();
        })
        .await;
    }
}
