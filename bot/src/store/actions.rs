//! Actions: what people asked the bot to do, each once, however often the click arrives.

use serde::Serialize;
use serde_json::Value;

use super::column::{Json, clean, json, new_id, now_ms, words};
use super::{Reads, Result, Tx};

words! {
    /// How far an action is.
    pub enum ActionState {
        /// Asked for, not yet decided.
        Requested = "requested",
        /// Not allowed.
        Denied = "denied",
        /// Allowed, and being done.
        Running = "running",
        /// Done.
        Done = "done",
        /// It could not be done.
        Failed = "failed",
    }
}

/// Something that a person asks for.
#[derive(Debug, Clone)]
pub struct NewAction {
    /// What makes it one (`rerun_failed:github:acme/payments:77:1`).
    pub key: String,
    /// Which remedy (`rerun_failed`).
    pub remedy: String,
    /// What it is to be done to.
    pub target: Value,
    /// The surface's id of the person.
    pub person: String,
    /// On which surface they asked.
    pub surface: String,
    /// The post on which they clicked.
    pub post_id: Option<String>,
}

/// Something that a person asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Action {
    /// Our own id.
    pub id: String,
    /// What makes it one.
    pub key: String,
    /// Which remedy.
    pub remedy: String,
    /// What it is to be done to.
    #[sqlx(try_from = "String")]
    pub target: Json<Value>,
    /// The surface's id of the person who asked first.
    pub person: String,
    /// On which surface they asked.
    pub surface: String,
    /// The post on which they clicked.
    pub post_id: Option<String>,
    /// How far it is.
    #[sqlx(try_from = "String")]
    pub state: ActionState,
    /// The rule that allowed or denied it.
    pub rule: Option<String>,
    /// What came of it, in a sentence.
    pub result: Option<String>,
    /// When it was asked for, unix milliseconds.
    pub created_at: i64,
    /// When it changed last, unix milliseconds.
    pub updated_at: i64,
}

/// Asks for an action. True when it is new; otherwise the one that was asked for before. One that was denied may be asked
/// for again, by somebody who may: then it is new again, in that person's name.
pub async fn request(tx: &mut Tx, new: &NewAction) -> Result<(Action, bool)> {
    let fresh: Option<Action> = sqlx::query_as(
        "INSERT INTO actions (id, key, remedy, target, person, surface, post_id, state, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'requested', $8, $8) ON CONFLICT (key) DO UPDATE SET \
         state = 'requested', person = excluded.person, surface = excluded.surface, post_id = excluded.post_id, \
         rule = NULL, result = NULL, updated_at = excluded.updated_at WHERE actions.state = 'denied' RETURNING *",
    )
    .bind(new_id())
    .bind(clean(&new.key).as_ref())
    .bind(new.remedy.as_str())
    .bind(json("target", &new.target)?)
    .bind(clean(&new.person).as_ref())
    .bind(new.surface.as_str())
    .bind(new.post_id.as_deref())
    .bind(now_ms())
    .fetch_optional(tx.connection())
    .await?;
    if let Some(action) = fresh {
        return Ok((action, true));
    }
    let action = sqlx::query_as("SELECT * FROM actions WHERE key = $1")
        .bind(clean(&new.key).as_ref())
        .fetch_one(tx.connection())
        .await?;
    Ok((action, false))
}

/// Moves an action on, if it is still in the state `from`. `None`: somebody else has moved it, so leave it alone.
pub async fn set_state(
    tx: &mut Tx,
    id: &str,
    from: ActionState,
    to: ActionState,
    rule: Option<&str>,
    result: Option<&str>,
) -> Result<Option<Action>> {
    Ok(sqlx::query_as(
        "UPDATE actions SET state = $3, rule = COALESCE($4, rule), result = COALESCE($5, result), updated_at = $6 \
         WHERE id = $1 AND state = $2 RETURNING *",
    )
    .bind(id)
    .bind(from.word())
    .bind(to.word())
    .bind(rule)
    .bind(result.map(|text| clean(text).into_owned()))
    .bind(now_ms())
    .fetch_optional(tx.connection())
    .await?)
}

/// One action.
pub async fn get<'a>(db: impl Reads<'a>, id: &str) -> Result<Option<Action>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as("SELECT * FROM actions WHERE id = $1").bind(id).fetch_optional(&mut *db).await?)
}

/// The action with this key.
pub async fn by_key<'a>(db: impl Reads<'a>, key: &str) -> Result<Option<Action>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as("SELECT * FROM actions WHERE key = $1")
        .bind(clean(key).as_ref())
        .fetch_optional(&mut *db)
        .await?)
}

/// Actions, the newest first; `before` is the id of the last one of the page before.
pub async fn list<'a>(db: impl Reads<'a>, before: Option<&str>, limit: u32) -> Result<Vec<Action>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as("SELECT * FROM actions WHERE ($1 IS NULL OR id < $1) ORDER BY id DESC LIMIT $2")
        .bind(before)
        .bind(i64::from(limit))
        .fetch_all(&mut *db)
        .await?)
}
