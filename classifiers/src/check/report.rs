//! What a check of rules found.

use serde::Serialize;

use crate::{
    category::{Category, Owner},
    diagnosis::Verdict,
    rule::RuleError,
};

/// A rule that holds on more than one in so many green logs is too broad.
const GREEN: u64 = 100;

/// What a check of rules found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Packs that do not load, examples that fail: these must be mended.
    pub errors: Vec<RuleError>,
    /// Rules without a text to search for: they are tried only on the end of a log.
    pub unsearchable: Vec<Unsearchable>,
    /// Rules whose texts stand in many lines of every log: searching for them costs time, the most expensive first.
    pub common: Vec<Common>,
    /// What each rule did on the logs, in the order of the packs.
    pub counts: Vec<Count>,
    /// How many failing logs were read.
    pub failing: u64,
    /// How many green logs were read.
    pub green: u64,
    /// The verdicts that an edit changes; `None` where there is nothing to compare with.
    pub changes: Option<Changes>,
}

/// A rule that cannot be searched for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unsearchable {
    /// Its id.
    pub id: String,
    /// The reason: it has more alternatives than the search takes, 64. Otherwise it has no text of three characters that
    /// must be there.
    pub too_many_alternatives: bool,
}

/// A rule without a rare text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Common {
    /// Its id.
    pub id: String,
    /// How many lines in ten megabytes of ordinary logs hold one of its texts and have to be looked at, roughly.
    pub lines: u64,
}

/// What one rule did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Its id.
    pub id: String,
    /// It is on trial.
    pub shadow: bool,
    /// It only wins when nothing else is found, so it may hold on green logs.
    pub weak: bool,
    /// Failing logs on which it held.
    pub failing: u64,
    /// Green logs on which it held.
    pub green: u64,
    /// Failing logs that it explained.
    pub won: u64,
    /// It never explained a log, and this rule won most often where it held.
    pub loses_to: Option<String>,
    /// The first of the green logs.
    pub green_logs: Vec<String>,
}

/// The verdicts that an edit changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// How many.
    pub total: u64,
    /// The first 20.
    pub first: Vec<Change>,
}

/// A verdict that is another one after an edit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The log.
    pub log: String,
    /// What was told of it.
    pub before: Told,
    /// What is told now.
    pub after: Told,
}

/// A verdict in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Did it fail?
    pub verdict: Verdict,
    /// What kind of failure.
    pub category: Category,
    /// Whose move it is.
    pub owner: Owner,
    /// The rule that explains it.
    pub rule: Option<String>,
}

impl Report {
    /// Rules that hold on more than 1 % of the green logs. General signs are left out: they never win over a finding.
    pub fn too_broad(&self) -> impl Iterator<Item = &Count> {
        self.counts.iter().filter(|count| !count.weak && count.green * GREEN > self.green)
    }

    /// Rules that held on no log at all, if there were logs.
    pub fn silent(&self) -> impl Iterator<Item = &Count> {
        let any = self.failing + self.green > 0;
        self.counts.iter().filter(move |count| any && count.failing + count.green == 0)
    }

    /// Rules that always lost to another one: id and the winner seen most.
    pub fn shadowed(&self) -> impl Iterator<Item = (&str, &str)> {
        self.counts.iter().filter_map(|count| Some((count.id.as_str(), count.loses_to.as_deref()?)))
    }

    /// Whether the rules can be used as they are: no faults, none too broad.
    pub fn is_good(&self) -> bool {
        self.errors.is_empty() && self.too_broad().next().is_none()
    }
}
