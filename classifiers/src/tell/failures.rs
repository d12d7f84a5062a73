//! The list of what the tools reported, test by test and place by place.

use std::collections::HashSet;

use super::Teller;
use crate::{
    diagnosis::{Diagnosis, Failure, Verdict},
    excerpt::shown_text,
    shape::{Place, Structured},
};

/// The most failures that a diagnosis lists.
const LISTED: usize = 50;

impl Teller<'_> {
    /// Lists the failures that can be why the job failed, each once.
    pub(crate) fn list_failures(&self, diagnosis: &mut Diagnosis) {
        if diagnosis.verdict == Verdict::Passed {
            return;
        }
        let mut told = HashSet::new();
        let mut failures: Vec<&Structured> = self
            .structured
            .iter()
            .filter(|failure| self.course.region(failure.key).can_explain() && told.insert(identity(failure)))
            .collect();
        failures.sort_by_key(|failure| failure.key);
        diagnosis.failures_total = failures.len() as u64;
        failures.truncate(LISTED);
        diagnosis.failures =
            failures.into_iter().map(|failure| public(failure, &mut diagnosis.redactions)).collect();
    }
}

/// What makes two reports the same failure: the test, or the place and what is said of it.
fn identity(failure: &Structured) -> (Option<&str>, Option<String>, &str) {
    let place = failure.place.as_ref().map(Place::to_string);
    match &failure.test {
        // A test is told once where it fails and once more in the summary, sometimes with less of its message.
        Some(test) => (Some(test), failure.place.as_ref().map(|place| place.file.clone()), ""),
        None => (None, place, &failure.message),
    }
}

fn public(failure: &Structured, redactions: &mut u64) -> Failure {
    let mut shown = |text: &str| shown_text(text, redactions);
    Failure {
        tool: failure.tool().to_owned(),
        category: failure.category,
        code: failure.code.as_deref().map(&mut shown),
        file: failure.place.as_ref().map(|place| shown(&place.file)),
        line: failure.place.as_ref().and_then(|place| place.line),
        column: failure.place.as_ref().and_then(|place| place.column),
        test: failure.test.as_deref().map(&mut shown),
        message: shown(&failure.message),
        lines: Some(failure.lines),
        key_line: Some(failure.key),
    }
}
