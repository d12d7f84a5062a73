//! Which lines tell a finding: those to see.
//!
//! The message with what belongs to it, more failures of the same kind, and the tool's last words, in a bounded number of
//! lines.

use std::collections::BTreeSet;

use super::{Teller, closing, extent::Around, idle};
use crate::{
    category::Category,
    rank::{Candidate, Source},
    session::Hit,
    shape::Structured,
};

/// So many lines may a structured failure add to each side of a finding.
const STRETCH: u64 = 16;
/// The most lines to see.
const MOST: usize = 24;
/// Up to so many lines, failures of the same kind that follow at once are taken along.
const RUN: usize = 12;
/// So many lines between two that are shown are shown too.
const GAP: u64 = 3;
/// Further failed tests are told when they are not farther away than so many lines.
const NEAR: u64 = 12;
/// The most lines before a decisive one that are shown because its rule says so.
const LEAD: u64 = 2;
/// All that a command printed is shown if it is not more lines.
const LITTLE: u64 = 3;
/// The same where no rule says what matters.
const OPEN: u64 = 20;
/// A message that was told at length is shown from so many lines before the decisive one.
const BEFORE: u64 = 6;
/// Further failed tests are told up to so many.
const TESTS: usize = 3;
/// As long as there are not more lines than this.
const ROOM: usize = 12;

