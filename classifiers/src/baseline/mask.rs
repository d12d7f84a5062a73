//! What of a line identifies it from run to run: its words without numbers, ids, times and random names, as hashes.
//!
//! Unlike the readable [`crate::fingerprint`] this never makes a text: the masked bytes go straight into the hash.

/// Only so much of a line (bytes) is looked at.
const REACH: usize = 512;
/// Longer words are no words.
const LONGEST_WORD: usize = 40;
/// What stands for everything that varies.
const VARIES: u8 = b'0';

/// A line as a baseline knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Signature {
    /// The masked line as a whole.
    pub(super) line: u32,
    /// Each two neighbouring words.
    pub(super) pairs: Vec<u32>,
}

/// The signature of a line that is already redacted; `None` if it says nothing (no letters).
pub(super) fn signature(line: &[u8]) -> Option<Signature> {
    let mut signature = Signature::default();
    let mut whole = Hash::default();
    let mut before = Hash::default();
    let mut words = 0;
    // What the last byte of the masked text was, so that runs of blanks, rules and numbers count as one.
    let mut last = b' ';
    let mut rest = line[..line.len().min(REACH)].trim_ascii();
    while let Some(&first) = rest.first() {
        if is_word(first) {
            let length = rest.iter().position(|byte| !is_word(*byte)).unwrap_or(rest.len());
            let (word, behind) = rest.split_at(length);
            rest = behind;
            if varies(word) {
                // `12:30:01.5` is one number, as are `1.2` and `950`.
                let joined = last == VARIES;
                if !joined {
                    whole.push(VARIES);
                }
                last = VARIES;
                rest = skip_joint(rest);
                continue;
            }
            let mut hash = Hash::default();
            for byte in stem(word) {
                whole.push(byte.to_ascii_lowercase());
                hash.push(byte.to_ascii_lowercase());
            }
            last = b'a';
            words += 1;
            signature.pairs.push(before.with(hash));
            before = hash;
        } else {
            let byte = if first.is_ascii_whitespace() { b' ' } else { first };
            rest = &rest[1..];
            if byte != last {
                whole.push(byte);
                last = byte;
            }
        }
    }
    signature.line = whole.end();
    (words > 0).then_some(signature)
}

/// Letters, digits, and everything beyond ASCII.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Whether a word is a number, an id or a hash rather than a name. The codes of compilers and linters (`E0308`, `TS2345`,
/// `SC2086`) are names.
fn varies(word: &[u8]) -> bool {
    if word.len() > LONGEST_WORD {
        return true;
    }
    if !word.iter().any(u8::is_ascii_digit) {
        return false;
    }
    let letters = word.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    let digits = word.len() - letters;
    let code = (1..=6).contains(&letters)
        && (3..=5).contains(&digits)
        && word[letters..].iter().all(u8::is_ascii_digit);
    !code
}

/// The part of a word that is no random name: `tmpqwzkjd` is a `tmp`.
fn stem(word: &[u8]) -> &[u8] {
    if word.starts_with(b"tmp") { &word[..3] } else { word }
}

/// Skips the punctuation between the parts of a number, if another part of it follows.
fn skip_joint(rest: &[u8]) -> &[u8] {
    match rest {
        [b'.' | b',' | b':' | b'-' | b'+' | b'/', next, ..] if is_word(*next) => {
            let after = &rest[1..];
            let length = after.iter().position(|byte| !is_word(*byte)).unwrap_or(after.len());
            if varies(&after[..length]) { after } else { rest }
        }
        _ => rest,
    }
}

/// FNV-1a, 64 bits, folded: stable for ever, and quick for short words.
#[derive(Clone, Copy)]
struct Hash(u64);

impl Default for Hash {
    fn default() -> Hash {
        Hash(0xcbf2_9ce4_8422_2325)
    }
}

impl Hash {
    fn push(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }

    fn with(self, next: Hash) -> u32 {
        Hash(self.0.rotate_left(23) ^ next.0).end()
    }

    /// Mixes the upper half in, so that cutting a table by hash cuts it at random.
    fn end(self) -> u32 {
        let mut mixed = self.0;
        mixed ^= mixed >> 33;
        mixed = mixed.wrapping_mul(0xff51_afd7_ed55_8ccd);
        mixed ^= mixed >> 33;
        let [a, b, c, d, ..] = mixed.to_be_bytes();
        u32::from_be_bytes([a, b, c, d])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> u32 {
        signature(line.as_bytes()).map_or(0, |signature| signature.line)
    }

    #[test]
    fn what_varies_from_run_to_run_does_not_count() {
        for (one, other) in [
            ("   Compiling serde v1.0.219 (/home/a/3)", "Compiling serde v1.0.7 (/home/a/17)"),
            ("12 passed in 0.31s ======", "9 passed in 14.07s =========="),
            ("at 2026-11-23T13:41:59Z fetched 1437b32fa6f4", "at 2025-01-02T03:04:05Z fetched a98b0c7d3321"),
            ("finished in 950ms", "finished in 1.2s"),
            ("using /tmp/tmpkqzvwa/x", "using /tmp/tmpppqowe/x"),
        ] {
            assert_eq!(of(one), of(other), "{one} / {other}");
        }
    }

    #[test]
    fn what_identifies_counts() {
        for (one, other) in [
            ("error[E0308]: mismatched types", "error[E0425]: mismatched types"),
            ("Compiling serde v1.0.219", "Compiling syn v1.0.219"),
            ("warning: unused variable", "error: unused variable"),
        ] {
            assert_ne!(of(one), of(other), "{one} / {other}");
        }
        assert_eq!(signature(b"------ 12:30 ======"), None);
        assert_eq!(signature(b""), None);
    }

    #[test]
    fn words_stand_in_pairs_with_the_one_before() {
        let one = signature(b"could not connect to db").unwrap().pairs;
        let other = signature(b"we could not connect").unwrap().pairs;
        assert_eq!(one.len(), 5);
        assert_eq!(one.iter().filter(|pair| other.contains(pair)).count(), 2);
    }
}
