//! `whyred systems`: made from the registries and packs themselves.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use serde::Serialize;

use super::terminal;

/// Flags of the command.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How to print the list
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON object
    Json,
}

#[derive(Debug, Serialize)]
struct System {
    name: String,
    kind: &'static str,
    summary: String,
    works: Vec<String>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let systems = all()?;
    match args.format {
        Format::Json => {
            let mut out = std::io::stdout().lock();
            serde_json::to_writer_pretty(&mut out, &serde_json::json!({ "systems": systems }))?;
            writeln!(out)?;
        }
        Format::Text => {
            let mut out = terminal::stdout();
            let (strong, faint) = (terminal::STRONG, terminal::FAINT);
            for system in &systems {
                writeln!(
                    out,
                    "{strong}{:<18}{strong:#} {:<6} {:<34} {faint}{}{faint:#}",
                    system.name,
                    system.kind,
                    system.works.join(", "),
                    system.summary
                )?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn all() -> anyhow::Result<Vec<System>> {
    let mut systems: Vec<System> = adapters::registry::listed()
        .map(|listed| System {
            name: listed.kind.to_owned(),
            kind: listed.seam,
            summary: listed.summary.to_owned(),
            works: listed.works.iter().map(|capability| capability.word().to_owned()).collect(),
        })
        .collect();
    // A pack is a family of tools whose output is understood.
    let classifier = classifiers::Classifier::builtin().context("the built-in rules do not load")?;
    let mut families: BTreeMap<String, usize> = BTreeMap::new();
    for rule in classifier.rules() {
        let family = rule.pack.trim_end_matches(".toml").to_owned();
        *families.entry(family).or_default() += 1;
    }
    systems.extend(families.into_iter().map(|(name, rules)| System {
        name,
        kind: "rules",
        summary: format!("{rules} rules"),
        works: vec!["rules".to_owned()],
    }));
    Ok(systems)
}
