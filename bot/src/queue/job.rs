//! What a job is.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::store::Result;
use crate::store::column::{clean, json, new_id, now_ms};

/// A piece of work that survives a crash. Its fields are stored as JSON: keep them small (ids, not contents), and let new
/// fields have defaults, because jobs made by the version before must still be readable.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What all jobs of the application work with.
    type Context: Send + Sync + 'static;

    /// Its name in the database. Never changes once released.
    const KIND: &'static str;

    /// How often it is tried before it becomes a dead letter. With the default pauses, 12 tries take a quarter of an hour.
    const MAX_ATTEMPTS: u32 = 12;

    /// How long one try may take.
    const TIMEOUT: Duration = Duration::from_mins(2);

    /// Does the work. May be called again after it has succeeded (a crash before that was noted), so it must be idempotent.
    fn run(
        &self,
        context: Arc<Self::Context>,
    ) -> impl Future<Output = std::result::Result<(), JobError>> + Send;
}

/// Why a job did not succeed. Any error turns into [`JobError::Retry`] by `?`.
#[derive(Debug)]
pub enum JobError {
    /// Trying again may help.
    Retry {
        /// How long to wait; `None` leaves it to the growing pause.
        after: Option<Duration>,
        /// What went wrong, with its causes.
        why: String,
    },
    /// Trying again will not help.
    Fatal {
        /// What went wrong, and what to do about it.
        why: String,
    },
}

impl JobError {
    /// Trying again may help, after the usual pause.
    pub fn retry(why: impl Into<String>) -> Self {
        Self::Retry { after: None, why: why.into() }
    }

    /// Somebody asks us to wait this long. It does not count as a try.
    pub fn retry_after(after: Duration, why: impl Into<String>) -> Self {
        Self::Retry { after: Some(after), why: why.into() }
    }

    /// Trying again will not help.
    pub fn fatal(why: impl Into<String>) -> Self {
        Self::Fatal { why: why.into() }
    }
}

// `JobError` is no `std::error::Error` itself: only so can every error turn into it.
impl<E: Into<anyhow::Error>> From<E> for JobError {
    fn from(error: E) -> Self {
        Self::retry(format!("{:#}", error.into()))
    }
}

/// How a job is made.
#[derive(Debug, Clone, Default)]
pub struct Enqueue {
    /// Jobs of one lane run one at a time, in the order in which they were made.
    pub lane: Option<String>,
    /// Jobs of one kind with the same key are one, as long as the first has not started.
    pub dedupe_key: Option<String>,
    /// Not before this long.
    pub delay: Duration,
}

impl Enqueue {
    /// At once, on no lane.
    pub fn now() -> Self {
        Self::default()
    }

    /// On a lane.
    #[must_use]
    pub fn lane(mut self, lane: impl Into<String>) -> Self {
        self.lane = Some(lane.into());
        self
    }

    /// Once, however often asked for.
    #[must_use]
    pub fn once(mut self, dedupe_key: impl Into<String>) -> Self {
        self.dedupe_key = Some(dedupe_key.into());
        self
    }

    /// Not before this long.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

/// A job about to be stored.
#[derive(Debug, Clone)]
pub struct NewJob {
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    pub(crate) payload: String,
    pub(crate) lane: Option<String>,
    pub(crate) dedupe_key: Option<String>,
    pub(crate) run_at: i64,
    pub(crate) max_attempts: i64,
}

impl NewJob {
    /// The job as it will be stored.
    pub fn of<J: Job>(job: &J, how: Enqueue) -> Result<Self> {
        let Enqueue { lane, dedupe_key, delay } = how;
        Ok(Self {
            id: new_id(),
            kind: J::KIND,
            payload: json("job", job)?,
            lane: lane.map(|lane| clean(&lane).into_owned()),
            dedupe_key: dedupe_key.map(|key| clean(&key).into_owned()),
            run_at: now_ms().saturating_add(millis(delay)),
            max_attempts: i64::from(J::MAX_ATTEMPTS.max(1)),
        })
    }
}

/// A duration in whole milliseconds.
pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
