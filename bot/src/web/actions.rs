//! What people do in the console: ask, click, try again. It goes the same way in as what they do on every other surface.

use std::sync::Arc;

use adapters::chat::{ChatPerson, Interaction, InteractionKind};
use adapters::message::Action;
use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use classifiers::redact;
use serde::Deserialize;

use super::auth::Visitor;
use super::card::SURFACE;
use super::fault::Fault;
use super::{Web, channels, forms, login};
use crate::ask;
use crate::config::Role;
use crate::intake::{self, Outcome};
use crate::queue::dead;
use crate::store::posts::{self, Post};

/// A question is no longer than this many characters.
const MAX_QUESTION: usize = 4000;

/// A button on a message.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Click {
    /// The post's id.
    pub(super) post: String,
    /// The action's id, and after a `|` its value if several actions share the id.
    pub(super) action: String,
}

/// A click before it is reported.
pub(super) struct Clicked {
    /// The post it was made on.
    pub(super) post: Post,
    /// What is reported.
    pub(super) interaction: Interaction,
}

impl Clicked {
    /// Where what came of it shows.
    pub(super) fn shows(&self) -> String {
        format!("/t/{}", self.post.parent_id.as_ref().unwrap_or(&self.post.id))
    }
}

/// Finds what was clicked: the message and its button must be there now.
pub(super) async fn clicked(web: &Web, visitor: &Visitor, click: &Click) -> Result<Clicked, Fault> {
    visitor.must_be(Role::Member)?;
    let post = find(web, &click.post).await?;
    let action = action_of(&post, &click.action)?.clone();
    let (conversation, message) = whereabouts(&post)?;
    let root = root_of(web, &post).await?;
    let interaction = Interaction {
        id: format!("click:{}", uuid::Uuid::now_v7()),
        person: person(visitor),
        conversation,
        thread: root.and_then(|root| root.external_message),
        kind: InteractionKind::Click { action: action.id, value: action.value, message },
    };
    Ok(Clicked { post, interaction })
}

/// `POST /console/click`: somebody used a button.
pub(super) async fn click(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(click): Form<Click>,
) -> Result<Response, Fault> {
    let clicked = clicked(&web, &visitor, &click).await?;
    match intake::interaction(&web.app, SURFACE, clicked.interaction.clone()).await {
        Outcome::Open(_) => Ok(forms::lead_to(&headers, &click)),
        outcome => {
            taken(outcome)?;
            Ok(done(&headers, &clicked.shows()))
        }
    }
}

/// The button that was used: only those that stand on the message now can be.
fn action_of<'a>(post: &'a Post, given: &str) -> Result<&'a Action, Fault> {
    let (id, value) = given.split_once('|').map_or((given, None), |(id, value)| (id, Some(value)));
    post.message
        .actions
        .iter()
        .filter(|action| action.url.is_none())
        .find(|action| action.id == id && value.is_none_or(|value| value == action.value))
        .ok_or_else(|| {
            Fault::TooEarly("The message has changed and this button is gone. Look at it again.".to_owned())
        })
}

#[derive(Deserialize)]
pub(super) struct Ask {
    conversation: String,
    /// Id of the post in whose thread it is asked, if in one.
    thread: Option<String>,
    text: String,
    /// Made by the page: a form sent twice is one question.
    nonce: Option<String>,
}

/// `POST /console/ask`: somebody asks in a channel or in a thread.
pub(super) async fn ask(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(ask): Form<Ask>,
) -> Result<Response, Fault> {
    visitor.must_be(Role::Member)?;
    let thread = match ask.thread.filter(|id| !id.is_empty()) {
        Some(id) => Some(find(&web, &id).await?),
        None => None,
    };
    let question = Question { conversation: ask.conversation, thread, text: ask.text, nonce: ask.nonce };
    let post = put_question(&web, &visitor, question).await?;
    let back = match &post.parent_id {
        Some(parent) => format!("/t/{parent}#post-{}", post.id),
        None => format!("/t/{}", post.id),
    };
    Ok(done(&headers, &back))
}

/// A question before it is asked.
pub(super) struct Question {
    /// Where.
    pub conversation: String,
    /// In whose thread, if in one.
    pub thread: Option<Post>,
    /// The words.
    pub text: String,
    /// The same question has the same one.
    pub nonce: Option<String>,
}

