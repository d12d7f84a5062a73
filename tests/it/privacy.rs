//! What others wrote is stored and told without secrets, and private repositories are talked about only where they belong.

use std::path::Path;

use serde_json::json;
use world::github::{Account, Annotation, Commit, Comparison, GitHub, Job, Log, Repo, Run};
use world::slack::{BOT_USER, Failure, Posted, Slack};

use crate::bot::{API_TOKEN, Bot, Database, HOOK_SECRET, SlackMode, eventually};
use crate::samples::CARGO_TEST;

const GREEN: u64 = 40;
const RED: u64 = 41;

/// A token that looks real; each place has its own, so that a leak says where it was.
fn token(place: &str) -> String {
    let mut token = format!("ghp_{place}");
    while token.len() < 40 {
        token.push_str("7Qz");
    }
    token.truncate(40);
    token
}

/// One secret of many kinds, each with the place in it where it can have one.
fn secrets(place: &str) -> Vec<String> {
    let fill = |length: usize| format!("{place}7Qz9").repeat(12)[..length].to_owned();
    let hex =
        |length: usize| "4bf92f3577b34da6a3ce929d0e0e4736".repeat(2)[place.len()..][..length].to_owned();
    vec![
        token(place),
        format!("glpat-{}", fill(20)),
        format!("AKIA{}", fill(16).to_uppercase()),
        format!("npm_{}", fill(36)),
        format!("xoxb-123456789012-{}", fill(24)),
        format!("sk_live_{}", fill(24)),
        format!("sk-ant-api03-{}", fill(40)),
        format!("hf_{}", fill(34)),
        format!("dop_v1_{}", hex(44)),
        format!("eyJhbGciOiJIUzI1NiJ9.eyJ{}.{}", fill(30), fill(40)),
        format!("hvs.{}", fill(40)),
    ]
}

/// All of them in one sentence, and some that only their surroundings tell.
fn blabbed(place: &str) -> String {
    let surrounded = SURROUNDED.map(|(before, after)| format!("{before}{}{after}", surrounded(place)));
    format!("{} {}", secrets(place).join(" and "), surrounded.join(" "))
}

/// What stands before and behind a secret without a shape.
const SURROUNDED: [(&str, &str); 5] = [
    ("DB_PASSWORD=", ""),
    ("postgres://app:", "@db.example/app"),
    ("--password ", " --quiet"),
    ("Authorization: Bearer ", ""),
    ("\"client_secret\": \"", "\""),
];

fn surrounded(place: &str) -> String {
    format!("Sesame{place}42open77")
}

const PLACES: [&str; 8] = ["Log", "Title", "Job", "Step", "Commit", "Remark", "Path", "Error"];

/// A repository in which everything that people can name or write holds a token.
fn careless(github: &GitHub) {
    github.add_repo(Repo::new("acme/payments").file("CODEOWNERS", "* @sam ada@example.org\n"));
    github.add_run(Run::ended("acme/payments", GREEN, "success").job(Job::passed("test", "fine\n")));
    let log = CARGO_TEST.replace("10% of 1389", &format!("10% of 1389 with {}", blabbed("Log")));
    let mut told = Job::failed(&format!("test ({})", token("Job")), log.as_str());
    told.steps[1].name = format!("Run with {}", token("Step"));
    let silent = Job::failed("deploy", Log::Expired).annotation(Annotation {
        level: "failure".to_owned(),
        path: format!("config/{}.toml", token("Path")),
        line: 3,
        title: Some(format!("Refused {}", blabbed("Remark"))),
        message: format!("Error: No space left on device, asked by ada@example.org with {}", token("Remark")),
    });
    let mut run = Run::failed("acme/payments", RED).job(told).job(silent);
    run.title = format!("Try {}", blabbed("Title"));
    github.add_run(run);
    github.add_comparison(
        "acme/payments",
        &format!("{GREEN:040x}"),
        &format!("{RED:040x}"),
        Comparison {
            commits: vec![Commit {
                sha: format!("{RED:040x}"),
                message: format!("Log in with {}\n\nMore.", blabbed("Commit")),
                author: Account::user("dana-reyes"),
                written_by: ("Dana Reyes".to_owned(), "dana@example.com".to_owned()),
            }],
            files: vec!["src/refund.rs".to_owned()],
        },
    );
}

