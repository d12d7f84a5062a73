//! Posts: every message as it should stand, and how far its surface has it. This is the outbox.
//!
//! Nothing is queued: a post *is* the wish. Delivery brings the surface to the newest revision, whatever was missed in
//! between. Before each call to a surface `in_doubt` is committed, so that after a crash it is known that the outcome is
//! unknown, and the surface is asked before anything is posted again.

mod delivery;
mod reading;

pub use delivery::{Undelivered, mark_attempt, mark_delivered, mark_failed, mark_found, withdraw};
pub use reading::{
    PostFilter, by_external, by_key, by_subject, changes_since, conversations, get, given_up, last_in_thread,
    list, newest_change, thread, undelivered,
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

#[cfg(test)]
mod tests {
    use super::super::testing::{message, on_both};
    use super::super::{Store, StoreError};
    use super::*;

    fn wish(key: &str, headline: &str) -> NewPost {
        NewPost {
            surface: "slack".into(),
            conversation: "#payments".into(),
            key: key.into(),
            subject: format!("breakage:{key}"),
            parent_id: None,
            thread: None,
            message: message(headline),
        }
    }

    async fn put_now(store: &Store, wish: &NewPost) -> (Post, bool) {
        let mut tx = store.begin().await.unwrap();
        let put = put(&mut tx, wish).await.unwrap();
        tx.commit().await.unwrap();
        put
    }

    #[tokio::test]
    async fn the_same_wish_changes_nothing_and_another_message_is_a_new_revision() {
        on_both(async |store| {
            let mut news = store.post_changes();
            let (post, changed) = put_now(&store, &wish("b1", "main broke")).await;
            assert!(changed && post.is_behind());
            assert_eq!((post.revision, post.delivered_revision, post.state), (1, 0, PostState::Pending));
            assert!(news.has_changed().unwrap());
            news.mark_unchanged();

            let (same, changed) = put_now(&store, &wish("b1", "main broke")).await;
            assert!(!changed);
            assert_eq!(same, post);
            assert!(!news.has_changed().unwrap());

            let (newer, changed) = put_now(&store, &wish("b1", "main still broken ×2")).await;
            assert!(changed && newer.seq > post.seq);
            assert_eq!((newer.id, newer.revision), (post.id, 2));
            assert_eq!(newer.message.headline, "main still broken ×2");
        })
        .await;
    }

    #[tokio::test]
    async fn delivery_of_an_older_revision_leaves_the_newer_one_pending() {
        on_both(async |store| {
            let (post, _) = put_now(&store, &wish("b1", "one")).await;
            let mut tx = store.begin().await.unwrap();
            assert_eq!(mark_attempt(&mut tx, &post.id).await.unwrap().unwrap().in_doubt, 1);
            tx.commit().await.unwrap();
            put_now(&store, &wish("b1", "two")).await;

            let mut tx = store.begin().await.unwrap();
            let post = mark_delivered(&mut tx, &post.id, 1, "C01", "17.1").await.unwrap().unwrap();
            assert_eq!((post.state, post.in_doubt, post.delivered_revision), (PostState::Pending, 0, 1));
            let post = mark_delivered(&mut tx, &post.id, 2, "C01", "17.1").await.unwrap().unwrap();
            assert_eq!((post.state, post.is_behind()), (PostState::Delivered, false));
            tx.commit().await.unwrap();

            let found = by_external(&store, "slack", "C01", "17.1").await.unwrap().unwrap();
            assert_eq!(found.id, post.id);
            assert_eq!(by_external(&store, "slack", "C02", "17.1").await.unwrap(), None);
            assert!(undelivered(&store, 10).await.unwrap().is_empty());
        })
        .await;
    }

    #[tokio::test]
    async fn what_was_found_has_a_place_and_stays_behind() {
        on_both(async |store| {
            let (post, _) = put_now(&store, &wish("b1", "one")).await;
            let mut tx = store.begin().await.unwrap();
            mark_attempt(&mut tx, &post.id).await.unwrap();
            let found = mark_found(&mut tx, &post.id, "C01", "17.1").await.unwrap().unwrap();
            assert_eq!((found.state, found.is_behind(), found.in_doubt), (PostState::Pending, true, 0));
            assert_eq!(found.external_message.as_deref(), Some("17.1"));
            let refused =
                mark_failed(&mut tx, &post.id, "limited", Undelivered::NotArrived).await.unwrap().unwrap();
            assert_eq!(refused.external_message.as_deref(), Some("17.1"), "an edit that fails moves nothing");
            tx.commit().await.unwrap();
        })
        .await;
    }

    #[tokio::test]
    async fn what_a_surface_did_not_take_is_told_apart() {
        on_both(async |store| {
            let (post, _) = put_now(&store, &wish("b1", "one")).await;
            let mut tx = store.begin().await.unwrap();
            mark_attempt(&mut tx, &post.id).await.unwrap();
            let failed =
                async |tx: &mut Tx, what| mark_failed(tx, &post.id, "why\0", what).await.unwrap().unwrap();
            let unknown = failed(&mut tx, Undelivered::Unknown).await;
            assert_eq!((unknown.state, unknown.in_doubt), (PostState::Pending, 1));
            let refused = failed(&mut tx, Undelivered::NotArrived).await;
            assert_eq!((refused.state, refused.in_doubt), (PostState::Pending, 0));
            let last = failed(&mut tx, Undelivered::GivenUp).await;
            assert_eq!((last.state, last.error.as_deref()), (PostState::Failed, Some("why\u{fffd}")));
            assert_eq!(undelivered(&mut tx, 10).await.unwrap().len(), 1);
            let dead =
                async |tx: &mut Tx, place: &str| given_up(tx, "slack", place, 0, 9).await.unwrap().len();
            assert_eq!((dead(&mut tx, "#payments").await, dead(&mut tx, "#other").await), (1, 0));

            let (again, changed) = put(&mut tx, &wish("b1", "two")).await.unwrap();
            assert!(changed);
            assert_eq!((again.state, again.error), (PostState::Pending, None));

            withdraw(&mut tx, &post.id).await.unwrap();
            assert_eq!(mark_attempt(&mut tx, &post.id).await.unwrap(), None, "must not be called for");
            let (_, changed) = put(&mut tx, &wish("b1", "three")).await.unwrap();
            assert!(!changed, "withdrawn stays withdrawn");
        })
        .await;
    }

    #[tokio::test]
    async fn posts_are_listed_page_by_page_and_by_thread() {
        on_both(async |store| {
            let mut ids = Vec::new();
            for n in 0..4 {
                ids.push(put_now(&store, &wish(&format!("b{n}"), "x")).await.0.id);
            }
            let reply = NewPost { parent_id: Some(ids[0].clone()), ..wish("answer", "because") };
            let (reply, _) = put_now(&store, &reply).await;
            let answer =
                NewPost { thread: Some("99.1".into()), conversation: "#help".into(), ..wish("q", "so") };
            put_now(&store, &answer).await;
            let last = async |thread: &str, about: &str| {
                last_in_thread(&store, "slack", "#help", thread, about).await.unwrap().map(|post| post.key)
            };
            assert_eq!(last("99.1", "").await.as_deref(), Some("q"));
            assert_eq!(last("99.1", "breakage:").await.as_deref(), Some("q"));
            assert_eq!(last("99.1", "about:").await, None);
            assert_eq!(last("99.2", "").await, None);

            let top = PostFilter { top_level: true, surface: Some("slack".into()), ..PostFilter::default() };
            let page = list(&store, &top, 3).await.unwrap();
            assert_eq!(page.iter().map(|p| &p.id).collect::<Vec<_>>(), [&ids[3], &ids[2], &ids[1]]);
            let next = PostFilter { before: Some(page[2].id.clone()), ..top };
            assert_eq!(list(&store, &next, 3).await.unwrap().len(), 1);
            let help = PostFilter { conversation: Some("#help".into()), ..PostFilter::default() };
            assert_eq!(list(&store, &help, 9).await.unwrap().len(), 1);
            assert_eq!(thread(&store, &ids[0]).await.unwrap(), [reply]);
            assert_eq!(by_subject(&store, "breakage:b2").await.unwrap()[0].id, ids[2]);
            put_now(&store, &wish("b1", "changed")).await;
            assert_eq!(conversations(&store, "slack").await.unwrap(), ["#payments", "#help"]);
        })
        .await;
    }

    #[tokio::test]
    async fn a_parent_must_exist() {
        on_both(async |store| {
            let orphan = NewPost { parent_id: Some("nothing".into()), ..wish("b1", "x") };
            let mut tx = store.begin().await.unwrap();
            assert!(matches!(put(&mut tx, &orphan).await, Err(StoreError::Database(_))), "foreign keys hold");
        })
        .await;
    }

    /// Many writers, one reader that always goes on from the last number it saw: it must see the last change of each post.
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn a_reader_of_changes_misses_none() {
        on_both(async |store| {
            let writers: Vec<_> = (0..8)
                .map(|writer| {
                    let store = store.clone();
                    tokio::spawn(async move {
                        for n in 0..15 {
                            put_now(&store, &wish(&format!("b{writer}"), &format!("{writer} says {n}")))
                                .await;
                        }
                    })
                })
                .collect();
            let mut seen = std::collections::HashMap::new();
            let mut last = 0;
            loop {
                let done = writers.iter().all(tokio::task::JoinHandle::is_finished);
                for post in changes_since(&store, last, 100).await.unwrap() {
                    last = post.seq;
                    seen.insert(post.key.clone(), post.message.headline.clone());
                }
                if done {
                    break;
                }
            }
            for writer in 0..8 {
                assert_eq!(seen[&format!("b{writer}")], format!("{writer} says 14"));
            }
            assert_eq!(last, 120, "each change has its number");
            assert_eq!(newest_change(&store).await.unwrap(), 120);
        })
        .await;
    }
}
