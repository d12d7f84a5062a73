//! Simulated months of work on a few repositories. What really made each attempt fail is known, so verdicts from history can
//! be scored. Nothing here knows how those verdicts are made.

use std::collections::{BTreeMap, BTreeSet};

use classifiers::flaky::{Attempt, Outcome};

/// What really made an attempt fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    /// The change itself, be its author the first to write it or not.
    Own,
    /// The main branch that it started from.
    Inherited,
    /// The world outside, for hours: a service away, a release that breaks everybody.
    Outside,
    /// Chance.
    Chance,
}

/// An attempt with all ways in which it failed.
pub(crate) struct Done {
    attempt: Attempt,
    pub(crate) failed: BTreeMap<u32, Cause>,
}

impl Done {
    /// Seen from one way of failing.
    pub(crate) fn seen_from(&self, way: u32) -> Attempt {
        let outcome = if self.failed.contains_key(&way) {
            Outcome::Failed
        } else if self.failed.is_empty() {
            Outcome::Passed
        } else {
            Outcome::Otherwise
        };
        Attempt { outcome, ..self.attempt.clone() }
    }
}

/// Ways of failing from here on are of a kind that comes from outside, as a rule.
const OUTSIDE: u32 = 1_000_000;
/// Ways of failing from here on are one person's one mistake.
const SINGULAR: u32 = 1_000;
/// What many people do wrong, each on his own: formatting, a wrong address.
const GENERIC: [u32; 6] = [1, 2, 3, 4, OUTSIDE + 1, OUTSIDE + 2];
const FLAKY: std::ops::Range<u32> = 100..108;
const MINUTES: u64 = 30 * 24 * 60;

pub(crate) fn comes_from_outside(way: u32) -> bool {
    way >= OUTSIDE
}

/// A small generator of numbers that are the same on every machine (`SplitMix64`).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, most: u64) -> u64 {
        self.next() % most.max(1)
    }

    fn chance(&mut self, share: f64) -> bool {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64 <= share
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap_or(0)]
    }
}

/// A line of work: commits on a branch, with what is wrong in them.
#[derive(Clone)]
struct Branch {
    repo: usize,
    name: String,
    author: String,
    sha: String,
    /// Wrong in its own commits, and wrong in what it started from.
    own: BTreeSet<u32>,
    inherited: BTreeSet<u32>,
}

#[derive(Clone)]
enum Event {
    Start,
    Push(Branch),
    Retry(Branch, String, u32),
    Merge(Branch),
    Revert(usize, u32, String),
    Reland(usize, u32, String),
}

/// One world: some weeks, three repositories, eight people and a bot.
pub(crate) struct World {
    dice: Dice,
    pub(crate) done: Vec<Done>,
    main: Vec<(BTreeSet<u32>, String)>,
    flaky: BTreeMap<u32, f64>,
    storms: Vec<(u64, u64, u32, f64)>,
    pending: BTreeMap<(u64, u64), Event>,
    made: u64,
}

const PEOPLE: [&str; 9] = ["ada", "bob", "cyd", "dan", "eve", "fay", "gus", "hal", "renovate[bot]"];

impl World {
    pub(crate) fn lived(seed: u64) -> World {
        let mut dice = Dice::new(seed.wrapping_mul(7919).wrapping_add(1));
        let rates = [0.003, 0.01, 0.02, 0.04, 0.06, 0.1, 0.2, 0.35];
        let flaky = FLAKY.zip(rates).filter(|_| dice.chance(0.35)).collect();
        let storms = (0..6)
            .map(|storm| {
                let from = dice.below(MINUTES);
                let lasts = 30 + dice.below(600);
                // A service that is away, seen as such or as the failure of a test; a release that breaks everybody.
                let way = dice.one(&[OUTSIDE + 10 + storm, OUTSIDE + 2, 20 + storm, 20 + storm]);
                (from, from + lasts, way, dice.one(&[0.3, 0.7, 1.0]))
            })
            .collect();
        let mut world = World {
            dice,
            done: Vec::new(),
            main: (0..3).map(|repo| (BTreeSet::new(), format!("r{repo}-main-0"))).collect(),
            flaky,
            storms,
            pending: BTreeMap::new(),
            made: 0,
        };
        world.plan(0, Event::Start);
        while let Some(((at, _), event)) = world.pending.pop_first() {
            if at < MINUTES {
                world.happen(at, event);
            }
        }
        world
    }

