//! A stored webhook becomes events, and events become work.

use std::sync::Arc;
use std::time::Duration;

use adapters::ci::Delivery;
use adapters::event::{Conclusion, Event, EventKind, Run};
use serde::{Deserialize, Serialize};

use super::triage::{RunFailed, RunPassed, pipeline_lane};
use crate::app::App;
use crate::queue::{Enqueue, Job, JobError, enqueue};
use crate::store::{Tx, inbox, runs};

/// Works on one delivery of the inbox.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ingest {
    /// Id of the delivery.
    pub inbox_id: String,
}

impl Job for Ingest {
    type Context = App;
    const KIND: &'static str = "ingest";
    const TIMEOUT: Duration = Duration::from_secs(30);

    async fn run(&self, app: Arc<App>) -> Result<(), JobError> {
        let Some(stored) = inbox::get(&app.store, &self.inbox_id).await? else { return Ok(()) };
        let Some(provider) = app.ci.get(&stored.source) else {
            return Err(JobError::fatal(format!(
                "the source `{}` is no longer configured: configure it again and replay",
                stored.source
            )));
        };
        let delivery = Delivery { id: stored.delivery_id.clone(), event: stored.event.clone() };
        let events = provider
            .parse(&delivery, stored.body.as_bytes())
            .map_err(|refusal| JobError::fatal(refusal.to_string()))?;
        let mut tx = app.store.begin().await?;
        for event in &events {
            take(&mut tx, &app, event).await?;
        }
        inbox::mark_processed(&mut tx, &self.inbox_id, "ingested").await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Remembers what an event says, and makes the work that it calls for.
async fn take(tx: &mut Tx, app: &App, event: &Event) -> Result<(), JobError> {
    let run = event.kind.run();
    runs::record(tx, run).await?;
    match &event.kind {
        EventKind::PipelineRunStarted { .. } => {}
        EventKind::PipelineRunFinished { run } => match &run.conclusion {
            Some(conclusion) if conclusion.is_failure() => failed(tx, run, app.config.triage.settle).await?,
            Some(conclusion) if conclusion.is_success() => {
                let job = RunPassed { run: run.at.clone() };
                enqueue(tx, &job, Enqueue::now().lane(pipeline_lane(run)).once(run.at.to_string())).await?;
            }
            Some(_) | None => {}
        },
        EventKind::TaskRunFinished { run, job } => {
            if job.conclusion.as_ref().is_some_and(Conclusion::is_failure) {
                failed(tx, run, app.config.triage.settle).await?;
            }
        }
    }
    Ok(())
}

async fn failed(tx: &mut Tx, run: &Run, settle: Duration) -> Result<(), JobError> {
    let job = RunFailed { run: run.at.clone() };
    enqueue(tx, &job, Enqueue::now().lane(pipeline_lane(run)).once(run.at.to_string()).after(settle)).await?;
    Ok(())
}
