//! Slack: messages as Block Kit, people over the Events API or Socket Mode.
//!
//! A message that does not fit Slack's [limits] goes on in its thread. Each post carries its key in its message metadata, by
//! which an interrupted one is found again; finding needs the bot to be in the channel. The app is set up from
//! `deploy/slack-manifest.yaml`.

mod assistant;
mod buttons;
mod client;
pub mod config;
mod directory;
mod error;
mod excerpt;
mod flow;
mod form;
mod home;
pub mod limits;
mod mrkdwn;
mod page;
pub mod receive;
pub mod render;
mod socket;
mod thread;
mod unescape;
mod wire;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use slack_morphism::SlackApiToken;
use tokio_util::sync::CancellationToken;

pub use self::config::{Config, Mode};
pub use self::form::{Trigger, fits};
pub use self::page::Page;
pub use self::receive::{Path, Received};
pub use self::render::{Rendered, render};

use self::assistant::Assistant;
use self::client::Client;
use self::directory::Directory;
use self::thread::Threads;
use self::wire::{Metadata, MetadataPayload, StoredMessage};
use crate::chat::{ChatError, ChatSurface, Interaction, InteractionSink, PostRef};
use crate::form::Form;
use crate::message::Message;
use crate::params::Params;
use crate::secret::Secret;
use crate::webhook::Refusal;

/// Marks a post in its metadata.
const POST: &str = "whyred_post";

/// One Slack workspace.
pub struct Slack {
    name: String,
    client: Arc<Client>,
    threads: Threads,
    directory: Directory,
    assistant: Assistant,
    signing_secret: Option<Secret>,
    app_token: Option<SlackApiToken>,
    mode: Mode,
    /// Seconds between pings on a socket.
    ping_seconds: u64,
    /// Ids of channels by name, as Slack answered them.
    channels: Mutex<HashMap<String, String>>,
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
        let client = Arc::new(Client::new(name, config)?);
        Ok(Self {
            name: name.to_owned(),
            threads: Threads::new(Arc::clone(&client)),
            directory: Directory::new(Arc::clone(&client)),
            assistant: Assistant::new(Arc::clone(&client)),
            client,
            signing_secret: config.signing_secret.clone(),
            app_token: config.app_token.as_ref().map(|token| client::token(token.reveal())),
            mode: config.mode,
            ping_seconds: socket::PING_SECONDS,
            channels: Mutex::default(),
        })
    }

    /// How Slack tells us what people do.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// What a person goes by, for display and audit: events name people by id alone. Untrusted text.
    pub async fn name_of(&self, person: &str) -> Result<String, ChatError> {
        self.directory.name_of(person).await
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
        receive::interpret(path, body)
    }

    /// Opens a form for whoever did `interaction`, over HTTP: at once, and beside the answer that Slack waits for. If it
    /// cannot be opened, the person is told privately.
    pub fn open(&self, trigger: Option<Trigger>, interaction: Interaction, form: Form) {
        form::open_for(&self.client, trigger, interaction, form);
    }

    /// The id of a conversation that may be given by name.
    async fn channel_id(&self, conversation: &str) -> Result<String, ChatError> {
        let Some(name) = conversation.strip_prefix('#') else { return Ok(conversation.to_owned()) };
        if let Some(id) = self.known_channel(conversation) {
            return Ok(id);
        }
        let id = self.client.channel_id(name).await?;
        self.learn_channel(conversation, &id);
        Ok(id)
    }

    fn known_channel(&self, conversation: &str) -> Option<String> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner).get(conversation).cloned()
    }

    fn learn_channel(&self, conversation: &str, id: &str) {
        if conversation.starts_with('#') {
            let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
            channels.insert(conversation.to_owned(), id.to_owned());
        }
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
        let rendered = render(message);
        let channel = match thread {
            Some(thread) => thread.conversation.clone(),
            None => self.known_channel(conversation).unwrap_or_else(|| conversation.to_owned()),
        };
        let root = thread.map(|thread| thread.message.as_str());
        let post = self.client.post(&channel, root, &rendered.main, &metadata(key)).await?;
        self.learn_channel(conversation, &post.conversation);
        self.threads.begin(&post, root, &rendered.thread, key).await;
        Ok(post)
    }

    async fn edit(&self, post: &PostRef, message: &Message, key: &str) -> Result<(), ChatError> {
        let rendered = render(message);
        self.client.update(&post.conversation, &post.message, &rendered.main, &metadata(key)).await?;
        self.threads.write(post, &rendered.thread, key).await
    }

    async fn find(
        &self,
        conversation: &str,
        thread: Option<&PostRef>,
        key: &str,
    ) -> Result<Option<PostRef>, ChatError> {
        let (channel, messages) = if let Some(thread) = thread {
            let replies = self.client.replies(&thread.conversation, &thread.message).await?;
            (thread.conversation.clone(), replies)
        } else {
            let channel = self.channel_id(conversation).await?;
            let messages = self.client.history(&channel).await?;
            (channel, messages)
        };
        let found = messages.into_iter().find(|message| carries(message, key));
        Ok(found.map(|message| PostRef { conversation: channel, message: message.ts }))
    }

    async fn conversation_id(&self, conversation: &str) -> Result<String, ChatError> {
        self.channel_id(conversation).await
    }

    /// Ids of direct messages begin with D (<https://docs.slack.dev/reference/objects/conversation-object>). A person's id
    /// stands for the direct message with them.
    fn is_direct(&self, conversation: &str) -> bool {
        conversation.starts_with(['D', 'U', 'W'])
    }

    async fn whisper(&self, conversation: &str, person: &str, text: &str) -> Result<(), ChatError> {
        let channel = self.channel_id(conversation).await?;
        self.client.tell(&channel, person, &render::render_words(text)).await
    }

    /// The address takes five answers within 30 minutes.
    async fn respond(&self, address: &str, text: &str) -> Result<(), ChatError> {
        self.client.respond(address, render::render_words(text)).await
    }

    async fn show_home(&self, person: &str, page: &Message) -> Result<(), ChatError> {
        self.client.publish(person, &home::view(render(page))).await
    }

    async fn propose(&self, conversation: &str, thread: &str, questions: &[String]) -> Result<(), ChatError> {
        self.assistant.propose(conversation, thread, questions).await
    }

    async fn working(&self, conversation: &str, thread: &str, words: &str) -> Result<(), ChatError> {
        self.assistant.working(conversation, thread, words).await
    }

    async fn person_by_email(&self, address: &str) -> Result<Option<String>, ChatError> {
        self.directory.id_by_email(address).await
    }

    fn link_to(&self, conversation: &str) -> Option<String> {
        Some(format!("https://slack.com/app_redirect?channel={conversation}"))
    }

    async fn listen(&self, sink: InteractionSink, stop: CancellationToken) -> Result<(), ChatError> {
        match (self.mode, &self.app_token) {
            (Mode::Socket, Some(token)) => {
                socket::listen(&self.client, token, self.ping_seconds, sink, stop).await
            }
            _ => Ok(()),
        }
    }

    async fn check(&self) -> Result<String, ChatError> {
        let identity = self.client.identity().await?;
        Ok(format!("@{} in workspace {}", identity.user, identity.team))
    }
}

fn metadata(key: &str) -> Metadata {
    Metadata {
        event_type: POST.to_owned(),
        event_payload: MetadataPayload { key: key.to_owned(), page: None },
    }
}

fn carries(message: &StoredMessage, key: &str) -> bool {
    message.ours().is_some_and(|ours| ours.event_type == POST && ours.event_payload.key == key)
}

#[cfg(test)]
#[path = "surface_tests.rs"]
mod tests;
