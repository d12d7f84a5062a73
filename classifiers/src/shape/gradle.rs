//! Gradle's test task: `Class > test FAILED` with the exception and its place below.

use super::{Line, Place, Structured, each, frame, last_of, while_true, window};

pub(super) const TRIGGERS: &[&str] = &[" FAILED"];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    each(lines, failure)
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let name =
        lines[at].1.strip_suffix(" FAILED").filter(|name| name.contains(" > ") && !name.starts_with(' '))?;
    let (key, message) = lines.get(at + 1).filter(|(_, line)| line.starts_with("    "))?;
    let told = while_true(window(lines, at + 1, 6), |line| line.starts_with("    "));
    let place = told.iter().find_map(|(_, line)| {
        frame(line).or_else(|| line.rsplit_once(" at ").and_then(|(_, place)| Place::read(place)))
    });
    let found = Structured::test("shape.gradle", name, *key, (lines[at].0, last_of(told, *key)), message);
    Some(found.at(place))
}
