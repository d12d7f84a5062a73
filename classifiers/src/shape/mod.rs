//! Failures with structure: what compilers and test runners print, read as tool, file, test and message.
//!
//! One file a family. A shape reads only when one of its texts was seen, and only the lines that are still in memory.

use crate::{category::Category, lines::Lines};

/// A tool family whose output can be read.
pub(crate) struct Shape {
    /// Its name, as in `shape.pytest`.
    #[expect(dead_code, reason = "read by the tests of the table")]
    pub(crate) name: &'static str,
    /// Texts of which one must be in the log.
    pub(crate) triggers: &'static [&'static str],
    /// Reads the failures, in order.
    pub(crate) read: fn(&Lines) -> Vec<Structured>,
}

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

/// All shapes.
pub(crate) const ALL: &[Shape] = &[];