/// Everything that is kept and told: the database's files, Slack, the API, our own log.
async fn kept_and_told(bot: &Bot, slack: &Slack) -> String {
    let mut everything = format!("{:?}", slack.messages("#payments"));
    for page in ["posts", "runs", "failures"] {
        everything.push_str(&bot.api(page).await.to_string());
    }
    everything.push_str(&bot.log());
    read_all(bot.folder(), &mut everything);
    everything
}

/// Every file: the database, the index, and whatever else is left behind.
fn read_all(folder: &Path, everything: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(&path, everything);
        } else {
            // A file of the database or the index may go while this looks.
            everything.push_str(&String::from_utf8_lossy(&std::fs::read(&path).unwrap_or_default()));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_name_and_write_is_kept_without_secrets_and_addresses() {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    careless(&github);
    let bot = Bot::start(&github, &slack, Database::Sqlite, SlackMode::Http, "").await;
    // A surface may quote anything in its refusal.
    slack.fail_next("chat.postMessage", Failure::Code(token("Error")));
    bot.take(&github.workflow_run_webhook(GREEN, "completed", HOOK_SECRET)).await;
    // The event of one job says little, so that the rest is asked for; the event of the run says it all.
    bot.take(&github.workflow_job_webhook(RED, 0, "completed", HOOK_SECRET)).await;
    eventually(&bot, "Slack refuses", || bot.log().contains("rejected")).await;
    let mut everything = kept_and_told(&bot, &slack).await;
    assert_eq!(bot.run(&["replay", "--dead"]).await.0, 0);
    eventually(&bot, "a post that tells what changed", || {
        slack.posts("#payments").iter().any(|post| post.shown().contains("Changed since green"))
    })
    .await;
    bot.take(&github.workflow_run_webhook(RED, "completed", HOOK_SECRET)).await;

    let post = slack.posts("#payments").remove(0);
    let thread = || slack.replies("#payments", &post.ts);
    eventually(&bot, "the thread", || !thread().is_empty()).await;
    let told: String =
        std::iter::once(post.clone()).chain(thread()).map(|post| post.shown() + "\n").collect();
    assert!(told.contains("test ([redacted:github_token])"), "the job is told, without its secret:\n{told}");
    assert!(told.contains("Log in with [redacted:github_token]"), "so is the commit:\n{told}");

    everything.push_str(&kept_and_told(&bot, &slack).await);
    assert!(everything.contains("Try [redacted:github_token]"), "the title is kept, without its secret");
    assert!(everything.contains("10% of 1389 with [redacted:github_token]"), "so is the log's line");
    for place in PLACES {
        for secret in secrets(place).into_iter().chain([surrounded(place)]) {
            assert!(!everything.contains(&secret), "{secret}, from {place}, got out");
        }
    }
    for address in ["ada@example.org", "dana@example.com"] {
        assert!(!everything.contains(address), "{address} is kept");
    }
    github.assert_clean();
}

/// `acme/vault` is private, and only `#payments` hears of it by configuration.
const VAULT: &str = "[[route]]\nrepo = \"acme/vault\"\nto = [\"slack:#payments\"]\n";
const REFUSED: &str = "That repository is private: ask in a channel that its failures are routed to.";
const LEFT_OUT: &str = "Private repositories whose failures are not routed here are left out.";

/// The answer to a question, once it stands in the question's thread.
async fn answer(bot: &Bot, slack: &Slack, channel: &str, question: &str) -> String {
    let asked = slack.mention("U0SAM", channel, question).await.unwrap();
    answer_at(bot, slack, channel, &asked.ts).await
}

async fn answer_at(bot: &Bot, slack: &Slack, channel: &str, ts: &str) -> String {
    let answers = || -> Vec<Posted> {
        slack.replies(channel, ts).into_iter().filter(|reply| reply.user == BOT_USER).collect()
    };
    eventually(bot, "an answer", || !answers().is_empty()).await;
    answers()[0].shown()
}

#[tokio::test(flavor = "multi_thread")]
async fn private_repositories_are_talked_about_only_where_they_are_routed() {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    github.add_repo(Repo::new("acme/vault").private());
    github.add_run(Run::failed("acme/vault", 1).job(Job::failed("test", CARGO_TEST)));
    github.add_run(Run::failed("acme/web", 2).job(Job::failed("build", CARGO_TEST)));
    let bot = Bot::start(&github, &slack, Database::Sqlite, SlackMode::Http, VAULT).await;
    let before = answer(&bot, &slack, "#general", "subscribe acme/*").await;
    assert!(!before.contains(LEFT_OUT), "nothing private is known yet: {before}");
    bot.take(&github.workflow_run_webhook(1, "completed", HOOK_SECRET)).await;
    bot.take(&github.workflow_run_webhook(2, "completed", HOOK_SECRET)).await;
    let told = |channel: &str, repo: &str| {
        slack.posts(channel).iter().any(|post| post.shown().contains(&format!("{repo} · main")))
    };
    eventually(&bot, "both are told", || told("#payments", "vault") && told("#general", "web")).await;

    // Where it is routed, and nowhere else.
    let why = "why did main of vault fail?";
    assert!(answer(&bot, &slack, "#payments", why).await.contains("10% of 1389"));
    for question in [why, "what is broken in acme/vault?", "subscribe acme/vault"] {
        let refused = answer(&bot, &slack, "#general", question).await;
        assert!(refused.contains(REFUSED) && !refused.contains("vault"), "{question}\n{refused}");
    }
    for (question, open) in [
        ("what is broken?", "acme/web · main"),
        ("why did it fail?", "acme/web main"),
        ("subscribe acme/*", "already"),
        ("has anyone seen `round half up`?", "acme/web"),
        ("why did main of billing fail?", "acme/web"),
    ] {
        let answer = answer(&bot, &slack, "#general", question).await;
        assert!(answer.contains(open) && !answer.contains("vault"), "{question}\n{answer}");
        let complete = question.contains("seen") || question.contains("billing");
        assert!(complete || answer.contains(LEFT_OUT), "{question} is open about it:\n{answer}");
    }
    slack.command("U0SAM", "#general", why).await.unwrap();
    eventually(&bot, "the command is refused", || {
        slack.responses().iter().any(|said| said.to_string().contains(REFUSED))
    })
    .await;

    // Alone with somebody who is known, and with somebody who is not.
    let known = slack.direct_message("U0DANA", why).await.unwrap();
    assert!(answer_at(&bot, &slack, "DU0DANA", &known.ts).await.contains("10% of 1389"));
    let stranger = slack.direct_message("U0EVE", why).await.unwrap();
    assert!(answer_at(&bot, &slack, "DU0EVE", &stranger.ts).await.contains(REFUSED));

    // Whoever is in the console has logged in.
    let asked = bot
        .http()
        .post(format!("{}/api/v1/ask", bot.url))
        .bearer_auth(API_TOKEN)
        .json(&json!({ "question": why }))
        .send()
        .await
        .unwrap();
    assert!(asked.text().await.unwrap().contains("10% of 1389"));

    // Every message that was to be told is told by now: the subscription to all of acme brought nothing of the vault.
    let general = format!(
        "{:?}",
        slack.messages("#general").iter().filter(|post| post.user == BOT_USER).collect::<Vec<_>>()
    );
    assert!(!general.contains("vault"), "{general}");
    github.assert_clean();
    slack.assert_clean();
}
