//! The story of a failure: one call for each stage, one file a stage.
//!
//! `collect → classify → group → (retrieve → explain → route → outbox)`. The part in brackets is [`publish()`]: it makes
//! the message from what is stored, so anything that changes what is known (a further run, a click, late news about what
//! changed) just stores it and publishes again.

mod audience;
mod classify;
mod collect;
mod enrich;
mod episode;
pub mod filter;
mod group;
mod history;
mod judge;
mod learn;
mod publish;
mod retrieve;
mod retry;
mod rollup;
pub mod route;
mod rules;
mod snooze;
mod story;
pub mod wish;

use adapters::ci::CiError;
use adapters::event::RunRef;

use crate::app::App;
use crate::jobs::read_again_later;
use crate::queue::JobError;
use crate::store::StoreError;

pub(crate) use audience::fixed as fixed_subscriptions;
pub use audience::{Listener, may_hear};
pub use enrich::enrich;
pub(crate) use enrich::owners_of;
pub use episode::settled;
pub use history::Tally;
pub(crate) use history::{is_main, tally};
pub use learn::learn;
pub(crate) use publish::subject_for_filters;
pub use publish::{publish, subject_of};
pub use retrieve::passage_of;
pub use retry::retry_wait;
pub use rollup::roll_up;
pub use rules::{load_classifier, pack_sources};
pub use snooze::snooze;
pub(crate) use story::primary_job;
pub use story::{run_of, story_of};

/// What can stop a triage.
#[derive(Debug, thiserror::Error)]
pub enum TriageError {
    /// The provider did not give what was needed.
    #[error(transparent)]
    Provider(#[from] CiError),
    /// The database did not take or give something.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A surface did not say which conversation is meant.
    #[error(transparent)]
    Surface(#[from] adapters::chat::ChatError),
    /// The classifier's thread ended without a verdict.
    #[error("the log could not be judged: {0}")]
    JudgeFell(String),
    /// The source was taken out of the configuration.
    #[error("the source `{0}` is no longer configured: configure it again, or drop this job")]
    NoSource(String),
    /// Something stored does not read back.
    #[error("stored data of {what} cannot be read: {why}")]
    Unreadable {
        /// What it is about.
        what: String,
        /// The reader's word.
        why: String,
    },
}

impl TriageError {
    /// What the queue should do about it.
    pub fn into_job_error(self) -> JobError {
        match &self {
            Self::Provider(CiError::RateLimited { after, .. }) => {
                JobError::retry_after(*after, self.to_string())
            }
            Self::Provider(provider) if !provider.is_transient() => JobError::fatal(self.to_string()),
            Self::NoSource(_) | Self::Unreadable { .. } => JobError::fatal(self.to_string()),
            Self::Provider(_) | Self::Surface(_) | Self::Store(_) | Self::JudgeFell(_) => {
                JobError::retry(self.to_string())
            }
        }
    }
}

/// A run, or a job of it, failed: find out why and say so. Safe to repeat: what was read before is not read again.
pub async fn run_failed(app: &App, at: &RunRef) -> Result<(), TriageError> {
    let Some(run) = collect::current_run(app, at).await? else {
        tracing::debug!(run = %at, "superseded by a later attempt: not told");
        return retry::remember_quietly(app, at).await;
    };
    let jobs = collect::failed_jobs(app, &run).await?;
    let readings = classify::read_jobs(app, &run, jobs).await?;
    let again = readings.again();
    if let Some(breakage) = group::remember_failure(app, &run, readings).await? {
        publish(app, &breakage.id).await?;
        enrich::later(app, &breakage).await?;
    }
    if again {
        let mut tx = app.store.begin().await?;
        read_again_later(&mut tx, &run).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// A run ended well: if its pipeline was broken before, it is fixed now.
pub async fn run_passed(app: &App, at: &RunRef) -> Result<(), TriageError> {
    let Some(run) = collect::green_run(app, at).await? else { return Ok(()) };
    if let Some(breakage) = group::remember_fix(app, &run).await? {
        publish(app, &breakage.id).await?;
    }
    learn::later(app, &run).await
}
