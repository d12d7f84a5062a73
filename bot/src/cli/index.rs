//! `whyred index`: bring the runbook index up to date.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use super::terminal;

/// Flags of the command.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Further folders of Markdown runbooks, for this time only: the next update takes them out again
    #[arg(value_name = "FOLDER")]
    folders: Vec<std::path::PathBuf>,
}

pub(super) fn run(args: &Args, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let (mut config, _) = crate::config::load(config)?;
    config.knowledge.folders.extend(args.folders.iter().cloned());
    let index = crate::runbooks::open(&config.knowledge)?;
    let report = crate::runbooks::refresh(&index, &config.knowledge)?;
    let mut out = terminal::stdout();
    writeln!(
        out,
        "{}: {} added, {} changed, {} removed, {} unchanged",
        config.knowledge.index.display(),
        report.added,
        report.changed,
        report.removed,
        report.unchanged
    )?;
    for fault in &report.faults {
        let unsure = terminal::UNSURE;
        writeln!(out, "{unsure}left out:{unsure:#} {fault}")?;
    }
    Ok(if report.unread_folders == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
