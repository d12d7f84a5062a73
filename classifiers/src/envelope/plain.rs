//! Whatever wraps a log that no known provider wrote: scripts that report the exit code of what they ran.

use super::{Mark, exit_behind};

pub(super) const TRIGGERS: &[&str] = &[
    "exited with status ",
    "job result: ",
    "returned a non-zero code: ",
    "Process completed with exit code ",
    "failed to solve: ",
    "error building image: ",
    "building at STEP ",
];

/// How the last line of an image build begins that failed: `BuildKit`, kaniko, buildah.
const IMAGE_BUILDS: &[&str] = &[
    "ERROR: failed to solve: ",
    "failed to solve: ",
    "error building image: ",
    "Error: building at STEP ",
    "error building at STEP ",
];

pub(super) fn read(line: &str) -> Option<Mark> {
    match line {
        "job result: failed" => return Some(Mark::Failed),
        "job result: passed" | "job result: success" | "job result: ok" => return Some(Mark::Passed),
        _ => {}
    }
    if IMAGE_BUILDS.iter().any(|start| line.starts_with(start)) {
        return Some(Mark::Exit);
    }
    // A copy of a GitHub log may have lost the marker in front of the runner's line, or shows it as the page does.
    let line = line.strip_prefix("Error: ").unwrap_or(line);
    if line.starts_with("Process completed with exit code ") {
        return exit_behind(line, "exit code ");
    }
    exit_behind(line, "exited with status ").or_else(|| exit_behind(line, "returned a non-zero code: "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_a_broken_image_build_is_an_exit() {
        for line in [
            "ERROR: failed to solve: process \"/bin/sh -c make\" did not complete successfully: exit code: 2",
            "error building image: error building stage: failed to execute command: exit status 1",
            "Error: building at STEP \"RUN make\": while running runtime: exit status 2",
            "The command '/bin/sh -c make' returned a non-zero code: 2",
        ] {
            assert_eq!(read(line), Some(Mark::Exit), "{line}");
        }
        assert_eq!(read("echo 'grep for failed to solve: in the log'"), None);
        assert_eq!(read("The command '/bin/sh -c make' returned a non-zero code: 0"), None);
    }
}
