//! Answers to questions.

use std::ops::RangeInclusive;

use adapters::event::{Person, Run};
use classifiers::flaky::Flaky;
use jiff::{SignedDuration, Timestamp};

use super::{ago, clipped, count, day_and_time, short_sha, span};
use crate::triage::Tally;

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

/// Headline over what went red lately.
pub fn broke_since(number: u64, window: SignedDuration) -> String {
    if number == 0 {
        format!("Nothing that I watch broke in the last {}.", within(window))
    } else {
        format!("{} in the last {}", count(number, "pipeline broke", "pipelines broke"), within(window))
    }
}

/// `24 h`, `7 days`: how people say how far back they look.
fn within(window: SignedDuration) -> String {
    if window == SignedDuration::from_hours(24) { "24 h".to_owned() } else { span(window) }
}

/// More than are listed.
pub fn and_more(number: usize) -> String {
    format!("… and {number} more: name a repository or a branch to see fewer.")
}

/// It is proven to be flaky.
pub fn flaky(flaky: &Flaky) -> String {
    let place = if flaky.on_main { " on the main branch" } else { "" };
    format!(
        "Yes, it is flaky: it failed {} of the last {}{place}, and passed {} of {} re-runs with nothing changed.",
        flaky.failed,
        count(flaky.of, "run", "runs"),
        flaky.passed_on_retry,
        flaky.retried
    )
}

/// It is proven not to be.
pub fn not_flaky(why: &str) -> String {
    format!("It does not look flaky. {why}")
}

/// The numbers prove nothing yet.
pub fn perhaps_flaky(tally: &Tally) -> String {
    let seen = format!("seen in {} of the last {}", tally.failed, count(tally.of, "run", "runs"));
    match (tally.retried, tally.passed) {
        (0, _) => {
            format!("I cannot tell: {seen}, and never re-run with nothing changed. A re-run would show it.")
        }
        (retried, 0) => format!(
            "It does not look flaky: {seen}, and failed again {} it was re-run with nothing changed.",
            if retried == 1 { "the one time".to_owned() } else { format!("all {retried} times") }
        ),
        (retried, passed) => format!(
            "It may be flaky: {seen}, and passed {passed} of {} with nothing changed. That is too little to be sure.",
            count(retried, "re-run", "re-runs")
        ),
    }
}

/// Without a cause nothing can be counted.
pub fn flaky_unknown() -> String {
    "I cannot tell: I don't know what failed there, so I cannot say whether it failed so before.".to_owned()
}

/// Headline over what comes and goes.
pub fn flakiest(number: u64, window: SignedDuration) -> String {
    let window = within(window);
    if number == 0 {
        format!("I saw nothing fail and then pass on a re-run in the last {window}.")
    } else {
        format!(
            "{} and then passed on a re-run with nothing changed, in the last {window}",
            count(number, "failure came", "failures came")
        )
    }
}

/// How often one did.
pub fn flipped(times: u64, last: &str) -> String {
    format!("In {}, last {last}.", count(times, "run", "runs"))
}

/// Who owns it.
pub fn owners(what: &str, owners: &str) -> String {
    format!("{} is owned by {owners}, says CODEOWNERS.", clipped(what, 120))
}

/// Nobody is named.
pub fn no_owners(what: &str) -> String {
    format!("I know of no CODEOWNERS entry for {}.", clipped(what, 120))
}

/// Whose change the last run was of.
pub fn last_author(repo: &str, author: &Person) -> String {
    format!("The last run of {repo} that I saw was of a change by {}.", clipped(&author.login, 40))
}

/// Owners of what was changed.
pub fn owners_of_change(owners: &str) -> String {
    format!("What changed is owned by {owners}, says CODEOWNERS.")
}

/// Several repositories could be meant.
pub fn which_of(repos: &str) -> String {
    format!("Which one do you mean: {repos}?")
}

/// No green run is known.
pub fn no_green(run: &Run) -> String {
    format!(
        "I cannot tell: no green run of {} on {} before it has reached me.",
        clipped(&run.workflow, 40),
        clipped(&run.branch, 60)
    )
}

/// The last green run was of the same commit.
pub fn nothing_changed(green: &Run) -> String {
    format!(
        "Nothing in the repository: {} was green with the same commit {}.",
        super::failure::run_label(green),
        short_sha(&green.sha)
    )
}

/// Headline over commits.
pub fn changed(commits: u64, green: &Run, red: &Run) -> String {
    format!(
        "{} between the last green run ({}) and {}",
        count(commits, "commit", "commits"),
        short_sha(&green.sha),
        short_sha(&red.sha)
    )
}

/// One commit, behind its id.
pub fn commit(title: &str, author: &Person) -> String {
    let by =
        if author.login.is_empty() { String::new() } else { format!(" ({})", clipped(&author.login, 40)) };
    format!(" {}{by}", clipped(title, 80))
}

