//! Every kind of question, asked in Slack: in a failure's own thread, where "this" is enough, and out of it.

use world::github::{GitHub, Job, Run};
use world::slack::Slack;

use crate::bot::{Bot, Database, HOOK_SECRET, SlackMode, eventually};
use crate::main_job::{GREEN, RED, payments, the_post, without_addresses};
use crate::samples::CARGO_TEST;

/// Asks in a channel, or in a thread of it, and gives the answer as people see it.
async fn answered(bot: &Bot, github: &GitHub, slack: &Slack, thread: Option<&str>, question: &str) -> String {
    let asked = match thread {
        Some(thread) => slack.mention_in_thread("U0SAM", "#payments", thread, question).await.unwrap(),
        None => slack.mention("U0SAM", "#payments", question).await.unwrap(),
    };
    let thread = thread.unwrap_or(&asked.ts);
    let answers = || -> Vec<String> {
        let replies = slack.replies("#payments", thread).into_iter();
        // The question stands there too, and so may what is still being said about the last one.
        let after =
            replies.skip_while(|post| post.ts != asked.ts && post.thread_ts.is_some() && post.ts < asked.ts);
        after.filter(|post| post.user == world::slack::BOT_USER).map(|post| post.shown()).collect()
    };
    eventually(bot, &format!("an answer to “{question}”"), || !answers().is_empty()).await;
    format!("» {question}\n{}\n", without_addresses(&answers().remove(0), github, bot))
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_one_asks_about_a_failure() {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    payments(&github);
    let bot = Bot::start(&github, &slack, Database::Postgres, SlackMode::Http, "").await;
    bot.take(&github.workflow_run_webhook(GREEN, "completed", HOOK_SECRET)).await;
    bot.take(&github.workflow_run_webhook(RED, "completed", HOOK_SECRET)).await;
    let post = the_post(&bot, &slack, "#payments").await;
    eventually(&bot, "late news are in", || {
        slack.message("#payments", &post.ts).is_some_and(|post| post.shown().contains("Changed since green"))
            && !slack.replies("#payments", &post.ts).is_empty()
    })
    .await;

    let mut told = String::new();
    for question in [
        "what changed since the last green?",
        "is this flaky?",
        "whose move is it?",
        "show me the log around that",
        "show lines 3-5",
        "show lines 4000-4010",
    ] {
        told.push_str(&answered(&bot, &github, &slack, Some(&post.ts), question).await);
        told.push('\n');
    }
    insta::assert_snapshot!("asked_in_the_thread", told);

    let mut told = String::new();
    for question in [
        "what broke on main today",
        "what broke on release/9 today",
        "what failed in the last 3 days",
        "which tests are flaky",
        "who owns payments",
        "who owns docs/ in acme/payments",
        "who owns billing",
        "has anyone seen `must round half up` in payments?",
        "list",
        "mute 2h",
        "subscribe acme/* lable:urgent",
        "test acme/* branch:main",
        "test acme/* -branch:main",
        "subscribe -actor:bots ACME/*",
        "unsubscribe -actor:bots acme/*",
        "unsubscribe acme/web",
        "subscribe acme/*",
        "list",
        "unmute",
        "help",
    ] {
        told.push_str(&answered(&bot, &github, &slack, None, question).await);
        told.push('\n');
    }
    insta::assert_snapshot!("asked_in_the_channel", told);

    // Re-run and green on the same commit: once proves little, and is shown for what it is.
    let first = github.run(RED).unwrap();
    github.add_run(Run {
        attempt: 2,
        conclusion: Some("success".to_owned()),
        jobs: vec![Job::passed("test (ubuntu-24.04)", "fine\n")],
        earlier: vec![first.clone()],
        ..first
    });
    bot.take(&github.workflow_run_webhook(RED, "completed", HOOK_SECRET)).await;
    eventually(&bot, "it is fixed", || {
        slack.message("#payments", &post.ts).is_some_and(|post| post.shown().contains("is fixed by a re-run"))
    })
    .await;
    let flaky = answered(&bot, &github, &slack, Some(&post.ts), "flaky?").await;
    assert!(flaky.contains("It may be flaky") && flaky.contains("passed 1 of 1 re-run"), "{flaky}");
    let list = answered(&bot, &github, &slack, None, "flakiest tests").await;
    assert!(list.contains("1 failure came and then passed") && list.contains("round half up"), "{list}");
    let muted = answered(&bot, &github, &slack, None, "snooze for 30 minutes").await;
    assert!(muted.contains("1 subscription is quiet for 30 min"), "{muted}");

    // Muted means muted: a new failure elsewhere is told where it is routed, and not to the subscription.
    github.add_run(Run::failed("acme/web", 77).job(Job::failed("test", CARGO_TEST)));
    bot.take(&github.workflow_run_webhook(77, "completed", HOOK_SECRET)).await;
    eventually(&bot, "it is told where it is routed", || !slack.posts("#ci").is_empty()).await;
    assert!(!slack.posts("#payments").iter().any(|post| post.shown().contains("web · main")));
    github.assert_clean();
    slack.assert_clean();
}
