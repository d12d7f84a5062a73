//! mocha: `  1) suite` with the test's name below, ended by a colon, and then the error.

use super::{Line, Structured, window};
use crate::category::Category;

pub(super) const TRIGGERS: &[&str] = &[" failing"];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    let summary = lines
        .iter()
        .position(|(_, line)| line.trim().strip_suffix(" failing").is_some_and(|n| n.parse::<u32>().is_ok()));
    let Some(summary) = summary else { return Vec::new() };
    (summary + 1..lines.len()).filter_map(|at| failure(lines, at)).collect()
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let (number, first) = lines[at].1.trim_start().split_once(") ")?;
    number.parse::<u32>().ok()?;
    let mut name = first.trim().to_owned();
    let mut rest = window(lines, at + 1, 20).iter().filter(|(_, line)| !line.trim().is_empty());
    while !name.ends_with(':') {
        let (_, line) = rest.next()?;
        name = format!("{name} › {}", line.trim());
        if name.len() > 400 {
            return None;
        }
    }
    let (key, message) = rest.next()?;
    let stack = |line: &str| line.trim_start().starts_with("at ");
    let place = rest
        .clone()
        .find(|(_, line)| stack(line))
        .map(|(_, line)| line.trim().trim_start_matches("at ").to_owned());
    let last = rest.take(8).take_while(|(_, line)| !stack(line)).last();
    Some(Structured {
        id: "shape.mocha",
        category: Category::TestFailure,
        key: *key,
        lines: (lines[at].0, last.map_or(*key, |(number, _)| *number)),
        name: Some(name.trim_end_matches(':').to_owned()),
        place,
        message: message.trim().to_owned(),
    })
}
