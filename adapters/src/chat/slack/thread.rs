//! The pages of a post that stand in its thread: posted after it, kept up to date with it.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::chat::slack::client::Client;
use crate::chat::slack::page::Page;
use crate::chat::slack::wire::{Metadata, MetadataPayload, StoredMessage};
use crate::chat::{ChatError, PostRef};

/// Marks a page in its metadata.
const PAGE: &str = "whyred_page";

/// Posts whose pages are remembered; past that all are forgotten and looked up again when needed.
const REMEMBERED: usize = 4096;

/// Attempts to write the pages of a new post.
const ATTEMPTS: u32 = 4;

/// Longest wait between them. Slack's own are a second or two; one that is longer is left to the next edit.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// What is known of one post's pages.
#[derive(Debug, Clone)]
struct Known {
    /// The thread they stand in: the post itself, or the thread that it is a reply in.
    root: String,
    pages: Vec<Kept>,
}

/// A page as it was last written.
#[derive(Debug, Clone)]
struct Kept {
    ts: String,
    /// Of its content; `None` if only its place is known.
    digest: Option<u64>,
}

/// The pages of all posts.
pub(super) struct Threads {
    client: Arc<Client>,
    known: Mutex<HashMap<(String, String), Known>>,
}

impl Threads {
    pub(super) fn new(client: Arc<Client>) -> Self {
        Self { client, known: Mutex::default() }
    }

    /// Writes the pages of a post that was just made, as a reply in `root` if it is one. The post stands whatever happens
    /// here and must not be made again, so this does not fail: it is patient for a moment, and leaves what is still missing
    /// to the next edit.
    pub(super) async fn begin(&self, post: &PostRef, root: Option<&str>, pages: &[Page], key: &str) {
        if pages.is_empty() {
            return;
        }
        let root = root.unwrap_or(&post.message).to_owned();
        self.remember(post, Known { root, pages: Vec::new() });
        for attempt in 0..ATTEMPTS {
            let Err(error) = self.write(post, pages, key).await else { return };
            let wait = match error {
                ChatError::RateLimited { after, .. } => after,
                _ => Duration::from_secs(1 << attempt),
            };
            if !error.is_transient() || wait > LONGEST_WAIT || attempt + 1 == ATTEMPTS {
                tracing::warn!(%error, "the thread of a post stays incomplete until the post is edited");
                return;
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// Makes the thread hold exactly these pages. With none, what stands there stays: it was true when it was written.
    pub(super) async fn write(&self, post: &PostRef, pages: &[Page], key: &str) -> Result<(), ChatError> {
        if pages.is_empty() {
            return Ok(());
        }
        let mut known = match self.recall(post) {
            Some(known) => known,
            None => self.look_up(post, key).await?,
        };
        let outcome = self.write_each(post, &mut known, pages, key).await;
        match &outcome {
            // A call without an answer may have arrived: what is there is looked up before the next attempt.
            Err(ChatError::Unavailable { .. } | ChatError::Undeliverable { .. }) => self.forget(post),
            _ => self.remember(post, known),
        }
        outcome
    }

    async fn write_each(
        &self,
        post: &PostRef,
        known: &mut Known,
        pages: &[Page],
        key: &str,
    ) -> Result<(), ChatError> {
        for (index, page) in pages.iter().enumerate() {
            let metadata = metadata(key, index + 1);
            let digest = Some(digest(page));
            match known.pages.get_mut(index) {
                Some(kept) if kept.digest == digest => {}
                Some(kept) => {
                    self.client.update(&post.conversation, &kept.ts, page, &metadata).await?;
                    kept.digest = digest;
                }
                None => {
                    let made =
                        self.client.post(&post.conversation, Some(&known.root), page, &metadata).await?;
                    known.pages.push(Kept { ts: made.message, digest });
                }
            }
        }
        while known.pages.len() > pages.len() {
            if let Some(surplus) = known.pages.last() {
                self.client.delete(&post.conversation, &surplus.ts).await?;
            }
            known.pages.pop();
        }
        Ok(())
    }

    /// Finds the thread that a post begins or stands in, and our pages there.
    async fn look_up(&self, post: &PostRef, key: &str) -> Result<Known, ChatError> {
        let mut messages = self.client.replies(&post.conversation, &post.message).await?;
        let root = messages
            .iter()
            .find(|message| message.ts == post.message)
            .and_then(|message| message.thread_ts.clone());
        let root = root.unwrap_or_else(|| post.message.clone());
        if root != post.message {
            messages = self.client.replies(&post.conversation, &root).await?;
        }
        let mut pages: Vec<(usize, String)> =
            messages.iter().filter_map(|message| page_of(message, key)).collect();
        pages.sort();
        Ok(Known { root, pages: pages.into_iter().map(|(_, ts)| Kept { ts, digest: None }).collect() })
    }

    fn recall(&self, post: &PostRef) -> Option<Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&place(post)).cloned()
    }

    fn remember(&self, post: &PostRef, known: Known) {
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED {
            all.clear();
        }
        all.insert(place(post), known);
    }

    fn forget(&self, post: &PostRef) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(&place(post));
    }
}

fn place(post: &PostRef) -> (String, String) {
    (post.conversation.clone(), post.message.clone())
}

fn metadata(key: &str, page: usize) -> Metadata {
    Metadata {
        event_type: PAGE.to_owned(),
        event_payload: MetadataPayload { key: key.to_owned(), page: Some(page) },
    }
}

fn page_of(message: &StoredMessage, key: &str) -> Option<(usize, String)> {
    let ours = message.ours().filter(|ours| ours.event_type == PAGE && ours.event_payload.key == key)?;
    Some((ours.event_payload.page?, message.ts.clone()))
}

fn digest(page: &Page) -> u64 {
    let mut hasher = DefaultHasher::new();
    page.text.hash(&mut hasher);
    serde_json::to_string(&page.blocks).unwrap_or_default().hash(&mut hasher);
    hasher.finish()
}
