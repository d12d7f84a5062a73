//! What is told of a pipeline is that pipeline's own: checks of other apps, forks, and logs that cannot be had.

use std::time::Duration;

use axum::body::Bytes;
use world::github::{Check, Fault, GitHub, Job, Log, Run};
use world::slack::{Posted, Slack};

use crate::bot::{Bot, Database, HOOK_SECRET, SlackMode, eventually};
use crate::samples::CARGO_TEST;

const REPO: &str = "acme/payments";

async fn start(database: Database) -> (GitHub, Slack, Bot) {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    let bot = Bot::start(&github, &slack, database, SlackMode::Http, "").await;
    (github, slack, bot)
}

/// The posts of the repository's channel that show this.
fn showing(slack: &Slack, words: &str) -> Vec<Posted> {
    slack.posts("#payments").into_iter().filter(|post| post.shown().contains(words)).collect()
}

async fn shows(bot: &Bot, slack: &Slack, words: &str) {
    let all = || slack.posts("#payments").iter().map(Posted::shown).collect::<Vec<_>>().join("\n---\n");
    eventually(bot, &format!("a post shows “{words}”"), || all().contains(words)).await;
}

/// A check of another app that ended so many minutes ago, and its webhook delivered.
async fn checked(github: &GitHub, bot: &Bot, check: Check, minutes: u64) -> Check {
    let check = github.add_check(check.completed_ago(Duration::from_mins(minutes)));
    bot.take(&github.check_run_webhook(check.id, HOOK_SECRET)).await;
    check
}

