//! Playwright: `  1) [chromium] › tests/a.spec.ts:12:5 › name ─────`, the error, the source, the stack.

use super::{Line, Place, Structured, each, jest, last_of, listed, window};

pub(super) const TRIGGERS: &[&str] = &[".spec.", ".test.", ".e2e."];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    each(lines, failure)
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let name = listed(lines[at].1.trim_start())?;
    let mut parts = name.split(" › ");
    let place = parts.find_map(|part| Place::read(part.trim()).filter(|place| place.column.is_some()))?;
    let body = window(lines, at + 1, 60);
    let start = body.iter().take(5).position(|(_, line)| !line.trim().is_empty())?;
    let (key, message) = &body[start];
    let told = jest::told(body, start);
    let name = name.trim_end_matches(['─', ' ']);
    let message = jest::said(message.trim(), &body[start..]);
    Some(
        Structured::test("shape.playwright", name, *key, (lines[at].0, last_of(told, *key)), &message)
            .at(Some(place)),
    )
}
