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
        let results = &self.read.hints.test_results;
        // Results that came as a file are sure: what the log says of the same tests only repeats them.
        failures.retain(|failure| !results.iter().any(|result| is_same(failure, result)));
        diagnosis.failures_total = (results.len() + failures.len()) as u64;
        let redactions = &mut diagnosis.redactions;
        let mut listed: Vec<Failure> =
            results.iter().take(LISTED).map(|result| self.placed(result, redactions)).collect();
        failures.truncate(LISTED - listed.len());
        listed.extend(failures.into_iter().map(|failure| public(failure, redactions)));
        diagnosis.failures = listed;
    }

    /// A result from a file, redacted, with the line of the log that says the same.
    fn placed(&self, result: &Failure, redactions: &mut u64) -> Failure {
        let told = self.structured.iter().find(|failure| is_same(failure, result));
        let mut shown = |text: &str| shown_text(text, redactions);
        Failure {
            file: result.file.as_deref().map(&mut shown),
            test: result.test.as_deref().map(&mut shown),
            message: shown(&result.message),
            lines: told.map(|failure| failure.lines),
            key_line: told.map(|failure| failure.key),
            ..result.clone()
        }
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

/// Whether the log and a result tell of the same test: the one's name ends with the other's.
fn is_same(failure: &Structured, result: &Failure) -> bool {
    let (Some(told), Some(test)) = (&failure.test, &result.test) else { return false };
    let (told, test) = (dotted(told), dotted(test));
    told.ends_with(&test) || test.ends_with(&told)
}

/// The name of a test with its parts from the outside in, parted by dots: Surefire's `adds(CartTest)` is `CartTest.adds`.
fn dotted(name: &str) -> String {
    let name = name.trim_end_matches("()");
    let name = match name.strip_suffix(')').and_then(|name| name.rsplit_once('(')) {
        Some((test, class)) if !class.contains(' ') => format!("{class}.{test}"),
        _ => name.to_owned(),
    };
    name.replace("::", ".").replace([' ', '#', '>'], ".")
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

#[cfg(test)]
mod tests {
    use super::dotted;

    #[test]
    fn a_test_has_one_name_in_all_reports() {
        for name in [
            "adds(shop.CartTest)",
            "shop.CartTest.adds",
            "shop::CartTest::adds",
            "shop.CartTest#adds",
            "shop.CartTest.adds()",
        ] {
            assert_eq!(dotted(name), "shop.CartTest.adds", "{name}");
        }
    }
}
