//! The figures of a folder, and how they are printed.

use std::{collections::BTreeMap, io::Write};

use serde::Serialize;

use crate::score::Outcome;

/// All figures; shares are 0–1.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    pub(crate) logs: usize,
    pub(crate) failures: usize,
    pub(crate) category: f64,
    pub(crate) category_strict: f64,
    pub(crate) macro_f1: f64,
    pub(crate) key_line: f64,
    pub(crate) key_line_exact: f64,
    pub(crate) key_line_in_block: f64,
    pub(crate) key_line_top_three: f64,
    pub(crate) confidently_wrong: f64,
    pub(crate) false_alarms: usize,
    pub(crate) owner: f64,
    pub(crate) explains_recall: f64,
    pub(crate) explains_precision: f64,
    pub(crate) excerpt_lines_median: usize,
    pub(crate) calibration_error: f64,
    pub(crate) calibration: Vec<Bin>,
    pub(crate) categories: BTreeMap<String, Row>,
}

/// The logs whose verdicts were about equally confident.
#[derive(Debug, Serialize)]
pub(crate) struct Bin {
    pub(crate) logs: usize,
    pub(crate) confidence: f64,
    pub(crate) right: f64,
}

/// The figures of one category.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Row {
    pub(crate) labelled: usize,
    pub(crate) said: usize,
    pub(crate) right: usize,
    pub(crate) key_right: usize,
}

impl Row {
    fn f1(&self) -> f64 {
        if self.labelled + self.said == 0 {
            0.0
        } else {
            2.0 * self.right as f64 / (self.labelled + self.said) as f64
        }
    }
}

impl Figures {
    pub(crate) fn of(outcomes: &[&Outcome]) -> Figures {
        let failures: Vec<&Outcome> =
            outcomes.iter().copied().filter(|outcome| !outcome.label.passes()).collect();
        let owners: Vec<bool> = failures.iter().filter_map(|outcome| outcome.owner_right()).collect();
        let explained: Vec<(f64, f64)> = failures.iter().filter_map(|outcome| outcome.explained()).collect();
        let categories = rows(outcomes);
        let calibration = bins(outcomes);
        let labelled: Vec<&Row> = categories.values().filter(|row| row.labelled > 0).collect();
        Figures {
            logs: outcomes.len(),
            failures: failures.len(),
            category: share(outcomes, Outcome::right),
            category_strict: share(outcomes, Outcome::strictly_right),
            macro_f1: mean(labelled.iter().map(|row| row.f1())),
            key_line: share(&failures, Outcome::key_right),
            key_line_exact: share(&failures, Outcome::key_exact),
            key_line_in_block: share(&failures, Outcome::key_in_block),
            key_line_top_three: share(&failures, Outcome::key_in_top_three),
            confidently_wrong: share(outcomes, Outcome::confidently_wrong),
            false_alarms: outcomes.iter().filter(|outcome| outcome.false_alarm()).count(),
            owner: mean(owners.iter().map(|right| f64::from(u8::from(*right)))),
            explains_recall: mean(explained.iter().map(|(recall, _)| *recall)),
            explains_precision: mean(explained.iter().map(|(_, precision)| *precision)),
            excerpt_lines_median: median(failures.iter().map(|outcome| outcome.got.excerpt.len()).collect()),
            calibration_error: calibration_error(&calibration, outcomes.len()),
            calibration,
            categories,
        }
    }
}

fn rows(outcomes: &[&Outcome]) -> BTreeMap<String, Row> {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for outcome in outcomes {
        let row = rows.entry(outcome.label.category.to_string()).or_default();
        row.labelled += 1;
        row.right += usize::from(outcome.right());
        row.key_right += usize::from(outcome.key_right());
        rows.entry(outcome.counted_as().to_string()).or_default().said += 1;
    }
    rows
}

fn share(outcomes: &[&Outcome], holds: impl Fn(&Outcome) -> bool) -> f64 {
    mean(outcomes.iter().map(|outcome| f64::from(u8::from(holds(outcome)))))
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0_usize), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { 0.0 } else { sum / count as f64 }
}

