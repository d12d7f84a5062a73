//! One job from start to its recorded outcome: done, to be tried again, or dead.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use tracing::Instrument;

use super::job::{JobError, millis};
use super::registry::Registry;
use super::storage::{self, JobRow};
use super::worker::WorkerConfig;
use crate::store::{Result, Store, now_ms};

/// How often to try to write an outcome down; after that the lease runs out and the job runs again.
const TRIES: u32 = 5;

/// The longest that somebody may ask a job to wait.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// What a job needs besides its context.
pub(super) struct Settling<C> {
    pub(super) store: Store,
    pub(super) registry: Arc<Registry<C>>,
    pub(super) config: Arc<WorkerConfig>,
}

impl<C: Send + Sync + 'static> Settling<C> {
    /// Runs a job and writes its outcome down.
    pub(super) async fn work(self, job: JobRow, context: Arc<C>) {
        let span = tracing::info_span!("job", kind = %job.kind, id = %job.id, attempt = job.attempts);
        async {
            let outcome = self.attempt(&job, context).await;
            for tried in 0..TRIES {
                match self.settle(&job, &outcome).await {
                    Ok(()) => return,
                    Err(error) => tracing::warn!(%error, "cannot write down the outcome of a job"),
                }
                tokio::time::sleep(Duration::from_millis(50 << tried)).await;
            }
        }
        .instrument(span)
        .await;
    }

    /// One attempt; a panic and a time-out are failures like others.
    async fn attempt(&self, job: &JobRow, context: Arc<C>) -> std::result::Result<(), JobError> {
        let Some(kind) = self.registry.get(&job.kind) else {
            return Err(JobError::retry(format!(
                "this version knows no job `{}`: run the one that made it",
                job.kind
            )));
        };
        let run = AssertUnwindSafe((kind.handler)(&job.payload, context)).catch_unwind();
        match tokio::time::timeout(kind.timeout, run).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(panic)) => Err(JobError::retry(format!("it panicked: {}", words_of(panic.as_ref())))),
            Err(_) => Err(JobError::retry(format!("it took longer than {} s", kind.timeout.as_secs_f64()))),
        }
    }

    async fn settle(&self, job: &JobRow, outcome: &std::result::Result<(), JobError>) -> Result<()> {
        let mut tx = self.store.begin_relaxed().await?;
        let word = match outcome {
            Ok(()) => {
                storage::finish(&mut tx, job).await?;
                "done"
            }
            Err(error) => {
                let (why, again) = match error {
                    JobError::Retry { after: Some(after), why } => (why, Some((*after).min(LONGEST_WAIT))),
                    JobError::Retry { after: None, why } if job.attempts < job.max_attempts => {
                        (why, Some(self.config.pause(job.attempts)))
                    }
                    JobError::Retry { why, .. } | JobError::Fatal { why } => (why, None),
                };
                let why = (self.config.redact)(why);
                let run_at = again.map(|pause| now_ms().saturating_add(millis(pause)));
                // Being asked to wait is no failure: however often it happens, it must not use up the tries.
                let asked_to_wait =
                    matches!(error, JobError::Retry { after: Some(_), .. }) && again.is_some();
                let attempts = if asked_to_wait { job.attempts - 1 } else { job.attempts };
                storage::give_back(&mut tx, job, run_at, attempts, Some(&why)).await?;
                if let Some(pause) = again {
                    tracing::warn!(%why, again_in = ?pause, "job failed, will be tried again");
                    "retried"
                } else {
                    tracing::error!(%why, "job given up: see the dead letters");
                    "dead"
                }
            }
        };
        tx.commit().await?;
        metrics::counter!("whyred_jobs_total", "kind" => job.kind.clone(), "outcome" => word).increment(1);
        Ok(())
    }
}

fn words_of(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}
