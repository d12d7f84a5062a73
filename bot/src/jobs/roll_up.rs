//! Several failures are told as one: see [`crate::triage`].

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::queue::{Job, JobError};
use crate::triage;

/// Brings the message about several failures up to date.
#[derive(Debug, Serialize, Deserialize)]
pub struct RollUp {
    /// Which of them.
    pub rollup_id: String,
}

impl Job for RollUp {
    type Context = App;
    const KIND: &'static str = "roll_up";

    async fn run(&self, app: Arc<App>) -> Result<(), JobError> {
        triage::roll_up(&app, &self.rollup_id).await.map_err(triage::TriageError::into_job_error)
    }
}