fn median(mut values: Vec<usize>) -> usize {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

/// Ten bins by stated confidence, without the empty ones.
fn bins(outcomes: &[&Outcome]) -> Vec<Bin> {
    let bin =
        |outcome: &Outcome| (0..9).find(|at| outcome.got.confidence < f64::from(at + 1) / 10.0).unwrap_or(9);
    let all = (0..10).map(|number| {
        let inside: Vec<&Outcome> =
            outcomes.iter().copied().filter(|outcome| bin(outcome) == number).collect();
        Bin {
            logs: inside.len(),
            confidence: mean(inside.iter().map(|outcome| outcome.got.confidence)),
            right: share(&inside, Outcome::right),
        }
    });
    all.filter(|bin| bin.logs > 0).collect()
}

/// Expected calibration error: how far stated confidence and the share of right categories lie apart.
fn calibration_error(bins: &[Bin], logs: usize) -> f64 {
    bins.iter().map(|bin| (bin.confidence - bin.right).abs() * bin.logs as f64 / logs.max(1) as f64).sum()
}

/// The outcomes in two parts, where the labels name projects: those that may be read, and those held out.
pub(crate) fn split<'o>(name: &str, outcomes: &'o [Outcome]) -> Vec<(String, Vec<&'o Outcome>)> {
    let part = |held: bool| -> Vec<&Outcome> {
        outcomes.iter().filter(|outcome| outcome.label.held_out().unwrap_or(false) == held).collect()
    };
    let parts = [(format!("{name}, read"), part(false)), (format!("{name}, held out"), part(true))];
    parts.into_iter().filter(|(_, outcomes)| !outcomes.is_empty()).collect()
}

/// Prints the figures for people.
pub(crate) fn print(name: &str, figures: &Figures) {
    let percent = |share: f64| format!("{:5.1} %", 100.0 * share);
    line(&format!("\n{name}: {} logs, {} of them failures", figures.logs, figures.failures));
    let rows = [
        (
            "category right",
            percent(figures.category),
            format!("strictly {}", percent(figures.category_strict)),
        ),
        ("macro-F1", percent(figures.macro_f1), String::new()),
        (
            "key line right",
            percent(figures.key_line),
            format!(
                "exact text {}, in the block {}",
                percent(figures.key_line_exact),
                percent(figures.key_line_in_block)
            ),
        ),
        ("key line in top three", percent(figures.key_line_top_three), String::new()),
        ("confident but wrong", percent(figures.confidently_wrong), String::new()),
        (
            "passing called failed",
            format!("{:5}", figures.false_alarms),
            format!("of {}", figures.logs - figures.failures),
        ),
        ("owner right", percent(figures.owner), String::new()),
        (
            "lines to see, recall",
            percent(figures.explains_recall),
            format!("precision {}", percent(figures.explains_precision)),
        ),
        ("excerpt lines, median", format!("{:5}", figures.excerpt_lines_median), String::new()),
        ("calibration error", format!("{:7.3}", figures.calibration_error), String::new()),
    ];
    for (what, figure, more) in rows {
        line(format!("  {what:<24}{figure:>8}  {more}").trim_end());
    }
    for bin in &figures.calibration {
        line(&format!(
            "    said {}, right {} of {:>3}",
            percent(bin.confidence),
            percent(bin.right),
            bin.logs
        ));
    }
    line(&format!(
        "  {:<24}{:>8}{:>6}{:>7}{:>10}{:>8}",
        "category", "labelled", "said", "right", "key right", "F1"
    ));
    for (category, row) in &figures.categories {
        line(&format!(
            "  {category:<24}{:>8}{:>6}{:>7}{:>10}{:>8.2}",
            row.labelled,
            row.said,
            row.right,
            row.key_right,
            row.f1()
        ));
    }
}

/// Lists what went wrong. Held-out logs are only counted: whoever reads them can no longer measure with them.
pub(crate) fn print_wrong(outcomes: &[&Outcome], held_out: bool) {
    let wrong = |outcome: &Outcome| !outcome.right() || (!outcome.label.passes() && !outcome.key_right());
    let mut hidden = 0;
    for outcome in outcomes.iter().filter(|outcome| wrong(outcome)) {
        if outcome.label.held_out() == Some(true) && !held_out {
            hidden += 1;
            continue;
        }
        let (got, want) = (&outcome.got, &outcome.label);
        let alternatives =
            want.alt_categories.iter().fold(String::new(), |text, alt| text + " or " + alt.as_str());
        line(&format!(
            "\n{}{}: said {} ({}, {:.2}), want {}{}",
            want.id,
            if outcome.right() { ", key line only" } else { "" },
            got.category,
            got.rule
                .as_deref()
                .or_else(|| got.findings.first().map(|f| f.rule.as_str()))
                .unwrap_or("no rule"),
            got.confidence,
            want.category,
            alternatives,
        ));
        let key = got.key_line.as_ref();
        line(&format!(
            "  got  {:>6} {}",
            key.map_or(0, |key| key.line),
            clip(key.map_or("", |key| key.text.as_str()))
        ));
        line(&format!("  want {:?} {}", want.explains, clip(want.key_string().unwrap_or_default())));
        for finding in got.findings.iter().take(4).skip(1) {
            line(&format!(
                "   also {:>5} {} {}",
                finding.key_line.line,
                finding.rule,
                clip(&finding.key_line.text)
            ));
        }
    }
    if hidden > 0 {
        line(&format!("\n{hidden} wrong ones are held out and not shown"));
    }
}

fn clip(text: &str) -> String {
    text.chars().take(150).collect()
}

/// Writes a line to standard output; a reader that has gone away is no fault of ours.
pub(crate) fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
