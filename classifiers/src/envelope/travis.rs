//! Travis CI: folds, and `The command "…" exited with N.`

use super::{Kind, Mark, Marks, leading_number};

pub(super) const TRIGGERS: &[&str] = &[
    "\" exited with ",
    "\" failed and exited with ",
    "Your build exited with ",
    "No output has been received in the last",
];

pub(super) fn read(line: &str, marks: &mut Marks) -> Option<Mark> {
    if line.starts_with("No output has been received in the last") {
        return Some(Mark::TimedOut);
    }
    let (before, code) = line.split_once("exited with ")?;
    let code = leading_number(code)?;
    if before.starts_with("Done. Your build ") {
        marks.is(Kind::Travis);
        return Some(if code == 0 { Mark::Passed } else { Mark::Failed });
    }
    if !before.starts_with("The command ") {
        return None;
    }
    marks.is(Kind::Travis);
    Some(if code == 0 { Mark::StepEnd } else { Mark::Exit })
}

/// The fold markers of a raw line.
pub(super) fn fold(raw: &[u8], number: u64, marks: &mut Marks) {
    let Some(name) = raw.strip_prefix(b"travis_fold:start:") else { return };
    marks.is(Kind::Travis);
    let end = name.iter().position(|&byte| byte == b'\r').unwrap_or(name.len());
    marks.push(number, Mark::Step(String::from_utf8_lossy(&name[..end]).into_owned()));
}
