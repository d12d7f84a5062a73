//! Runbooks: searched, and in full, so that a citation can be read where it stands.

use std::sync::Arc;

use adapters::chat::link::safe_url;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Html;
use percent_encoding::utf8_percent_encode;
use serde::Deserialize;

use super::Web;
use super::channels::SEGMENT;
use super::fault::Fault;
use super::page::Page;
use super::runbook_body::drawn;
use crate::text;

/// Pages found at most.
const HITS: usize = 12;
/// Below this nothing really matched (see [`knowledge::Hit::relevance`]).
const RELEVANT: f32 = 0.3;

#[derive(Template)]
#[template(path = "runbooks.html")]
struct Search {
    page: Page,
    /// How many there are.
    stats: String,
    query: String,
    hits: Vec<Found>,
}

struct Found {
    path: String,
    label: String,
    snippet: String,
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    q: String,
}

/// `/runbooks?q=WORDS`
pub(super) async fn list(
    State(web): State<Arc<Web>>,
    page: Page,
    Query(Wanted { q: query }): Query<Wanted>,
) -> Result<Html<String>, Fault> {
    let index = Arc::clone(&web.app.index);
    let words = query.clone();
    let found = tokio::task::spawn_blocking(move || Ok((index.stats()?, index.for_question(&words, HITS)?)));
    let (stats, hits) = match found.await {
        Ok(Ok::<_, knowledge::Error>(found)) => found,
        Ok(Err(error)) => return Err(unreadable(&error)),
        Err(error) => return Err(unreadable(&error)),
    };
    let hits = hits.into_iter().filter(|hit| hit.relevance >= RELEVANT).map(|hit| Found {
        path: path(&hit.document_id, &hit.anchor),
        label: std::iter::once(hit.title).chain(hit.heading_path).collect::<Vec<_>>().join(" › "),
        snippet: hit.snippet,
    });
    let hits = hits.collect();
    Ok(Html(
        Search { page, stats: text::count(stats.documents, "runbook", "runbooks"), query, hits }.render()?,
    ))
}

/// The page of a passage.
fn path(id: &str, anchor: &str) -> String {
    let id: Vec<String> = id.split('/').map(|part| utf8_percent_encode(part, SEGMENT).to_string()).collect();
    format!("/runbooks/{}#{}", id.join("/"), utf8_percent_encode(anchor, SEGMENT))
}

#[derive(Template)]
#[template(path = "runbook.html")]
struct Runbook {
    page: Page,
    title: String,
    owner: Option<String>,
    /// Where its source is, if that has an address.
    source: Option<String>,
    tags: Vec<String>,
    body: String,
}

/// `/runbooks/{id}`
pub(super) async fn show(
    State(web): State<Arc<Web>>,
    page: Page,
    Path(id): Path<String>,
) -> Result<Html<String>, Fault> {
    let index = Arc::clone(&web.app.index);
    let found = tokio::task::spawn_blocking(move || index.document(&id)).await;
    let document = match found {
        Ok(Ok(Some(document))) => document,
        Ok(Ok(None)) => {
            return Err(Fault::NotFound("There is no such runbook; it may have been renamed.".to_owned()));
        }
        Ok(Err(error)) => return Err(unreadable(&error)),
        Err(error) => return Err(unreadable(&error)),
    };
    let runbook = Runbook {
        page,
        body: drawn(&document),
        title: document.title,
        owner: document.owner,
        source: document.url.as_deref().and_then(safe_url),
        tags: document.tags,
    };
    Ok(Html(runbook.render()?))
}

fn unreadable(error: &dyn std::error::Error) -> Fault {
    tracing::error!(%error, "the runbook index cannot be read");
    Fault::Unavailable("The runbook index cannot be read. `whyred index` builds it anew.".to_owned())
}
