//! The masking of the version before: a failure that was stored under it is found again by its old name.
//!
//! Kept for as long as stores may hold its fingerprints, and never changed.

use std::sync::LazyLock;

use regex::{Captures, Regex};

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

/// `v1:rule masked text`, as it was made.
pub(crate) fn fingerprint_v1(rule: &str, text: &str) -> String {
    super::cut(format!("v1:{rule} {}", mask(text)))
}

fn mask(text: &str) -> String {
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
    fn old_names_stay_what_they_were() {
        let names = [
            fingerprint_v1("rust.rustc.error", "error[E0308]: mismatched types"),
            fingerprint_v1(
                "ts.error",
                "/home/runner/work/pay/pay/src/app.ts(12,5): error TS2345: Argument of type",
            ),
            fingerprint_v1(
                "network.refused",
                "dial tcp 10.0.0.17:5432: connect: connection refused after 30.5s",
            ),
            fingerprint_v1(
                "git.object",
                "fatal: bad object 1437b32fa6f406eb5c4136a486d390a178ac1971 at 2026-11-23T13:41:59Z",
            ),
        ];
        insta::assert_snapshot!(names.join("\n"), @r"
        v1:rust.rustc.error error[E0308]: mismatched types
        v1:ts.error app.ts(<n>,<n>): error TS2345: Argument of type
        v1:network.refused dial tcp <address>: connect: connection refused after <took>
        v1:git.object fatal: bad object <hash> at <time>
        ");
    }
}
