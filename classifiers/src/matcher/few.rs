//! The search for a few short texts, which have no room for a piece that only every other position could find.

use aho_corasick::packed::{Config, MatchKind, Searcher};

use super::{Literal, grams::each_case};

/// More than so many make it slower than looking at every position.
const MOST: usize = 48;

/// Short texts, searched for by their first bytes, many positions at once.
#[derive(Clone, Debug)]
pub(super) struct Few {
    searcher: Searcher,
    /// What is written in each pattern: the bytes, and the number of the text.
    patterns: Vec<(Vec<u8>, usize)>,
    /// For each pattern those that may start at the same place.
    alike: Vec<Vec<usize>>,
}

impl Few {
    /// Takes texts by their numbers; `None` if there are too many of them, or none.
    pub(super) fn new(texts: &[(usize, &Literal)]) -> Option<Few> {
        let mut patterns = Vec::new();
        for &(number, text) in texts {
            let letters = text.bytes.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
            if patterns.len() + if text.fold { 1 << letters } else { 1 } > MOST {
                return None;
            }
            each_case(&text.bytes, text.fold, &mut |bytes| patterns.push((bytes.to_vec(), number)));
        }
        let mut builder = Config::new().match_kind(MatchKind::LeftmostFirst).builder();
        let searcher = builder.extend(patterns.iter().map(|(bytes, _)| bytes)).build()?;
        let alike = patterns.iter().map(|(one, _)| {
            let alike = |other: &[u8]| one.starts_with(other) || other.starts_with(one);
            (0..patterns.len()).filter(|&other| alike(&patterns[other].0)).collect()
        });
        Some(Few { searcher, alike: alike.collect(), patterns })
    }

    /// Calls `found` with the position and number of each text.
    pub(super) fn scan(&self, text: &[u8], found: &mut impl FnMut(usize, usize)) {
        let mut from = 0;
        while let Some(at) = self.searcher.find_in(text, (from..text.len()).into()) {
            for &pattern in &self.alike[at.pattern().as_usize()] {
                let (bytes, number) = &self.patterns[pattern];
                if text[at.start()..].starts_with(bytes) {
                    found(at.start(), *number);
                }
            }
            from = at.start() + 1;
        }
    }
}
