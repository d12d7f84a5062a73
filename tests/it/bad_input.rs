//! What comes in is not always what it should be.

use axum::body::Bytes;
use serde_json::json;
use world::github::{GitHub, Job, Log, Run, Webhook};
use world::slack::Slack;

use crate::bot::{Bot, Database, HOOK_SECRET, SlackMode, eventually};

async fn start() -> (GitHub, Slack, Bot) {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    let bot = Bot::start(&github, &slack, Database::Sqlite, SlackMode::Http, "").await;
    (github, slack, bot)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_proven_or_not_understood_is_not_stored() {
    let (github, _slack, bot) = start().await;
    github.add_run(Run::failed("acme/payments", 1).job(Job::failed("test", "error: x\n")));
    let forged = github.workflow_run_webhook(1, "completed", "another secret");
    assert_eq!(bot.receive(&forged).await.unwrap(), 401);
    let mut unsigned = github.workflow_run_webhook(1, "completed", HOOK_SECRET);
    unsigned.headers.retain(|(name, _)| name != "X-Hub-Signature-256");
    assert_eq!(bot.receive(&unsigned).await.unwrap(), 401);
    let unknown = Webhook::signed("sponsorship", &json!({ "action": "created" }), HOOK_SECRET);
    assert_eq!(bot.receive(&unknown).await.unwrap(), 202);
    let wrong = Webhook::signed("workflow_run", &json!({ "action": "completed" }), HOOK_SECRET);
    assert_eq!(bot.receive(&wrong).await.unwrap(), 400);
    assert_eq!(bot.receive(&github.ping_webhook(HOOK_SECRET)).await.unwrap() / 100, 2);
    let huge = vec![b'x'; 25 * 1024 * 1024 + 1];
    let answer = bot.http().post(format!("{}/webhooks/github", bot.url)).body(huge).send().await.unwrap();
    assert_eq!(answer.status(), 413);
    let nowhere = bot.http().post(format!("{}/webhooks/gitlab", bot.url)).body("{}").send().await.unwrap();
    assert_eq!(nowhere.status(), 404);
    assert!(nowhere.text().await.unwrap().contains("github"), "says which sources there are");
    // Nothing of it came further than the door; each was counted.
    assert_eq!(bot.api("runs").await["runs"].as_array().unwrap().len(), 0);
    let counted = bot
        .http()
        .get(format!("{}/metrics", bot.url))
        .bearer_auth(crate::bot::API_TOKEN)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    for outcome in ["unverified", "ignored", "malformed"] {
        assert!(
            counted.lines().any(|line| line.starts_with("whyred_webhooks_total") && line.contains(outcome)),
            "{outcome}\n{counted}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_logs_still_get_the_best_verdict_there_is() {
    let (github, slack, bot) = start().await;
    let mut long_line = vec![b'a'; 10 * 1024 * 1024];
    long_line.extend_from_slice(b"\n2026-11-23T14:06:27.1Z error[E0308]: mismatched types\n2026-11-23T14:06:27.1Z  --> src/a.rs:3:5\n2026-11-23T14:06:27.1Z ##[error]Process completed with exit code 101.\n");
    let mut binary: Vec<u8> = (0..=255).cycle().take(200_000).collect();
    binary.extend_from_slice(b"\nerror[E0308]: mismatched types\n");
    let odd: [(&str, Log, &str); 5] = [
        ("expired", Log::Expired, "could not be read"),
        ("missing", Log::Missing, "could not be read"),
        ("empty", Log::Plain(Bytes::new()), "empty"),
        ("binary", Log::Plain(Bytes::from(binary)), "know"),
        ("long-line", Log::Plain(Bytes::from(long_line)), "E0308"),
    ];
    for (number, (name, log, _)) in odd.iter().enumerate() {
        let id = 500 + number as u64;
        // GitHub gives a log a moment to arrive; these ended long ago.
        let job = Job::ended(name, "failure", log.clone()).completed_ago(std::time::Duration::from_hours(1));
        github.add_run(Run::failed(&format!("acme/{name}"), id).job(job));
        bot.take(&github.workflow_run_webhook(id, "completed", HOOK_SECRET)).await;
    }
    for (name, _, said) in &odd {
        let found = || {
            let posts = slack.posts("#ci");
            let post = posts.iter().find(|post| post.shown().contains(&format!("{name} · main")))?;
            Some((post.clone(), slack.replies("#ci", &post.ts)))
        };
        eventually(&bot, &format!("a message about {name}"), || {
            found().is_some_and(|(post, replies)| {
                let all = post.shown() + &replies.iter().map(world::slack::Posted::shown).collect::<String>();
                all.contains(said) || (*name == "binary" && all.contains("E0308"))
            })
        })
        .await;
    }
    slack.assert_clean();
}
