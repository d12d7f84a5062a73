//! How a log ends.

use super::words;
use crate::{envelope::Steps, lines::Lines};

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
/// From this weight of its words on a line is a complaint.
const COMPLAINT: f64 = 5.5;

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
        let denied = text.contains("not complete successfully");
        if !denied && GOOD.iter().any(|good| text.contains(good)) {
            return End::Well;
        }
        if words::read(line).weight >= COMPLAINT || text == "fail" || text.starts_with("fail\t") {
            return End::Badly;
        }
    }
    End::Open
}

/// Whether a line counts tests of which none failed.
fn all_passed(text: &str) -> bool {
    // Mocha counts those that fail on a line of their own behind it.
    if text.trim_start().split_once(" passing (").is_some_and(|(count, _)| count.parse::<u64>().is_ok()) {
        return true;
    }
    let Some((before, behind)) = text.split_once(" passed") else { return text == "pass" };
    before.ends_with(|c: char| c.is_ascii_digit())
        && !before.contains("fail")
        && !behind.contains("error")
        && (!behind.contains("fail") || behind.contains(" 0 failed"))
}
