//! The last words of a tool about its own run: how many tests failed and which, how many errors were found. Never those
//! of what only ran the tool.

use std::sync::LazyLock;

use regex::Regex;

use crate::{category::Category, lines::Lines};

/// So many lines behind a failure its tool's last words are looked for, and so many at the end of its step.
const REACH: usize = 3_000;
/// The most lines of it that are shown.
const SHOWN: usize = 4;

const TESTS: &str = r"(?x)^(?:
    test\ result:\ FAILED | error:\ test\ (?:run\ )?failed | \s*Summary\ \[.*failed
  | =+\ .*\d+\ (?:failed|errors?).*=+$ | \d+\ failed,?.*\ in\ [\d.]+s | FAILED\ \S+::\S+ | ERROR\ \S+\.py\S*
  | \s*Tests?:\s+\d+\ failed | \s*Tests\s+\d+\ failed | \s*Test\ (?:Files|Suites:)\s+\d+\ failed
  | \s*\d+\ failing$ | \s+\d+\ failed$
  | \d+\ examples?,\ \d+\ failures? | rspec\ \./ | \d+\ (?:tests?|runs?),\ \d+.*failures?
  | (?:\[ERROR\]\ |\s)*Tests\ run:\ \d+,\ Failures:\ \d+,\ Errors:\ \d+,\ Skipped:\ \d+$
  | \[ERROR\]\ (?:Failures|Errors):\s* | \[ERROR\]\s{3}\S+[:.]\S+
  | Failed\ tests: | Tests\ in\ error: | FAILURES! | Tests:\ \d+,\ Assertions: | FAILED\ \( | \d+\ tests\ completed,\ \d+\ failed
  | \d+%\ tests\ passed.*\ failed | The\ following\ tests\ FAILED | \t\s*\d+\ -\ \S+\ \(
  | FAIL\t | \[\ \ FAILED\ \ \]\ \d*\S+$ | \s*\#\ fail\ [1-9] | Failed!\ +-\ Failed: | Result:\ FAIL
)";
const COMPILES: &str = r"(?x)^(?:
    error:\ could\ not\ compile | \d+\ errors?\ generated | (?:\[INFO\]\ )?\d+\ errors?\s*$ | Found\ \d+\ errors?
  | collect2:\ error | ninja:\ build\ stopped
)";
const LINTS: &str = r"(?x)^(?:
    Found\ \d+\ | .*✖\s+(?:found\ )?\d+\ problems? | .*\d+\ offenses?\ detected | \d+\ files?\ would\ be\ reformatted
  | error:\ could\ not\ compile | .*warnings\ treated\ as\ errors | \d+\ issues?:?$ | \d+\ errors?,
)";
const OTHERS: &str = r"(?x)^(?:\[ERROR\]\ Failed\ to\ execute\ goal | FAIL\ Required\ test\ coverage | TOTAL\ +\d+ | Passed\ checks: )";

static PATTERNS: LazyLock<[Option<Regex>; 4]> =
    LazyLock::new(|| [TESTS, COMPILES, LINTS, OTHERS].map(|pattern| Regex::new(pattern).ok()));

/// The last words of the tool that a failure of this kind comes from, in `bounds` behind `after`.
pub(super) fn closing(lines: &Lines, category: Category, after: u64, bounds: (u64, u64)) -> Vec<u64> {
    let pattern = match category {
        Category::TestFailure | Category::FlakyTest => &PATTERNS[0],
        Category::CompileError => &PATTERNS[1],
        Category::LintFormat | Category::TypeCheck => &PATTERNS[2],
        _ => &PATTERNS[3],
    };
    let Some(pattern) = pattern else { return Vec::new() };
    let told = |(number, line): (u64, &[u8])| {
        let text = String::from_utf8_lossy(&line[..line.len().min(300)]);
        pattern.is_match(&text).then_some(number)
    };
    let found: Vec<u64> = lines.range(after + 1, bounds.1).take(REACH).filter_map(told).collect();
    let Some((last, first)) = found.split_last() else { return Vec::new() };
    let mut shown: Vec<u64> = first.iter().copied().take(SHOWN - 1).collect();
    shown.push(*last);
    shown
}
