//! What goes wrong for a visitor: one type, one HTTP status each, as JSON for programs and as a page for people.

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::page;
use crate::store::StoreError;

/// Why a visitor does not get what they asked for. The text is for them: it says what to do.
#[derive(Debug, Clone)]
pub(super) enum Fault {
    /// 400
    Malformed(String),
    /// 401
    Unknown,
    /// 403
    NotAllowed(String),
    /// 404
    NotFound(String),
    /// 409
    TooEarly(String),
    /// 503
    Unavailable(String),
}

impl Fault {
    fn status(&self) -> StatusCode {
        match self {
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Unknown => StatusCode::UNAUTHORIZED,
            Self::NotAllowed(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::TooEarly(_) => StatusCode::CONFLICT,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn words(&self) -> &str {
        match self {
            Self::Malformed(words)
            | Self::NotAllowed(words)
            | Self::NotFound(words)
            | Self::TooEarly(words)
            | Self::Unavailable(words) => words,
            Self::Unknown => {
                "Log in first, or send `Authorization: Bearer TOKEN` with a token from [[console.token]]."
            }
        }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, source = ?std::error::Error::source(&error), "a page could not be read from the store");
        Self::Unavailable(
            "The database does not answer. It is tried again with every visit; `whyred doctor` says more."
                .to_owned(),
        )
    }
}

impl From<askama::Error> for Fault {
    fn from(error: askama::Error) -> Self {
        tracing::error!(%error, "a page could not be drawn");
        Self::Unavailable("This page could not be drawn. The reason stands in the server's log.".to_owned())
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = (self.status(), Json(json!({ "error": self.words() }))).into_response();
        if matches!(self, Self::Unknown) {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Turns a fault into a page for people, or sends them to the login. Scripts, which ask for JSON, keep the JSON.
pub(super) async fn as_pages(request: Request, next: Next) -> Response {
    let (headers, wants_json) = (request.headers().clone(), wants_json(request.headers()));
    let from = (request.method() == Method::GET).then(|| request.uri().to_string());
    let response = next.run(request).await;
    let Some(fault) = response.extensions().get::<Fault>().cloned() else { return response };
    if wants_json {
        return response;
    }
    match fault {
        Fault::Unknown => super::login::redirect(from.as_deref()),
        fault => draw(&headers, &fault),
    }
}

/// The answer to every path that is not served.
pub(super) async fn no_such_page(request: Request) -> Response {
    let fault = Fault::NotFound("There is no such page. The start page leads everywhere.".to_owned());
    if wants_json(request.headers()) || request.uri().path().starts_with("/api/") {
        return fault.into_response();
    }
    draw(request.headers(), &fault)
}

fn draw(headers: &HeaderMap, fault: &Fault) -> Response {
    let title = match fault {
        Fault::Malformed(_) => "That was not understood",
        Fault::Unknown => "Who are you?",
        Fault::NotAllowed(_) => "Not allowed",
        Fault::NotFound(_) => "Not found",
        Fault::TooEarly(_) => "One moment",
        Fault::Unavailable(_) => "Not available",
    };
    match page::sorry(headers, title, fault.words()) {
        Ok(page) => (fault.status(), page).into_response(),
        Err(_) => fault.clone().into_response(),
    }
}

fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    accept.contains("application/json")
}
