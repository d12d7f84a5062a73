//! The parameters of a Discord server: `[chat.discord]`.

use ring::signature::ED25519_PUBLIC_KEY_LEN;

use crate::chat::discord::ids;
use crate::params::Params;
use crate::secret::Secret;

/// Discord's own address; another one serves a proxy, or a test.
pub const API_URL: &str = "https://discord.com";

/// How Discord tells us what people do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// We hold a WebSocket to Discord: needs no public address.
    Gateway,
    /// Discord calls us, for commands and buttons alone: mentions and direct messages come over the gateway only.
    Http,
}

/// How messages are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A card with a coloured edge under a headline.
    Embeds,
    /// Text alone: for people who switched cards off, or whose readers skip them.
    Text,
}

/// A server to talk to.
#[derive(Debug, Clone)]
pub struct Config {
    /// The bot's token: what the bot does, it does with this.
    pub token: Secret,
    /// Id of the server. What happens on others that the bot was invited to is not listened to.
    pub guild: String,
    /// The application's Ed25519 key: proves that an HTTP request comes from Discord.
    pub public_key: Option<[u8; ED25519_PUBLIC_KEY_LEN]>,
    /// How Discord tells us what people do.
    pub mode: Mode,
    /// How messages are drawn.
    pub style: Style,
    /// Where the API is, without `/api` and without a slash at its end.
    pub api_url: String,
}

impl Config {
    /// Reads the table. Faults are noted in `params`; with any of them there is no configuration.
    pub fn read(params: &Params) -> Option<Self> {
        let faults_before = params.faults().len();
        let token = params.required_secret("token", "env:DISCORD_TOKEN");
        let guild = params.required_text("guild", "1034567890123456789");
        let public_key = params.text("public_key");
        let mode = match params.choice("mode", &["gateway", "http"], "gateway") {
            "http" => Mode::Http,
            _ => Mode::Gateway,
        };
        let style = match params.choice("style", &["embeds", "text"], "embeds") {
            "text" => Style::Text,
            _ => Style::Embeds,
        };
        let api_url = params.url("api_url", API_URL);

        if params.has("guild") && ids::number(&guild).is_none() {
            params.fault(
                "guild",
                "is no id: switch on Developer Mode in Discord, right-click the server and choose Copy Server ID",
            );
        }
        if ["Bot ", "Bearer "].iter().any(|lead| token.reveal().starts_with(lead)) {
            params.fault("token", "begins with a word of its own: give the token alone");
        }
        let key = public_key.as_deref().and_then(read_key);
        if public_key.is_some() && key.is_none() {
            params.fault(
                "public_key",
                "must be 64 hexadecimal digits: copy it from the application's page General Information",
            );
        }
        if mode == Mode::Http && public_key.is_none() {
            params.fault(
                "public_key",
                "is missing for mode = \"http\": copy it from the application's page General Information",
            );
        }
        (params.faults().len() == faults_before).then_some(Self {
            token,
            guild,
            public_key: key,
            mode,
            style,
            api_url,
        })
    }
}

fn read_key(text: &str) -> Option<[u8; ED25519_PUBLIC_KEY_LEN]> {
    hex::decode(text.trim()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;

    fn read(text: &str) -> (Option<Config>, String) {
        let env = |name: &str| (name == "TOKEN").then(|| "t".to_owned());
        let root = Params::root(text.parse().unwrap(), Rc::new(env));
        let config = Config::read(&root);
        let faults = root.fault_list();
        root.finish();
        let faults = faults.borrow().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        (config, faults)
    }

    #[test]
    fn a_token_and_a_server_are_enough() {
        let (config, faults) = read("token = \"env:TOKEN\"\nguild = \"1034567890123456789\"");
        assert_eq!(faults, "");
        let config = config.unwrap();
        assert_eq!(
            (config.mode, config.style, config.api_url.as_str()),
            (Mode::Gateway, Style::Embeds, API_URL)
        );
        let key = "ab".repeat(32);
        let (config, faults) = read(&format!(
            "token = \"env:TOKEN\"\nguild = \"1034567890123456789\"\nmode = \"http\"\npublic_key = \"{key}\"\nstyle = \"text\""
        ));
        assert_eq!(faults, "");
        let config = config.unwrap();
        assert_eq!(
            (config.mode, config.style, config.public_key),
            (Mode::Http, Style::Text, Some([0xab; 32]))
        );
    }

    #[test]
    fn faults_say_what_to_write() {
        let (config, faults) = read("guild = \"Acme\"\nmode = \"http\"\ntokn = \"env:TOKEN\"");
        assert!(config.is_none());
        insta::assert_snapshot!(faults);
        let (config, faults) =
            read("token = \"env:TOKEN\"\nguild = \"1034567890123456789\"\npublic_key = \"abc\"");
        assert!(config.is_none());
        insta::assert_snapshot!(faults, @"public_key: must be 64 hexadecimal digits: copy it from the application's page General Information");
    }
}
