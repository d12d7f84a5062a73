//! Discord: messages as embeds with buttons, people over the gateway or over HTTP.
//!
//! A message that does not fit Discord's [limits] goes on in the thread that it starts. Each post carries a mark, by which an
//! interrupted one is found again. No privileged intent is needed: what mentions the bot or is said to it alone carries its
//! words anyway. The application is set up as `deploy/connect/discord.md` says.

mod buttons;
mod client;
pub mod config;
mod error;
mod excerpt;
mod form;
mod gateway;
mod ids;
pub mod limits;
mod markup;
mod pace;
mod page;
mod places;
pub mod receive;
pub mod render;
mod said;
mod thread;
mod tickets;
mod wire;

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use jiff::Timestamp;
use ring::signature::ED25519_PUBLIC_KEY_LEN;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

pub use self::config::{Config, Mode, Style};
pub use self::form::fits;
pub use self::page::{Card, Page, Row};
pub use self::receive::Received;
pub use self::render::{Rendered, render};

use self::client::Client;
use self::page::Mark;
use self::places::Places;
use self::thread::Threads;
use self::tickets::{Ticket, Tickets};
use crate::chat::{ChatError, ChatSurface, InteractionSink, PostRef};
use crate::form::Form;
use crate::message::Message;
use crate::params::Params;
use crate::webhook::Refusal;

/// One Discord server.
pub struct Discord {
    name: String,
    client: Arc<Client>,
    places: Arc<Places>,
    tickets: Arc<Tickets>,
    threads: Threads,
    public_key: Option<[u8; ED25519_PUBLIC_KEY_LEN]>,
    mode: Mode,
    style: Style,
}

/// Builds the surface from its table. `None` if anything is wrong with it; the faults are noted in `params`.
pub fn build(name: &str, params: &Params) -> Option<Arc<Discord>> {
    let config = Config::read(params)?;
    match Discord::new(name, &config) {
        Ok(discord) => Some(Arc::new(discord)),
        Err(why) => {
            params.fault("api_url", why);
            None
        }
    }
}

impl Discord {
    /// The surface, connected to nothing yet. Fails if the machine has no root certificates to trust.
    pub fn new(name: &str, config: &Config) -> Result<Self, String> {
        let client = Arc::new(Client::new(name, config)?);
        Ok(Self {
            name: name.to_owned(),
            places: Arc::new(Places::new(Arc::clone(&client), &config.guild)),
            tickets: Arc::default(),
            threads: Threads::new(Arc::clone(&client)),
            client,
            public_key: config.public_key,
            mode: config.mode,
            style: config.style,
        })
    }

    /// Verifies and reads one HTTP request of Discord's. `body` is the raw body.
    pub fn receive_http(
        &self,
        headers: &http::HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Received, Refusal> {
        let Some(key) = &self.public_key else {
            return Err(Refusal::Unverified("no `public_key` is configured to verify it with".to_owned()));
        };
        receive::verify(key, headers, body, now)?;
        let received = receive::interpret_body(body, self.places.guild())?;
        received.keep_ticket(&self.tickets);
        Ok(received)
    }

    /// The answer that shows a form.
    pub fn form(&self, form: &Form) -> Value {
        receive::opened(form)
    }

    /// What to answer instead if something could not be stored: the person may try again.
    pub fn not_taken(&self) -> Value {
        receive::not_taken()
    }

    async fn tell_directly(&self, person: &str, pages: &[Page]) -> Result<(), ChatError> {
        let told = async {
            let channel = self.client.direct_channel(person).await?;
            for page in pages {
                self.client.post(&channel, &page.body(None)).await?;
            }
            Ok(())
        };
        told.await.map_err(|failed| self.client.error(failed, "a person alone"))
    }
}

#[async_trait]
impl ChatSurface for Discord {
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
        let rendered = render(message, self.style);
        let mark = Mark::of(key, 0);
        let post = if let Some(thread) = thread {
            let made = self.threads.say(thread, &rendered.name, &rendered.main, &mark).await;
            let made = made.map_err(|failed| self.client.error(failed, conversation))?;
            let direct = ids::is_direct(&thread.conversation);
            let within = (!direct).then(|| ids::thread(thread));
            PostRef { conversation: thread.conversation.clone(), message: ids::message(within, &made) }
        } else {
            let id = self.places.id_of(conversation).await?;
            let made = self.client.post(ids::channel(&id), &rendered.main.new_body(&mark, None)).await;
            let made = made.map_err(|failed| {
                self.places.forget(conversation);
                self.client.error(failed, conversation)
            })?;
            PostRef { conversation: id, message: made }
        };
        self.threads.begin(&post, &rendered.name, &rendered.thread, key).await;
        Ok(post)
    }

