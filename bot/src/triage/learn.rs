//! What green runs of a job print is learned, so that a red run's log can be read for what is new in it.

use std::time::Duration;

use adapters::ci::{CiError, CiProvider};
use adapters::event::{Conclusion, Job, Run, RunRef};
use classifiers::Baseline;
use classifiers::baseline::Learner;
use tokio::time::{Instant, timeout_at};

use super::TriageError;
use super::collect::{known_run, provider};
use super::judge::{CHUNKS_AHEAD, feed};
use crate::app::App;
use crate::jobs::{LEARNING_LANE, Learn};
use crate::queue::{Enqueue, enqueue};
use crate::redaction::{redacted, words};
use crate::store::baselines::{self, Key};
use crate::store::now_ms;

/// How long the logs of one run may be read. Ends well before the job that reads them is given up.
const READING_TIME: Duration = Duration::from_mins(2);

/// Makes the work, if the run is one to learn from and its pipeline was not learned lately.
pub(super) async fn later(app: &App, run: &Run) -> Result<(), TriageError> {
    let config = &app.config.baseline;
    if !config.learn || !is_everybodys(run, &config.branches) {
        return Ok(());
    }
    let last = baselines::last_learned(&app.store, &run.at.source, &run.at.repo, &run.workflow).await?;
    if is_fresh(last, config.every) {
        return Ok(());
    }
    let mut tx = app.store.begin().await?;
    let pipeline = format!("{}:{}:{}", run.at.source, run.at.repo, run.workflow);
    let how = Enqueue::now().lane(LEARNING_LANE).once(pipeline);
    enqueue(&mut tx, &Learn { run: run.at.clone() }, how).await?;
    tx.commit().await?;
    Ok(())
}

/// Whether a run is of a branch that everybody starts from, and not a proposal to change it.
fn is_everybodys(run: &Run, branches: &[String]) -> bool {
    branches.contains(&run.branch)
        && !run.trigger.starts_with("pull_request")
        && run.trigger != "merge_request"
}

/// Whether something was learned within the pause.
fn is_fresh(last: Option<i64>, every: Duration) -> bool {
    last.is_some_and(|last| u128::from(now_ms().saturating_sub(last).unsigned_abs()) < every.as_millis())
}

/// Learns the green jobs of a run. Safe to repeat: a job that was just learned is not learned again.
pub async fn learn(app: &App, at: &RunRef) -> Result<(), TriageError> {
    let Some(run) = known_run(app, at).await? else { return Ok(()) };
    let provider = provider(app, &at.source)?;
    let jobs = match provider.jobs(at).await {
        Ok(jobs) => redacted("jobs", jobs)?,
        Err(CiError::Gone { .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let green = |job: &Job| job.conclusion.as_ref().is_some_and(Conclusion::is_success);
    let deadline = Instant::now() + READING_TIME;
    for job in jobs.into_iter().filter(green).take(app.config.baseline.max_jobs) {
        let known = baselines::get(&app.store, key(&run, &job)).await?;
        if is_fresh(known.map(|known| known.updated_at), app.config.baseline.every) {
            continue;
        }
        if let Some(learned) = read(app, provider.as_ref(), &run, &job, deadline).await? {
            keep(app, &run, &job, &learned).await?;
        }
    }
    Ok(())
}

/// What one job's log teaches; nothing if it cannot be had.
async fn read(
    app: &App,
    provider: &dyn CiProvider,
    run: &Run,
    job: &Job,
    deadline: Instant,
) -> Result<Option<Baseline>, TriageError> {
    let mut stream = match timeout_at(deadline, provider.log(&run.at, job)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(limited @ CiError::RateLimited { .. })) => return Err(limited.into()),
        Ok(Err(error)) => {
            let error = words(&error.to_string());
            tracing::debug!(run = %run.at, job = job.name, error, "a green log cannot be had: not learned");
            return Ok(None);
        }
        Err(_) => return Ok(None),
    };
    let (sender, mut receiver) = tokio::sync::mpsc::channel::<bytes::Bytes>(CHUNKS_AHEAD);
    let learning = tokio::task::spawn_blocking(move || {
        let mut learner = Learner::default();
        while let Some(chunk) = receiver.blocking_recv() {
            learner.push(&chunk);
        }
        learner.finish()
    });
    // Wherever it ends, what came is what a green run prints.
    feed(&mut stream, &sender, app.config.baseline.max_log_bytes, deadline).await;
    drop(sender);
    let learned = learning.await.map_err(|error| TriageError::JudgeFell(error.to_string()))?;
    Ok(Some(learned).filter(|learned| learned.runs() > 0))
}

/// Adds what was learned to what is known.
async fn keep(app: &App, run: &Run, job: &Job, learned: &Baseline) -> Result<(), TriageError> {
    let mut baseline = baseline_of(app, run, job).await?.unwrap_or_default();
    baseline.merge(learned);
    let mut tx = app.store.begin().await?;
    baselines::put(&mut tx, key(run, job), &baseline.encode(), i64::from(baseline.runs())).await?;
    tx.commit().await?;
    tracing::info!(run = %run.at, job = job.name, runs = baseline.runs(), lines = baseline.lines(), "learned a green run");
    Ok(())
}

/// What green runs of a job print, if some were learned.
pub(super) async fn baseline_of(app: &App, run: &Run, job: &Job) -> Result<Option<Baseline>, TriageError> {
    let Some(stored) = baselines::get(&app.store, key(run, job)).await? else { return Ok(None) };
    match Baseline::decode(&stored.learned) {
        Ok(baseline) => Ok(Some(baseline)),
        Err(error) => {
            // An older version wrote it: the next green run makes it anew.
            tracing::info!(run = %run.at, job = job.name, %error, "a stored baseline is left out");
            Ok(None)
        }
    }
}

fn key<'a>(run: &'a Run, job: &'a Job) -> Key<'a> {
    Key { source: &run.at.source, repo: &run.at.repo, workflow: &run.workflow, job: &job.name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing;

    #[test]
    fn only_what_everybody_starts_from_is_learned() {
        let run = |branch: &str, trigger: &str| Run {
            branch: branch.to_owned(),
            trigger: trigger.to_owned(),
            ..testing::run(1, None)
        };
        let branches = ["main".to_owned(), "release".to_owned()];
        let learned = |branch, trigger| is_everybodys(&run(branch, trigger), &branches);
        assert!(learned("main", "push") && learned("release", "schedule") && learned("main", ""));
        assert!(!learned("main", "pull_request") && !learned("main", "pull_request_target"));
        assert!(!learned("mona:main", "push") && !learned("topic", "push") && !learned("", "push"));
    }

    #[test]
    fn a_pipeline_is_not_learned_again_at_once() {
        let hour = Duration::from_hours(1);
        assert!(is_fresh(Some(now_ms() - 1_000), hour));
        assert!(!is_fresh(Some(now_ms() - 2 * 3_600_000), hour));
        assert!(!is_fresh(None, hour) && !is_fresh(Some(now_ms()), Duration::ZERO));
    }
}
