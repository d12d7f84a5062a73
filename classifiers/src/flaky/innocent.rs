//! Whether others prove that a change is not to blame.

use std::collections::{BTreeMap, BTreeSet};

use super::{Attempt, HOUR_MS, Outcome};

/// How long a failure elsewhere counts as happening at the same time.
const SAME_TIME_MS: i64 = 24 * HOUR_MS;
/// How far back somebody's own failures are looked for.
const OWN_MS: i64 = 14 * 24 * HOUR_MS;
/// So many others are enough where nothing passed unchanged anywhere: commits travel from person to person.
const OTHERS: usize = 5;
/// Where so many times as many passed unchanged as were mended, the mended ones were mended by chance.
const OUTWEIGHS: usize = 4;

/// Who had the same failure before, independently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witnesses {
    /// Other people, by account, sorted.
    pub authors: Vec<String>,
    /// So many other branches.
    pub branches: u64,
    /// So many other commits.
    pub commits: u64,
    /// So many repositories.
    pub repos: u64,
    /// On so many of the commits it passed later with nothing changed.
    pub passed_unchanged: u64,
    /// When the first of them failed, unix milliseconds.
    pub since: i64,
}

/// What became of a commit that failed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It passed with nothing changed: nothing in it was wrong.
    Unchanged,
    /// A later commit on its branch passed: it may well have been its own fault.
    Mended,
    /// Nothing passed there since.
    Open,
}

/// The witnesses for `now`, if they prove enough. `before`: what happened until then, sorted by time.
pub(super) fn witnesses(now: &Attempt, environment: bool, before: &[&Attempt]) -> Option<Witnesses> {
    if now.author.is_empty() || now.sha.is_empty() {
        return None;
    }
    let mine = |past: &Attempt| past.author == now.author || past.same_branch(now) || past.sha == now.sha;
    let my_commits: BTreeSet<&str> =
        before.iter().filter(|past| mine(past)).map(|past| past.sha.as_str()).collect();
    // What followed my own first failure may have come from me: my commits travel.
    let my_first = before
        .iter()
        .find(|past| past.failed() && mine(past) && now.at - past.at <= OWN_MS)
        .map_or(now.at, |past| past.at);

    let mut others: BTreeMap<(&str, &str, &str), &Attempt> = BTreeMap::new();
    for past in before.iter().filter(|past| past.failed()) {
        let known = !past.author.is_empty() && !past.bot && !past.sha.is_empty() && !past.branch.is_empty();
        if known && !past.of_queue() && !mine(past) && !my_commits.contains(past.sha.as_str()) {
            others.entry((&past.repo, &past.branch, &past.sha)).or_insert(past);
        }
    }
    let fated: Vec<(&Attempt, Fate)> = others.values().map(|past| (*past, fate(past, before))).collect();
    let unchanged =
        fated.iter().filter(|(past, fate)| *fate == Fate::Unchanged && past.at < my_first).count();
    // What speaks against an excuse counts whenever it happened.
    let mended = fated.iter().filter(|(_, fate)| *fate == Fate::Mended).count();
    // A failure that people mend by changing their code is of the kind that each brings upon himself.
    if mended > 0 && (!environment || mended * OUTWEIGHS > unchanged) {
        return None;
    }
    let recent: Vec<(&Attempt, Fate)> = fated
        .into_iter()
        .filter(|(past, fate)| {
            past.at < my_first
                && now.at - past.at <= SAME_TIME_MS
                && *fate != Fate::Mended
                && !main_recovered(past, before)
        })
        .collect();
    let authors: BTreeSet<&str> = recent.iter().map(|(past, _)| past.author.as_str()).collect();
    let branches: BTreeSet<(&str, &str)> =
        recent.iter().map(|(past, _)| (past.repo.as_str(), past.branch.as_str())).collect();
    let commits: BTreeSet<&str> = recent.iter().map(|(past, _)| past.sha.as_str()).collect();
    let proven = recent.iter().filter(|(_, fate)| *fate == Fate::Unchanged).count();
    let independent = authors.len().min(branches.len()).min(commits.len());
    let few = if environment { 1 } else { 3 };
    let enough =
        independent >= OTHERS || (proven > 0 && independent >= few) || (proven > 1 && independent > 1);
    if !enough {
        return None;
    }
    Some(Witnesses {
        branches: branches.len() as u64,
        commits: commits.len() as u64,
        repos: recent.iter().map(|(past, _)| past.repo.as_str()).collect::<BTreeSet<_>>().len() as u64,
        passed_unchanged: proven as u64,
        since: recent.iter().map(|(past, _)| past.at).min()?,
        authors: authors.into_iter().map(str::to_owned).collect(),
    })
}

/// Whether the main branch had it as well and is well again: what its children suffered from then on is another matter.
fn main_recovered(failed: &Attempt, before: &[&Attempt]) -> bool {
    let main = before.iter().filter(|past| past.main && past.same_pipeline(failed));
    let red = main.clone().any(|past| past.failed());
    red && main
        .rev()
        .find(|past| past.outcome != Outcome::Otherwise)
        .is_some_and(|past| past.outcome == Outcome::Passed && past.at > failed.at)
}

fn fate(failed: &Attempt, before: &[&Attempt]) -> Fate {
    let later = before
        .iter()
        .filter(|past| past.same_pipeline(failed) && past.outcome == Outcome::Passed && past.at > failed.at);
    let mut fate = Fate::Open;
    for past in later {
        if past.sha == failed.sha {
            return Fate::Unchanged;
        }
        if past.same_branch(failed) {
            fate = Fate::Mended;
        }
    }
    fate
}
