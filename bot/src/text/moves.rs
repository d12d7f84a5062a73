//! Whose move it is, in a sentence.

use adapters::event::{Person, Run};
use classifiers::category::Owner;
use classifiers::flaky::{BrokenOnMain, Flaky, Witnesses};
use jiff::Timestamp;

use super::{category, clipped, count, day_and_time, listed, short_sha};

/// It fails and passes on the same code, with the numbers that prove it.
pub fn flaky(owner: Owner, flaky: &Flaky) -> String {
    let who = match owner {
        Owner::Infra | Owner::Flaky => owner,
        _ => Owner::Flaky,
    };
    let place = if flaky.on_main { " on the main branch" } else { "" };
    let retried = if flaky.passed_on_retry == flaky.retried {
        match flaky.retried {
            2 => "passed both times it was re-run with nothing changed".to_owned(),
            times => format!("passed all {times} times it was re-run with nothing changed"),
        }
    } else {
        format!(
            "passed {} of the {} times it was re-run with nothing changed",
            flaky.passed_on_retry, flaky.retried
        )
    };
    format!(
        "{}. Flaky: it failed {} of the last {}{place}, and {retried}. A re-run may pass.",
        capital(category::owner(who)),
        flaky.failed,
        count(flaky.of, "run", "runs"),
    )
}

/// Others had the same failure before, independently.
pub fn not_your_change(owner: Owner, witnesses: &Witnesses) -> String {
    let who: Vec<String> = witnesses.authors.iter().map(|author| clipped(author, 40)).collect();
    let who: Vec<&str> = who.iter().map(String::as_str).collect();
    let place = if witnesses.repos > 1 {
        format!(" in {}", count(witnesses.repos, "repository", "repositories"))
    } else {
        String::new()
    };
    let passed = match witnesses.passed_unchanged {
        0 => String::new(),
        commits => {
            format!("; it passed unchanged on {commits} of these commits")
        }
    };
    let owner = match owner {
        Owner::Code | Owner::Test => "Somebody should look who knows the whole project.".to_owned(),
        other => format!("{} should look.", capital(category::owner(other))),
    };
    format!(
        "Not your change: {} had the same failure before it, on {} and {} of their own{place}{passed}. {owner}",
        listed(&who, 3),
        count(witnesses.branches, "branch", "branches"),
        count(witnesses.commits, "commit", "commits"),
    )
}

/// The main branch was red in the same way before.
pub fn broken_on_main(broken: &BrokenOnMain) -> String {
    let by =
        if broken.author.is_empty() { String::new() } else { format!(" by {}", clipped(&broken.author, 40)) };
    format!(
        "Not new in this change: {} has failed the same way since {}{by}, {} in a row.",
        clipped(&broken.branch, 60),
        short_sha(&broken.since_sha),
        count(broken.runs, "run", "runs"),
    )
}

/// Seen in several repositories at the same time.
pub fn seen_elsewhere(times: u64, repos: u64) -> String {
    format!(
        "Hardly this change alone: seen {} in {} within a day. The platform team should look.",
        count(times, "time", "times"),
        count(repos, "repository", "repositories"),
    )
}

/// It began with an earlier run, and goes on the same way.
pub fn since(owner: Owner, first: &Run, now: &Run) -> String {
    let still = if first.sha == now.sha {
        String::new()
    } else {
        format!("; it still fails with {}", short_sha(&now.sha))
    };
    format!("{}: since {}{still}.", capital(&whose(owner, &first.author)), short_sha(&first.sha))
}

/// The author's kind of failure, but an old acquaintance.
pub fn seen_before(owner: Owner, author: &Person, times: u64, since: Timestamp) -> String {
    format!(
        "{} — though the same failure was seen {} since {}, so it may not be this change.",
        capital(&whose(owner, author)),
        count(times, "time", "times"),
        day_and_time(since)
    )
}

/// The author's move. `new_with`: the commit it is known to be new with.
pub fn of_author(owner: Owner, author: &Person, new_with: Option<&str>) -> String {
    let new = new_with
        .filter(|sha| !sha.is_empty())
        .map_or_else(String::new, |sha| format!(": new with {}", short_sha(sha)));
    format!("{}{new}.", capital(&whose(owner, author)))
}

/// Somebody else's move.
pub fn of_owner(owner: Owner, owners: &[String]) -> String {
    let who = capital(category::owner(owner));
    match owner {
        Owner::Infra => format!("{who}, unless the change explains it."),
        Owner::Flaky => format!("{who}: it failed and passed on the same code. A re-run may pass."),
        Owner::Unknown => {
            let ask = if owners.is_empty() {
                String::new()
            } else {
                format!(
                    " Code owners here: {}.",
                    listed(&owners.iter().map(String::as_str).collect::<Vec<_>>(), 3)
                )
            };
            format!("{who}: the cause is not known.{ask}")
        }
        Owner::Security => format!("{who}: the scan found something that a person has to judge."),
        Owner::Code | Owner::Test | Owner::Dependency | Owner::Config | Owner::Policy => format!("{who}."),
    }
}

/// No evidence at all.
pub fn unknown() -> String {
    "Nobody yet: there is no log to judge by.".to_owned()
}

/// The author is named where the change as such is at fault; elsewhere only the role is known.
fn whose(owner: Owner, author: &Person) -> String {
    let role = category::owner(owner);
    match owner {
        _ if author.login.is_empty() => role.to_owned(),
        Owner::Code if author.bot => format!("whoever looks after {}'s change", clipped(&author.login, 40)),
        Owner::Code => format!("{role}, {}", clipped(&author.login, 40)),
        _ => format!("{role}; the change is by {}", clipped(&author.login, 40)),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
