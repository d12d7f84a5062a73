//! Diagnoses without a failure to tell of.

use crate::{
    category::{Category, Owner},
    diagnosis::{Diagnosis, Hints, Note, Shadowed, Verdict},
    envelope::{Mark, Steps},
    verdict::Read,
};

/// So many rules on trial are told of one log.
const SHADOWED: usize = 20;

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
        shadowed: shadowed(read),
        redactions: 0,
        lines: read.cleaner.number,
        bytes: read.cleaner.bytes,
    }
}

/// The rules on trial that hold, and where first.
fn shadowed(read: &Read<'_>) -> Vec<Shadowed> {
    let on_trial = read.rules.iter().zip(read.hits).filter(|(rule, _)| rule.shadow);
    on_trial
        .filter_map(|(rule, hits)| Some(Shadowed { rule: rule.id.clone(), line: hits.iter().next()?.key }))
        .take(SHADOWED)
        .collect()
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
