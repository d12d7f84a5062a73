//! Something that a message rests on has changed: make the message again.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::queue::{Job, JobError};
use crate::triage;

/// Brings all messages about a breakage up to date.
#[derive(Debug, Serialize, Deserialize)]
pub struct Publish {
    /// Which breakage.
    pub breakage_id: String,
}

impl Job for Publish {
    type Context = App;
    const KIND: &'static str = "publish";

    async fn run(&self, app: Arc<App>) -> Result<(), JobError> {
        triage::publish(&app, &self.breakage_id).await.map_err(triage::TriageError::into_job_error)
    }
}