/// Shows the question where it was asked, at once, and hands it to the bot. Returns the post that holds it.
pub(super) async fn put_question(web: &Web, visitor: &Visitor, question: Question) -> Result<Post, Fault> {
    let text = question.text.trim();
    if text.is_empty() {
        return Err(Fault::Malformed(
            "Write your question first, for example: why did main of payments fail?".to_owned(),
        ));
    }
    if text.chars().count() > MAX_QUESTION {
        return Err(Fault::Malformed(format!("A question has at most {MAX_QUESTION} characters.")));
    }
    let text = redact::redact(text).text.into_owned();
    let root = match &question.thread {
        Some(post) => root_of(web, post).await?.or_else(|| Some(post.clone())),
        None => None,
    };
    let conversation = match &root {
        Some(root) => root.conversation.clone(),
        None => channels::named(&web.app.store, channels::name(&question.conversation)).await?,
    };
    let nonce = question
        .nonce
        .filter(|nonce| is_nonce(nonce))
        .unwrap_or_else(|| uuid::Uuid::new_v4().simple().to_string());
    let mut interaction = Interaction {
        id: format!("ask:{nonce}"),
        person: person(visitor),
        conversation,
        thread: root.as_ref().and_then(|root| root.external_message.clone()),
        kind: InteractionKind::Mention { text: text.clone(), message: String::new() },
    };
    let mut tx = web.app.store.begin().await?;
    let post =
        ask::put_question(&mut tx, SURFACE, &interaction, &text, root.as_ref()).await.map_err(|error| {
            tracing::error!(?error, "a question could not be stored");
            Fault::Unavailable("Your question could not be stored. Try again in a moment.".to_owned())
        })?;
    tx.commit().await?;
    interaction.kind = InteractionKind::Mention { text, message: post.id.clone() };
    taken(intake::interaction(&web.app, SURFACE, interaction).await)?;
    Ok(post)
}

#[derive(Deserialize)]
pub(super) struct Replay {
    /// One job, or all if left out.
    job: Option<String>,
}

/// `POST /console/replay`: jobs that were given up get another chance.
pub(super) async fn replay(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(replay): Form<Replay>,
) -> Result<Response, Fault> {
    visitor.must_be(Role::Operator)?;
    let mut tx = web.app.store.begin().await?;
    let revived = match replay.job.as_deref() {
        Some(job) => u64::from(dead::replay(&mut tx, job).await?),
        None => dead::replay_all(&mut tx, None).await?,
    };
    tx.commit().await?;
    tracing::info!(by = visitor.name, revived, "jobs that were given up get another chance");
    Ok(done(&headers, "/system"))
}

/// After a form: scripts get an empty answer, browsers without one are sent to where the result shows.
pub(super) fn done(headers: &HeaderMap, show: &str) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accept.contains("application/json") {
        return StatusCode::NO_CONTENT.into_response();
    }
    Redirect::to(&login::own_path(Some(show))).into_response()
}

pub(super) fn taken(outcome: Outcome) -> Result<(), Fault> {
    match outcome {
        Outcome::Accepted
        | Outcome::Duplicate
        | Outcome::Ignored(_)
        | Outcome::Challenge(_)
        | Outcome::Open(_) => Ok(()),
        Outcome::NotStored => {
            Err(Fault::Unavailable("It could not be stored. Try again in a moment.".to_owned()))
        }
        Outcome::Malformed(why) | Outcome::Unverified(why) | Outcome::UnknownSource(why) => {
            Err(Fault::Malformed(why))
        }
    }
}

fn person(visitor: &Visitor) -> ChatPerson {
    ChatPerson { id: visitor.name.clone(), name: visitor.name.clone() }
}

/// Where the surface has the post. It always has it soon: posting to the console cannot fail.
fn whereabouts(post: &Post) -> Result<(String, String), Fault> {
    match (&post.external_conversation, &post.external_message) {
        (Some(conversation), Some(message)) => Ok((conversation.clone(), message.clone())),
        _ => Err(Fault::TooEarly("This message is being posted just now. Try again in a second.".to_owned())),
    }
}

async fn root_of(web: &Web, post: &Post) -> Result<Option<Post>, Fault> {
    match &post.parent_id {
        Some(parent) => Ok(posts::get(&web.app.store, parent).await?),
        None => Ok(None),
    }
}

async fn find(web: &Web, id: &str) -> Result<Post, Fault> {
    posts::get(&web.app.store, id)
        .await?
        .filter(|post| post.surface == SURFACE)
        .ok_or_else(|| Fault::NotFound("There is no such message any more.".to_owned()))
}

pub(super) fn is_nonce(nonce: &str) -> bool {
    (16..=64).contains(&nonce.len()) && nonce.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
