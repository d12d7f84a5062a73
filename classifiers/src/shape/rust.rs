//! `rustc` and clippy: `error[E0308]: message` with ` --> file:line:column` below; `cargo test`: a section for each failed
//! test with the panic inside.

use super::{Line, Place, Structured, each, last_of, while_true, window};
use crate::category::Category;

pub(super) const TRIGGERS: &[&str] = &["error[E", " stdout ----", "\' panicked at ", "error: "];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    each(lines, |lines, at| diagnostic(lines, at).or_else(|| failed_test(lines, at)))
}

fn diagnostic(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let (number, line) = &lines[at];
    let rest = line.strip_prefix("error")?;
    let (code, message) = match rest.strip_prefix('[') {
        Some(rest) => rest.split_once("]: ").map(|(code, message)| (Some(code), message))?,
        None => (None, rest.strip_prefix(": ")?),
    };
    let place = window(lines, at + 1, 3).iter().find_map(|(_, line)| line.trim_start().strip_prefix("--> "));
    let body = while_true(window(lines, at + 1, 25), |line| !line.is_empty());
    // clippy names itself below a message without a code.
    let by_clippy = code.is_none() && body.iter().any(|(_, line)| line.contains("clippy"));
    let rule = body.iter().find_map(|(_, line)| {
        let name = line.split("`-D ").nth(1)?.split('`').next()?;
        Some(name.trim_start_matches("clippy::"))
    });
    if code.is_none() && place.is_none() {
        return None;
    }
    let (id, category) = if by_clippy {
        ("shape.clippy", Category::LintFormat)
    } else {
        ("shape.rustc", Category::CompileError)
    };
    // What follows the picture of the source is advice.
    let told = while_true(body, |line| !line.starts_with("help:") && !line.starts_with("note:"));
    let found = Structured::complaint(id, category, *number, (*number, last_of(told, *number)), message)
        .coded(code.or(rule))
        .at(place.and_then(Place::read));
    Some(if code.is_none() { found.into_detail() } else { found })
}

/// `---- name stdout ----`, then `thread 'name' (1) panicked at file:line:column:`, then the message.
fn failed_test(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let name = lines[at].1.strip_prefix("---- ")?.strip_suffix(" stdout ----")?;
    let body = while_true(window(lines, at + 1, 200), |line| !line.starts_with("---- "));
    let panic =
        body.iter().position(|(_, line)| line.starts_with("thread '") && line.contains(" panicked at "));
    let panic = panic?;
    let place = body[panic].1.split_once(" panicked at ").and_then(|(_, place)| Place::read(place));
    let (key, message) = body.get(panic + 1).unwrap_or(&body[panic]);
    let told = while_true(window(body, panic + 1, 6), |line| !line.starts_with("note: ") && !line.is_empty());
    let first = if panic <= 3 { lines[at].0 } else { body[panic].0 };
    let message = said(message.trim(), &body[panic + 1..]);
    let found = Structured::test("shape.cargo_test", name, *key, (first, last_of(told, *key)), &message);
    Some(found.at(place))
}

/// What an assertion says, with both sides of a comparison.
fn said(message: &str, below: &[Line<'_>]) -> String {
    let side = |name: &str| {
        let mut lines = below.iter().take(6).take_while(|(_, line)| !line.is_empty());
        lines.find_map(|(_, line)| line.trim_start().strip_prefix(name))
    };
    let told = match message.strip_prefix("assertion ") {
        Some(told) => match told.split_once("failed: ") {
            Some(("", condition)) => format!("{condition} does not hold"),
            Some((_, told)) => told.to_owned(),
            None => format!("{} does not hold", told.trim_end_matches(" failed")),
        },
        None => message.to_owned(),
    };
    match (side("left: "), side("right: ")) {
        (Some(left), Some(right)) => format!("{told} (left {left}, right {right})"),
        _ => told,
    }
}
