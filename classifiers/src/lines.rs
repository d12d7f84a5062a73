//! The cleaned lines that are still in memory: all of a small log, and of a large one its head, its tail and a
//! window around everything that was found.
//!
//! The text is one contiguous buffer, so that a matcher can run over many lines at once.

/// Above this much text the store forgets lines that nobody needs.
const FULL: usize = 3 << 20;
/// How much text goes through the matcher at once: small enough for the processor's cache.
const BATCH: usize = 256 << 10;
/// How much of the end of the log always stays.
const TAIL: usize = 1 << 20;
/// How much of the beginning always stays.
const HEAD: usize = 64 << 10;
/// How much may stay for windows around findings.
const WINDOWS: usize = 1 << 20;

/// One line in the buffer.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Its number in the original file, from 1.
    number: u64,
    /// Where it starts in the buffer.
    start: usize,
}

/// Cleaned lines by their original number, in order, possibly with gaps.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    text: Vec<u8>,
    index: Vec<Entry>,
    /// How many entries the matcher has seen.
    scanned: usize,
}

impl Lines {
    /// Adds a cleaned line; numbers only grow.
    pub(crate) fn push(&mut self, number: u64, line: &[u8]) {
        self.index.push(Entry { number, start: self.text.len() });
        self.text.extend_from_slice(line);
        self.text.push(b'\n');
    }

    /// Whether enough lines wait for the matcher.
    pub(crate) fn is_batch_ready(&self) -> bool {
        self.index.get(self.scanned).is_some_and(|entry| self.text.len() - entry.start >= BATCH)
    }

    /// Takes over the lines of the next part of the log, of which the matcher has seen none.
    pub(crate) fn take(&mut self, part: &mut Lines) {
        let behind = self.text.len();
        self.text.append(&mut part.text);
        self.index.extend(part.index.drain(..).map(|entry| Entry { start: entry.start + behind, ..entry }));
    }

    /// Splits off the lines that the matcher has not seen.
    pub(crate) fn split_unscanned(&mut self) -> Lines {
        let start = self.start_of(self.scanned);
        let mut index = self.index.split_off(self.scanned);
        for entry in &mut index {
            entry.start -= start;
        }
        Lines { text: self.text.split_off(start), index, scanned: 0 }
    }

    /// The lines that the matcher has not seen, which then count as seen.
    pub(crate) fn take_unscanned(&mut self) -> Batch {
        let batch = Batch { first: self.scanned, end: self.index.len() };
        self.scanned = self.index.len();
        batch
    }

    /// The text of a batch, lines ended by `\n`, and where it starts in the buffer.
    pub(crate) fn batch_text(&self, batch: Batch) -> (&[u8], usize) {
        let start = self.index.get(batch.first).map_or(self.text.len(), |entry| entry.start);
        (&self.text[start..], start)
    }

    /// Moves `slot` to the line that holds the byte at `position` of the buffer. Near positions are found in
    /// constant time, so that a scan costs no search for each candidate.
    pub(crate) fn slot_at(&self, mut slot: usize, position: usize) -> usize {
        while self.index.get(slot + 1).is_some_and(|next| next.start <= position) {
            slot += 1;
        }
        while slot > 0 && self.index[slot].start > position {
            slot -= 1;
        }
        slot
    }

    /// The line in a slot: its number and text.
    pub(crate) fn slot(&self, slot: usize) -> (u64, &[u8]) {
        let entry = self.index[slot];
        (entry.number, &self.text[entry.start..self.start_of(slot + 1) - 1])
    }

    /// The number of the newest line, 0 when there is none.
    pub(crate) fn newest(&self) -> u64 {
        self.index.last().map_or(0, |entry| entry.number)
    }

    /// The text of a line, if it is still here.
    pub(crate) fn get(&self, number: u64) -> Option<&[u8]> {
        let slot = self.index.binary_search_by_key(&number, |entry| entry.number).ok()?;
        Some(self.slot(slot).1)
    }

    /// The lines from `first` to `last` that are still here.
    pub(crate) fn range(&self, first: u64, last: u64) -> impl DoubleEndedIterator<Item = (u64, &[u8])> {
        let from = self.index.partition_point(|entry| entry.number < first);
        let to = self.index.partition_point(|entry| entry.number <= last).max(from);
        (from..to).map(|slot| self.slot(slot))
    }

    /// All lines that are still here.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = (u64, &[u8])> {
        (0..self.index.len()).map(|slot| self.slot(slot))
    }

    /// Whether it is time to forget lines.
    pub(crate) fn is_full(&self) -> bool {
        self.text.len() > FULL
    }

    /// Forgets all but the head, the tail and the windows. Windows are given most important first; those that no
    /// longer fit are forgotten.
    pub(crate) fn compact(&mut self, windows: impl Iterator<Item = (u64, u64)>) {
        let tail_from = self.text.len() - TAIL.min(self.text.len());
        let head = self.index.partition_point(|entry| entry.start < HEAD);
        let tail = self.index.partition_point(|entry| entry.start < tail_from).max(head);
        let mut keep = vec![false; tail - head];
        let mut room = WINDOWS;
        'windows: for (first, last) in windows {
            let from = self.index.partition_point(|entry| entry.number < first).max(head);
            let to = self.index.partition_point(|entry| entry.number <= last).min(tail);
            for slot in from..to {
                if keep[slot - head] {
                    continue;
                }
                let bytes = self.slot(slot).1.len() + 1;
                if bytes > room {
                    break 'windows;
                }
                keep[slot - head] = true;
                room -= bytes;
            }
        }
        self.retain(head, &keep);
    }

    /// Moves the lines that stay together, in place: a second buffer would double the memory that a large log takes.
    /// Those before the slot `head` stay, of those behind it the ones that are marked, and all behind these.
    fn retain(&mut self, head: usize, marked: &[bool]) {
        let (mut kept, mut length) = (head, self.start_of(head));
        let mut slot = head;
        while slot < self.index.len() {
            let stays = |slot: usize| marked.get(slot - head).copied().unwrap_or(true);
            if !stays(slot) {
                slot += 1;
                continue;
            }
            let run = slot;
            while slot < self.index.len() && stays(slot) {
                slot += 1;
            }
            let (from, to) = (self.start_of(run), self.start_of(slot));
            for moved in run..slot {
                let Entry { number, start } = self.index[moved];
                self.index[kept + moved - run] = Entry { number, start: start - from + length };
            }
            self.text.copy_within(from..to, length);
            kept += slot - run;
            length += to - from;
        }
        self.index.truncate(kept);
        self.text.truncate(length);
        self.scanned = kept;
    }

    /// Where the line in a slot starts; behind the last slot, where the text ends.
    fn start_of(&self, slot: usize) -> usize {
        self.index.get(slot).map_or(self.text.len(), |entry| entry.start)
    }
}

/// A run of lines that goes through the matcher at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Batch {
    /// Its first slot.
    pub(crate) first: usize,
    /// The slot after its last.
    pub(crate) end: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_store_keeps_head_tail_and_windows() {
        let mut lines = Lines::default();
        for number in 1..=100_000 {
            lines.push(number, format!("{number:060}").as_bytes());
        }
        assert!(lines.is_full());
        lines.compact([(50_000, 50_010)].into_iter());
        assert!(!lines.is_full());
        assert!(lines.get(1).is_some() && lines.get(100_000).is_some());
        assert!(lines.get(49_999).is_none() && lines.get(50_011).is_none());
        assert_eq!(lines.range(49_990, 50_020).count(), 11);
        assert_eq!(lines.get(50_005).unwrap(), format!("{:060}", 50_005).as_bytes());
    }
}
