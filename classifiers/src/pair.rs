//! Two threads on one long log: the one that reads it cleans it, too, and another one matches.
//!
//! What comes out is what one thread makes of the log: batches of lines end at the same places, and are matched in order.
//! At most a few batches wait, so memory stays as it is.

use std::{
    io::{self, Read},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

use crate::{Session, envelope::Marks, lines::Lines, log::Cleaner};

/// How many batches may wait for the matcher: one ready while the next one is made.
const WAITING: usize = 2;

/// Cleaned lines and the marks that the cleaner found on them.
#[derive(Debug)]
pub(crate) struct Cleaned {
    pub(crate) lines: Lines,
    pub(crate) marks: Marks,
}

impl Default for Cleaned {
    fn default() -> Cleaned {
        Cleaned { lines: Lines::default(), marks: Marks::without_limit() }
    }
}

/// Whether there is a second processor to use.
pub(crate) fn pays() -> bool {
    thread::available_parallelism().is_ok_and(|processors| processors.get() > 1)
}

/// Reads the rest of a log.
pub(crate) fn read<'c>(
    mut session: Session<'c>,
    reader: impl Read,
    buffer: &mut [u8],
) -> io::Result<Session<'c>> {
    let (cleaner, first) = session.split();
    let (to_matcher, batches) = sync_channel(WAITING);
    let (to_cleaner, spare) = sync_channel(WAITING + 2);
    thread::scope(|scope| {
        let matcher = scope.spawn(move || {
            for mut batch in batches {
                session.take(&mut batch);
                // The cleaner may have ended.
                let _ = to_cleaner.try_send(batch);
            }
            session
        });
        let cleaner = clean(cleaner, first, reader, buffer, &to_matcher, &spare);
        drop(to_matcher);
        let mut session = matcher.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        session.join(cleaner?);
        Ok(session)
    })
}

/// Cleans to the end, and hands each batch on.
fn clean(
    mut cleaner: Cleaner,
    mut batch: Cleaned,
    mut reader: impl Read,
    buffer: &mut [u8],
    batches: &SyncSender<Cleaned>,
    spare: &Receiver<Cleaned>,
) -> io::Result<Cleaner> {
    loop {
        let length = match reader.read(buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let mut bytes = &buffer[..length];
        while !bytes.is_empty() {
            let taken = cleaner.push(bytes, &mut batch.lines, &mut batch.marks);
            bytes = &bytes[taken..];
            if batch.lines.is_batch_ready() {
                let next = spare.try_recv().unwrap_or_default();
                // It fails only if the matcher panicked, which joining it tells.
                let _ = batches.send(std::mem::replace(&mut batch, next));
            }
        }
    }
    cleaner.finish(&mut batch.lines, &mut batch.marks);
    let _ = batches.send(batch);
    Ok(cleaner)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;
    use crate::{Classifier, Diagnosis, Hints};

    /// Reads with the second thread from the given byte on.
    fn read_from(classifier: &Classifier, log: &[u8], from: usize, piece: usize) -> Diagnosis {
        let mut session = classifier.session(Hints::default());
        session.push(&log[..from]);
        read(session, &log[from..], &mut vec![0; piece]).unwrap().finish()
    }

    /// A log longer than what is kept of one, with steps, commands, colours and some failures.
    fn log(seed: u64, lines: u64) -> String {
        let mut text = String::new();
        for line in 0..lines {
            let number = seed.wrapping_add(line).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
            match number % 97 {
                0 => writeln!(
                    text,
                    "error[E0{}]: mismatched types\n  --> src/a{line}.rs:{line}:5",
                    number % 1000
                ),
                1 => {
                    writeln!(text, "##[group]Run cargo test --package p{line}\n+ make p{line}\n##[endgroup]")
                }
                2 => writeln!(
                    text,
                    "\u{1b}[31mFAILED\u{1b}[0m tests/test_{line}.py::test_a - AssertionError: assert {line}"
                ),
                3 => writeln!(text, "section_start:16{number:08}:build_{line}\r\u{1b}[0Kbuild"),
                4 => writeln!(text),
                _ => writeln!(
                    text,
                    "2026-01-31T12:00:00.0000000Z    Compiling part{number} v1.{line} ({number:x})"
                ),
            }
            .unwrap();
        }
        text + "##[error]Process completed with exit code 101.\n"
    }

    #[test]
    fn a_long_log_is_told_alike_by_one_thread_and_by_two() {
        let classifier = Classifier::builtin().unwrap();
        let log = log(1, 150_000);
        assert!(log.len() > 8 << 20);
        let mut session = classifier.session(Hints::default());
        session.push(log.as_bytes());
        let alone = session.finish();
        assert!(alone.rule.is_some());
        for (from, piece) in [(0, 256 << 10), (1 << 20, 100_003)] {
            assert_eq!(read_from(&classifier, log.as_bytes(), from, piece), alone);
        }
    }

    #[test]
    fn an_error_of_the_reader_is_told() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("gone"))
            }
        }
        let classifier = Classifier::without_rules();
        let told = read(classifier.session(Hints::default()), Broken, &mut [0; 9]);
        assert_eq!(told.unwrap_err().to_string(), "gone");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        /// Wherever the second thread begins.
        #[test]
        fn any_log_is_told_alike(seed in any::<u64>(), lines in 0_u64..9_000, from in 0.0..1.0, piece in 1_usize..70_000) {
            let classifier = Classifier::without_rules();
            let log = log(seed, lines);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the log")]
            let from = (log.len() as f64 * from) as usize;
            let mut session = classifier.session(Hints::default());
            session.push(log.as_bytes());
            prop_assert_eq!(read_from(&classifier, log.as_bytes(), from, piece), session.finish());
        }
    }
}
