//! JUnit's console launcher: `JUnit Jupiter:Class:test()` with `=> exception` below; `TestNG`: `FAILED: test` with the
//! exception below.

use super::{Line, Structured, each, surefire, while_true, window};

pub(super) const TRIGGERS: &[&str] = &["JUnit Jupiter:", "JUnit Vintage:", "FAILED: "];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    each(lines, |lines, at| console(lines, at).or_else(|| testng(lines, at)))
}

fn console(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let (number, line) = &lines[at];
    let line = line.trim_start();
    let name = line.strip_prefix("JUnit Jupiter:").or_else(|| line.strip_prefix("JUnit Vintage:"))?;
    let name = name.rsplit(':').next().unwrap_or(name);
    let (key, message) = window(lines, at + 1, 3)
        .iter()
        .find_map(|(number, line)| line.trim_start().strip_prefix("=> ").map(|message| (*number, message)))?;
    let last = window(lines, at + 1, 8).iter().take_while(|(_, line)| line.starts_with(' ')).last();
    let end = last.map_or(key, |(last, _)| (*last).min(key + 4));
    Some(Structured::test("shape.junit", name, key, (*number, end), message))
}

fn testng(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let (number, line) = &lines[at];
    let name = line.strip_prefix("FAILED: ")?;
    let (key, message) = lines.get(at + 1)?;
    let frames = while_true(window(lines, at + 2, 40), |line| line.trim_start().starts_with("at "));
    // An exception stands below, with frames.
    if frames.is_empty() || !message.contains('.') {
        return None;
    }
    let place = frames.iter().find_map(|(_, line)| surefire::own_place(line));
    Some(Structured::test("shape.testng", name, *key, (*number, frames[0].0), message).at(place))
}
