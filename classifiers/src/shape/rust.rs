//! `rustc`: `error[E0308]: message` with ` --> file:line:column` below; `cargo test`: a section for each failed test with
//! the panic inside.

use super::{Line, Structured, window};
use crate::category::Category;

pub(super) const TRIGGERS: &[&str] = &["error[E", " stdout ----", "\' panicked at "];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    (0..lines.len()).filter_map(|at| diagnostic(lines, at).or_else(|| failed_test(lines, at))).collect()
}

fn diagnostic(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let (number, line) = &lines[at];
    let (code, message) = line.strip_prefix("error[")?.split_once("]: ")?;
    let place = window(lines, at + 1, 3).iter().find_map(|(_, line)| line.trim_start().strip_prefix("--> "));
    let end = window(lines, at + 1, 25).iter().take_while(|(_, line)| !line.is_empty()).last();
    Some(Structured {
        id: "shape.rustc",
        category: Category::CompileError,
        key: *number,
        lines: (*number, end.map_or(*number, |(number, _)| *number)),
        name: Some(code.to_owned()),
        place: place.map(str::to_owned),
        message: message.to_owned(),
    })
}

/// `---- name stdout ----`, then `thread 'name' (1) panicked at file:line:column:`, then the message.
fn failed_test(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let name = lines[at].1.strip_prefix("---- ")?.strip_suffix(" stdout ----")?;
    let body = window(lines, at + 1, 200);
    let body = &body[..body.iter().position(|(_, line)| line.starts_with("---- ")).unwrap_or(body.len())];
    let panic = body
        .iter()
        .position(|(_, line)| line.starts_with("thread '") && line.contains("' panicked at "))
        .or_else(|| {
            body.iter().position(|(_, line)| line.starts_with("thread '") && line.contains(" panicked at "))
        })?;
    let place =
        body[panic].1.split_once(" panicked at ").map(|(_, place)| place.trim_end_matches(':').to_owned());
    let (key, message) = body.get(panic + 1).unwrap_or(&body[panic]);
    let end = body[panic + 1..]
        .iter()
        .take(6)
        .take_while(|(_, line)| !line.starts_with("note: ") && !line.is_empty())
        .last();
    Some(Structured {
        id: "shape.cargo_test",
        category: Category::TestFailure,
        key: *key,
        lines: (body[panic].0, end.map_or(*key, |(number, _)| *number)),
        name: Some(name.to_owned()),
        place,
        message: said(message.trim(), &body[panic + 1..]),
    })
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
