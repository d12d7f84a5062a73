//! From the failed jobs of a run to a verdict on each.

use std::sync::Arc;
use std::time::Duration;

use adapters::ci::CiError;
use adapters::event::{Annotation, Conclusion, Job, Run};
use classifiers::{AnnotationHint, Diagnosis, Hints, Verdict};
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use tokio::time::Instant;

use super::TriageError;
use super::group::StoredReading;
use super::judge::{Judge, Judged, READING_TIME};
use crate::app::App;
use crate::store::occurrences::{self, Occurrence};

/// Logs of one run that are read at the same time.
const LOGS_AT_ONCE: usize = 4;
/// Pauses before a log is asked for again that could not be had: a fresh log is on its way for a few seconds, and a host that
/// is down for longer is not waited for, because people wait for a first word.
const PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// What was found out about one job.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    /// The job.
    pub(super) job: Job,
    /// The verdict.
    pub(super) diagnosis: Diagnosis,
    /// Why the log could not be read whole, if it could not.
    pub(super) log_problem: Option<String>,
    /// Whether it should be read again later.
    pub(super) again: bool,
}

/// What became of the failed jobs of one run.
#[derive(Debug)]
pub(super) struct Readings {
    /// Those that were read now.
    pub(super) fresh: Vec<Reading>,
    /// How many failed jobs there are beyond the configured number that is read.
    pub(super) unread: usize,
}

impl Readings {
    /// Whether some job should be read again later.
    pub(super) fn again(&self) -> bool {
        self.fresh.iter().any(|reading| reading.again)
    }
}

/// Reads the logs of those jobs that were not read before.
pub(super) async fn read_jobs(app: &App, run: &Run, mut jobs: Vec<Job>) -> Result<Readings, TriageError> {
    let unread = jobs.len().saturating_sub(app.config.triage.max_jobs);
    jobs.truncate(app.config.triage.max_jobs);
    let known = occurrences::of_run(&app.store, &run.at).await?;
    jobs.retain(|job| !known.iter().any(|occurrence| tells_all(occurrence, job)));
    let provider = super::collect::provider(app, &run.at.source)?;
    let judge = Judge {
        provider: provider.as_ref(),
        classifier: Arc::clone(&app.classifier),
        max_bytes: app.config.triage.max_log_bytes,
        deadline: Instant::now() + READING_TIME,
    };
    let fresh = futures::stream::iter(jobs)
        .map(|job| read_job(app, &judge, run, job))
        .buffered(LOGS_AT_ONCE)
        .try_collect()
        .await?;
    Ok(Readings { fresh, unread })
}

/// Whether a verdict is about this job, as it ended last, and was made with as much of its log as can be had.
fn tells_all(occurrence: &Occurrence, job: &Job) -> bool {
    let ended = job.finished_at.map_or(occurrence.at, Timestamp::as_millisecond);
    let stored = serde_json::from_value::<StoredReading>(occurrence.diagnosis.0.clone());
    occurrence.job_id == job.id && occurrence.at >= ended && stored.is_ok_and(|stored| !stored.again)
}

/// Reads a job's log and judges it; where the log does not tell, the provider's remarks still may.
async fn read_job(app: &App, judge: &Judge<'_>, run: &Run, job: Job) -> Result<Reading, TriageError> {
    let baseline = super::learn::baseline_of(app, run, &job).await?.map(Arc::new);
    let run = &run.at;
    let hints = |annotations: &[Annotation]| Hints { baseline: baseline.clone(), ..hints(&job, annotations) };
    let mut judged = judge.read(run, &job, &hints(&[]), &PAUSES).await?;
    if judged.diagnosis.verdict != Verdict::Failed {
        // The remarks cost a further request, so they are asked for only when the log did not tell.
        let (annotations, again) = match judge.provider.annotations(run, &job).await {
            Ok(annotations) => (annotations, false),
            Err(limited @ CiError::RateLimited { .. }) => return Err(limited.into()),
            Err(error) => (Vec::new(), error.is_transient()),
        };
        if !annotations.is_empty() {
            judged = judge.read(run, &job, &hints(&annotations), &[]).await?;
        }
        judged.again |= again;
    }
    let Judged { diagnosis, problem, again } = judged;
    for held in &diagnosis.shadowed {
        metrics::counter!("whyred_shadow_rules_total", "rule" => held.rule.clone()).increment(1);
    }
    Ok(Reading { job, diagnosis, log_problem: problem, again })
}

fn hints(job: &Job, annotations: &[Annotation]) -> Hints {
    Hints {
        failed_step: job.failed_step().map(str::to_owned),
        conclusion_failed: Some(job.conclusion.as_ref().is_none_or(Conclusion::is_failure)),
        test_results: Vec::new(),
        annotations: annotations
            .iter()
            .filter(|annotation| annotation.level == "failure")
            .map(|annotation| AnnotationHint {
                path: Some(annotation.path.clone()).filter(|path| !path.is_empty()),
                line: Some(u64::from(annotation.line)).filter(|line| *line > 0),
                title: Some(annotation.title.clone()).filter(|title| !title.is_empty()),
                message: annotation.message.clone(),
            })
            .collect(),
        timed_out: job.conclusion == Some(Conclusion::TimedOut),
        cancelled: job.conclusion == Some(Conclusion::Cancelled),
        baseline: None,
    }
}
