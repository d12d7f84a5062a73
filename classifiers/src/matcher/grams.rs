//! The search for many texts at once: pieces of the log are looked up in a bitmap of the pieces that the texts contain.
//!
//! A text of seven bytes or more holds a whole four-byte piece at one of four neighbouring positions wherever it stands, so
//! only a quarter of the log's positions has to be looked at. For shorter texts every position is looked at. Each bitmap
//! fits the processor's first cache.

use super::{Literal, index};

/// Texts of this length and more are found by looking at every fourth position.
pub(super) const LONG: usize = 7;

const BITMAP_BITS: u32 = 18;
const BUCKET_BITS: u32 = 12;
const WORDS: usize = 1 << (BITMAP_BITS - 6);
/// Lower case for ASCII letters; other bytes change too, but alike on both sides.
const FOLD: u32 = 0x2020_2020;

/// A piece and the text that it is from.
#[derive(Clone, Copy, Debug)]
struct Piece {
    gram: u32,
    literal: u32,
    offset: u32,
}

/// Texts of one sort of length, cut to pieces of `WIDTH` bytes that are looked for at every `STRIDE`th position.
#[derive(Debug)]
pub(super) struct Grams<const STRIDE: usize, const WIDTH: usize> {
    bitmap: Box<[u64]>,
    /// Where the pieces of each bucket begin.
    buckets: Vec<u32>,
    pieces: Vec<Piece>,
    literals: Vec<Literal>,
}

impl<const STRIDE: usize, const WIDTH: usize> Grams<STRIDE, WIDTH> {
    /// Takes the texts whose length fits; the others keep their numbers, unused.
    pub(super) fn new(texts: &[Literal], fits: impl Fn(usize) -> bool) -> Self {
        let mut pieces = Vec::new();
        for (literal, text) in texts.iter().enumerate().filter(|(_, text)| fits(text.bytes.len())) {
            let from = rarest(&text.bytes, STRIDE + WIDTH - 1);
            for offset in from..from + STRIDE {
                let gram = Self::gram(&text.bytes[offset..]);
                pieces.push(Piece { gram, literal: index(literal), offset: index(offset) });
            }
        }
        pieces.sort_unstable_by_key(|piece| bucket(hash(piece.gram)));
        let mut bitmap = vec![0_u64; WORDS].into_boxed_slice();
        for piece in &pieces {
            let hash = hash(piece.gram);
            bitmap[hash as usize >> 6] |= 1 << (hash & 63);
        }
        let first = |wanted| index(pieces.partition_point(|piece| bucket(hash(piece.gram)) < wanted));
        let buckets = (0..=1_u32 << BUCKET_BITS).map(first).collect();
        Grams { bitmap, buckets, pieces, literals: texts.to_vec() }
    }

    /// The first bytes of `bytes`, folded.
    fn gram(bytes: &[u8]) -> u32 {
        let fourth = if WIDTH == 4 { bytes[3] } else { 0 };
        u32::from_le_bytes([bytes[0], bytes[1], bytes[2], fourth]) | FOLD
    }

    /// Calls `found` with the position and number of each text.
    pub(super) fn scan(&self, text: &[u8], found: &mut impl FnMut(usize, usize)) {
        if self.pieces.is_empty() {
            return;
        }
        let Ok(bitmap) = <&[u64; WORDS]>::try_from(&*self.bitmap) else { return };
        let mut at = 0;
        // Four positions at a time: most often none of them holds anything.
        while let Some(block) = text.get(at..at + 3 * STRIDE + WIDTH) {
            let piece = |lane: usize| hash(Self::gram(&block[lane * STRIDE..]));
            let hashes = [piece(0), piece(1), piece(2), piece(3)];
            let bit = |hash: u32| bitmap[hash as usize >> 6] >> (hash & 63);
            let bits = [bit(hashes[0]), bit(hashes[1]), bit(hashes[2]), bit(hashes[3])];
            if (bits[0] | bits[1] | bits[2] | bits[3]) & 1 != 0 {
                for lane in 0..4 {
                    if bits[lane] & 1 != 0 {
                        self.confirm(text, at + lane * STRIDE, hashes[lane], found);
                    }
                }
            }
            at += 4 * STRIDE;
        }
        while let Some(bytes) = text.get(at..at + WIDTH) {
            self.confirm(text, at, hash(Self::gram(bytes)), found);
            at += STRIDE;
        }
    }

    /// Compares whole texts where one of their pieces stands.
    fn confirm(&self, text: &[u8], at: usize, hash: u32, found: &mut impl FnMut(usize, usize)) {
        let gram = Self::gram(&text[at..]);
        let bucket = bucket(hash) as usize;
        for piece in &self.pieces[self.buckets[bucket] as usize..self.buckets[bucket + 1] as usize] {
            if piece.gram != gram {
                continue;
            }
            let literal = &self.literals[piece.literal as usize];
            let Some(start) = at.checked_sub(piece.offset as usize) else { continue };
            let Some(there) = text.get(start..start + literal.bytes.len()) else { continue };
            let same = if literal.fold {
                there.eq_ignore_ascii_case(&literal.bytes)
            } else {
                there == literal.bytes
            };
            if same {
                found(start, piece.literal as usize);
            }
        }
    }
}

fn hash(gram: u32) -> u32 {
    gram.wrapping_mul(0x9e37_79b1) >> (32 - BITMAP_BITS)
}

fn bucket(hash: u32) -> u32 {
    hash >> (BITMAP_BITS - BUCKET_BITS)
}

/// Where the part of `length` bytes starts that is rarest in logs.
fn rarest(text: &[u8], length: usize) -> usize {
    let common = |piece: &[u8]| -> u32 {
        let bytes: u32 = piece.iter().map(|&byte| commonness(byte)).sum();
        let known = EVERYWHERE.windows(piece.len()).any(|part| part.eq_ignore_ascii_case(piece));
        bytes + if known { 60 } else { 0 }
    };
    let weight = |from: usize| -> u32 { text[from..from + length].windows(4.min(length)).map(common).sum() };
    (0..=text.len().saturating_sub(length)).min_by_key(|&from| weight(from)).unwrap_or(0)
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
fn commonness(byte: u8) -> u32 {
    match byte.to_ascii_lowercase() {
        b' ' | b'e' => 12,
        b't' | b'a' | b'o' | b'r' | b'n' | b'i' | b's' => 9,
        b'.' | b'/' | b'-' | b'0'..=b'9' | b'=' => 8,
        b'c' | b'd' | b'l' | b'p' | b'm' | b'u' => 6,
        b'a'..=b'z' | b':' => 4,
        _ => 3,
    }
}
