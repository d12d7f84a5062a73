//! Diagnoses without a failure to tell of.

use crate::{
    category::{Category, Owner},
    diagnosis::{Diagnosis, Hints, Note, Verdict},
    envelope::{Mark, Steps},
    verdict::Read,
};

/// A diagnosis that knows only the input.
pub(crate) fn blank(read: &Read<'_>, verdict: Verdict) -> Diagnosis {
    let mut notes = read.cleaner.notes();
    if read.marks.list.iter().any(|(_, mark)| *mark == Mark::Truncated) {
        notes.push(Note::Truncated);
    }
    Diagnosis {
        verdict,
        category: Category::Unknown,
        owner: Owner::Unknown,
        confidence: 0.0,
        rule: None,
        summary: String::new(),
        key_line: None,
        explains: Vec::new(),
        step: None,
        fingerprint: String::new(),
        earlier_fingerprint: None,
        findings: Vec::new(),
        failures: Vec::new(),
        failures_total: 0,
        excerpt: Vec::new(),
        fix: Vec::new(),
        remedies: Vec::new(),
        runbook_tags: Vec::new(),
        notes,
        redactions: 0,
        lines: read.cleaner.number,
        bytes: read.cleaner.bytes,
    }
}

/// Nothing went wrong.
pub(crate) fn pass(diagnosis: &mut Diagnosis, steps: &Steps, hints: &Hints) {
    diagnosis.category = Category::None;
    diagnosis.confidence = if steps.passed || hints.conclusion_failed == Some(false) {
        0.97
    } else if steps.complete {
        0.9
    } else {
        0.7
    };
    "No failure was found in this log.".clone_into(&mut diagnosis.summary);
    "v2:none".clone_into(&mut diagnosis.fingerprint);
}
