//! Terraform and `OpenTofu`: `Error: message`, `  on main.tf line 3, in …`, the source and an explanation, in a box of `│`.

use super::{Line, Place, Structured, each, last_of, while_true, window};
use crate::category::Category;

pub(super) const TRIGGERS: &[&str] = &[".tf line ", "│ Error: "];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    each(lines, failure)
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let (number, line) = &lines[at];
    let boxed = line.starts_with('│');
    let message = unboxed(line).strip_prefix("Error: ")?;
    let body = window(lines, at + 1, 30);
    let body = if boxed {
        while_true(body, |line| line.starts_with('│'))
    } else {
        while_true(body, |line| !line.starts_with("Error: "))
    };
    let place = body.iter().find_map(|(_, line)| {
        let (file, rest) = unboxed(line).trim_start().strip_prefix("on ")?.split_once(" line ")?;
        let line = rest.split([',', ':', ' ']).next()?.parse().ok()?;
        Some(Place { file: file.to_owned(), line: Some(line), column: None })
    });
    if !boxed && place.is_none() {
        return None;
    }
    let spoken = body.iter().rev().find(|(_, line)| !unboxed(line).trim().is_empty());
    let end = spoken.map_or_else(|| last_of(body, *number), |(last, _)| *last).min(number + 16);
    let found =
        Structured::complaint("shape.terraform", Category::TerraformIac, *number, (*number, end), message);
    Some(found.at(place).into_detail())
}

/// The text of a line in a box.
fn unboxed(line: &str) -> &str {
    line.trim_start_matches(['│', '╷', '╵']).trim_start_matches(' ')
}
