//! `GoogleTest`: `[ RUN      ] Suite.Name`, `file.cc:12: Failure` with the message below, `[  FAILED  ] Suite.Name (0 ms)`.

use super::{Line, Place, Structured, each, last_of, while_true, window};

pub(super) const TRIGGERS: &[&str] = &[": Failure", "): error: "];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    each(lines, failure)
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let (number, line) = &lines[at];
    let place = match line.strip_suffix(": Failure") {
        Some(place) => Place::read(place)?,
        None => Place::read(line.split_once("): error: ")?.0)?,
    };
    let run = lines[at.saturating_sub(200)..at].iter().rev();
    let name = run.into_iter().find_map(|(_, line)| line.trim_start().strip_prefix("[ RUN      ] "))?;
    let told = while_true(window(lines, at + 1, 12), |line| {
        let line = line.trim_start();
        !line.is_empty() && !line.starts_with('[') && !line.ends_with(": Failure")
    });
    let (key, message) = told.first().map_or((*number, "failed"), |(key, line)| (*key, &**line));
    Some(Structured::test("shape.gtest", name, key, (*number, last_of(told, key)), message).at(Some(place)))
}
