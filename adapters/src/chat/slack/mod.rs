//! Slack: messages as Block Kit, people over the Events API or Socket Mode.
//!
//! A message that does not fit Slack's [limits] goes on in its thread. Each post carries its key in its message metadata, by
//! which an interrupted one is found again; finding needs the bot to be in the channel. The app is set up from
//! `deploy/slack-manifest.yaml`.
//!
//! The app may be installed in further workspaces ([`installs`]). Ids of the one that the token in the configuration belongs
//! to stand as they are; those of others carry the workspace before them (`T012AB3CD/C045EF6GH`), so that nothing of one is
//! taken for something of another.

mod assistant;
mod buttons;
mod client;
pub mod config;
mod error;
mod excerpt;
mod flow;
mod form;
mod home;
pub mod installs;
pub mod limits;
mod mrkdwn;
mod page;
pub mod receive;
pub mod render;
mod second_opinion;
mod socket;
mod teams;
mod thread;
mod unescape;
mod wire;
mod workspace;

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use slack_morphism::SlackApiToken;
use tokio_util::sync::CancellationToken;

pub use self::config::{Config, Mode};
pub use self::form::{Trigger, fits};
pub use self::installs::{Installed, Installs};
pub use self::page::Page;
pub use self::receive::{Path, Received};
pub use self::render::{Rendered, render};

use self::teams::Teams;
use crate::chat::{ChatError, ChatSurface, Interaction, InteractionSink, PostRef};
use crate::form::Form;
use crate::message::Message;
use crate::params::Params;
use crate::secret::Secret;
use crate::webhook::Refusal;

/// The Slack app, in one workspace or several.
pub struct Slack {
    name: String,
    teams: Arc<Teams>,
    installs: Option<Installs>,
    signing_secret: Option<Secret>,
    app_token: Option<SlackApiToken>,
    mode: Mode,
    /// Seconds between pings on a socket.
    ping_seconds: u64,
}

/// Builds the surface from its table. `None` if anything is wrong with it; the faults are noted in `params`.
pub fn build(name: &str, params: &Params) -> Option<Arc<Slack>> {
    let config = Config::read(params)?;
    match Slack::new(name, &config) {
        Ok(slack) => Some(Arc::new(slack)),
        Err(why) => {
            params.fault("api_url", why);
            None
        }
    }
}

impl Slack {
    /// The surface, connected to nothing yet. Fails if the machine has no root certificates to trust.
    pub fn new(name: &str, config: &Config) -> Result<Self, String> {
        Ok(Self {
            name: name.to_owned(),
            teams: Arc::new(Teams::new(name, config)?),
            installs: config.installs.clone(),
            signing_secret: config.signing_secret.clone(),
            app_token: config.app_token.as_ref().map(|token| client::token(token.reveal())),
            mode: config.mode,
            ping_seconds: socket::PING_SECONDS,
        })
    }

    /// How Slack tells us what people do.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// What it takes to be installed in further workspaces, if that is configured.
    pub fn installs(&self) -> Option<&Installs> {
        self.installs.as_ref()
    }

    /// Trades the code that Slack sent a browser back with for the workspace's token.
    pub async fn exchange(
        &self,
        installs: &Installs,
        code: &str,
        redirect: &str,
    ) -> Result<Installed, ChatError> {
        self.teams.home().client.exchange(installs, code, redirect).await
    }

    /// Talks from now on to that workspace too. Fails if the machine has no root certificates to trust.
    pub fn add_team(&self, team: &str, token: &Secret) -> Result<(), String> {
        self.teams.add(team, token)
    }

    /// The further workspaces that are known now.
    pub fn teams(&self) -> Vec<String> {
        self.teams.names_of_others()
    }

    /// Knows nothing of that workspace any more.
    pub fn remove_team(&self, team: &str) {
        self.teams.remove(team);
    }

    /// Verifies and reads one HTTP request of Slack's. `body` is the raw body.
    pub fn receive_http(
        &self,
        path: Path,
        headers: &http::HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Received, Refusal> {
        let Some(secret) = &self.signing_secret else {
            return Err(Refusal::Unverified(
                "no `signing_secret` is configured to verify it with".to_owned(),
            ));
        };
        receive::verify(secret, headers, body, now)?;
        Ok(self.teams.placed(receive::interpret(path, body)?))
    }

    /// Opens a form for whoever did `interaction`, over HTTP: at once, and beside the answer that Slack waits for. If it
    /// cannot be opened, the person is told privately.
    pub fn open(&self, trigger: Option<Trigger>, interaction: Interaction, form: Form) {
        form::open_for(&self.teams, trigger, interaction, form);
    }
}

#[async_trait]
impl ChatSurface for Slack {
    fn name(&self) -> &str {
        &self.name
    }

