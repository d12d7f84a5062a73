//! Which lines tell a finding: those to see.

use super::Teller;
use crate::{
    rank::{Candidate, Source},
    shape::Structured,
};

/// So many lines may a structured failure add to each side of a finding.
const STRETCH: u64 = 12;

impl Teller<'_> {
    /// The lines of a finding with its rule's block.
    pub(super) fn block(&self, candidate: &Candidate) -> (u64, u64) {
        let Source::Rule(number) = &candidate.source else {
            return (candidate.hit.first, candidate.hit.last);
        };
        let block = &self.read.rules[*number].block;
        let first = candidate.hit.first.min(candidate.hit.key.saturating_sub(block.before).max(1));
        let (from, to) = self.steps.around(candidate.hit.key);
        let first = first.max(from.min(candidate.hit.first));
        let wanted = (candidate.hit.key + block.after).min(self.read.lines.newest()).min(to);
        let mut last = candidate.hit.last;
        for (line, text) in self.read.lines.range(candidate.hit.key + 1, wanted) {
            if block.until.as_ref().is_some_and(|until| until.is_match(text)) {
                break;
            }
            last = last.max(line);
        }
        (first, last)
    }

    /// The structured failure that tells the same as a finding of a rule.
    pub(super) fn structure<'r>(&self, best: &Candidate, ranked: &'r [Candidate]) -> Option<&'r Structured> {
        let (first, last) = self.block(best);
        ranked.iter().find_map(|candidate| match &candidate.source {
            Source::Shape(found) if found.category == self.category(best) => {
                let apart = found.lines.0 > last + 2 || found.lines.1 + 2 < first;
                (!apart).then_some(found)
            }
            _ => None,
        })
    }

    /// The lines to see: the best finding's block, and where the same is told once more.
    pub(super) fn explains(&self, best: &Candidate, ranked: &[Candidate]) -> Vec<(u64, u64)> {
        let (mut first, mut last) = self.block(best);
        if let Some(found) = self.structure(best, ranked) {
            first = first.min(found.lines.0.max(first.saturating_sub(STRETCH)));
            last = last.max(found.lines.1.min(last + STRETCH));
        }
        let mut ranges = vec![(first, last)];
        let again = ranked.iter().skip(1).take(6).find(|candidate| {
            candidate.region == best.region
                && !candidate.weak
                && self.category(candidate) == self.category(best)
                && self.id(candidate) != self.id(best)
                && (candidate.hit.key > last + 2 || candidate.hit.key + 2 < first)
        });
        if let Some(again) = again {
            ranges.push((again.hit.key, again.hit.key));
            ranges.sort_unstable();
        }
        ranges
    }
}
