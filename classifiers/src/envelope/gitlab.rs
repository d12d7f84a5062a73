//! GitLab CI: `section_start:time:name` hidden in front of a carriage return, and a last line that says how it went.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::{Kind, Mark, Marks};

pub(super) const TRIGGERS: &[&str] = &["ERROR: Job failed", "Job succeeded", "Job's log exceeded limit of "];

/// Sections of the runner that come after the build and never explain it.
const CLEANUP: [&str; 6] = [
    "after_script",
    "cleanup_file_variables",
    "upload_artifacts_on_failure",
    "upload_artifacts_on_success",
    "archive_cache",
    "archive_cache_on_failure",
];

pub(super) fn read(line: &str) -> Option<Mark> {
    if let Some(reason) = line.strip_prefix("ERROR: Job failed") {
        return Some(if reason.contains("execution took longer than") {
            Mark::TimedOut
        } else if reason.contains("canceled") {
            Mark::Cancelled
        } else {
            Mark::Exit
        });
    }
    if line.starts_with("Job's log exceeded limit of ") {
        return Some(Mark::Truncated);
    }
    (line == "Job succeeded").then_some(Mark::Passed)
}

/// The most bytes of a raw line that are looked at for markers: they stand in front of what is shown.
const MARKERS: usize = 400;

/// Made once: every line with a terminal code is asked.
static SECTION: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"section_"));

/// The section markers of a raw line. The runner ends one section and starts the next on the same line.
pub(super) fn section(raw: &[u8], number: u64, marks: &mut Marks) {
    let mut rest = &raw[..raw.len().min(MARKERS)];
    while let Some(at) = SECTION.find(rest) {
        rest = &rest[at + b"section_".len()..];
        let (starts, named) = match (rest.strip_prefix(b"start:"), rest.strip_prefix(b"end:")) {
            (Some(named), _) => (true, named),
            (None, Some(named)) => (false, named),
            (None, None) => continue,
        };
        marks.is(Kind::Gitlab);
        let name = named.split(|&byte| byte == b':').nth(1).unwrap_or_default();
        let end = name.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"_-.".contains(byte));
        let name = String::from_utf8_lossy(&name[..end.unwrap_or(name.len())]).into_owned();
        let mark = match (starts, CLEANUP.contains(&name.as_str())) {
            (true, true) => Mark::Cleanup,
            (true, false) => Mark::Step(name),
            (false, _) => Mark::StepEnd,
        };
        marks.push(number, mark);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(raw: &str) -> Vec<Mark> {
        let mut marks = Marks::default();
        section(raw.as_bytes(), 1, &mut marks);
        marks.list.into_iter().map(|(_, mark)| mark).collect()
    }

    #[test]
    fn one_line_may_end_a_section_and_start_the_next() {
        let line = "section_end:1760000020:get_sources\r\x1b[0Ksection_start:1760000020:step_script\r\x1b[0K\x1b[0KExecuting";
        assert_eq!(marks(line), [Mark::StepEnd, Mark::Step("step_script".to_owned())]);
        let line = "section_end:1760000120:step_script\r\x1b[0Ksection_start:1760000120:cleanup_file_variables\r\x1b[0KCleaning up";
        assert_eq!(marks(line), [Mark::StepEnd, Mark::Cleanup]);
        assert_eq!(marks("section_end:1760000120:step_script\r\x1b[0K"), [Mark::StepEnd]);
        assert_eq!(marks("a section_ of text"), []);
    }
}
