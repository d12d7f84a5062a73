//! pytest: `____ test_name ____`, the source, `E   message`, `file.py:12: Error`.

use super::{Line, Structured, window};
use crate::category::Category;

pub(super) const TRIGGERS: &[&str] = &["= FAILURES =", "= ERRORS =", "short test summary info"];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    let mut found = Vec::new();
    let mut section = None;
    for (at, (number, line)) in lines.iter().enumerate() {
        if let Some(name) = heading(line) {
            section = Some((name, *number));
        } else if let Some(message) = line.strip_prefix("E   ") {
            // Only the first complaint of a section: those below explain it.
            let Some((name, _)) = section.take() else { continue };
            found.push(failure(lines, at, name, message));
        } else if line.starts_with("====") {
            section = None;
        }
    }
    found
}

/// The name in `____ name ____`; a second heading, of `_ _ _ _`, stands between the frames of one failure.
fn heading(line: &str) -> Option<&str> {
    let name = line.strip_prefix("__")?.strip_suffix("__").unwrap_or(line).trim_matches('_').trim();
    (!name.is_empty() && !name.contains("_ _")).then_some(name)
}

fn failure(lines: &[Line<'_>], at: usize, name: &str, message: &str) -> Structured {
    let key = lines[at].0;
    let complaint = window(lines, at, 12).iter().take_while(|(_, line)| line.starts_with("E  "));
    let last = complaint.last().map_or(key, |(number, _)| *number);
    let place = window(lines, at, 40).iter().find_map(|(_, line)| {
        let (place, _) = line.rsplit_once(": ")?;
        (place.contains(".py:") && !place.contains(' ')).then(|| place.to_owned())
    });
    Structured {
        id: "shape.pytest",
        category: Category::TestFailure,
        key,
        lines: (key, last),
        name: Some(name.to_owned()),
        place,
        message: message.trim().to_owned(),
    }
}
