//! Azure Pipelines: `##[section]Starting: …` and `##[section]Finishing: …` around each task.

use super::{Kind, Mark, Marks, exit_behind};

pub(super) const TRIGGERS: &[&str] = &["##[section]"];

/// The agent's own steps after the build's.
const CLEANUP: [&str; 3] = ["Finalize Job", "Checkout ", "Post-job: "];

pub(super) fn read(line: &str, marks: &mut Marks) -> Option<Mark> {
    if let Some(section) = line.strip_prefix("##[section]") {
        marks.is(Kind::Azure);
        if section.starts_with("Finishing: ") {
            return Some(Mark::StepEnd);
        }
        let name = section.strip_prefix("Starting: ")?;
        // Before the build the same words stand for real work; an empty past tells them apart.
        let built = marks.list.iter().filter(|(_, mark)| matches!(mark, Mark::Step(_))).count() > 2;
        let cleanup = CLEANUP.iter().any(|start| name.starts_with(start)) && built;
        return Some(if cleanup { Mark::Cleanup } else { Mark::Step(name.to_owned()) });
    }
    if marks.kind == Kind::Azure && line.starts_with("##[error]") {
        if line.contains("exceeded the maximum execution time")
            || line.contains("ran longer than the maximum time")
        {
            return Some(Mark::TimedOut);
        }
        return exit_behind(line, "exited with code ").or_else(|| exit_behind(line, "exit code "));
    }
    None
}
