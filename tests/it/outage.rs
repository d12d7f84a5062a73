//! Slack or GitHub is down: what was accepted waits, is tried again, and is seen while it waits.

use std::time::Duration;

use world::github::{Fault, GitHub, Job, Run};
use world::slack::{Failure, Slack};

use crate::bot::{Bot, Database, HOOK_SECRET, SlackMode, eventually};
use crate::samples::CARGO_TEST;

#[tokio::test(flavor = "multi_thread")]
async fn what_slack_does_not_take_is_delivered_later_and_once() {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    github.add_run(Run::failed("acme/payments", 1).job(Job::failed("test", CARGO_TEST)));
    let bot = Bot::start(&github, &slack, Database::Sqlite, SlackMode::Http, "").await;
    // Refused, limited, and worst of all: taken, with the answer lost.
    slack.fail_next("chat.postMessage", Failure::Status(503));
    slack.fail_next("chat.postMessage", Failure::RateLimited(1));
    slack.fail_next("chat.postMessage", Failure::LostAfter);
    // And asked whether it has it, Slack has no time to say: that must not pass for a no.
    slack.fail_next("conversations.history", Failure::RateLimited(1));
    slack.fail_next("conversations.history", Failure::Status(503));
    // It is found in the end; that bringing it up to date is refused makes it no less there.
    slack.fail_next("chat.update", Failure::RateLimited(1));
    bot.take(&github.workflow_run_webhook(1, "completed", HOOK_SECRET)).await;
    eventually(&bot, "a post", || !slack.posts("#payments").is_empty()).await;
    let post = slack.posts("#payments").remove(0);
    eventually(&bot, "the thread, which needs the post's place", || {
        !slack.replies("#payments", &post.ts).is_empty()
    })
    .await;
    assert_eq!(slack.posts("#payments").len(), 1, "found again rather than posted twice");
    slack.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_is_gone_is_seen_by_the_operator() {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    github.add_run(Run::failed("acme/lost", 1).job(Job::failed("test", CARGO_TEST)));
    let bot = Bot::start(
        &github,
        &slack,
        Database::Sqlite,
        SlackMode::Http,
        "[owners.\"@x\"]\nto = [\"slack:#ci\"]\n",
    )
    .await;
    slack.fail_next("chat.postMessage", Failure::Code("channel_not_found".to_owned()));
    bot.take(&github.workflow_run_webhook(1, "completed", HOOK_SECRET)).await;
    let dead = || async { bot.run(&["doctor", "--offline"]).await };
    let mut report = dead().await;
    for _ in 0..100 {
        if report.0 == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        report = dead().await;
    }
    assert!(report.0 == 1 && report.1.contains("whyred replay --dead"), "{report:?}");
    // The operator mends it and gives the dead another chance; the running process takes them up.
    let (code, said, errors) = bot.run(&["replay", "--dead"]).await;
    assert_eq!(code, 0, "{errors}");
    assert!(said.contains("replayed"), "{said}");
    eventually(&bot, "the post", || slack.posts("#ci").len() == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn github_down_for_a_moment_costs_nothing_but_time() {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    github.add_run(Run::failed("acme/payments", 1).job(Job::failed("test", CARGO_TEST)));
    let bot = Bot::start(&github, &slack, Database::Postgres, SlackMode::Http, "").await;
    github.script("/jobs", Fault::Status(502), 6);
    bot.take(&github.workflow_run_webhook(1, "completed", HOOK_SECRET)).await;
    eventually(&bot, "a post", || slack.posts("#payments").len() == 1).await;
    assert!(slack.posts("#payments")[0].shown().contains("10% of 1389"), "the whole verdict, only later");
}
