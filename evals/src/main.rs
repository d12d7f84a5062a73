//! Measures how often Whyred is right, on folders of labelled logs, and holds it to floors.

mod bench;
mod corpus;
mod figure;
mod flaky;
mod floors;
mod grouping;
mod readme;
mod redaction;
mod report;
mod stats;
mod told;
mod triage;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use classifiers::{Classifier, PackSource};

/// Measure accuracy on labelled logs.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Score the verdicts on folders with a labels.jsonl.
    Triage(triage::TriageArgs),
    /// Score redaction: planted secrets, and ordinary lines.
    Redaction(redaction::RedactionArgs),
    /// Print how fast a log is read, from its bytes to the verdict.
    Bench {
        /// The log; .gz is decompressed first.
        log: PathBuf,
        /// How often.
        #[arg(long, default_value_t = 5)]
        runs: usize,
        #[command(flatten)]
        rules: RulesArgs,
    },
    /// Print what is told about logs, without labels.
    Tell {
        /// The logs.
        #[arg(required = true)]
        logs: Vec<PathBuf>,
        /// With the excerpts.
        #[arg(long)]
        whole: bool,
        #[command(flatten)]
        rules: RulesArgs,
    },
    /// Hold the committed corpora to their floors, or raise the floors to what is reached now.
    Floors(floors::FloorsArgs),
    /// Write the current figures into evals/README.md.
    Readme(readme::ReadmeArgs),
    /// Score verdicts from history on simulated histories.
    Flaky(flaky::FlakyArgs),
    /// Score fingerprints on pairs made from folders with a labels.jsonl.
    Grouping(grouping::GroupingArgs),
    /// Check rule packs: examples, texts to search for, and how they do on folders of logs.
    Rules {
        #[command(flatten)]
        rules: RulesArgs,
        /// Folders with a labels.jsonl.
        folders: Vec<PathBuf>,
    },
}

#[derive(clap::Args)]
struct RulesArgs {
    /// Read the rule packs of this folder instead of the built-in ones; broken rules are told and left out.
    #[arg(long, value_name = "FOLDER")]
    rules: Option<PathBuf>,
}

fn main() -> Result<ExitCode> {
    match Cli::parse().command {
        Command::Triage(args) => triage::run(&args).map(code),
        Command::Redaction(args) => redaction::run(&args).map(code),
        Command::Bench { log, runs, rules } => bench::run(&classifier(&rules)?, &log, runs),
        Command::Tell { logs, whole, rules } => {
            told::run(&classifier(&rules)?, &logs, whole).map(|()| ExitCode::SUCCESS)
        }
        Command::Readme(args) => readme::run(&args).map(code),
        Command::Floors(args) => floors::run(&args).map(code),
        Command::Grouping(args) => grouping::run(&classifier(&RulesArgs { rules: None })?, &args).map(code),
        Command::Flaky(args) => flaky::run(&args).map(code),
        Command::Rules { rules, folders } => check(&rules, &folders),
    }
}

/// What to tell the shell.
fn code(good: bool) -> ExitCode {
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn check(rules: &RulesArgs, folders: &[PathBuf]) -> Result<ExitCode> {
    let packs = rules.rules.as_deref().map(packs).transpose()?.unwrap_or_default();
    let mut samples = Vec::new();
    for folder in folders {
        samples.extend(corpus::samples(folder)?);
    }
    let report = classifiers::check::check(&packs, samples.into_iter());
    report::line(&format!("{} rules", report.counts.len()));
    for error in &report.errors {
        report::line(&format!("ERROR {error}"));
    }
    for rule in &report.unsearchable {
        report::line(&format!("no required text: {}", rule.id));
    }
    for rule in &report.common {
        report::line(&format!("no rare text: {} (found in vain {} times in 10 MB)", rule.id, rule.lines));
    }
    for (id, winner) in report.shadowed() {
        report::line(&format!("always loses: {id} (to {winner})"));
    }
    for count in report.counts.iter().filter(|count| count.green > 0 && !count.weak) {
        let logs = count.green_logs.join(", ");
        report::line(&format!(
            "fires on green logs: {} ({} of {}: {logs})",
            count.id, count.green, report.green
        ));
    }
    report::line(&format!("never fired here: {}", report.silent().count()));
    Ok(if report.errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The built-in rules, or those of a folder without the broken ones.
fn classifier(args: &RulesArgs) -> Result<Classifier> {
    let Some(folder) = &args.rules else { return Ok(Classifier::builtin()?) };
    let (classifier, errors) = Classifier::lenient(&packs(folder)?);
    for error in &errors.0 {
        eprintln!("{error}");
    }
    Ok(classifier)
}

fn packs(folder: &std::path::Path) -> Result<Vec<PackSource>> {
    let mut packs = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            packs.push(PackSource { name, text: std::fs::read_to_string(&path)? });
        }
    }
    if packs.is_empty() {
        bail!("{} holds no .toml file", folder.display());
    }
    packs.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(packs)
}