    fn plan(&mut self, at: u64, event: Event) {
        self.made += 1;
        self.pending.insert((at, self.made), event);
    }

    fn sha(&mut self) -> String {
        self.made += 1;
        format!("{:040x}", self.made)
    }

    fn happen(&mut self, at: u64, event: Event) {
        match event {
            Event::Start => {
                let branch = self.started();
                self.plan(at + self.pause(1, 5), Event::Push(branch));
                let next = self.dice.below(150);
                self.plan(at + 1 + next, Event::Start);
            }
            Event::Push(branch) => {
                let run = self.sha();
                self.run(at, &branch, &run, 1);
            }
            Event::Retry(branch, run, attempt) => self.run(at, &branch, &run, attempt),
            Event::Merge(branch) => self.merge(at, &branch),
            Event::Revert(repo, way, author) => {
                if self.main[repo].0.remove(&way) {
                    self.on_main(at, repo, &author, &BTreeSet::new());
                }
            }
            Event::Reland(repo, way, author) => {
                let sha = self.sha();
                let mut again = self.fresh(repo, &author, sha);
                again.own.insert(way);
                self.plan(at, Event::Push(again));
            }
        }
    }

    fn pause(&self, at_least: u64, at_most: u64) -> u64 {
        at_least + self.made % (at_most - at_least)
    }

    fn fresh(&mut self, repo: usize, author: &str, sha: String) -> Branch {
        self.made += 1;
        Branch {
            repo,
            name: format!("{author}/topic-{}", self.made),
            author: author.to_owned(),
            sha,
            own: BTreeSet::new(),
            inherited: self.main[repo].0.clone(),
        }
    }

    /// A new topic, with something wrong in it or not.
    fn started(&mut self) -> Branch {
        let repo = usize::try_from(self.dice.below(6)).unwrap_or(0);
        let repo = if repo < 3 { repo } else { 0 };
        let author = self.dice.one(&PEOPLE);
        let sha = self.sha();
        let mut branch = self.fresh(repo, author, sha);
        if self.dice.chance(0.3) {
            let wrong = self.mistake();
            branch.own.insert(wrong);
        }
        branch
    }

    /// A mistake of one's own: one of a kind, one that many make, or a flaky test broken for good.
    fn mistake(&mut self) -> u32 {
        match self.dice.below(60) {
            0..=30 => {
                self.made += 1;
                let number = u32::try_from(self.made % 900_000).unwrap_or(0);
                if self.dice.chance(0.15) { OUTSIDE + SINGULAR + number } else { SINGULAR + number }
            }
            31..=57 => self.dice.one(&GENERIC),
            58 => FLAKY.start + u32::try_from(self.dice.below(8)).unwrap_or(0),
            _ => 20 + u32::try_from(self.dice.below(6)).unwrap_or(0),
        }
    }

    fn run(&mut self, at: u64, branch: &Branch, run: &str, attempt: u32) {
        let mut failed: BTreeMap<u32, Cause> = BTreeMap::new();
        let chances: Vec<(u32, f64)> = self.flaky.iter().map(|(way, rate)| (*way, *rate)).collect();
        for (way, rate) in chances {
            if branch.repo == 0 && self.dice.chance(rate) {
                failed.insert(way, Cause::Chance);
            }
        }
        for (from, until, way, share) in self.storms.clone() {
            if (from..until).contains(&at) && self.dice.chance(share) {
                failed.insert(way, Cause::Outside);
            }
        }
        failed.extend(branch.inherited.iter().map(|way| (*way, Cause::Inherited)));
        failed.extend(branch.own.iter().map(|way| (*way, Cause::Own)));
        // A run often stops at its first failure.
        if failed.len() > 1 && self.dice.chance(0.6) {
            let keep = self.dice.below(failed.len() as u64);
            let way = failed.keys().copied().nth(usize::try_from(keep).unwrap_or(0));
            failed.retain(|failed, _| Some(*failed) == way);
        }
        let red = !failed.is_empty();
        let took = 5 + self.dice.below(20);
        let ended = at + took;
        let attempt_done = Attempt {
            at: i64::try_from(ended).unwrap_or(0) * 60_000,
            repo: format!("github:acme/{}", branch.repo),
            workflow: "CI".to_owned(),
            run: run.to_owned(),
            attempt,
            main: branch.name == "main",
            branch: branch.name.clone(),
            sha: branch.sha.clone(),
            author: branch.author.clone(),
            bot: branch.author.ends_with("[bot]"),
            outcome: Outcome::Passed,
        };
        self.done.push(Done { attempt: attempt_done, failed });
        if red {
            self.go_on_after_red(ended, branch, run, attempt);
        } else if branch.name != "main" && !branch.name.starts_with("gh-readonly-queue/") {
            let later = self.dice.below(300);
            self.plan(ended + later, Event::Merge(branch.clone()));
        }
    }

