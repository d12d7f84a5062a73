//! Learning a log in constant memory.

use super::{
    Baseline,
    mask::{Signature, signature},
};
use crate::{anomaly, envelope::Marks, lines::Lines, log::Cleaner, redact};

/// Only so much of a line (bytes) is redacted: far more than is hashed, so that no secret is cut where it is.
const REACH: usize = 4 << 10;

/// Reads the log of one green run.
#[derive(Debug, Default)]
pub struct Learner {
    cleaner: Cleaner,
    lines: Lines,
    marks: Marks,
    learned: Baseline,
}

impl Learner {
    /// Takes the next bytes of the log.
    pub fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let taken = self.cleaner.push(bytes, &mut self.lines, &mut self.marks);
            bytes = &bytes[taken..];
            if self.lines.is_batch_ready() {
                self.note();
            }
        }
    }

    /// The log is over: what one run of the job prints.
    pub fn finish(mut self) -> Baseline {
        self.cleaner.finish(&mut self.lines, &mut self.marks);
        self.note();
        if self.learned.lines() > 0 {
            self.learned.runs = 1;
        }
        self.learned
    }

    /// Notes the lines that wait, and forgets them.
    fn note(&mut self) {
        for (_, line) in self.lines.all() {
            if let Some(signature) = redacted_signature(line) {
                let table =
                    if anomaly::is_loud(line) { &mut self.learned.loud } else { &mut self.learned.quiet };
                table.note(signature.line);
                for pair in signature.pairs {
                    self.learned.pairs.note(pair);
                }
            }
        }
        self.lines = Lines::default();
        self.marks = Marks::default();
    }
}

/// The signature of a line, from which secrets were taken before anything was hashed.
pub(super) fn redacted_signature(line: &[u8]) -> Option<Signature> {
    let text = String::from_utf8_lossy(&line[..line.len().min(REACH)]);
    signature(redact::redact(&text).text.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::baseline::Usual;

    fn learned(log: &str) -> Baseline {
        let mut learner = Learner::default();
        // In odd pieces: what is learned does not depend on how a log arrives.
        log.as_bytes().chunks(7).for_each(|piece| learner.push(piece));
        learner.finish()
    }

    #[test]
    fn what_a_green_run_printed_is_usual_and_the_rest_is_new() {
        let green =
            learned("2026-11-23T13:41:59Z ERROR: no config, using defaults (pid 17)\nall done in 3s\n");
        assert_eq!(green.usual(b"ERROR: no config, using defaults (pid 4711)"), Usual::Known(1.0));
        assert_eq!(green.usual(b"all done in 12.5s"), Usual::Known(1.0));
        assert_eq!(green.usual(b"ERROR: no config, giving up"), Usual::New(0.4));
        assert_eq!(green.usual(b"------------"), Usual::Unsure);
        assert_eq!(Baseline::default().usual(b"all done"), Usual::Unsure);
        let twice = {
            let mut both = green.clone();
            both.merge(&learned("all done in 4s\n"));
            both
        };
        assert_eq!((twice.runs(), twice.usual(b"all done in 1s")), (2, Usual::Known(1.0)));
        assert_eq!(twice.usual(b"ERROR: no config, using defaults (pid 1)"), Usual::Known(0.5));
        assert_eq!(learned("").runs(), 0);
    }

    #[test]
    fn a_secret_does_not_reach_the_hash() {
        let with = |secret: &str| learned(&format!("login with password={secret} worked\n")).encode();
        assert_eq!(with("hunterSevenTwo"), with("correctHorseBatt"));
        assert_ne!(with("hunterSevenTwo"), learned("login with password= worked\n").encode());
    }

    #[test]
    fn a_log_of_any_size_is_learned_in_a_bounded_one_and_its_loud_lines_stay() {
        let word = |n: u32| -> String { n.to_string().bytes().map(|digit| char::from(digit + 49)).collect() };
        let mut log = String::from("ERROR: the usual complaint\n");
        for n in 0..60_000 {
            writeln!(log, "step {} of {}", word(n), word(n / 7)).unwrap();
        }
        let green = learned(&log);
        assert!(green.encode().len() <= Baseline::MAX_BYTES);
        assert!(green.usual(b"ERROR: the usual complaint").is_known());
        assert_eq!(green.usual(b"FATAL: another complaint"), Usual::New(1.0));
        let usual = |n| green.usual(format!("step {} of {}", word(n), word(n / 7)).as_bytes());
        assert!((0..60_000).map(usual).all(|usual| usual.is_known() || usual == Usual::Unsure));
    }
}
