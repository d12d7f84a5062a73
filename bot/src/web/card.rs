//! A post with its thread, as it stands in a page.

use adapters::chat::console::{Clicks, Frame, render_message};
use adapters::message::Tone;
use askama::Template;
use jiff::Timestamp;

use super::auth::Visitor;
use super::fault::Fault;
use crate::config::Role;
use crate::store::posts::{self, Post, PostState};
use crate::store::{Store, moment};

/// The surface whose posts the console shows.
pub(super) const SURFACE: &str = "console";
/// What the subject of a post starts with that a person said.
const SAID: &str = "question:";
/// A change this soon after the first word is not worth mentioning, in milliseconds.
const EDITED_AFTER_MS: i64 = 20_000;

/// Whether a person said it, rather than the bot.
pub(super) fn is_said(post: &Post) -> bool {
    post.subject.starts_with(SAID)
}

/// Whether the channel is red because of it.
pub(super) fn is_red(post: &Post) -> bool {
    matches!(post.message.tone, Tone::Broken | Tone::StillBroken) && post.state != PostState::Withdrawn
}

/// A post on its own: what the bot or a person said.
enum Utterance {
    /// The bot's message, drawn.
    Bot(String),
    /// A person's words.
    Person { who: String, words: String, at: Timestamp },
}

struct Shown {
    id: String,
    tone: &'static str,
    utterance: Utterance,
    /// Why it is not where it should be, if it is not.
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "card.html")]
struct Card {
    root: Shown,
    replies: Vec<Shown>,
    conversation: String,
    /// Path of the channel, if the page shows several.
    channel: Option<String>,
    /// Whether the thread is open from the start.
    open: bool,
    may_ask: bool,
    /// Makes a question sent twice one question.
    nonce: String,
}

/// How a card is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In one channel.
    Channel,
    /// Among cards of several channels.
    Everything,
    /// On its own page.
    Alone,
}

/// Draws a post with its thread for a visitor.
pub(super) async fn draw(
    store: &Store,
    post: &Post,
    place: Place,
    visitor: &Visitor,
) -> Result<String, Fault> {
    let thread = posts::thread(store, &post.id).await?;
    let replies: Vec<Shown> = thread
        .iter()
        .filter(|reply| reply.state != PostState::Withdrawn)
        .map(|reply| shown(reply, None, 3, visitor))
        .collect::<Result<_, Fault>>()?;
    let permalink = (place != Place::Alone).then(|| format!("/t/{}", post.id));
    let card = Card {
        root: shown(post, permalink, 2, visitor)?,
        open: place == Place::Alone || is_said(post),
        replies,
        channel: (place == Place::Everything).then(|| super::channels::path(&post.conversation)),
        conversation: post.conversation.clone(),
        may_ask: visitor.role >= Role::Member,
        nonce: uuid::Uuid::new_v4().simple().to_string(),
    };
    Ok(card.render()?)
}

fn shown(post: &Post, permalink: Option<String>, level: u8, visitor: &Visitor) -> Result<Shown, Fault> {
    let utterance = if is_said(post) {
        Utterance::Person {
            who: post.message.footer.first().map_or_else(String::new, |note| note.text.clone()),
            words: post.message.headline.clone(),
            at: moment(post.created_at),
        }
    } else {
        let frame = Frame {
            post: &post.id,
            permalink,
            level,
            posted_at: moment(post.created_at),
            edited_at: (post.revision > 1 && post.updated_at - post.created_at > EDITED_AFTER_MS)
                .then(|| moment(post.updated_at)),
            clicks: if visitor.role >= Role::Member { Clicks::Allowed } else { Clicks::ReadOnly },
        };
        Utterance::Bot(render_message(&post.message, &frame)?)
    };
    let tone = post.message.tone.word();
    Ok(Shown { id: post.id.clone(), tone, utterance, error: post.error.clone() })
}
