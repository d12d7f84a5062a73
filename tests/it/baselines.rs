//! Green runs teach what a job always prints; a red run is then not blamed on it.

use serde_json::Value;
use world::github::{GitHub, Job, Run};
use world::slack::Slack;

use crate::bot::{Bot, Database, HOOK_SECRET, SlackMode, eventually};

/// What each run of the job prints, green or red: it looks bad, and nobody minds.
const USUAL: &str = "connecting to the fixture database\nError: connect ECONNREFUSED 127.0.0.1:5432\nit starts late, as always\nreplaying 4 ledgers\n";
/// What only the red run prints.
const NEW: &str = "ledger 3 drifted by 12 cents\n";

/// The fingerprints of all failures so far.
async fn fingerprints(bot: &Bot) -> Vec<String> {
    let failures = bot.api("failures").await;
    let of = |failure: &Value| failure["fingerprint"].as_str().unwrap_or_default().to_owned();
    failures["failures"].as_array().unwrap().iter().map(of).collect()
}

async fn learns(database: Database) {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    let red = |id, branch: &str| {
        let log = format!("{USUAL}{NEW}");
        Run::failed("acme/payments", id).branch(branch).job(Job::failed("replay", log.as_str()))
    };
    let green = format!("{USUAL}ledger 4 balanced\n");
    let bot = Bot::start(&github, &slack, database, SlackMode::Http, "").await;

    // Nothing is known: the line that looks worst is blamed.
    github.add_run(red(71, "topic"));
    bot.take(&github.workflow_run_webhook(71, "completed", HOOK_SECRET)).await;
    eventually(&bot, "a first post", || slack.posts("#payments").len() == 1).await;
    let first = fingerprints(&bot).await;
    assert!(first.len() == 1 && first[0].contains("ECONNREFUSED"), "{first:?}");

    // A green run of a proposal teaches nothing; one of main does.
    github.add_run(
        Run::ended("acme/payments", 72, "success").branch("topic").job(Job::passed("replay", green.as_str())),
    );
    bot.take(&github.workflow_run_webhook(72, "completed", HOOK_SECRET)).await;
    github.add_run(Run::ended("acme/payments", 73, "success").job(Job::passed("replay", green.as_str())));
    bot.take(&github.workflow_run_webhook(73, "completed", HOOK_SECRET)).await;
    eventually(&bot, "main's green run is learned", || bot.log().contains("learned a green run")).await;
    assert_eq!(bot.log().matches("learned a green run").count(), 1, "{}", bot.log());
    let logs_read = |id: u64| {
        let job = github.run(id).unwrap().jobs[0].id;
        github.calls().iter().filter(|call| call.contains(&format!("/jobs/{job}/logs"))).count()
    };
    assert_eq!((logs_read(72), logs_read(73)), (0, 1));

    // The same red log, on any branch, is now read for what is new in it.
    github.add_run(red(74, "main"));
    bot.take(&github.workflow_run_webhook(74, "completed", HOOK_SECRET)).await;
    eventually(&bot, "a second post", || slack.posts("#payments").len() == 2).await;
    let second = fingerprints(&bot).await;
    assert!(second.iter().any(|fingerprint| fingerprint.contains("ledger <n> drifted")), "{second:?}");

    // A further green run within hours is not learned again.
    github.add_run(Run::ended("acme/payments", 75, "success").job(Job::passed("replay", green.as_str())));
    bot.take(&github.workflow_run_webhook(75, "completed", HOOK_SECRET)).await;
    eventually(&bot, "it is fixed", || {
        slack.posts("#payments").iter().any(|post| post.shown().contains("is fixed by"))
    })
    .await;
    assert_eq!(logs_read(75), 0);
    let (code, report, _) = bot.run(&["doctor"]).await;
    assert_eq!(code, 0, "{report}");
    github.assert_clean();
    slack.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scary_but_usual_line_is_not_blamed() {
    learns(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_with_postgres() {
    learns(Database::Postgres).await;
}
