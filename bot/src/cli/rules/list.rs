//! `whyred rules list|show`

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use classifiers::{Classifier, Rule};

use super::{Format, configured_packs};
use crate::cli::terminal;
use crate::triage::load_classifier;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Only rules whose id, pack or category contains this
    filter: Option<String>,

    /// How to print the list
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) fn list(args: &Args, config: Option<&Path>) -> anyhow::Result<ExitCode> {
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
                .map(|rule| serde_json::json!({ "id": rule.id, "pack": rule.pack, "category": rule.category, "owner": rule.owner, "priority": rule.priority, "weak": rule.weak, "shadow": rule.shadow }))
                .collect();
            writeln!(out, "{}", serde_json::to_string_pretty(&all)?)?;
        }
        Format::Text => {
            for rule in &rules {
                let faint = terminal::FAINT;
                writeln!(
                    out,
                    "{:<44} {:<22} {faint}{:>3}  {}{}{faint:#}",
                    rule.id,
                    rule.category,
                    rule.priority,
                    rule.owner,
                    if rule.shadow { ", on trial" } else { "" }
                )?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn show(id: &str, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let classifier: Classifier = load_classifier(&configured_packs(config)?)?;
    let Some(rule) = classifier.rules().iter().find(|rule| rule.id == id) else {
        anyhow::bail!("no rule is called `{id}`: `whyred rules list PART` finds it by a part of its name");
    };
    let mut out = terminal::stdout();
    let strong = terminal::STRONG;
    writeln!(out, "{strong}{}{strong:#} (pack {})", rule.id, rule.pack)?;
    writeln!(
        out,
        "category  {}\nowner     {}\npriority  {}{}{}",
        rule.category,
        rule.owner,
        rule.priority,
        if rule.weak { ", weak" } else { "" },
        if rule.shadow { ", on trial" } else { "" }
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
