//! `GET /api/v1/posts`: every message as it stands, newest first.

use std::collections::HashMap;
use std::sync::Arc;

use adapters::chat::plain::render_text;
use adapters::message::{Action, Message, Tone};
use axum::Json;
use axum::extract::{Query, State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::Web;
use super::super::fault::Fault;
use super::{instant, limit};
use crate::store::posts::{self, Post, PostFilter, PostState};
use crate::store::{Store, occurrences};

#[derive(Deserialize)]
pub(in crate::web) struct Wanted {
    surface: Option<String>,
    conversation: Option<String>,
    /// Id of the last post of the page before.
    before: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize)]
pub(in crate::web) struct Posts {
    posts: Vec<PostView>,
    /// What to give as `before` for the next page; none on the last one.
    next: Option<String>,
}

/// A post as programs read it.
#[derive(Serialize)]
pub(in crate::web) struct PostView {
    id: String,
    surface: String,
    conversation: String,
    subject: String,
    parent: Option<String>,
    thread: Option<String>,
    tone: Tone,
    headline: String,
    text: String,
    category: Option<String>,
    owner: Option<String>,
    actions: Vec<Action>,
    message: Message,
    state: PostState,
    revision: i64,
    external: Option<External>,
    error: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// Where the surface has it.
#[derive(Serialize)]
struct External {
    conversation: String,
    message: String,
}

pub(in crate::web) async fn list(
    State(web): State<Arc<Web>>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Posts>, Fault> {
    let filter = PostFilter {
        surface: wanted.surface,
        conversation: wanted.conversation,
        before: wanted.before,
        top_level: false,
    };
    let limit = limit(wanted.limit);
    let mut found = posts::list(&web.app.store, &filter, limit + 1).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|last| last.id.clone());
    Ok(Json(Posts { posts: views(&web.app.store, found).await?, next }))
}

/// Posts as programs read them, each with the verdict that it is about.
pub(super) async fn views(store: &Store, found: Vec<Post>) -> Result<Vec<PostView>, Fault> {
    let mut verdicts: HashMap<String, Option<(String, String)>> = HashMap::new();
    let mut views = Vec::with_capacity(found.len());
    for post in found {
        let verdict = match verdicts.get(&post.subject) {
            Some(known) => known.clone(),
            None => {
                verdicts.entry(post.subject.clone()).or_insert(verdict(store, &post.subject).await?).clone()
            }
        };
        views.push(view(post, verdict));
    }
    Ok(views)
}

/// Category and owner of the newest verdict on a breakage.
async fn verdict(store: &Store, subject: &str) -> Result<Option<(String, String)>, Fault> {
    let Some(breakage) = subject.strip_prefix("breakage:") else { return Ok(None) };
    let newest = occurrences::of_breakage(store, breakage, 1).await?.into_iter().next();
    Ok(newest.map(|newest| (newest.category, newest.owner)))
}

fn view(post: Post, verdict: Option<(String, String)>) -> PostView {
    let message = post.message.0;
    let (category, owner) = verdict.unzip();
    PostView {
        id: post.id,
        surface: post.surface,
        conversation: post.conversation,
        subject: post.subject,
        parent: post.parent_id,
        thread: post.thread,
        tone: message.tone,
        headline: message.headline.clone(),
        text: render_text(&message),
        category,
        owner,
        actions: message.actions.clone(),
        message,
        state: post.state,
        revision: post.revision,
        external: post
            .external_conversation
            .zip(post.external_message)
            .map(|(conversation, message)| External { conversation, message }),
        error: post.error,
        created_at: instant(post.created_at),
        updated_at: instant(post.updated_at),
    }
}
