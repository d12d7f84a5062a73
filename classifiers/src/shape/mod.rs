//! Failures with structure: what compilers and test runners print, read as tool, file, test and message.
//!
//! One file a family. A shape reads only when one of its texts was seen, and only the lines that are still in memory.
//! What kinds of causes there are is the rules' business; a shape knows only how a tool lays out its report.

mod compiler;
mod gotest;
mod gradle;
mod jest;
mod mocha;
mod pytest;
mod rust;
mod surefire;

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
    /// The test, or the code of the message.
    pub(crate) name: Option<String>,
    /// The source file and line.
    pub(crate) place: Option<String>,
    /// What it says.
    pub(crate) message: String,
}

/// The most failures that one shape reads: the first ones tell the story.
const MOST: usize = 40;

/// All shapes.
pub(crate) const ALL: &[Shape] = &[
    Shape { triggers: rust::TRIGGERS, read: rust::read },
    Shape { triggers: pytest::TRIGGERS, read: pytest::read },
    Shape { triggers: jest::TRIGGERS, read: jest::read },
    Shape { triggers: mocha::TRIGGERS, read: mocha::read },
    Shape { triggers: surefire::TRIGGERS, read: surefire::read },
    Shape { triggers: gotest::TRIGGERS, read: gotest::read },
    Shape { triggers: gradle::TRIGGERS, read: gradle::read },
    Shape { triggers: compiler::TRIGGERS, read: compiler::read },
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

/// The lines from `at` on, at most `most` of them.
fn window<'s, 'l>(lines: &'s [Line<'l>], at: usize, most: usize) -> &'s [Line<'l>] {
    &lines[at.min(lines.len())..(at + most).min(lines.len())]
}

#[cfg(test)]
mod tests;
