//! `whyred baseline learn|show`

use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use classifiers::baseline::{Learner, News, Newsreader};
use classifiers::{Baseline, Classifier, Hints, Verdict};

use super::log_files::{self, Progress};
use super::terminal;

/// Sub-commands.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Learn the logs of green runs of one job
    Learn(LearnArgs),
    /// Show the lines of a log that no green run printed
    Show(ShowArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct LearnArgs {
    /// Logs of green runs, oldest first; `-` is standard input, `.gz` is read as it is
    #[arg(required = true, value_name = "LOG")]
    logs: Vec<String>,

    /// Where to keep what was learned; what the file holds already is kept
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// Learn logs too that look red
    #[arg(long)]
    red_too: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct ShowArgs {
    /// What was learned
    #[arg(value_name = "FILE")]
    baseline: PathBuf,

    /// The log to compare; `-` is standard input, `.gz` is read as it is
    #[arg(value_name = "LOG")]
    log: String,

    /// Show this many lines, the most telling ones
    #[arg(long, value_name = "N", default_value_t = 40)]
    lines: usize,
}

/// Bytes read at a time.
const PIECE: usize = 256 * 1024;

pub(super) fn run(command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Learn(args) => learn(args),
        Command::Show(args) => show(args),
    }
}

/// Reads a baseline from its file.
pub(super) fn load(file: &Path) -> anyhow::Result<Baseline> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    Baseline::decode(&bytes).with_context(|| format!("cannot use {}", file.display()))
}

fn learn(args: &LearnArgs) -> anyhow::Result<ExitCode> {
    let mut baseline = if args.out.exists() { load(&args.out)? } else { Baseline::default() };
    let classifier = Classifier::builtin().context("the built-in rules do not load")?;
    let progress = Progress::over(&args.logs);
    let mut all_learned = true;
    for file in &args.logs {
        progress.reading(file);
        match learn_one(file, &progress, &classifier) {
            Ok((_, true)) if !args.red_too => {
                all_learned = false;
                terminal::complain(&anyhow::anyhow!(
                    "{file} is left out: it looks red, and what is learned from it would count as usual; --red-too learns it"
                ));
            }
            Ok((learned, _)) => baseline.merge(&learned),
            Err(error) => {
                all_learned = false;
                terminal::complain(&anyhow::Error::new(error).context(format!("cannot read {file}")));
            }
        }
    }
    progress.done();
    let bytes = baseline.encode();
    save(&args.out, &bytes).with_context(|| format!("cannot write {}", args.out.display()))?;
    writeln!(
        terminal::stdout(),
        "{}: {} runs learned, {} lines known, {} bytes",
        args.out.display(),
        baseline.runs(),
        baseline.lines(),
        bytes.len()
    )?;
    Ok(if all_learned { ExitCode::SUCCESS } else { ExitCode::from(super::EXIT_CANNOT) })
}

/// What a log teaches, and whether it looks red.
fn learn_one(file: &str, progress: &Progress, classifier: &Classifier) -> std::io::Result<(Baseline, bool)> {
    let mut learner = Learner::default();
    let mut session = classifier.session(Hints::default());
    each_piece(log_files::open(file, progress)?, |piece| {
        learner.push(piece);
        session.push(piece);
    })?;
    Ok((learner.finish(), session.finish().verdict == Verdict::Failed))
}

fn each_piece(mut source: impl Read, mut take: impl FnMut(&[u8])) -> std::io::Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        match source.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(length) => take(&piece[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Writes the file whole or not at all.
fn save(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(".part");
    std::fs::write(&beside, bytes)?;
    std::fs::rename(&beside, file)
}

fn show(args: &ShowArgs) -> anyhow::Result<ExitCode> {
    let baseline = load(&args.baseline)?;
    let mut reader = Newsreader::new(&baseline, args.lines);
    let source = log_files::open(&args.log, &Progress::over(std::slice::from_ref(&args.log)));
    source
        .and_then(|source| each_piece(source, |piece| reader.push(piece)))
        .with_context(|| format!("cannot read {}", args.log))?;
    let mut out = terminal::stdout();
    let news = reader.finish();
    if news.is_empty() {
        writeln!(
            out,
            "Nothing is new: each line stands in the {} green runs that were learned.",
            baseline.runs()
        )?;
    }
    let faint = terminal::FAINT;
    for News { line, text, score } in news {
        writeln!(out, "{faint}{line:>7} {score:>5.1}{faint:#}  {text}")?;
    }
    Ok(ExitCode::SUCCESS)
}
