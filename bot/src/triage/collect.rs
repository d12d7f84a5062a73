//! What the provider knows about a run now.

use std::sync::Arc;

use adapters::ci::{CiError, CiProvider};
use adapters::event::{Conclusion, Job, Run, RunRef};

use super::TriageError;
use crate::app::App;
use crate::redaction::redacted;
use crate::store::runs;

/// The provider that a run belongs to.
pub(super) fn provider(app: &App, source: &str) -> Result<Arc<dyn CiProvider>, TriageError> {
    app.ci.get(source).cloned().ok_or_else(|| TriageError::NoSource(source.to_owned()))
}

/// The run as we know it.
pub(super) async fn known_run(app: &App, at: &RunRef) -> Result<Option<Run>, TriageError> {
    Ok(runs::get(&app.store, at).await?)
}

/// The run as it stands now, or nothing if a later attempt of it is known: then that attempt tells the news.
pub(super) async fn current_run(app: &App, at: &RunRef) -> Result<Option<Run>, TriageError> {
    let known = known_run(app, at).await?;
    let superseded = |run: &Run| {
        run.at.attempt > at.attempt
            || (run.at.attempt == at.attempt && run.conclusion.as_ref().is_some_and(Conclusion::is_success))
    };
    if known.as_ref().is_some_and(superseded) {
        return Ok(None);
    }
    // An event about the whole run tells all of it; one about a single job leaves out the author and the number.
    if let Some(run) = known.filter(|run| run.at.attempt == at.attempt && run.conclusion.is_some()) {
        return Ok(Some(run));
    }
    let run = asked_run(app, at).await?;
    Ok(Some(run).filter(|run| !superseded(run)))
}

/// The run as the provider tells it now, which is remembered.
async fn asked_run(app: &App, at: &RunRef) -> Result<Run, TriageError> {
    let run = redacted("run", provider(app, &at.source)?.run(at).await?)?;
    let mut tx = app.store.begin().await?;
    runs::record(&mut tx, &run).await?;
    tx.commit().await?;
    Ok(run)
}

/// The run if it ended well. Known from its own event, or asked for where the source tells of jobs alone.
pub(super) async fn green_run(app: &App, at: &RunRef) -> Result<Option<Run>, TriageError> {
    let is_green = |run: &Run| run.conclusion.as_ref().is_some_and(Conclusion::is_success);
    if let Some(known) = known_run(app, at).await?.filter(is_green) {
        return Ok(Some(known));
    }
    match asked_run(app, at).await {
        Ok(run) => Ok(Some(run).filter(is_green)),
        Err(TriageError::Provider(CiError::Gone { .. })) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The failed jobs of this attempt. A run that is gone has none that we could read.
pub(super) async fn failed_jobs(app: &App, run: &Run) -> Result<Vec<Job>, TriageError> {
    match provider(app, &run.at.source)?.jobs(&run.at).await {
        Ok(jobs) => Ok(redacted("jobs", jobs)?
            .into_iter()
            .filter(|job| job.conclusion.as_ref().is_some_and(Conclusion::is_failure))
            .collect()),
        Err(CiError::Gone { .. }) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}
