//! What happens to the rules on log after log.

use std::{
    collections::BTreeMap,
    io::{self, ErrorKind, Read},
};

use super::{
    Before, Trial,
    report::{Change, Changes, Common, Count, Report, Told, Unsearchable},
};
use crate::{
    Classifier,
    diagnosis::{Diagnosis, Hints},
};

/// How much of a log is read at once.
const CHUNK: usize = 256 << 10;
/// So many names of logs are kept for each rule.
const NAMES: usize = 3;
/// A rule whose texts are found more often in vain in ten megabytes of logs has no rare text: one line of twenty.
const COMMON: u64 = 5_000;
/// So many changed verdicts are kept.
const CHANGES: usize = 20;

/// What the rules did on some logs.
#[derive(Debug)]
pub struct Tally<'t> {
    trial: &'t Trial,
    buffer: Vec<u8>,
    rules: Vec<Seen>,
    failing: u64,
    green: u64,
    changed: u64,
    changes: Vec<(usize, Change)>,
}

/// What one rule did.
#[derive(Clone, Debug, Default)]
struct Seen {
    failing: u64,
    green: u64,
    won: u64,
    /// How often it lost, by the rule that won.
    lost_to: BTreeMap<usize, u64>,
    /// Green logs on which it held, by number.
    green_logs: BTreeMap<usize, String>,
}