    async fn edit(&self, post: &PostRef, message: &Message, key: &str) -> Result<(), ChatError> {
        let rendered = render(message, self.style);
        let body = rendered.main.body(Some(&Mark::of(key, 0)));
        let edited = self.threads.edit(&ids::at(post), &body).await;
        edited.map_err(|failed| self.client.error(failed, &post.conversation))?;
        self.threads.write(post, &rendered.name, &rendered.thread, key).await
    }

    async fn find(
        &self,
        conversation: &str,
        thread: Option<&PostRef>,
        key: &str,
    ) -> Result<Option<PostRef>, ChatError> {
        let (id, within) = match thread {
            Some(thread) if !ids::is_direct(&thread.conversation) => {
                (thread.conversation.clone(), Some(ids::thread(thread)))
            }
            Some(thread) => (thread.conversation.clone(), None),
            None => (self.places.id_of(conversation).await?, None),
        };
        let found = async {
            let messages = match self.client.history(within.unwrap_or_else(|| ids::channel(&id))).await {
                Err(failed) if within.is_some() && failed.code() == error::UNKNOWN_CHANNEL => Vec::new(),
                messages => messages?,
            };
            let own = self.client.me().await?.id;
            let found = messages.iter().find(|message| {
                message["author"]["id"] == own.as_str() && Mark::page_of(message, key) == Some(0)
            });
            Ok(found.and_then(|message| message["id"].as_str()).map(|found| ids::message(within, found)))
        };
        let found = found.await.map_err(|failed| self.client.error(failed, conversation))?;
        Ok(found.map(|message| PostRef { conversation: id, message }))
    }

    async fn conversation_id(&self, conversation: &str) -> Result<String, ChatError> {
        self.places.id_of(conversation).await
    }

    fn is_direct(&self, conversation: &str) -> bool {
        ids::is_direct(conversation)
    }

    /// For the person's eyes where they did something within the last minutes, otherwise in a direct message.
    async fn whisper(&self, conversation: &str, person: &str, text: &str) -> Result<(), ChatError> {
        let id = self.places.id_of(conversation).await?;
        let pages = render::render_words(text);
        if let Some(ticket) = self.tickets.of(&id, person, Instant::now()) {
            match self.answer_privately(&ticket, &pages).await {
                Err(error) if !error.is_transient() => {
                    tracing::debug!(%error, "a private answer becomes a direct message");
                }
                outcome => return outcome,
            }
        }
        self.tell_directly(person, &pages).await
    }

    async fn respond(&self, address: &str, text: &str) -> Result<(), ChatError> {
        let ticket = Ticket::from_address(address).ok_or_else(|| ChatError::Undeliverable {
            surface: self.name.clone(),
            conversation: "whoever asked".to_owned(),
            why: "the address for late answers is not Discord's".to_owned(),
        })?;
        let pages = render::render_words(text);
        let Some((first, further)) = pages.split_first() else { return Ok(()) };
        let filled = self.client.fill_in(&ticket.application, &ticket.token, &first.body(None)).await;
        filled.map_err(|failed| self.client.error(failed, "whoever asked"))?;
        self.answer_privately(&ticket, further).await
    }

    async fn listen(&self, sink: InteractionSink, stop: CancellationToken) -> Result<(), ChatError> {
        let parts = gateway::Parts {
            client: Arc::clone(&self.client),
            places: Arc::clone(&self.places),
            tickets: Arc::clone(&self.tickets),
        };
        gateway::listen(parts, self.mode, sink, stop).await
    }

    async fn check(&self) -> Result<String, ChatError> {
        let seen = async {
            let me = self.client.me().await?;
            let guild = self.client.guild(self.places.guild()).await?;
            let application = self.client.application().await?;
            Ok((me, guild, application))
        };
        let (me, guild, application) =
            seen.await.map_err(|failed| self.client.error(failed, "the server"))?;
        if self.public_key.is_some_and(|key| !application.verify_key.eq_ignore_ascii_case(&hex::encode(key)))
        {
            return Err(ChatError::Denied {
                surface: self.name.clone(),
                why: "`public_key` is not this application's: copy it from its page General Information"
                    .to_owned(),
            });
        }
        Ok(format!("@{} in server {}", me.username, guild.name))
    }
}

impl Discord {
    async fn answer_privately(&self, ticket: &Ticket, pages: &[Page]) -> Result<(), ChatError> {
        for page in pages {
            let said = self.client.follow_up(&ticket.application, &ticket.token, &page.private_body()).await;
            said.map_err(|failed| self.client.error(failed, "whoever asked"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "surface_tests.rs"]
mod tests;
