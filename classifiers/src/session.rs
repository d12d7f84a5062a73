//! One log on its way through: bytes in, hits remembered, a diagnosis at the end.

use std::collections::VecDeque;

use crate::{
    Classifier,
    diagnosis::{Diagnosis, Hints},
    envelope::Marks,
    lines::{Batch, Lines},
    log::Cleaner,
    matcher::{Frequency, Matcher, Search, Target},
    pair::Cleaned,
    rule::Rule,
    verdict,
};

/// How many hits of a rule are kept from each end: the first ones start cascades, the last ones are near the exit.
const KEPT: usize = 16;
/// Rules that look around are tried at most this often.
const LOOKS: u32 = 20_000;
/// How far `unless_near` looks.
const NEAR: u64 = 3;
/// Lines of context that stay around a hit in a log too large to keep.
const CONTEXT: u64 = 45;
/// Rules without a required text are tried on this many lines at the end.
const UNSEARCHABLE_LINES: usize = 2_000;

/// After so many batches of lines the search is made anew for what the log prints.
const TUNED: [u32; 4] = [4, 16, 64, 256];
/// From then on nothing more is counted.
const LEARNT: u32 = 256;

/// Where a rule holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    /// The decisive line.
    pub(crate) key: u64,
    /// The first line that matched.
    pub(crate) first: u64,
    /// The last line that matched.
    pub(crate) last: u64,
}

impl Hit {
    /// The last line that belongs to it.
    pub(crate) fn end(&self) -> u64 {
        self.last.max(self.key)
    }
}

/// The hits of one rule.
#[derive(Debug, Default)]
pub(crate) struct Hits {
    first: Vec<Hit>,
    last: VecDeque<Hit>,
    /// How often it held in all.
    pub(crate) total: u64,
    looks: u32,
}

impl Hits {
    fn push(&mut self, hit: Hit) {
        // A sequence may be found from two of its lines.
        if self.iter().any(|known| *known == hit) {
            return;
        }
        self.total += 1;
        if self.first.len() < KEPT {
            self.first.push(hit);
            return;
        }
        if self.last.len() == KEPT {
            self.last.pop_front();
        }
        self.last.push_back(hit);
    }

    /// The hits that were kept, in order.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Hit> {
        self.first.iter().chain(&self.last)
    }
}

/// A log that is being read.
#[derive(Debug)]
pub struct Session<'c> {
    classifier: &'c Classifier,
    hints: Hints,
    cleaner: Cleaner,
    lines: Lines,
    marks: Marks,
    hits: Vec<Hits>,
    /// Which shapes have something to read.
    shapes: Vec<bool>,
    /// Hits that wait for the lines behind them: line and rule.
    pending: VecDeque<(u64, usize)>,
    /// The last slot at which each target was found, so that it counts once a line.
    seen: Vec<usize>,
    candidates: Vec<(usize, u32)>,
    /// What this log prints, once it is long enough for this to matter, and the search made for it.
    frequency: Option<Frequency>,
    search: Option<Search>,
    batches: u32,
}

