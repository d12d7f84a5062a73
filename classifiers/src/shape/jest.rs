//! jest: `● suite › test`; vitest: `FAIL  file > suite > test`; both with the error below and ` at file:line:column` or
//! `❯ file:line:column`.

use super::{Line, Structured, window};
use crate::category::Category;

pub(super) const TRIGGERS: &[&str] = &["● ", "FAIL  "];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    (0..lines.len()).filter_map(|at| failure(lines, at)).collect()
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let line = lines[at].1.trim_start();
    let jest = line.strip_prefix("● ").filter(|name| name.contains(" › "));
    let vitest = || line.strip_prefix("FAIL  ").filter(|name| name.contains(" > "));
    let name = jest.or_else(vitest)?;
    let body = window(lines, at + 1, 40);
    let told = |line: &str| {
        !line.trim().is_empty() && !line.contains("●") && !line.trim_start().starts_with("FAIL ")
    };
    let (key, message) = body.iter().take(6).find(|(_, line)| told(line))?;
    let place = body.iter().map(|(_, line)| line.trim()).find_map(|line| {
        let place = line.strip_prefix("❯ ").or_else(|| {
            line.strip_prefix("at ")
                .map(|frame| frame.rsplit_once('(').map_or(frame, |(_, place)| place.trim_end_matches(')')))
        })?;
        place.contains(':').then(|| place.to_owned())
    });
    let last = body
        .iter()
        .skip_while(|(number, _)| number < key)
        .take(16)
        .take_while(|(_, line)| !is_code(line))
        .last();
    Some(Structured {
        id: "shape.jest",
        category: Category::TestFailure,
        key: *key,
        lines: (lines[at].0, last.map_or(*key, |(number, _)| *number)),
        name: Some(name.trim().to_owned()),
        place,
        message: said(message.trim(), body),
    })
}

/// The message, or for a bare `expect(received).toBe(expected)` what was expected and what came.
fn said(message: &str, body: &[Line<'_>]) -> String {
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
fn is_code(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("at ")
        || line.starts_with("❯ ")
        || line.starts_with("> ")
        || line.split_once(" | ").is_some_and(|(number, _)| number.trim().parse::<u32>().is_ok())
}
