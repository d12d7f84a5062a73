//! What conversations ask to hear of, in chat and by configuration.

use world::github::{GitHub, Job, Run};
use world::slack::{BOT_USER, Failure, Slack};

use crate::bot::{Bot, Database, HOOK_SECRET, SlackMode, eventually};
use crate::samples::CARGO_TEST;

/// What the bot posted in a channel.
fn told(slack: &Slack, channel: &str) -> Vec<String> {
    let posts = slack.posts(channel).into_iter().filter(|post| post.user == BOT_USER);
    posts.map(|post| post.shown()).collect()
}

/// Says something to the bot in a channel, and gives its answer.
async fn answer(bot: &Bot, slack: &Slack, channel: &str, words: &str) -> String {
    let asked = slack.mention("U0SAM", channel, words).await.unwrap();
    eventually(bot, &format!("an answer to “{words}”"), || !slack.replies(channel, &asked.ts).is_empty())
        .await;
    slack.replies(channel, &asked.ts)[0].shown()
}

fn red(id: u64, branch: &str) -> Run {
    Run::failed("acme/payments", id).branch(branch).job(Job::failed("test", CARGO_TEST))
}

fn green(id: u64, branch: &str) -> Run {
    Run::ended("acme/payments", id, "success").branch(branch).job(Job::passed("test", "fine\n"))
}

async fn happens(bot: &Bot, github: &GitHub, run: Run) {
    let id = run.id;
    github.add_run(run);
    bot.take(&github.workflow_run_webhook(id, "completed", HOOK_SECRET)).await;
}

/// Only failures, only what is mended, only what comes and goes: each channel hears what it asked for.
#[tokio::test(flavor = "multi_thread")]
async fn which_news_are_wanted() {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    let bot = Bot::start(&github, &slack, Database::Sqlite, SlackMode::Http, "").await;
    let said = answer(&bot, &slack, "#general", "subscribe payments fixed").await;
    assert!(said.contains("payments fixed"), "{said}");
    happens(&bot, &github, red(20, "main")).await;
    eventually(&bot, "the failure is told where it is routed", || told(&slack, "#payments").len() == 1).await;
    happens(&bot, &github, green(21, "main")).await;
    eventually(&bot, "the fix is told where fixes are wanted", || {
        told(&slack, "#general").iter().any(|post| post.contains("is fixed by"))
    })
    .await;

    answer(&bot, &slack, "#general", "unsubscribe payments fixed").await;
    answer(&bot, &slack, "#general", "subscribe payments flaky").await;
    happens(&bot, &github, red(22, "topic")).await;
    eventually(&bot, "it is told where it is routed", || told(&slack, "#payments").len() == 2).await;
    let first = github.run(22).unwrap();
    let retried = Run {
        attempt: 2,
        conclusion: Some("success".to_owned()),
        jobs: vec![Job::passed("test", "fine\n")],
        earlier: vec![first.clone()],
        ..first
    };
    happens(&bot, &github, retried).await;
    eventually(&bot, "what the retry got over is told as flaky", || {
        told(&slack, "#general")
            .iter()
            .any(|post| post.contains("topic") && post.contains("fixed by a re-run"))
    })
    .await;
    assert!(!told(&slack, "#general").iter().any(|post| post.contains("broke at")), "no failure was wanted");
    github.assert_clean();
    slack.assert_clean();
}

/// What the configuration says nobody ends in chat; labels are those of the pull request.
#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_of_the_configuration_and_labels() {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    let settings = "[[subscriptions]]\nto = [\"slack:#general\"]\nfilter = \"payments label:urgent\"\n";
    let bot = Bot::start(&github, &slack, Database::Postgres, SlackMode::Http, settings).await;
    let list = answer(&bot, &slack, "#general", "list").await;
    assert!(list.contains("payments label:urgent") && list.contains("configuration file"), "{list}");
    let kept = answer(&bot, &slack, "#general", "unsubscribe payments label:urgent").await;
    assert!(kept.contains("set in the configuration file"), "{kept}");
    for (id, labels) in [(30, &["docs"][..]), (31, &["urgent", "backend"][..])] {
        let run = red(id, &format!("topic-{id}"));
        github.add_labels("acme/payments", &run.sha, labels);
        happens(&bot, &github, run).await;
        eventually(&bot, "it is told where it is routed", || {
            told(&slack, "#payments").iter().any(|post| post.contains(&format!("topic-{id}")))
        })
        .await;
    }
    let here = || -> Vec<String> {
        told(&slack, "#general").into_iter().filter(|post| post.contains("broke at")).collect()
    };
    eventually(&bot, "what is labelled is told", || !here().is_empty()).await;
    assert!(here().len() == 1 && here()[0].contains("topic-31"), "{:?}", here());
    github.assert_clean();
    slack.assert_clean();
}

