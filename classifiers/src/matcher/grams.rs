//! The search for many texts at once: pieces of the log are looked up in a bitmap of the pieces that the texts contain.
//!
//! A text of seven bytes or more holds a whole four-byte piece at one of four neighbouring positions wherever it stands, so
//! only a quarter of the log's positions has to be looked at. For shorter texts every other position is looked at, or
//! every one. A bitmap fits the processor's first cache.

use super::{Literal, frequency::Frequency, index};

/// Texts of this length and more are found by looking at every fourth position.
pub(super) const LONG: usize = 7;

const BITMAP_BITS: u32 = 18;
const BUCKET_BITS: u32 = 13;
const WORDS: usize = 1 << (BITMAP_BITS - 6);
/// How many pieces are looked up before asking whether any was there.
const LANES: usize = 4;

/// A piece and the text that it is from.
#[derive(Clone, Copy, Debug)]
struct Piece {
    gram: u32,
    /// Four other bytes of the text, so that most false alarms end here; and where they stand in it.
    other: u32,
    other_at: u32,
    literal: u32,
    /// Where the piece stands in the text.
    offset: u32,
}

/// Texts of one sort of length, cut to pieces of `WIDTH` bytes that are looked for at every `STRIDE`th position.
#[derive(Clone, Debug)]
pub(super) struct Grams<const STRIDE: usize, const WIDTH: usize> {
    bitmap: Box<[u64]>,
    /// Where the pieces of each bucket begin.
    buckets: Vec<u32>,
    pieces: Vec<Piece>,
}

impl<const STRIDE: usize, const WIDTH: usize> Grams<STRIDE, WIDTH> {
    /// Takes texts by their numbers, and of each the stretch that is rarest.
    pub(super) fn new(texts: &[(usize, &Literal)], frequency: &Frequency) -> Self {
        let mut pieces = Vec::new();
        for &(literal, text) in texts {
            let from = frequency.rarest(text, STRIDE, WIDTH);
            for offset in from..from + STRIDE {
                let other_at =
                    if 2 * offset < text.bytes.len() - WIDTH { text.bytes.len() - WIDTH } else { 0 };
                let other = Self::gram(&text.bytes[other_at..]);
                each_case(&text.bytes[offset..offset + WIDTH], text.fold, &mut |bytes| {
                    let gram = Self::gram(bytes);
                    pieces.push(Piece {
                        gram,
                        other,
                        other_at: index(other_at),
                        literal: index(literal),
                        offset: index(offset),
                    });
                });
            }
        }
        pieces.sort_unstable_by_key(|piece| (hash(piece.gram), piece.literal, piece.offset));
        let mut bitmap = vec![0_u64; WORDS].into_boxed_slice();
        for piece in &pieces {
            let hash = hash(piece.gram);
            bitmap[hash as usize >> 6] |= 1 << (hash & 63);
        }
        let first = |wanted| index(pieces.partition_point(|piece| bucket(hash(piece.gram)) < wanted));
        let buckets = (0..=1_u32 << BUCKET_BITS).map(first).collect();
        Grams { bitmap, buckets, pieces }
    }

    /// The first bytes of `bytes` as a number.
    fn gram(bytes: &[u8]) -> u32 {
        let fourth = if WIDTH == 4 { bytes[3] } else { 0 };
        u32::from_le_bytes([bytes[0], bytes[1], bytes[2], fourth])
    }

    /// Calls `found` with the position and number of each text.
    pub(super) fn scan(&self, texts: &[Literal], text: &[u8], found: &mut impl FnMut(usize, usize)) {
        if self.pieces.is_empty() {
            return;
        }
        let Ok(bitmap) = <&[u64; WORDS]>::try_from(&*self.bitmap) else { return };
        let bit = |hash: u32| bitmap[hash as usize >> 6] >> (hash & 63);
        let mut at = 0;
        // Several positions at a time: most often none of them holds anything.
        while let Some(block) = text.get(at..at + (LANES - 1) * STRIDE + WIDTH) {
            let piece = |lane: usize| hash(Self::gram(&block[lane * STRIDE..]));
            let hashes = [piece(0), piece(1), piece(2), piece(3)];
            let bits = [bit(hashes[0]), bit(hashes[1]), bit(hashes[2]), bit(hashes[3])];
            if (bits[0] | bits[1] | bits[2] | bits[3]) & 1 != 0 {
                for lane in 0..LANES {
                    if bits[lane] & 1 != 0 {
                        self.confirm(texts, text, at + lane * STRIDE, hashes[lane], found);
                    }
                }
            }
            at += LANES * STRIDE;
        }
        while let Some(bytes) = text.get(at..at + WIDTH) {
            self.confirm(texts, text, at, hash(Self::gram(bytes)), found);
            at += STRIDE;
        }
    }

    /// Compares whole texts where one of their pieces stands.
    fn confirm(
        &self,
        texts: &[Literal],
        text: &[u8],
        at: usize,
        hash: u32,
        found: &mut impl FnMut(usize, usize),
    ) {
        let gram = Self::gram(&text[at..]);
        let bucket = bucket(hash) as usize;
        for piece in &self.pieces[self.buckets[bucket] as usize..self.buckets[bucket + 1] as usize] {
            if piece.gram != gram {
                continue;
            }
            let Some(start) = at.checked_sub(piece.offset as usize) else { continue };
            let Some(other) =
                text.get(start + piece.other_at as usize..).filter(|other| other.len() >= WIDTH)
            else {
                continue;
            };
            let literal = &texts[piece.literal as usize];
            if !literal.fold && Self::gram(other) != piece.other {
                continue;
            }
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

/// Calls `each` with every way to write a piece of a text.
pub(super) fn each_case(piece: &[u8], fold: bool, each: &mut impl FnMut(&[u8])) {
    if !fold {
        return each(piece);
    }
    let mut bytes = piece.to_vec();
    let letters: Vec<usize> = (0..piece.len()).filter(|&at| piece[at].is_ascii_alphabetic()).collect();
    for case in 0..1_u32 << letters.len() {
        for (bit, &at) in letters.iter().enumerate() {
            bytes[at] = if case >> bit & 1 == 1 { piece[at] ^ 0x20 } else { piece[at] };
        }
        each(&bytes);
    }
}

fn hash(gram: u32) -> u32 {
    gram.wrapping_mul(0x9e37_79b1) >> (32 - BITMAP_BITS)
}

fn bucket(hash: u32) -> u32 {
    hash >> (BITMAP_BITS - BUCKET_BITS)
}
