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

/// Lines this far before the exit still gain from being near it.
const NEAR: f64 = 60.0;
/// Only this many lines before the end are looked at.
const REACH: usize = 3_000;

/// The line that looks most like the reason, if any does.
pub(crate) fn best(lines: &Lines, steps: &Steps) -> Option<Anomaly> {
    let exit = steps.failed_parts().first().map(|part| (part.first, part.exit.unwrap_or(part.last)));
    let (first, last) = exit.unwrap_or((1, lines.newest()));
    let mut best: Option<Anomaly> = None;
    for (number, line) in lines.range(first, last).rev().take(REACH) {
        if steps.part_of(number).is_some_and(|part| part.cleanup || part.exit == Some(number)) {
            continue;
        }
        let words = words(line);
        if words < 2.5 {
            continue;
        }
        let nearness = 4.0 / (1.0 + (last - number) as f64 / NEAR);
        let score = words + nearness;
        // Of equal lines the earlier one starts the cascade.
        if best.is_none_or(|best| score >= best.score - 0.2) {
            best = Some(Anomaly { line: number, score: best.map_or(score, |best| score.max(best.score)) });
        }
    }
    best
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
