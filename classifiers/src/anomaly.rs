//! The best line of a log in which no rule holds: words of failure, what the runner marks, nearness to the exit.

use crate::{envelope::Steps, lines::Lines};

/// A line that looks like the reason.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Anomaly {
    /// Its number.
    pub(crate) line: u64,
    /// How much it looks so.
    pub(crate) score: f64,
}

/// Words and what they weigh. A line is compared in lower case.
const WORDS: [(&str, f64); 26] = [
    ("fatal", 6.0),
    ("error:", 6.0),
    ("error ", 3.0),
    ("exception", 4.0),
    ("failed", 3.5),
    ("failure", 3.0),
    ("cannot ", 4.0),
    ("can't ", 3.0),
    ("could not", 4.0),
    ("couldn't", 3.5),
    ("unable to", 4.0),
    ("not found", 4.0),
    ("no such", 4.5),
    ("denied", 4.0),
    ("refused", 4.0),
    ("invalid", 3.0),
    ("unexpected", 3.0),
    ("missing", 2.5),
    ("undefined", 3.0),
    ("panic", 4.5),
    ("abort", 3.0),
    ("killed", 4.0),
    ("timed out", 4.0),
    ("expected", 2.0),
    ("assert", 3.0),
    ("unsupported", 3.0),
];

/// Words that say that it is not so bad.
const MILD: [(&str, f64); 14] = [
    ("warning", 4.0),
    ("warn", 2.0),
    ("deprecat", 4.0),
    ("0 failed", 6.0),
    ("0 errors", 6.0),
    ("no error", 5.0),
    ("retry", 2.0),
    ("passed", 2.0),
    ("info", 1.5),
    ("debug", 2.0),
    ("skipp", 2.0),
    ("successfully", 3.0),
    ("exit code", 4.0),
    ("downloading", 2.0),
];

/// What a log says that ends well.
const GOOD: [&str; 9] = [
    "build success",
    "0 failed",
    "failed=0",
    "test result: ok",
    "congratulations",
    "all checks passed",
    "successfully",
    "completed successfully",
    "finished: success",
];

/// How much of the end tells how it ended.
const END: usize = 40;
/// Lines this far before the exit still gain from being near it.
const NEAR: f64 = 60.0;
/// Only this many lines before the end are looked at.
const REACH: usize = 3_000;

/// The line that looks most like the reason, if any does.
pub(crate) fn best(lines: &Lines, steps: &Steps) -> Option<Anomaly> {
    let failed = steps.failed_parts();
    let first_failed = failed.first();
    let (first, last) = first_failed.map_or((1, lines.newest()), |part| (part.first, part.end()));
    let since = first_failed.and_then(|part| part.last_command()).unwrap_or(first);
    let marked = |number: u64| failed.iter().any(|part| part.errors.contains(&number));
    let mut best: Option<Anomaly> = None;
    let mut before = 0.0;
    for (number, line) in lines.range(since, last).rev().take(REACH).collect::<Vec<_>>().into_iter().rev() {
        let words = words(line) + if marked(number) { 5.0 } else { 0.0 };
        // The first line of a block of complaints says more than those that follow it.
        let echo = if before >= 6.0 && words >= 6.0 { 1.5 } else { 0.0 };
        before = words;
        if words < 2.5 || is_silent(steps, number) {
            continue;
        }
        let score = words - echo + 4.0 / (1.0 + (last - number) as f64 / NEAR);
        if best.is_none_or(|best| score > best.score) {
            best = Some(Anomaly { line: number, score });
        }
    }
    best
}

/// Lines that never are the reason: the runner's own, echoes of scripts, output of commands that may fail.
fn is_silent(steps: &Steps, line: u64) -> bool {
    steps.runner.contains(&line)
        || steps
            .part_of(line)
            .is_some_and(|part| part.cleanup || part.is_echo(line) || part.is_tolerated(line))
}

/// The last line of output before the job ended, for want of a telling one.
pub(crate) fn last_words(lines: &Lines, steps: &Steps) -> Option<u64> {
    let end = steps.failed_parts().first().map_or(lines.newest(), |part| part.end());
    let spoken = |(number, line): &(u64, &[u8])| {
        !is_silent(steps, *number) && line.iter().filter(|byte| byte.is_ascii_alphabetic()).count() > 5
    };
    lines.range(1, end).rev().take(200).find(spoken).map(|(number, _)| number)
}

/// How a log ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With a line that tells of success.
    Well,
    /// With tests that were counted and all passed, on this line.
    Proven(u64),
    /// In complaints.
    Badly,
    /// It does not say.
    Open,
}

/// How the work ends; what the runner says afterwards does not count.
pub(crate) fn end(lines: &Lines, steps: &Steps) -> End {
    let work = |number: u64| {
        !steps.runner.contains(&number) && !steps.part_of(number).is_some_and(|part| part.cleanup)
    };
    let spoken = lines.all().rev().filter(|(number, line)| !line.is_empty() && work(*number));
    for (number, line) in spoken.take(END) {
        let text = String::from_utf8_lossy(&line[..line.len().min(400)]).to_ascii_lowercase();
        if all_passed(&text) {
            return End::Proven(number);
        }
        if GOOD.iter().any(|good| text.contains(good)) {
            return End::Well;
        }
        if words(line) >= 5.5 || text == "fail" || text.starts_with("fail\t") {
            return End::Badly;
        }
    }
    End::Open
}

/// Whether a line counts tests of which none failed.
fn all_passed(text: &str) -> bool {
    let Some((before, behind)) = text.split_once(" passed") else { return text == "pass" };
    before.ends_with(|c: char| c.is_ascii_digit())
        && !before.contains("fail")
        && !behind.contains("error")
        && (!behind.contains("fail") || behind.contains(" 0 failed"))
}

/// The weight of a line's words.
pub(crate) fn words(line: &[u8]) -> f64 {
    let text = String::from_utf8_lossy(&line[..line.len().min(400)]).to_ascii_lowercase();
    let sum = |list: &[(&str, f64)]| -> f64 {
        list.iter().filter(|(word, _)| text.contains(word)).map(|(_, weight)| weight).sum()
    };
    let loud = sum(&WORDS).min(12.0);
    let start = if ["error", "fatal", "e:", "err!", "failed", "panic"]
        .iter()
        .any(|word| text.trim_start().starts_with(word))
    {
        3.0
    } else {
        0.0
    };
    loud + start - sum(&MILD)
}
