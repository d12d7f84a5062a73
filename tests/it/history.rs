//! What the bot learns from runs: flaky failures, and failures that are nobody's change.

use std::time::{Duration, SystemTime};

use world::github::{Account, GitHub, Job, Run};
use world::slack::{Posted, Slack};

use crate::bot::{Bot, Database, HOOK_SECRET, SlackMode, eventually};
use crate::samples::{CARGO_TEST, NPM_429};

/// A run that ended so many minutes ago.
fn ended(run: Run, minutes_ago: u64) -> Run {
    let end = SystemTime::now() - Duration::from_mins(minutes_ago);
    let started_at = end - Duration::from_mins(1);
    let mut run = Run { started_at, updated_at: end, ..run };
    for job in &mut run.jobs {
        (job.started_at, job.completed_at) = (started_at, end);
    }
    run
}

fn by(run: Run, login: &str) -> Run {
    let address = format!("1+{login}@users.noreply.github.com");
    Run { actor: Account::user(login), commit_author: (login.to_owned(), address), ..run }
}

async fn news(bot: &Bot, github: &GitHub, run: Run) {
    let id = run.id;
    github.add_run(run);
    bot.take(&github.workflow_run_webhook(id, "completed", HOOK_SECRET)).await;
}

/// The post about a branch that shows these words.
async fn told(bot: &Bot, slack: &Slack, channel: &str, branch: &str, words: &str) -> Posted {
    let posts = || -> Vec<Posted> {
        let posts = slack.posts(channel).into_iter();
        posts.filter(|post| post.shown().contains(branch) && post.shown().contains(words)).collect()
    };
    let all: Vec<String> = slack.posts(channel).iter().map(Posted::shown).collect();
    eventually(bot, &format!("“{words}” about {branch}; there was:\n{}", all.join("\n\n")), || {
        !posts().is_empty()
    })
    .await;
    posts().remove(0)
}

/// A run that failed, was told, and passed on its second attempt a few minutes later.
async fn passed_on_retry(
    bot: &Bot,
    github: &GitHub,
    slack: &Slack,
    channel: &str,
    run: Run,
    minutes_ago: u64,
) {
    let first = ended(run, minutes_ago);
    let branch = first.branch.clone();
    news(bot, github, first.clone()).await;
    told(bot, slack, channel, &branch, "broke at").await;
    let jobs = vec![Job::passed(&first.jobs[0].name, "fine\n")];
    let second = Run {
        attempt: 2,
        conclusion: Some("success".to_owned()),
        jobs,
        earlier: vec![first.clone()],
        ..first
    };
    news(bot, github, ended(second, minutes_ago - 3)).await;
    eventually(bot, "it is fixed by a re-run", || {
        let posts = slack.posts(channel);
        !posts.iter().any(|post| post.shown().contains(&branch) && post.shown().contains("broke at"))
    })
    .await;
}

/// A job that failed and passed on the same commit, twice: the next time it is told as flaky, with the numbers.
#[tokio::test(flavor = "multi_thread")]
async fn what_passed_on_retry_twice_is_told_as_flaky() {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    let bot = Bot::start(&github, &slack, Database::Sqlite, SlackMode::Http, "").await;
    for number in 0..4 {
        let green = Run::ended("acme/payments", 10 + number, "success").job(Job::passed("test", "fine\n"));
        news(&bot, &github, ended(green, 200 - number)).await;
    }
    let red = |id| Run::failed("acme/payments", id).job(Job::failed("test", CARGO_TEST));
    passed_on_retry(&bot, &github, &slack, "#payments", red(20), 150).await;

    // Once is no proof.
    news(&bot, &github, ended(by(red(21).branch("once"), "sam"), 130)).await;
    let once = told(&bot, &slack, "#payments", "once", "Whose move").await;
    assert!(!once.shown().contains("Flaky"), "{}", once.shown());

    passed_on_retry(&bot, &github, &slack, "#payments", red(22), 100).await;
    news(&bot, &github, ended(red(23).branch("topic"), 50)).await;
    let post =
        told(&bot, &slack, "#payments", "topic", "Flaky: it failed 2 of the last 6 runs on the main branch")
            .await;
    assert!(
        post.shown().contains("passed both times it was re-run with nothing changed"),
        "{}",
        post.shown()
    );
    assert!(post.shown().contains("Test failure"), "what the log says stays: {}", post.shown());
    assert!(!post.shown().contains("<@U0DANA>"), "nobody is asked to mend what is chance");
    github.assert_clean();
    slack.assert_clean();
}

/// A failure that somebody else had before, and that passed there unchanged, is not your change. One's own is no excuse.
#[tokio::test(flavor = "multi_thread")]
async fn what_others_had_before_is_not_your_change() {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    let bot = Bot::start(&github, &slack, Database::Postgres, SlackMode::Http, "").await;
    let red = |id, branch: &str, who: &str| {
        by(Run::failed("acme/payments", id).branch(branch).job(Job::failed("install", NPM_429)), who)
    };
    passed_on_retry(&bot, &github, &slack, "#payments", red(30, "first", "dana-reyes"), 100).await;

    // The same person again: nothing is proven.
    news(&bot, &github, ended(red(31, "second", "dana-reyes"), 80)).await;
    let own = told(&bot, &slack, "#payments", "second", "Whose move").await;
    assert!(!own.shown().contains("Not your change"), "{}", own.shown());

    // Somebody else, on another branch and another commit.
    news(&bot, &github, ended(red(32, "third", "sam-okafor"), 60)).await;
    let other = told(&bot, &slack, "#payments", "third", "Not your change").await;
    assert!(other.shown().contains("dana-reyes had the same failure before it"), "{}", other.shown());
    github.assert_clean();
    slack.assert_clean();
}
