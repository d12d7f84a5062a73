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
    /// Of which category the cause is in truth.
    pub category: Option<String>,
    /// The line of the log that shows it. Untrusted text.
    pub line: Option<String>,
}

/// What somebody said that it was instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct WrongCause {
    /// The rule that gave the verdict.
    pub rule: Option<String>,
    /// The fingerprint of the failure.
    pub fingerprint: String,
    /// What it was. Untrusted text.
    pub note: Option<String>,
    /// Of which category.
    pub category: Option<String>,
    /// The line of the log that shows it. Untrusted text.
    pub line: Option<String>,
    /// When it was said, unix milliseconds.
    pub at: i64,
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

/// Stores an opinion in place of the person's earlier one on the same post. Who said what it was instead and then puts a
/// thumb down has said nothing new: their words stay.
pub async fn set(tx: &mut Tx, new: &NewFeedback) -> Result<()> {
    sqlx::query(
        "INSERT INTO feedback (id, fingerprint, rule, verdict, person, surface, post_id, note, category, line, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (surface, person, post_id) DO UPDATE SET \
         fingerprint = excluded.fingerprint, rule = excluded.rule, verdict = excluded.verdict, \
         note = excluded.note, category = excluded.category, line = excluded.line, at = excluded.at \
         WHERE NOT (feedback.verdict = 'wrong' AND excluded.verdict = 'down')",
    )
    .bind(new_id())
    .bind(clean(&new.fingerprint).as_ref())
    .bind(new.rule.as_deref())
    .bind(new.verdict.word())
    .bind(clean(&new.person).as_ref())
    .bind(new.surface.as_str())
    .bind(new.post_id.as_str())
    .bind(new.note.as_deref().map(|note| clean(note).into_owned()))
    .bind(new.category.as_deref())
    .bind(new.line.as_deref().map(|line| clean(line).into_owned()))
    .bind(now_ms())
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Takes an opinion back, if it is still that one. False: there was none.
pub async fn remove(
    tx: &mut Tx,
    surface: &str,
    person: &str,
    post_id: &str,
    verdict: Verdict,
) -> Result<bool> {
    let removed = sqlx::query(
        "DELETE FROM feedback WHERE surface = $1 AND person = $2 AND post_id = $3 AND verdict = $4",
    )
    .bind(surface)
    .bind(clean(person).as_ref())
    .bind(post_id)
    .bind(verdict.word())
    .execute(tx.connection())
    .await?;
    Ok(removed.rows_affected() == 1)
}

/// What people said that it was instead, the newest first.
pub async fn wrong_causes<'a>(db: impl Reads<'a>, limit: u32) -> Result<Vec<WrongCause>> {
    let mut db = db.reading().await?;
    Ok(sqlx::query_as(
        "SELECT rule, fingerprint, note, category, line, at FROM feedback WHERE verdict = 'wrong' \
         AND (note IS NOT NULL OR category IS NOT NULL OR line IS NOT NULL) ORDER BY at DESC, id DESC LIMIT $1",
    )
    .bind(i64::from(limit))
    .fetch_all(&mut *db)
    .await?)
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
                note: (verdict == Verdict::Wrong).then(|| "no, it was \0 DNS".into()),
                category: None,
                line: None,
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

            // Words stay when a thumb says the same; a thumb that was never counted takes nothing back.
            set(&mut tx, &opinion("U1", Some("network"), Verdict::Down)).await.unwrap();
            let said = wrong_causes(&mut tx, 9).await.unwrap();
            assert_eq!(said.len(), 1);
            assert!(said[0].note.as_deref().unwrap().contains("DNS"));
            assert!(!remove(&mut tx, "slack", "U1", &post.id, Verdict::Down).await.unwrap());
            assert!(remove(&mut tx, "slack", "U1", &post.id, Verdict::Wrong).await.unwrap());
            assert!(!remove(&mut tx, "slack", "U1", &post.id, Verdict::Wrong).await.unwrap());
        })
        .await;
    }
}
