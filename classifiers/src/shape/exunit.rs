//! `ExUnit`: `  1) test name (Module)`, `     test/a_test.exs:12`, the message, `     code:`, `     left:`, `     right:`.

use super::{Line, Place, Structured, each, last_of, listed, while_true, window};

pub(super) const TRIGGERS: &[&str] = &[".exs:"];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    each(lines, failure)
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let rest = listed(lines[at].1.trim_start())?.strip_prefix("test ")?;
    let name = rest.rsplit_once(" (").map_or(rest, |(name, _)| name);
    let (_, place) = lines.get(at + 1).filter(|(_, line)| line.contains(".exs:"))?;
    let (key, message) = lines.get(at + 2)?;
    let told = while_true(window(lines, at + 2, 14), |line| line.starts_with("     "));
    let found = Structured::test("shape.exunit", name, *key, (lines[at].0, last_of(told, *key)), message);
    Some(found.at(Place::read(place)))
}
