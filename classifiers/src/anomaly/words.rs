//! Words that tell of failure, and words that say that it is not so bad.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// Only so much of a line (bytes) is read.
const REACH: usize = 400;
/// The words of one line weigh no more than this.
const MOST: f64 = 12.0;
/// What a line gains that begins with such a word.
const FIRST: f64 = 3.0;

/// Words of failure and what they weigh; in either case.
const LOUD: [(&str, f64); 65] = [
    ("fatal", 6.0),
    ("error:", 6.0),
    ("error[", 6.0),
    ("error ", 3.0),
    ("err!", 4.0),
    ("exception", 4.0),
    ("traceback", 2.5),
    ("failed", 3.5),
    ("failure", 3.0),
    ("fails", 2.5),
    ("cannot ", 4.0),
    ("can't ", 3.0),
    ("could not", 4.0),
    ("couldn't", 3.5),
    ("unable to", 4.0),
    ("not found", 4.0),
    ("no such", 4.5),
    ("does not exist", 4.5),
    ("doesn't exist", 4.5),
    ("not exist", 2.0),
    ("not allowed", 4.0),
    ("not permitted", 4.0),
    ("not supported", 3.0),
    ("not defined", 4.0),
    ("not installed", 3.5),
    ("no space left", 7.0),
    ("out of memory", 6.0),
    ("denied", 4.0),
    ("unauthorized", 5.0),
    ("forbidden", 5.0),
    ("refused", 4.0),
    ("rejected", 4.0),
    ("declined", 4.0),
    ("blocked", 3.0),
    ("invalid", 3.0),
    ("unexpected", 3.0),
    ("unknown", 2.5),
    ("unrecognized", 3.0),
    ("missing", 2.5),
    ("undefined", 3.0),
    ("undeclared", 3.5),
    ("unresolved", 3.5),
    ("unsatisf", 3.5),
    ("incompatible", 3.5),
    ("mismatch", 3.5),
    ("differ", 2.0),
    ("conflict", 4.0),
    ("violat", 3.0),
    ("exceed", 3.0),
    ("overflow", 2.5),
    ("panic", 4.5),
    ("segmentation fault", 7.0),
    ("core dumped", 5.0),
    ("signal sig", 5.0),
    ("abort", 3.0),
    ("killed", 4.0),
    ("terminated", 2.5),
    ("timed out", 4.0),
    ("time limit", 3.0),
    ("expected", 2.0),
    ("assert", 3.0),
    ("unsupported", 3.0),
    ("must be", 2.0),
    ("is not a", 2.5),
    ("verification failed", 2.0),
];

/// Words that take it back.
const MILD: [(&str, f64); 18] = [
    ("warning", 4.0),
    ("warn", 2.0),
    ("deprecat", 4.0),
    ("0 failed", 6.0),
    ("0 errors", 6.0),
    ("failures: 0", 3.0),
    ("errors: 0", 3.0),
    ("no error", 5.0),
    ("retry", 3.0),
    ("passed", 2.0),
    ("info", 1.5),
    ("debug", 2.0),
    ("skipp", 2.0),
    ("successfully", 3.0),
    ("exit code", 4.0),
    ("downloading", 2.0),
    ("ignored", 1.5),
    ("debconf: ", 6.0),
];

/// Words of lines that only pass on that something failed, count it, or advise: the reason stands elsewhere.
const ECHO: [(&str, f64); 27] = [
    ("to execute goal", 2.5),
    ("attempt ", 1.5),
    ("exit status", 4.0),
    ("exited with", 3.0),
    ("due to", 1.5),
    (" previous error", 5.0),
    ("aborting", 3.0),
    ("[help ", 6.0),
    ("re-run", 3.0),
    ("rerun", 4.0),
    ("run with ", 3.0),
    ("for more ", 3.0),
    ("for details", 3.0),
    ("see above", 3.0),
    ("see the ", 2.0),
    ("please refer", 3.0),
    ("stack trace", 2.5),
    ("full log", 3.0),
    ("complete log", 3.0),
    ("lifecycle script", 3.0),
    ("make: ***", 3.0),
    ("make[", 3.0),
    ("subcommand failed", 3.0),
    ("build failed", 2.0),
    ("build failure", 2.0),
    ("error summary", 4.0),
    ("failed test", 1.0),
];

