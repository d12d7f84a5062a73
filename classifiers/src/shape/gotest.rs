//! `go test`: `--- FAIL: Name (0.00s)` with `    file_test.go:12: message` above or below it.

use super::{Line, Structured, window};
use crate::category::Category;

pub(super) const TRIGGERS: &[&str] = &["--- FAIL: "];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    (0..lines.len()).filter_map(|at| failure(lines, at)).collect()
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let name = lines[at].1.trim_start().strip_prefix("--- FAIL: ")?;
    let name = name.split_whitespace().next()?;
    // Since 1.14 `-v` prints what a test says before its result.
    let below = window(lines, at + 1, 12)
        .iter()
        .take_while(|(_, line)| !line.trim_start().starts_with("--- ") && line.starts_with(' '))
        .find_map(told);
    let above = || {
        lines[at.saturating_sub(12)..at]
            .iter()
            .rev()
            .take_while(|(_, line)| !line.starts_with("=== "))
            .find_map(told)
    };
    let (key, place, message) = below.or_else(above)?;
    let number = lines[at].0;
    Some(Structured {
        id: "shape.go_test",
        category: Category::TestFailure,
        key,
        lines: (key.min(number), key.max(number)),
        name: Some(name.to_owned()),
        place: Some(place),
        message,
    })
}

/// `file_test.go:12: message`.
fn told((number, line): &Line<'_>) -> Option<(u64, String, String)> {
    let (place, message) = line.trim_start().split_once(": ")?;
    let (file, at) = place.split_once(".go:")?;
    (!file.contains(' ') && at.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| (*number, place.to_owned(), message.to_owned()))
}
