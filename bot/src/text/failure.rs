//! The failure message, from broken to fixed.

use adapters::event::{Conclusion, Person, Run};
use jiff::SignedDuration;

use super::{clipped, count, listed, short_repo, short_sha, span};

/// `payments · main broke at “test (ubuntu, 3.12)”`
pub fn broken(run: &Run, job: Option<&str>) -> String {
    format!("{} broke{}", pipeline(run), at(job))
}

/// `payments · main is still broken (×3) at “test”`
pub fn still_broken(run: &Run, job: Option<&str>, runs: u64) -> String {
    format!("{} is still broken (×{runs}){}", pipeline(run), at(job))
}

/// `payments · main is flapping (broke 3 times within 42 min), now red at “test”`
pub fn flapping_red(run: &Run, job: Option<&str>, breaks: u64, within: SignedDuration) -> String {
    format!(
        "{} is flapping (broke {breaks} times within {}), now red{}",
        pipeline(run),
        span(within),
        at(job)
    )
}

/// `payments · main is flapping (broke 3 times within 42 min), now green`
pub fn flapping_green(by: &Run, breaks: u64, within: SignedDuration) -> String {
    format!("{} is flapping (broke {breaks} times within {}), now green", pipeline(by), span(within))
}

/// What a flapping pipeline's message does.
pub fn flapping_is_edited() -> String {
    "It breaks and is mended in turns: this message is kept up to date, and no further one is posted until it stays green."
        .to_owned()
}

/// Under a message that says it is green again, and stays so.
pub fn had_flapped(breaks: u64) -> String {
    format!("It broke {breaks} times before it stayed green.")
}

/// `payments · main is fixed by 9f2c1e7 after 42 min`
pub fn fixed_by_commit(by: &Run, after: SignedDuration) -> String {
    format!("{} is fixed by {} after {}", pipeline(by), fixer(by), span(after))
}

/// `payments · main is fixed by a re-run after 42 min`
pub fn fixed_by_retry(by: &Run, after: SignedDuration) -> String {
    format!("{} is fixed by a re-run after {}", pipeline(by), span(after))
}

/// A job failed, and its run is green: it was allowed to.
pub fn green_after_all(by: &Run) -> String {
    format!("{} is green after all: the job that failed may do so", pipeline(by))
}

fn fixer(by: &Run) -> String {
    let commit = if by.sha.is_empty() { by.at.id.clone() } else { short_sha(&by.sha) };
    if by.title.is_empty() { commit } else { format!("{commit} “{}”", clipped(&by.title, 60)) }
}

/// `payments · main · CI`
pub fn pipeline(run: &Run) -> String {
    let branch = if run.branch.is_empty() { short_sha(&run.sha) } else { run.branch.clone() };
    format!("{} · {} · {}", short_repo(&run.at.repo), clipped(&branch, 60), clipped(&run.workflow, 40))
}

fn at(job: Option<&str>) -> String {
    job.map_or_else(String::new, |job| format!(" at “{}”", clipped(job, 60)))
}

/// No confident cause. `with_lines`: whether the best lines are shown under it; `unread`: whether the log could not be read, which
/// is said next.
pub fn unknown_cause(with_lines: bool, unread: bool) -> String {
    match (with_lines, unread) {
        (true, _) => "I don't know the cause. These are the most telling lines:".to_owned(),
        (false, true) => "I don't know the cause.".to_owned(),
        (false, false) => "I don't know the cause, and the log shows no telling line.".to_owned(),
    }
}

/// Before a cause that is likelier than others, and not more.
pub fn guess() -> String {
    "I am not sure, but it looks like this: ".to_owned()
}

/// The run failed and no job of it did.
pub fn no_failed_job(run: &Run) -> String {
    match run.conclusion {
        Some(Conclusion::StartupFailure) => {
            "The run could not start: no job ran. This is usually a mistake in the workflow file; the run's page names the line.".to_owned()
        }
        Some(Conclusion::TimedOut) => "The run was stopped by its time limit and no job reports a failure.".to_owned(),
        _ => "The run failed, but no job of it reports a failure. The run's page may say more.".to_owned(),
    }
}

/// Over the sentence that says who should act.
pub fn whose_move_title() -> String {
    "Whose move".to_owned()
}

/// Over the other jobs.
pub fn also_title() -> String {
    "Also".to_owned()
}

/// Over the commits since the last green run.
pub fn changed_title() -> String {
    "Changed since green".to_owned()
}

/// Over the first fix.
pub fn try_title() -> String {
    "Try".to_owned()
}

/// Over the cause of what is now fixed.
pub fn was_title() -> String {
    "It was".to_owned()
}

