//! `whyred rules check|draft|list|show|feedback`

mod check;
mod draft;
mod feedback;
mod list;
mod logs;
mod told;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Sub-commands.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Check rule packs: do their examples hold, and what do they do on logs?
    Check(check::Args),
    /// Propose a rule from lines of a log
    Draft(draft::Args),
    /// List the rules in use
    List(list::Args),
    /// Show one rule whole
    Show {
        /// Its id: `rust.rustc.error`
        id: String,
    },
    /// Show what people think of the verdicts of each rule, and what they say it was instead
    Feedback(feedback::Args),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

pub(super) fn run(command: &Command, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    match command {
        Command::Check(args) => check::run(args, config),
        Command::Draft(args) => draft::run(args, config),
        Command::List(args) => list::list(args, config),
        Command::Feedback(args) => feedback::run(args, config),
        Command::Show { id } => list::show(id, config),
    }
}

fn configured_packs(config: Option<&Path>) -> anyhow::Result<Vec<PathBuf>> {
    if config.is_none() && !Path::new(crate::config::DEFAULT_FILE).exists() {
        return Ok(Vec::new());
    }
    Ok(crate::config::load(config)?.0.triage.rules)
}
