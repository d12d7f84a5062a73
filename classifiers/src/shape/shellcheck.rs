//! shellcheck: `In deploy.sh line 3:`, the source, `   ^-- SC2086 (info): message`.

use super::{Line, Place, Structured, each, window};
use crate::category::Category;

pub(super) const TRIGGERS: &[&str] = &["-- SC", "^ SC"];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    each(lines, failure)
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let (number, line) = &lines[at];
    let (file, rest) = line.strip_prefix("In ")?.split_once(" line ")?;
    let line = rest.strip_suffix(':')?.parse().ok()?;
    let (key, told) = window(lines, at + 1, 6).iter().find_map(|(number, line)| {
        line.find(" SC").filter(|_| line.trim_start().starts_with('^')).map(|at| (*number, &line[at + 1..]))
    })?;
    let (code, message) = told.split_once(": ")?;
    let place = Place { file: file.to_owned(), line: Some(line), column: None };
    let found = Structured::complaint("shape.shellcheck", Category::LintFormat, key, (*number, key), message);
    Some(found.coded(code.split(' ').next()).at(Some(place)).into_detail())
}
