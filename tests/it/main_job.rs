//! The main job, from a failed GitHub Actions job to a green one, as a team lives it in Slack or in Discord.

use std::time::Duration;

use world::github::{Account, Commit, Comparison, GitHub, Job, Repo, Run};
use world::slack::{Posted, Slack};

use crate::bot::{Bot, Database, HOOK_SECRET, SlackMode, eventually};
use crate::room::{InDiscord, InSlack, Person, Room};
use crate::samples::{CARGO_TEST, NPM_429, SECRETS};

pub(crate) const GREEN: u64 = 7_000_040;
pub(crate) const RED: u64 = 7_000_041;

/// A repository with a green run behind it and a failed one now.
pub(crate) fn payments(github: &GitHub) {
    github.add_repo(Repo::new("acme/payments").file(".github/CODEOWNERS", "* @acme/platform @sam\n"));
    github.add_run(Run::ended("acme/payments", GREEN, "success").job(Job::passed("test", "all fine\n")));
    github.add_run(
        Run::failed("acme/payments", RED)
            .job(Job::failed("test (ubuntu-24.04)", CARGO_TEST))
            .job(Job::passed("lint", "fine\n")),
    );
    let (base, head) = (format!("{GREEN:040x}"), format!("{RED:040x}"));
    github.add_comparison(
        "acme/payments",
        &base,
        &head,
        Comparison {
            commits: vec![Commit {
                sha: head.clone(),
                message: "Round refunds half up\n\nDetails.".to_owned(),
                author: Account::user("dana-reyes"),
                written_by: ("Dana Reyes".to_owned(), "dana@example.com".to_owned()),
            }],
            files: vec!["src/refund.rs".to_owned()],
        },
    );
}

/// The one message in a channel, once it is there.
pub(crate) async fn the_post(bot: &Bot, slack: &Slack, channel: &str) -> Posted {
    eventually(bot, "a post", || slack.posts(channel).len() == 1).await;
    slack.posts(channel).remove(0)
}

async fn shows(bot: &Bot, slack: &Slack, post: &Posted, words: &str) -> Posted {
    let now = || slack.message(&post.channel, &post.ts).expect("the post is still there");
    eventually(bot, &format!("the post shows “{words}”; it shows:\n{}", now().shown()), || {
        now().shown().contains(words)
    })
    .await;
    now()
}

