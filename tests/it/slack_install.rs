//! The Slack app in a second workspace: installed in a browser, kept sealed, never mixed up with the first.

use reqwest::StatusCode;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use world::github::GitHub;
use world::slack::{
    APP_TOKEN, BOT_TOKEN, BOT_USER, CLIENT_ID, CLIENT_SECRET, OTHER_CHANNEL, OTHER_TEAM, OTHER_TOKEN,
    SIGNING_SECRET, Slack,
};

use crate::bot::{API_TOKEN, Bot, Chat, Database, HOOK_SECRET, PATIENCE, eventually};
use crate::main_job::{RED, payments};

/// A browser that keeps one cookie and follows nothing.
struct Browser {
    http: reqwest::Client,
    bot: String,
    cookie: String,
    state: String,
}

impl Browser {
    /// Begins an installation.
    async fn begin(bot: &Bot) -> Self {
        let http = reqwest::Client::builder().redirect(Policy::none()).timeout(PATIENCE).build().unwrap();
        let address = format!("{}/slack/install", bot.url);
        let stranger = http.get(&address).send().await.unwrap();
        assert!(
            stranger.headers()[LOCATION].to_str().unwrap().starts_with("/login"),
            "strangers log in first"
        );
        let begun = http.get(&address).bearer_auth(API_TOKEN).send().await.unwrap();
        assert_eq!(begun.status(), StatusCode::SEE_OTHER);
        let cookie = begun.headers()[SET_COOKIE].to_str().unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let to = url::Url::parse(begun.headers()[LOCATION].to_str().unwrap()).unwrap();
        assert_eq!((to.host_str(), to.path()), (Some("slack.com"), "/oauth/v2/authorize"));
        let asked = |name: &str| to.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
        assert_eq!(asked("client_id"), CLIENT_ID);
        assert_eq!(asked("redirect_uri"), format!("{}/slack/oauth_redirect", bot.url));
        let state = asked("state");
        Self { http, bot: bot.url.clone(), cookie, state }
    }

    /// Comes back from Slack.
    async fn come_back(&self, cookie: &str, query: &[(&str, &str)]) -> (StatusCode, String) {
        let address =
            url::Url::parse_with_params(&format!("{}/slack/oauth_redirect", self.bot), query).unwrap();
        let back = self.http.get(address).header(COOKIE, cookie).send().await.unwrap();
        (back.status(), back.text().await.unwrap())
    }
}

