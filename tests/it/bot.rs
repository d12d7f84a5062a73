//! The real `whyred serve`, as a child process.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use world::discord::{self, Discord};
use world::github::{GitHub, Webhook};
use world::slack::Slack;

/// What GitHub signs webhooks with in these tests.
pub(crate) const HOOK_SECRET: &str = "hook-secret-for-tests";
/// What logs in to the API in these tests.
pub(crate) const API_TOKEN: &str = "0123456789abcdef0123456789abcdef";
/// How long anything may take that happens at once on an idle machine; these tests share two processors.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Which database the bot uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
}

/// How Slack reaches the bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SlackMode {
    Socket,
    Http,
}

/// What the configuration says about where people are.
pub(crate) struct Chat {
    /// Its name, and its kind.
    pub(crate) surface: &'static str,
    /// The lines of its table.
    pub(crate) table: String,
    /// Dana Reyes' id there.
    pub(crate) dana: &'static str,
    /// Environment variables that the table names.
    pub(crate) secrets: Vec<(&'static str, String)>,
}

impl Chat {
    /// The same, and another surface beside it.
    pub(crate) fn and(mut self, other: Self) -> Self {
        let _ = write!(self.table, "\n\n[chat.{}]\n{}", other.surface, other.table);
        self.secrets.extend(other.secrets);
        self
    }

    pub(crate) fn discord(discord: &Discord) -> Self {
        Self {
            surface: "discord",
            table: format!(
                "token = \"env:DISCORD_TOKEN\"\nguild = \"{}\"\npublic_key = \"{}\"\napi_url = \"{}\"",
                discord::GUILD,
                discord::public_key(),
                discord.api_url()
            ),
            dana: "3000000000000000002",
            secrets: vec![("DISCORD_TOKEN", discord::TOKEN.to_owned())],
        }
    }

    pub(crate) fn slack(slack: &Slack, mode: SlackMode) -> Self {
        let mode = match mode {
            SlackMode::Socket => "mode = \"socket\"\napp_token = \"env:SLACK_APP_TOKEN\"",
            SlackMode::Http => "mode = \"http\"",
        };
        Self {
            surface: "slack",
            table: format!(
                "bot_token = \"env:SLACK_BOT_TOKEN\"\nsigning_secret = \"env:SLACK_SIGNING_SECRET\"\napi_url = \"{}\"\n{mode}",
                slack.api_url()
            ),
            dana: "U0DANA",
            secrets: vec![
                ("SLACK_BOT_TOKEN", world::slack::BOT_TOKEN.to_owned()),
                ("SLACK_APP_TOKEN", world::slack::APP_TOKEN.to_owned()),
                ("SLACK_SIGNING_SECRET", world::slack::SIGNING_SECRET.to_owned()),
            ],
        }
    }
}

/// A folder, a configuration, and the process that runs on them, if it runs.
pub(crate) struct Bot {
    pub(crate) url: String,
    folder: TempDir,
    database: String,
    secrets: Vec<(&'static str, String)>,
    child: Option<Child>,
    http: reqwest::Client,
}

impl Bot {
    /// The same with Slack, which it is connected to when this returns.
    pub(crate) async fn start(
        github: &GitHub,
        slack: &Slack,
        database: Database,
        mode: SlackMode,
        further: &str,
    ) -> Self {
        let bot = Self::start_with(github, Chat::slack(slack, mode), database, further).await;
        if mode == SlackMode::Http {
            slack.call_bot_at(&bot.url);
        } else {
            assert!(
                slack.wait_until(PATIENCE, |slack| slack.sockets() > 0).await,
                "the bot connects to Slack"
            );
        }
        bot
    }

    /// Writes a configuration for these stand-ins, with `further` at its end, and starts the bot.
    pub(crate) async fn start_with(github: &GitHub, chat: Chat, database: Database, further: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let database = match database {
            Database::Sqlite => format!("sqlite:{}", folder.path().join("whyred.db").display()),
            Database::Postgres => world::postgres::new_database().expect("PostgreSQL runs"),
        };
        let Chat { surface, table, dana, secrets } = chat;
        let config = format!(
            r#"
[server]
listen = "127.0.0.1:0"
drain = "5s"

[store]
url = "env:DATABASE_URL"

[log]
filter = "whyred=debug,bot=debug,adapters=debug,info"

[ci.github]
webhook_secret = "env:GITHUB_WEBHOOK_SECRET"
token = "env:GITHUB_TOKEN"
api_url = "{}"
log_hosts = ["127.0.0.1"]

[chat.{surface}]
{table}

[[console.token]]
name = "tester"
role = "operator"
token = "env:API_TOKEN"

[knowledge]
index = "{}"

[people.dana-reyes]
{surface} = "{dana}"

[[route]]
repo = "acme/payments"
to = ["{surface}:#payments"]

[routing]
default = ["{surface}:#ci"]

{further}
"#,
            github.api_url,
            folder.path().join("index").display(),
        );
        std::fs::write(folder.path().join("whyred.toml"), config).expect("the configuration can be written");
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(20))
            .build()
            .expect("a client can be made");
        let mut bot = Self { url: String::new(), folder, database, secrets, child: None, http };
        bot.launch().await;
        bot
    }

