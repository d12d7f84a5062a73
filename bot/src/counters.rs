//! What is counted and measured, in the Prometheus text format (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

use std::sync::OnceLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// The process's one recorder: installed by the first caller, shared by all.
pub fn recorder() -> anyhow::Result<PrometheusHandle> {
    if let Some(handle) = RECORDER.get() {
        return Ok(handle.clone());
    }
    match PrometheusBuilder::new().install_recorder() {
        Ok(handle) => Ok(RECORDER.get_or_init(|| handle).clone()),
        // Two callers came at the same time: the other one's recorder is about to be there.
        Err(error) => {
            RECORDER.get().cloned().ok_or_else(|| anyhow::anyhow!("counters cannot be set up: {error}"))
        }
    }
}
