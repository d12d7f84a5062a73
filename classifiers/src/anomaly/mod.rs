//! The best lines of a log in which no rule holds: words of failure, what the runner marks, nearness to the exit, and what
//! green runs do not print.

mod end;
mod words;

use std::collections::HashMap;

pub(crate) use end::{End, end};

use crate::{
    baseline::{self, Baseline, Usual},
    envelope::Steps,
    lines::Lines,
};
use words::Words;

/// A line that looks like the reason.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Anomaly {
    /// Its number.
    pub(crate) line: u64,
    /// How much it looks so.
    pub(crate) score: f64,
}

/// What a line gains that the provider marks as an error.
const MARKED: f64 = 5.0;
/// Below this weight words say nothing.
const FAINT: f64 = 2.5;
/// What a line at the exit gains, and how many lines before it half of that is left.
const AT_EXIT: f64 = 4.0;
const NEAR: f64 = 60.0;
/// Only this many lines before the end are looked at.
const REACH: usize = 3_000;
/// What a line gains that says where in a source it was.
const PLACED: f64 = 1.5;
/// What each doubling of the times that a log says the same takes off.
const REPEATED: f64 = 0.8;
/// What a line gains or loses by what green runs of the same job print, and green runs of any job.
const NEW_HERE: f64 = 5.0;
const USUAL_HERE: f64 = 14.0;
const NEW_ANYWHERE: f64 = 1.0;
const USUAL_ANYWHERE: f64 = 3.0;
/// A line without loud words, but never seen in a green run of the job, counts within so many lines before the exit.
const QUIET_REACH: u64 = 25;
/// Complaints of the same kind with no longer silence between them are one cascade, which its first one explains.
const CASCADE: u64 = 60;
/// So much less than the best one may the first of its cascade weigh.
const ALIKE: f64 = 3.0;

/// A line on its way to being an anomaly.
struct Considered {
    line: u64,
    score: f64,
    words: Words,
    shape: Option<u32>,
}

/// The lines that look most like the reason, best first, at most `most`.
pub(crate) fn best(lines: &Lines, steps: &Steps, own: Option<&Baseline>, most: usize) -> Vec<Anomaly> {
    let mut considered = consider(lines, steps, own);
    traces_end(&mut considered, lines);
    considered.sort_by_key(|line| line.line);
    repeats_are_less(&mut considered);
    let mut best: Vec<Anomaly> = Vec::new();
    let mut order: Vec<usize> = (0..considered.len()).collect();
    order.sort_by(|&a, &b| considered[b].score.total_cmp(&considered[a].score).then(a.cmp(&b)));
    for at in order {
        if best.len() == most {
            break;
        }
        let at = first_of_cascade(&considered, at);
        let Considered { line, score, .. } = considered[at];
        if best.iter().all(|known| known.line != line) {
            best.push(Anomaly { line, score });
        }
    }
    best
}

/// All lines that may be the reason, in order.
fn consider(lines: &Lines, steps: &Steps, own: Option<&Baseline>) -> Vec<Considered> {
    let failed = steps.failed_parts();
    let first_failed = failed.first();
    let (first, last) = first_failed.map_or((1, lines.newest()), |part| (part.first, part.end()));
    let since = first_failed.and_then(|part| part.last_command()).unwrap_or(first);
    let marked = |number: u64| failed.iter().any(|part| part.errors.contains(&number));
    let own = own.filter(|own| own.runs() > 0);
    let mut considered = Vec::new();
    for (number, line) in lines.range(since, last).rev().take(REACH) {
        let words = words::read(line);
        let mark = if marked(number) { MARKED } else { 0.0 };
        let audible = words.weight + mark >= FAINT;
        let unheard = own.is_some() && last - number <= QUIET_REACH;
        if !(audible || unheard) || is_silent(steps, number) {
            continue;
        }
        let green = match own {
            Some(own) => greenness(own.usual(line), NEW_HERE, USUAL_HERE),
            None => greenness(baseline::builtin().usual(line), NEW_ANYWHERE, USUAL_ANYWHERE),
        };
        if !audible && green <= 0.0 {
            continue;
        }
        let near = AT_EXIT / (1.0 + (last - number) as f64 / NEAR);
        let place = if names_a_place(line) { PLACED } else { 0.0 };
        let score = words.weight.max(0.0) + mark - words.echo + green + near + place;
        considered.push(Considered { line: number, score, words, shape: baseline::shape(line) });
    }
    considered.reverse();
    considered
}

