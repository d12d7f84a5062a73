//! `GET /api/v1/failures`: every known failure; `/api/v1/failures/{id}`: one of them with its sightings.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::Web;
use super::super::fault::Fault;
use super::{instant, limit};
use crate::store::failures::{self, Failure, FailureOrder};
use crate::store::occurrences;

#[derive(Deserialize)]
pub(in crate::web) struct Wanted {
    order: Option<FailureOrder>,
    limit: Option<u32>,
    offset: Option<u32>,
}

/// A failure as programs read it.
#[derive(Serialize)]
struct View {
    id: String,
    fingerprint: String,
    category: String,
    owner: String,
    rule: Option<String>,
    summary: String,
    known_issue: Option<String>,
    occurrences: i64,
    repos: i64,
    first_seen: Timestamp,
    last_seen: Timestamp,
}

fn view(failure: Failure) -> View {
    View {
        id: failure.id,
        fingerprint: failure.fingerprint,
        category: failure.category,
        owner: failure.owner,
        rule: failure.rule,
        summary: failure.summary,
        known_issue: failure.known_issue,
        occurrences: failure.occurrences,
        repos: failure.repos,
        first_seen: instant(failure.first_seen),
        last_seen: instant(failure.last_seen),
    }
}

pub(in crate::web) async fn list(
    State(web): State<Arc<Web>>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, Fault> {
    let order = wanted.order.unwrap_or(FailureOrder::Recent);
    let limit = limit(wanted.limit);
    let offset = wanted.offset.unwrap_or(0);
    let mut found = failures::list(&web.app.store, order, limit + 1, offset).await?;
    let next = (found.len() > limit as usize).then(|| offset.saturating_add(limit));
    found.truncate(limit as usize);
    Ok(Json(json!({ "failures": found.into_iter().map(view).collect::<Vec<_>>(), "next": next })))
}

pub(in crate::web) async fn show(
    State(web): State<Arc<Web>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Fault> {
    let store = &web.app.store;
    let failure = failures::get(store, &id)
        .await?
        .ok_or_else(|| Fault::NotFound(format!("there is no failure with the id `{id}`")))?;
    let sightings: Vec<Value> = occurrences::of_failure(store, &id, limit(None))
        .await?
        .into_iter()
        .map(|seen| {
            json!({
                "source": seen.source, "repo": seen.repo, "run_id": seen.run_id, "attempt": seen.attempt,
                "job": seen.job_name, "summary": seen.summary, "confidence": seen.confidence, "at": instant(seen.at),
            })
        })
        .collect();
    let repos = failures::repos_of(store, &id).await?;
    Ok(Json(json!({ "failure": view(failure), "repos": repos, "occurrences": sightings })))
}
