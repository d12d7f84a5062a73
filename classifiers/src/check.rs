//! Checks rules: do their examples hold, can they be searched for, do they ever fire, and do they stay quiet on green logs?

use std::ops::Range;

use crate::{
    Classifier,
    diagnosis::Hints,
    rule::{PackSource, RuleError},
};

/// What a check of rules found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Packs that do not load, examples that fail: these must be mended.
    pub errors: Vec<RuleError>,
    /// Ids of rules without a text to search for: they are tried only on the end of a log.
    pub unsearchable: Vec<String>,
    /// Ids of rules that never held on the given logs.
    pub silent: Vec<String>,
    /// Rules that always lost to another one where they held: id and the winner seen most.
    pub shadowed: Vec<(String, String)>,
    /// Rules that held on a green log: id and the name of the log.
    pub green: Vec<(String, String)>,
    /// How many rules were read.
    pub rules: usize,
}

/// A log to check rules on.
#[derive(Clone, Debug)]
pub struct Sample {
    /// What to call it.
    pub name: String,
    /// Its bytes, uncompressed.
    pub bytes: Vec<u8>,
    /// It passed: no rule should hold on it.
    pub green: bool,
}

/// Checks the packs by themselves (or the built-in ones, when there are none) and on the samples.
pub fn check(packs: &[PackSource], samples: impl Iterator<Item = Sample>) -> Report {
    let builtin;
    let packs = if packs.is_empty() {
        builtin = crate::classifier::builtin_packs();
        &builtin
    } else {
        packs
    };
    let (classifier, errors) = Classifier::lenient(packs);
    let rules = &classifier.rules;
    let id = |rule: usize| rules[rule].id.clone();
    let mut report = Report {
        errors: errors.0,
        unsearchable: classifier.unsearchable.iter().map(|&rule| id(rule)).collect(),
        rules: rules.len(),
        ..Report::default()
    };
    let mut fired = vec![false; rules.len()];
    let mut won = vec![false; rules.len()];
    let mut lost_to: Vec<Vec<usize>> = vec![Vec::new(); rules.len()];
    let mut any = false;
    for sample in samples {
        any = true;
        let hints = Hints { conclusion_failed: Some(!sample.green), ..Hints::default() };
        let mut session = classifier.session(hints);
        session.push(&sample.bytes);
        let (diagnosis, held) = session.finish_with_hits();
        let winner = diagnosis.rule.and_then(|winner| rules.iter().position(|rule| rule.id == winner));
        for rule in held {
            fired[rule] = true;
            if sample.green && !rules[rule].weak {
                report.green.push((id(rule), sample.name.clone()));
            }
            match winner {
                Some(winner) if winner == rule => won[rule] = true,
                Some(winner) => lost_to[rule].push(winner),
                None => {}
            }
        }
    }
    if any {
        report.silent = (0..rules.len()).filter(|&rule| !fired[rule]).map(id).collect();
        for rule in (0..rules.len()).filter(|&rule| fired[rule] && !won[rule]) {
            if let Some(winner) = most(&lost_to[rule]) {
                report.shadowed.push((id(rule), id(winner)));
            }
        }
    }
    report
}

/// The rules whose examples do not hold.
pub(crate) fn examples(classifier: &Classifier, rules: Range<usize>) -> Vec<RuleError> {
    let mut errors = Vec::new();
    for number in rules {
        let rule = &classifier.rules[number];
        let mut add = |problem: String, advice: &str| {
            errors.push(RuleError {
                pack: rule.pack.clone(),
                rule: Some(rule.id.clone()),
                problem,
                advice: advice.to_owned(),
            });
        };
        for example in &rule.examples {
            if !fired_on(classifier, example.as_bytes())[number] {
                add(
                    format!("the example `{example}` does not match"),
                    "correct `match`, `unless` or the example",
                );
            }
        }
        for example in &rule.not {
            if fired_on(classifier, example.as_bytes())[number] {
                add(
                    format!("the look-alike `{example}` matches"),
                    "make `match` narrower, or add an `unless`",
                );
            }
        }
    }
    errors
}

fn fired_on(classifier: &Classifier, log: &[u8]) -> Vec<bool> {
    let mut session = classifier.session(Hints::default());
    session.push(log);
    session.fired()
}

/// The number that is there most often.
fn most(numbers: &[usize]) -> Option<usize> {
    numbers.iter().copied().max_by_key(|&number| numbers.iter().filter(|&&other| other == number).count())
}