/// With which words a line that tells of failure begins.
const STARTS: [&[u8]; 9] =
    [b"error", b"fatal", b"e:", b"err!", b"failed", b"panic", b"e  ", b"[error]", b"[fatal]"];

static WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let all = LOUD.iter().chain(&MILD).chain(&ECHO).map(|(word, _)| *word);
    AhoCorasick::builder().ascii_case_insensitive(true).build(all).ok()
});

/// What the words of a line say.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Words {
    /// How loud they are, less what takes it back.
    pub(super) weight: f64,
    /// How much they only pass on what happened elsewhere.
    pub(super) echo: f64,
    /// The word that weighs most: lines with the same one complain alike.
    pub(super) loudest: Option<usize>,
}

/// Reads the words of a line.
pub(super) fn read(line: &[u8]) -> Words {
    let line = line[..line.len().min(REACH)].trim_ascii_start();
    let Some(automaton) = &*WORDS else { return Words::default() };
    let addresses = addresses(line);
    let mut found = 0_u128;
    let mut words = Words::default();
    let (mut loud, mut mild, mut most) = (0.0, 0.0, 0.0);
    for hit in automaton.find_overlapping_iter(line) {
        let number = hit.pattern().as_usize();
        if found & (1 << number) != 0 {
            continue;
        }
        if addresses.iter().any(|address| address.contains(&hit.start())) {
            continue;
        }
        found |= 1 << number;
        if let Some((_, weight)) = LOUD.get(number) {
            loud += weight;
            if *weight > most {
                most = *weight;
                words.loudest = Some(number);
            }
        } else if let Some((_, weight)) = MILD.get(number - LOUD.len()) {
            mild += weight;
        } else if let Some((_, weight)) = ECHO.get(number - LOUD.len() - MILD.len()) {
            words.echo += weight;
        }
    }
    let starts = |start: &&[u8]| line.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    let first = match STARTS.iter().any(starts) {
        true if loud > 0.0 => FIRST,
        true => FIRST / 2.0,
        false => 0.0,
    };
    // `[ERROR] warnings are not allowed here` is meant.
    let mild = if first > 0.0 { mild / 2.0 } else { mild };
    // A bare `[ERROR]` says nothing.
    words.weight = if says_something(line) { f64::min(loud, MOST) + first - mild } else { 0.0 };
    words
}

/// Where a line holds addresses of pages: a name in them tells nothing.
fn addresses(line: &[u8]) -> Vec<std::ops::Range<usize>> {
    memchr::memmem::find_iter(line, b"://")
        .map(|at| {
            let behind = &line[at..];
            at..at + behind.iter().position(u8::is_ascii_whitespace).unwrap_or(behind.len())
        })
        .collect()
}

/// Whether a line has more than one word.
fn says_something(line: &[u8]) -> bool {
    line.split(|byte| !byte.is_ascii_alphanumeric()).filter(|word| word.len() > 1).nth(1).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_weighs_more_than_what_passes_it_on() {
        let score = |line: &str| {
            let words = read(line.as_bytes());
            words.weight - words.echo
        };
        for (reason, echo) in [
            (
                "error[E0432]: unresolved import",
                "error: could not compile `a` (lib) due to 3 previous errors",
            ),
            ("a.c:4: undefined reference to `f'", "collect2: error: ld returned 1 exit status"),
            (
                "[ERROR] package a.b does not exist",
                "[ERROR] [Help 1] http://example.org/MojoFailureException",
            ),
            ("ENOSPC: no space left on device", "npm ERR! A complete log of this run can be found in: x.log"),
        ] {
            assert!(score(reason) > score(echo), "{reason} / {echo}");
        }
        assert!(score("12 passed, 0 failed, 0 errors") < 0.0);
        assert!(LOUD.len() + MILD.len() + ECHO.len() <= 128, "each word needs a bit");
    }
}
