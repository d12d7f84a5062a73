//! Whose move it is, in a sentence.

use adapters::event::{Person, Run};
use classifiers::category::Owner;
use jiff::Timestamp;

use super::{category, clipped, count, day_and_time, listed, short_sha};

/// Seen in several repositories at the same time: not this change.
pub fn seen_elsewhere(times: u64, repos: u64) -> String {
    format!(
        "Not your change: seen {} in {} within a day. The platform team should look.",
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
