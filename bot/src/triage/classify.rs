//! From a failed job to a verdict on its log.

use std::sync::Arc;

use adapters::ci::{CiError, CiProvider, LogStream};
use adapters::event::{Annotation, Conclusion, Job, Run, RunRef};
use classifiers::{AnnotationHint, Classifier, Diagnosis, Hints, Verdict};
use futures::{StreamExt, TryStreamExt};

use super::TriageError;
use crate::app::App;
use crate::redaction;
use crate::store::occurrences;
use crate::text;

/// Logs of one run that are read at the same time.
const LOGS_AT_ONCE: usize = 4;
/// Chunks of a log that may wait for the reader: keeps a fast network from filling the memory.
const CHUNKS_AHEAD: usize = 16;

/// What was found out about one job.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    /// The job.
    pub(super) job: Job,
    /// The verdict.
    pub(super) diagnosis: Diagnosis,
    /// Why the log could not be read whole, if it could not.
    pub(super) log_problem: Option<String>,
}

/// What became of the failed jobs of one run.
#[derive(Debug)]
pub(super) struct Readings {
    /// Those that were read now.
    pub(super) fresh: Vec<Reading>,
    /// How many failed jobs there are beyond the configured number that is read.
    pub(super) unread: usize,
}

/// Reads the logs of those jobs that were not read before.
pub(super) async fn read_jobs(app: &App, run: &Run, mut jobs: Vec<Job>) -> Result<Readings, TriageError> {
    let unread = jobs.len().saturating_sub(app.config.triage.max_jobs);
    jobs.truncate(app.config.triage.max_jobs);
    let known = occurrences::of_run(&app.store, &run.at).await?;
    jobs.retain(|job| !known.iter().any(|occurrence| occurrence.job_id == job.id));
    let provider = super::collect::provider(app, &run.at.source)?;
    let fresh = futures::stream::iter(jobs)
        .map(|job| {
            read_job(provider.as_ref(), &app.classifier, app.config.triage.max_log_bytes, &run.at, job)
        })
        .buffered(LOGS_AT_ONCE)
        .try_collect()
        .await?;
    Ok(Readings { fresh, unread })
}

/// Reads a job's log and judges it. A log that is gone is no reason to be silent: the provider's remarks may still tell.
async fn read_job(
    provider: &dyn CiProvider,
    classifier: &Arc<Classifier>,
    max_bytes: u64,
    run: &RunRef,
    job: Job,
) -> Result<Reading, TriageError> {
    let (mut diagnosis, mut log_problem) = match provider.log(run, &job).await {
        Ok(stream) => judge_stream(classifier, stream, hints(&job, &[]), max_bytes).await?,
        Err(error) if error.is_transient() => return Err(error.into()),
        Err(error) => {
            (judge_nothing(classifier, hints(&job, &[])), Some(text::failure::log_unavailable(&why(&error))))
        }
    };
    if diagnosis.verdict != Verdict::Failed {
        // The remarks cost a further request, so they are asked for only when the log did not tell.
        let annotations = match provider.annotations(run, &job).await {
            Ok(annotations) => annotations,
            Err(error) if error.is_transient() => return Err(error.into()),
            Err(_) => Vec::new(),
        };
        if !annotations.is_empty() {
            let again = match provider.log(run, &job).await {
                Ok(stream) => judge_stream(classifier, stream, hints(&job, &annotations), max_bytes).await?,
                Err(error) if error.is_transient() => return Err(error.into()),
                Err(_) => (judge_nothing(classifier, hints(&job, &annotations)), log_problem.clone()),
            };
            (diagnosis, log_problem) = again;
        }
    }
    Ok(Reading { job, diagnosis, log_problem })
}

/// The reason alone, without which system and which thing.
fn why(error: &CiError) -> String {
    match error {
        CiError::Gone { why, .. }
        | CiError::Denied { why, .. }
        | CiError::Unavailable { why, .. }
        | CiError::Unexpected { why, .. } => redaction::words(why),
        CiError::RateLimited { .. } => error.to_string(),
    }
}

fn hints(job: &Job, annotations: &[Annotation]) -> Hints {
    Hints {
        failed_step: job.failed_step().map(str::to_owned),
        conclusion_failed: Some(job.conclusion.as_ref().is_none_or(Conclusion::is_failure)),
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
    }
}

fn judge_nothing(classifier: &Classifier, hints: Hints) -> Diagnosis {
    classifier.session(hints).finish()
}

/// Streams a log through the classifier on a thread of its own: judging is work for a processor, not for the runtime.
async fn judge_stream(
    classifier: &Arc<Classifier>,
    mut stream: LogStream,
    hints: Hints,
    max_bytes: u64,
) -> Result<(Diagnosis, Option<String>), TriageError> {
    let (sender, mut receiver) = tokio::sync::mpsc::channel::<bytes::Bytes>(CHUNKS_AHEAD);
    let classifier = Arc::clone(classifier);
    let judge = tokio::task::spawn_blocking(move || {
        let mut session = classifier.session(hints);
        while let Some(chunk) = receiver.blocking_recv() {
            session.push(&chunk);
        }
        session.finish()
    });
    let mut left = max_bytes;
    let mut cut = false;
    while let Some(chunk) = stream.next().await {
        let mut chunk = chunk.map_err(|error| TriageError::LogBroke(error.to_string()))?;
        if chunk.len() as u64 > left {
            chunk.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            cut = true;
        }
        left -= chunk.len() as u64;
        if sender.send(chunk).await.is_err() || cut {
            break;
        }
    }
    drop(sender);
    let diagnosis = judge.await.map_err(|error| TriageError::JudgeFell(error.to_string()))?;
    Ok((diagnosis, cut.then(|| text::failure::log_cut(max_bytes / 1024 / 1024))))
}
