//! What the history of one way of failing says about its newest occurrence: flaky, not your change, broken on the main
//! branch already, new.
//!
//! Precision comes first: each verdict needs proof, and without proof there is none. Proof of flakiness is a failure that
//! passed with nothing changed, more than once; proof that a change is innocent is the same failure of somebody else, on
//! another branch and commit, *before* it. What the log says stays as it is: history only adds to it.

mod innocent;

use std::collections::{BTreeMap, BTreeSet};

pub use innocent::Witnesses;

/// Runs of the main branch that the numbers are told of.
const COUNTED_RUNS: usize = 40;
/// Fewer runs of the main branch than this say little: then all branches are counted.
const FEWEST_RUNS: usize = 5;
/// So many commits must have failed and then passed unchanged.
const FEWEST_FLIPS: usize = 2;
/// How likely it must be that this failure is one of them.
const SURE: f64 = 0.95;
/// A retry is made soon; a pass days later may have many reasons.
const RETRY_MS: i64 = 24 * HOUR_MS;
/// How long a red main branch is taken for red still.
const STALE_MS: i64 = 7 * 24 * HOUR_MS;
const HOUR_MS: i64 = 60 * 60 * 1000;
/// How many regressions a way of failing is taken to have had before any was seen, and in how many runs: rare, not
/// impossible.
const REGRESSIONS_BEFORE: (f64, f64) = (0.05, 20.0);
/// Rounds in which the two explanations of what stayed red settle.
const ROUNDS: usize = 5;
/// Attempts on other branches just before, that a burst is looked for in; and so many failures are one.
const BURST: (usize, usize) = (10, 4);

/// How one attempt of a run went, seen from one way of failing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// All of it passed.
    Passed,
    /// It failed in this way.
    Failed,
    /// It failed in another way; whether this one would have come as well is not known.
    Otherwise,
}

/// One attempt of a run, with what ties it to others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attempt {
    /// When it ended, unix milliseconds.
    pub at: i64,
    /// The repository, unique among all sources.
    pub repo: String,
    /// The pipeline's name.
    pub workflow: String,
    /// The provider's id of the run; its attempts share it.
    pub run: String,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// The branch, as it is unique in the repository.
    pub branch: String,
    /// Whether that is the repository's main branch.
    pub main: bool,
    /// Full commit id.
    pub sha: String,
    /// Account of the change's author; empty when unknown.
    pub author: String,
    /// Whether that is a machine's account.
    pub bot: bool,
    /// How it went.
    pub outcome: Outcome,
}

impl Attempt {
    fn failed(&self) -> bool {
        self.outcome == Outcome::Failed
    }

    fn same_pipeline(&self, other: &Self) -> bool {
        self.repo == other.repo && self.workflow == other.workflow
    }

    fn same_branch(&self, other: &Self) -> bool {
        self.repo == other.repo && self.branch == other.branch
    }

    /// A merge queue tries out other people's changes under names of its own.
    fn of_queue(&self) -> bool {
        const QUEUES: [&str; 7] = [
            "gh-readonly-queue/",
            "mergify/merge-queue/",
            "merge-queue/",
            "trunk-merge/",
            "gtmq_",
            "refs/merge-trains/",
            "mergequeue/",
        ];
        QUEUES.iter().any(|queue| self.branch.starts_with(queue))
            || matches!(self.branch.as_str(), "staging" | "trying" | "auto" | "try")
    }
}

/// What history proves.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// It fails and passes on the same code.
    Flaky(Flaky),
    /// Others had it before, independently.
    NotYourChange(Witnesses),
    /// The main branch was red in this way before.
    BrokenOnMain(BrokenOnMain),
    /// Never seen before, and what it builds on was green.
    NewInThisChange,
}

/// The numbers of a flaky failure.
#[derive(Clone, Debug, PartialEq)]
pub struct Flaky {
    /// Runs that failed in this way in at least one attempt, this one left out.
    pub failed: u64,
    /// Of so many runs.
    pub of: u64,
    /// Whether these are the runs of the main branch; otherwise those of all branches.
    pub on_main: bool,
    /// Commits on which it failed and then passed with nothing changed, on all branches.
    pub passed_on_retry: u64,
    /// Commits on which it failed and was tried again.
    pub retried: u64,
    /// How likely a run fails in this way though nothing is wrong: the mean of the Beta posterior under Jeffreys' prior,
    /// over what is taken for chance.
    pub rate: f64,
    /// How likely this failure is one of those, and no regression that looks alike.
    pub probability: f64,
    /// When it passed on retry first, unix milliseconds.
    pub since: i64,
}

