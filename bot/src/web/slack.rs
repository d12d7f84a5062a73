//! What Slack sends over HTTP. Slack wants its answer within three seconds: it gets it once the thing is durable.

use std::sync::Arc;
use std::time::Duration;

use adapters::chat::slack::Path;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::{Web, webhooks};
use crate::intake::{self, Outcome};

/// Slack waits for three seconds; the way back takes some of it.
const ANSWER_WITHIN: Duration = Duration::from_millis(2500);

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
    let taken = intake::slack(&web.app, path, &parts.headers, &body);
    // Slack gives up after three seconds and sends it again; a clear "not stored" in time says the same.
    match tokio::time::timeout(ANSWER_WITHIN, taken).await.unwrap_or(Outcome::NotStored) {
        // Slack shows the body of a 200 to the person, so it stays empty.
        Outcome::Accepted | Outcome::Duplicate | Outcome::Open(_) | Outcome::Ignored(_) => {
            StatusCode::OK.into_response()
        }
        other => webhooks::answer(other),
    }
}
