//! Known failures: everything that ever broke, by fingerprint.

use std::sync::Arc;

use adapters::event::RunRef;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Html;
use serde::Deserialize;

use super::Web;
use super::fault::Fault;
use super::page::{Page, clock};
use crate::store::failures::{self, Failure, FailureOrder};
use crate::store::occurrences::{self, Occurrence};
use crate::store::runs;
use crate::text;

/// Failures on one page.
const PAGE: u32 = 40;
/// Sightings shown of one failure.
const SIGHTINGS: u32 = 50;

#[derive(Template)]
#[template(path = "failures.html")]
struct List {
    page: Page,
    failures: Vec<Failure>,
    frequent: bool,
    /// Offset of the next page, if there is one.
    next: Option<u32>,
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    order: Option<String>,
    offset: Option<u32>,
}

/// `/failures`
pub(super) async fn list(
    State(web): State<Arc<Web>>,
    page: Page,
    Query(wanted): Query<Wanted>,
) -> Result<Html<String>, Fault> {
    let frequent = wanted.order.as_deref() == Some("frequent");
    let order = if frequent { FailureOrder::Frequent } else { FailureOrder::Recent };
    let offset = wanted.offset.unwrap_or(0);
    let mut failures = failures::list(&web.app.store, order, PAGE + 1, offset).await?;
    let more = failures.len() > PAGE as usize;
    failures.truncate(PAGE as usize);
    let next = more.then(|| offset.saturating_add(PAGE));
    Ok(Html(List { page, failures, frequent, next }.render()?))
}

#[derive(Template)]
#[template(path = "failure.html")]
struct Show {
    page: Page,
    failure: Failure,
    repos: Vec<String>,
    sightings: Vec<Sighting>,
}

struct Sighting {
    occurrence: Occurrence,
    /// The run's page at the provider.
    url: Option<String>,
    branch: String,
}

/// `/failures/{id}`
pub(super) async fn show(
    State(web): State<Arc<Web>>,
    page: Page,
    Path(id): Path<String>,
) -> Result<Html<String>, Fault> {
    let store = &web.app.store;
    let failure = failures::get(store, &id).await?.ok_or_else(|| {
        Fault::NotFound("There is no such failure; it may have been swept away with old ones.".to_owned())
    })?;
    let mut sightings = Vec::new();
    for occurrence in occurrences::of_failure(store, &id, SIGHTINGS).await? {
        let run = runs::get(store, &run_of(&occurrence)).await?;
        let url = run.as_ref().and_then(|run| adapters::chat::link::safe_url(&run.url));
        sightings.push(Sighting { url, branch: run.map(|run| run.branch).unwrap_or_default(), occurrence });
    }
    let repos = failures::repos_of(store, &id).await?;
    Ok(Html(Show { page, failure, repos, sightings }.render()?))
}

fn run_of(occurrence: &Occurrence) -> RunRef {
    RunRef {
        source: occurrence.source.clone(),
        repo: occurrence.repo.clone(),
        id: occurrence.run_id.clone(),
        attempt: u32::try_from(occurrence.attempt).unwrap_or(1),
    }
}

/// `1 job in 1 repository`
fn extent(failure: &Failure) -> String {
    let number = |count: i64| u64::try_from(count).unwrap_or(0);
    format!(
        "{} in {}",
        text::count(number(failure.occurrences), "job", "jobs"),
        text::count(number(failure.repos), "repository", "repositories")
    )
}

/// A category or owner as people read it.
fn words(word: &str) -> String {
    word.replace('_', " ")
}
