//! What can be made to go wrong.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use serde_json::json;

/// One fault, for one request.
#[derive(Debug, Clone)]
pub enum Fault {
    /// An answer with this status and nothing else of use.
    Status(u16),
    /// 429 with `Retry-After`.
    TooMany {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// 403 with `Retry-After` and the text of a secondary limit.
    Secondary {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// 403 for a lacking permission.
    Forbidden,
    /// The right answer, later.
    Slow(Duration),
    /// A connection that breaks in the middle of the answer.
    Dropped,
}

impl Fault {
    /// The faulty answer, or none if the right one is to follow.
    pub(crate) async fn answer(self) -> Option<Response<Body>> {
        match self {
            Self::Status(status) => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                Some((status, axum::Json(json!({ "message": "Server Error" }))).into_response())
            }
            Self::TooMany { retry_after } => Some(waiting(StatusCode::TOO_MANY_REQUESTS, retry_after)),
            Self::Secondary { retry_after } => Some(waiting(StatusCode::FORBIDDEN, retry_after)),
            Self::Forbidden => {
                let body = json!({ "message": "Resource not accessible by integration" });
                Some((StatusCode::FORBIDDEN, axum::Json(body)).into_response())
            }
            Self::Slow(delay) => {
                tokio::time::sleep(delay).await;
                None
            }
            Self::Dropped => {
                let pieces =
                    [Ok(bytes::Bytes::from_static(b"{\"tot")), Err(std::io::Error::other("dropped"))];
                Some(Response::new(Body::from_stream(futures::stream::iter(pieces))))
            }
        }
    }
}

fn waiting(status: StatusCode, retry_after: u64) -> Response<Body> {
    let body = json!({ "message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again." });
    (status, [("retry-after", retry_after.to_string())], axum::Json(body)).into_response()
}
