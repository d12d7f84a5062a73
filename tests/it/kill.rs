//! `kill -9` at random points of a stream of webhooks: nothing accepted is lost, nothing is posted or re-run twice.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::Rng;
use world::github::{GitHub, Job, Run};
use world::slack::Slack;

use crate::bot::{Bot, Database, HOOK_SECRET, PATIENCE, SlackMode};
use crate::samples::CARGO_TEST;

const WEBHOOKS: u64 = 200;
const KILLS: usize = 8;
/// Runs that somebody re-runs while the killing goes on.
const RERUNS: u64 = 10;

async fn survives(database: Database) {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    for number in 0..WEBHOOKS {
        // Each its own pipeline: each failure must have exactly one post.
        github.add_run(
            Run::failed("acme/payments", 1000 + number)
                .branch(&format!("topic-{number}"))
                .job(Job::failed("test", CARGO_TEST)),
        );
    }
    let mut bot = Bot::start(&github, &slack, database, SlackMode::Http, "").await;
    let mut kill_at: Vec<u64> = (0..KILLS).map(|_| rand::rng().random_range(5..WEBHOOKS)).collect();
    kill_at.sort_unstable();
    kill_at.dedup();

    for number in 0..WEBHOOKS {
        let webhook = github.workflow_run_webhook(1000 + number, "completed", HOOK_SECRET);
        if kill_at.contains(&number) {
            // In the middle of whatever goes on: the webhook may or may not get through, as in life.
            let pause = rand::rng().random_range(0..40);
            let early = bot.receive(&webhook);
            tokio::select! {
                _ = early => {}
                () = tokio::time::sleep(Duration::from_millis(pause)) => {}
            }
            bot.kill().await;
            bot.launch().await;
            slack.call_bot_at(&bot.url);
        }
        // GitHub's side of the bargain: what was not answered with 2xx is delivered again.
        let mut tries = 0;
        while bot.receive(&webhook).await.ok() != Some(200) {
            tries += 1;
            assert!(tries < 50, "a webhook is never taken:\n{}", bot.log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    let posts_by_branch = || {
        let mut by_branch: BTreeMap<String, usize> = BTreeMap::new();
        for post in slack.posts("#payments") {
            let shown = post.shown();
            let branch = shown.split(" · ").nth(1).unwrap_or_default().to_owned();
            *by_branch.entry(branch).or_default() += 1;
        }
        by_branch
    };
    wait(&mut bot, || posts_by_branch().len() as u64 == WEBHOOKS).await;

    // Clicks, with the process killed between and during them.
    for number in 0..RERUNS {
        let branch = format!("topic-{number}");
        let post = slack
            .posts("#payments")
            .into_iter()
            .find(|post| post.shown().contains(&format!("· {branch} ·")))
            .unwrap();
        let _ = slack.click("U0DANA", "#payments", &post.ts, "rerun_failed").await.unwrap();
        if number % 3 == 0 {
            tokio::time::sleep(Duration::from_millis(rand::rng().random_range(0..30))).await;
            bot.kill().await;
            bot.launch().await;
            slack.call_bot_at(&bot.url);
        }
    }
    wait(&mut bot, || (0..RERUNS).all(|number| github.reruns(1000 + number) > 0)).await;
    // Anything that would be done twice has had its time.
    tokio::time::sleep(Duration::from_secs(2)).await;
    for number in 0..RERUNS {
        assert_eq!(github.reruns(1000 + number), 1, "run {number}");
    }
    let twice: Vec<_> = posts_by_branch().into_iter().filter(|(_, posts)| *posts != 1).collect();
    assert!(twice.is_empty(), "posted more than once: {twice:?}");
    let (code, report, _) = bot.run(&["doctor", "--offline"]).await;
    assert_eq!(code, 0, "{report}");
    github.assert_clean();
    slack.assert_clean();
}

async fn wait(bot: &mut Bot, holds: impl Fn() -> bool) {
    let started = std::time::Instant::now();
    while !holds() {
        assert!(bot.runs(), "the bot ended:\n{}", bot.log());
        assert!(
            started.elapsed() < PATIENCE * 3,
            "not everything that was accepted came through:\n{}",
            bot.log()
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn at_any_moment_with_sqlite() {
    survives(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_any_moment_with_postgres() {
    survives(Database::Postgres).await;
}
