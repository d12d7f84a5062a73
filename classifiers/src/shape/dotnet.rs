//! `dotnet test` (`xUnit`, `NUnit`, `MSTest`): `  Failed Name [12 ms]`, `  Error Message:`, the message, `  Stack Trace:`.

use super::{Line, Place, Structured, each, last_of, while_true, window};

pub(super) const TRIGGERS: &[&str] = &["Error Message:", "[FAIL]"];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    let mut found = each(lines, failure);
    if found.is_empty() {
        found = each(lines, runner);
    }
    found
}

fn failure(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    if lines[at].1.trim() != "Error Message:" {
        return None;
    }
    let above = lines[at.saturating_sub(3)..at].iter().rev();
    let (first, name) = above.into_iter().find_map(|(number, line)| {
        let line = line.trim_start();
        line.strip_prefix("Failed ").or_else(|| line.strip_prefix("X ")).map(|name| (*number, name))
    })?;
    let name = name.rsplit_once(" [").map_or(name, |(name, _)| name);
    let body = window(lines, at + 1, 30);
    let told = while_true(body, |line| line.trim() != "Stack Trace:");
    let told = while_true(window(told, 0, 12), |line| !line.trim_start().starts_with("Failed "));
    let (key, message) = told.iter().find(|(_, line)| !line.trim().is_empty())?;
    let place = body.iter().find_map(|(_, line)| placed(line));
    Some(Structured::test("shape.dotnet_test", name, *key, (first, last_of(told, *key)), message).at(place))
}

/// xUnit's own runner: `[xUnit.net 00:00:00.51]     Name [FAIL]`, with the message below, deeper.
fn runner(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let bare = |line: &str| line.split_once("] ").map_or(line, |(_, rest)| rest).trim().to_owned();
    let name = bare(lines[at].1.trim_end().strip_suffix("[FAIL]")?);
    let (key, message) = lines.get(at + 1)?;
    let place = window(lines, at + 1, 20).iter().find_map(|(_, line)| placed(line));
    Some(Structured::test("shape.dotnet_test", &name, *key, (lines[at].0, *key), &bare(message)).at(place))
}

/// `   at Ns.Class.Test() in /src/Tests.cs:line 12`.
fn placed(line: &str) -> Option<Place> {
    let (file, line) = line.rsplit_once(" in ")?.1.rsplit_once(":line ")?;
    Some(Place { file: file.to_owned(), line: line.trim().parse().ok(), column: None })
}
