//! `go test`: `--- FAIL: Name (0.00s)` with `    file_test.go:12: message` above or below it.

use super::{Line, Place, Structured, each, indent, while_true, window};

pub(super) const TRIGGERS: &[&str] = &["--- FAIL: "];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    each(lines, failure)
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let name = lines[at].1.trim_start().strip_prefix("--- FAIL: ")?;
    let name = name.split_whitespace().next()?;
    // Since 1.14 `-v` prints what a test says before its result.
    let below = while_true(window(lines, at + 1, 12), |line| {
        !line.trim_start().starts_with("--- ") && line.starts_with(' ')
    });
    let above =
        lines[at.saturating_sub(12)..at].iter().rev().take_while(|(_, line)| !line.starts_with("=== "));
    let (key, place, message) = below.iter().find_map(told).or_else(|| above.into_iter().find_map(told))?;
    let number = lines[at].0;
    // What an assertion library prints stands deeper than its place.
    let start = lines.iter().skip(at.saturating_sub(12)).position(|(line, _)| *line == key)?;
    let start = at.saturating_sub(12) + start;
    let deep = indent(&lines[start].1);
    let more =
        while_true(window(lines, start + 1, 14), |line| indent(line) > deep && !line.trim().is_empty());
    let message = match more.iter().find_map(|(_, line)| line.trim_start().strip_prefix("Error:")) {
        Some(error) if message.trim().is_empty() => error.trim().to_owned(),
        _ => message,
    };
    let last = super::last_of(more, key).max(number);
    Some(Structured::test("shape.go_test", name, key, (key.min(number), last), &message).at(place))
}

/// `file_test.go:12: message`.
fn told((number, line): &Line<'_>) -> Option<(u64, Option<Place>, String)> {
    let (place, message) = line
        .trim_start()
        .split_once(": ")
        .or_else(|| line.trim().strip_suffix(':').map(|place| (place, "")))?;
    let (file, at) = place.split_once(".go:")?;
    (!file.contains(' ') && at.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| (*number, Place::read(place), message.to_owned()))
}
