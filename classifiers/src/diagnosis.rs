//! What is known beforehand about a log, and what is said about it afterwards.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    baseline::Baseline,
    category::{Category, Owner},
};

/// What the provider says about the job. All of it may be unknown.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// The name of the step that failed.
    pub failed_step: Option<String>,
    /// Whether the job failed: `Some(false)` means that it passed.
    pub conclusion_failed: Option<bool>,
    /// What the provider's problem matchers and actions annotated.
    pub annotations: Vec<AnnotationHint>,
    /// The failed tests of result files ([`crate::junit`]), which say more surely than text what failed.
    pub test_results: Vec<Failure>,
    /// The provider stopped the job because it took too long.
    pub timed_out: bool,
    /// Somebody or something stopped the job.
    pub cancelled: bool,
    /// What green runs of this job print.
    pub baseline: Option<Arc<Baseline>>,
}

/// An annotation of the provider on a line of the source code.
#[derive(Clone, Debug, Default)]
pub struct AnnotationHint {
    /// The file, as the provider names it.
    pub path: Option<String>,
    /// The line in that file, from 1.
    pub line: Option<u64>,
    /// Its title.
    pub title: Option<String>,
    /// What it says.
    pub message: String,
}

/// Did it fail?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It failed.
    Failed,
    /// No failure was found.
    Passed,
    /// The log does not show it.
    Unknown,
}

impl Verdict {
    /// The word as it stands in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Failed => "failed",
            Verdict::Passed => "passed",
            Verdict::Unknown => "unknown",
        }
    }
}

/// The decisive line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyLine {
    /// Its number in the original file, from 1.
    pub line: u64,
    /// Its cleaned, redacted text.
    pub text: String,
}

/// Something that was found at certain lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule, or `shape.…` where the structure of a tool's output says it.
    pub rule: String,
    /// What kind of failure it means.
    pub category: Category,
    /// First and last line, from 1.
    pub lines: (u64, u64),
    /// 0–1: how likely this alone explains the failure.
    pub confidence: f64,
    /// One sentence.
    pub summary: String,
    /// Its decisive line.
    pub key_line: KeyLine,
}

/// A failure as a tool told it: which test, or which place in the source, and what it said. All text in it is redacted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The tool whose output it is: `rustc`, `pytest`, `eslint`; `junit` for results that came as a file.
    pub tool: String,
    /// What kind of failure it means.
    pub category: Category,
    /// The code of the message or the name of the rule: `E0308`, `TS2339`, `no-unused-vars`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The source file, as the tool names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line in that file, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The column, as the tool counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    /// The test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<String>,
    /// What the tool says.
    pub message: String,
    /// First and last line in the log, from 1; absent where it is not in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<(u64, u64)>,
    /// The line of the log that says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_line: Option<u64>,
}

/// A line worth showing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExcerptLine {
    /// Its number in the original file, from 1.
    pub number: u64,
    /// Its cleaned, redacted text, cut if very long.
    pub text: String,
    /// Whether it is the decisive line.
    pub key: bool,
}

/// Something about the input that the reader should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// There is nothing in the log.
    EmptyLog,
    /// Much of it is not text.
    Binary,
    /// The provider left part of it out.
    Truncated,
    /// At least one line was too long to be read whole.
    LongLineCut,
    /// The provider reports a failure that the log does not show.
    FailureNotInLog,
}

impl Note {
    /// The sentence for the reader.
    pub fn sentence(self) -> &'static str {
        match self {
            Note::EmptyLog => "The log is empty.",
            Note::Binary => "Much of this log is not text, so the verdict may have missed something.",
            Note::Truncated => "The provider cut this log, so the cause may be in a part that is missing.",
            Note::LongLineCut => "At least one line is longer than 64 KiB; only its beginning was read.",
            Note::FailureNotInLog => "The provider says that the job failed, but the log does not show why.",
        }
    }
}

/// A rule on trial that holds on this log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shadowed {
    /// Its id.
    pub rule: String,
    /// The first line on which it holds, from 1.
    pub line: u64,
}

/// From this confidence on a verdict is a statement; below it is a guess, and told as one.
pub const SURE: f64 = 0.5;

/// The verdict on one log. All text in it is redacted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Did it fail?
    pub verdict: Verdict,
    /// What kind of failure; `none` for a log without one.
    pub category: Category,
    /// Whose move it is.
    pub owner: Owner,
    /// 0–1: how likely category and key line are right. Below 0.5 the category is `unknown`.
    pub confidence: f64,
    /// The rule that explains it.
    pub rule: Option<String>,
    /// One sentence: what happened.
    pub summary: String,
    /// The decisive line.
    pub key_line: Option<KeyLine>,
    /// First and last lines that a developer needs to see, from 1.
    pub explains: Vec<(u64, u64)>,
    /// The step that failed.
    pub step: Option<String>,
    /// `v2:` and the masked decisive text: equal for equal failures, readable.
    pub fingerprint: String,
    /// What the version before made of the same failure: what was stored under it is found again.
    #[serde(default)]
    pub earlier_fingerprint: Option<String>,
    /// What was found, best first.
    pub findings: Vec<Finding>,
    /// What the tools reported, test by test and place by place, in the order of the log: the first 50.
    #[serde(default)]
    pub failures: Vec<Failure>,
    /// How many there are in all, as far as the log is still at hand.
    #[serde(default)]
    pub failures_total: u64,
    /// The lines worth showing, at most 30.
    pub excerpt: Vec<ExcerptLine>,
    /// What to try, most likely first.
    pub fix: Vec<String>,
    /// Ids of remedies that make sense.
    pub remedies: Vec<String>,
    /// Tags to look for in runbooks.
    pub runbook_tags: Vec<String>,
    /// What the reader should know about the input.
    pub notes: Vec<Note>,
    /// The rules on trial that hold, each once, at most 20: to be counted, not shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shadowed: Vec<Shadowed>,
    /// How many secrets and personal data were taken out of the texts here.
    pub redactions: u64,
    /// Lines of the log.
    pub lines: u64,
    /// Bytes of the log, uncompressed.
    pub bytes: u64,
}

impl Diagnosis {
    /// Whether the category is a statement. A guess names a likely category too, but nobody should be called for it.
    pub fn is_sure(&self) -> bool {
        self.confidence >= SURE
    }
}
