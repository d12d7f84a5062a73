//! vitest: `FAIL  file > suite > test`, the error, ` ❯ file:line:column`.

use super::{Line, Structured, each, frame, jest, last_of, while_true, window};

pub(super) const TRIGGERS: &[&str] = &["FAIL  "];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    each(lines, failure)
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let head = |line: &str| line.trim_start().starts_with("FAIL  ");
    let name = lines[at].1.trim_start().strip_prefix("FAIL  ").filter(|name| name.contains(" > "))?;
    // Tests that failed alike are named one below the other, with their error once.
    let alike = while_true(window(lines, at + 1, 40), head).len();
    let body = window(lines, at + 1 + alike, 40);
    let start = body.iter().take(6).position(|(_, line)| !line.trim().is_empty())?;
    let (key, message) = &body[start];
    let body = while_true(&body[start..], |line| !line.starts_with("⎯⎯⎯") && !head(line));
    let place = body.iter().find_map(|(_, line)| frame(line));
    // The source with a line number and a bar, below the frame.
    let code = |line: &str| {
        line.trim_start()
            .split_once('|')
            .is_some_and(|(n, _)| n.trim().parse::<u32>().is_ok() || n.trim().is_empty())
    };
    let told = jest::told(body, 0);
    let source = while_true(window(body, told.len(), 7), code);
    let end = last_of(source, last_of(told, *key));
    let first = if alike == 0 { lines[at].0 } else { *key };
    let message = jest::said(message.trim(), body);
    Some(Structured::test("shape.vitest", name, *key, (first, end), &message).at(place))
}
