//! Measures how often Whyred is right, on folders of labelled logs, and holds it to floors.

mod bench;
mod corpus;
mod floors;
mod redaction;
mod report;
mod score;
mod told;

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
    Triage(TriageArgs),
    /// Score redaction on folders with a secrets.jsonl.
    Redaction {
        /// Folders with secrets.jsonl.
        #[arg(required = true)]
        folders: Vec<PathBuf>,
    },
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

#[derive(clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
struct TriageArgs {
    /// Folders with labels.jsonl.
    #[arg(required = true)]
    folders: Vec<PathBuf>,
    /// List what went wrong.
    #[arg(long)]
    wrong: bool,
    /// With --wrong: the held-out part too. Look there only when nothing more will be changed.
    #[arg(long)]
    held_out: bool,
    /// Print logs whose label names a project in two parts: those that may be read, and those held out.
    #[arg(long)]
    split: bool,
    /// One JSON object instead of text.
    #[arg(long)]
    json: bool,
    /// Fail below the floors in evals/floors.toml.
    #[arg(long)]
    floors: bool,
    #[command(flatten)]
    rules: RulesArgs,
}

fn main() -> Result<ExitCode> {
    match Cli::parse().command {
        Command::Triage(args) => triage(&args),
        Command::Redaction { folders } => redaction::run(&folders),
        Command::Bench { log, runs, rules } => bench::run(&classifier(&rules)?, &log, runs),
        Command::Tell { logs, whole, rules } => {
            told::run(&classifier(&rules)?, &logs, whole).map(|()| ExitCode::SUCCESS)
        }
        Command::Rules { rules, folders } => check(&rules, &folders),
    }
}

fn triage(args: &TriageArgs) -> Result<ExitCode> {
    let classifier = classifier(&args.rules)?;
    let mut json = serde_json::Map::new();
    let mut held = true;
    for folder in &args.folders {
        let outcomes = score::folder(&classifier, folder)?;
        let name = folder
            .file_name()
            .map_or_else(|| folder.display().to_string(), |n| n.to_string_lossy().into_owned());
        let parts = if args.split {
            report::split(&name, &outcomes)
        } else {
            vec![(name.clone(), outcomes.iter().collect())]
        };
        for (part, outcomes) in parts {
            let figures = report::Figures::of(&outcomes);
            if args.json {
                json.insert(part.clone(), serde_json::to_value(&figures)?);
            } else {
                report::print(&part, &figures);
                if args.wrong {
                    report::print_wrong(&outcomes, args.held_out);
                }
            }
            if args.floors {
                held &= floors::hold(&part, &figures)?;
            }
        }
    }
    if args.json {
        report::line(&serde_json::to_string_pretty(&json)?);
    }
    Ok(if held { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn check(rules: &RulesArgs, folders: &[PathBuf]) -> Result<ExitCode> {
    let packs = rules.rules.as_deref().map(packs).transpose()?.unwrap_or_default();
    let mut samples = Vec::new();
    for folder in folders {
        samples.extend(corpus::samples(folder)?);
    }
    let report = classifiers::check::check(&packs, samples.into_iter());
    report::line(&format!("{} rules", report.rules));
    for error in &report.errors {
        report::line(&format!("ERROR {error}"));
    }
    for id in &report.unsearchable {
        report::line(&format!("no required text: {id}"));
    }
    for (id, winner) in &report.shadowed {
        report::line(&format!("always loses: {id} (to {winner})"));
    }
    for (id, log) in &report.green {
        report::line(&format!("fires on a green log: {id} ({log})"));
    }
    report::line(&format!("never fired here: {}", report.silent.len()));
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
