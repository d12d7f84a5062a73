//! Threads: replies under a message, and the pages of a post that stand there, kept up to date with it.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::chat::discord::client::{Client, Failed};
use crate::chat::discord::error::{THREAD_EXISTS, THREAD_IS_ARCHIVED, UNKNOWN_CHANNEL};
use crate::chat::discord::ids::{self, At};
use crate::chat::discord::page::{Mark, Page};
use crate::chat::{ChatError, PostRef};

/// Posts whose pages are remembered; past that all are forgotten and looked up again when needed.
const REMEMBERED: usize = 4096;

/// Attempts to write the pages of a new post.
const ATTEMPTS: u32 = 4;

/// Longest wait between them; one that is longer is left to the next edit.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// A page as it was last written.
#[derive(Debug, Clone)]
struct Kept {
    message: String,
    /// Of its content; `None` if only its place is known.
    digest: Option<u64>,
}

/// The pages of all posts.
pub(super) struct Threads {
    client: Arc<Client>,
    known: Mutex<HashMap<(String, String), Vec<Kept>>>,
}

impl Threads {
    pub(super) fn new(client: Arc<Client>) -> Self {
        Self { client, known: Mutex::default() }
    }

    /// Says something in a thread of a conversation, or under a message in one that has no threads. A thread that is not
    /// there yet is begun from its message, under this name.
    pub(super) async fn say(
        &self,
        thread: &PostRef,
        name: &str,
        page: &Page,
        mark: &Mark,
    ) -> Result<String, Failed> {
        let channel = ids::channel(&thread.conversation);
        if ids::is_direct(&thread.conversation) {
            return self.client.post(channel, &page.new_body(mark, Some(ids::thread(thread)))).await;
        }
        let (root, body) = (ids::thread(thread), page.new_body(mark, None));
        match self.client.post(root, &body).await {
            Err(failed) if failed.code() == UNKNOWN_CHANNEL => {
                let at = At { channel: channel.to_owned(), message: root.to_owned() };
                match self.client.begin_thread(&at, name).await {
                    Err(failed) if failed.code() != THREAD_EXISTS => return Err(failed),
                    _ => {}
                }
                self.client.post(root, &body).await
            }
            outcome => outcome,
        }
    }

    /// Edits a message, opening its thread again if it was archived meanwhile.
    pub(super) async fn edit(&self, at: &At, body: &Value) -> Result<(), Failed> {
        match self.client.edit(at, body).await {
            Err(failed) if failed.code() == THREAD_IS_ARCHIVED => {
                self.client.wake_thread(&at.channel).await?;
                self.client.edit(at, body).await
            }
            outcome => outcome,
        }
    }

    /// Writes the pages of a post that was just made. The post stands whatever happens here and must not be made again, so
    /// this does not fail: it is patient for a moment, and leaves what is still missing to the next edit.
    pub(super) async fn begin(&self, post: &PostRef, name: &str, pages: &[Page], key: &str) {
        if pages.is_empty() {
            return;
        }
        self.remember(post, Vec::new());
        for attempt in 0..ATTEMPTS {
            let Err(error) = self.write(post, name, pages, key).await else { return };
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
    pub(super) async fn write(
        &self,
        post: &PostRef,
        name: &str,
        pages: &[Page],
        key: &str,
    ) -> Result<(), ChatError> {
        if pages.is_empty() {
            return Ok(());
        }
        let mut known = match self.recall(post) {
            Some(known) => known,
            None => self
                .look_up(post, key)
                .await
                .map_err(|failed| self.client.error(failed, &post.conversation))?,
        };
        let outcome = self.write_each(post, &mut known, name, pages, key).await;
        let outcome = outcome.map_err(|failed| self.client.error(failed, &post.conversation));
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
        known: &mut Vec<Kept>,
        name: &str,
        pages: &[Page],
        key: &str,
    ) -> Result<(), Failed> {
        for (index, page) in pages.iter().enumerate() {
            let mark = Mark::of(key, index + 1);
            let digest = Some(digest(page));
            match known.get_mut(index) {
                Some(kept) if kept.digest == digest => {}
                Some(kept) => {
                    self.edit(&place_of(post, &kept.message), &page.body(Some(&mark))).await?;
                    kept.digest = digest;
                }
                None => {
                    let message = self.say(post, name, page, &mark).await?;
                    known.push(Kept { message, digest });
                }
            }
        }
        while known.len() > pages.len() {
            if let Some(surplus) = known.last() {
                self.client.delete(&place_of(post, &surplus.message)).await?;
            }
            known.pop();
        }
        Ok(())
    }

    /// Finds our pages where they would stand.
    async fn look_up(&self, post: &PostRef, key: &str) -> Result<Vec<Kept>, Failed> {
        let messages = match self.client.history(channel_of(post)).await {
            // The thread was never begun.
            Err(failed) if failed.code() == UNKNOWN_CHANNEL => Vec::new(),
            messages => messages?,
        };
        let own = self.client.me().await?.id;
        let mut pages: Vec<(usize, String)> = messages
            .iter()
            .filter(|message| message["author"]["id"] == own.as_str())
            .filter_map(|message| Some((Mark::page_of(message, key)?, message["id"].as_str()?.to_owned())))
            .filter(|(page, _)| *page > 0)
            .collect();
        pages.sort();
        Ok(pages.into_iter().map(|(_, message)| Kept { message, digest: None }).collect())
    }

    fn recall(&self, post: &PostRef) -> Option<Vec<Kept>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&name_of(post)).cloned()
    }

    fn remember(&self, post: &PostRef, known: Vec<Kept>) {
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED {
            all.clear();
        }
        all.insert(name_of(post), known);
    }

    fn forget(&self, post: &PostRef) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(&name_of(post));
    }
}

/// The channel that the thread of a post is.
fn channel_of(post: &PostRef) -> &str {
    if ids::is_direct(&post.conversation) { ids::channel(&post.conversation) } else { ids::thread(post) }
}

fn place_of(post: &PostRef, message: &str) -> At {
    At { channel: channel_of(post).to_owned(), message: message.to_owned() }
}

fn name_of(post: &PostRef) -> (String, String) {
    (post.conversation.clone(), post.message.clone())
}

fn digest(page: &Page) -> u64 {
    let mut hasher = DefaultHasher::new();
    page.hash(&mut hasher);
    hasher.finish()
}