/// Since when the main branch is red.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenOnMain {
    /// The branch.
    pub branch: String,
    /// The first commit that failed in this way.
    pub since_sha: String,
    /// Its author; empty when unknown.
    pub author: String,
    /// When, unix milliseconds.
    pub since: i64,
    /// So many runs in a row.
    pub runs: u64,
}

/// What history says about a failure. `now` is the attempt that failed; `history` holds attempts of its pipeline and of
/// others that failed in the same way, in any order; what ended after `now`, and `now` itself, are left out. `environment`:
/// whether failures of this kind usually come from outside the code (networks, registries, runners).
pub fn judge(now: &Attempt, environment: bool, history: &[Attempt]) -> Option<Told> {
    let mut before: Vec<&Attempt> = history
        .iter()
        .filter(|past| {
            past.at <= now.at
                && !(past.same_pipeline(now) && past.run == now.run && past.attempt >= now.attempt)
        })
        .collect();
    before.sort();
    before.dedup();
    let here: Vec<&Attempt> = before.iter().copied().filter(|past| past.same_pipeline(now)).collect();
    if let Some(flaky) = flaky(now, &here) {
        return Some(Told::Flaky(flaky));
    }
    if let Some(broken) = broken_on_main(now, &here) {
        return Some(Told::BrokenOnMain(broken));
    }
    if let Some(witnesses) = innocent::witnesses(now, environment, &before) {
        return Some(Told::NotYourChange(witnesses));
    }
    is_new(now, &before, &here).then_some(Told::NewInThisChange)
}

/// What became of the commits that failed.
struct Fates<'a> {
    /// When those that passed unchanged failed first, in order.
    flips: Vec<i64>,
    flipped: BTreeSet<&'a str>,
    /// Tried again and failed again: how often each.
    stayed_red: Vec<i32>,
    /// Never tried again.
    not_retried: usize,
}

fn fates<'a>(here: &[&'a Attempt]) -> Fates<'a> {
    let mut of_commit: BTreeMap<&str, Vec<&Attempt>> = BTreeMap::new();
    for past in here.iter().filter(|past| !past.sha.is_empty()) {
        of_commit.entry(&past.sha).or_default().push(past);
    }
    let mut fates =
        Fates { flips: Vec::new(), flipped: BTreeSet::new(), stayed_red: Vec::new(), not_retried: 0 };
    for (sha, attempts) in of_commit {
        let failures: Vec<_> = attempts.iter().filter(|past| past.failed()).collect();
        let Some(first) = failures.first() else { continue };
        let passed = attempts.iter().any(|past| {
            past.outcome == Outcome::Passed && past.at > first.at && past.at - first.at <= RETRY_MS
        });
        if passed {
            fates.flips.push(first.at);
            fates.flipped.insert(sha);
        } else if failures.len() > 1 {
            fates.stayed_red.push(i32::try_from(failures.len()).unwrap_or(i32::MAX));
        } else {
            fates.not_retried += 1;
        }
    }
    fates.flips.sort_unstable();
    fates
}

fn flaky(now: &Attempt, here: &[&Attempt]) -> Option<Flaky> {
    let fates = fates(here);
    let flips = fates.flips.len();
    if flips < FEWEST_FLIPS {
        return None;
    }
    let all = runs(here.iter().copied());
    let (rate, regression_rate) = rates(&fates, all.len());
    if is_burst(now, here, rate) {
        return None;
    }
    let in_a_row = i32::try_from(streak(now, here)).unwrap_or(i32::MAX);
    let by_chance = rate.powi(in_a_row);
    let probability = by_chance / (by_chance + regression_rate);
    if probability < SURE {
        return None;
    }
    let main_runs = runs(here.iter().copied().filter(|past| past.main));
    let on_main = main_runs.len() >= FEWEST_RUNS;
    let mut counted: Vec<_> = if on_main { main_runs } else { all }.into_values().collect();
    counted.sort_unstable();
    let counted = &counted[counted.len().saturating_sub(COUNTED_RUNS)..];
    Some(Flaky {
        failed: counted.iter().filter(|(_, failed)| *failed).count() as u64,
        of: counted.len() as u64,
        on_main,
        passed_on_retry: flips as u64,
        retried: (flips + fates.stayed_red.len()) as u64,
        rate,
        probability,
        since: fates.flips[0],
    })
}

