//! The Test Anything Protocol: `not ok 2 - name`, with a block of YAML (`node:test`, node-tap) or of `# …` lines (Perl,
//! which prints it before or after).

use super::{Line, Place, Structured, each, while_true, window};

pub(super) const TRIGGERS: &[&str] = &["not ok "];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    each(lines, failure)
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let (number, line) = &lines[at];
    let rest = line.trim_start().strip_prefix("not ok ")?;
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let name = rest[digits..].trim_start_matches([' ', '-']).trim();
    // A directive takes the failure back.
    let directive = name.rsplit_once('#').map(|(_, directive)| directive.trim().to_ascii_lowercase());
    if digits == 0 || directive.is_some_and(|it| it.starts_with("todo") || it.starts_with("skip")) {
        return None;
    }
    let yaml = lines.get(at + 1).is_some_and(|(_, line)| line.trim() == "---");
    let body = if yaml {
        while_true(window(lines, at + 2, 40), |line| line.trim() != "...")
    } else {
        while_true(window(lines, at + 1, 8), |line| line.trim_start().starts_with('#'))
    };
    let value = |key: &str| {
        let found = body.iter().position(|(_, line)| line.trim_start().starts_with(key))?;
        let value = body[found].1.trim_start()[key.len()..].trim().trim_matches(['\'', '"']);
        // A block of several lines begins below.
        let block = value.is_empty() || value.starts_with('|') || value.starts_with('>');
        let (at, value) = if block { (found + 1, body.get(found + 1)?.1.trim()) } else { (found, value) };
        Some((body[at].0, value))
    };
    // A suite fails because one of its tests did.
    if value("failureType:").is_some_and(|(_, kind)| kind == "subtestsFailed") {
        return None;
    }
    let place = value("location:").and_then(|(_, place)| Place::read(place.trim_matches(['\'', '"'])));
    let (key, message) = value("error:").or_else(|| value("message:")).unwrap_or((*number, "not ok"));
    let end = super::last_of(window(body, 0, 14), *number);
    Some(Structured::test("shape.tap", name, key, (*number, end.max(key)), message).at(place))
}
