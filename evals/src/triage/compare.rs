//! Two builds or two sets of rules on the same logs: what got better, what got worse.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result};

use super::part::{Part, Record};
use crate::{report::Page, stats::sign_test};

/// What becomes of one log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Better,
    Worse,
    /// Another answer, as right or as wrong as before.
    Neutral,
}

/// The results that `--format json` wrote earlier.
pub(crate) fn saved(path: &Path) -> Result<Vec<Part>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| {
        format!(
            "{} is no result of `evals triage --format json`; for a folder of rules take --compare-rules",
            path.display()
        )
    })
}

/// Tells how a part differs from the base's part of the same name.
pub(crate) fn tell(page: &mut Page, bases: &[Part], now: &Part) {
    let Some(base) = bases.iter().find(|base| base.name == now.name) else {
        page.lines(vec![format!("{}: the base has no such part, so nothing is compared", now.name)]);
        return;
    };
    let pairs = pairs(base, now);
    page.heading(format!("{}: {} logs in both, against the base", now.name, pairs.len()));
    page.table(&["measure", "base", "now", "difference"], figures(base, now));
    page.table(&["per log", "better", "worse", "p (sign test)"], tests(&pairs));
    page.lines(changed(&pairs));
}

fn pairs<'p>(base: &'p Part, now: &'p Part) -> Vec<(&'p Record, &'p Record)> {
    let before: BTreeMap<&str, &Record> =
        base.outcomes.iter().map(|record| (record.id.as_str(), record)).collect();
    now.outcomes.iter().filter_map(|record| Some((*before.get(record.id.as_str())?, record))).collect()
}

fn figures(base: &Part, now: &Part) -> Vec<Vec<String>> {
    let row = |figure: &crate::figure::Figure| {
        let before = base.figures.iter().find(|other| other.name == figure.name)?;
        // What is smaller than this came from writing and reading decimals.
        let difference = Some(figure.value - before.value).filter(|by| by.abs() > 1e-9).unwrap_or(0.0);
        let sign = if difference > 0.0 { "+" } else { "" };
        Some(vec![
            figure.title.clone(),
            before.write(before.value),
            figure.write(figure.value),
            format!("{sign}{}", figure.write(difference)),
        ])
    };
    now.figures.iter().filter_map(row).collect()
}

/// A measure that each log passes or fails.
type Passes = fn(&Record) -> bool;

fn tests(pairs: &[(&Record, &Record)]) -> Vec<Vec<String>> {
    let measures: [(&str, Passes); 4] = [
        ("category right", |record| record.category_right),
        ("key line right", |record| record.key_right),
        ("owner right", |record| record.owner_right != Some(false)),
        ("not sure of something wrong", |record| !record.sure_but_wrong),
    ];
    let row = |(title, passes): (&str, Passes)| {
        let count = |before: bool, after: bool| {
            pairs.iter().filter(|(base, now)| passes(base) == before && passes(now) == after).count()
        };
        let (better, worse) = (count(false, true), count(true, false));
        let p = format!("{:.3}", sign_test(better, worse));
        vec![title.to_owned(), better.to_string(), worse.to_string(), p]
    };
    measures.into_iter().map(row).collect()
}

fn changed(pairs: &[(&Record, &Record)]) -> Vec<String> {
    let mut counts = [0; 3];
    let (mut listed, mut hidden) = (Vec::new(), 0);
    for (base, now) in pairs {
        let Some(change) = change(base, now) else { continue };
        counts[change as usize] += 1;
        match (&base.said, &now.said) {
            (Some(was), Some(is)) => {
                let answer = |said: &super::part::Said| {
                    format!(
                        "{} {:.2} by {} at {} ({})",
                        said.category,
                        said.confidence,
                        said.rule.as_deref().unwrap_or("no rule"),
                        said.line.unwrap_or(0),
                        said.owner
                    )
                };
                let word = format!("{change:?}").to_lowercase();
                listed.push((
                    change as usize,
                    format!("  {word:<8}{}: {} → {}  {}", now.id, answer(was), answer(is), is.place),
                ));
            }
            _ => hidden += 1,
        }
    }
    listed.sort();
    let mut lines = vec![format!(
        "{} better, {} worse, {} neutral; {hidden} of them held out",
        counts[0], counts[1], counts[2]
    )];
    lines.extend(listed.into_iter().map(|(_, line)| line));
    lines
}

/// The category counts first, then the key line, then the owner.
fn change(base: &Record, now: &Record) -> Option<Change> {
    let worth = |record: &Record| {
        (!record.sure_but_wrong, record.category_right, record.key_right, record.owner_right != Some(false))
    };
    let answer = |record: &Record| {
        record
            .said
            .as_ref()
            .map(|said| (said.category.clone(), said.owner.clone(), said.rule.clone(), said.line))
    };
    match worth(now).cmp(&worth(base)) {
        std::cmp::Ordering::Greater => Some(Change::Better),
        std::cmp::Ordering::Less => Some(Change::Worse),
        std::cmp::Ordering::Equal => (answer(now) != answer(base)).then_some(Change::Neutral),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::part::Said, *};

    fn record(category_right: bool, key_right: bool, sure_but_wrong: bool, rule: &str) -> Record {
        let said = Said {
            category: "dns".into(),
            owner: "infra".into(),
            rule: Some(rule.into()),
            confidence: 0.9,
            line: Some(3),
            place: "a.log:3".into(),
            miss: None,
        };
        Record {
            id: "a".into(),
            category_right,
            key_right,
            owner_right: None,
            sure_but_wrong,
            said: Some(said),
        }
    }

    #[test]
    fn a_change_is_judged_by_what_matters_most() {
        let right = record(true, true, false, "x");
        let unsure = record(false, false, false, "x");
        let sure_but_wrong = record(false, true, true, "x");
        assert_eq!(change(&right, &right), None);
        assert_eq!(change(&right, &record(true, true, false, "y")), Some(Change::Neutral));
        assert_eq!(change(&unsure, &right), Some(Change::Better));
        assert_eq!(change(&unsure, &sure_but_wrong), Some(Change::Worse));
        assert_eq!(change(&right, &record(true, false, false, "x")), Some(Change::Worse));
    }

    #[test]
    fn differing_logs_are_counted_and_listed() {
        let (old, new) = (record(false, true, true, "old"), record(true, true, false, "new"));
        let pairs = [(&old, &new)];
        assert_eq!(tests(&pairs)[0], ["category right", "1", "0", "1.000"]);
        let lines = changed(&pairs);
        assert_eq!(lines[0], "1 better, 0 worse, 0 neutral; 0 of them held out");
        assert!(lines[1].contains("by old") && lines[1].contains("→ dns 0.90 by new"), "{lines:?}");
    }
}
