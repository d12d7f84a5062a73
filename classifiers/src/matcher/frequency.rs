//! How often pieces of texts stand in logs: what to look for so that it is seldom found in vain.
//!
//! At first only a guess. While a long log is read its own pieces are counted, and the search is made anew for what this
//! log prints: that halves the time that the search takes. What is found never depends on it.

use super::{Literal, grams::each_case};

/// The number of counters.
const COUNTERS: usize = 1 << 16;
/// A log is counted in blocks of this size.
const BLOCK: usize = 4 << 10;

/// Counts of four-byte pieces.
#[derive(Clone, Debug)]
pub(crate) struct Frequency {
    counts: Vec<u32>,
    /// Bytes of logs that were counted.
    learnt: u64,
}

impl Frequency {
    /// What is known before any log.
    pub(super) fn guess() -> Frequency {
        let mut frequency = Frequency { counts: vec![0; COUNTERS], learnt: 0 };
        frequency.count(EVERYWHERE);
        frequency.count(&EVERYWHERE.to_ascii_lowercase());
        frequency
    }

    /// Counts what a log prints, one of so many blocks of it.
    pub(crate) fn learn(&mut self, text: &[u8], one_of: usize) {
        for block in text.chunks(BLOCK).step_by(one_of.max(1)) {
            self.count(block);
            self.learnt += block.len() as u64;
        }
    }

    fn count(&mut self, text: &[u8]) {
        for piece in text.windows(4) {
            self.counts[slot(piece)] += 1;
        }
    }

    /// Where the stretch of `stride` pieces of `width` bytes starts that is rarest.
    pub(super) fn rarest(&self, text: &Literal, stride: usize, width: usize) -> usize {
        let bytes = &text.bytes;
        let weights: Vec<u64> =
            (0..=bytes.len() - width).map(|at| self.weight(&bytes[at..at + width], text.fold)).collect();
        let stretch = |from: usize| -> u64 { weights[from..from + stride].iter().sum() };
        (0..=weights.len() - stride).min_by_key(|&from| stretch(from)).unwrap_or(0)
    }

    /// How often a text stands in ten megabytes of this log, at the most: it is no more frequent than its rarest piece.
    pub(super) fn times(&self, text: &Literal) -> u64 {
        if self.learnt == 0 {
            return super::ordinary::times(text);
        }
        let count = |piece: &[u8]| {
            let mut count = 0;
            each_case(piece, text.fold, &mut |bytes| count += u64::from(self.counts[slot(bytes)]));
            count
        };
        // Three bytes are not counted.
        let rarest = text.bytes.windows(4).map(count).min();
        rarest.map_or_else(|| super::ordinary::times(text), |count| count * 10_000_000 / self.learnt)
    }

    fn weight(&self, piece: &[u8], fold: bool) -> u64 {
        let mut weight = 0;
        each_case(piece, fold, &mut |bytes| {
            let guess: u64 = bytes.iter().map(|&byte| commonness(byte)).sum();
            let count = if bytes.len() == 4 { u64::from(self.counts[slot(bytes)]) } else { 0 };
            weight += 64 * count + guess;
        });
        weight
    }
}

fn slot(piece: &[u8]) -> usize {
    let gram = u32::from_le_bytes([piece[0], piece[1], piece[2], piece[3]]);
    (gram.wrapping_mul(0x85eb_ca6b) >> 16) as usize
}

/// Words that stand in logs of every tool: pieces of them tell little.
const EVERYWHERE: &[u8] = b" error: errors failed failure failing warning: warnings test tests testing passed skipped build \
building built compile compiling compiled download downloading downloaded install installing installed package packages \
version module modules [INFO] [ERROR] [WARNING] info debug https://repo.maven.example/maven2/ central org/com/github.com \
.java .class .jar .pom .py .js .json .rs .go .tar.gz src/main/ node_modules/ /home/runner/work/ /usr/lib/python3/ target/ \
running run: finished started starting from with for the and not found file files directory command exit code status \
expected actual result message exception at line in object function unused variable could cannot unable to is of \
dependency dependencies resolve resolved fetch get time elapsed seconds -- == ---- ==== ... *** service connection server";

/// How often a byte stands in logs, roughly.
fn commonness(byte: u8) -> u64 {
    match byte {
        b' ' | b'e' => 12,
        b't' | b'a' | b'o' | b'r' | b'n' | b'i' | b's' => 9,
        b'.' | b'/' | b'-' | b'0'..=b'9' | b'=' => 8,
        b'c' | b'd' | b'l' | b'p' | b'm' | b'u' => 6,
        b'a'..=b'z' | b':' => 4,
        _ => 3,
    }
}
