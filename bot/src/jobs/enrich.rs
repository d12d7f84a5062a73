//! Late news about a failure that is told already: what changed, who owns it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::queue::{Job, JobError};
use crate::triage;

/// Finds out more about a breakage, and edits its messages.
#[derive(Debug, Serialize, Deserialize)]
pub struct Enrich {
    /// Which breakage.
    pub breakage_id: String,
}

impl Job for Enrich {
    type Context = App;
    const KIND: &'static str = "enrich";

    async fn run(&self, app: Arc<App>) -> Result<(), JobError> {
        triage::enrich(&app, &self.breakage_id).await.map_err(triage::TriageError::into_job_error)
    }
}
