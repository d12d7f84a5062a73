//! Live changes: a stream of server-sent events. One question to the store serves all listeners of this process; each
//! then reads what it has not seen yet, so a slow or returning listener misses nothing.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use adapters::chat::console::{Whisper, whispers};
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::stream::{self, Stream};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::{broadcast, watch};

use super::Web;
use super::auth::Visitor;
use super::fault::Fault;
use crate::store::posts::{self, Post, PostState};

/// How often the store is asked while somebody listens: other replicas change posts too.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// How often a silent stream says that it is alive: proxies close what is silent for a minute.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// So many changes are read at a time.
const BATCH: u32 = 100;

/// The number of the newest change, for all listeners.
pub(super) struct Changes {
    newest: watch::Sender<i64>,
}

impl Default for Changes {
    fn default() -> Self {
        Self { newest: watch::Sender::new(0) }
    }
}

/// Keeps the number of the newest change fresh as long as anybody listens and the server lives.
pub(super) fn follow(web: &Arc<Web>) {
    let stop = web.stop.clone();
    let web = Arc::downgrade(web);
    tokio::spawn(async move {
        while let Some(web) = web.upgrade() {
            let mut changed_here = web.app.store.post_changes();
            if web.changes.newest.receiver_count() > 0 {
                match posts::newest_change(&web.app.store).await {
                    Ok(newest) => {
                        web.changes
                            .newest
                            .send_if_modified(|known| std::mem::replace(known, newest) != newest);
                    }
                    Err(error) => {
                        tracing::warn!(%error, "changes of posts cannot be read; it is tried again");
                    }
                }
            }
            drop(web);
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = changed_here.changed() => {}
            }
        }
    });
}

#[derive(Deserialize)]
pub(super) struct Since {
    since: Option<i64>,
}

/// `GET /events?since=SEQ`: what changed after change number `SEQ`. A browser that comes back says by itself where it was.
pub(super) async fn stream(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Query(query): Query<Since>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Fault> {
    let resumed = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let seen = match resumed.or(query.since) {
        Some(seen) => seen,
        None => posts::newest_change(&web.app.store).await?,
    };
    let mut newest = web.changes.newest.subscribe();
    newest.mark_changed();
    let listener = Listener { web, visitor, seen, newest, whispers: whispers(), waiting: VecDeque::new() };
    let events = stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok(event), listener))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

/// One browser that listens.
struct Listener {
    web: Arc<Web>,
    visitor: Visitor,
    /// The last change it was told.
    seen: i64,
    newest: watch::Receiver<i64>,
    whispers: broadcast::Receiver<Whisper>,
    waiting: VecDeque<Post>,
}

impl Listener {
    /// The next event; none when the server stops.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(post) = self.waiting.pop_front() {
                self.seen = post.seq;
                return Some(event_of(&post));
            }
            let stop = self.web.stop.clone();
            tokio::select! {
                () = stop.cancelled() => return None,
                whisper = self.whispers.recv() => match whisper {
                    Ok(whisper) if whisper.person == self.visitor.name => return Some(whispered(&whisper)),
                    // For somebody else, or missed while this listener was slow.
                    Ok(_) | Err(_) => continue,
                },
                changed = self.newest.changed() => changed.ok()?,
            }
            match posts::changes_since(&self.web.app.store, self.seen, BATCH).await {
                Ok(changes) => {
                    // Changes that are shown move it on one by one, as they are told; the others are passed over here.
                    let newest = changes.last().map(|post| post.seq);
                    if changes.len() == BATCH as usize {
                        self.newest.mark_changed();
                    }
                    self.waiting
                        .extend(changes.into_iter().filter(|post| post.surface == super::card::SURFACE));
                    if let Some(newest) = newest.filter(|_| self.waiting.is_empty()) {
                        self.seen = newest;
                    }
                }
                Err(error) => {
                    // The browser connects again by itself and says where it was.
                    tracing::warn!(%error, "a listener's changes cannot be read");
                    return None;
                }
            }
        }
    }
}

/// Says what changed; the page fetches it drawn for its own visitor.
fn event_of(post: &Post) -> Event {
    let gone = post.state == PostState::Withdrawn;
    let data = json!({
        "id": post.id,
        "root": post.parent_id.as_ref().unwrap_or(&post.id),
        "conversation": post.conversation,
        "tone": post.message.tone.word(),
        "headline": post.message.headline,
        "said": super::card::is_said(post),
        "gone": gone,
    });
    Event::default().event("post").id(post.seq.to_string()).data(data.to_string())
}

/// It has no id: a page that comes back is not told again.
fn whispered(whisper: &Whisper) -> Event {
    Event::default().event("whisper").data(json!({ "text": whisper.text }).to_string())
}
