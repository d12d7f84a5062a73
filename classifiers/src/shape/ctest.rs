//! `ctest`: `5/5 Test #5: name ......***Failed    0.00 sec`, with `--output-on-failure` its output below.

use super::{Line, Structured, each, last_of, while_true, window};

pub(super) const TRIGGERS: &[&str] = &["***Failed", "***Timeout", "***Exception", "***Not Run"];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    each(lines, failure)
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let (number, line) = &lines[at];
    let (_, rest) = line.split_once(" Test ")?;
    let (name, outcome) = rest.trim_start().split_once(": ")?.1.split_once("***")?;
    let name = name.trim_end_matches([' ', '.']);
    let told = while_true(window(lines, at + 1, 12), |line| {
        !line.trim().is_empty()
            && !line.trim_start().starts_with("Start ")
            && !line.contains("% tests passed")
    });
    let end = last_of(told, *number);
    Some(Structured::test("shape.ctest", name, *number, (*number, end), outcome).into_detail())
}
