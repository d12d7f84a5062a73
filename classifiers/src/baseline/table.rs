//! A bounded set of hashes with how often each was seen in runs, which forgets fairly and knows what it does not know.

use std::collections::BTreeMap;

/// Runs after which what was not seen again is forgotten.
const FORGET_AFTER: u8 = 120;

/// How often something was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// In how many runs, at most 255.
    pub(super) runs: u8,
    /// How many runs ago it was seen last.
    pub(super) age: u8,
}

/// What a table says of a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It was seen.
    Known(Seen),
    /// It was never seen.
    New,
    /// There were too many to keep all, and this is one of those that are not kept.
    Unsure,
}

/// Hashes up to a limit, above which none is kept: if there are too many, the limit falls. Because hashes are evenly spread,
/// what is kept is a fair sample, whatever the order in which things were seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) entries: BTreeMap<u32, Seen>,
    /// The greatest hash that is kept.
    pub(super) limit: u32,
    /// The most entries.
    pub(super) room: usize,
}

impl Table {
    pub(super) fn new(room: usize) -> Table {
        Table { entries: BTreeMap::new(), limit: u32::MAX, room }
    }

    /// Notes a hash of the run that is being read.
    pub(super) fn note(&mut self, hash: u32) {
        if hash > self.limit || self.entries.contains_key(&hash) {
            return;
        }
        self.entries.insert(hash, Seen { runs: 1, age: 0 });
        self.shrink();
    }

    /// What is known about a hash.
    pub(super) fn ask(&self, hash: u32) -> Answer {
        match self.entries.get(&hash) {
            Some(seen) => Answer::Known(*seen),
            None if hash > self.limit => Answer::Unsure,
            None => Answer::New,
        }
    }

    /// Takes in what `other` has seen in `runs` later runs.
    pub(super) fn merge(&mut self, other: &Table, runs: u32) {
        if self.entries.len() < self.room / 2 {
            self.limit = self.limit.saturating_mul(2);
        }
        let later = u8::try_from(runs).unwrap_or(u8::MAX);
        for seen in self.entries.values_mut() {
            seen.age = seen.age.saturating_add(later);
        }
        for (hash, theirs) in &other.entries {
            let ours = self.entries.entry(*hash).or_insert(Seen { runs: 0, age: theirs.age });
            ours.runs = ours.runs.saturating_add(theirs.runs);
            ours.age = theirs.age;
        }
        self.entries.retain(|_, seen| seen.age < FORGET_AFTER);
        self.limit = self.limit.min(other.limit);
        let limit = self.limit;
        self.entries.retain(|hash, _| *hash <= limit);
        self.shrink();
    }

    /// Lowers the limit until all fits.
    fn shrink(&mut self) {
        while self.entries.len() > self.room {
            if let Some((hash, _)) = self.entries.pop_last() {
                self.limit = hash.saturating_sub(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(room: usize, hashes: &[u32]) -> Table {
        let mut table = Table::new(room);
        for hash in hashes {
            table.note(*hash);
        }
        table
    }

    #[test]
    fn a_full_table_says_what_it_does_not_know_and_order_does_not_matter() {
        let full = table(2, &[30, 10, 20, 40]);
        assert_eq!(full, table(2, &[40, 20, 10, 30]));
        assert_eq!(
            [10, 15, 30, 99].map(|hash| matches!(full.ask(hash), Answer::Known(_))),
            [true, false, false, false]
        );
        assert_eq!([15, 30, 99].map(|hash| full.ask(hash)), [Answer::New, Answer::Unsure, Answer::Unsure]);
    }

    #[test]
    fn runs_are_counted_and_what_is_long_gone_is_forgotten() {
        let mut all = table(10, &[1, 2]);
        all.merge(&table(10, &[2, 3]), 1);
        assert_eq!(all.ask(1), Answer::Known(Seen { runs: 1, age: 1 }));
        assert_eq!(all.ask(2), Answer::Known(Seen { runs: 2, age: 0 }));
        for _ in 0..FORGET_AFTER - 1 {
            all.merge(&table(10, &[3]), 1);
        }
        assert_eq!((all.ask(1), all.ask(2)), (Answer::New, Answer::Known(Seen { runs: 2, age: 119 })));
        all.merge(&table(10, &[3]), 1);
        assert_eq!((all.ask(2), all.ask(3)), (Answer::New, Answer::Known(Seen { runs: 121, age: 0 })));
    }
}
