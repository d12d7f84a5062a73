//! `GET /api/v1/runs`: pipeline runs as they stood last, newest first.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::Web;
use super::super::fault::Fault;
use super::limit;
use crate::store::runs::{self, RunFilter};

#[derive(Deserialize)]
pub(in crate::web) struct Wanted {
    source: Option<String>,
    repo: Option<String>,
    branch: Option<String>,
    workflow: Option<String>,
    #[serde(default)]
    failed: bool,
    limit: Option<u32>,
    offset: Option<u32>,
}

pub(in crate::web) async fn list(
    State(web): State<Arc<Web>>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, Fault> {
    let filter = RunFilter {
        source: wanted.source,
        repo: wanted.repo,
        branch: wanted.branch,
        workflow: wanted.workflow,
        failed_only: wanted.failed,
    };
    let limit = limit(wanted.limit);
    let offset = wanted.offset.unwrap_or(0);
    let mut found = runs::latest(&web.app.store, &filter, limit + 1, offset).await?;
    let next = (found.len() > limit as usize).then(|| offset.saturating_add(limit));
    found.truncate(limit as usize);
    Ok(Json(json!({ "runs": found, "next": next })))
}