async fn another_apps_check_breaks_and_is_fixed(database: Database) {
    let (github, slack, bot) = start(database).await;
    let broken =
        |sha| Check::ended(REPO, sha, "failure").says("Build failed", "error[E0308]: mismatched types");
    let red = checked(&github, &bot, broken("aaaa001"), 50).await;
    shows(&bot, &slack, "payments · main · Acme CI broke").await;
    // A slow suite of an earlier commit: its green comes later and proves nothing about this one.
    let mut slow = Check::ended(REPO, "aaaa000", "success").completed_ago(Duration::from_mins(45));
    slow.started_at -= Duration::from_hours(1);
    let slow = github.add_check(slow);
    bot.take(&github.check_run_webhook(slow.id, HOOK_SECRET)).await;
    checked(&github, &bot, broken("aaaa002"), 30).await;
    shows(&bot, &slack, "is still broken (×2)").await;
    checked(&github, &bot, Check::ended(REPO, "aaaa003", "success"), 20).await;
    shows(&bot, &slack, "payments · main · Acme CI is fixed by aaaa003").await;
    // The first webhook once more: that is old news now.
    bot.take(&github.check_run_webhook(red.id, HOOK_SECRET)).await;
    checked(&github, &bot, broken("aaaa004"), 10).await;
    shows(&bot, &slack, "aaaa004").await;
    let posts = slack.posts("#payments");
    assert_eq!(posts.len(), 2, "one message an episode");
    assert!(posts[1].shown().contains("payments · main · Acme CI broke"), "{}", posts[1].shown());
    github.assert_clean();
    slack.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_apps_check_breaks_and_is_fixed_on_sqlite() {
    another_apps_check_breaks_and_is_fixed(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_apps_check_breaks_and_is_fixed_on_postgres() {
    another_apps_check_breaks_and_is_fixed(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_is_run_again_in_its_suite_is_believed_each_time() {
    let (github, slack, bot) = start(Database::Sqlite).await;
    let red = checked(&github, &bot, Check::ended(REPO, "aaaa001", "failure"), 50).await;
    shows(&bot, &slack, "payments · main · Acme CI broke").await;
    let again = |conclusion| Check::ended(REPO, "aaaa001", conclusion).in_suite(red.suite);
    checked(&github, &bot, again("success"), 30).await;
    shows(&bot, &slack, "is fixed by a re-run").await;
    checked(&github, &bot, again("failure"), 10).await;
    eventually(&bot, "a second post", || slack.posts("#payments").len() == 2).await;
    github.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_of_a_fork_is_not_ours() {
    let (github, slack, bot) = start(Database::Sqlite).await;
    // Jobs' webhooks name the branch and not the fork; so do these, told before the run's own.
    let job = || Job::failed("test", CARGO_TEST);
    github.add_run(Run::failed(REPO, 1).from_fork("mallory/payments").job(job()));
    bot.take(&github.workflow_job_webhook(1, 0, "completed", HOOK_SECRET)).await;
    shows(&bot, &slack, "payments · mallory:main · CI broke").await;
    bot.take(&github.workflow_run_webhook(1, "completed", HOOK_SECRET)).await;

    github.add_run(Run::failed(REPO, 2).job(job()));
    bot.take(&github.workflow_run_webhook(2, "completed", HOOK_SECRET)).await;
    shows(&bot, &slack, "payments · main · CI broke").await;
    github.add_run(Run::ended(REPO, 3, "success").from_fork("sam/payments").job(Job::passed("test", "")));
    bot.take(&github.workflow_run_webhook(3, "completed", HOOK_SECRET)).await;
    // The run's start is heard of first, as usual; its job's webhook does not take the fork away again.
    github.add_run(Run::running(REPO, 4).from_fork("sam/payments").job(job()));
    bot.take(&github.workflow_run_webhook(4, "in_progress", HOOK_SECRET)).await;
    github.finish(4, "failure");
    bot.take(&github.workflow_job_webhook(4, 0, "completed", HOOK_SECRET)).await;
    shows(&bot, &slack, "payments · sam:main · CI broke").await;
    let runs = bot.api("runs").await;
    let branches: Vec<&str> =
        runs["runs"].as_array().unwrap().iter().map(|run| run["branch"].as_str().unwrap()).collect();
    assert_eq!(branches.iter().filter(|branch| **branch == "main").count(), 1, "{branches:?}");
    assert_eq!(showing(&slack, "payments · main · CI broke").len(), 1, "still broken: nobody here mended it");

    // GitHub tells no branch for a fork's checks: each commit stands for itself.
    checked(&github, &bot, Check::ended(REPO, "b1b1b1b1b1b1", "failure").branch(""), 9).await;
    checked(&github, &bot, Check::ended(REPO, "c2c2c2c2c2c2", "failure").branch(""), 8).await;
    shows(&bot, &slack, "payments · b1b1b1b · Acme CI broke").await;
    shows(&bot, &slack, "payments · c2c2c2c · Acme CI broke").await;
    github.assert_clean();
    slack.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_log_is_judged_as_far_as_it_goes() {
    let (github, slack, bot) = start(Database::Sqlite).await;
    let further: String = (0..20_000_u32).map(|line| (line * 7_919).to_string() + "\n").collect();
    let half = Log::HalfGzip(Bytes::from(format!("{CARGO_TEST}{further}")));
    github.add_run(Run::failed(REPO, 1).job(Job::failed("test", half)));
    bot.take(&github.workflow_run_webhook(1, "completed", HOOK_SECRET)).await;
    shows(&bot, &slack, "broken gzip data").await;
    shows(&bot, &slack, "10% of 1389").await;

    let no_archive = Log::Plain(Bytes::from_static(b"PK\x03\x04 is no archive\n"));
    github.add_run(Run::failed(REPO, 2).branch("other").job(Job::failed("test", no_archive)));
    bot.take(&github.workflow_run_webhook(2, "completed", HOOK_SECRET)).await;
    shows(&bot, &slack, "broken zip archive").await;
    github.assert_clean();
    slack.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_cannot_be_had_now_is_told_of_and_read_later() {
    let (github, slack, bot) = start(Database::Sqlite).await;
    github.add_run(Run::failed(REPO, 1).job(Job::failed("test", CARGO_TEST)));
    // The log host is down for longer than anybody would wait for a first word.
    github.script("/logs/", Fault::Dropped, 10_000);
    bot.take(&github.workflow_run_webhook(1, "completed", HOOK_SECRET)).await;
    shows(&bot, &slack, "payments · main · CI broke").await;
    shows(&bot, &slack, "is tried again").await;
    // It is up again.
    github.script_nothing();
    shows(&bot, &slack, "10% of 1389").await;
    let post = slack.posts("#payments").remove(0);
    assert!(!post.shown().contains("is tried again"), "{}", post.shown());
    assert_eq!(slack.posts("#payments").len(), 1, "the same message, edited");
}
