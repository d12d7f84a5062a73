//! What Slack sends over HTTP. Slack wants its answer within three seconds: it gets it once the thing is durable.

use std::sync::Arc;

use adapters::chat::slack::Path;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::{Web, webhooks};
use crate::intake::{self, Outcome};

/// `POST /slack/events`
pub(super) async fn events(State(web): State<Arc<Web>>, request: Request) -> Response {
    receive(&web, Path::Events, request).await
}

/// `POST /slack/interactions`
pub(super) async fn interactions(State(web): State<Arc<Web>>, request: Request) -> Response {
    receive(&web, Path::Interactions, request).await
}

/// `POST /slack/commands`
pub(super) async fn commands(State(web): State<Arc<Web>>, request: Request) -> Response {
    receive(&web, Path::Commands, request).await
}

async fn receive(web: &Web, path: Path, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = match webhooks::whole(&parts.headers, body).await {
        Ok(body) => body,
        Err(refused) => return refused,
    };
    match intake::slack(&web.app, path, &parts.headers, &body).await {
        // Slack shows the body of a 200 to the person, so it stays empty.
        Outcome::Accepted | Outcome::Duplicate | Outcome::Ignored(_) => StatusCode::OK.into_response(),
        other => webhooks::answer(other),
    }
}
