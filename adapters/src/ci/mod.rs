//! Continuous integration: the [`CiProvider`] seam and one folder a provider.

pub mod github;
pub mod recorded;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use http::HeaderMap;

use crate::event::{Annotation, Changes, Event, Job, Run, RunRef};
use crate::webhook::Refusal;

/// A verified webhook, not yet interpreted: exactly what the inbox keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The sender's id of the delivery: the same one twice changes nothing.
    pub id: String,
    /// What kind of event it says it is (`workflow_job`).
    pub event: String,
}

/// Why a provider call did not give what was asked.
#[derive(Debug, thiserror::Error)]
pub enum CiError {
    /// The thing is gone for good: an expired log, a deleted run. Trying again will not help.
    #[error("{what} is no longer available at {source_name}: {why}")]
    Gone {
        /// What was asked for.
        what: String,
        /// The configured source.
        source_name: String,
        /// The provider's word.
        why: String,
    },
    /// Our credentials do not allow it. Says which permission is missing.
    #[error("{source_name} refused {what}: {why}")]
    Denied {
        /// What was asked for.
        what: String,
        /// The configured source.
        source_name: String,
        /// What to do about it.
        why: String,
    },
    /// The provider asks us to wait.
    #[error("{source_name} asks to wait {} s before {what}", after.as_secs())]
    RateLimited {
        /// What was asked for.
        what: String,
        /// The configured source.
        source_name: String,
        /// How long to wait.
        after: std::time::Duration,
    },
    /// Anything that may work later: network, 5xx, time-out.
    #[error("{source_name} did not answer for {what}: {why}")]
    Unavailable {
        /// What was asked for.
        what: String,
        /// The configured source.
        source_name: String,
        /// What went wrong.
        why: String,
    },
    /// The provider answered something that we do not understand.
    #[error("{source_name} answered unexpectedly for {what}: {why}")]
    Unexpected {
        /// What was asked for.
        what: String,
        /// The configured source.
        source_name: String,
        /// What was wrong with it.
        why: String,
    },
}

impl CiError {
    /// Whether the same call may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::RateLimited { .. } | Self::Unavailable { .. })
    }
}

/// The bytes of a log as they arrive, decompressed. An error ends it; [`log_stays_broken`] tells what it is worth to ask again.
pub type LogStream = BoxStream<'static, Result<Bytes, std::io::Error>>;

/// Whether a log that ended with this error is itself broken or too large, so that it would end so again. Anything else
/// happened on its way to us.
pub fn log_stays_broken(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::InvalidData | std::io::ErrorKind::FileTooLarge)
}

/// A continuous-integration system.
#[async_trait]
pub trait CiProvider: Send + Sync {
    /// The configured name (`github`), which is also the last part of its webhook's path.
    fn name(&self) -> &str;

    /// Checks a webhook over its raw body and says what it is, without interpreting more than that needs.
    fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<Delivery, Refusal>;

    /// Turns a verified webhook into events. Empty for an event that we know and have no use for. Pure.
    fn parse(&self, delivery: &Delivery, body: &[u8]) -> Result<Vec<Event>, Refusal>;

    /// The run as it stands now: its latest attempt, whichever attempt is asked about.
    async fn run(&self, run: &RunRef) -> Result<Run, CiError>;

    /// The jobs of this attempt of a run.
    async fn jobs(&self, run: &RunRef) -> Result<Vec<Job>, CiError>;

    /// One job's log, streamed and decompressed.
    async fn log(&self, run: &RunRef, job: &Job) -> Result<LogStream, CiError>;

    /// What the provider remarked on a job.
    async fn annotations(&self, run: &RunRef, job: &Job) -> Result<Vec<Annotation>, CiError>;

    /// Runs the failed jobs of a run again, as a further attempt.
    async fn rerun_failed(&self, run: &RunRef) -> Result<(), CiError>;

    /// What lies between two revisions of a repository.
    async fn changes(&self, repo: &str, from_sha: &str, to_sha: &str) -> Result<Changes, CiError>;

    /// The labels of the pull requests that a commit belongs to; none where the provider knows no such thing.
    async fn labels(&self, _repo: &str, _sha: &str) -> Result<Vec<String>, CiError> {
        Ok(Vec::new())
    }

    /// A file of a repository at a revision, if it is there (CODEOWNERS and the like); at most 1 MiB.
    async fn file(&self, repo: &str, revision: &str, path: &str) -> Result<Option<String>, CiError>;

    /// The address of one line of a job's log, where the provider has such addresses.
    fn log_line_url(&self, job: &Job, line: u64) -> Option<String>;

    /// Whether the provider can be reached with our credentials: for `doctor` and readiness. `Ok` says what was seen
    /// (`app whyred, 4,812 of 5,000 requests left this hour`).
    async fn check(&self) -> Result<String, CiError>;
}