impl<'t> Tally<'t> {
    pub(super) fn new(trial: &'t Trial) -> Tally<'t> {
        let rules = vec![Seen::default(); trial.after.rules.len()];
        Tally { trial, buffer: vec![0; CHUNK], rules, failing: 0, green: 0, changed: 0, changes: Vec::new() }
    }

    /// Reads a log in bounded memory. `open` is called once; and once more if a rule holds that an edit touched, to learn
    /// the verdict before. `number` is the log's place among all, so that threads that share the logs tell the same ones.
    pub fn read<R: Read>(
        &mut self,
        number: usize,
        name: &str,
        green: bool,
        open: impl Fn() -> io::Result<R>,
    ) -> io::Result<()> {
        let trial = self.trial;
        // A green log is read as if nobody had said so: that shows which rules would have called it failed.
        let hints = Hints { conclusion_failed: (!green).then_some(true), ..Hints::default() };
        let before = trial.before.as_ref();
        let mut session = trial.after.session(hints.clone());
        let mut gone = before
            .filter(|before| !before.gone.rules.is_empty())
            .map(|before| before.gone.session(hints.clone()));
        feed(open()?, &mut self.buffer, |bytes| {
            session.push(bytes);
            if let Some(gone) = &mut gone {
                gone.push(bytes);
            }
        })?;
        let (diagnosis, held) = session.finish_with_hits();
        let touched = held.iter().any(|&rule| trial.changed[rule])
            || gone.is_some_and(|gone| gone.fired().contains(&true));
        if let Some(Before { all, .. }) = before.filter(|_| touched) {
            let mut session = all.session(hints);
            feed(open()?, &mut self.buffer, |bytes| session.push(bytes))?;
            self.compare(number, name, &session.finish(), &diagnosis);
        }
        self.count(number, name, green, &diagnosis, &held);
        Ok(())
    }

    fn compare(&mut self, number: usize, name: &str, before: &Diagnosis, after: &Diagnosis) {
        let line = |diagnosis: &Diagnosis| diagnosis.key_line.as_ref().map(|key| key.line);
        let (before, after) = ((Told::of(before), line(before)), (Told::of(after), line(after)));
        if before != after {
            self.changed += 1;
            self.changes.push((number, Change { log: name.to_owned(), before: before.0, after: after.0 }));
            self.keep_first_changes();
        }
    }

    fn keep_first_changes(&mut self) {
        self.changes.sort_by_key(|(number, _)| *number);
        self.changes.truncate(CHANGES);
    }

    fn count(&mut self, number: usize, name: &str, green: bool, diagnosis: &Diagnosis, held: &[usize]) {
        *(if green { &mut self.green } else { &mut self.failing }) += 1;
        let winner = diagnosis.rule.as_ref().filter(|_| !green).and_then(|winner| {
            held.iter().copied().find(|&rule| {
                let rule = &self.trial.after.rules[rule];
                rule.id == *winner && !rule.shadow
            })
        });
        for &rule in held {
            let seen = &mut self.rules[rule];
            if green {
                seen.green += 1;
                seen.green_logs.insert(number, name.to_owned());
                while seen.green_logs.len() > NAMES {
                    seen.green_logs.pop_last();
                }
                continue;
            }
            seen.failing += 1;
            match winner {
                Some(winner) if winner == rule => seen.won += 1,
                Some(winner) => *seen.lost_to.entry(winner).or_default() += 1,
                None => {}
            }
        }
    }

    /// Takes in what another tally of the same trial holds.
    pub fn merge(&mut self, other: Tally<'_>) {
        self.failing += other.failing;
        self.green += other.green;
        self.changed += other.changed;
        self.changes.extend(other.changes);
        self.keep_first_changes();
        for (seen, other) in self.rules.iter_mut().zip(other.rules) {
            seen.failing += other.failing;
            seen.green += other.green;
            seen.won += other.won;
            for (winner, times) in other.lost_to {
                *seen.lost_to.entry(winner).or_default() += times;
            }
            seen.green_logs.extend(other.green_logs);
            while seen.green_logs.len() > NAMES {
                seen.green_logs.pop_last();
            }
        }
    }

    /// What it comes to.
    pub fn report(self) -> Report {
        let trial = self.trial;
        let judged = 0..trial.judged;
        let Classifier { rules, unsearchable, .. } = &trial.after;
        let unsearchable =
            unsearchable.iter().filter(|rule| judged.contains(rule)).map(|&rule| Unsearchable {
                id: rules[rule].id.clone(),
                too_many_alternatives: rules[rule].patterns().any(crate::matcher::has_too_many),
            });
        let mut common: Vec<Common> = judged
            .clone()
            .map(|rule| Common { id: rules[rule].id.clone(), lines: trial.after.costs[rule] })
            .filter(|rule| rule.lines > COMMON)
            .collect();
        common.sort_by_key(|rule| std::cmp::Reverse(rule.lines));
        let counts = judged.clone().zip(self.rules).map(|(rule, seen)| Count {
            id: rules[rule].id.clone(),
            shadow: rules[rule].shadow,
            weak: rules[rule].weak,
            failing: seen.failing,
            green: seen.green,
            won: seen.won,
            loses_to: (seen.won == 0 && !rules[rule].shadow)
                .then(|| most(&seen.lost_to))
                .flatten()
                .map(|winner| rules[winner].id.clone()),
            green_logs: seen.green_logs.into_values().collect(),
        });
        Report {
            errors: trial.errors.clone(),
            unsearchable: unsearchable.collect(),
            common,
            counts: counts.collect(),
            failing: self.failing,
            green: self.green,
            changes: trial.before.is_some().then(|| Changes {
                total: self.changed,
                first: self.changes.into_iter().map(|(_, change)| change).collect(),
            }),
        }
    }
}

impl Told {
    fn of(diagnosis: &Diagnosis) -> Told {
        Told {
            verdict: diagnosis.verdict,
            category: diagnosis.category,
            owner: diagnosis.owner,
            rule: diagnosis.rule.clone(),
        }
    }
}

/// Hands out a log piece by piece.
fn feed(mut log: impl Read, buffer: &mut [u8], mut each: impl FnMut(&[u8])) -> io::Result<()> {
    loop {
        match log.read(buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => each(&buffer[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The rule that won most often; of equals the first one.
fn most(lost_to: &BTreeMap<usize, u64>) -> Option<usize> {
    lost_to.iter().max_by_key(|&(&rule, &times)| (times, std::cmp::Reverse(rule))).map(|(&rule, _)| rule)
}
