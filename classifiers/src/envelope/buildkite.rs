//! Buildkite: lines stamped by an application command, `---`, `+++` and `~~~` open a group.

use super::{Kind, Mark, Marks, exit_behind};

pub(super) const TRIGGERS: &[&str] = &["The command exited with status ", "user command error: exit status "];

/// Groups of the agent itself that come after the build.
const CLEANUP: [&str; 3] =
    ["Uploading artifacts", "Running global pre-exit hook", "Running local pre-exit hook"];

pub(super) fn read(line: &str, _marks: &mut Marks) -> Option<Mark> {
    exit_behind(line, "The command exited with status ")
        .or_else(|| exit_behind(line, "user command error: exit status "))
}

/// The stamp `ESC _bk;t=… BEL` in front of a raw line tells whose log it is, and only there are the three signs groups.
pub(super) fn stamp(raw: &[u8], number: u64, marks: &mut Marks) {
    let Some(rest) = raw.strip_prefix(b"\x1b_bk;t=") else { return };
    marks.is(Kind::Buildkite);
    let Some(end) = memchr::memchr(0x07, &rest[..rest.len().min(40)]) else { return };
    let [a, b, c, b' ', name @ ..] = &rest[end + 1..] else { return };
    if a == b && b == c && b"-+~".contains(a) {
        let name = crate::log::clean_line(&String::from_utf8_lossy(&name[..name.len().min(200)]));
        let cleanup = CLEANUP.contains(&name.as_str());
        marks.push(number, if cleanup { Mark::Cleanup } else { Mark::Step(name) });
    }
}
