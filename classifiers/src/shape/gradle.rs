//! Gradle's test task: `Class > test FAILED` with the exception and its place below.

use super::{Line, Structured, window};
use crate::category::Category;

pub(super) const TRIGGERS: &[&str] = &[" FAILED"];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    (0..lines.len()).filter_map(|at| failure(lines, at)).collect()
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let name =
        lines[at].1.strip_suffix(" FAILED").filter(|name| name.contains(" > ") && !name.starts_with(' '))?;
    let (key, message) = lines.get(at + 1).filter(|(_, line)| line.starts_with("    "))?;
    let place = window(lines, at + 1, 3).iter().find_map(|(_, line)| {
        line.trim()
            .rsplit_once(" at ")
            .map(|(_, place)| place.to_owned())
            .or_else(|| line.trim().strip_prefix("at ").map(str::to_owned))
    });
    let last = window(lines, at + 1, 8).iter().take_while(|(_, line)| line.starts_with("    ")).last();
    Some(Structured {
        id: "shape.gradle",
        category: Category::TestFailure,
        key: *key,
        lines: (lines[at].0, last.map_or(*key, |(number, _)| *number)),
        name: Some(name.to_owned()),
        place,
        message: message.trim().to_owned(),
    })
}
