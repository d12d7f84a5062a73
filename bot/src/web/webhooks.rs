//! `POST /webhooks/{source}`: what CI systems send.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::BytesMut;
use futures::StreamExt;
use serde_json::json;
use tokio::sync::Semaphore;

use super::Web;
use crate::intake::{self, Outcome};

/// No payload is larger: GitHub's own limit.
pub(super) const MAX_BODY_BYTES: usize = 25 * 1024 * 1024;
/// A body that goes on beyond this is cut off.
const DISCARDED_BODY_BYTES: usize = 4 * MAX_BODY_BYTES;
/// Ordinary webhooks are some tens of kilobytes.
const LARGE_BODY_BYTES: usize = 1024 * 1024;
/// Large bodies that are read at the same time: whoever sends them has proven nothing yet, and memory is shared.
static LARGE_BODIES: Semaphore = Semaphore::const_new(4);
/// A sender that takes longer for its body does not hold a connection.
const BODY_PATIENCE: Duration = Duration::from_secs(30);

/// When to send again what could not be stored.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("5");

/// Takes a webhook in; answered once it is durable.
pub(super) async fn receive(
    State(web): State<Arc<Web>>,
    Path(source): Path<String>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    if let Some(unknown) = intake::unknown_source(&web.app, &source) {
        // Nobody needs to send us megabytes to learn this.
        return answer(unknown);
    }
    match whole(&parts.headers, body).await {
        Ok(body) => answer(intake::webhook(&web.app, &source, &parts.headers, &body).await),
        Err(refused) => refused,
    }
}

/// The whole body, within its limits.
pub(super) async fn whole(headers: &HeaderMap, body: Body) -> Result<Bytes, Response> {
    let announced =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    // A body of unknown length may be a large one.
    let _room = if announced.is_none_or(|length| length > LARGE_BODY_BYTES) {
        Some(
            LARGE_BODIES
                .acquire()
                .await
                .map_err(|_| said(StatusCode::SERVICE_UNAVAILABLE, "we are stopping"))?,
        )
    } else {
        None
    };
    match tokio::time::timeout(BODY_PATIENCE, read(body)).await {
        Ok(Ok(Some(body))) => Ok(body),
        Ok(Ok(None)) => Err(too_large()),
        Ok(Err(_)) => Err(said(StatusCode::BAD_REQUEST, "the body broke off")),
        Err(_) => Err(said(StatusCode::REQUEST_TIMEOUT, "the body took too long")),
    }
}

/// The body, or nothing if it is too large. Most senders hear an answer only after they have sent everything, so a body that is
/// not much too large is read to its end, and thrown away.
async fn read(body: Body) -> Result<Option<Bytes>, axum::Error> {
    let mut pieces = body.into_data_stream();
    let mut whole = BytesMut::new();
    let mut length = 0;
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        length += piece.len();
        if length > DISCARDED_BODY_BYTES {
            break;
        }
        if length > MAX_BODY_BYTES {
            whole = BytesMut::new();
        } else {
            whole.extend_from_slice(&piece);
        }
    }
    Ok((length <= MAX_BODY_BYTES).then(|| whole.freeze()))
}

/// The HTTP answer to what became of it.
pub(super) fn answer(outcome: Outcome) -> Response {
    let (status, why) = match outcome {
        Outcome::Challenge(challenge) => return challenge.into_response(),
        Outcome::Accepted | Outcome::Duplicate | Outcome::Open(_) => (StatusCode::OK, None),
        Outcome::Ignored(ref why) => (StatusCode::ACCEPTED, Some(why.clone())),
        Outcome::Malformed(ref why) => (StatusCode::BAD_REQUEST, Some(why.clone())),
        Outcome::Unverified(ref why) => (StatusCode::UNAUTHORIZED, Some(why.clone())),
        Outcome::UnknownSource(ref why) => (StatusCode::NOT_FOUND, Some(why.clone())),
        Outcome::NotStored => {
            (StatusCode::SERVICE_UNAVAILABLE, Some("it could not be stored: send it again".to_owned()))
        }
    };
    let mut answer = (status, Json(json!({ "outcome": outcome.word(), "why": why }))).into_response();
    if status == StatusCode::SERVICE_UNAVAILABLE {
        answer.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
    answer
}

fn too_large() -> Response {
    said(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 25 MB")
}

fn said(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({ "outcome": "refused", "why": why }))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_stored_is_to_be_sent_again() {
        let refused = answer(Outcome::NotStored);
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(refused.headers()[header::RETRY_AFTER], "5");
        assert!(!answer(Outcome::Accepted).headers().contains_key(header::RETRY_AFTER));
    }
}
