//! Python's unittest, also through Django and nose: `FAIL: test_x (module.Class)`, a line, the traceback, the message.

use super::{Line, Place, Structured, each, while_true, window};

pub(super) const TRIGGERS: &[&str] = &["FAIL: ", "ERROR: "];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    each(lines, failure)
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let name = lines[at].1.strip_prefix("FAIL: ").or_else(|| lines[at].1.strip_prefix("ERROR: "))?;
    let rule = window(lines, at + 1, 3).iter().position(|(_, line)| line.starts_with("----------"))?;
    let start = at + 1 + rule + 1;
    if !lines.get(start)?.1.starts_with("Traceback ") {
        return None;
    }
    let frames = while_true(window(lines, start + 1, 80), |line| line.starts_with(' ') || line.is_empty());
    let (key, message) = lines.get(start + 1 + frames.len())?;
    let place = frames.iter().rev().find_map(|(_, line)| traced(line));
    let first = if key - lines[at].0 <= 14 { lines[at].0 } else { lines[start + frames.len()].0 };
    let more = while_true(window(lines, start + 2 + frames.len(), 10), |line| {
        !line.starts_with("====") && !line.starts_with("----") && !line.is_empty()
    });
    Some(
        Structured::test("shape.unittest", name, *key, (first, super::last_of(more, *key)), message)
            .at(place),
    )
}

/// `  File "tests/test_a.py", line 12, in test_b`.
fn traced(line: &str) -> Option<Place> {
    let (file, rest) = line.trim_start().strip_prefix("File \"")?.split_once("\", line ")?;
    let line = rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
    Some(Place { file: file.to_owned(), line: Some(line), column: None })
}
