//! One log, its label, and what was right about the verdict.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use anyhow::{Context, Result};
use classifiers::{Category, Classifier, Diagnosis, Hints, Owner, Verdict};

use crate::corpus::{self, Label};

/// From this confidence on, an answer counts as sure.
pub(crate) const SURE: f64 = 0.5;

/// What came out for one log.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) label: Label,
    /// Where the log lies.
    pub(crate) path: PathBuf,
    pub(crate) got: Diagnosis,
}

/// Reads and scores all logs of a folder, on all cores; with `told`, the classifier hears beforehand whether each failed.
pub(crate) fn folder(classifier: &Classifier, folder: &Path, told: bool) -> Result<Vec<Outcome>> {
    let labels = corpus::labels(folder)?;
    let next = AtomicUsize::new(0);
    let read_some = || -> Result<Vec<(usize, Diagnosis)>> {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(label) = labels.get(number) else { return Ok(done) };
            let conclusion_failed = told.then_some(!label.passes());
            done.push((number, read(classifier, &folder.join(&label.file), conclusion_failed)?));
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut read = thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(read_some)).collect();
        threads.into_iter().map(finished).collect::<Result<Vec<_>>>()
    })?
    .concat();
    read.sort_by_key(|(number, _)| *number);
    let outcome = |(label, (_, got)): (Label, _)| Outcome { path: folder.join(&label.file), label, got };
    Ok(labels.into_iter().zip(read).map(outcome).collect())
}

fn finished<T>(thread: thread::ScopedJoinHandle<'_, Result<T>>) -> Result<T> {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn read(classifier: &Classifier, path: &Path, conclusion_failed: Option<bool>) -> Result<Diagnosis> {
    let hints = Hints { conclusion_failed, ..Hints::default() };
    classifiers::log::open(path)
        .and_then(|log| classifier.read(log, hints))
        .with_context(|| format!("cannot read {}", path.display()))
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

    /// The owner is exactly the label's.
    pub(crate) fn owner_strictly_right(&self) -> Option<bool> {
        Some(self.got.owner == self.label.owner()?)
    }

    /// The lines to see, against the lines shown; `None` where the label names no lines.
    pub(crate) fn explained(&self) -> Option<Explained> {
        let count = |ranges: &[(u64, u64)]| ranges.iter().map(|(first, last)| last - first + 1).sum();
        let (wanted, shown): (u64, u64) = (count(&self.label.explains), count(&self.got.explains));
        let lines = self.got.explains.iter().flat_map(|(first, last)| *first..=*last);
        let both = lines.filter(|line| self.in_block(*line)).count() as u64;
        (wanted > 0).then_some(Explained { wanted, shown, both })
    }
}

/// How the lines that a developer needs to see and the lines that are shown overlap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Explained {
    pub(crate) wanted: u64,
    pub(crate) shown: u64,
    pub(crate) both: u64,
}

impl Explained {
    pub(crate) fn recall(self) -> f64 {
        ratio(self.both, self.wanted)
    }

    pub(crate) fn precision(self) -> f64 {
        ratio(self.both, self.shown)
    }

    pub(crate) fn plus(self, other: Explained) -> Explained {
        Explained {
            wanted: self.wanted + other.wanted,
            shown: self.shown + other.shown,
            both: self.both + other.both,
        }
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
