//! Feedback: what people thought of a verdict. One opinion for each person and post; the last one counts.

use serde::Serialize;

use super::column::{clean, new_id, now_ms, words};
use super::{Reads, Result, Tx};

words! {
    /// An opinion.
    pub enum Verdict {
        /// It helped.
        Up = "up",
        /// It did not help.
        Down = "down",
        /// The cause named is not the cause.
        Wrong = "wrong",
    }
}

/// An opinion about to be stored.
#[derive(Debug, Clone)]
pub struct NewFeedback {
    /// The fingerprint of the failure it is about.
    pub fingerprint: String,
    /// The rule that gave the verdict.
    pub rule: Option<String>,
    /// The opinion.
    pub verdict: Verdict,
    /// The surface's id of the person.
    pub person: String,
    /// On which surface.
    pub surface: String,
    /// On which post.
    pub post_id: String,
    /// What they said about it. Untrusted text.
    pub note: Option<String>,
}

/// How a rule is thought of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct RuleFeedback {
    /// The rule; `None` stands for verdicts without one.
    pub rule: Option<String>,
    /// How many found it helpful.
    pub up: i64,
    /// How many did not.
    pub down: i64,
    /// How many say that it is wrong.
    pub wrong: i64,
}

/// Stores an opinion in place of the person's earlier one on the same post.
pub async fn set(tx: &mut Tx, new: &NewFeedback) -> Result<()> {
    sqlx::query(
        "INSERT INTO feedback (id, fingerprint, rule, verdict, person, surface, post_id, note, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (surface, person, post_id) DO UPDATE SET \
         fingerprint = excluded.fingerprint, rule = excluded.rule, verdict = excluded.verdict, \
         note = excluded.note, at = excluded.at",
    )
    .bind(new_id())
    .bind(clean(&new.fingerprint).as_ref())
    .bind(new.rule.as_deref())
    .bind(new.verdict.word())
    .bind(clean(&new.person).as_ref())
    .bind(new.surface.as_str())
    .bind(new.post_id.as_str())
    .bind(new.note.as_deref().map(|note| clean(note).into_owned()))
    .bind(now_ms())
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Takes an opinion back. False: there was none.
pub async fn remove(tx: &mut Tx, surface: &str, person: &str, post_id: &str) -> Result<bool> {
    let removed = sqlx::query("DELETE FROM feedback WHERE surface = $1 AND person = $2 AND post_id = $3")
        .bind(surface)
        .bind(clean(person).as_ref())
        .bind(post_id)
        .execute(tx.connection())
        .await?;
    Ok(removed.rows_affected() == 1)
}

/// How each rule is thought of, those most often called wrong first.
pub async fn counts_by_rule<'a>(db: impl Reads<'a>) -> Result<Vec<RuleFeedback>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as(
        "SELECT rule, COUNT(CASE WHEN verdict = 'up' THEN 1 END) AS up, \
         COUNT(CASE WHEN verdict = 'down' THEN 1 END) AS down, \
         COUNT(CASE WHEN verdict = 'wrong' THEN 1 END) AS wrong \
         FROM feedback GROUP BY rule ORDER BY wrong DESC, down DESC, rule",
    )
    .fetch_all(&mut *db)
    .await?)
}

#[cfg(test)]
mod tests {
    use super::super::posts::{self, NewPost};
    use super::super::testing::{message, on_both};
    use super::*;

    #[tokio::test]
    async fn the_last_opinion_of_a_person_counts() {
        on_both(async |store| {
            let mut tx = store.begin().await.unwrap();
            let wish = NewPost {
                surface: "slack".into(),
                conversation: "C1".into(),
                key: "b1".into(),
                subject: "breakage:b1".into(),
                parent_id: None,
                thread: None,
                message: message("x"),
            };
            let (post, _) = posts::put(&mut tx, &wish).await.unwrap();
            let opinion = |person: &str, rule: Option<&str>, verdict| NewFeedback {
                fingerprint: "f".into(),
                rule: rule.map(Into::into),
                verdict,
                person: person.into(),
                surface: "slack".into(),
                post_id: post.id.clone(),
                note: Some("no, it was \0 DNS".into()),
            };
            for opinion in [
                opinion("U1", Some("network"), Verdict::Up),
                opinion("U1", Some("network"), Verdict::Wrong),
                opinion("U2", Some("network"), Verdict::Up),
                opinion("U3", None, Verdict::Down),
            ] {
                set(&mut tx, &opinion).await.unwrap();
            }
            let network = RuleFeedback { rule: Some("network".into()), up: 1, down: 0, wrong: 1 };
            let none = RuleFeedback { rule: None, up: 0, down: 1, wrong: 0 };
            assert_eq!(counts_by_rule(&mut tx).await.unwrap(), [network, none]);
            assert!(remove(&mut tx, "slack", "U1", &post.id).await.unwrap());
            assert!(!remove(&mut tx, "slack", "U1", &post.id).await.unwrap());
        })
        .await;
    }
}
