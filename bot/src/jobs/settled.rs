//! A pipeline that broke and was mended in turns has been green for a while: is that the end of it?

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::queue::{Job, JobError};
use crate::triage;

/// Ends the flapping of a breakage, unless it broke again meanwhile.
#[derive(Debug, Serialize, Deserialize)]
pub struct Settled {
    /// Which breakage.
    pub breakage_id: String,
    /// When the green run ended that it has been green since, unix milliseconds.
    pub closed_at: i64,
}

impl Job for Settled {
    type Context = App;
    const KIND: &'static str = "settled";

    async fn run(&self, app: Arc<App>) -> Result<(), JobError> {
        triage::settled(&app, &self.breakage_id, self.closed_at)
            .await
            .map_err(triage::TriageError::into_job_error)
    }
}
