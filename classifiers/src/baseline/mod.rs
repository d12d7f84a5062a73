//! What green runs of a job normally print, so that a red run's log can be read for what is new in it.
//!
//! A baseline holds hashes of masked, redacted lines and of pairs of their words, with the number of runs that printed them:
//! enough to say "seen before" or "never", and nothing from which a text could be read. Its size is bounded whatever is
//! learned.

mod builtin;
mod format;
mod learn;
mod mask;
mod news;
mod table;

pub use learn::Learner;
pub use news::{News, Newsreader};

pub(crate) use builtin::builtin;

use table::{Answer, Table};

/// What can be wrong with the bytes of a baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaselineError {
    /// Something else entirely.
    #[error("this is not a baseline: make one with `whyred baseline learn`")]
    NotOne,
    /// Other versions mask and hash in another way.
    #[error(
        "this baseline has format {version}, which this version does not read: learn it anew from green logs"
    )]
    OtherVersion {
        /// The format's version.
        version: u8,
    },
    /// Cut or changed.
    #[error("this baseline is damaged: learn it anew from green logs")]
    Broken,
}

/// How usual a line is in green runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Usual {
    /// Green runs printed it: in this share of them, 0–1.
    Known(f64),
    /// No green run printed it; this share of its word pairs is new too, 0–1.
    New(f64),
    /// Nothing can be said: the line has no words, nothing was learned, or more was printed than could be kept.
    Unsure,
}

impl Usual {
    /// Whether green runs print it.
    pub fn is_known(self) -> bool {
        matches!(self, Usual::Known(_))
    }

    /// How new it is, 0–1; half where nothing can be said.
    pub fn novelty(self) -> f64 {
        match self {
            Usual::Known(_) => 0.0,
            Usual::New(share) => share,
            Usual::Unsure => 0.5,
        }
    }
}

/// What green runs of one job print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// How many runs were learned.
    runs: u32,
    /// Lines with words of failure: the ones that matter, so other lines never push them out.
    loud: Table,
    /// Other lines.
    quiet: Table,
    /// Pairs of neighbouring words.
    pairs: Table,
}

impl Default for Baseline {
    fn default() -> Baseline {
        Baseline { runs: 0, loud: Table::new(1_500), quiet: Table::new(4_000), pairs: Table::new(5_000) }
    }
}

impl Baseline {
    /// The most bytes that [`Baseline::encode`] gives.
    pub const MAX_BYTES: usize = 64 << 10;

    /// How many green runs were learned.
    pub fn runs(&self) -> u32 {
        self.runs
    }

    /// How many lines are known.
    pub fn lines(&self) -> usize {
        self.loud.entries.len() + self.quiet.entries.len()
    }

    /// Takes in what was learned from later runs. What none of many later runs printed is forgotten.
    pub fn merge(&mut self, later: &Baseline) {
        for (ours, theirs) in self.tables_mut().into_iter().zip(later.tables()) {
            ours.merge(theirs, later.runs);
        }
        self.runs = self.runs.saturating_add(later.runs);
    }

    /// How usual a cleaned line is; it is redacted here as it was before it was learned.
    pub fn usual(&self, line: &[u8]) -> Usual {
        let Some(signature) = learn::redacted_signature(line).filter(|_| self.runs > 0) else {
            return Usual::Unsure;
        };
        match (self.loud.ask(signature.line), self.quiet.ask(signature.line)) {
            (Answer::Known(seen), _) | (_, Answer::Known(seen)) => {
                Usual::Known((f64::from(seen.runs) / f64::from(self.runs)).min(1.0))
            }
            (Answer::New, Answer::New) => Usual::New(self.new_share(&signature.pairs)),
            // A loud line is judged by its own table: the other one overflows first.
            (Answer::New, _) if crate::anomaly::is_loud(line) => Usual::New(self.new_share(&signature.pairs)),
            _ => Usual::Unsure,
        }
    }

    /// Of a line's word pairs, the share that no green run printed. Without any, the line itself is the only pair.
    fn new_share(&self, pairs: &[u32]) -> f64 {
        let sure = pairs.iter().map(|pair| self.pairs.ask(*pair)).filter(|answer| *answer != Answer::Unsure);
        let (new, all) =
            sure.fold((0_u32, 0_u32), |(new, all), answer| (new + u32::from(answer == Answer::New), all + 1));
        if all == 0 { 1.0 } else { f64::from(new) / f64::from(all) }
    }

    fn tables(&self) -> [&Table; 3] {
        [&self.loud, &self.quiet, &self.pairs]
    }

    fn tables_mut(&mut self) -> [&mut Table; 3] {
        [&mut self.loud, &mut self.quiet, &mut self.pairs]
    }
}

/// What of a line identifies it within one log: equal for lines that differ in numbers, ids and times only.
pub(crate) fn shape(line: &[u8]) -> Option<u32> {
    mask::signature(line).map(|signature| signature.line)
}
