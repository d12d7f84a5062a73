//! The log host: another origin, which must never see our credentials.

use std::io::Write;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, StatusCode, Uri};
use axum::response::IntoResponse;
use axum::routing::get;

use super::Shared;
use super::model::Log;
use super::strict::next_fault;

pub(crate) fn router(state: Shared) -> Router {
    Router::new().route("/logs/{ticket}", get(log)).fallback(unknown).with_state(state)
}

/// Serves one log for one ticket; the ticket stands for the signature in a pre-signed address.
async fn log(State(state): State<Shared>, Path(ticket): Path<String>, headers: HeaderMap) -> Response<Body> {
    for name in ["authorization", "cookie", "x-github-api-version"] {
        if headers.contains_key(name) {
            state.violation(format!("the log host was sent the header {name}"));
            return StatusCode::FORBIDDEN.into_response();
        }
    }
    if let Some(fault) = next_fault(&state, &format!("/logs/{ticket}"))
        && let Some(answer) = fault.answer().await
    {
        return answer;
    }
    let log = {
        let world = state.world();
        world.tickets.get(&ticket).and_then(|job| world.jobs.get(job)).map(|job| job.log.clone())
    };
    match log {
        Some(Log::Plain(text)) => ([("content-type", "text/plain")], text).into_response(),
        Some(Log::Gzip(text)) => ([("content-type", "text/plain")], gzip(&text)).into_response(),
        Some(Log::HalfGzip(text)) => {
            let mut packed = gzip(&text);
            packed.truncate(packed.len() / 2);
            ([("content-type", "text/plain")], packed).into_response()
        }
        Some(Log::Zip(entries)) => ([("content-type", "application/zip")], zip(&entries)).into_response(),
        Some(Log::Expired | Log::Missing) | None => {
            state.violation("the log host was asked for a log that it never offered");
            StatusCode::FORBIDDEN.into_response()
        }
    }
}

async fn unknown(State(state): State<Shared>, uri: Uri) -> StatusCode {
    state.violation(format!("the log host was asked for {uri}"));
    StatusCode::NOT_FOUND
}

#[expect(clippy::expect_used, reason = "writing to memory does not fail")]
fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).expect("memory takes every byte");
    encoder.finish().expect("memory takes every byte")
}

#[expect(clippy::expect_used, reason = "writing to memory does not fail")]
fn zip(entries: &[(String, String)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in entries {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).expect("memory takes every byte");
        archive.write_all(text.as_bytes()).expect("memory takes every byte");
    }
    archive.finish().expect("memory takes every byte").into_inner()
}