fn chat(slack: &Slack) -> Chat {
    let secrets = [
        ("SLACK_BOT_TOKEN", BOT_TOKEN),
        ("SLACK_APP_TOKEN", APP_TOKEN),
        ("SLACK_SIGNING_SECRET", SIGNING_SECRET),
        ("SLACK_CLIENT_SECRET", CLIENT_SECRET),
        ("SLACK_TOKEN_KEY", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"),
    ];
    Chat {
        surface: "slack",
        table: format!(
            "bot_token = \"env:SLACK_BOT_TOKEN\"\nsigning_secret = \"env:SLACK_SIGNING_SECRET\"\napi_url = \"{}\"\n\
             team = \"T0ACME\"\nclient_id = \"{CLIENT_ID}\"\nclient_secret = \"env:SLACK_CLIENT_SECRET\"\n\
             token_key = \"env:SLACK_TOKEN_KEY\"",
            slack.api_url()
        ),
        dana: "U0DANA",
        secrets: secrets.map(|(name, value)| (name, value.to_owned())).to_vec(),
    }
}

fn answers(slack: &Slack, thread: &str) -> usize {
    let replies = slack.replies(OTHER_CHANNEL, thread);
    replies.iter().filter(|said| said.user == BOT_USER).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_workspace_is_installed_and_kept_apart() {
    let github = GitHub::start().await;
    let slack = Slack::start().await.unwrap();
    payments(&github);
    let mut bot = Bot::start_with(&github, chat(&slack), Database::Sqlite, "").await;
    slack.call_bot_at(&bot.url);
    bot.take(&github.workflow_run_webhook(RED, "completed", HOOK_SECRET)).await;

    // What comes from a workspace that nobody installed it in is nothing to us.
    slack.act_in(Some(OTHER_TEAM));
    let unheard = slack.mention("U0HANK", "#general", "what is broken?").await.unwrap().ts;
    slack.act_in(None);

    // Forged, of another browser, refused by the person, a code that Slack does not know: nothing is installed.
    let browser = Browser::begin(&bot).await;
    let (state, cookie) = (browser.state.as_str(), browser.cookie.as_str());
    let forged = format!("{state}0");
    for (cookie, query, status) in [
        (format!("whyred_slack_install={forged}").as_str(), vec![("code", "c"), ("state", &*forged)], 403),
        ("", vec![("code", "c"), ("state", state)], 403),
        (cookie, vec![("code", "c")], 403),
        (cookie, vec![("error", "access_denied"), ("state", state)], 400),
        (cookie, vec![("code", "made-up"), ("state", state)], 400),
    ] {
        let (answered, words) = browser.come_back(cookie, &query).await;
        assert_eq!(answered.as_u16(), status, "{query:?}: {words}");
        assert!(words.contains("/slack/install"), "{words}");
    }

    let code = slack.allow_install(&format!("{}/slack/oauth_redirect", bot.url));
    let query = [("code", code.as_str()), ("state", state)];
    let (status, words) = browser.come_back(cookie, &query).await;
    assert_eq!(status, StatusCode::OK, "{words}");
    assert!(words.contains("Globex") && words.contains("slack:T0GLOBEX/#channel"), "{words}");
    assert_eq!(browser.come_back(cookie, &query).await.0, StatusCode::BAD_REQUEST, "a code is good once");

    // It answers there with the token of that workspace; the stand-in refuses any other.
    let asked = async |slack: &Slack| {
        slack.act_in(Some(OTHER_TEAM));
        let asked = slack.mention("U0HANK", OTHER_CHANNEL, "what is broken?").await.unwrap();
        slack.act_in(None);
        asked.ts
    };
    let thread = asked(&slack).await;
    eventually(&bot, "an answer there", || answers(&slack, &thread) == 1).await;
    assert!(slack.replies("#general", &unheard).is_empty(), "a stranger's workspace is answered");
    // A form there opens and is answered there.
    slack.act_in(Some(OTHER_TEAM));
    slack.command("U0HANK", OTHER_CHANNEL, "").await.unwrap();
    slack.opened_view("U0HANK", PATIENCE).await.unwrap();
    slack.send_view("U0HANK", &[("text", "what is broken?")]).await.unwrap();
    slack.act_in(None);
    eventually(&bot, "an answer to the form", || slack.responses().len() == 1).await;

    // The token is nowhere to be read, and still good after a restart.
    let mut everything = bot.log();
    for file in ["whyred.db", "whyred.db-wal"] {
        let bytes = std::fs::read(bot.folder().join(file)).unwrap_or_default();
        everything.push_str(&String::from_utf8_lossy(&bytes));
    }
    assert!(!everything.contains(OTHER_TOKEN) && everything.contains("Globex"));
    bot.stop().await;
    bot.launch().await;
    slack.call_bot_at(&bot.url);
    let thread = asked(&slack).await;
    eventually(&bot, "an answer after a restart", || answers(&slack, &thread) == 1).await;
    let (_, report, _) = bot.run(&["doctor"]).await;
    assert!(report.contains("unbroken"), "{report}");

    // The workspace takes it out: it is forgotten.
    assert!(slack.uninstall().await.unwrap().accepted);
    eventually(&bot, "the token is forgotten", || bot.log().contains("a workspace took the app out")).await;
    let thread = asked(&slack).await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert_eq!(answers(&slack, &thread), 0, "nothing is said there any more");
    bot.stop().await;
    slack.assert_clean();
}