impl<'c> Session<'c> {
    pub(crate) fn new(classifier: &'c Classifier, hints: Hints) -> Session<'c> {
        Session {
            classifier,
            hints,
            cleaner: Cleaner::default(),
            lines: Lines::default(),
            marks: Marks::default(),
            hits: std::iter::repeat_with(Hits::default).take(classifier.rules.len()).collect(),
            shapes: vec![false; crate::shape::ALL.len()],
            pending: VecDeque::new(),
            seen: vec![usize::MAX; classifier.matcher.meaning.len()],
            candidates: Vec::new(),
            frequency: None,
            search: None,
            batches: 0,
        }
    }

    /// Takes the next bytes of the log.
    pub fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let taken = self.cleaner.push(bytes, &mut self.lines, &mut self.marks);
            bytes = &bytes[taken..];
            if self.lines.is_batch_ready() {
                self.scan();
            }
        }
    }

    /// Gives the cleaner away, and the lines that do not yet fill a batch: the next lines come by [`Session::take`].
    pub(crate) fn split(&mut self) -> (Cleaner, Cleaned) {
        let lines = self.lines.split_unscanned();
        (std::mem::take(&mut self.cleaner), Cleaned { lines, ..Cleaned::default() })
    }

    /// Takes over the next batch of cleaned lines.
    pub(crate) fn take(&mut self, part: &mut Cleaned) {
        self.lines.take(&mut part.lines);
        self.marks.take(&mut part.marks);
        if self.lines.is_batch_ready() {
            self.scan();
        }
    }

    /// Takes the cleaner back, which has come to the end of the log.
    pub(crate) fn join(&mut self, cleaner: Cleaner) {
        self.cleaner = cleaner;
    }

    /// The log is over: what happened?
    pub fn finish(mut self) -> Diagnosis {
        self.end();
        self.tell()
    }

    fn tell(&self) -> Diagnosis {
        verdict::tell(&verdict::Read {
            rules: &self.classifier.rules,
            hints: &self.hints,
            lines: &self.lines,
            marks: &self.marks,
            hits: &self.hits,
            shapes: &self.shapes,
            cleaner: &self.cleaner,
        })
    }

    /// The same, and which rules hold, by their place in [`Classifier::rules`]: for checking rules in one reading.
    pub fn finish_with_hits(mut self) -> (Diagnosis, Vec<usize>) {
        self.end();
        let held = (0..self.hits.len()).filter(|&rule| self.hits[rule].total > 0).collect();
        (self.tell(), held)
    }

    /// Where each rule holds, for trying a draft.
    pub(crate) fn places(mut self) -> Vec<Hits> {
        self.end();
        self.hits
    }

    /// Which rules hold, for checking rules.
    pub(crate) fn fired(mut self) -> Vec<bool> {
        self.end();
        self.hits.iter().map(|hits| hits.total > 0).collect()
    }

    fn end(&mut self) {
        self.cleaner.finish(&mut self.lines, &mut self.marks);
        self.scan();
        self.look_around(true);
        self.try_unsearchable();
        self.marks.list.sort_by_key(|(line, _)| *line);
    }

    /// Runs the matcher over the lines that wait.
    fn scan(&mut self) {
        let batch = self.lines.take_unscanned();
        if batch.first < batch.end {
            self.find_candidates(batch);
            self.confirm();
            self.tune(batch);
        }
        self.look_around(false);
        if self.lines.is_full() {
            self.compact();
        }
    }

    /// Counts what the log prints, and now and then makes the search anew for it.
    fn tune(&mut self, batch: Batch) {
        self.batches += 1;
        if self.batches > LEARNT {
            return;
        }
        let frequency = self.frequency.get_or_insert_with(Matcher::frequency);
        let thorough = self.batches <= TUNED[0];
        frequency.learn(self.lines.batch_text(batch).0, if thorough { 4 } else { 64 });
        if TUNED.contains(&self.batches) {
            // A shape has only to be seen once.
            let wanted = |target| !matches!(target, Target::Shape(shape) if self.shapes[shape]);
            self.search = Some(self.classifier.matcher.tuned(frequency, wanted));
        }
    }

    /// Notes the lines that hold a required text, once for each target.
    fn find_candidates(&mut self, batch: Batch) {
        let Session { classifier, lines, seen, candidates, search, .. } = self;
        let (text, start) = lines.batch_text(batch);
        let mut slot = batch.first;
        candidates.clear();
        classifier.matcher.scan(search.as_ref(), text, |position, target| {
            slot = lines.slot_at(slot, start + position);
            let last = &mut seen[target as usize];
            if *last != slot {
                *last = slot;
                candidates.push((slot, target));
            }
        });
        // Long and short texts are found in two passes: put them in order, once each.
        candidates.sort_unstable();
        candidates.dedup();
        // Slots are only good for this batch.
        for (_, target) in &*candidates {
            seen[*target as usize] = usize::MAX;
        }
    }

    /// Tries the expressions on the candidate lines.
    fn confirm(&mut self) {
        let candidates = std::mem::take(&mut self.candidates);
        for &(slot, target) in &candidates {
            let (number, line) = self.lines.slot(slot);
            match self.classifier.matcher.meaning[target as usize] {
                Target::Envelope => self.marks.read(number, line),
                Target::Shape(shape) => self.shapes[shape] = true,
                Target::Rule(rule) => {
                    let (rule, index) = (&self.classifier.rules[rule], rule);
                    if !self.classifier.is_match(index, line) {
                        continue;
                    }
                    if rule.looks_around() {
                        if self.hits[index].looks < LOOKS {
                            self.hits[index].looks += 1;
                            self.pending.push_back((number, index));
                        }
                    } else if !rule.unless.iter().any(|unless| unless.is_match(line)) {
                        self.hits[index].push(Hit { key: number, first: number, last: number });
                    }
                }
            }
        }
        self.candidates = candidates;
    }

    /// Decides on the hits that have to see their neighbours, as far as these are here.
    fn look_around(&mut self, log_is_over: bool) {
        let newest = self.lines.newest();
        while let Some(&(line, index)) = self.pending.front() {
            let rule = &self.classifier.rules[index];
            if !log_is_over && line + rule.window + NEAR > newest {
                break;
            }
            self.pending.pop_front();
            let anchor = self.classifier.anchors[index];
            let hit = sequence(rule, anchor, line, &self.lines).filter(|hit| holds(rule, hit, &self.lines));
            if let Some(hit) = hit {
                self.hits[index].push(hit);
            }
        }
    }

    /// Tries the rules for which there is nothing to search on the end of the log.
    fn try_unsearchable(&mut self) {
        for &index in &self.classifier.unsearchable {
            let rule = &self.classifier.rules[index];
            let anchor = self.classifier.anchors[index];
            let start = self.lines.all().rev().nth(UNSEARCHABLE_LINES).map_or(0, |(number, _)| number);
            for (number, line) in self.lines.range(start, u64::MAX) {
                if rule.parts[anchor].is_match(line)
                    && let Some(hit) = sequence(rule, anchor, number, &self.lines)
                    && holds(rule, &hit, &self.lines)
                {
                    self.hits[index].push(hit);
                }
            }
        }
    }

    /// Forgets lines, keeping those around hits: the most specific rules first.
    fn compact(&mut self) {
        let mut order: Vec<usize> = (0..self.hits.len())
            .filter(|&rule| self.hits[rule].total > 0 && !self.classifier.rules[rule].shadow)
            .collect();
        order.sort_by_key(|&rule| {
            std::cmp::Reverse((self.classifier.rules[rule].own, self.classifier.rules[rule].priority))
        });
        let windows = order.iter().flat_map(|&rule| self.hits[rule].iter());
        let windows = windows.map(|hit| (hit.first.saturating_sub(CONTEXT), hit.last + CONTEXT));
        let waiting = self.pending.iter().map(|(line, _)| (line.saturating_sub(CONTEXT), line + CONTEXT));
        self.lines.compact(waiting.chain(windows));
    }
}