/// The whole story, wherever people are.
async fn lives_through_it<R: Room>(database: Database) {
    let github = GitHub::start().await;
    payments(&github);
    let (room, mut bot) = R::with_bot(&github, database).await;
    let masked = |shown: &str| without_addresses(shown, &github, &bot);
    let one = |id: &str| {
        room.posts("#payments").into_iter().find(|post| post.id == id).expect("the post is still there")
    };
    let shows = async |id: &str, words: &str| {
        eventually(&bot, &format!("the post shows “{words}”; it shows:\n{}", one(id).shown), || {
            one(id).shown.contains(words)
        })
        .await;
        one(id)
    };

    // Told: one message, explained, with the line that proves it.
    bot.take(&github.workflow_run_webhook(GREEN, "completed", HOOK_SECRET)).await;
    let job = github.workflow_job_webhook(RED, 0, "completed", HOOK_SECRET);
    bot.take(&job).await;
    let run = github.workflow_run_webhook(RED, "completed", HOOK_SECRET);
    bot.take(&run).await;
    eventually(&bot, "a post", || room.posts("#payments").len() == 1).await;
    let post = room.posts("#payments").remove(0).id;
    let told = shows(&post, "Changed since green").await;
    insta::assert_snapshot!(format!("told_in_{}", R::NAME), masked(&told.shown));
    assert!(!told.in_words.is_empty(), "notifications and screen readers have something to read");
    eventually(&bot, "the thread says more", || !room.replies("#payments", &post).is_empty()).await;
    insta::assert_snapshot!(
        format!("thread_in_{}", R::NAME),
        masked(&room.replies("#payments", &post)[0].shown)
    );

    // The same in the console's API.
    let posts = bot.api("posts?surface=console").await;
    let in_console = &posts["posts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|post| post["tone"] == "broken")
        .expect("the console shows it")
        .clone();
    assert_eq!(
        (in_console["category"].as_str(), in_console["owner"].as_str()),
        (Some("test_failure"), Some("code"))
    );
    assert!(in_console["text"].as_str().unwrap().contains("10% of 1389 must round half up"), "{in_console}");

    // A delivery seen before changes nothing.
    bot.take(&job).await;
    bot.take(&run).await;

    // Asked: the same answer, in the thread of the question.
    let asked = room.mention(Person::Sam, "#payments", "why did main of payments fail?").await;
    assert!(asked.accepted && asked.latency < Duration::from_secs(3), "not taken in time");
    eventually(&bot, "an answer", || !room.replies("#payments", &asked.id).is_empty()).await;
    let answer = room.replies("#payments", &asked.id).remove(0).shown;
    assert!(answer.contains("Understood: latest failed run of CI on acme/payments main"), "{answer}");
    assert!(answer.contains("10% of 1389 must round half up"), "{answer}");
    let commanded = room.command(Person::Sam, "#payments", "what is broken?").await;
    assert!(commanded.accepted && commanded.latency < Duration::from_secs(3), "not taken in time");
    eventually(&bot, "the command is answered, to one person alone", || {
        room.whispers(Person::Sam).iter().any(|said| said.contains("1 pipeline is broken right now"))
    })
    .await;

    fills_in_forms(&room, &bot, &post).await;

    // A stranger may not re-run; the author may, and twenty clicks are one re-run.
    room.click(Person::Eve, "#payments", &post, "rerun_failed").await;
    eventually(&bot, "a stranger is told why not", || !room.whispers(Person::Eve).is_empty()).await;
    assert_eq!(github.reruns(RED), 0);
    let first = room.click(Person::Dana, "#payments", &post, "rerun_failed").await;
    assert!(first.accepted && first.latency < Duration::from_secs(3), "not taken in time");
    for _ in 0..19 {
        room.again(&first).await;
    }
    let now = shows(&post, "running again, asked for by dana-reyes").await;
    assert!(now.actions.iter().all(|action| action != "rerun_failed"), "no second re-run is offered");
    assert_eq!(github.reruns(RED), 1);

    // Fixed: the same message says so.
    github.finish(RED, "success");
    bot.take(&github.workflow_run_webhook(RED, "completed", HOOK_SECRET)).await;
    let now = shows(&post, "is fixed by a re-run").await;
    assert!(now.edits >= 2);
    assert_eq!(room.posts("#payments").len(), 1, "one message, never two");

    // Everything that was done is in the audit log, whose chain holds; nothing is held up.
    let (code, report, _) = bot.run(&["doctor"]).await;
    assert_eq!(code, 0, "{report}");
    assert!(report.contains("unbroken"), "{report}");
    let (code, answer, errors) = bot.run(&["ask", "why did main of payments fail?"]).await;
    assert_eq!(code, 0, "{errors}");
    assert!(answer.contains("It is green again since."), "{answer}");

    bot.stop().await;
    github.assert_clean();
    room.assert_clean();
}

/// What a command without words and a click on "Wrong cause" open, and what comes of it.
async fn fills_in_forms<R: Room>(room: &R, bot: &Bot, post: &str) {
    // Without words the command opens a form, whose question is answered as the command is.
    let opened = room.command(Person::Sam, "#payments", "").await;
    assert!(opened.accepted && opened.latency < Duration::from_secs(3), "not taken in time");
    let sent = room.fill_in(Person::Sam, &opened, &[("text", "who owns acme/payments?")]).await;
    assert!(sent.accepted, "the form is not taken");
    eventually(bot, "the form is answered, to one person alone", || {
        room.whispers(Person::Sam).iter().any(|said| said.contains("CODEOWNERS"))
    })
    .await;

    // The verdict is said to be wrong: kept against the rule, with thanks for one pair of eyes.
    let opened = room.click(Person::Sam, "#payments", post, "feedback_down").await;
    let fields = [("cause", "a rounding mode that <!channel> forgot"), ("line", "assertion failed: 69")];
    assert!(room.fill_in(Person::Sam, &opened, &fields).await.accepted, "the form is not taken");
    eventually(bot, "thanks for the wrong cause", || {
        room.whispers(Person::Sam).iter().any(|said| said.contains("noted against the rule rust."))
    })
    .await;
    let (_, feedback, errors) = bot.run(&["rules", "feedback"]).await;
    assert!(feedback.contains("a rounding mode that"), "{feedback}{errors}");
    assert!(feedback.contains("assertion failed: 69"), "{feedback}");
}

/// Ports and addresses differ from run to run, and so do the times.
pub(crate) fn without_addresses(shown: &str, github: &GitHub, bot: &Bot) -> String {
    let masked = shown.replace(&github.api_url, "GITHUB").replace(&bot.url, "WHYRED");
    let masked = regex_replace(&masked, r"http://127\.0\.0\.1:\d+", "GITHUB");
    regex_replace(&masked, r"answered (at once|in [\d.]+ (s|min))", "answered in N s")
}

fn regex_replace(text: &str, pattern: &str, with: &str) -> String {
    regex::Regex::new(pattern).unwrap().replace_all(text, with).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn in_slack_over_socket_mode_with_sqlite() {
    lives_through_it::<InSlack<false>>(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_slack_over_http_with_postgres() {
    lives_through_it::<InSlack<true>>(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_discord_over_the_gateway_with_sqlite() {
    lives_through_it::<InDiscord<false>>(Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_discord_over_http_with_postgres() {
    lives_through_it::<InDiscord<true>>(Database::Postgres).await;
}

/// Further failures edit the one message; a new episode after a fix is a new one.
#[tokio::test(flavor = "multi_thread")]
async fn still_broken_then_fixed_then_broken_anew() {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    payments(&github);
    let bot = Bot::start(&github, &slack, Database::Sqlite, SlackMode::Http, "").await;
    bot.take(&github.workflow_run_webhook(RED, "completed", HOOK_SECRET)).await;
    let post = the_post(&bot, &slack, "#payments").await;
    github.add_run(Run::failed("acme/payments", RED + 1).job(Job::failed("test (ubuntu-24.04)", CARGO_TEST)));
    bot.take(&github.workflow_run_webhook(RED + 1, "completed", HOOK_SECRET)).await;
    let post = shows(&bot, &slack, &post, "is still broken (×2)").await;
    github.add_run(
        Run::ended("acme/payments", RED + 2, "success").job(Job::passed("test (ubuntu-24.04)", "ok\n")),
    );
    bot.take(&github.workflow_run_webhook(RED + 2, "completed", HOOK_SECRET)).await;
    shows(&bot, &slack, &post, "is fixed by").await;
    // Old news arrives late: it must not open the matter again.
    github.add_run(Run::failed("acme/payments", RED - 1).job(Job::failed("test (ubuntu-24.04)", CARGO_TEST)));
    bot.take(&github.workflow_run_webhook(RED - 1, "completed", HOOK_SECRET)).await;
    github.add_run(Run::failed("acme/payments", RED + 3).job(Job::failed("test (ubuntu-24.04)", CARGO_TEST)));
    bot.take(&github.workflow_run_webhook(RED + 3, "completed", HOOK_SECRET)).await;
    eventually(&bot, "a second message", || slack.posts("#payments").len() == 2).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(slack.posts("#payments").len(), 2);
    github.assert_clean();
    slack.assert_clean();
}

/// The same cause in several repositories is hardly one change of theirs; what no route names goes to the default channel.
#[tokio::test(flavor = "multi_thread")]
async fn seen_elsewhere_is_hardly_this_change() {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    for (number, repo) in ["acme/web", "acme/admin", "acme/checkout"].iter().enumerate() {
        github.add_run(Run::failed(repo, 100 + number as u64).job(Job::failed("install", NPM_429)));
    }
    let bot =
        Bot::start(&github, &slack, Database::Sqlite, SlackMode::Http, "[triage]\nincident_repos = 0\n")
            .await;
    for number in 0..3 {
        bot.take(&github.workflow_run_webhook(100 + number, "completed", HOOK_SECRET)).await;
        eventually(&bot, "a post a repository", || {
            slack.posts("#ci").len() > usize::try_from(number).unwrap()
        })
        .await;
    }
    let last = slack.posts("#ci").into_iter().find(|post| post.shown().contains("checkout")).unwrap();
    shows(&bot, &slack, &last, "Hardly this change alone").await;
    assert!(!last.shown().contains("<@U0DANA>"), "nobody is mentioned for what is not theirs");
    github.assert_clean();
    slack.assert_clean();
}

/// Nothing secret reaches a channel, the API, the database or our own log.
#[tokio::test(flavor = "multi_thread")]
async fn secrets_stay_in_the_log_they_were_in() {
    keeps_secrets::<InSlack<true>>().await;
    keeps_secrets::<InDiscord<false>>().await;
}

async fn keeps_secrets<R: Room>() {
    let github = GitHub::start().await;
    github.add_run(Run::failed("acme/payments", 5).job(Job::failed("test", SECRETS)));
    let (room, bot) = R::with_bot(&github, Database::Sqlite).await;
    bot.take(&github.workflow_run_webhook(5, "completed", HOOK_SECRET)).await;
    eventually(&bot, "a post", || room.posts("#payments").len() == 1).await;
    let post = room.posts("#payments").remove(0);
    eventually(&bot, "the thread", || !room.replies("#payments", &post.id).is_empty()).await;
    let planted = [
        "AKIADMFYK2XZMDB7MJBG",
        "O5ARig34qBL6eIJYzftwkzcj3gMnaBL1Xvm27X1i",
        "ghp_IC4nKcdxBl18hSwH3ncNfoHLxEbUQW1CdPij",
        "tr0ub4dor-H5xgeNvHu",
    ];
    let mut everything = room.everything("#payments");
    everything.push_str(&bot.api("posts").await.to_string());
    everything.push_str(&bot.log());
    for file in ["whyred.db", "whyred.db-wal"] {
        everything
            .push_str(&String::from_utf8_lossy(&std::fs::read(bot.folder().join(file)).unwrap_or_default()));
    }
    for secret in planted {
        assert!(SECRETS.contains(secret), "the sample holds {secret}");
        assert!(!everything.contains(secret), "{secret} got out");
    }
}

/// `subscribe` in a channel brings failures there too, and thumbs are kept as opinions.
#[tokio::test(flavor = "multi_thread")]
async fn channels_subscribe_and_people_judge() {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    payments(&github);
    let bot = Bot::start(&github, &slack, Database::Sqlite, SlackMode::Http, "").await;
    // `#payments` is routed to by its name as well: it must not hear of things twice.
    for channel in ["#general", "#payments"] {
        let asked = slack.mention("U0SAM", channel, "subscribe acme/*").await.unwrap();
        eventually(&bot, "the subscription is confirmed", || !slack.replies(channel, &asked.ts).is_empty())
            .await;
    }
    let bots_own = |posts: Vec<Posted>| {
        posts.into_iter().filter(|post| post.user == world::slack::BOT_USER).collect::<Vec<_>>()
    };
    bot.take(&github.workflow_run_webhook(RED, "completed", HOOK_SECRET)).await;
    eventually(&bot, "a post", || !bots_own(slack.posts("#payments")).is_empty()).await;
    let post = bots_own(slack.posts("#payments")).remove(0);
    let bots_posts =
        || slack.posts("#general").into_iter().filter(|post| post.shown().contains("broke")).count();
    eventually(&bot, "a post in the subscribed channel", || bots_posts() == 1).await;
    slack.react("U0SAM", "#payments", &post.ts, "+1", true).await.unwrap();
    slack.click("U0DANA", "#payments", &post.ts, "claim").await.unwrap();
    shows(&bot, &slack, &post, "dana-reyes is on it").await;
    eventually(&bot, "thanks for the opinion", || {
        slack.whispers().iter().any(|said| said.user == "U0SAM" && said.text.contains("Thank you"))
    })
    .await;
    slack.command("U0SAM", "#general", "what is broken?").await.unwrap();
    eventually(&bot, "the command is answered", || {
        slack.responses().iter().any(|said| format!("{said:?}").contains("1 pipeline is broken right now"))
    })
    .await;
    let said =
        slack.mention_in_thread("U0EVE", "#payments", &post.ts, "wrong cause, it was DNS").await.unwrap();
    assert!(said.accepted);
    eventually(&bot, "thanks for the sentence", || {
        slack.whispers().iter().any(|said| said.user == "U0EVE" && said.text.contains("“DNS”"))
    })
    .await;
    let (_, feedback, _) = bot.run(&["rules", "feedback", "--format", "json"]).await;
    let feedback: serde_json::Value = serde_json::from_str(&feedback).unwrap();
    assert_eq!(feedback["wrong_causes"][0]["note"], "DNS", "{feedback}");
    assert_eq!(bots_own(slack.posts("#payments")).len(), 1, "one channel, one message");
    slack.assert_clean();
}

/// With a moment to settle, a failure that an automatic retry takes back is not told at all.
#[tokio::test(flavor = "multi_thread")]
async fn an_automatic_retry_is_waited_out() {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    let first = Run::failed("acme/payments", 9).job(Job::failed("test", CARGO_TEST));
    github.add_run(first);
    let settle = "[triage]\nsettle = \"3s\"\n";
    let bot = Bot::start(&github, &slack, Database::Sqlite, SlackMode::Http, settle).await;
    bot.take(&github.workflow_run_webhook(9, "completed", HOOK_SECRET)).await;
    let first = github.run(9).unwrap();
    let second = Run { attempt: 2, earlier: vec![first], ..Run::running("acme/payments", 9) };
    github.add_run(second.job(Job::passed("test", "fine\n")));
    bot.take(&github.workflow_run_webhook(9, "in_progress", HOOK_SECRET)).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    github.finish(9, "success");
    bot.take(&github.workflow_run_webhook(9, "completed", HOOK_SECRET)).await;
    // A failure that nobody retries is told, though, only later.
    github.add_run(Run::failed("acme/payments", 10).branch("topic").job(Job::failed("test", CARGO_TEST)));
    bot.take(&github.workflow_run_webhook(10, "completed", HOOK_SECRET)).await;
    let post = the_post(&bot, &slack, "#payments").await;
    assert!(post.shown().contains("topic"), "{}", post.shown());
    // What the retry got over is remembered as flaky.
    let (code, answer, errors) = bot.run(&["ask", "which tests are flaky?"]).await;
    assert_eq!(code, 0, "{errors}");
    assert!(answer.contains("In 1 run, last") && answer.contains("round half up"), "{answer}");
    github.assert_clean();
}

/// A job that may fail in a run that is green: told while it looked broken, taken back when the run is green after all.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_may_fail_breaks_nothing() {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    let job = Job::failed("experimental", CARGO_TEST);
    github.add_run(Run::running("acme/payments", 9).job(job));
    let bot = Bot::start(&github, &slack, Database::Sqlite, SlackMode::Http, "").await;
    bot.take(&github.workflow_job_webhook(9, 0, "completed", HOOK_SECRET)).await;
    let post = the_post(&bot, &slack, "#payments").await;
    github.finish(9, "success");
    bot.take(&github.workflow_run_webhook(9, "completed", HOOK_SECRET)).await;
    shows(&bot, &slack, &post, "is green after all").await;
    github.assert_clean();
    slack.assert_clean();
}