    async fn post(
        &self,
        conversation: &str,
        thread: Option<&PostRef>,
        message: &Message,
        key: &str,
    ) -> Result<PostRef, ChatError> {
        let place = thread.map_or(conversation, |thread| thread.conversation.as_str());
        let (at, _) = self.teams.at(place)?;
        let thread = thread.map(teams::bare);
        let message = teams::for_team(teams::team_of(place), message);
        let post = at.post(teams::id_in(conversation), thread.as_ref(), &message, key).await?;
        Ok(teams::whole(teams::team_of(place), post))
    }

    async fn edit(&self, post: &PostRef, message: &Message, key: &str) -> Result<(), ChatError> {
        let (at, _) = self.teams.at(&post.conversation)?;
        let message = teams::for_team(teams::team_of(&post.conversation), message);
        at.edit(&teams::bare(post), &message, key).await
    }

    async fn find(
        &self,
        conversation: &str,
        thread: Option<&PostRef>,
        key: &str,
    ) -> Result<Option<PostRef>, ChatError> {
        let place = thread.map_or(conversation, |thread| thread.conversation.as_str());
        let (at, _) = self.teams.at(place)?;
        let thread = thread.map(teams::bare);
        let found = at.find(teams::id_in(conversation), thread.as_ref(), key).await?;
        Ok(found.map(|post| teams::whole(teams::team_of(place), post)))
    }

    async fn conversation_id(&self, conversation: &str) -> Result<String, ChatError> {
        let (at, name) = self.teams.at(conversation)?;
        let id = at.channel_id(name).await?;
        Ok(teams::id_of(teams::team_of(conversation), &id))
    }

    /// Ids of direct messages begin with D (<https://docs.slack.dev/reference/objects/conversation-object>). A person's id
    /// stands for the direct message with them.
    fn is_direct(&self, conversation: &str) -> bool {
        teams::id_in(conversation).starts_with(['D', 'U', 'W'])
    }

    async fn whisper(&self, conversation: &str, person: &str, text: &str) -> Result<(), ChatError> {
        let (at, channel) = self.teams.at(conversation)?;
        at.whisper(channel, teams::id_in(person), text).await
    }

    /// The address takes five answers within 30 minutes.
    async fn respond(&self, address: &str, text: &str) -> Result<(), ChatError> {
        self.teams.home().client.respond(address, render::render_words(text)).await
    }

    async fn show_home(&self, person: &str, page: &Message) -> Result<(), ChatError> {
        let (at, id) = self.teams.at(person)?;
        at.show_home(id, page).await
    }

    async fn propose(&self, conversation: &str, thread: &str, questions: &[String]) -> Result<(), ChatError> {
        let (at, channel) = self.teams.at(conversation)?;
        at.assistant.propose(channel, thread, questions).await
    }

    async fn working(&self, conversation: &str, thread: &str, words: &str) -> Result<(), ChatError> {
        let (at, channel) = self.teams.at(conversation)?;
        at.assistant.working(channel, thread, words).await
    }

    async fn person_by_email(&self, address: &str) -> Result<Option<String>, ChatError> {
        self.teams.home().person_by_email(address).await
    }

    async fn members_of(&self, group: &str) -> Result<Vec<String>, ChatError> {
        let (at, handle) = self.teams.at(group)?;
        let members = at.client.members_of(handle.trim_start_matches('@')).await?;
        Ok(members.iter().map(|member| teams::id_of(teams::team_of(group), member)).collect())
    }

    fn link_to(&self, conversation: &str) -> Option<String> {
        let team = teams::team_of(conversation).map(|team| format!("&team={team}")).unwrap_or_default();
        Some(format!("https://slack.com/app_redirect?channel={}{team}", teams::id_in(conversation)))
    }

    async fn listen(&self, sink: InteractionSink, stop: CancellationToken) -> Result<(), ChatError> {
        match (self.mode, &self.app_token) {
            (Mode::Socket, Some(token)) => {
                socket::listen(&self.teams, token, self.ping_seconds, sink, stop).await
            }
            _ => Ok(()),
        }
    }

    async fn check(&self) -> Result<String, ChatError> {
        let identity = self.teams.home().client.identity().await?;
        if let Some(team) = self.teams.home_team().filter(|team| *team != identity.team_id) {
            return Err(ChatError::Denied {
                surface: self.name.clone(),
                why: format!("`team` says {team}, but the bot token is of {}: write that", identity.team_id),
            });
        }
        let further = match self.teams().len() {
            0 => String::new(),
            number => format!(", and in {number} more by installation"),
        };
        Ok(format!("@{} in workspace {}{further}", identity.user, identity.team))
    }
}

#[cfg(test)]
#[path = "surface_tests.rs"]
mod tests;
