//! jest: `● suite › test` with the error below and `at file:line:column`.

use super::{Line, Structured, each, frame, last_of, while_true, window};

pub(super) const TRIGGERS: &[&str] = &["● "];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    each(lines, failure)
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let name = lines[at].1.trim_start().strip_prefix("● ")?;
    let broken = name == "Test suite failed to run";
    if !broken && !name.contains(" › ") && !lines[at].1.starts_with("  ● ") {
        return None;
    }
    let body = window(lines, at + 1, 40);
    let says = |line: &str| {
        !line.trim().is_empty() && !line.contains('●') && !line.trim_start().starts_with("FAIL ")
    };
    let start = body.iter().take(6).position(|(_, line)| says(line))?;
    let (key, message) = &body[start];
    let place = body.iter().find_map(|(_, line)| frame(line));
    let last = told(body, start);
    let name = if broken { suite(lines, at).unwrap_or(name) } else { name };
    let message = said(message.trim(), body);
    let found =
        Structured::test("shape.jest", name, *key, (lines[at].0, last_of(last, *key)), &message).at(place);
    Some(if broken { found.into_detail() } else { found })
}

/// The message from `start` on, with the source and the first frame of the stack if that is not long.
pub(super) fn told<'s, 'l>(body: &'s [Line<'l>], start: usize) -> &'s [Line<'l>] {
    let all = while_true(window(body, start, 20), |line| !line.contains('●') && !line.starts_with("⎯⎯"));
    let frame = all.iter().position(|(_, line)| frame(line).is_some());
    match frame {
        Some(frame) if frame < 16 => &all[..=frame],
        _ => while_true(window(all, 0, 16), |line| !is_code(line)),
    }
}

/// The file in `FAIL src/cart.test.js` above.
fn suite<'s>(lines: &'s [Line<'_>], at: usize) -> Option<&'s str> {
    let above = lines[at.saturating_sub(3)..at].iter().rev();
    above.into_iter().find_map(|(_, line)| line.trim_start().strip_prefix("FAIL "))
}

/// The message, or for a bare `expect(received).toBe(expected)` what was expected and what came.
pub(super) fn said(message: &str, body: &[Line<'_>]) -> String {
    let value = |name: &str| {
        let mut lines = body.iter().take(12).take_while(|(_, line)| !is_code(line));
        lines.find_map(|(_, line)| line.trim_start().strip_prefix(name)).map(str::trim)
    };
    match (value("Expected: "), value("Received: ")) {
        (Some(expected), Some(received)) if message.starts_with("expect(") => {
            format!("expected {expected}, received {received}")
        }
        (Some(expected), Some(received)) => format!("{message} (expected {expected}, received {received})"),
        _ => message.to_owned(),
    }
}

/// The source excerpt and the stack below a message.
pub(super) fn is_code(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("at ")
        || line.starts_with("❯ ")
        || line.starts_with("> ")
        || line.split_once(" | ").is_some_and(|(number, _)| number.trim().parse::<u32>().is_ok())
}
