//! Conversations in threads: further questions without the bot's name, choices, and what stays private whatever is asked.

use world::github::{GitHub, Job, Repo, Run};
use world::slack::{BOT_USER, Slack};

use crate::bot::{Bot, Database, HOOK_SECRET, SlackMode, eventually};
use crate::main_job::{GREEN, RED, payments, the_post};
use crate::samples::CARGO_TEST;

/// What the bot says in a thread after a moment, once it says this.
async fn said(bot: &Bot, slack: &Slack, thread: &str, after: &str, expected: &str) -> String {
    let found = || -> Option<String> {
        let replies = slack.replies("#payments", thread).into_iter();
        let mut later = replies.filter(|post| post.user == BOT_USER && post.ts.as_str() > after);
        later.find_map(|post| Some(post.shown()).filter(|shown| shown.contains(expected)))
    };
    eventually(bot, &format!("in a thread: “{expected}”"), || found().is_some()).await;
    found().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn further_questions_need_no_mention_in_threads_that_the_bot_is_in() {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    payments(&github);
    let bot = Bot::start(&github, &slack, Database::Postgres, SlackMode::Http, "").await;
    bot.take(&github.workflow_run_webhook(GREEN, "completed", HOOK_SECRET)).await;
    bot.take(&github.workflow_run_webhook(RED, "completed", HOOK_SECRET)).await;
    let post = the_post(&bot, &slack, "#payments").await;
    eventually(&bot, "the thread says more", || !slack.replies("#payments", &post.ts).is_empty()).await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;

    // In the failure's own thread.
    for (question, expected) in [
        ("is this flaky?", "I cannot tell: seen in 1 of the last 2 runs"),
        ("who owns it", "@acme/platform"),
        ("show me the log around that", "10% of 1389"),
        ("what changed since the last green?", "1 commit between the last green run"),
    ] {
        let asked = slack.say_in_thread("U0SAM", "#payments", &post.ts, question).await.unwrap();
        said(&bot, &slack, &post.ts, &asked.ts, expected).await;
    }

    // In the thread of a question, about the failure of the answer.
    let asked = slack.mention("U0SAM", "#payments", "why did main of payments fail?").await.unwrap();
    said(&bot, &slack, &asked.ts, &asked.ts, "Understood: latest failed run of CI").await;
    let further = slack.say_in_thread("U0DANA", "#payments", &asked.ts, "and is it flaky?").await.unwrap();
    let flaky = said(&bot, &slack, &asked.ts, &further.ts, "I cannot tell").await;
    assert!(flaky.contains("acme/payments main"), "{flaky}");
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let of_bot =
        |thread: &str| slack.replies("#payments", thread).iter().filter(|post| post.user == BOT_USER).count();

    // What people say to each other there is neither answered nor kept; nor is anything in threads of others.
    let before = of_bot(&post.ts);
    let others =
        slack.say_in_thread("U0DANA", "#payments", "1700000000.000001", "is this flaky?").await.unwrap();
    assert!(others.accepted, "Slack must not send it again");
    for said in [
        "I am looking into it, marmalade",
        "who wants marmalade for lunch?",
        "<@U0EVE> who owns this marmalade?",
        "it failed again, marmalade",
    ] {
        let said = slack.say_in_thread("U0DANA", "#payments", &post.ts, said).await.unwrap();
        assert!(said.accepted);
    }
    let last = slack.say_in_thread("U0SAM", "#payments", &asked.ts, "whose move is it?").await.unwrap();
    said(&bot, &slack, &asked.ts, &last.ts, "dana-reyes").await;
    assert_eq!(of_bot(&post.ts), before, "nobody asked");
    assert!(!bot.log().contains("marmalade"), "what people say to each other is not even logged");
    assert_eq!(slack.replies("#payments", "1700000000.000001").len(), 1);
    github.assert_clean();
    slack.assert_clean();
}

/// Two things could be meant: a click on one of them asks for it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_ambiguous_is_asked_back_with_choices() {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    github.add_run(Run::failed("acme/payments", 1).branch("main").job(Job::failed("test", CARGO_TEST)));
    github.add_run(Run::failed("acme/web", 2).branch("main").job(Job::failed("build", CARGO_TEST)));
    let bot = Bot::start(&github, &slack, Database::Sqlite, SlackMode::Http, "").await;
    for id in [1, 2] {
        bot.take(&github.workflow_run_webhook(id, "completed", HOOK_SECRET)).await;
    }
    eventually(&bot, "both are told", || {
        !slack.posts("#payments").is_empty() && !slack.posts("#ci").is_empty()
    })
    .await;
    let asked = slack.mention("U0SAM", "#payments", "why did it fail?").await.unwrap();
    let back = said(&bot, &slack, &asked.ts, &asked.ts, "Which one do you mean").await;
    assert!(back.contains("web · main · CI"), "{back}");
    let message = slack.replies("#payments", &asked.ts).remove(0);
    let of_web = message
        .buttons()
        .into_iter()
        .find(|button| button["value"].as_str().is_some_and(|value| value.contains("acme/web")))
        .unwrap();
    slack.click("U0SAM", "#payments", &message.ts, of_web["action_id"].as_str().unwrap()).await.unwrap();
    said(&bot, &slack, &asked.ts, &message.ts, "latest failed run of CI on acme/web main").await;
    slack.assert_clean();
}

/// Every kind of question about a private repository, asked where it is not routed to.
#[tokio::test(flavor = "multi_thread")]
async fn no_kind_of_answer_tells_of_a_private_repository_elsewhere() {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    github.add_repo(Repo::new("acme/vault").private().file(".github/CODEOWNERS", "* @acme/strongroom\n"));
    github.add_run(Run::ended("acme/vault", 1, "success").job(Job::passed("test", "fine\n")));
    github.add_run(Run::failed("acme/vault", 2).branch("main").job(Job::failed("test", CARGO_TEST)));
    let route = "[[route]]\nrepo = \"acme/vault\"\nto = [\"slack:#payments\"]\n";
    let bot = Bot::start(&github, &slack, Database::Sqlite, SlackMode::Http, route).await;
    for id in [1, 2] {
        bot.take(&github.workflow_run_webhook(id, "completed", HOOK_SECRET)).await;
    }
    the_post(&bot, &slack, "#payments").await;
    for question in [
        "why did main of vault fail?",
        "what is broken?",
        "what is broken in acme/vault?",
        "what broke today?",
        "what broke on main of vault this week?",
        "is vault flaky?",
        "which tests are flaky?",
        "which tests of vault are flaky?",
        "who owns vault?",
        "who owns src/lib.rs in acme/vault?",
        "what changed in vault since the last green?",
        "show me the log of vault",
        "show lines 120-130 of vault",
        "has anyone seen `must round half up`?",
        "has anyone seen `must round half up` in vault?",
        "subscribe acme/vault",
        "test acme/*",
        "subscribe flakiest daily 09:00 vault",
        "list",
    ] {
        let asked = slack.mention("U0SAM", "#general", question).await.unwrap();
        eventually(&bot, &format!("an answer to “{question}”"), || {
            !slack.replies("#general", &asked.ts).is_empty()
        })
        .await;
        let told =
            slack.replies("#general", &asked.ts).into_iter().map(|post| post.shown()).collect::<String>();
        for private in
            ["1389", "rounds_half_up", "strongroom", "vault · main", "acme/vault ·", "Cache price lookups"]
        {
            assert!(!told.contains(private), "{question} tells {private}:\n{told}");
        }
    }
    github.assert_clean();
    slack.assert_clean();
}