/// Headline over lines of a log.
pub fn lines_of(range: &RangeInclusive<u64>, job: &str) -> String {
    if range.start() == range.end() {
        format!("Line {} of {}", range.start(), clipped(job, 60))
    } else {
        format!("Lines {}–{} of {}", range.start(), range.end(), clipped(job, 60))
    }
}

/// The log is shorter.
pub fn no_such_lines(range: &RangeInclusive<u64>, job: &str) -> String {
    format!("The log of {} ends before line {}.", clipped(job, 60), range.start())
}

/// No job failed that has a log.
pub fn no_log() -> String {
    "There is no log of it that I could show.".to_owned()
}

/// It cannot be had.
pub fn log_not_had(why: &str) -> String {
    format!("I cannot have the log just now: {why}")
}

/// Headline over subscriptions.
pub fn subscriptions(number: u64) -> String {
    if number == 0 {
        "Nothing is subscribed here; what is posted comes from the configured routes.".to_owned()
    } else {
        format!("{} here", count(number, "subscription", "subscriptions"))
    }
}

/// Behind a subscription that is muted.
pub fn quiet_until(until: Timestamp) -> String {
    format!(", quiet until {}", day_and_time(until))
}

/// There is nothing to keep quiet.
pub fn nothing_to_mute() -> String {
    "Nothing is subscribed here. What the configured routes post here is not mine to mute.".to_owned()
}

/// One failure is kept quiet about.
pub fn snoozed(until: Timestamp, now: Timestamp) -> String {
    format!(
        "If this failure comes again, nothing is posted about it here for {}, until {}. What stands here is kept up to date.",
        span(until.duration_since(now) + SignedDuration::from_secs(1)),
        day_and_time(until)
    )
}

/// It is told again.
pub fn no_longer_snoozed() -> String {
    "If this failure comes again, it is posted here again.".to_owned()
}

/// Subscriptions keep quiet.
pub fn muted(number: u64, until: Timestamp, now: Timestamp) -> String {
    format!(
        "{} quiet for {}, until {}. Say “unmute” to hear of failures sooner.",
        count(number, "subscription is", "subscriptions are"),
        span(until.duration_since(now) + SignedDuration::from_secs(1)),
        day_and_time(until)
    )
}

/// Subscriptions speak again.
pub fn unmuted(number: u64) -> String {
    format!("{} again.", count(number, "subscription speaks", "subscriptions speak"))
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
        "what broke on main today?",
        "what changed since the last green?",
        "is this flaky?",
        "which tests are flaky?",
        "who owns payments?",
        "show me the log around that",
        "has anyone seen `ECONNRESET` in payments?",
        "how do I fix an npm ERESOLVE conflict?",
        "subscribe payments branch:main -actor:bots — post these failures here too",
        "test payments branch:main — what that would have posted last week",
        "subscribe payments failures,fixed — also what is green again (flaky: what comes and goes; all: everything)",
        "subscribe flakiest daily 09:00 Europe/Berlin — each day what came and went",
        "unsubscribe acme/payments",
        "list, mute 2h, unmute — subscriptions of this channel",
        "snooze 2h, unsnooze — in a failure's thread: that failure, in this channel",
    ]
}

/// Headline of the help.
pub fn help_headline() -> String {
    "You can ask me".to_owned()
}

/// A subscription was made.
pub fn subscribed(filter: &str) -> String {
    format!("Posted here from now on: {filter}.")
}

/// A daily list was asked for.
pub fn subscribed_daily(wish: &str) -> String {
    format!("Each day on which something came and went, a list of it is posted here: {wish}.")
}

/// It cannot be ended in chat.
pub fn subscribed_by_configuration(filter: &str) -> String {
    format!("{filter} is set in the configuration file: whoever runs me can end it there.")
}

/// Behind a subscription of the configuration.
pub fn by_configuration() -> String {
    ", set in the configuration file".to_owned()
}

/// The daily list is empty.
pub fn nothing_flaky_today() -> String {
    "Nothing would be posted now: I saw nothing fail and then pass on a re-run in the last 24 h.".to_owned()
}

/// It was there already.
pub fn already_subscribed(filter: &str) -> String {
    format!("That is posted here already: {filter}.")
}

/// A subscription was ended.
pub fn unsubscribed(filter: &str) -> String {
    format!("No longer posted here: {filter}.")
}

/// The filter cannot be read.
pub fn filter_unreadable(why: &str) -> String {
    format!("I cannot read that filter: {why}.")
}

/// What a filter would have done last week.
pub fn would_have_posted(filter: &str, posts: u64, all: u64) -> String {
    format!(
        "{} would have posted {} in the last 7 days, of {} that I saw.",
        clipped(filter, 120),
        count(posts, "time", "times"),
        count(all, "failure", "failures")
    )
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
