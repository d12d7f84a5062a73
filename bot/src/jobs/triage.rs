//! A run failed, a run passed: see [`crate::triage`].

use std::sync::Arc;
use std::time::Duration;

use adapters::event::{Run, RunRef};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::queue::{Job, JobError};
use crate::triage;

/// Explains a failed run.
#[derive(Debug, Serialize, Deserialize)]
pub struct RunFailed {
    /// Which run.
    pub run: RunRef,
}

/// Tells that a broken pipeline is green again.
#[derive(Debug, Serialize, Deserialize)]
pub struct RunPassed {
    /// Which run.
    pub run: RunRef,
}

impl Job for RunFailed {
    type Context = App;
    const KIND: &'static str = "run_failed";
    // The provider may be down for hours: with pauses that grow to five minutes, 100 tries last about six hours.
    const MAX_ATTEMPTS: u32 = 100;
    // A 500 MB log over a slow line takes minutes.
    const TIMEOUT: Duration = Duration::from_mins(10);

    async fn run(&self, app: Arc<App>) -> Result<(), JobError> {
        triage::run_failed(&app, &self.run).await.map_err(triage::TriageError::into_job_error)
    }
}

impl Job for RunPassed {
    type Context = App;
    const KIND: &'static str = "run_passed";

    async fn run(&self, app: Arc<App>) -> Result<(), JobError> {
        triage::run_passed(&app, &self.run).await.map_err(triage::TriageError::into_job_error)
    }
}

/// One pipeline's news are worked on one after the other: two runs of it never race for its message.
pub fn pipeline_lane(run: &Run) -> String {
    format!("pipeline:{}:{}:{}:{}", run.at.source, run.at.repo, run.branch, run.workflow)
}
