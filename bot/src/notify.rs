//! From the outbox to a surface: each post exactly once, edited in place for as long as it changes.
//!
//! A surface may take a message and crash, time out or be cut off before we hear of it. So every first post is noted as
//! *in doubt* before the call; after an unknown outcome the surface is asked for a message with the post's key before
//! another one is made.

use std::time::Duration;

use adapters::chat::{ChatError, ChatSurface, PostRef};
use metrics::counter;

use crate::app::App;
use crate::jobs::deliver_later;
use crate::queue::JobError;
use crate::store::now_ms;
use crate::store::posts::{self, Post, PostState, Undelivered};
use crate::{lost, redaction};

/// Edits that one job makes when the message keeps changing under it; what is left is another job's.
const ROUNDS: usize = 4;

/// After a call whose outcome is unknown, how long a surface may take until a message that did arrive can be found.
const SETTLING_MS: i64 = 5_000;

/// Brings the surface's copy of a post up to date.
pub async fn deliver(app: &App, post_id: &str) -> Result<(), JobError> {
    for _ in 0..ROUNDS {
        let Some(post) = posts::get(&app.store, post_id).await?.filter(Post::is_behind) else {
            return Ok(());
        };
        let surface = app.surfaces.get(&post.surface).ok_or_else(|| {
            JobError::fatal(format!(
                "the surface `{}` is no longer configured: configure [chat.{0}] again and replay",
                post.surface
            ))
        })?;
        match bring_up_to_date(app, surface.as_ref(), &post).await {
            Ok(()) => {
                counter!("whyred_posts_total", "surface" => post.surface.clone(), "outcome" => "delivered")
                    .increment(1);
            }
            Err(Stopped::Waits) => return Ok(()),
            Err(Stopped::Job(error)) => return Err(error),
            Err(Stopped::Surface(error)) => {
                counter!("whyred_posts_total", "surface" => post.surface.clone(), "outcome" => "failed")
                    .increment(1);
                return Err(noted(app, &post, &error, false).await?);
            }
            Err(Stopped::Looking(error)) => return Err(noted(app, &post, &error, true).await?),
        }
    }
    Ok(())
}

/// What stopped a delivery.
enum Stopped {
    /// The message that starts the thread is not there yet; its delivery calls for this one's.
    Waits,
    Surface(ChatError),
    /// The surface did not say whether it has what was posted before: that is as unknown as it was.
    Looking(ChatError),
    Job(JobError),
}

impl From<ChatError> for Stopped {
    fn from(error: ChatError) -> Self {
        Self::Surface(error)
    }
}

impl From<crate::store::StoreError> for Stopped {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Job(error.into())
    }
}

async fn bring_up_to_date(app: &App, surface: &dyn ChatSurface, post: &Post) -> Result<(), Stopped> {
    let thread = thread_of(app, post).await?;
    if place_of(post).is_none() && post.in_doubt == 1 {
        let passed = now_ms() - post.updated_at;
        if passed < SETTLING_MS {
            let rest = Duration::from_millis(u64::try_from(SETTLING_MS - passed).unwrap_or(0));
            return Err(Stopped::Job(JobError::retry_after(
                rest,
                "it is not yet known whether the last try arrived",
            )));
        }
    }
    let at = match (place_of(post), post.in_doubt == 1) {
        (Some(at), _) => Some(at),
        (None, true) => {
            surface.find(&post.conversation, thread.as_ref(), &post.id).await.map_err(Stopped::Looking)?
        }
        (None, false) => None,
    };
    let mut tx = app.store.begin().await?;
    if let (Some(at), true) = (&at, place_of(post).is_none()) {
        // Kept at once: an edit that fails says nothing about whether the message is there.
        posts::mark_found(&mut tx, &post.id, &at.conversation, &at.message).await?;
    }
    // The message is taken again under the mark: it may have changed since it was read.
    let Some(post) = posts::mark_attempt(&mut tx, &post.id).await? else { return Ok(()) };
    tx.commit().await?;
    let at = if let Some(at) = at {
        surface.edit(&at, &post.message, &post.id).await?;
        at
    } else {
        surface.post(&post.conversation, thread.as_ref(), &post.message, &post.id).await?
    };
    let mut tx = app.store.begin().await?;
    posts::mark_delivered(&mut tx, &post.id, post.revision, &at.conversation, &at.message).await?;
    lost::arrived(app, &mut tx, &post).await.map_err(Stopped::Job)?;
    if post.delivered_revision == 0 {
        // What belongs into its thread may have been given up for want of it.
        for reply in posts::thread(&mut tx, &post.id).await?.iter().filter(|reply| reply.is_behind()) {
            deliver_later(&mut tx, reply).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

fn place_of(post: &Post) -> Option<PostRef> {
    Some(PostRef {
        conversation: post.external_conversation.clone()?,
        message: post.external_message.clone()?,
    })
}

/// The message in whose thread the post belongs.
async fn thread_of(app: &App, post: &Post) -> Result<Option<PostRef>, Stopped> {
    if let Some(parent) = &post.parent_id {
        let parent = posts::get(&app.store, parent).await?;
        let lost = parent
            .as_ref()
            .is_none_or(|parent| matches!(parent.state, PostState::Failed | PostState::Withdrawn));
        return match parent.as_ref().and_then(place_of) {
            Some(place) => Ok(Some(place)),
            // Waiting for it would hold up the whole conversation.
            None if lost => Err(Stopped::Job(JobError::fatal(
                "the message that starts the thread was given up: replay both",
            ))),
            // It may stand behind this one in the conversation's lane, so nothing waits for it here.
            None => Err(Stopped::Waits),
        };
    }
    Ok(post.thread.clone().map(|message| PostRef { conversation: post.conversation.clone(), message }))
}

/// Notes why a delivery stopped, and says whether it is worth another try.
async fn noted(
    app: &App,
    post: &Post,
    error: &ChatError,
    still_in_doubt: bool,
) -> Result<JobError, JobError> {
    // Only silence leaves the outcome of a post open; an answer, even a bad one, says that the message is not there.
    let open = still_in_doubt || matches!(error, ChatError::Unavailable { .. });
    let known = if !error.is_transient() {
        Undelivered::GivenUp
    } else if open && place_of(post).is_none() {
        Undelivered::Unknown
    } else {
        Undelivered::NotArrived
    };
    let mut tx = app.store.begin().await?;
    posts::mark_failed(&mut tx, &post.id, &redaction::words(&error.to_string()), known).await?;
    lost::refused(app, &mut tx, post, error).await?;
    tx.commit().await?;
    Ok(match error {
        ChatError::RateLimited { after, .. } => JobError::retry_after(*after, error.to_string()),
        _ if known == Undelivered::GivenUp => JobError::fatal(error.to_string()),
        _ => JobError::retry(error.to_string()),
    })
}
