//! Catch2: `file.cpp:12: FAILED:` with the expression and its expansion below, under the test's name.

use super::{Line, Place, Structured, each, last_of, while_true, window};

pub(super) const TRIGGERS: &[&str] = &[": FAILED:"];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    each(lines, failure)
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let (number, line) = &lines[at];
    let place = Place::read(line.strip_suffix(": FAILED:")?)?;
    let told = while_true(window(lines, at + 1, 12), |line| {
        let line = line.trim();
        !line.starts_with("-----")
            && !line.starts_with("=====")
            && !line.starts_with("......")
            && !line.ends_with(": FAILED:")
    });
    let expanded = told.iter().position(|(_, line)| line.trim() == "with expansion:");
    let value = expanded.and_then(|at| told.get(at + 1)).or(told.first());
    let (key, message) = value.map_or((*number, "failed"), |(key, line)| (*key, line.trim()));
    // The name stands between two rulers, above.
    let above: Vec<&Line<'_>> = lines[at.saturating_sub(14)..at].iter().rev().collect();
    let ruler = |at: usize| above.get(at).is_some_and(|(_, line)| line.starts_with("--------"));
    let name = (0..above.len()).find(|at| ruler(*at)).and_then(|below| {
        let top = (below + 1..above.len()).find(|at| ruler(*at)).unwrap_or(above.len());
        above.get(top - 1).map(|(_, line)| line.trim())
    });
    let name = name.unwrap_or("a test case");
    Some(Structured::test("shape.catch2", name, key, (*number, last_of(told, key)), message).at(Some(place)))
}