    fn go_on_after_red(&mut self, at: u64, branch: &Branch, run: &str, attempt: u32) {
        let share = if attempt == 1 { 0.5 } else { 0.15 };
        if self.dice.chance(share) {
            let soon = 2 + self.dice.below(40);
            return self.plan(at + soon, Event::Retry(branch.clone(), run.to_owned(), attempt + 1));
        }
        if branch.name == "main" || branch.name.starts_with("gh-readonly-queue/") {
            return;
        }
        let later = 5 + self.dice.below(400);
        let mut next = Branch { sha: self.sha(), ..branch.clone() };
        match self.dice.below(40) {
            // Merged all the same.
            0 => return self.plan(at + later, Event::Merge(branch.clone())),
            // The same commit under another name.
            1 => next = Branch { name: format!("{}-again", branch.name), ..branch.clone() },
            // Somebody takes the commits over, or builds upon them.
            2..=4 => {
                let other = self.dice.one(&PEOPLE);
                let sha = self.sha();
                let mut taken = self.fresh(branch.repo, other, sha);
                taken.own.extend(&branch.own);
                self.plan(at + later / 2, Event::Push(taken));
            }
            // A colleague pushes to the same branch.
            5 | 6 => self.dice.one(&PEOPLE).clone_into(&mut next.author),
            7 | 8 => return,
            9..=14 => {}
            _ => {
                next.own.clear();
                next.inherited.clone_from(&self.main[branch.repo].0);
            }
        }
        self.plan(at + later, Event::Push(next));
    }

    fn merge(&mut self, at: u64, branch: &Branch) {
        let mut wrong = branch.own.clone();
        // Two changes that are right alone, and wrong together.
        if self.dice.chance(0.01) {
            let way = self.mistake();
            wrong.insert(way);
        }
        let author =
            if self.dice.chance(0.2) { self.dice.one(&PEOPLE) } else { branch.author.as_str() }.to_owned();
        if self.dice.chance(0.3) {
            let tried = Branch {
                name: format!("gh-readonly-queue/main/pr-{}", self.made),
                author: author.clone(),
                sha: self.sha(),
                own: wrong.clone(),
                inherited: self.main[branch.repo].0.clone(),
                repo: branch.repo,
            };
            let run = self.sha();
            self.run(at, &tried, &run, 1);
            if !wrong.is_empty() {
                return;
            }
        }
        self.on_main(at + 10, branch.repo, &author, &wrong);
        for way in wrong {
            let noticed = 20 + self.dice.below(400);
            let by = self.dice.one(&PEOPLE).to_owned();
            self.plan(at + noticed, Event::Revert(branch.repo, way, by));
            if self.dice.chance(0.3) {
                self.plan(at + noticed + 200, Event::Reland(branch.repo, way, branch.author.clone()));
            }
        }
    }

    /// A commit on the main branch; what was wrong there stays wrong.
    fn on_main(&mut self, at: u64, repo: usize, author: &str, wrong: &BTreeSet<u32>) {
        let sha = self.sha();
        let inherited = self.main[repo].0.clone();
        self.main[repo].0.extend(wrong);
        self.main[repo].1.clone_from(&sha);
        let commit = Branch {
            repo,
            name: "main".to_owned(),
            author: author.to_owned(),
            sha,
            own: wrong.difference(&inherited).copied().collect(),
            inherited,
        };
        let run = self.sha();
        self.run(at, &commit, &run, 1);
    }
}