/// Finds the other expressions of a rule around the line that one of them matched: earlier ones before it, later ones
/// behind it, the nearest line each.
fn sequence(rule: &Rule, anchor: usize, line: u64, lines: &Lines) -> Option<Hit> {
    let mut places = vec![line; rule.parts.len()];
    let earliest = line.saturating_sub(rule.window);
    for part in (0..anchor).rev() {
        let next = places[part + 1];
        let found = lines
            .range(earliest, next.saturating_sub(1))
            .rev()
            .find(|(_, text)| rule.parts[part].is_match(text));
        places[part] = found?.0;
    }
    for part in anchor + 1..rule.parts.len() {
        let latest = places[0] + rule.window;
        let found =
            lines.range(places[part - 1] + 1, latest).find(|(_, text)| rule.parts[part].is_match(text));
        places[part] = found?.0;
    }
    Some(Hit { key: places[rule.key], first: places[0], last: places[rule.parts.len() - 1] })
}

/// Whether neither the key line nor its neighbourhood takes the finding back.
fn holds(rule: &Rule, hit: &Hit, lines: &Lines) -> bool {
    let key = lines.get(hit.key).unwrap_or_default();
    let taken_back = rule.unless.iter().any(|unless| unless.is_match(key));
    let near = |(_, line): (u64, &[u8])| rule.unless_near.iter().any(|unless| unless.is_match(line));
    !taken_back
        && (rule.unless_near.is_empty()
            || !lines.range(hit.first.saturating_sub(NEAR), hit.last + NEAR).any(near))
}
