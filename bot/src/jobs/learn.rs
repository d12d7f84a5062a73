//! A green run teaches what its jobs normally print.

use std::sync::Arc;
use std::time::Duration;

use adapters::event::RunRef;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::queue::{Job, JobError};
use crate::triage;

/// All such work, so that at most one worker is busy with it while failures wait for the others.
pub const LEARNING_LANE: &str = "baselines";

/// Learns the logs of a green run.
#[derive(Debug, Serialize, Deserialize)]
pub struct Learn {
    /// Which run.
    pub run: RunRef,
}

impl Job for Learn {
    type Context = App;
    const KIND: &'static str = "learn";
    // The next green run teaches the same: it is not worth much trouble.
    const MAX_ATTEMPTS: u32 = 3;
    const TIMEOUT: Duration = Duration::from_mins(3);

    async fn run(&self, app: Arc<App>) -> Result<(), JobError> {
        triage::learn(&app, &self.run).await.map_err(triage::TriageError::into_job_error)
    }
}
