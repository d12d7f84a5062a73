//! What Discord sends over HTTP. It wants a certain answer within three seconds: it gets it once the thing is durable.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};

use super::{Web, webhooks};
use crate::intake;

/// `POST /discord/interactions`
pub(super) async fn interactions(State(web): State<Arc<Web>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = match webhooks::whole(&parts.headers, body).await {
        Ok(body) => body,
        Err(refused) => return refused,
    };
    match intake::discord(&web.app, &parts.headers, &body).await {
        (_, Some(answer)) => Json(answer).into_response(),
        (outcome, None) => webhooks::answer(outcome),
    }
}
