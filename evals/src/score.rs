//! One log, its label, and what was right about the verdict.

use std::path::Path;

use anyhow::Result;
use classifiers::{Category, Classifier, Diagnosis, Hints, Owner, Verdict};

use crate::corpus::{self, Label};

/// From this confidence on, an answer counts as sure.
pub(crate) const SURE: f64 = 0.5;

/// What came out for one log.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) label: Label,
    pub(crate) got: Diagnosis,
}

/// Reads and scores all logs of a folder.
pub(crate) fn folder(classifier: &Classifier, folder: &Path) -> Result<Vec<Outcome>> {
    corpus::labels(folder)?
        .into_iter()
        .map(|label| {
            let log = classifiers::log::open(&folder.join(&label.file))?;
            let got = classifier.read(log, Hints::default())?;
            Ok(Outcome { label, got })
        })
        .collect()
}

impl Outcome {
    /// The category is the label's.
    pub(crate) fn strictly_right(&self) -> bool {
        self.got.category == self.label.category
    }

    /// The category is the label's or another one that is also right.
    pub(crate) fn right(&self) -> bool {
        self.strictly_right() || self.label.alt_categories.contains(&self.got.category)
    }

    /// The category for counting: the label's if the answer is right.
    pub(crate) fn counted_as(&self) -> Category {
        if self.right() { self.label.category } else { self.got.category }
    }

    /// Sure of something wrong.
    pub(crate) fn confidently_wrong(&self) -> bool {
        self.got.confidence >= SURE && !self.right()
    }

    /// A log that passed was called failed.
    pub(crate) fn false_alarm(&self) -> bool {
        self.label.passes() && self.got.verdict == Verdict::Failed
    }

    /// The decisive line holds the label's exact text.
    pub(crate) fn key_exact(&self) -> bool {
        self.got.key_line.as_ref().is_some_and(|key| self.holds_key(&key.text))
    }

    /// The decisive line is one of the lines that a developer needs to see.
    pub(crate) fn key_in_block(&self) -> bool {
        self.got.key_line.as_ref().is_some_and(|key| self.in_block(key.line))
    }

    /// The headline: exact text or in the block.
    pub(crate) fn key_right(&self) -> bool {
        self.key_exact() || self.key_in_block()
    }

    /// One of the three best findings has the decisive line.
    pub(crate) fn key_in_top_three(&self) -> bool {
        self.key_right()
            || self
                .got
                .findings
                .iter()
                .take(3)
                .any(|finding| self.holds_key(&finding.key_line.text) || self.in_block(finding.key_line.line))
    }

    fn holds_key(&self, text: &str) -> bool {
        self.label.key_string().is_some_and(|key| text.contains(key))
    }

    fn in_block(&self, line: u64) -> bool {
        self.label.explains.iter().any(|(first, last)| (*first..=*last).contains(&line))
    }

    /// Whether the owner is right; `None` where the label names none. A log alone seldom shows whether a failed test or
    /// the code is at fault.
    pub(crate) fn owner_right(&self) -> Option<bool> {
        let want = self.label.owner()?;
        let either = |owner| matches!(owner, Owner::Code | Owner::Test);
        let test = self.label.category == Category::TestFailure;
        Some(self.got.owner == want || (test && either(want) && either(self.got.owner)))
    }

    /// How many of the lines to see are shown, and how many of the shown ones are to be seen.
    pub(crate) fn explained(&self) -> Option<(f64, f64)> {
        let want: u64 = self.label.explains.iter().map(|(first, last)| last - first + 1).sum();
        let got: u64 = self.got.explains.iter().map(|(first, last)| last - first + 1).sum();
        if want == 0 {
            return None;
        }
        let shown = self.got.explains.iter().flat_map(|(first, last)| *first..=*last);
        let both = shown.filter(|line| self.in_block(*line)).count() as f64;
        Some((both / want as f64, if got == 0 { 0.0 } else { both / got as f64 }))
    }
}
