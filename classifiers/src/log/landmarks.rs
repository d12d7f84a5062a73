//! Where the bytes stand that make a line need more than a copy.
//!
//! Most lines hold none of them. Each is searched for in the whole chunk at once, from one place to the next, which costs a
//! plain line nothing; looking through every line for every one of them cost more than the matching.

use std::sync::LazyLock;

use memchr::memmem::Finder;

/// Colours that somebody wrote down as text.
static CARET: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"^[["));
static RESET: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"[0m"));

/// How much is looked through at once for rare control characters.
const BLOCK: usize = 512;

/// What a line holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a landmark of its own")]
pub(super) struct Seen {
    /// Any control character but the tab.
    pub(super) control: bool,
    /// One that neither opens a terminal code nor is a carriage return.
    pub(super) rare: bool,
    /// A tab.
    pub(super) tab: bool,
    /// What may be a colour written down as text.
    pub(super) written_colour: bool,
}

/// The next place of each, found when a line asks for it. Lines must ask in order.
pub(super) struct Landmarks<'b> {
    bytes: &'b [u8],
    /// The first of them all.
    nearest: usize,
    escape: Next,
    rare: Next,
    tab: Next,
    caret: Next,
    reset: Next,
}

impl<'b> Landmarks<'b> {
    /// Of a chunk of the log.
    pub(super) fn of(bytes: &'b [u8]) -> Landmarks<'b> {
        let [escape, rare, tab, caret, reset] = [Next::default(); 5];
        Landmarks { bytes, nearest: 0, escape, rare, tab, caret, reset }
    }

    /// What the bytes from `from` to `end` hold.
    pub(super) fn within(&mut self, from: usize, end: usize) -> Seen {
        if end <= self.nearest {
            return Seen::default();
        }
        let bytes = self.bytes;
        let escape = self.escape.is_within(from, end, || memchr::memchr2(0x1b, b'\r', &bytes[from..]));
        let rare = self.rare.is_within(from, end, || rare(&bytes[from..]));
        let tab = self.tab.is_within(from, end, || memchr::memchr(b'\t', &bytes[from..]));
        if escape || rare {
            self.nearest = 0;
            return Seen { control: true, rare, tab, written_colour: false };
        }
        let caret = self.caret.is_within(from, end, || CARET.find(&bytes[from..]));
        let reset = self.reset.is_within(from, end, || RESET.find(&bytes[from..]));
        let all = [self.escape, self.rare, self.tab, self.caret, self.reset];
        self.nearest = all.iter().map(|next| next.at).min().unwrap_or(0);
        Seen { control: false, rare, tab, written_colour: caret || reset }
    }
}

/// One kind of landmark: the first one that no line has passed.
#[derive(Clone, Copy, Default)]
struct Next {
    /// Where it is; `usize::MAX` if there is none to the end of the chunk.
    at: usize,
    searched: bool,
}

impl Next {
    /// Whether the next one stands before `end`; `find` searches from `from` on.
    fn is_within(&mut self, from: usize, end: usize, find: impl FnOnce() -> Option<usize>) -> bool {
        if !self.searched || self.at < from {
            self.searched = true;
            self.at = find().map_or(usize::MAX, |found| from + found);
        }
        self.at < end
    }
}

/// The first control character that ends no line, opens no terminal code and is no tab.
fn rare(bytes: &[u8]) -> Option<usize> {
    let is_rare = |byte: u8| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x1b);
    let mut start = 0;
    for block in bytes.chunks(BLOCK) {
        // A fold without an early exit: the compiler compares many bytes at once.
        if block.iter().fold(false, |any, &byte| any | is_rare(byte)) {
            return block.iter().position(|&byte| is_rare(byte)).map(|at| start + at);
        }
        start += block.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Asking for one line after the other tells the same as looking at each line alone.
        #[test]
        fn a_chunk_tells_of_each_line_what_the_line_holds(
            lines in prop::collection::vec("[ab\\t\\r\\x1b\\x00\\x08^\\[0m]{0,12}", 0..40),
        ) {
            let text = lines.join("\n").into_bytes();
            let mut landmarks = Landmarks::of(&text);
            let mut from = 0;
            for line in &lines {
                let control = line.bytes().any(|byte| byte < b' ' && byte != b'\t');
                let rare = line.bytes().any(|byte| matches!(byte, 0 | 8));
                let written_colour = !control && (line.contains("^[[") || line.contains("[0m"));
                let want = Seen { control, rare, tab: line.contains('\t'), written_colour };
                prop_assert_eq!(landmarks.within(from, from + line.len()), want);
                from += line.len() + 1;
            }
        }
    }
}