/// Each day a list, where there is something to list.
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_and_goes_is_listed_each_day() {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    let settings = "[[subscriptions]]\nto = [\"slack:#general\"]\nfilter = \"flakiest daily 00:00 web\"\n";
    let bot = Bot::start(&github, &slack, Database::Sqlite, SlackMode::Http, settings).await;
    happens(&bot, &github, red(40, "main")).await;
    eventually(&bot, "it is told", || told(&slack, "#payments").len() == 1).await;
    let first = github.run(40).unwrap();
    let retried = Run {
        attempt: 2,
        conclusion: Some("success".to_owned()),
        jobs: vec![Job::passed("test", "fine\n")],
        earlier: vec![first.clone()],
        ..first
    };
    happens(&bot, &github, retried).await;
    eventually(&bot, "it is fixed", || told(&slack, "#payments")[0].contains("fixed by a re-run")).await;
    let now = jiff::Timestamp::now().strftime("%H:%M").to_string();
    let said = answer(&bot, &slack, "#payments", &format!("subscribe flakiest daily {now}")).await;
    assert!(said.contains(&format!("flakiest daily {now} UTC")), "{said}");
    let tried = answer(&bot, &slack, "#payments", &format!("test filter flakiest {now} acme/*")).await;
    assert!(tried.contains("1 failure came and then passed"), "{tried}");
    let lists = |channel: &str| {
        told(&slack, channel)
            .iter()
            .filter(|post| post.contains("1 failure came and then passed on a re-run"))
            .count()
    };
    eventually(&bot, "the list", || lists("#payments") == 1).await;
    // The next look finds it posted.
    tokio::time::sleep(std::time::Duration::from_secs(25)).await;
    assert_eq!((lists("#payments"), lists("#general")), (1, 0), "once, and nothing where there is nothing");
    github.assert_clean();
    slack.assert_clean();
}

/// A channel that is gone is told to the admins, tried again, and brought up to date when it is back.
#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_is_gone_is_told_to_the_admins() {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    let settings = "[admins]\nto = [\"slack:#general\"]\nretry = \"8s\"\n";
    let bot = Bot::start(&github, &slack, Database::Postgres, SlackMode::Http, settings).await;
    slack.fail_next("chat.postMessage", Failure::Code("is_archived".to_owned()));
    happens(&bot, &github, red(50, "main")).await;
    eventually(&bot, "the admins are told", || {
        told(&slack, "#general").iter().any(|post| {
            post.contains("I can no longer post to slack:#payments")
                && post.contains("the channel is archived")
        })
    })
    .await;
    let (code, report, _) = bot.run(&["doctor"]).await;
    assert!(code == 1 && report.contains("slack:#payments since"), "{report}");
    let page = bot.http().get(format!("{}/system", bot.url)).bearer_auth(crate::bot::API_TOKEN);
    let page = page.send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Channels that cannot be reached") && page.contains("slack:#payments"), "{page}");

    eventually(&bot, "what was missed is posted", || {
        told(&slack, "#payments").iter().any(|post| post.contains("broke at"))
    })
    .await;
    eventually(&bot, "the admins are told by the same message", || {
        told(&slack, "#general").iter().any(|post| post.contains("I can post to slack:#payments again"))
    })
    .await;
    assert_eq!((told(&slack, "#general").len(), told(&slack, "#payments").len()), (1, 1));
    let (code, report, _) = bot.run(&["doctor"]).await;
    assert_eq!(code, 0, "nothing is left of it: {report}");
    github.assert_clean();
}