/// Other failed jobs: those that failed alike, those that failed otherwise, those not read.
pub fn also(same: &[&str], other: &[&str], unread: usize) -> Option<String> {
    let mut parts = Vec::new();
    if !same.is_empty() {
        let verb = if same.len() == 1 { "fails" } else { "fail" };
        parts.push(format!("{} {verb} alike.", listed(same, 3)));
    }
    if !other.is_empty() {
        parts.push(format!("Another failure in {}: see the thread.", listed(other, 3)));
    }
    if unread > 0 {
        parts.push(format!(
            "{} not read.",
            count(unread as u64, "more failed job was", "more failed jobs were")
        ));
    }
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// A link to the whole comparison.
pub fn more_commits(more: u64) -> String {
    format!("{more} more")
}

/// A link to a runbook.
pub fn runbook_label(label: &str) -> String {
    format!("Runbook: {label}")
}

/// A link to log lines.
pub fn log_label(job: &str, first: u64, last: u64) -> String {
    if first == last {
        format!("Log of {job}, line {first}")
    } else {
        format!("Log of {job}, lines {first}–{last}")
    }
}

/// Somebody said "mine".
pub fn claimed(person: &str) -> String {
    format!("{} is on it.", clipped(person, 60))
}

/// What became of a re-run.
pub fn rerun_state(by: &str, state: &str, result: Option<&str>) -> String {
    match state {
        "failed" => format!(
            "The re-run that {by} asked for could not be started: {}",
            result.unwrap_or("the reason is in the audit log.")
        ),
        "done" => format!("Failed jobs are running again, asked for by {by}."),
        _ => format!("A re-run of the failed jobs is on its way, asked for by {by}."),
    }
}

/// The pipeline's first red run, under a message that says it is green again.
pub fn broke_with(run: &Run) -> String {
    format!("broke with {}, {}", run_label(run), commit_label(run))
}

/// A re-run made it green.
pub fn rerun_helped(by: &str) -> String {
    format!("{by} re-ran the failed jobs and they passed, with nothing changed.")
}

/// `CI #418, attempt 2`
pub fn run_label(run: &Run) -> String {
    let number = if run.number > 0 { run.number.to_string() } else { run.at.id.clone() };
    let attempt = if run.at.attempt > 1 { format!(", attempt {}", run.at.attempt) } else { String::new() };
    format!("{} #{number}{attempt}", clipped(&run.workflow, 40))
}

/// `9f2c1e7 “Round refunds”`
pub fn commit_label(run: &Run) -> String {
    let sha = short_sha(&run.sha);
    if run.title.is_empty() { sha } else { format!("{sha} “{}”", clipped(&run.title, 60)) }
}

/// Who made the change.
pub fn author_label(author: &Person) -> String {
    format!("by {}", clipped(&author.login, 60))
}

/// How long the run took.
pub fn took(duration: SignedDuration) -> String {
    if duration.as_secs() < 1 {
        return "took under 1 s".to_owned();
    }
    format!("took {}", span(duration))
}

/// How sure the verdict is.
pub fn confidence(confidence: f64) -> String {
    format!("{:.0} % sure", confidence * 100.0)
}

/// How long people waited for the answer.
pub fn answered_in(duration: SignedDuration) -> String {
    if duration.as_millis() < 50 {
        return "answered at once".to_owned();
    }
    if duration.as_secs() < 10 {
        // Tenths tell a quick answer from a slow one.
        return format!("answered in {:.1} s", duration.as_secs_f64().max(0.0));
    }
    format!("answered in {}", span(duration))
}

/// The log could not be had.
pub fn log_unavailable(why: &str) -> String {
    format!("The log could not be read: {}", super::sentence(why))
}

/// The log could not be had now.
pub fn log_not_yet(why: &str) -> String {
    format!("The log could not be read yet and is tried again for some hours: {}", super::sentence(why))
}

/// Why a log was not even asked for.
pub fn no_time_left() -> String {
    "the other logs of this run took all the time there was".to_owned()
}

/// The log stopped on its way.
pub fn log_broke_off(why: &str) -> String {
    format!("The log broke off while it was read and is tried again for some hours: {}", super::sentence(why))
}

/// The log is broken, or far too large.
pub fn log_broken(why: &str) -> String {
    format!("Not all of the log could be read: {}", super::sentence(why))
}

/// The log took too long.
pub fn log_slow(minutes: u64) -> String {
    format!("The log came slowly: only what came within {minutes} min was read.")
}

/// Only the first part of the log was read.
pub fn log_cut(megabytes: u64) -> String {
    format!("The log is very large: only its first {megabytes} MB were read.")
}

/// The summary of a verdict as a sentence, or that there is none.
pub fn summary_or_none(summary: &str) -> String {
    if summary.is_empty() { "no cause found.".to_owned() } else { super::sentence(summary) }
}
