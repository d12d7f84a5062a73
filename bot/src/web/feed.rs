//! Messages: of all channels, of one channel, of one thread.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::auth::Visitor;
use super::card::{self, Place, SURFACE};
use super::fault::Fault;
use super::page::Page;
use super::{Web, channels};
use crate::config::Role;
use crate::store::posts::{self, Post, PostFilter, PostState};

/// Messages on one page.
const PAGE: u32 = 25;

#[derive(Template)]
#[template(path = "feed.html")]
struct Feed {
    page: Page,
    title: String,
    /// Conversation whose new messages belong here; empty for all.
    follows: String,
    /// Where a question goes.
    asks_in: String,
    may_ask: bool,
    nonce: String,
    cards: Vec<String>,
    /// Whether this is the newest page: only there new messages appear.
    newest: bool,
    /// Where the older messages are.
    older: Option<String>,
    /// How many of the channel's messages are red.
    red: usize,
    /// The change up to which the page is fresh.
    since: i64,
}

#[derive(Deserialize)]
pub(super) struct Before {
    before: Option<String>,
}

/// `/`: what goes on everywhere.
pub(super) async fn everything(
    State(web): State<Arc<Web>>,
    page: Page,
    Query(query): Query<Before>,
) -> Result<Html<String>, Fault> {
    feed(&web, page, None, query.before).await
}

/// `/c/{channel}`: one channel.
pub(super) async fn channel(
    State(web): State<Arc<Web>>,
    page: Page,
    Path(name): Path<String>,
    Query(query): Query<Before>,
) -> Result<Html<String>, Fault> {
    let conversation = channels::named(&web.app.store, &name).await?;
    feed(&web, page, Some(conversation), query.before).await
}

async fn feed(
    web: &Web,
    page: Page,
    conversation: Option<String>,
    before: Option<String>,
) -> Result<Html<String>, Fault> {
    let store = &web.app.store;
    // Read first: what changes while the page is drawn is told again.
    let since = posts::newest_change(store).await?;
    let filter = PostFilter {
        surface: Some(SURFACE.to_owned()),
        conversation: conversation.clone(),
        top_level: true,
        before: before.clone(),
    };
    let found = posts::list(store, &filter, PAGE + 1).await?;
    let (shown, more) = found.split_at(found.len().min(PAGE as usize));
    let place = if conversation.is_some() { Place::Channel } else { Place::Everything };
    let mut cards = Vec::with_capacity(shown.len());
    for post in shown.iter().filter(|post| post.state != PostState::Withdrawn) {
        cards.push(card::draw(store, post, place, &page.visitor).await?);
    }
    let here = conversation.as_deref().map_or_else(|| "/".to_owned(), channels::path);
    let older = shown.last().filter(|_| !more.is_empty()).map(|last| format!("{here}?before={}", last.id));
    let red = match &conversation {
        Some(_) => page.channels.list.iter().find(|channel| channel.here).map_or(0, |channel| channel.red),
        None => page.channels.red,
    };
    let feed = Feed {
        title: conversation
            .as_deref()
            .map_or_else(|| "Everything".to_owned(), |name| channels::name(name).to_owned()),
        asks_in: conversation.clone().unwrap_or_else(|| channels::QUESTIONS.to_owned()),
        follows: conversation.unwrap_or_default(),
        may_ask: page.visitor.role >= Role::Member,
        nonce: uuid::Uuid::new_v4().simple().to_string(),
        page,
        cards,
        newest: before.is_none(),
        older,
        red,
        since,
    };
    Ok(Html(feed.render()?))
}

#[derive(Template)]
#[template(path = "thread.html")]
struct Thread {
    page: Page,
    title: String,
    channel: String,
    channel_path: String,
    root: String,
    card: String,
    since: i64,
}

/// `/t/{post}`: a message with its thread. A reply leads to the thread that it stands in.
pub(super) async fn thread(
    State(web): State<Arc<Web>>,
    page: Page,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let since = posts::newest_change(&web.app.store).await?;
    let post = find(&web, &id).await?;
    if let Some(parent) = &post.parent_id {
        return Ok(Redirect::to(&format!("/t/{parent}#post-{id}")).into_response());
    }
    let thread = Thread {
        title: post.message.headline.clone(),
        channel: channels::name(&post.conversation).to_owned(),
        channel_path: channels::path(&post.conversation),
        card: card::draw(&web.app.store, &post, Place::Alone, &page.visitor).await?,
        root: post.id,
        page,
        since,
    };
    Ok(Html(thread.render()?).into_response())
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    place: Option<String>,
}

/// One card, for a page that is already open.
pub(super) async fn fragment(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Html<String>, Fault> {
    let place = match wanted.place.as_deref() {
        Some("everything") => Place::Everything,
        Some("alone") => Place::Alone,
        _ => Place::Channel,
    };
    let post = find(&web, &id).await?;
    Ok(Html(card::draw(&web.app.store, &post, place, &visitor).await?))
}

async fn find(web: &Web, id: &str) -> Result<Post, Fault> {
    posts::get(&web.app.store, id)
        .await?
        .filter(|post| post.surface == SURFACE && post.state != PostState::Withdrawn)
        .ok_or_else(|| {
            Fault::NotFound("There is no such message; it may have been swept away with old ones.".to_owned())
        })
}
