//! `evals triage`: how often the verdicts on labelled logs are right.

mod calibration;
mod compare;
mod misses;
mod part;
mod score;
mod tables;
mod tally;

use std::path::PathBuf;

use anyhow::Result;
use classifiers::Classifier;

use crate::{
    RulesArgs, classifier, corpus, floors,
    report::{Format, Page, tell},
};
use part::Part;
use score::Outcome;

/// What `evals triage` is asked for.
#[derive(clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct TriageArgs {
    /// Folders with labels.jsonl.
    #[arg(required = true)]
    folders: Vec<PathBuf>,
    /// List everything that went wrong, in full.
    #[arg(long)]
    wrong: bool,
    /// List held-out logs too. Look there only when nothing more will be changed.
    #[arg(long)]
    held_out: bool,
    /// Measure logs whose label names a project in two parts: those that may be read, and those held out.
    #[arg(long)]
    split: bool,
    /// How many of the worst misses to link to.
    #[arg(long, default_value_t = 10, value_name = "N")]
    worst: usize,
    /// How to write the result.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Compare with a result that was saved earlier with --format json.
    #[arg(long, value_name = "FILE")]
    compare: Option<PathBuf>,
    /// Compare with the rule packs of a folder, read by this same build.
    #[arg(long, value_name = "FOLDER", conflicts_with = "compare")]
    compare_rules: Option<PathBuf>,
    /// Fail below the floors in evals/floors.toml.
    #[arg(long)]
    floors: bool,
    /// Without rules and shapes, only told by the label whether the log failed, as a provider would: measures the scorer
    /// for failures that nothing knows.
    #[arg(long, conflicts_with_all = ["rules", "floors"])]
    without_rules: bool,
    #[command(flatten)]
    rules: RulesArgs,
}

/// How the name of a held-out part ends. Its tables would say too much about single logs.
const HELD_OUT: &str = ", held out";

/// Measures, tells, and says whether the floors hold.
pub(crate) fn run(args: &TriageArgs) -> Result<bool> {
    let bases = bases(args)?;
    let classifier = if args.without_rules { Classifier::without_rules() } else { classifier(&args.rules)? };
    let (mut page, mut parts) = (Page::default(), Vec::new());
    for folder in &args.folders {
        let outcomes = score::folder(&classifier, folder, args.without_rules)?;
        for (name, outcomes) in split(&corpus::name(folder), &outcomes, args.split) {
            let part = Part::of(&name, &outcomes);
            part.tell(&mut page, args.held_out || !name.ends_with(HELD_OUT));
            tell_misses(&mut page, &outcomes, args);
            if let Some(bases) = &bases {
                compare::tell(&mut page, bases, &part);
            }
            parts.push(part);
        }
    }
    match args.format {
        Format::Text => tell(&page.text()),
        Format::Markdown => tell(&page.markdown()),
        Format::Json => tell(&format!("{}\n", serde_json::to_string_pretty(&parts)?)),
    }
    if !args.floors {
        return Ok(true);
    }
    let floors = floors::Floors::committed()?;
    let held: Vec<bool> = parts.iter().map(|part| floors.hold(&part.name, &part.figures)).collect();
    Ok(!held.contains(&false))
}

/// The figures alone, for floors and the page of current figures.
pub(crate) fn measure(classifier: &Classifier, folder: &std::path::Path, apart: bool) -> Result<Vec<Part>> {
    let outcomes = score::folder(classifier, folder, false)?;
    let parts = split(&corpus::name(folder), &outcomes, apart);
    Ok(parts.iter().map(|(name, outcomes)| Part::of(name, outcomes)).collect())
}

fn bases(args: &TriageArgs) -> Result<Option<Vec<Part>>> {
    if let Some(file) = &args.compare {
        return compare::saved(file).map(Some);
    }
    let Some(rules) = &args.compare_rules else { return Ok(None) };
    let classifier = classifier(&RulesArgs { rules: Some(rules.clone()) })?;
    let mut parts = Vec::new();
    for folder in &args.folders {
        parts.extend(measure(&classifier, folder, args.split)?);
    }
    Ok(Some(parts))
}

/// The outcomes of a folder, in two parts where that is asked for and the labels name projects.
fn split<'o>(name: &str, outcomes: &'o [Outcome], apart: bool) -> Vec<(String, Vec<&'o Outcome>)> {
    if !apart {
        return vec![(name.to_owned(), outcomes.iter().collect())];
    }
    let part = |held: bool| -> Vec<&Outcome> {
        outcomes.iter().filter(|outcome| outcome.label.held_out().unwrap_or(false) == held).collect()
    };
    let parts = [(format!("{name}, read"), part(false)), (format!("{name}{HELD_OUT}"), part(true))];
    parts.into_iter().filter(|(_, outcomes)| !outcomes.is_empty()).collect()
}

fn tell_misses(page: &mut Page, outcomes: &[&Outcome], args: &TriageArgs) {
    let (worst, hidden) = misses::worst(outcomes, args.held_out);
    if args.wrong {
        page.lines(worst.iter().flat_map(|(miss, outcome)| misses::lines(*miss, outcome)).collect());
    } else {
        let rows = worst.iter().take(args.worst).map(|(miss, outcome)| {
            let link = matches!(args.format, Format::Markdown);
            let mut cells = vec![if link { misses::link(outcome) } else { misses::place(outcome) }];
            cells.extend(misses::cells(*miss, outcome));
            cells
        });
        page.table(&["worst misses", "what", "said", "confidence", "rule", "wanted"], rows.collect());
    }
    if hidden > 0 {
        page.lines(vec![format!("{hidden} wrong ones are held out and not shown")]);
    }
}
