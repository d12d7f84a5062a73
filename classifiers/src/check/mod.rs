//! Checks rules: do their examples hold, can they be searched for, do they ever fire, do they stay quiet on green logs,
//! and which verdicts do they change?
//!
//! A [`Trial`] holds the rules before and after an edit. Logs are read into [`Tally`]s, one for each thread, which are put
//! together into a [`Report`]; it is the same however the logs were shared out.

mod examples;
mod report;
mod tally;

pub(crate) use examples::examples;
pub use report::{Change, Changes, Common, Count, Report, Told, Unsearchable};
pub use tally::Tally;

use crate::{
    Classifier,
    classifier::builtin_packs,
    rule::{self, PackSource, RuleError},
};

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

/// Rules to be tried on logs, and the ones that they take the place of.
#[derive(Debug)]
pub struct Trial {
    after: Classifier,
    /// How many rules, from the first on, the report is about.
    judged: usize,
    /// For each rule whether it is new or differs from before.
    changed: Vec<bool>,
    before: Option<Before>,
    errors: Vec<RuleError>,
}

/// The rules before an edit.
#[derive(Debug)]
struct Before {
    all: Classifier,
    /// Those of them that are gone or different now.
    gone: Classifier,
}

impl Trial {
    /// Tries packs on top of the built-in ones against what was there before: `before` on top of the built-in ones. Without
    /// packs the built-in rules themselves are checked.
    pub fn of(packs: &[PackSource], before: &[PackSource]) -> Trial {
        if packs.is_empty() && before.is_empty() {
            return Trial::alone(&builtin_packs());
        }
        let (after, judged, mut errors) = on_builtin(packs);
        errors.extend(examples(&after, 0..judged));
        let (all, _, before_errors) = on_builtin(before);
        errors.extend(before_errors);
        let changed = after.rules.iter().map(|rule| !all.rules.contains(rule)).collect();
        let gone =
            on_builtin(before).0.rules.into_iter().filter(|rule| !after.rules.contains(rule)).collect();
        Trial { judged, changed, before: Some(Before { all, gone: Classifier::of(gone) }), errors, after }
    }

    /// Tries packs alone, with nothing to compare them with.
    pub fn alone(packs: &[PackSource]) -> Trial {
        let (after, errors) = Classifier::lenient(packs);
        let rules = after.rules.len();
        Trial { after, judged: rules, changed: vec![false; rules], before: None, errors: errors.0 }
    }

    /// An empty tally, to read logs into.
    pub fn tally(&self) -> Tally<'_> {
        Tally::new(self)
    }
}

/// The built-in rules below the given packs, without those rules that are wrong; how many are given; and what is wrong.
fn on_builtin(packs: &[PackSource]) -> (Classifier, usize, Vec<RuleError>) {
    let mut errors = Vec::new();
    let given = rule::read(packs, true, true, &mut errors);
    let judged = given.len();
    let builtin = rule::read(&builtin_packs(), false, false, &mut errors);
    (Classifier::of(rule::stacked(given, builtin)), judged, errors)
}

/// Checks the packs by themselves (or the built-in ones, when there are none) on the samples, in one thread.
pub fn check(packs: &[PackSource], samples: impl Iterator<Item = Sample>) -> Report {
    let trial = if packs.is_empty() { Trial::of(&[], &[]) } else { Trial::alone(packs) };
    let mut tally = trial.tally();
    for (number, sample) in samples.enumerate() {
        // Reading from memory cannot fail.
        let _ = tally.read(number, &sample.name, sample.green, || Ok(sample.bytes.as_slice()));
    }
    tally.report()
}

#[cfg(test)]
mod tests;
