//! `whyred rules check`: are the packs in order, and what do their rules do on logs?

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use classifiers::check::{Report, Trial};

use super::logs::{Log, find};
use super::{Format, configured_packs, told};
use crate::cli::terminal;
use crate::triage::pack_sources;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Packs to check on top of the built-in ones: files or folders [default: triage.rules]
    #[arg(value_name = "PACK")]
    packs: Vec<PathBuf>,

    /// Logs to try the rules on: folders with a labels.jsonl, or with .log, .txt and .gz files, where those in a folder
    /// called green or passing passed
    #[arg(long, value_name = "FOLDER", num_args = 1.., alias = "logs")]
    against: Vec<PathBuf>,

    /// Folders of logs that all passed
    #[arg(long, value_name = "FOLDER", num_args = 1..)]
    green: Vec<PathBuf>,

    /// The packs before the edit, to tell which verdicts change [default: the built-in ones alone]
    #[arg(long, value_name = "PACK", num_args = 1..)]
    before: Vec<PathBuf>,

    /// How to print what was found
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Exit code when a pack has faults or a rule is too broad.
const EXIT_FAULTS: u8 = 1;

pub(super) fn run(args: &Args, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let packs = if args.packs.is_empty() { configured_packs(config)? } else { args.packs.clone() };
    let trial = Trial::of(&pack_sources(&packs)?, &pack_sources(&args.before)?);
    let report = read(&trial, &find(&args.against, &args.green)?);
    match args.format {
        Format::Text => told::people(&mut terminal::stdout(), &report)?,
        Format::Json => told::json(&mut terminal::stdout(), &report)?,
    }
    Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FAULTS) })
}

/// Tries the rules on the logs, on all processors. The report does not depend on who read which log. A log that cannot be
/// read is named and left out.
pub(super) fn read(trial: &Trial, logs: &[Log]) -> Report {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get).min(logs.len());
    let mut whole = trial.tally();
    let mut unread: Vec<(usize, std::io::Error)> = Vec::new();
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let (mut tally, mut unread) = (trial.tally(), Vec::new());
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let Some(log) = logs.get(number) else { return (tally, unread) };
                        let open = || classifiers::log::open(&log.path);
                        if let Err(error) = tally.read(number, &log.name, log.green, open) {
                            unread.push((number, error));
                        }
                    }
                })
            })
            .collect();
        for reader in readers {
            match reader.join() {
                Ok((tally, errors)) => {
                    whole.merge(tally);
                    unread.extend(errors);
                }
                // A thread that fell has told why already; its panic goes on here.
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    unread.sort_by_key(|(number, _)| *number);
    for (number, error) in unread {
        let context = format!("{} is left out", logs[number].path.display());
        terminal::complain(&anyhow::Error::new(error).context(context));
    }
    whole.report()
}