    /// A command of the binary with this bot's configuration and secrets.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whyred"));
        command
            .current_dir(self.folder.path())
            .env("GITHUB_WEBHOOK_SECRET", HOOK_SECRET)
            .env("GITHUB_TOKEN", world::github::TOKEN)
            .envs(self.secrets.iter().map(|(name, value)| (name, value)))
            .env("API_TOKEN", API_TOKEN)
            .env("DATABASE_URL", &self.database)
            .env_remove("RUST_LOG")
            .kill_on_drop(true);
        command
    }

    /// Starts the process and waits until it says where it listens.
    pub(crate) async fn launch(&mut self) {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log_file())
            .expect("the log file can be opened");
        let mut child =
            self.command().arg("serve").stdout(Stdio::piped()).stderr(log).spawn().expect("the bot starts");
        let stdout = child.stdout.take().expect("standard output is piped");
        let mut lines = BufReader::new(stdout).lines();
        let first = tokio::time::timeout(PATIENCE, lines.next_line())
            .await
            .expect("the bot says where it listens in time")
            .expect("standard output can be read")
            .unwrap_or_else(|| panic!("the bot ended at once:\n{}", self.log()));
        let said = first.strip_prefix("listening on ").unwrap_or_else(|| panic!("first line: {first}"));
        said.clone_into(&mut self.url);
        self.child = Some(child);
    }

    /// Ends the process as a power cut would.
    pub(crate) async fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().await.expect("the process can be killed");
        }
    }

    /// Asks the process to stop, and expects it to do so in good order.
    pub(crate) async fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let pid = child.id().expect("it runs").to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status().await.expect("kill can be run");
        assert!(told.success());
        let ended = tokio::time::timeout(PATIENCE, child.wait())
            .await
            .expect("it stops in time")
            .expect("it can be waited for");
        assert!(ended.success(), "it ended with {ended}:\n{}", self.log());
    }

    /// Whether the process runs.
    pub(crate) fn runs(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| child.try_wait().is_ok_and(|ended| ended.is_none()))
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("whyred.log")
    }

    /// Where its files are.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it logged, all starts together.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// Sends a webhook as GitHub does; the status.
    pub(crate) async fn receive(&self, webhook: &Webhook) -> Result<u16, reqwest::Error> {
        let mut request = self.http.post(format!("{}/webhooks/github", self.url)).body(webhook.body.clone());
        for (name, value) in &webhook.headers {
            request = request.header(name, value);
        }
        Ok(request.send().await?.status().as_u16())
    }

    /// Sends a webhook and expects it to be taken.
    pub(crate) async fn take(&self, webhook: &Webhook) {
        assert_eq!(self.receive(webhook).await.expect("the bot answers"), 200);
    }

    /// A page of the API as JSON.
    pub(crate) async fn api(&self, path: &str) -> Value {
        let answer = self
            .http
            .get(format!("{}/api/v1/{path}", self.url))
            .bearer_auth(API_TOKEN)
            .send()
            .await
            .expect("the bot answers");
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.expect("the answer is JSON")
    }

    /// Any request.
    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Runs a command of the binary to its end: exit code, standard output, standard error.
    pub(crate) async fn run(&self, args: &[&str]) -> (i32, String, String) {
        let output = self.command().args(args).output().await.expect("the command runs");
        (
            output.status.code().unwrap_or(-1),
            String::from_utf8_lossy(&output.stdout).into_owned(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    }
}

/// Waits until something holds; fails with `what` and the bot's log if it never does.
pub(crate) async fn eventually(bot: &Bot, what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < PATIENCE, "never happened: {what}\n{}", tail(&bot.log()));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The end of a log, which is where the trouble is.
fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(60)..].join("\n")
}
