//! Answers to questions.

use super::{ago, clipped, count};
use adapters::event::Run;
use jiff::Timestamp;

/// What was understood: `latest failed run of CI on acme/payments main, 12 min ago`.
pub fn understood_failure(run: &Run, at: Timestamp, now: Timestamp) -> String {
    format!(
        "Understood: latest failed run of {} on {} {}, {}.",
        clipped(&run.workflow, 40),
        run.at.repo,
        run.branch,
        ago(at, now)
    )
}

/// It was fixed meanwhile.
pub fn fixed_meanwhile() -> String {
    "It is green again since.".to_owned()
}

/// No failure is known there.
pub fn no_failure(place: &str) -> String {
    format!("I know of no failure of {place}.")
}

/// It must not be talked about here.
pub fn private() -> String {
    "That repository is private: ask in a channel that its failures are routed to.".to_owned()
}

/// Some must not be talked about here.
pub fn private_left_out() -> String {
    "Private repositories whose failures are not routed here are left out.".to_owned()
}

/// The pipeline is unknown.
pub fn unknown_repo(asked: &str, known: &str) -> String {
    if known.is_empty() {
        format!("I have not heard of “{asked}” yet: no run of any repository has reached me.")
    } else {
        format!("I have not heard of “{asked}”. I know: {known}.")
    }
}

/// Several could be meant.
pub fn which(asked: &str) -> String {
    format!("Which one do you mean by “{asked}”?")
}

/// Nothing fits the question.
pub fn dont_know() -> String {
    "I don't know.".to_owned()
}

/// Over the runbooks that come nearest.
pub fn nearest_title() -> String {
    "The nearest that I have".to_owned()
}

/// Nothing even near.
pub fn nothing_near() -> String {
    "No runbook comes near this. Ask me “why did main of REPO fail?” or “what is broken?”, or add a runbook."
        .to_owned()
}

/// Headline of an answer out of runbooks.
pub fn from_runbook(title: &str) -> String {
    format!("From the runbook “{}”", clipped(title, 100))
}

/// Over what to do.
pub fn fix_title() -> String {
    "Try".to_owned()
}

/// Headline over everything that is red.
pub fn broken_now(number: u64) -> String {
    if number == 0 {
        "Nothing that I watch is broken right now.".to_owned()
    } else {
        format!("{} right now", count(number, "pipeline is broken", "pipelines are broken"))
    }
}

/// Headline over earlier sightings.
pub fn seen(text: &str, number: u64) -> String {
    if number == 0 {
        format!("I have not seen “{}”.", clipped(text, 80))
    } else {
        format!("“{}”: seen {}", clipped(text, 80), count(number, "time", "times"))
    }
}

/// What a question looks like, for those who ask for help.
pub fn help() -> Vec<&'static str> {
    vec![
        "why did main of payments fail?",
        "what is broken?",
        "has anyone seen `ECONNRESET`?",
        "how do I fix an npm ERESOLVE conflict?",
        "subscribe acme/payments — post its failures here too",
        "unsubscribe acme/payments",
    ]
}

/// Headline of the help.
pub fn help_headline() -> String {
    "You can ask me".to_owned()
}

/// A subscription was made.
pub fn subscribed(filter: &str) -> String {
    format!("Failures of {filter} are posted here from now on.")
}

/// It was there already.
pub fn already_subscribed(filter: &str) -> String {
    format!("Failures of {filter} are posted here already.")
}

/// A subscription was ended.
pub fn unsubscribed(filter: &str) -> String {
    format!("Failures of {filter} are no longer posted here.")
}

/// There was none.
pub fn not_subscribed(filter: &str) -> String {
    format!("There is no subscription to {filter} here.")
}

/// Who asked.
pub fn asked_by(name: &str) -> String {
    format!("asked by {}", clipped(name, 40))
}

/// Words that ask for exactly one pipeline.
pub fn ask_for(repo: &str, branch: &str, workflow: &str) -> String {
    format!("why did {workflow} of {repo} fail on {branch}?")
}

/// How often and where something was seen.
pub fn sightings(times: i64, repos: i64, last: &str) -> String {
    let times = count(u64::try_from(times).unwrap_or(0), "time", "times");
    let repos = count(u64::try_from(repos).unwrap_or(0), "repository", "repositories");
    format!("Seen {times} in {repos}, last {last}.")
}

/// Subscriptions belong to a conversation.
pub fn only_in_chat() -> String {
    "Subscriptions belong to a channel: ask me there.".to_owned()
}
