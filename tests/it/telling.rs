//! What a channel hears of without asking, and what it is spared.

use std::time::{Duration, SystemTime};

use world::github::{GitHub, Job, Run};
use world::slack::Slack;

use crate::bot::{Bot, Database, HOOK_SECRET, SlackMode, eventually};
use crate::room::{InDiscord, InSlack, Room};
use crate::samples::{CARGO_TEST, NPM_429};

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

const NAMES: [&str; 4] = ["web", "admin", "checkout", "search"];

/// Four repositories, one cause, one channel: one message that grows, and ends when the last one is green.
async fn many_break_alike<R: Room>(database: Database) {
    let github = GitHub::start().await;
    let (room, bot) = R::with_bot(&github, database).await;
    let top = |words: &str| room.posts("#ci").into_iter().filter(|post| post.shown.contains(words)).count();
    for (id, name) in (100..).zip(NAMES) {
        github.add_run(Run::failed(&format!("acme/{name}"), id).job(Job::failed("install", NPM_429)));
    }
    for id in 100..103 {
        bot.take(&github.workflow_run_webhook(id, "completed", HOOK_SECRET)).await;
        eventually(&bot, "each is told", || top("broke") > usize::try_from(id - 100).unwrap()).await;
    }
    eventually(&bot, "they become one", || top("3 repositories broke with the same cause") == 1).await;
    bot.take(&github.workflow_run_webhook(103, "completed", HOOK_SECRET)).await;
    eventually(&bot, "the fourth joins", || top("4 repositories broke with the same cause") == 1).await;
    eventually(&bot, "the first two are folded", || top("broke like others") == 2).await;
    let incident = room.posts("#ci").into_iter().find(|post| post.shown.contains("4 repositories")).unwrap();
    insta::assert_snapshot!(
        format!("incident_in_{}", R::NAME),
        crate::main_job::without_addresses(&incident.shown, &github, &bot)
    );
    let inside = || room.replies("#ci", &incident.id);
    eventually(&bot, "the others are told in its thread", || {
        ["checkout · main", "search · main"]
            .iter()
            .all(|name| inside().iter().any(|post| post.shown.contains(name)))
    })
    .await;
    assert_eq!(room.posts("#ci").len(), 3, "two from before, and the one");

    for (id, name) in (200..).zip(NAMES) {
        github
            .add_run(Run::ended(&format!("acme/{name}"), id, "success").job(Job::passed("install", "ok\n")));
        bot.take(&github.workflow_run_webhook(id, "completed", HOOK_SECRET)).await;
    }
    eventually(&bot, "it is over", || top("4 repositories that broke with the same cause recovered") == 1)
        .await;
    eventually(&bot, "each is fixed", || {
        top("is fixed by") == 2
            && inside().iter().filter(|post| post.shown.contains("is fixed by")).count() == 2
    })
    .await;
    assert_eq!(room.posts("#ci").len(), 3);
    github.assert_clean();
    room.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn many_break_alike_in_slack_with_postgres() {
    many_break_alike::<InSlack<true>>(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_break_alike_in_discord_with_sqlite() {
    many_break_alike::<InDiscord<false>>(Database::Sqlite).await;
}

/// The clock of UTC, so many seconds from now.
fn clock(seconds: i64) -> String {
    (jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds)).strftime("%H:%M:%S").to_string()
}

/// In quiet hours nothing is told but what is urgent; when they end, all of it in one message.
#[tokio::test(flavor = "multi_thread")]
async fn quiet_hours_end_with_one_summary() {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    let settings = format!(
        "[[quiet]]\nto = [\"slack:#payments\"]\nfrom = \"{}\"\nuntil = \"{}\"\nurgent = \"branch:release/*\"\n",
        clock(-60),
        clock(12)
    );
    let bot = Bot::start(&github, &slack, Database::Postgres, SlackMode::Http, &settings).await;
    let failed = |id: u64, branch: &str| {
        Run::failed("acme/payments", id).branch(branch).job(Job::failed("test", CARGO_TEST))
    };
    for (id, branch) in [(70, "main"), (71, "topic"), (72, "release/1")] {
        github.add_run(failed(id, branch));
        bot.take(&github.workflow_run_webhook(id, "completed", HOOK_SECRET)).await;
    }
    // The console is read when somebody wants to, so it has them at once.
    let in_console = async || bot.api("posts?surface=console").await.to_string();
    while !(in_console().await.contains("topic · CI broke")) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let green = Run::ended("acme/payments", 73, "success").branch("topic");
    github.add_run(green.job(Job::passed("test", "fine\n")));
    bot.take(&github.workflow_run_webhook(73, "completed", HOOK_SECRET)).await;
    eventually(&bot, "what is urgent is told", || !standing(&slack, "#payments").is_empty()).await;
    let told = standing(&slack, "#payments");
    assert!(told.len() == 1 && told[0].contains("release/1"), "{told:?}");
    eventually(&bot, "the summary", || {
        standing(&slack, "#payments").iter().any(|post| post.contains("2 pipelines broke, 1 is still red"))
    })
    .await;
    let summary = slack.posts("#payments").remove(1);
    assert!(
        summary.shown().contains("main") && summary.shown().contains("is green again since"),
        "{}",
        summary.shown()
    );
    eventually(&bot, "more in the thread", || slack.replies("#payments", &summary.ts).len() >= 2).await;

    // It is kept up to date, and what breaks by day is told by itself.
    github.add_run(Run::ended("acme/payments", 74, "success").job(Job::passed("test", "fine\n")));
    bot.take(&github.workflow_run_webhook(74, "completed", HOOK_SECRET)).await;
    eventually(&bot, "the summary is kept up to date", || {
        standing(&slack, "#payments")[1].contains("all are green again")
    })
    .await;
    github.add_run(failed(75, "by-day"));
    bot.take(&github.workflow_run_webhook(75, "completed", HOOK_SECRET)).await;
    eventually(&bot, "by day", || standing(&slack, "#payments").iter().any(|post| post.contains("by-day")))
        .await;
    assert_eq!(standing(&slack, "#payments").len(), 3);
    github.assert_clean();
    slack.assert_clean();
}

/// Snoozed in its thread, a failure that comes again is not posted there, and what stands there still ends.
#[tokio::test(flavor = "multi_thread")]
async fn one_failure_can_be_snoozed() {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    let bot = Bot::start(&github, &slack, Database::Sqlite, SlackMode::Http, "").await;
    let failed = |id: u64, branch: &str| {
        Run::failed("acme/payments", id).branch(branch).job(Job::failed("test", CARGO_TEST))
    };
    let count = |branch: &str| {
        standing(&slack, "#payments")
            .iter()
            .filter(|post| post.contains(&format!("payments · {branch}")))
            .count()
    };
    github.add_run(failed(80, "main"));
    bot.take(&github.workflow_run_webhook(80, "completed", HOOK_SECRET)).await;
    eventually(&bot, "it is told", || count("main") == 1).await;
    let post = slack.posts("#payments").remove(0);
    let answered = async |words: &str, expected: &str| {
        slack.mention_in_thread("U0SAM", "#payments", &post.ts, words).await.unwrap();
        eventually(&bot, expected, || {
            slack.replies("#payments", &post.ts).iter().any(|reply| reply.shown().contains(expected))
        })
        .await;
    };
    answered("snooze 2h", "nothing is posted about it here for 2 h").await;

    github.add_run(failed(81, "snoozed"));
    bot.take(&github.workflow_run_webhook(81, "completed", HOOK_SECRET)).await;
    while !bot.api("posts?surface=console").await.to_string().contains("snoozed · CI broke") {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    github.add_run(Run::ended("acme/payments", 82, "success").job(Job::passed("test", "fine\n")));
    bot.take(&github.workflow_run_webhook(82, "completed", HOOK_SECRET)).await;
    eventually(&bot, "what stands there still ends", || {
        standing(&slack, "#payments")[0].contains("is fixed by")
    })
    .await;
    assert_eq!(count("snoozed"), 0);
    answered("unsnooze", "it is posted here again").await;
    github.add_run(failed(83, "again"));
    bot.take(&github.workflow_run_webhook(83, "completed", HOOK_SECRET)).await;
    eventually(&bot, "it is told again", || count("again") == 1).await;
    github.assert_clean();
    slack.assert_clean();
}