/// How a trace begins of which the last line says why.
const TRACE: &[u8] = b"Traceback (most recent call last)";
/// Longer traces are not followed.
const TRACE_LINES: u64 = 200;

/// The exception at the end of each trace gets the weight of its head, which says nothing.
fn traces_end(considered: &mut [Considered], lines: &Lines) {
    for found in considered {
        let head = lines.get(found.line).unwrap_or_default();
        if memchr::memmem::find(head, TRACE).is_none() {
            continue;
        }
        let depth = |line: &[u8]| line.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let from = found.line + 1;
        let mut behind = lines.range(from, from + TRACE_LINES);
        let end = behind.find(|(_, line)| !line.is_empty() && depth(line) <= depth(head));
        if let Some((end, line)) = end {
            found.line = end;
            found.words = words::read(line);
            found.score += found.words.weight.max(0.0);
            found.shape = baseline::shape(line);
        }
    }
}

/// What green runs say about a line.
fn greenness(usual: Usual, new: f64, known: f64) -> f64 {
    match usual {
        // Printed once in many green runs is less of a proof than printed in all of them.
        Usual::Known(share) => -known * (0.5 + 0.5 * share),
        Usual::New(share) => new * (0.5 + 0.5 * share),
        Usual::Unsure => 0.0,
    }
}

/// What a log says again and again is less telling than what it says once.
fn repeats_are_less(considered: &mut [Considered]) {
    let mut times: HashMap<u32, u32> = HashMap::new();
    for shape in considered.iter().filter_map(|line| line.shape) {
        *times.entry(shape).or_default() += 1;
    }
    for line in considered {
        let times = line.shape.and_then(|shape| times.get(&shape)).copied().unwrap_or(1);
        line.score -= REPEATED * f64::from(times).log2();
    }
}

/// The first of the like complaints that lead up to one.
fn first_of_cascade(considered: &[Considered], best: usize) -> usize {
    let Considered { score, words, mut line, .. } = considered[best];
    let mut first = best;
    for at in (0..best).rev() {
        let other = &considered[at];
        if line - other.line > CASCADE {
            break;
        }
        if other.words.loudest == words.loudest && words.loudest.is_some() {
            line = other.line;
            if score - other.score <= ALIKE {
                first = at;
            }
        }
    }
    first
}

/// Whether a line names a place in a source: `file.c:12`, `a.ts(3,4)`, `line 7`.
fn names_a_place(line: &[u8]) -> bool {
    let line = &line[..line.len().min(200)];
    memchr::memchr2_iter(b':', b'(', line).any(|at| {
        let named = at >= 2 && line[at - 1].is_ascii_alphabetic() && {
            let word = line[..at].iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            word < at && line[at - 1 - word] == b'.' && word <= 5
        };
        let behind = line.get(at + 1..).unwrap_or_default();
        named && behind.strip_prefix(b"[").unwrap_or(behind).first().is_some_and(u8::is_ascii_digit)
    })
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

/// From this weight of its words on, a line sounds like a failure.
const LOUD: f64 = 1.5;

/// Whether a line sounds like a failure.
pub(crate) fn is_loud(line: &[u8]) -> bool {
    words(line) >= LOUD
}

/// The weight of a line's words.
pub(crate) fn words(line: &[u8]) -> f64 {
    words::read(line).weight
}
