//! mocha, and Cypress through it: `  1) suite` with the test's name below, ended by a colon, and then the error.

use super::{Line, Structured, frame, last_of, listed, while_true, window};

pub(super) const TRIGGERS: &[&str] = &[" failing"];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    let summary = lines
        .iter()
        .position(|(_, line)| line.trim().strip_suffix(" failing").is_some_and(|n| n.parse::<u32>().is_ok()));
    let Some(summary) = summary else { return Vec::new() };
    (summary + 1..lines.len()).filter_map(|at| failure(lines, at)).take(super::MOST).collect()
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let first = listed(lines[at].1.trim_start())?;
    let mut name = first.trim().to_owned();
    let mut next = at + 1;
    while !name.ends_with(':') {
        let (_, line) = lines.get(next).filter(|_| next < at + 8)?;
        if !line.trim().is_empty() {
            name = format!("{name} › {}", line.trim());
        }
        next += 1;
        if name.len() > 400 {
            return None;
        }
    }
    let body = window(lines, next, 24);
    let start = body.iter().position(|(_, line)| !line.trim().is_empty())?;
    let body = while_true(&body[start..], |line| listed(line.trim_start()).is_none());
    let (key, message) = body.first()?;
    let stack = |line: &str| line.trim_start().starts_with("at ");
    let place = body.iter().find_map(|(_, line)| frame(line));
    // The difference between what was expected and what came, down to the first frame.
    let told = while_true(window(body, 0, 12), |line| !stack(line));
    let own = body.get(told.len()).filter(|(_, line)| stack(line));
    let end = own.map_or(last_of(told, *key), |(number, _)| *number);
    let name = name.trim_end_matches(':');
    Some(Structured::test("shape.mocha", name, *key, (lines[at].0, end), message).at(place))
}
