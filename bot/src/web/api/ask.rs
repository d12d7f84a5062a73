//! `POST /api/v1/ask`: a question as one would ask it in chat. It takes the same way as every other question, so it is
//! shown in the console too; the answer is waited for a moment.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::super::Web;
use super::super::actions::{Question, put_question};
use super::super::auth::Visitor;
use super::super::channels::QUESTIONS;
use super::super::fault::Fault;
use super::posts::views;
use crate::config::Role;
use crate::store::posts::{self, Post};

/// How long the answer is waited for. Programs that see 202 read the thread later.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often the thread is looked at while nothing in this process has changed.
const LOOK_EVERY: Duration = Duration::from_millis(300);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Asked {
    question: String,
    /// Where it is shown; `#ask` if left out.
    conversation: Option<String>,
}

pub(in crate::web) async fn ask(
    State(web): State<Arc<Web>>,
    visitor: Visitor,
    asked: Result<Json<Asked>, JsonRejection>,
) -> Result<Response, Fault> {
    visitor.must_be(Role::Member)?;
    let Json(asked) = asked.map_err(|rejection| Fault::Malformed(rejection.body_text()))?;
    let question = Question {
        conversation: asked.conversation.unwrap_or_else(|| QUESTIONS.to_owned()),
        thread: None,
        text: asked.question,
        nonce: None,
    };
    let post = put_question(&web, &visitor, question).await?;
    let url = format!("{}/t/{}", web.app.public_url, post.id);
    let answers = tokio::time::timeout(PATIENCE, answers_to(&web, &post)).await.unwrap_or(Ok(Vec::new()))?;
    let status = if answers.is_empty() { StatusCode::ACCEPTED } else { StatusCode::OK };
    let answers = views(&web.app.store, answers).await?;
    Ok((status, Json(json!({ "id": post.id, "url": url, "answers": answers }))).into_response())
}

/// What stands in the question's thread as soon as anything does.
async fn answers_to(web: &Web, question: &Post) -> Result<Vec<Post>, Fault> {
    let mut changes = web.app.store.post_changes();
    loop {
        let answers = posts::thread(&web.app.store, &question.id).await?;
        if !answers.is_empty() {
            return Ok(answers);
        }
        tokio::select! {
            _ = changes.changed() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}
