//! GitHub Actions: `##[group]Run …` opens a step, `##[error]` marks what the runner or a problem matcher calls an error.

use super::{Kind, Mark, Marks, exit_behind};

pub(super) const TRIGGERS: &[&str] = &[
    "##[group]",
    "##[endgroup]",
    "##[error]",
    "Post job cleanup.",
    "Cleaning up orphan processes",
    "Complete job name: ",
    "Current runner version: ",
];

pub(super) fn read(line: &str, marks: &mut Marks) -> Option<Mark> {
    if let Some(group) = line.strip_prefix("##[group]") {
        return group.strip_prefix("Run ").map(|command| {
            marks.is(Kind::Github);
            Mark::Step(format!("Run {command}"))
        });
    }
    if line == "##[endgroup]" {
        return Some(Mark::HeaderEnd);
    }
    if let Some(error) = line.strip_prefix("##[error]") {
        return Some(error_mark(error));
    }
    if line.starts_with("Current runner version: ") {
        marks.is(Kind::Github);
        return Some(Mark::Step("Set up job".to_owned()));
    }
    if let Some(name) = line.strip_prefix("Complete job name: ") {
        marks.is(Kind::Github);
        return Some(Mark::Job(name.to_owned()));
    }
    (line == "Post job cleanup." || line == "Cleaning up orphan processes").then_some(Mark::Cleanup)
}

/// What the runner says behind its error marker (texts of actions/runner).
fn error_mark(error: &str) -> Mark {
    if let Some(exit) = exit_behind(error, "Process completed with exit code ") {
        return exit;
    }
    if error.contains("has exceeded the maximum execution time") || error.contains("timed out after") {
        return Mark::TimedOut;
    }
    if error.starts_with("The operation was canceled") || error.starts_with("The run was canceled") {
        return Mark::Cancelled;
    }
    Mark::Error
}
