//! Conversations that are gone or closed to us: noted, told to the admins, tried again, and never silently dead.

use std::sync::Arc;

use adapters::chat::ChatError;
use adapters::message::{Message, Section, Span, Tone};

use crate::app::App;
use crate::config::Target;
use crate::jobs::{Deliver, deliver_later};
use crate::queue::{Job, JobError, dead};
use crate::store::lost::{self, Lost};
use crate::store::posts::{self, NewPost, Post};
use crate::store::{Tx, now_ms, subscriptions};
use crate::{notify, text};

/// What was given up longer ago is no news any more.
const WEEK_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// Posts brought back at once when a conversation works again.
const BROUGHT_BACK: u32 = 100;

/// A post was refused: if that is because nothing can be posted there, it is noted, and the admins are told once.
pub(crate) async fn refused(app: &App, tx: &mut Tx, post: &Post, error: &ChatError) -> Result<(), JobError> {
    let is_new_message = post.external_message.is_none() && post.parent_id.is_none() && post.thread.is_none();
    let is_place = match error {
        ChatError::Denied { .. } => true,
        // An edit may be refused because somebody deleted the message.
        ChatError::Undeliverable { .. } => is_new_message,
        ChatError::RateLimited { .. } | ChatError::Rejected { .. } | ChatError::Unavailable { .. } => false,
    };
    let words = crate::redaction::words(&error.to_string());
    if is_place && lost::note(tx, &post.surface, &post.conversation, &words).await? {
        tracing::error!(
            surface = post.surface,
            conversation = post.conversation,
            error = words,
            "a conversation is lost"
        );
        let mut message =
            Message::new(Tone::Broken, text::lost::lost(&place(&post.surface, &post.conversation)));
        message.sections.push(section(None, words));
        let hearing =
            subscriptions::list_for(&mut *tx, &post.surface, &post.conversation).await?.len() as u64;
        message.sections.push(section(None, text::lost::subscriptions(hearing)));
        tell(app, tx, &post.surface, &post.conversation, &message).await?;
    }
    Ok(())
}

/// A post arrived: if its conversation was lost, it is so no longer, and what was given up there is posted.
pub(crate) async fn arrived(app: &App, tx: &mut Tx, post: &Post) -> Result<(), JobError> {
    let Some(was) = lost::found(tx, &post.surface, &post.conversation).await? else { return Ok(()) };
    let Lost { surface, conversation, error, .. } = &was;
    tracing::info!(surface, conversation, "a conversation works again");
    forget(tx, post).await?;
    let given_up = posts::given_up(&mut *tx, surface, conversation, now_ms() - WEEK_MS, BROUGHT_BACK).await?;
    for missed in given_up.iter().filter(|missed| missed.id != post.id) {
        forget(tx, missed).await?;
        deliver_later(tx, missed).await?;
    }
    let mut message = Message::new(Tone::Fixed, text::lost::found(&place(surface, conversation)));
    message.sections.push(section(Some(text::lost::was_title()), error.clone()));
    tell(app, tx, surface, conversation, &message).await
}

/// Its dead letters, and those of what stands in its thread, which follow it by themselves.
async fn forget(tx: &mut Tx, post: &Post) -> Result<(), JobError> {
    dead::forget(tx, Deliver::KIND, &post.id).await?;
    for reply in posts::thread(&mut *tx, &post.id).await? {
        dead::forget(tx, Deliver::KIND, &reply.id).await?;
    }
    Ok(())
}

/// Tells the admins, by a message that is edited as it goes on. Not where nothing can be posted.
async fn tell(
    app: &App,
    tx: &mut Tx,
    surface: &str,
    conversation: &str,
    message: &Message,
) -> Result<(), JobError> {
    let key = format!("lost:{surface}:{conversation}");
    let elsewhere =
        |target: &&Target| (target.surface.as_str(), target.conversation.as_str()) != (surface, conversation);
    for admins in app.config.admins.to.iter().filter(elsewhere) {
        let new = NewPost {
            surface: admins.surface.clone(),
            conversation: admins.conversation.clone(),
            key: key.clone(),
            subject: key.clone(),
            parent_id: None,
            thread: None,
            message: message.clone(),
        };
        let (post, changed) = posts::put(tx, &new).await?;
        if changed {
            deliver_later(tx, &post).await?;
        }
    }
    Ok(())
}

/// Tries the lost conversations again, each with the oldest message that it missed.
pub(crate) async fn try_again(app: &Arc<App>) {
    let tried = async {
        for lost in lost::list(&app.store).await? {
            let since = now_ms() - WEEK_MS;
            let missed = posts::given_up(&app.store, &lost.surface, &lost.conversation, since, 1).await?;
            let Some(oldest) = missed.first() else { continue };
            if let Err(error) = notify::deliver(app, &oldest.id).await {
                tracing::debug!(?error, conversation = lost.conversation, "it is lost still");
            }
        }
        Ok::<_, crate::store::StoreError>(())
    };
    if let Err(error) = tried.await {
        tracing::error!(%error, "lost conversations could not be tried again");
    }
}

fn place(surface: &str, conversation: &str) -> String {
    format!("{surface}:{conversation}")
}

fn section(title: Option<String>, words: String) -> Section {
    Section { title, text: vec![Span::text(words)], detail: false }
}
