//! `/metrics`: what was counted and measured, in Prometheus' text format. It holds numbers and configured names only.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use metrics::gauge;

use super::Web;
use super::fault::Fault;
use crate::queue;

/// Everything counted so far.
pub(super) async fn show(State(web): State<Arc<Web>>) -> Result<Response, Fault> {
    // Queue depths are read when somebody looks: no clock needed.
    for depth in queue::counts(&web.app.store).await? {
        gauge!("whyred_jobs", "kind" => depth.kind, "state" => depth.state.word()).set(depth.jobs as f64);
    }
    let text = web.app.metrics.render();
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}
