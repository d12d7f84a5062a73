//! `cargo nextest`: `        FAIL [   0.356s] package module::test`, with the test's output indented below it.

use super::{Line, Place, Structured, each, last_of, while_true, window};

pub(super) const TRIGGERS: &[&str] = &["FAIL ["];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    let mut found: Vec<Structured> = each(lines, failure);
    // The same test is named once more in the summary, there without its output.
    let told: Vec<(String, u64)> = found
        .iter()
        .filter(|it| it.place.is_some())
        .map(|it| (it.test.clone().unwrap_or_default(), it.key))
        .collect();
    found.retain(|it| it.place.is_some() || !told.iter().any(|(name, _)| Some(name) == it.test.as_ref()));
    found.dedup_by(|b, a| a.test == b.test && a.place == b.place);
    found
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let (number, line) = &lines[at];
    let rest = line.trim_start().strip_prefix("FAIL [")?.split_once(']')?.1.trim_start();
    // Newer versions count: `(3847/5457) package test`.
    let rest = if rest.starts_with('(') { rest.split_once(") ")?.1 } else { rest };
    let (package, test) = rest.trim_start().split_once(' ')?;
    let name = format!("{package} {}", test.trim());
    let body = while_true(window(lines, at + 1, 200), |line| !line.trim_start().starts_with("FAIL ["));
    let panic = body.iter().position(|(_, line)| {
        let line = line.trim_start();
        line.starts_with("thread '") && line.contains(" panicked at ")
    });
    let Some(panic) = panic else {
        return Some(Structured::test(
            "shape.nextest",
            &name,
            *number,
            (*number, *number),
            "the test failed",
        ));
    };
    let place = body[panic].1.split_once(" panicked at ").and_then(|(_, place)| Place::read(place));
    let (key, message) = body.get(panic + 1).unwrap_or(&body[panic]);
    let told = while_true(window(body, panic + 1, 6), |line| {
        !line.trim_start().starts_with("note: ") && !line.trim().is_empty()
    });
    let found = Structured::test("shape.nextest", &name, *key, (body[panic].0, last_of(told, *key)), message);
    Some(found.at(place))
}
