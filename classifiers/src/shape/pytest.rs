//! pytest: `____ test_name ____`, the source, `E   message`, `file.py:12: Error`, and a line for each in the summary.

use super::{Line, Place, Structured, while_true, window};

pub(super) const TRIGGERS: &[&str] = &["= FAILURES =", "= ERRORS =", "short test summary info"];

/// A section's source is shown with its complaint when it is not longer (lines).
const SOURCE: u64 = 9;

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    let mut found: Vec<Structured> = Vec::new();
    let mut section = None;
    let mut summary = false;
    for (at, (number, line)) in lines.iter().enumerate() {
        if let Some(name) = heading(line) {
            section = Some((name, *number));
        } else if let Some(message) = line.strip_prefix("E   ") {
            // Only the first complaint of a section: those below explain it.
            let Some((name, head)) = section.take() else { continue };
            found.push(failure(lines, at, name, head, message));
        } else if line.starts_with("====") {
            section = None;
            summary = line.contains("short test summary info");
        } else if summary && let Some(told) = summarised(line, *number) {
            let known = told.test.as_deref().unwrap_or_default();
            let same = |it: &Structured| it.test.as_deref().is_some_and(|name| is_same(name, known));
            if !found.iter().any(same) && found.len() < super::MOST {
                found.push(told);
            }
        }
    }
    found
}

/// The name in `____ name ____`; a second heading, of `_ _ _ _`, stands between the frames of one failure.
fn heading(line: &str) -> Option<&str> {
    let name = line.strip_prefix("__")?.strip_suffix("__").unwrap_or(line).trim_matches('_').trim();
    (!name.is_empty() && !name.contains("_ _")).then_some(name)
}

fn failure(lines: &[Line<'_>], at: usize, name: &str, head: u64, message: &str) -> Structured {
    let key = lines[at].0;
    let complaint = while_true(window(lines, at, 12), |line| line.starts_with("E  "));
    let last = complaint.last().map_or(key, |(number, _)| *number);
    let placed = window(lines, at, 40).iter().find_map(|(number, line)| {
        let (place, _) = line.rsplit_once(": ")?;
        let place = (place.contains(".py:") && !place.contains(' ')).then(|| Place::read(place))??;
        Some((*number, place))
    });
    let first = if key - head <= SOURCE { head } else { source(lines, at) };
    let (end, place) = placed.map_or((last, None), |(number, place)| (number, Some(place)));
    let last = if end <= last + 2 { end.max(last) } else { last };
    Structured::test("shape.pytest", name, key, (first, last), message).at(place)
}

/// The line of the source that failed, above its complaint.
fn source(lines: &[Line<'_>], at: usize) -> u64 {
    let above = lines[at.saturating_sub(4)..at].iter().rev();
    above.into_iter().find(|(_, line)| line.starts_with('>')).map_or(lines[at].0, |(number, _)| *number)
}

/// `FAILED tests/test_a.py::test_b - message`.
fn summarised(line: &str, number: u64) -> Option<Structured> {
    let rest = line.strip_prefix("FAILED ").or_else(|| line.strip_prefix("ERROR "))?;
    let (name, message) = rest.split_once(" - ").unwrap_or((rest, "failed"));
    let file = name.split("::").next().filter(|file| file.contains(".py") || file.contains('/'))?;
    let place = Place { file: file.to_owned(), line: None, column: None };
    Some(Structured::test("shape.pytest", name, number, (number, number), message).at(Some(place)))
}

/// Whether a heading and a line of the summary name the same test: `TestCart.test_total` and
/// `tests/test_cart.py::TestCart::test_total`.
fn is_same(heading: &str, node: &str) -> bool {
    let heading =
        heading.trim_start_matches("ERROR at setup of ").trim_start_matches("ERROR at teardown of ");
    if let Some(file) = heading.strip_prefix("ERROR collecting ") {
        return node == file;
    }
    let tail = node.split_once("::").map_or(node, |(_, tail)| tail);
    tail.len() == heading.replace('.', "::").len().max(tail.len()) && tail.replace("::", ".") == heading
}
