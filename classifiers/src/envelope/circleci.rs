//! `CircleCI`: `====>> name` opens a step; a failed one ends with `Exited with code …`.

use super::{Kind, Mark, Marks, leading_number};

pub(super) const TRIGGERS: &[&str] =
    &["====>> ", "Exited with code ", "Task failed", "Success!", "Too long with no output"];

/// Steps of the runner itself.
const CLEANUP: [&str; 4] = ["Uploading artifacts", "Uploading test results", "Saving cache", "Save cache"];

pub(super) fn read(line: &str, marks: &mut Marks) -> Option<Mark> {
    if let Some(name) = line.strip_prefix("====>> ") {
        marks.is(Kind::Circleci);
        return Some(if CLEANUP.contains(&name) { Mark::Cleanup } else { Mark::Step(name.to_owned()) });
    }
    if let Some(code) = line.strip_prefix("Exited with code ") {
        let code = code.trim_start_matches("exit status ");
        return leading_number(code).filter(|&code| code != 0).map(|_| Mark::Exit);
    }
    if line.starts_with("Too long with no output") {
        return Some(Mark::TimedOut);
    }
    if marks.kind != Kind::Circleci {
        return None;
    }
    match line {
        "Task failed" => Some(Mark::Failed),
        "Success!" => Some(Mark::Passed),
        _ => None,
    }
}
