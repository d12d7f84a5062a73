//! Jenkins: `[Pipeline]` lines of the step tree, and `Finished: RESULT` at the end.

use super::{Kind, Mark, Marks, exit_behind};

pub(super) const TRIGGERS: &[&str] = &[
    "[Pipeline] ",
    "Finished: ",
    "script returned exit code ",
    "marked build as failure",
    "[WS-CLEANUP]",
    "skipped due to ",
];

pub(super) fn read(line: &str, marks: &mut Marks) -> Option<Mark> {
    if let Some(node) = line.strip_prefix("[Pipeline] ") {
        marks.is(Kind::Jenkins);
        if let Some(stage) = node.strip_prefix("{ (") {
            let stage = stage.trim_end_matches(')');
            return Some(if stage == "Declarative: Post Actions" {
                Mark::Cleanup
            } else {
                Mark::Step(stage.to_owned())
            });
        }
        return Some(if node == "// stage" { Mark::StepEnd } else { Mark::Chatter });
    }
    if line.starts_with("[WS-CLEANUP]") {
        return Some(if line.contains("Deleting") { Mark::Cleanup } else { Mark::Chatter });
    }
    if line.starts_with("ERROR: script returned exit code ") {
        return exit_behind(line, "exit code ");
    }
    if line.starts_with("Stage \"") && line.contains("\" skipped due to ") {
        return Some(Mark::Skipped);
    }
    if line.ends_with("marked build as failure") {
        return Some(Mark::Exit);
    }
    match line {
        "Finished: SUCCESS" => Some(Mark::Passed),
        "Finished: FAILURE" | "Finished: UNSTABLE" => Some(Mark::Failed),
        "Finished: ABORTED" => Some(Mark::Cancelled),
        _ => None,
    }
}
