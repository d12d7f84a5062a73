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

/// Asks for an action. True when it is new; otherwise the one that was asked for before. One that was denied or could not be
/// done may be asked for again: then it is new again, in that person's name.
pub async fn request(tx: &mut Tx, new: &NewAction) -> Result<(Action, bool)> {
    let fresh: Option<Action> = sqlx::query_as(
        "INSERT INTO actions (id, key, remedy, target, person, surface, post_id, state, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'requested', $8, $8) ON CONFLICT (key) DO UPDATE SET \
         state = 'requested', target = excluded.target, person = excluded.person, surface = excluded.surface, post_id = excluded.post_id, \
         rule = NULL, result = NULL, updated_at = excluded.updated_at WHERE actions.state IN ('denied', 'failed') RETURNING *",
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::on_both;
    use super::*;

    fn click(person: &str) -> NewAction {
        NewAction {
            key: "rerun_failed:github:acme/payments:7:1".into(),
            remedy: "rerun_failed".into(),
            target: json!({"repo": "acme/payments"}),
            person: person.into(),
            surface: "slack".into(),
            post_id: None,
        }
    }

    #[tokio::test]
    async fn clicks_at_the_same_time_are_one_action() {
        on_both(async |store| {
            let clicks = (0..10).map(|n| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut tx = store.begin().await.unwrap();
                    let (action, fresh) = request(&mut tx, &click(&format!("U{n}"))).await.unwrap();
                    tx.commit().await.unwrap();
                    (action, fresh)
                })
            });
            let asked: Vec<_> =
                futures::future::join_all(clicks).await.into_iter().map(|done| done.unwrap()).collect();
            let fresh: Vec<_> = asked.iter().filter(|(_, fresh)| *fresh).collect();
            assert_eq!(fresh.len(), 1);
            assert!(
                asked.iter().all(|(action, _)| action.person == fresh[0].0.person),
                "the first one asked"
            );
            assert_eq!(list(&store, None, 10).await.unwrap().len(), 1);
        })
        .await;
    }

    #[tokio::test]
    async fn one_of_two_moves_an_action_on() {
        use ActionState::{Denied, Done, Requested, Running};
        on_both(async |store| {
            let mut tx = store.begin().await.unwrap();
            let (action, _) = request(&mut tx, &click("U1")).await.unwrap();
            let mut step = async |from, to, result: Option<&str>| {
                set_state(&mut tx, &action.id, from, to, Some("owner"), result)
                    .await
                    .unwrap()
                    .map(|a| a.state)
            };
            assert_eq!(step(Requested, Running, None).await, Some(Running));
            assert_eq!(step(Requested, Running, None).await, None, "too late");
            assert_eq!(step(Running, Done, Some("run 8")).await, Some(Done));
            assert_eq!(step(Requested, Denied, None).await, None);
            tx.commit().await.unwrap();
            let stored = by_key(&store, &action.key).await.unwrap().unwrap();
            assert_eq!((stored.state, stored.result.as_deref()), (Done, Some("run 8")));
            assert_eq!(stored.target.0, json!({"repo": "acme/payments"}));
        })
        .await;
    }

    #[tokio::test]
    async fn after_a_denial_somebody_else_may_ask() {
        on_both(async |store| {
            let mut tx = store.begin().await.unwrap();
            let (action, _) = request(&mut tx, &click("U1")).await.unwrap();
            set_state(
                &mut tx,
                &action.id,
                ActionState::Requested,
                ActionState::Denied,
                Some("stranger"),
                None,
            )
            .await
            .unwrap();
            let (again, fresh) = request(&mut tx, &click("U2")).await.unwrap();
            assert!(fresh);
            assert_eq!((again.id, again.person.as_str(), again.rule), (action.id.clone(), "U2", None));
            tx.commit().await.unwrap();
            assert_eq!(get(&store, &action.id).await.unwrap().unwrap().state, ActionState::Requested);
        })
        .await;
    }
}
