//! A stored webhook becomes events, and events become work.

use std::sync::Arc;
use std::time::Duration;

use adapters::ci::Delivery;
use adapters::event::{Conclusion, Event, EventKind, Run};
use serde::{Deserialize, Serialize};

use super::triage::{RunFailed, RunPassed, pipeline_lane};
use crate::app::App;
use crate::queue::{Enqueue, Job, JobError, enqueue};
use crate::store::{Tx, breakages, inbox, runs};
use crate::triage;

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
        // A power cut may undo this, and with it everything that was written later: the job then runs once more. To wait
        // for the disk here would keep the next group of webhooks from it.
        let mut tx = app.store.begin_relaxed().await?;
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
    match &event.kind {
        EventKind::PipelineRunStarted { run } => {
            runs::record(tx, run).await?;
        }
        EventKind::PipelineRunFinished { run } => {
            runs::record(tx, run).await?;
            match &run.conclusion {
                Some(conclusion) if conclusion.is_failure() => failed(tx, app, run).await?,
                Some(conclusion) if conclusion.is_success() => passed(tx, run).await?,
                Some(_) | None => {}
            }
        }
        EventKind::TaskRunFinished { run, job } => {
            let run = run_of_job(tx, run, job).await?;
            runs::record(tx, &run).await?;
            if job.conclusion.as_ref().is_some_and(Conclusion::is_failure) {
                failed(tx, app, &run).await?;
            } else if may_have_passed(tx, &run).await? {
                passed(tx, &run).await?;
            }
        }
    }
    Ok(())
}

/// The run as a job's event tells it, set right by what is known of it.
async fn run_of_job(tx: &mut Tx, told: &Run, job: &adapters::event::Job) -> Result<Run, JobError> {
    let mut run = told.clone();
    let Some(known) = runs::get(tx, &told.at).await? else { return Ok(run) };
    run.number = known.number;
    if !known.branch.is_empty() {
        // A job's event names a branch and not the fork that it is in.
        run.branch = known.branch;
    }
    let green = known.conclusion.as_ref().is_some_and(Conclusion::is_success);
    let red = job.conclusion.as_ref().is_some_and(Conclusion::is_failure);
    if green && red && known.at.attempt == run.at.attempt && job.finished_at > known.finished_at {
        // Jobs end before their run does. This one was run again in a run that counts no attempts, so the run is open anew.
        run.conclusion = job.conclusion.clone();
        run.finished_at = job.finished_at;
    }
    Ok(run)
}

/// Whether the last job of a run may have ended well, in a run that has no event of its own: such runs have no number. It is
/// asked about only where that could mend something.
async fn may_have_passed(tx: &mut Tx, run: &Run) -> Result<bool, JobError> {
    if run.conclusion.as_ref().is_some_and(Conclusion::is_success) {
        return Ok(true);
    }
    let at = &run.at;
    Ok(run.number == 0
        && breakages::open_for(tx, &at.source, &at.repo, &run.branch, &run.workflow).await?.is_some())
}

async fn failed(tx: &mut Tx, app: &App, run: &Run) -> Result<(), JobError> {
    let settle = triage::retry_wait(app, tx, run).await?;
    let job = RunFailed { run: run.at.clone() };
    enqueue(tx, &job, Enqueue::now().lane(pipeline_lane(run)).once(run.at.to_string()).after(settle)).await?;
    Ok(())
}

async fn passed(tx: &mut Tx, run: &Run) -> Result<(), JobError> {
    let job = RunPassed { run: run.at.clone() };
    enqueue(tx, &job, Enqueue::now().lane(pipeline_lane(run)).once(run.at.to_string())).await?;
    Ok(())
}