impl Teller<'_> {
    /// The lines of a finding.
    pub(super) fn block(&self, candidate: &Candidate) -> (u64, u64) {
        match &candidate.source {
            Source::Rule(number) => self.message(*number, candidate.hit),
            Source::Shape(found) => found.lines,
        }
    }

    /// The message that a rule's hit stands in: by the tool's structure if that is known, by the rule's block if it has
    /// one, or by how the lines look.
    fn message(&self, rule: usize, hit: Hit) -> (u64, u64) {
        let block = &self.read.rules[rule].block;
        let around = Around { lines: self.read.lines, bounds: self.steps.around(hit.key) };
        if let Some(found) = self.told_by(hit, self.read.rules[rule].category) {
            let first = found.lines.0.max(hit.key.saturating_sub(STRETCH)).min(hit.first);
            let first = if first == found.lines.0 { around.title(first).unwrap_or(first) } else { first };
            return (first, found.lines.1.min(hit.key + STRETCH).max(hit.last));
        }
        let (from, to) = around.bounds;
        let first = if block.before > 0 {
            let wanted = hit.key.saturating_sub(block.before.min(LEAD)).max(from).min(hit.first);
            let blank = |line: &u64| self.read.lines.get(*line).is_none_or(<[u8]>::is_empty);
            (wanted..hit.first).rev().find(blank).map_or(wanted, |blank| blank + 1)
        } else {
            hit.first
        };
        let first = around.above(first).max(from.min(hit.first));
        let last = if block.after > 0 {
            let wanted = (hit.key + block.after).min(self.read.lines.newest()).min(to);
            let ended = block.until.as_ref().and_then(|until| {
                let mut behind = self.read.lines.range(hit.key + 1, wanted);
                behind.find(|(_, text)| until.is_match(text)).map(|(line, _)| line - 1)
            });
            let wanted = ended.unwrap_or(wanted);
            around.block_end(hit.key, wanted).max(hit.last)
        } else {
            around.below(hit.key, hit.last)
        };
        (first, last.min(to.max(hit.last)))
    }

    /// The structured failure in which a hit stands.
    fn told_by(&self, hit: Hit, category: Category) -> Option<&Structured> {
        let near = |found: &&Structured| {
            let (first, last) = found.lines;
            first <= hit.key && hit.key <= last && (found.category == category || !found.leads)
        };
        self.structured.iter().filter(near).min_by_key(|found| found.lines.1 - found.lines.0)
    }

    /// Where the failed test that the decisive line names is told at more length.
    fn told_elsewhere(&self, best: &Candidate, home: (u64, u64)) -> Option<(u64, u64)> {
        let text = self.text(best.hit.key);
        let same = |found: &&Structured| {
            let apart = found.lines.1 < home.0 || found.lines.0 > home.1;
            let name = found.test.as_deref().and_then(|name| name.rsplit([' ', '.']).next());
            apart
                && found.lines.1 > found.lines.0
                && name.is_some_and(|name| name.len() > 3 && text.contains(name))
        };
        self.structured.iter().find(same).map(|found| found.lines)
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

    /// The lines to see.
    pub(super) fn explains(&self, best: &Candidate, ranked: &[Candidate]) -> Vec<(u64, u64)> {
        let mut shown = BTreeSet::new();
        let home = self.block(best);
        let home = match self.structure(best, ranked) {
            Some(found) => (
                home.0.min(found.lines.0.max(home.0.saturating_sub(STRETCH))),
                home.1.max(found.lines.1.min(home.1 + STRETCH)),
            ),
            None => home,
        };
        if best.hit.key > home.0 + STRETCH {
            self.take(&mut shown, (home.0, home.0));
            self.take(&mut shown, (best.hit.key - BEFORE, home.1));
        } else {
            self.take(&mut shown, home);
        }
        if let Some(other) = self.told_elsewhere(best, home) {
            self.take(&mut shown, other);
        }
        let end = self.more(best, home, &mut shown);
        let category = self.category(best);
        let bounds = self.steps.around(best.hit.key);
        for line in closing::closing(self.read.lines, category, end, bounds) {
            self.take(&mut shown, (line, line));
        }
        let around = Around { lines: self.read.lines, bounds };
        if let Some(last) = shown.last().copied()
            && let Some(rest) = around.rest(last)
        {
            self.take(&mut shown, (last, rest));
        }
        if let Some(output) = around.output(best.hit.key, LITTLE) {
            self.take(&mut shown, output);
        }
        fill_gaps(&mut shown);
        idle::trim(&mut shown, best.hit.key, self.read.lines);
        ranges(&shown)
    }

    /// The lines to see around one that no rule knows.
    pub(super) fn surroundings(&self, line: u64) -> Vec<(u64, u64)> {
        let around = Around { lines: self.read.lines, bounds: self.steps.around(line) };
        let known = around.output(line, OPEN);
        vec![known.unwrap_or_else(|| (around.above(line), around.below(line, line)))]
    }

    /// Failures of the same kind, as far as they belong to the story; returns the last line that was looked at.
    fn more(&self, best: &Candidate, home: (u64, u64), shown: &mut BTreeSet<u64>) -> u64 {
        let mut end = home.1;
        let mut tests = 1;
        for block in self.alike(best) {
            let (first, last) = block;
            if first <= end && last <= end || last < home.0 {
                continue;
            }
            let at_once =
                first <= end + 2 && shown.len() + usize::try_from(last - first).unwrap_or(MOST) < RUN;
            let room = shown.len() + usize::try_from(last - first).unwrap_or(MOST) < ROOM;
            let test =
                self.category(best) == Category::TestFailure && tests < TESTS && room && first <= end + NEAR;
            if !at_once && !test {
                break;
            }
            if test {
                tests += 1;
            }
            self.take(shown, block);
            end = end.max(last);
        }
        end
    }

    /// The blocks of the findings that are of the same kind as the best one, in order.
    fn alike(&self, best: &Candidate) -> Vec<(u64, u64)> {
        let (from, to) = self.steps.around(best.hit.key);
        let inside = |line: u64| (from..=to).contains(&line);
        let home = self.block(best);
        let tool = match &best.source {
            Source::Shape(found) => Some(found.id),
            Source::Rule(number) => {
                self.told_by(best.hit, self.read.rules[*number].category).map(|found| found.id)
            }
        };
        let mut blocks: Vec<(u64, u64)> = match (tool, &best.source) {
            (Some(id), _) => {
                self.structured.iter().filter(|it| it.id == id && inside(it.key)).map(|it| it.lines).collect()
            }
            (None, Source::Rule(number)) => {
                let hits = self.read.hits[*number].iter().filter(|hit| inside(hit.key));
                hits.map(|hit| self.message(*number, *hit)).collect()
            }
            (None, Source::Shape(_)) => Vec::new(),
        };
        blocks.retain(|(first, _)| *first > home.0);
        blocks.sort_unstable();
        blocks
    }

    /// Takes lines as long as there is room, without the empty ones at the end.
    fn take(&self, shown: &mut BTreeSet<u64>, (first, mut last): (u64, u64)) {
        while last > first && self.read.lines.get(last).is_none_or(|line| line.trim_ascii().is_empty()) {
            last -= 1;
        }
        for line in first..=last {
            if shown.len() >= MOST {
                return;
            }
            shown.insert(line);
        }
    }
}

/// A few lines between two that are shown are shown too: to leave them out saves nothing and reads badly.
fn fill_gaps(shown: &mut BTreeSet<u64>) {
    let lines: Vec<u64> = shown.iter().copied().collect();
    for pair in lines.windows(2) {
        if pair[1] - pair[0] <= GAP + 1 {
            shown.extend(pair[0]..pair[1]);
        }
    }
}

/// Lines as ranges.
fn ranges(lines: &BTreeSet<u64>) -> Vec<(u64, u64)> {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for &line in lines {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == line => *last = line,
            _ => ranges.push((line, line)),
        }
    }
    ranges
}
