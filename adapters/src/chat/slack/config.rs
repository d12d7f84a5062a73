//! The parameters of a Slack workspace: `[chat.slack]`.

use crate::chat::slack::installs::Installs;
use crate::params::Params;
use crate::seal::SealingKey;
use crate::secret::Secret;

/// Slack's own address; another one serves a proxy, or a test.
pub const API_URL: &str = "https://slack.com/api";

/// How Slack tells us what people do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Slack calls us: needs a public address and the signing secret.
    Http,
    /// We hold a WebSocket to Slack: needs an app-level token, and no public address.
    Socket,
}

/// A workspace to talk to.
#[derive(Debug, Clone)]
pub struct Config {
    /// `xoxb-…`: what the bot does, it does with this.
    pub bot_token: Secret,
    /// Proves that an HTTP request comes from Slack.
    pub signing_secret: Option<Secret>,
    /// `xapp-…`: opens the sockets of Socket Mode.
    pub app_token: Option<Secret>,
    /// How Slack tells us what people do.
    pub mode: Mode,
    /// What it takes to be installed in further workspaces, if wanted.
    pub installs: Option<Installs>,
    /// Where the Web API is, without a slash at its end.
    pub api_url: String,
}

impl Config {
    /// Reads the table. Faults are noted in `params`; with any of them there is no configuration.
    pub fn read(params: &Params) -> Option<Self> {
        let faults_before = params.faults().len();
        let bot_token = params.required_secret("bot_token", "env:SLACK_BOT_TOKEN");
        let signing_secret = params.secret("signing_secret");
        let app_token = params.secret("app_token");
        let default = if params.has("app_token") { "socket" } else { "http" };
        let mode = if params.choice("mode", &["http", "socket"], default) == "socket" {
            Mode::Socket
        } else {
            Mode::Http
        };
        let api_url = params.url("api_url", API_URL);

        if bot_token.reveal().starts_with("xapp-") {
            params.fault(
                "bot_token",
                "is an app-level token: put it into `app_token`, and the one that starts with xoxb- here",
            );
        }
        if app_token.as_ref().is_some_and(|token| token.reveal().starts_with("xoxb-")) {
            params.fault(
                "app_token",
                "is a bot token: put it into `bot_token`, and the one that starts with xapp- here",
            );
        }
        if mode == Mode::Http && !params.has("signing_secret") {
            params.fault(
                "signing_secret",
                "is missing: write for example `signing_secret = \"env:SLACK_SIGNING_SECRET\"`, or give an `app_token` for Socket Mode",
            );
        }
        if mode == Mode::Socket && !params.has("app_token") {
            params.fault(
                "app_token",
                "is missing for Socket Mode: write for example `app_token = \"env:SLACK_APP_TOKEN\"`",
            );
        }
        let installs = installs(params);
        (params.faults().len() == faults_before).then_some(Self {
            bot_token,
            signing_secret,
            app_token,
            mode,
            installs,
            api_url,
        })
    }
}

/// All four keys, or none.
fn installs(params: &Params) -> Option<Installs> {
    let keys = ["client_id", "client_secret", "token_key", "team"];
    let (client_id, team) = (params.text("client_id"), params.text("team"));
    let (client_secret, token_key) = (params.secret("client_secret"), params.secret("token_key"));
    if !keys.iter().any(|key| params.has(key)) {
        return None;
    }
    for key in keys.iter().filter(|key| !params.has(key)) {
        params.fault(key, "is missing: `client_id`, `client_secret`, `token_key` and `team` belong together");
    }
    let key =
        SealingKey::read(&token_key?).map_err(|error| params.fault("token_key", error.to_string())).ok()?;
    Some(Installs { client_id: client_id?, client_secret: client_secret?, team: team?, key })
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;

    fn read(text: &str) -> (Option<Config>, String) {
        let env = |name: &str| match name {
            "BOT" => Some("xoxb-1".to_owned()),
            "APP" => Some("xapp-1".to_owned()),
            "SIGN" => Some("s".to_owned()),
            _ => None,
        };
        let root = Params::root(text.parse().unwrap(), Rc::new(env));
        let config = Config::read(&root);
        let faults = root.fault_list();
        root.finish();
        let faults = faults.borrow().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        (config, faults)
    }

    #[test]
    fn an_app_token_means_socket_mode() {
        let (config, faults) = read("bot_token = \"env:BOT\"\napp_token = \"env:APP\"");
        assert_eq!(faults, "");
        let config = config.unwrap();
        assert_eq!((config.mode, config.api_url.as_str()), (Mode::Socket, API_URL));
        let (config, _) = read("bot_token = \"env:BOT\"\nsigning_secret = \"env:SIGN\"");
        assert_eq!(config.unwrap().mode, Mode::Http);
    }

    #[test]
    fn installing_takes_four_keys() {
        let (config, faults) = read(
            "bot_token = \"env:BOT\"\nsigning_secret = \"env:SIGN\"\nclient_id = \"1.2\"\ntoken_key = \"env:SIGN\"",
        );
        assert!(config.is_none());
        insta::assert_snapshot!(faults, @r"
        client_secret: is missing: `client_id`, `client_secret`, `token_key` and `team` belong together
        team: is missing: `client_id`, `client_secret`, `token_key` and `team` belong together
        token_key: the key must be 64 hexadecimal digits: make one with `openssl rand -hex 32`
        ");
    }

    #[test]
    fn faults_say_what_to_write() {
        let (config, faults) = read("bot_token = \"env:APP\"\nmode = \"socket\"\napp_token = \"env:BOT\"");
        assert!(config.is_none());
        insta::assert_snapshot!(faults, @r"
        bot_token: is an app-level token: put it into `app_token`, and the one that starts with xoxb- here
        app_token: is a bot token: put it into `bot_token`, and the one that starts with xapp- here
        ");
        let (config, faults) = read("mode = \"http\"\nsigning_sekret = \"env:SIGN\"");
        assert!(config.is_none());
        insta::assert_snapshot!(faults, @r#"
        bot_token: is missing: write for example `bot_token = "env:SLACK_BOT_TOKEN"`
        signing_secret: is missing: write for example `signing_secret = "env:SLACK_SIGNING_SECRET"`, or give an `app_token` for Socket Mode
        signing_sekret: unknown key: did you mean `signing_secret`?
        "#);
    }
}
