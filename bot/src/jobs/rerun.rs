//! Carrying out a re-run that was allowed: see [`crate::remedy`].

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::queue::{Job, JobError};
use crate::remedy;

/// Re-runs the failed jobs of one attempt of a run, once.
#[derive(Debug, Serialize, Deserialize)]
pub struct Rerun {
    /// The action that asks for it.
    pub action_id: String,
}

impl Job for Rerun {
    type Context = App;
    const KIND: &'static str = "rerun";
    // More than enough for the time after which it is given up.
    const MAX_ATTEMPTS: u32 = 50;

    async fn run(&self, app: Arc<App>) -> Result<(), JobError> {
        remedy::carry_out(&app, &self.action_id).await
    }
}
