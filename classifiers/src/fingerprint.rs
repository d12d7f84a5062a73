//! The masked, readable signature of a failure: what varies from run to run is replaced, what identifies stays.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Longer signatures are cut: what identifies stands at the beginning.
const LONGEST: usize = 240;

/// What varies, most specific first. The groups' names are what stands in their place.
static VARYING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?P<time>\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?|\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b)",
        r"|(?P<uuid>\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b)",
        r"|(?P<hash>\b(?:sha(?:1|256|512)[:-])?[0-9a-fA-F]{12,128}\b|\b0x[0-9a-fA-F]+\b)",
        r"|(?P<address>\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?::\d+)?\b)",
        r"|(?P<took>\b\d+(?:[.,]\d+)?\s?(?:ms|s|sec|secs|seconds|minutes|min|m|h|KiB|MiB|GiB|kB|KB|MB|GB|bytes|B|%)(?:\b|$))",
        r"|(?P<path>(?:[A-Za-z]:)?(?:[/\\][\w.@+~-]+)+[/\\])",
        r"|(?P<n>\b\d+(?:\.\d+)*\b)",
    ))
    .ok()
});

/// `v1:rule masked text`; the version changes when the masking does, so that old groups stay what they were.
pub(crate) fn fingerprint(rule: &str, text: &str) -> String {
    let mut masked = format!("v1:{rule} {}", mask(text));
    if masked.len() > LONGEST {
        let mut end = LONGEST;
        while !masked.is_char_boundary(end) {
            end -= 1;
        }
        masked.truncate(end);
    }
    masked.trim_end().to_owned()
}

/// The text with its varying parts replaced, on one line, with single blanks.
pub(crate) fn mask(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some(varying) = &*VARYING else { return text };
    let masked = varying.replace_all(&text, |found: &Captures<'_>| {
        // A directory goes away as a whole: the file's name identifies.
        if found.name("path").is_some() {
            return String::new();
        }
        let name =
            ["time", "uuid", "hash", "address", "took"].into_iter().find(|name| found.name(name).is_some());
        format!("<{}>", name.unwrap_or("n"))
    });
    masked.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_varies_is_masked_and_what_identifies_stays() {
        let lines = [
            "error[E0308]: mismatched types",
            "/home/runner/work/pay/pay/src/app.ts(12,5): error TS2345: Argument of type",
            "dial tcp 10.0.0.17:5432: connect: connection refused after 30.5s",
            "panicked at src/lib.rs:41:9: index 7 out of bounds",
            "FAILED tests/test_money.py::test_rounding[3] - assert 10 == 11",
            "fatal: bad object 1437b32fa6f406eb5c4136a486d390a178ac1971 at 2026-11-23T13:41:59Z",
        ];
        let shown: Vec<String> = lines.iter().map(|line| mask(line)).collect();
        insta::assert_snapshot!(shown.join("\n"), @r"
        error[E0308]: mismatched types
        app.ts(<n>,<n>): error TS2345: Argument of type
        dial tcp <address>: connect: connection refused after <took>
        panicked at src/lib.rs:<n>:<n>: index <n> out of bounds
        FAILED tests/test_money.py::test_rounding[<n>] - assert <n> == <n>
        fatal: bad object <hash> at <time>
        ");
    }
}
