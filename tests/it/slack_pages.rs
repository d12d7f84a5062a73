//! What Slack has beside channels: shortcuts, the Home tab, assistant threads.

use world::github::GitHub;
use world::slack::Slack;

use crate::bot::{Bot, Database, HOOK_SECRET, PATIENCE, SlackMode, eventually};
use crate::main_job::{RED, payments, the_post};

async fn broken(mode: SlackMode) -> (GitHub, Slack, Bot) {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    payments(&github);
    slack.add_person("U0SAM", "sam");
    slack.set_group("platform", &["U0EVE"]);
    let sam = "[owners.\"@acme/platform\"]\nto = [\"slack:#payments\"]\ngroups = [\"slack:@platform\"]\n[people.sam]\nslack = \"sam@acme.example\"\n";
    let bot = Bot::start(&github, &slack, Database::Sqlite, mode, sam).await;
    bot.take(&github.workflow_run_webhook(RED, "completed", HOOK_SECRET)).await;
    the_post(&bot, &slack, "#payments").await;
    (github, slack, bot)
}

async fn home(bot: &Bot, slack: &Slack, person: &str, words: &str) -> String {
    slack.open_home(person).await.unwrap();
    eventually(bot, &format!("the Home tab says “{words}”"), || {
        slack.home(person).is_some_and(|shown| shown.contains(words))
    })
    .await;
    slack.home(person).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_home_tab_shows_what_concerns_one_person() {
    let (github, slack, mut bot) = broken(SlackMode::Http).await;
    let subscribed = slack.mention("U0DANA", "#general", "subscribe acme/*").await.unwrap();
    eventually(&bot, "the subscription", || !slack.replies("#general", &subscribed.ts).is_empty()).await;
    let shown = home(&bot, &slack, "U0DANA", "1 pipeline is red").await;
    assert!(shown.contains("acme/payments · main · CI"), "{shown}");
    assert!(shown.contains("acme/*") && shown.contains("this channel"), "{shown}");
    // Somebody else sees nothing of hers; whom the configuration does not name is told so.
    let shown = home(&bot, &slack, "U0EVE", "which code-host account is yours").await;
    assert!(!shown.contains("acme/payments") && shown.contains("None yet"), "{shown}");

    // Somebody whom the configuration names by their address.
    home(&bot, &slack, "U0SAM", "Nothing of yours is red").await;

    // The button asks, and the answer comes to the person alone.
    slack.click_home("U0DANA", "ask").await.unwrap();
    slack.opened_view("U0DANA", PATIENCE).await.unwrap();
    slack.send_view("U0DANA", &[("text", "what is broken?")]).await.unwrap();
    eventually(&bot, "an answer", || {
        slack.messages("DU0DANA").iter().any(|said| said.text.contains("1 pipeline is broken right now"))
    })
    .await;
    bot.stop().await;
    github.assert_clean();
    slack.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn shortcuts_ask_and_assistant_threads_answer() {
    let (_github, slack, mut bot) = broken(SlackMode::Socket).await;
    let token = "ghp_IC4nKcdxBl18hSwH3ncNfoHLxEbUQW1CdPij";
    let said = slack.mention("U0SAM", "#ci", &format!("help: {token} is refused")).await.unwrap();
    slack.message_shortcut("U0SAM", "#ci", &said.ts, "ask_about").await.unwrap();
    let view = slack.opened_view("U0SAM", PATIENCE).await.unwrap().view.to_string();
    assert!(view.contains("is refused") && !view.contains(token), "{view}");
    slack.send_view("U0SAM", &[("text", "what is broken?")]).await.unwrap();
    eventually(&bot, "an answer for one pair of eyes", || {
        slack.responses().iter().any(|said| said.to_string().contains("1 pipeline is broken right now"))
    })
    .await;
    slack.shortcut("U0SAM", "ask").await.unwrap();
    slack.opened_view("U0SAM", PATIENCE).await.unwrap();

    let begun = slack.begin_assistant_thread("U0SAM").await.unwrap();
    eventually(&bot, "questions are proposed", || slack.said_in_threads().len() == 4).await;
    slack.say_to_assistant("U0SAM", &begun.ts, "what is broken?").await.unwrap();
    eventually(&bot, "an answer in the thread", || {
        let answers = slack.replies("DU0SAM", &begun.ts);
        answers.iter().any(|said| said.text.contains("1 pipeline is broken right now"))
    })
    .await;
    assert_eq!(slack.said_in_threads()[4], "is looking into it …");
    bot.stop().await;
    slack.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_the_owners_user_group_may_do_what_owners_may() {
    let (github, slack, mut bot) = broken(SlackMode::Http).await;
    let post = slack.posts("#payments").remove(0);
    slack.click("U0HANK", "#payments", &post.ts, "rerun_failed").await.unwrap();
    eventually(&bot, "a stranger is told why not", || !slack.whispers().is_empty()).await;
    assert_eq!(github.reruns(RED), 0);
    // @acme/platform owns the repository, and Eve is in the user group that is said to be that team.
    slack.click("U0EVE", "#payments", &post.ts, "rerun_failed").await.unwrap();
    eventually(&bot, "it runs again", || github.reruns(RED) == 1).await;
    bot.stop().await;
    github.assert_clean();
    slack.assert_clean();
}
