//! Installing the app in further workspaces: OAuth v2.
//!
//! Somebody whom we know is sent to Slack with a state that we signed; Slack sends their browser back with it and with a code,
//! which is traded for the workspace's token. Steps: <https://docs.slack.dev/authentication/installing-with-oauth>.

use jiff::Timestamp;
use slack_morphism::{SlackClientId, SlackClientSecret};
use url::Url;

use crate::seal::SealingKey;
use crate::secret::Secret;

/// Where people allow the installation. Slack has one such place, wherever its Web API is configured to be.
const AUTHORIZE: &str = "https://slack.com/oauth/v2/authorize";

/// Seconds that somebody may take to decide.
pub const STATE_SECONDS: i64 = 600;

/// What the bot may do: the scopes of `deploy/slack-manifest.yaml`.
pub const SCOPES: [&str; 15] = [
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "channels:read",
    "chat:write",
    "chat:write.public",
    "commands",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "reactions:read",
    "usergroups:read",
    "users:read",
    "users:read.email",
];

/// What it takes to be installed in further workspaces.
#[derive(Debug, Clone)]
pub struct Installs {
    /// Of the app.
    pub(super) client_id: String,
    /// Of the app.
    pub(super) client_secret: Secret,
    /// The workspace that the configured token is of.
    pub(super) team: String,
    /// Seals tokens before they are stored, and signs states.
    pub(super) key: SealingKey,
}

/// The app is in one more workspace.
#[derive(Debug, Clone)]
pub struct Installed {
    /// Id of the workspace.
    pub team: String,
    /// Its name. Untrusted text.
    pub name: String,
    /// `xoxb-…`
    pub token: Secret,
    /// Who installed it, by the workspace's id.
    pub by: String,
}

/// Why a browser that came back is sent away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// Not ours, or changed, or of another browser.
    #[error("this did not begin here: begin again at /slack/install")]
    Forged,
    /// Too late.
    #[error("that took too long: begin again at /slack/install")]
    Expired,
}

impl Installs {
    /// Id of the workspace that the configured token is of.
    pub fn home(&self) -> &str {
        &self.team
    }

    /// Where to send the browser.
    pub fn address(&self, redirect: &str, state: &str) -> Url {
        #[expect(clippy::expect_used, reason = "the address is a constant, and tried by a test")]
        let mut address = Url::parse(AUTHORIZE).expect("a valid constant");
        address
            .query_pairs_mut()
            .append_pair("client_id", &self.client_id)
            .append_pair("scope", &SCOPES.join(","))
            .append_pair("redirect_uri", redirect)
            .append_pair("state", state);
        address
    }

    /// What comes back with the browser: who began, until when it is good, and a number that is given out once. Signed.
    pub fn state(&self, who: &str, nonce: &str, now: Timestamp) -> String {
        let claim = format!("{}.{}.{nonce}", hex::encode(who), now.as_second() + STATE_SECONDS);
        let signature = self.key.sign(&claim);
        format!("{claim}.{signature}")
    }

    /// Who began.
    ///
    /// # Errors
    /// It is not ours, or too old.
    pub fn began(&self, state: &str, now: Timestamp) -> Result<String, StateError> {
        let (claim, signature) = state.rsplit_once('.').ok_or(StateError::Forged)?;
        if !self.key.signed(claim, signature) {
            return Err(StateError::Forged);
        }
        let mut parts = claim.split('.');
        let who = parts.next().and_then(|who| hex::decode(who).ok()).ok_or(StateError::Forged)?;
        let until: i64 = parts.next().and_then(|until| until.parse().ok()).ok_or(StateError::Forged)?;
        if now.as_second() >= until {
            return Err(StateError::Expired);
        }
        String::from_utf8(who).map_err(|_| StateError::Forged)
    }

    /// A workspace's token as it may be stored.
    pub fn seal(&self, team: &str, token: &Secret) -> Result<String, crate::seal::SealError> {
        self.key.seal(team, token)
    }

    /// A workspace's token as it was stored.
    pub fn unseal(&self, team: &str, sealed: &str) -> Result<Secret, crate::seal::SealError> {
        self.key.open(team, sealed)
    }

    pub(super) fn credentials(&self) -> (SlackClientId, SlackClientSecret) {
        (SlackClientId(self.client_id.clone()), SlackClientSecret(self.client_secret.reveal().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installs(key: &str) -> Installs {
        Installs {
            client_id: "1.2".into(),
            client_secret: Secret::new("s"),
            team: "T0ACME".into(),
            key: SealingKey::read(&Secret::new(key.repeat(64))).unwrap(),
        }
    }

    #[test]
    fn a_state_is_ours_and_fresh() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let later = |seconds: i64| Timestamp::from_second(1_800_000_000 + seconds).unwrap();
        let state = installs("a").state("sam.the.operator", "0123", now);
        assert_eq!(installs("a").began(&state, later(599)).as_deref(), Ok("sam.the.operator"));
        assert_eq!(installs("a").began(&state, later(600)), Err(StateError::Expired));
        assert_eq!(installs("b").began(&state, now), Err(StateError::Forged));
        let longer = state.replace("1800000600", "1900000600");
        for forged in ["", ".", "a.b.c", &longer, &state[1..]] {
            assert_eq!(installs("a").began(forged, now), Err(StateError::Forged), "{forged}");
        }
    }

    #[test]
    fn the_address_asks_for_what_the_manifest_asks_for() {
        let address = installs("a").address("https://whyred.example.org/slack/oauth_redirect", "s");
        let scope = address.query_pairs().find(|(name, _)| name == "scope").unwrap().1.into_owned();
        let manifest = include_str!("../../../../deploy/slack-manifest.yaml");
        let manifest: serde_json::Value = serde_saphyr::from_str(manifest).unwrap();
        let asked = manifest.pointer("/oauth_config/scopes/bot").unwrap().as_array().unwrap();
        let asked: Vec<&str> = asked.iter().map(|scope| scope.as_str().unwrap()).collect();
        assert_eq!(scope, asked.join(","));
        assert!(address.as_str().starts_with("https://slack.com/oauth/v2/authorize?client_id=1.2&"));
    }
}
