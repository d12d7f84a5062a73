//! What every request must keep to, whatever it asks for.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use axum::middleware::Next;
use axum::response::IntoResponse;
use serde_json::json;

use super::Shared;
use super::app::{check_jwt, token_allows};

/// Answers larger than this would be a mistake of the stand-in.
const MAX_ANSWER: usize = 64 * 1024 * 1024;

/// GitHub's hourly limit for an installation.
const LIMIT: u64 = 5000;

/// Keeps the call, plays the next fault for it, checks who asks and how, and dresses the answer with tag and limits.
pub(crate) async fn every_request(
    State(state): State<Shared>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let path = request.uri().path().to_owned();
    state.world().calls.push(format!("{} {}", request.method(), request.uri()));
    if let Err(what) = well_formed(request.method(), request.headers()) {
        state.violation(format!("{} {path}: {what}", request.method()));
        return refusal(StatusCode::FORBIDDEN, what);
    }
    if let Some(fault) = next_fault(&state, &path)
        && let Some(answer) = fault.answer().await
    {
        return answer;
    }
    if let Err(answer) = allowed(&state, &path, request.headers()) {
        return *answer;
    }
    let etag_given = request.headers().get("if-none-match").cloned();
    let answer = next.run(request).await;
    limited(&state, &path, tagged(answer, etag_given.as_ref()).await)
}

/// Refuses with GitHub's error body.
pub(crate) fn refusal(status: StatusCode, message: &str) -> Response<Body> {
    let body = json!({ "message": message, "documentation_url": "https://docs.github.com/rest", "status": status.as_str() });
    (status, axum::Json(body)).into_response()
}

fn well_formed(method: &Method, headers: &HeaderMap) -> Result<(), &'static str> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !header("user-agent").starts_with("whyred/") {
        return Err(
            "Request forbidden by administrative rules. Please make sure your request has a User-Agent header",
        );
    }
    if header("x-github-api-version") != "2022-11-28" {
        return Err("the header X-GitHub-Api-Version is missing or wrong");
    }
    if !header("accept").starts_with("application/vnd.github") {
        return Err("the header Accept does not ask for a GitHub media type");
    }
    if !header("authorization").starts_with("Bearer ") {
        return Err("the header Authorization is missing or no bearer token");
    }
    if method == Method::POST && headers.contains_key("if-none-match") {
        return Err("If-None-Match makes no sense on a POST");
    }
    Ok(())
}

/// The fault that is to be played for this path next, if there is one.
pub(crate) fn next_fault(state: &Shared, path: &str) -> Option<super::Fault> {
    let mut world = state.world();
    let index = world.faults.iter().position(|(part, _)| path.contains(part.as_str()))?;
    world.faults.remove(index).map(|(_, fault)| fault)
}

/// Whether this caller may ask for this path: `/app…` and looking up installations take the app's signature, all else a token
/// of the repository's account.
fn allowed(state: &Shared, path: &str, headers: &HeaderMap) -> Result<(), Box<Response<Body>>> {
    let bearer = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let credential = bearer.trim_start_matches("Bearer ");
    let path = path.strip_prefix("/api/v3").unwrap_or(path);
    let world = state.world();
    if path == "/app" || path.starts_with("/app/") || path.ends_with("/installation") {
        return check_jwt(&world, credential).map_err(|what| {
            drop(world);
            state.violation(format!("{path}: {what}"));
            Box::new(refusal(StatusCode::UNAUTHORIZED, "A JSON web token could not be decoded"))
        });
    }
    let account = path.strip_prefix("/repos/").and_then(|rest| rest.split('/').next());
    if token_allows(&world, credential, account) {
        return Ok(());
    }
    Err(Box::new(refusal(StatusCode::UNAUTHORIZED, "Bad credentials")))
}

/// Gives JSON answers an entity tag, and 304 to whoever has them already.
async fn tagged(answer: Response<Body>, given: Option<&HeaderValue>) -> Response<Body> {
    let json = answer
        .headers()
        .get("content-type")
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if answer.status() != StatusCode::OK || !json {
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_ANSWER).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    let etag = format!("W/\"{:016x}\"", hasher.finish());
    if given.is_some_and(|given| given.as_bytes() == etag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, [("etag", etag)]).into_response();
    }
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        parts.headers.insert("etag", etag);
    }
    Response::from_parts(parts, Body::from(body))
}

/// Counts against the primary limit, which unchanged answers do not.
fn limited(state: &Shared, path: &str, mut answer: Response<Body>) -> Response<Body> {
    let mut world = state.world();
    if world.remaining == 0 && !path.ends_with("/rate_limit") {
        answer = refusal(StatusCode::FORBIDDEN, "API rate limit exceeded for installation ID 440011.");
    } else if answer.status() != StatusCode::NOT_MODIFIED {
        world.remaining -= 1;
    }
    let remaining = world.remaining.min(LIMIT - 1);
    drop(world);
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    for (name, value) in [
        ("x-ratelimit-limit", LIMIT),
        ("x-ratelimit-remaining", remaining),
        ("x-ratelimit-used", LIMIT - remaining),
        ("x-ratelimit-reset", now + 1800),
    ] {
        answer.headers_mut().insert(name, HeaderValue::from(value));
    }
    answer.headers_mut().insert("x-ratelimit-resource", HeaderValue::from_static("core"));
    answer
}
