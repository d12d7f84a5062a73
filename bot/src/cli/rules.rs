//! `whyred rules check|list|show`

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use classifiers::check::{Report, Sample, check};
use classifiers::{Classifier, PackSource, Rule};
use serde::Deserialize;

use super::log_files::{Progress, open};
use super::terminal;
use crate::triage::{load_classifier, pack_sources};

/// Sub-commands.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Check rule packs: every example must match, every look-alike must not
    Check(CheckArgs),
    /// List the rules in use
    List(ListArgs),
    /// Show one rule whole
    Show {
        /// Its id: `rust.rustc.error`
        id: String,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    /// Packs to check besides the built-in ones: files or folders [default: triage.rules]
    #[arg(value_name = "PACK")]
    packs: Vec<PathBuf>,

    /// Logs to try the rules on: a folder, with a labels.jsonl if some of the logs are green
    #[arg(long, value_name = "FOLDER")]
    logs: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    /// Only rules whose id, pack or category contains this
    filter: Option<String>,

    /// How to print the list
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// A JSON list
    Json,
}

/// Exit code when a pack has faults.
const EXIT_FAULTS: u8 = 1;

pub(super) fn run(command: &Command, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    match command {
        Command::Check(args) => check_packs(args, config),
        Command::List(args) => list(args, config),
        Command::Show { id } => show(id, config),
    }
}

fn configured_packs(config: Option<&Path>) -> anyhow::Result<Vec<PathBuf>> {
    if config.is_none() && !Path::new(crate::config::DEFAULT_FILE).exists() {
        return Ok(Vec::new());
    }
    Ok(crate::config::load(config)?.0.triage.rules)
}

fn check_packs(args: &CheckArgs, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let files = if args.packs.is_empty() { configured_packs(config)? } else { args.packs.clone() };
    let packs: Vec<PackSource> = pack_sources(&files)?;
    let samples = match &args.logs {
        Some(folder) => samples(folder)?,
        None => Vec::new(),
    };
    let tried = samples.len();
    let report =
        check(&packs, samples.into_iter().filter_map(|(name, path, green)| read(&name, &path, green)));
    print(&report, tried)?;
    Ok(if report.errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FAULTS) })
}

fn print(report: &Report, tried: usize) -> anyhow::Result<()> {
    let mut out = terminal::stdout();
    let (bad, unsure, good) = (terminal::BAD, terminal::UNSURE, terminal::GOOD);
    for error in &report.errors {
        writeln!(out, "{bad}fault{bad:#} {error}")?;
    }
    for id in &report.unsearchable {
        writeln!(
            out,
            "{unsure}slow{unsure:#}  {id}: no literal of three characters must be present, so every line is tried"
        )?;
    }
    for (id, by) in &report.shadowed {
        writeln!(
            out,
            "{unsure}note{unsure:#}  {id}: wherever it fires, {by} fires on the same line and wins"
        )?;
    }
    for (id, log) in &report.green {
        writeln!(out, "{unsure}note{unsure:#}  {id}: fires on the green log {log}")?;
    }
    if tried > 0 {
        for id in &report.silent {
            writeln!(out, "{unsure}note{unsure:#}  {id}: fires on none of the {tried} logs")?;
        }
    }
    if report.errors.is_empty() {
        writeln!(out, "{good}ok{good:#}    {} rules", report.rules)?;
    }
    Ok(())
}

/// One line of a labelled corpus, as far as it matters here.
#[derive(Debug, Deserialize)]
struct Label {
    id: String,
    file: PathBuf,
    category: String,
}

/// The logs of a folder: those that its labels name, or every file in it.
fn samples(folder: &Path) -> anyhow::Result<Vec<(String, PathBuf, bool)>> {
    let labels = folder.join("labels.jsonl");
    if labels.exists() {
        let text = std::fs::read_to_string(&labels)
            .with_context(|| format!("{} cannot be read", labels.display()))?;
        return text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| {
                let label: Label = serde_json::from_str(line)
                    .with_context(|| format!("a label in {} cannot be read", labels.display()))?;
                Ok((label.id, folder.join(label.file), label.category == "none"))
            })
            .collect();
    }
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("the folder {} cannot be read", folder.display()))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    Ok(files.into_iter().map(|path| (path.display().to_string(), path, false)).collect())
}

fn read(name: &str, path: &Path, green: bool) -> Option<Sample> {
    let mut bytes = Vec::new();
    let file = path.display().to_string();
    let progress = Progress::over(&[]);
    match File::open(path)
        .and_then(|_| open(&file, &progress))
        .and_then(|mut source| source.read_to_end(&mut bytes))
    {
        Ok(_) => Some(Sample { name: name.to_owned(), bytes, green }),
        Err(error) => {
            terminal::complain(&anyhow::Error::new(error).context(format!("{file} is left out")));
            None
        }
    }
}

fn list(args: &ListArgs, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let classifier = load_classifier(&configured_packs(config)?)?;
    let filter = args.filter.as_deref().unwrap_or_default();
    let fits = |rule: &&Rule| {
        rule.id.contains(filter) || rule.pack.contains(filter) || rule.category.as_str().contains(filter)
    };
    let rules: Vec<&Rule> = classifier.rules().iter().filter(fits).collect();
    let mut out = terminal::stdout();
    match args.format {
        Format::Json => {
            let all: Vec<_> = rules
                .iter()
                .map(|rule| serde_json::json!({ "id": rule.id, "pack": rule.pack, "category": rule.category, "owner": rule.owner, "priority": rule.priority, "weak": rule.weak }))
                .collect();
            writeln!(out, "{}", serde_json::to_string_pretty(&all)?)?;
        }
        Format::Text => {
            for rule in &rules {
                let faint = terminal::FAINT;
                writeln!(
                    out,
                    "{:<44} {:<22} {faint}{:>3}  {}{faint:#}",
                    rule.id, rule.category, rule.priority, rule.owner
                )?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(id: &str, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let classifier: Classifier = load_classifier(&configured_packs(config)?)?;
    let Some(rule) = classifier.rules().iter().find(|rule| rule.id == id) else {
        anyhow::bail!("no rule is called `{id}`: `whyred rules list PART` finds it by a part of its name");
    };
    let mut out = terminal::stdout();
    let strong = terminal::STRONG;
    writeln!(out, "{strong}{}{strong:#} (pack {})", rule.id, rule.pack)?;
    writeln!(
        out,
        "category  {}\nowner     {}\npriority  {}{}",
        rule.category,
        rule.owner,
        rule.priority,
        if rule.weak { ", weak" } else { "" }
    )?;
    for pattern in rule.patterns() {
        writeln!(out, "match     {pattern}")?;
    }
    writeln!(out, "explain   {}", rule.explain)?;
    for fix in &rule.fix {
        writeln!(out, "fix       {fix}")?;
    }
    for (name, samples) in [("example", &rule.examples), ("not", &rule.not)] {
        for sample in samples {
            writeln!(out, "{name:<9} {}", sample.trim_end().replace('\n', "\n          "))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
