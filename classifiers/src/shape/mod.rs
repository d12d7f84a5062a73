//! Failures with structure: what compilers, linters and test runners print, read as tool, code, file, line, test and
//! message.
//!
//! One file a family; most compilers and linters share the few forms of [`location`]. A shape reads only when one of its
//! texts was seen, and only the lines that are still in memory. What kinds of causes there are is the rules' business; a
//! shape knows only how a tool lays out its report.

mod annotation;
mod catch2;
mod ctest;
mod dotnet;
mod eslint;
mod exunit;
mod gotest;
mod gradle;
mod gtest;
mod jest;
mod junit_console;
mod location;
mod minitest;
mod mocha;
mod nextest;
mod phpunit;
mod playwright;
mod pytest;
mod rspec;
mod rust;
mod shellcheck;
mod surefire;
mod tables;
mod tap;
mod terraform;
mod unittest;
mod vitest;
mod xctest;

use std::borrow::Cow;

use crate::{category::Category, lines::Lines};

/// A tool family whose output can be read.
pub(crate) struct Shape {
    /// Texts of which one must be in the log.
    pub(crate) triggers: &'static [&'static str],
    /// Reads the failures, in order.
    pub(crate) read: fn(&[Line<'_>]) -> Vec<Structured>,
}

/// A cleaned line with its number.
pub(crate) type Line<'l> = (u64, Cow<'l, str>);

/// One failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Structured {
    /// `shape.tool`.
    pub(crate) id: &'static str,
    /// What kind of failure it means.
    pub(crate) category: Category,
    /// The decisive line.
    pub(crate) key: u64,
    /// First and last line.
    pub(crate) lines: (u64, u64),
    /// The code of the message: `E0308`, `TS2339`, `no-unused-vars`.
    pub(crate) code: Option<String>,
    /// The test.
    pub(crate) test: Option<String>,
    /// The source file and line.
    pub(crate) place: Option<Place>,
    /// What it says.
    pub(crate) message: String,
    /// Whether it is told so clearly that it may stand as a finding of its own, without a rule.
    pub(crate) leads: bool,
}

impl Structured {
    /// A failed test that may stand as a finding.
    fn test(id: &'static str, name: &str, key: u64, lines: (u64, u64), message: &str) -> Structured {
        Structured {
            test: Some(name.trim().to_owned()),
            ..Structured::complaint(id, Category::TestFailure, key, lines, message)
        }
    }

    /// A message without a code or a place, which may stand as a finding.
    fn complaint(
        id: &'static str,
        category: Category,
        key: u64,
        lines: (u64, u64),
        message: &str,
    ) -> Structured {
        let message = message.trim().to_owned();
        let (code, test, place) = (None, None, None);
        let lines = (lines.0.min(key), lines.1.max(key));
        Structured { id, category, key, lines, code, test, place, message, leads: true }
    }

    /// With its place in the source.
    fn at(self, place: Option<Place>) -> Structured {
        Structured { place, ..self }
    }

    /// With the code of the message.
    fn coded(self, code: Option<&str>) -> Structured {
        Structured { code: code.map(str::to_owned), ..self }
    }

    /// Only as a detail of what a rule finds.
    fn into_detail(self) -> Structured {
        Structured { leads: false, ..self }
    }

    /// The tool.
    pub(crate) fn tool(&self) -> &'static str {
        self.id.strip_prefix("shape.").unwrap_or(self.id)
    }

    /// What identifies it: its test, or the code of its message.
    pub(crate) fn name(&self) -> Option<&str> {
        self.test.as_deref().or(self.code.as_deref())
    }
}

/// A place in a source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The file, as the tool names it.
    pub(crate) file: String,
    /// The line, from 1.
    pub(crate) line: Option<u64>,
    /// The column, as the tool counts.
    pub(crate) column: Option<u64>,
}

impl std::fmt::Display for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.file)?;
        for number in [self.line, self.column].into_iter().flatten() {
            write!(out, ":{number}")?;
        }
        Ok(())
    }
}

impl Place {
    /// Reads `file:12`, `file:12:5`, `file(12,5)` or `file:[12,5]`, with nothing behind it.
    fn read(text: &str) -> Option<Place> {
        let text = text.trim().trim_end_matches([')', ']', ':', ',']);
        let number = |text: &str| text.trim().parse::<u64>().ok();
        let mut parts = text.rsplitn(3, [':', '(', '[', ',']).map(str::trim);
        let (last, before, rest) = (parts.next()?, parts.next()?, parts.next());
        let place = match (rest, number(before), number(last)) {
            (Some(file), Some(line), Some(column)) => {
                Place { file: file.trim_end_matches(':').to_owned(), line: Some(line), column: Some(column) }
            }
            (_, None, Some(line)) => {
                let file = text.get(..text.len() - last.len())?.trim_end_matches([':', '(', '[', ',']);
                Place { file: file.to_owned(), line: Some(line), column: None }
            }
            _ => return None,
        };
        (!place.file.is_empty() && place.file.len() < 500).then_some(place)
    }
}

