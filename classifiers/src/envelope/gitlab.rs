//! GitLab CI: `section_start:time:name` hidden in front of a carriage return, and a last line that says how it went.

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

/// The section markers of a raw line.
pub(super) fn section(raw: &[u8], number: u64, marks: &mut Marks) {
    let Some(at) = memchr::memmem::find(&raw[..raw.len().min(200)], b"section_") else { return };
    let (starts, name) = match &raw[at..] {
        [b's', b'e', b'c', b't', b'i', b'o', b'n', b'_', b's', b't', b'a', b'r', b't', b':', rest @ ..] => {
            (true, rest)
        }
        [b's', b'e', b'c', b't', b'i', b'o', b'n', b'_', b'e', b'n', b'd', b':', rest @ ..] => (false, rest),
        _ => return,
    };
    marks.is(Kind::Gitlab);
    let name = name.split(|&byte| byte == b':').nth(1).unwrap_or_default();
    let end = name.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"_-.".contains(byte));
    let name = String::from_utf8_lossy(&name[..end.unwrap_or(name.len())]).into_owned();
    let mark = match (starts, CLEANUP.contains(&name.as_str())) {
        (true, true) => Mark::Cleanup,
        (true, false) => Mark::Step(name),
        (false, _) => Mark::StepEnd,
    };
    marks.push(number, mark);
}
