//! All rules over all lines in one pass.
//!
//! Each rule's expression must contain some text: that text is searched for (all rules' texts at once), and only the
//! lines that hold it meet the rule's expression. The cost grows with the log, not with the number of rules.

mod few;
mod frequency;
mod grams;
mod literals;
mod ordinary;

use std::{collections::HashMap, ops::Range};

use regex_syntax::{ParserBuilder, hir::Look};

use few::Few;
pub(crate) use frequency::Frequency;
use grams::{Grams, LONG};
pub(crate) use literals::Literal;

/// What a text that was found belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    /// A mark of the provider.
    Envelope,
    /// A tool whose output can be read as structure.
    Shape(usize),
    /// The decisive expression of a rule.
    Rule(usize),
}

/// The texts of all targets, ready to be searched for.
#[derive(Debug)]
pub(crate) struct Matcher {
    texts: Vec<Literal>,
    /// For each target the sets of texts that it can be found by, the one that is rarest in most logs first.
    sets: Vec<Vec<Vec<u32>>>,
    /// What each target is.
    pub(crate) meaning: Vec<Target>,
    /// The search for a log of which nothing is known.
    search: Search,
}

/// How the texts are searched for.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    /// Pairs of text and target that is found by it, by text.
    targets: Vec<(u32, u32)>,
    /// Where the pairs of each text begin.
    first: Vec<u32>,
    long: Grams<4, 4>,
    short: Short,
}

/// The search for texts that are too short for the fast one.
#[derive(Clone, Debug)]
enum Short {
    Few(Few),
    Many { medium: Grams<2, 4>, tiny: Tiny },
}

/// The search for the shortest texts of many.
#[derive(Clone, Debug)]
enum Tiny {
    Few(Few),
    Many(Grams<1, 3>),
}

impl Search {
    /// The search for the targets by one set of texts each.
    fn new<'s>(
        texts: &[Literal],
        sets: impl Iterator<Item = (usize, &'s Vec<u32>)>,
        frequency: &Frequency,
    ) -> Search {
        let mut targets: Vec<(u32, u32)> =
            sets.flat_map(|(target, set)| set.iter().map(move |&text| (text, index(target)))).collect();
        targets.sort_unstable();
        let mut first = vec![0; texts.len() + 1];
        for (text, _) in &targets {
            first[*text as usize + 1] += 1;
        }
        for text in 0..texts.len() {
            first[text + 1] += first[text];
        }
        let of = |lengths: Range<usize>| {
            let texts = texts.iter().enumerate();
            let fitting =
                texts.filter(|(at, text)| lengths.contains(&text.bytes.len()) && first[*at] < first[*at + 1]);
            fitting.collect::<Vec<_>>()
        };
        let short = match Few::new(&of(0..LONG)) {
            Some(few) => Short::Few(few),
            None => Short::Many {
                medium: Grams::new(&of(5..LONG), frequency),
                tiny: Few::new(&of(0..5))
                    .map_or_else(|| Tiny::Many(Grams::new(&of(0..5), frequency)), Tiny::Few),
            },
        };
        let long = Grams::new(&of(LONG..usize::MAX), frequency);
        Search { targets, first, long, short }
    }
}

impl Matcher {
    /// Builds the search for pairs of target and sets of texts, of each of which one must be there.
    pub(crate) fn new(wanted: impl Iterator<Item = (Target, Vec<Vec<Literal>>)>) -> Matcher {
        let mut texts: Vec<Literal> = Vec::new();
        let mut known = HashMap::new();
        let mut number = |literal: Literal| {
            *known.entry(literal.clone()).or_insert_with(|| {
                texts.push(literal);
                index(texts.len() - 1)
            })
        };
        let (mut sets, mut meaning) = (Vec::new(), Vec::new());
        for (target, of_target) in wanted {
            meaning.push(target);
            let numbers = |set: Vec<Literal>| set.into_iter().map(&mut number).collect::<Vec<u32>>();
            sets.push(of_target.into_iter().map(numbers).collect::<Vec<_>>());
        }
        let first = sets.iter().enumerate().filter_map(|(target, sets)| Some((target, sets.first()?)));
        let search = Search::new(&texts, first, &Frequency::guess());
        Matcher { texts, sets, meaning, search }
    }

