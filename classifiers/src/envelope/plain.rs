//! Whatever wraps a log that no known provider wrote: scripts that report the exit code of what they ran.

use super::{Mark, exit_behind};

pub(super) const TRIGGERS: &[&str] = &[
    "exited with status ",
    "job result: ",
    "returned a non-zero code: ",
    "Process completed with exit code ",
];

pub(super) fn read(line: &str) -> Option<Mark> {
    match line {
        "job result: failed" => return Some(Mark::Failed),
        "job result: passed" | "job result: success" | "job result: ok" => return Some(Mark::Passed),
        _ => {}
    }
    // A copy of a GitHub log may have lost the marker in front of the runner's line, or shows it as the page does.
    let line = line.strip_prefix("Error: ").unwrap_or(line);
    if line.starts_with("Process completed with exit code ") {
        return exit_behind(line, "exit code ");
    }
    exit_behind(line, "exited with status ").or_else(|| exit_behind(line, "returned a non-zero code: "))
}
