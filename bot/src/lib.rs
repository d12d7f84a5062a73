//! What happens when: the library behind the binary `whyred`.
//!
//! Start reading at [`triage`]: it is the story of a failure from log to message. [`intake`] stands before it, [`notify`]
//! behind it, [`ask`] and [`remedy`] beside it.

pub mod app;
pub mod ask;
pub mod cli;
pub mod config;
pub mod counters;
pub mod explain;
pub mod forms;
pub mod intake;
pub mod jobs;
mod lost;
pub mod notify;
pub mod queue;
pub mod redaction;
pub mod remedy;
pub mod run;
pub mod runbooks;
pub mod slack_teams;
pub mod store;
pub mod text;
pub mod triage;
pub mod web;
