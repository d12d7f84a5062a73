//! The message in a failure's thread.

use super::{clipped, listed, sentence};

/// Over the excerpt.
pub fn headline(job: &str) -> String {
    format!("What the log of “{}” says", clipped(job, 80))
}

/// Over the findings that are not the cause.
pub fn other_findings_title() -> String {
    "Also in the log".to_owned()
}

/// One further finding.
pub fn finding(line: u64, category: &str, summary: &str) -> String {
    format!("Line {line} · {category} — {}", sentence(&clipped(summary, 200)))
}

/// Over the further fixes.
pub fn also_try_title() -> String {
    "If that does not help".to_owned()
}

/// Over the changed files.
pub fn files_title() -> String {
    "Files changed since green".to_owned()
}

/// Some of the files, and how many there are.
pub fn files(named: &[&str], all: usize) -> String {
    if all > named.len() {
        format!("{} and {} more", named.join(", "), all - named.len())
    } else {
        listed(named, named.len().max(1))
    }
}

/// Over the fingerprint.
pub fn fingerprint_title() -> String {
    "Grouped by".to_owned()
}
