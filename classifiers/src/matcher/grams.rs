//! The search for long texts: every fourth position of the log is looked up in a bitmap of the four-byte pieces that the
//! texts contain.
//!
//! A text of seven bytes or more holds a whole piece at one of four neighbouring positions wherever it stands, so only a
//! quarter of the log's positions has to be looked at. The bitmap fits the processor's first cache.

use super::{Literal, index};

/// Shorter texts are searched for in another way.
pub(super) const SHORTEST: usize = 7;

const BITMAP_BITS: u32 = 18;
const BUCKET_BITS: u32 = 12;
/// Lower case for ASCII letters; other bytes change too, but alike on both sides.
const FOLD: u32 = 0x2020_2020;

/// A piece and the text that it is from.
#[derive(Clone, Copy, Debug)]
struct Piece {
    gram: u32,
    literal: u32,
    offset: u32,
}

/// The texts, cut to pieces.
#[derive(Debug)]
pub(super) struct Grams {
    bitmap: Box<[u64]>,
    /// Where the pieces of each bucket begin.
    buckets: Vec<u32>,
    pieces: Vec<Piece>,
    literals: Vec<Literal>,
}

impl Grams {
    /// Takes the texts that are long enough; the others keep their numbers, unused.
    pub(super) fn new(texts: &[Literal]) -> Grams {
        let mut pieces = Vec::new();
        for (literal, text) in texts.iter().enumerate().filter(|(_, text)| text.bytes.len() >= SHORTEST) {
            let from = rarest(&text.bytes);
            for offset in from..from + 4 {
                pieces.push(Piece {
                    gram: gram(&text.bytes[offset..]),
                    literal: index(literal),
                    offset: index(offset),
                });
            }
        }
        pieces.sort_unstable_by_key(|piece| bucket(hash(piece.gram)));
        let mut bitmap = vec![0_u64; 1 << (BITMAP_BITS - 6)].into_boxed_slice();
        for piece in &pieces {
            let hash = hash(piece.gram);
            bitmap[hash as usize >> 6] |= 1 << (hash & 63);
        }
        let buckets = (0..=1_u32 << BUCKET_BITS)
            .map(|wanted| index(pieces.partition_point(|piece| bucket(hash(piece.gram)) < wanted)))
            .collect();
        Grams { bitmap, buckets, pieces, literals: texts.to_vec() }
    }

    /// Calls `found` with the position and number of each text.
    pub(super) fn scan(&self, text: &[u8], found: &mut impl FnMut(usize, usize)) {
        if self.pieces.is_empty() {
            return;
        }
        let Ok(bitmap) = <&[u64; 1 << (BITMAP_BITS - 6)]>::try_from(&*self.bitmap) else { return };
        for (block, words) in text.chunks_exact(16).enumerate() {
            let hashes: [u32; 4] = std::array::from_fn(|word| hash(gram(&words[4 * word..])));
            let bits: [u64; 4] =
                std::array::from_fn(|word| bitmap[hashes[word] as usize >> 6] >> (hashes[word] & 63));
            if (bits[0] | bits[1] | bits[2] | bits[3]) & 1 != 0 {
                for word in 0..4 {
                    if bits[word] & 1 != 0 {
                        self.confirm(text, 16 * block + 4 * word, hashes[word], found);
                    }
                }
            }
        }
        let rest = text.len() / 16 * 16;
        for (word, bytes) in text[rest..].chunks_exact(4).enumerate() {
            self.confirm(text, rest + 4 * word, hash(gram(bytes)), found);
        }
    }

    /// Compares whole texts where one of their pieces stands.
    fn confirm(&self, text: &[u8], at: usize, hash: u32, found: &mut impl FnMut(usize, usize)) {
        let gram = gram(&text[at..]);
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

/// The first four bytes, folded.
fn gram(bytes: &[u8]) -> u32 {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) | FOLD
}

fn hash(gram: u32) -> u32 {
    gram.wrapping_mul(0x9e37_79b1) >> (32 - BITMAP_BITS)
}

fn bucket(hash: u32) -> u32 {
    hash >> (BITMAP_BITS - BUCKET_BITS)
}

/// Where the four pieces start that are rarest in logs.
fn rarest(text: &[u8]) -> usize {
    let weight = |from: usize| -> u32 { text[from..from + 7].iter().map(|&byte| commonness(byte)).sum() };
    (0..=text.len() - SHORTEST).min_by_key(|&from| weight(from)).unwrap_or(0)
}

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
