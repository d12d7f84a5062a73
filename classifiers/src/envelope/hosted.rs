//! Smaller runners: what their agents say about the steps of a job.
//!
//! AWS `CodeBuild` (`[Container] …`), Google Cloud Build (`Starting Step #0`), Bitbucket Pipelines, `TeamCity`, `AppVeyor`,
//! Bamboo, and act, which plays GitHub workflows locally. Texts as their agents print them.

use super::{Kind, Mark, Marks, exit_behind};

pub(super) const TRIGGERS: &[&str] = &[
    "[Container] ",
    "Starting Step #",
    "Finished Step #",
    "ERROR: build step ",
    "Searching for test report files",
    "Command exited with code ",
    "Process exited with code ",
    "Failing task since return code of ",
    "⭐ Run ",
    "❌  Failure - ",
    "🏁  Job ",
];

pub(super) fn read(line: &str, marks: &mut Marks) -> Option<Mark> {
    codebuild(line, marks).or_else(|| cloud_build(line)).or_else(|| act(line, marks)).or_else(|| others(line))
}

/// `[Container] 2026/01/31 12:00:00.000000 Running command make`
fn codebuild(line: &str, marks: &Marks) -> Option<Mark> {
    let said = line.strip_prefix("[Container] ")?;
    // The date and the time are two words.
    let said = said.splitn(3, ' ').nth(2)?;
    if let Some(command) = said.strip_prefix("Running command ") {
        return Some(Mark::Step(command.to_owned()));
    }
    if said.starts_with("Command did not exit successfully") {
        return Some(Mark::Exit);
    }
    if said.starts_with("Phase complete: ") {
        return Some(if said.contains("State: FAILED") { Mark::Failed } else { Mark::StepEnd });
    }
    // What runs after a failed build reports and tidies up.
    let failed = marks.list.iter().any(|(_, mark)| *mark == Mark::Exit);
    Some(if failed && said.starts_with("Entering phase POST_BUILD") { Mark::Cleanup } else { Mark::Chatter })
}

/// `Starting Step #0 - "test"`, and at the end `ERROR: build step 0 "image" failed: step exited with non-zero status: 1`
fn cloud_build(line: &str) -> Option<Mark> {
    if let Some(name) = line.strip_prefix("Starting Step #") {
        return Some(Mark::Step(format!("Step #{name}")));
    }
    if line.starts_with("Finished Step #") {
        return Some(Mark::StepEnd);
    }
    (line.starts_with("ERROR: build step ") && line.contains(" failed: ")).then_some(Mark::Exit)
}

/// `⭐ Run Main npm test`, `❌  Failure - Main npm test`, `🏁  Job failed`
fn act(line: &str, marks: &mut Marks) -> Option<Mark> {
    if let Some(name) = line.strip_prefix("⭐ Run ") {
        marks.is(Kind::Github);
        let (when, name) = name.split_once(' ')?;
        return Some(if when == "Post" { Mark::Cleanup } else { Mark::Step(format!("Run {name}")) });
    }
    if line.starts_with("❌  Failure - ") {
        return Some(Mark::Exit);
    }
    match line.strip_prefix("🏁  Job ")? {
        "failed" => Some(Mark::Failed),
        "succeeded" => Some(Mark::Passed),
        _ => None,
    }
}

fn others(line: &str) -> Option<Mark> {
    // Bitbucket looks for reports and caches when the script is over.
    if line.starts_with("Searching for test report files") {
        return Some(Mark::Cleanup);
    }
    // `AppVeyor` and `TeamCity`.
    if line.starts_with("Command exited with code ") || line.starts_with("Process exited with code ") {
        return exit_behind(line, " exited with code ");
    }
    line.starts_with("Failing task since return code of ").then_some(Mark::Exit)
}

#[cfg(test)]
mod tests {
    use crate::{Category, Classifier, Hints};

    /// A step that prints something scary and passes, the one that fails, and clean-up with a scary line of its own.
    fn verdict(log: &str) -> (Category, u64) {
        let classifier = Classifier::builtin().expect("the built-in rules are good");
        let diagnosis = classifier.read(log.as_bytes(), Hints::default()).expect("memory can be read");
        (diagnosis.category, diagnosis.key_line.map_or(0, |key| key.line))
    }

    #[test]
    fn the_failing_step_of_each_runner_is_found() {
        let logs = [
            concat!(
                "[Container] 2026/01/31 12:00:00.000001 Running command npm run prepare\n",
                "Error: Cannot find module 'husky'\n",
                "[Container] 2026/01/31 12:00:01.000001 Running command cargo build\n",
                "error[E0308]: mismatched types\n",
                " --> src/main.rs:3:5\n",
                "[Container] 2026/01/31 12:00:02.000001 Command did not exit successfully cargo build exit status 101\n",
                "[Container] 2026/01/31 12:00:02.000002 Phase complete: BUILD State: FAILED\n",
                "[Container] 2026/01/31 12:00:02.000003 Entering phase POST_BUILD\n",
                "[Container] 2026/01/31 12:00:02.000004 Running command ls dist\n",
                "ls: cannot access 'dist': No such file or directory\n",
            ),
            concat!(
                "Starting Step #0 - \"prepare\"\n",
                "Step #0 - \"prepare\": Error: Cannot find module 'husky'\n",
                "Finished Step #0 - \"prepare\"\n",
                "Starting Step #1 - \"build\"\n",
                "Step #1 - \"build\": error[E0308]: mismatched types\n",
                "Step #1 - \"build\":  --> src/main.rs:3:5\n",
                "Finished Step #1 - \"build\"\n",
                "ERROR\n",
                "ERROR: build step 1 \"rust\" failed: step exited with non-zero status: 101\n",
            ),
            concat!(
                "[CI/build] ⭐ Run Main prepare\n",
                "[CI/build]   | Error: Cannot find module 'husky'\n",
                "[CI/build]   ✅  Success - Main prepare\n",
                "[CI/build] ⭐ Run Main cargo build\n",
                "[CI/build]   | error[E0308]: mismatched types\n",
                "[CI/build]   |  --> src/main.rs:3:5\n",
                "[CI/build]   ❌  Failure - Main cargo build\n",
                "[CI/build] 🏁  Job failed\n",
            ),
            concat!(
                "[12:00:00] :\t Step 1/2: Prepare (Command Line)\n",
                "[12:00:00]W:\t [Step 1/2] Error: Cannot find module 'husky'\n",
                "[12:00:01] :\t Step 2/2: Build (Command Line)\n",
                "[12:00:01]W:\t [Step 2/2] error[E0308]: mismatched types\n",
                "[12:00:01]W:\t [Step 2/2]  --> src/main.rs:3:5\n",
                "[12:00:02]W:\t [Step 2/2] Process exited with code 101\n",
            ),
            concat!(
                "+ npm run prepare\n",
                "Error: Cannot find module 'husky'\n",
                "+ cargo build\n",
                "error[E0308]: mismatched types\n",
                " --> src/main.rs:3:5\n",
                "\n",
                "Searching for test report files in directories named [test-results, failsafe-reports] down to a depth of 4\n",
                "Finished scanning for test reports. Found 0 test report files.\n",
            ),
        ];
        for log in logs {
            let at = log.lines().position(|line| line.contains("E0308")).expect("in each log") as u64 + 1;
            assert_eq!(verdict(log), (Category::CompileError, at), "{log}");
        }
    }
}
