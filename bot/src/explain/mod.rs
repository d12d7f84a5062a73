//! From what is known about a failure to what is said about it.
//!
//! An explanation is a list of claims with citations: log lines (`log:128-131`) or runbook passages
//! (`runbook:<id>#<heading>`). Everything here is pure: the same facts give the same message, so a message can be made
//! again at any time from what is stored.

mod detail;
mod excerpt;
mod failure;
mod story;
mod together;
mod whose_move;

pub use detail::detail_message;
pub use excerpt::{excerpt_of, log_citation};
pub(crate) use failure::passage_citation;
pub use failure::{failure_message, folded_message};
pub use story::{Cure, FailureStory, History, JobReading, Origin, Passage, Phase, RELEVANT, RerunState};
pub use together::{incident_message, quiet_message};
pub use whose_move::{Move, whose_move};

#[cfg(test)]
mod tests;