/// The most failures that one shape reads: the first ones tell the story.
const MOST: usize = 200;

/// All shapes.
pub(crate) const ALL: &[Shape] = &[
    Shape { triggers: rust::TRIGGERS, read: rust::read },
    Shape { triggers: nextest::TRIGGERS, read: nextest::read },
    Shape { triggers: pytest::TRIGGERS, read: pytest::read },
    Shape { triggers: unittest::TRIGGERS, read: unittest::read },
    Shape { triggers: jest::TRIGGERS, read: jest::read },
    Shape { triggers: vitest::TRIGGERS, read: vitest::read },
    Shape { triggers: mocha::TRIGGERS, read: mocha::read },
    Shape { triggers: playwright::TRIGGERS, read: playwright::read },
    Shape { triggers: tap::TRIGGERS, read: tap::read },
    Shape { triggers: surefire::TRIGGERS, read: surefire::read },
    Shape { triggers: junit_console::TRIGGERS, read: junit_console::read },
    Shape { triggers: gotest::TRIGGERS, read: gotest::read },
    Shape { triggers: gradle::TRIGGERS, read: gradle::read },
    Shape { triggers: rspec::TRIGGERS, read: rspec::read },
    Shape { triggers: minitest::TRIGGERS, read: minitest::read },
    Shape { triggers: phpunit::TRIGGERS, read: phpunit::read },
    Shape { triggers: exunit::TRIGGERS, read: exunit::read },
    Shape { triggers: gtest::TRIGGERS, read: gtest::read },
    Shape { triggers: catch2::TRIGGERS, read: catch2::read },
    Shape { triggers: ctest::TRIGGERS, read: ctest::read },
    Shape { triggers: dotnet::TRIGGERS, read: dotnet::read },
    Shape { triggers: xctest::TRIGGERS, read: xctest::read },
    Shape { triggers: location::TRIGGERS, read: location::read },
    Shape { triggers: eslint::TRIGGERS, read: eslint::read },
    Shape { triggers: tables::TRIGGERS, read: tables::read },
    Shape { triggers: terraform::TRIGGERS, read: terraform::read },
    Shape { triggers: shellcheck::TRIGGERS, read: shellcheck::read },
    Shape { triggers: annotation::TRIGGERS, read: annotation::read },
];

/// Reads everything that the seen shapes can read.
pub(crate) fn read(lines: &Lines, seen: &[bool]) -> Vec<Structured> {
    if !seen.contains(&true) {
        return Vec::new();
    }
    let text: Vec<Line<'_>> = lines
        .all()
        .map(|(number, line)| {
            // A problem matcher's marker is no part of the tool's line.
            let line = if line.starts_with(b"##[") {
                crate::rule::behind_marker(line).unwrap_or(line)
            } else {
                line
            };
            (number, String::from_utf8_lossy(line))
        })
        .collect();
    let shapes = ALL.iter().zip(seen).filter(|(_, seen)| **seen);
    shapes.flat_map(|(shape, _)| (shape.read)(&text).into_iter().take(MOST)).collect()
}

/// Tries a reader on every line.
fn each<'l>(lines: &[Line<'l>], read: impl Fn(&[Line<'l>], usize) -> Option<Structured>) -> Vec<Structured> {
    (0..lines.len()).filter_map(|at| read(lines, at)).take(MOST).collect()
}

/// The lines from `at` on, at most `most` of them.
fn window<'s, 'l>(lines: &'s [Line<'l>], at: usize, most: usize) -> &'s [Line<'l>] {
    &lines[at.min(lines.len())..(at + most).min(lines.len())]
}

/// The last of the lines, or `none` if there are none; empty ones at the end do not count.
fn last_of(lines: &[Line<'_>], none: u64) -> u64 {
    lines.iter().rev().find(|(_, line)| !line.trim().is_empty()).map_or(none, |(number, _)| *number)
}

/// How many of the first lines a condition holds for.
fn while_true<'s, 'l>(lines: &'s [Line<'l>], holds: impl Fn(&str) -> bool) -> &'s [Line<'l>] {
    &lines[..lines.iter().position(|(_, line)| !holds(line)).unwrap_or(lines.len())]
}

/// What stands behind the number of an entry of a list: `12) text`.
fn listed(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.len() == line.len() || line.len() - rest.len() > 9 {
        return None;
    }
    rest.strip_prefix(") ")
}

/// How far a line is indented.
fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The place in a frame of a stack: `at name (file:12:5)`, `❯ file:12:5`, `# ./file.rb:12:in …`.
fn frame(line: &str) -> Option<Place> {
    let line = line.trim();
    let at = line.strip_prefix("at ").or_else(|| line.strip_prefix("❯ "))?;
    let place = match at.rsplit_once('(') {
        Some((_, place)) => place.trim_end_matches(')'),
        None => at.split_whitespace().last()?,
    };
    let place = place.trim_start_matches("file://");
    (!place.starts_with("node:")).then(|| Place::read(place)).flatten()
}

#[cfg(test)]
mod tests;
