//! The last stage: did it fail, and what explains it?

use crate::{
    anomaly::{self, End},
    category::Category,
    diagnosis::{Diagnosis, Hints, Verdict},
    envelope::{Marks, Steps},
    lines::Lines,
    log::Cleaner,
    rank::{self, Candidate, Course, Source},
    rule::Rule,
    session::Hits,
    shape,
    tell::{Teller, blank, pass},
};

/// What a finding must be worth to outweigh a log that ends well.
const GOOD_END: f64 = 75.0;
/// What a finding must be worth to outweigh a runner that ends its job without a word of failure.
const COMPLETE: f64 = 85.0;
/// What a finding must be worth when the log does not say how it ended.
const NO_END: f64 = 60.0;

/// A log that was read to its end.
pub(crate) struct Read<'a> {
    pub(crate) rules: &'a [Rule],
    pub(crate) hints: &'a Hints,
    pub(crate) lines: &'a Lines,
    pub(crate) marks: &'a Marks,
    pub(crate) hits: &'a [Hits],
    pub(crate) shapes: &'a [bool],
    pub(crate) cleaner: &'a Cleaner,
}

/// Tells what happened.
pub(crate) fn tell(read: &Read<'_>) -> Diagnosis {
    let steps = Steps::read(read.marks, read.lines);
    let course = Course::new(&steps, read.hints, read.lines.newest());
    let structured = shape::read(read.lines, read.shapes);
    let ranked = rank::rank(read.rules, read.hits, &structured, read.lines, &course);
    let verdict = judge(read, &steps, &ranked);
    let mut diagnosis = blank(read, verdict);
    let teller = Teller { read, steps: &steps, course: &course, structured: &structured };
    match (verdict, ranked.first()) {
        (Verdict::Passed, _) => pass(&mut diagnosis, &steps, read.hints),
        (_, Some(best)) => teller.explain(&mut diagnosis, best, &ranked),
        (_, None) => teller.guess(&mut diagnosis, None),
    }
    teller.list_failures(&mut diagnosis);
    diagnosis
}

/// Did it fail? The provider's word, then the envelope's, then what was found.
fn judge(read: &Read<'_>, steps: &Steps, ranked: &[Candidate]) -> Verdict {
    match read.hints.conclusion_failed {
        Some(true) => return Verdict::Failed,
        Some(false) => return Verdict::Passed,
        None => {}
    }
    if read.hints.timed_out || read.hints.cancelled || steps.failed {
        return Verdict::Failed;
    }
    let best = ranked.first().map_or(f64::MIN, |best| best.score);
    let survived =
        || best < COMPLETE || recovered(read, steps, ranked) || anomaly::end(read.lines, steps) == End::Well;
    let quiet = steps.complete && steps.parts.len() > 2 && survived();
    if steps.passed || steps.nothing_failed() || quiet {
        return Verdict::Passed;
    }
    if read.cleaner.bytes == 0 {
        return Verdict::Unknown;
    }
    judge_by_text(read, steps, ranked)
}

/// Did it fail, when nobody says so? A specific finding near the end means yes, a good end means no.
fn judge_by_text(read: &Read<'_>, steps: &Steps, ranked: &[Candidate]) -> Verdict {
    let best = ranked.first().map_or(f64::MIN, |best| best.score);
    if recovered(read, steps, ranked) {
        return Verdict::Passed;
    }
    match anomaly::end(read.lines, steps) {
        End::Badly if best > 0.0 => Verdict::Failed,
        End::Badly => Verdict::Unknown,
        End::Well | End::Proven(_) if best < GOOD_END => Verdict::Passed,
        End::Open if best < NO_END => {
            match anomaly::best(read.lines, steps, read.hints.baseline.as_deref(), 1).first() {
                Some(anomaly) if anomaly.score > 8.0 => Verdict::Unknown,
                _ => Verdict::Passed,
            }
        }
        End::Well | End::Proven(_) | End::Open => Verdict::Failed,
    }
}

/// Whether what failed was there later: tests that were counted behind it all passed. A test, a compiler or a gate that
/// failed never recovers.
fn recovered(read: &Read<'_>, steps: &Steps, ranked: &[Candidate]) -> bool {
    let Some(best) = ranked.first() else { return false };
    let category = match &best.source {
        Source::Rule(number) => read.rules[*number].category,
        Source::Shape(found) => found.category,
    };
    let lasting = matches!(
        category,
        Category::CompileError
            | Category::TestFailure
            | Category::LintFormat
            | Category::TypeCheck
            | Category::CodeCoverageGate
            | Category::PolicyGate
            | Category::SecurityScan
    );
    !lasting && matches!(anomaly::end(read.lines, steps), End::Proven(line) if line > best.hit.end())
}
