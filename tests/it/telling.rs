//! What a channel hears of without asking, and what it is spared.

use std::time::{Duration, SystemTime};

use world::github::{GitHub, Job, Run};
use world::slack::Slack;

use crate::bot::{Bot, Database, HOOK_SECRET, SlackMode, eventually};
use crate::samples::CARGO_TEST;

/// A run of `acme/payments` that ended so many seconds after `start`.
fn ended(id: u64, conclusion: &str, start: SystemTime, seconds: u64) -> Run {
    let run = Run::ended("acme/payments", id, conclusion);
    let run = Run { updated_at: start + Duration::from_secs(seconds), ..run };
    match conclusion {
        "failure" => run.job(Job::failed("test", CARGO_TEST)),
        _ => run.job(Job::passed("test", "fine\n")),
    }
}

/// What stands in a channel, one after the other.
fn standing(slack: &Slack, channel: &str) -> Vec<String> {
    slack.posts(channel).iter().map(world::slack::Posted::shown).collect()
}

/// Broken and mended three times: two messages, of which the second says so, and what it came to in the end.
#[tokio::test(flavor = "multi_thread")]
async fn a_flapping_pipeline_is_one_message_and_no_storm() {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    let settings = "[triage]\nflapping = \"10s\"\n";
    let bot = Bot::start(&github, &slack, Database::Postgres, SlackMode::Http, settings).await;
    let start = SystemTime::now() - Duration::from_secs(7);
    for (turn, (said, posts)) in
        [("broke", 1), ("fixed by", 1), ("broke", 2), ("fixed by", 2), ("is flapping (broke 3 times", 2)]
            .into_iter()
            .enumerate()
    {
        let id = 50 + turn as u64;
        let conclusion = if turn % 2 == 0 { "failure" } else { "success" };
        github.add_run(ended(id, conclusion, start, turn as u64));
        bot.take(&github.workflow_run_webhook(id, "completed", HOOK_SECRET)).await;
        eventually(
            &bot,
            &format!("turn {turn}: {said}; there is {:?}", standing(&slack, "#payments")),
            || {
                let standing = standing(&slack, "#payments");
                standing.len() == posts && standing.last().is_some_and(|last| last.contains(said))
            },
        )
        .await;
    }
    let red = standing(&slack, "#payments").remove(1);
    assert!(red.contains("now red at") && red.contains("10% of 1389"), "{red}");
    github.add_run(ended(55, "success", start, 5));
    bot.take(&github.workflow_run_webhook(55, "completed", HOOK_SECRET)).await;
    eventually(&bot, "green for now, or for good", || {
        let now = standing(&slack, "#payments").remove(1);
        now.contains("now green") || now.contains("before it stayed green")
    })
    .await;
    eventually(&bot, "it stays green", || {
        standing(&slack, "#payments")[1].contains("It broke 3 times before it stayed green.")
    })
    .await;
    let told = standing(&slack, "#payments");
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[1].contains("is fixed by"), "{}", told[1]);
    github.assert_clean();
    slack.assert_clean();
}

/// A pipeline whose failures were tried again at once, three times in three: the fourth failure waits for that.
#[tokio::test(flavor = "multi_thread")]
async fn a_retry_that_history_promises_is_waited_for() {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    let settings = "[triage]\nretry_wait = \"5s\"\n";
    let bot = Bot::start(&github, &slack, Database::Postgres, SlackMode::Http, settings).await;
    let start = SystemTime::now();
    let retried = |red: &Run, conclusion: Option<&str>| Run {
        attempt: 2,
        conclusion: conclusion.map(str::to_owned),
        started_at: red.updated_at + Duration::from_secs(1),
        updated_at: red.updated_at + Duration::from_secs(3),
        jobs: vec![Job::passed("test", "fine\n")],
        earlier: vec![red.clone()],
        ..red.clone()
    };
    for id in 60..63 {
        github.add_run(ended(id, "failure", start, 10 * (id - 60)).branch(&format!("topic-{id}")));
        let red = github.run(id).unwrap();
        bot.take(&github.workflow_run_webhook(id, "completed", HOOK_SECRET)).await;
        let told = |words: &str| {
            standing(&slack, "#payments")
                .iter()
                .any(|post| post.contains(&format!("topic-{id}")) && post.contains(words))
        };
        eventually(&bot, "it is told at once", || told("broke at")).await;
        github.add_run(retried(&red, Some("success")));
        bot.take(&github.workflow_run_webhook(id, "completed", HOOK_SECRET)).await;
        eventually(&bot, "it is fixed", || told("is fixed by a re-run")).await;
    }
    github.add_run(ended(63, "failure", start, 40).branch("topic-63"));
    let red = github.run(63).unwrap();
    bot.take(&github.workflow_run_webhook(63, "completed", HOOK_SECRET)).await;
    github.add_run(retried(&red, None));
    bot.take(&github.workflow_run_webhook(63, "in_progress", HOOK_SECRET)).await;
    github.finish(63, "success");
    bot.take(&github.workflow_run_webhook(63, "completed", HOOK_SECRET)).await;
    // Nobody retries this one, and it is told all the same.
    github.add_run(ended(64, "failure", start, 50).branch("topic-64"));
    bot.take(&github.workflow_run_webhook(64, "completed", HOOK_SECRET)).await;
    eventually(&bot, "what nobody retries is told when the wait is over", || {
        standing(&slack, "#payments").iter().any(|post| post.contains("topic-64"))
    })
    .await;
    assert!(!standing(&slack, "#payments").iter().any(|post| post.contains("topic-63")));
    let mut answer = String::new();
    for _ in 0..20 {
        answer = bot.run(&["ask", "which tests are flaky?"]).await.1;
        if answer.contains("topic-63") {
            break;
        }
    }
    assert_eq!(answer.matches("In 1 run, last").count(), 4, "told or not, each was flaky:\n{answer}");
    github.assert_clean();
    slack.assert_clean();
}
