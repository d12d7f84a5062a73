//! `/healthz`: are we alive? `/readyz`: can we take work? For probes and load balancers, so without a login and without
//! details.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Web;
use crate::queue;
use crate::store::{StoreError, stats};

/// How long the database may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// A job that has been due for longer means that no worker takes jobs.
const WORKERS_STALLED_MS: i64 = 5 * 60 * 1000;

/// 200 as long as the process answers at all.
pub(super) async fn alive() -> &'static str {
    "alive\n"
}

/// 200 if the database can be written to, jobs are being taken and we are not stopping; else 503.
pub(super) async fn ready(State(web): State<Arc<Web>>) -> Response {
    let (database, workers) = match tokio::time::timeout(PATIENCE, look(&web)).await {
        Ok(Ok(oldest_due)) => (true, oldest_due.is_none_or(|age| age < WORKERS_STALLED_MS)),
        Ok(Err(_)) | Err(_) => (false, false),
    };
    let stopping = web.stop.is_cancelled();
    let status =
        if database && workers && !stopping { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "database": database, "workers": workers, "stopping": stopping }))).into_response()
}

async fn look(web: &Web) -> Result<Option<i64>, StoreError> {
    stats::ping(&web.app.store).await?;
    queue::oldest_ready_age(&web.app.store).await
}