    /// What is known of logs before the first one is read.
    pub(crate) fn frequency() -> Frequency {
        Frequency::guess()
    }

    /// The search that is fastest on a log that prints what was counted, and for those targets alone that are still
    /// wanted.
    pub(crate) fn tuned(&self, frequency: &Frequency, wanted: impl Fn(Target) -> bool) -> Search {
        let cost = |set: &&Vec<u32>| {
            literals::cost(set.iter().map(|&text| &self.texts[text as usize]), |text| frequency.times(text))
        };
        let sets = self.sets.iter().enumerate().filter(|(target, _)| wanted(self.meaning[*target]));
        let rarest = sets.filter_map(|(target, sets)| Some((target, sets.iter().min_by_key(cost)?)));
        Search::new(&self.texts, rarest, frequency)
    }

    /// Calls `found` with the position of each text and a target of it. Positions may come more than once and, between
    /// long and short texts, out of order. What is found does not depend on the search, which may be one for this log.
    pub(crate) fn scan(&self, search: Option<&Search>, text: &[u8], mut found: impl FnMut(usize, u32)) {
        let search = search.unwrap_or(&self.search);
        let mut report = |position: usize, literal: usize| {
            let (from, to) = (search.first[literal] as usize, search.first[literal + 1] as usize);
            for &(_, target) in &search.targets[from..to] {
                found(position, target);
            }
        };
        search.long.scan(&self.texts, text, &mut report);
        match &search.short {
            Short::Few(few) => few.scan(text, &mut report),
            Short::Many { medium, tiny } => {
                medium.scan(&self.texts, text, &mut report);
                match tiny {
                    Tiny::Few(few) => few.scan(text, &mut report),
                    Tiny::Many(grams) => grams.scan(&self.texts, text, &mut report),
                }
            }
        }
    }
}

/// A number of a text or target: there are far fewer than 2^32 of them, and half the size keeps the tables in the cache.
fn index(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// What a line must hold to match an expression.
pub(crate) struct Required {
    /// Sets of texts, of each of which one must be there, the rarest first.
    pub(crate) sets: Vec<Vec<Literal>>,
    /// What it costs to search for the first set.
    pub(crate) cost: u64,
    /// How often one of the first set is found in vain in ten megabytes of ordinary logs, roughly.
    pub(crate) times: u64,
    /// The match may have to begin where the line begins.
    pub(crate) from_start: bool,
}

/// What any line must hold to match an expression, or `None` if no usable text is required.
pub(crate) fn required(source: &str) -> Option<Required> {
    let hir =
        ParserBuilder::new().unicode(false).utf8(false).build().parse(&crate::rule::dialect(source)).ok()?;
    let looks = hir.properties().look_set();
    let from_start = [Look::Start, Look::StartLF, Look::StartCRLF].iter().any(|&look| looks.contains(look));
    let sets = literals::required(&hir);
    let cost = literals::cost(sets.first()?.iter(), ordinary::times);
    let times = sets.first()?.iter().map(ordinary::times).sum();
    Some(Required { sets, cost, times, from_start })
}

/// Whether an expression has no usable text because it has more alternatives than are searched for.
pub(crate) fn has_too_many(source: &str) -> bool {
    let parser = ParserBuilder::new().unicode(false).utf8(false).build().parse(&crate::rule::dialect(source));
    parser.is_ok_and(|hir| literals::required(&hir).is_empty() && literals::has_wide_alternation(&hir))
}

#[cfg(test)]
mod tests;