/// Runs, with when they ended last and whether an attempt of theirs failed in this way.
fn runs<'a>(attempts: impl Iterator<Item = &'a Attempt>) -> BTreeMap<&'a str, (i64, bool)> {
    let mut runs = BTreeMap::new();
    for past in attempts {
        let run = runs.entry(past.run.as_str()).or_insert((past.at, false));
        run.0 = run.0.max(past.at);
        run.1 |= past.failed();
    }
    runs
}

/// How often in a row it failed by now: on this branch since it passed last, and on the main branch under it.
fn streak(now: &Attempt, here: &[&Attempt]) -> usize {
    let open = |on: &dyn Fn(&Attempt) -> bool| {
        let newest_first = here.iter().rev().filter(|past| on(past));
        newest_first.take_while(|past| past.outcome != Outcome::Passed).filter(|past| past.failed()).count()
    };
    let under = if now.main { 0 } else { open(&|past| past.main) };
    1 + open(&|past| past.same_branch(now) || past.sha == now.sha) + under
}

/// How likely a run fails in this way by chance, and how likely because something is wrong. What stayed red when it was tried
/// again may be chance too, the less likely the more often it was tried; what was not tried again is mixed like what was.
fn rates(fates: &Fates<'_>, runs: usize) -> (f64, f64) {
    let (flips, stayed, untried) =
        (float(fates.flips.len()), float(fates.stayed_red.len()), float(fates.not_retried));
    let (seen_before, runs_before) = REGRESSIONS_BEFORE;
    let mut real = stayed;
    let mut rates = (0.0, 0.0);
    for _ in 0..ROUNDS {
        let red = (real + 0.5) / (stayed + flips + 1.0);
        let by_chance = flips + (stayed - real) + (1.0 - red) * untried;
        let rate = (by_chance + 0.5) / (float(runs) + 1.0);
        let regression_rate = (real + red * untried + seen_before) / (float(runs) + runs_before);
        real = fates
            .stayed_red
            .iter()
            .map(|times| regression_rate / (regression_rate + rate.powi(*times)))
            .sum();
        rates = (rate, regression_rate);
    }
    rates
}

/// Far more branches fail at once than chance explains.
fn is_burst(now: &Attempt, here: &[&Attempt], rate: f64) -> bool {
    let (looked_at, least) = BURST;
    let elsewhere = here.iter().rev().filter(|past| !past.same_branch(now));
    let failed = elsewhere.take(looked_at).filter(|past| past.failed()).count();
    failed >= least && float(failed) > 2.0 * rate * float(looked_at)
}

fn broken_on_main(now: &Attempt, here: &[&Attempt]) -> Option<BrokenOnMain> {
    if now.main {
        return None;
    }
    let mut red: Vec<&Attempt> =
        here.iter().rev().filter(|past| past.main).take_while(|past| past.failed()).copied().collect();
    red.reverse();
    let first = red.first()?;
    let newest = red.last()?;
    let commits: BTreeSet<&str> = red.iter().map(|past| past.sha.as_str()).collect();
    // Where it ever passed unchanged, one red run of the main branch may be chance.
    let chance = !fates(here).flips.is_empty() && commits.len() < 2;
    // Who had it before the main branch had it may well have brought it there.
    let brought = here.iter().any(|past| {
        past.failed() && past.at < first.at && (past.same_branch(now) || past.author == now.author)
    });
    if chance
        || brought
        || is_common_mistake(first, here)
        || commits.contains(now.sha.as_str())
        || now.at - newest.at > STALE_MS
    {
        return None;
    }
    Some(BrokenOnMain {
        branch: first.branch.clone(),
        since_sha: first.sha.clone(),
        author: first.author.clone(),
        since: first.at,
        runs: runs(red.iter().copied()).len() as u64,
    })
}

/// Whether somebody made and mended it before on a branch of their own: then this change may have it from its author too.
fn is_common_mistake(red: &Attempt, here: &[&Attempt]) -> bool {
    here.iter().filter(|past| past.failed() && !past.main && past.at < red.at).any(|failed| {
        let mut later = here.iter().filter(|past| past.outcome == Outcome::Passed && past.at > failed.at);
        let unchanged = later.clone().any(|past| past.sha == failed.sha);
        !unchanged && later.any(|past| past.same_branch(failed))
    })
}

/// Never seen anywhere, and the last word of its own branch or of the main branch was good.
fn is_new(now: &Attempt, before: &[&Attempt], here: &[&Attempt]) -> bool {
    let base = here.iter().rev().find(|past| past.main || past.same_branch(now));
    !before.iter().any(|past| past.failed()) && base.is_some_and(|past| past.outcome == Outcome::Passed)
}

fn float(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

#[cfg(test)]
mod tests;
