//! Lines that a tool prints around every failure, whatever failed: advice on how to see more, marks of the runner, the
//! command itself. They are shown where they stand between lines that matter, never at the edge of what is shown.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::lines::Lines;

const PATTERN: &str = r"(?x)^(?:
    \s*[│|]?\s*$ | \[(?:INFO|ERROR)\]\s*(?:-{10,}|\d+\ errors?\s*)?$
  | \s*hint:\ | npm\ (?:error|ERR!)\s*$
  | \s*note:\ run\ with\ `RUST_BACKTRACE | warning:\ build\ failed,\ waiting\ for\ other\ jobs
  | .*\bsection_(?:start|end):\d+: | \s*(?:ⓘ\s+)?Get\ help:\ https?:
  | \s*(?:\x{2009})?\s*ELIFECYCLE\b.*Command\ failed | Node\.js\ v\d+\.
  | \s*\$\ | ====>>\ | \s*\#!/ | Cloning\ into\ '
)";

static IDLE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(PATTERN).ok());

/// Takes idle lines off both ends of each run of lines that are shown; the decisive one stays.
pub(super) fn trim(shown: &mut BTreeSet<u64>, key: u64, lines: &Lines) {
    let Some(idle) = &*IDLE else { return };
    let idles = |line: &u64| *line != key && lines.get(*line).is_none_or(|text| idle.is_match(text));
    let all: Vec<u64> = shown.iter().copied().collect();
    for run in all.chunk_by(|one, next| one + 1 == *next) {
        let first = run.iter().take_while(|line| idles(line)).count();
        let last = run[first..].iter().rev().take_while(|line| idles(line)).count();
        for line in run[..first].iter().chain(&run[run.len() - last..]) {
            shown.remove(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::IDLE;

    #[test]
    fn only_what_stands_around_every_failure_is_idle() {
        let idle = IDLE.as_ref().expect("the pattern is well-formed");
        for line in [
            "",
            "   ",
            "[INFO] ------------------------------------------------------------------------",
            "[ERROR] ",
            "hint: Resolve all conflicts manually",
            "npm error",
            "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
            "section_start:1795441801:step_script",
            "Node.js v20.20.2",
            " ELIFECYCLE  Command failed with exit code 1.",
            "$ npm ci",
            "Cloning into 'secret'...",
        ] {
            assert!(idle.is_match(line.as_bytes()), "{line:?}");
        }
        for line in [
            "[ERROR] COMPILATION ERROR : ",
            "npm error code E401",
            "CONFLICT (content): Merge conflict in v",
            "--- expected",
            "[INFO] BUILD FAILURE",
            "npm ERR! A complete log of this run can be found in:",
            "2 errors generated.",
        ] {
            assert!(!idle.is_match(line.as_bytes()), "{line:?}");
        }
    }
}
