//! The gateway: the SDK keeps the WebSocket open, we take what it reports.
//!
//! Discord reports each thing once. So what cannot be stored at once is tried again for a while; of a command or button the
//! person is told within the three seconds that Discord allows, and may try again. Nothing is answered before it is stored.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use serenity::all::{
    ClientBuilder, Context, EventHandler, GatewayError, GatewayIntents, Interaction as Reported, Message,
    Reaction, Ready,
};
use serenity::http::HttpBuilder;
use tokio_util::sync::CancellationToken;

use crate::chat::discord::client::Client;
use crate::chat::discord::config::Mode;
use crate::chat::discord::places::{Place, Places};
use crate::chat::discord::receive::{self, Received};
use crate::chat::discord::tickets::Tickets;
use crate::chat::discord::{ids, said};
use crate::chat::{ChatError, Interaction, InteractionSink, Reply};

/// How long storing may take. Discord waits 3 s for the answer; the rest is for the way.
const STORE_WITHIN: Duration = Duration::from_secs(2);

/// Waits between tries to store what nobody is told of if it is lost.
const TRY_AGAIN: [Duration; 5] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(30),
];

/// How long the socket may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(3);

/// The longest wait for the day's next login.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// What listening shares with the rest of the surface.
#[derive(Clone)]
pub(super) struct Parts {
    pub(super) client: Arc<Client>,
    pub(super) places: Arc<Places>,
    pub(super) tickets: Arc<Tickets>,
}

/// Registers the command, then listens until `stop`. Fails at once if the token is not accepted; the SDK connects again by
/// itself, resuming where it was.
pub(super) async fn listen(
    parts: Parts,
    mode: Mode,
    sink: InteractionSink,
    stop: CancellationToken,
) -> Result<(), ChatError> {
    let client = Arc::clone(&parts.client);
    let told = |failed| client.error(failed, "the server");
    let own = client.me().await.map_err(told)?.id;
    let application = client.application().await.map_err(told)?.id;
    client.set_commands(&application, &receive::commands()).await.map_err(told)?;
    if mode == Mode::Http {
        return Ok(());
    }
    let gateway = client.gateway().await.map_err(told)?;
    let logins = &gateway.session_start_limit;
    if logins.remaining == 0 {
        let after = Duration::from_millis(logins.reset_after).min(LONGEST_WAIT);
        return Err(ChatError::RateLimited { surface: client.surface().to_owned(), after });
    }
    let mut http = HttpBuilder::new(client.token().reveal()).ratelimiter_disabled(true);
    if let Some(proxy) = client.proxy() {
        http = http.proxy(proxy);
    }
    let intents = GatewayIntents::GUILDS
        | GatewayIntents::GUILD_MESSAGES
        | GatewayIntents::DIRECT_MESSAGES
        | GatewayIntents::GUILD_MESSAGE_REACTIONS
        | GatewayIntents::DIRECT_MESSAGE_REACTIONS;
    let reader = Reader { parts, own, sink, stop: stop.clone() };
    let builder = ClientBuilder::new_with_http(http.build(), intents).event_handler(reader);
    let unavailable = |why: String| ChatError::Unavailable { surface: client.surface().to_owned(), why };
    let mut sdk = builder.await.map_err(|error| unavailable(error.to_string()))?;
    // Where it asked in vain the SDK would go to Discord's own address, whatever is configured.
    *sdk.ws_url.lock().await = gateway.url;
    let shards = Arc::clone(&sdk.shard_manager);
    tokio::select! {
        () = stop.cancelled() => {
            let _ = tokio::time::timeout(GOODBYE, shards.shutdown_all()).await;
            Ok(())
        }
        ended = sdk.start() => Err(match ended {
            Err(serenity::Error::Gateway(GatewayError::InvalidAuthentication)) => ChatError::Denied {
                surface: client.surface().to_owned(),
                why: "the gateway does not accept the token: copy it again from the application's page Bot".to_owned(),
            },
            Err(error) => unavailable(format!("the gateway ended: {error}")),
            Ok(()) => unavailable("the gateway ended".to_owned()),
        }),
    }
}

/// Reads what is reported.
struct Reader {
    parts: Parts,
    own: String,
    sink: InteractionSink,
    stop: CancellationToken,
}

#[async_trait]
impl EventHandler for Reader {
    async fn ready(&self, _: Context, ready: Ready) {
        tracing::info!(bot = ready.user.name, servers = ready.guilds.len(), "connected to Discord");
    }

    async fn interaction_create(&self, _: Context, reported: Reported) {
        let (id, token) = (reported.id().to_string(), reported.token().to_owned());
        let received = receive::interpret(reported, self.parts.places.guild());
        received.keep_ticket(&self.parts.tickets);
        match received {
            Received::Interaction { interaction, answer, .. } => {
                let answer = match self.taken_in_time(*interaction).await {
                    Some(Reply::Taken) => answer,
                    Some(Reply::Open(form)) => receive::opened(&form),
                    None => receive::not_taken(),
                };
                self.answer(&id, &token, &answer).await;
            }
            Received::Answer(answer) => self.answer(&id, &token, &answer).await,
            Received::Ping => {}
            Received::Nothing(why) => tracing::debug!(id, why, "an interaction is of no use here"),
        }
    }

    async fn message(&self, _: Context, message: Message) {
        if !said::speaks_to_us(&message, &self.own, self.parts.places.guild()) {
            return;
        }
        let direct = message.guild_id.is_none();
        let Some(place) = self.place(&message.channel_id.to_string(), direct).await else { return };
        self.store_patiently(said::said(&message, &self.own, place)).await;
    }

    async fn reaction_add(&self, _: Context, reaction: Reaction) {
        self.reacted(&reaction, true).await;
    }

    async fn reaction_remove(&self, _: Context, reaction: Reaction) {
        self.reacted(&reaction, false).await;
    }
}

impl Reader {
    async fn reacted(&self, reaction: &Reaction, added: bool) {
        let Some(sign) = said::sign(reaction, &self.own, self.parts.places.guild()) else { return };
        let moment = jiff::Timestamp::now().as_millisecond();
        let direct = reaction.guild_id.is_none();
        let Some(place) = self.place(&reaction.channel_id.to_string(), direct).await else { return };
        if let Some(interaction) = said::reacted(reaction, sign, added, place, moment) {
            self.store_patiently(interaction).await;
        }
    }

    /// Where a channel is. A message in a thread does not say what that thread hangs on.
    async fn place(&self, channel: &str, direct: bool) -> Option<Place> {
        if direct {
            return Some(Place { conversation: ids::direct(channel), thread: None });
        }
        for wait in TRY_AGAIN {
            match self.parts.places.of(channel).await {
                Ok(place) => return Some(place),
                Err(error) if error.is_transient() && !self.stop.is_cancelled() => {
                    tracing::warn!(channel, %error, "where something was said is not known yet");
                    tokio::time::sleep(wait).await;
                }
                Err(error) => {
                    tracing::warn!(channel, %error, "what was said there is lost");
                    return None;
                }
            }
        }
        None
    }

    async fn taken_in_time(&self, interaction: Interaction) -> Option<Reply> {
        let id = interaction.id.clone();
        match tokio::time::timeout(STORE_WITHIN, (self.sink)(interaction)).await {
            Ok(Ok(reply)) => Some(reply),
            Ok(Err(error)) => {
                tracing::warn!(%error, id, "not taken; the person is told to try again");
                None
            }
            Err(_) => {
                tracing::warn!(id, "storing took too long; the person is told to try again");
                None
            }
        }
    }

    async fn store_patiently(&self, interaction: Interaction) {
        let id = interaction.id.clone();
        for wait in TRY_AGAIN {
            let Err(error) = (self.sink)(interaction.clone()).await else { return };
            tracing::warn!(%error, id, "not stored yet; Discord will not say it again, so this is tried again");
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
        }
        tracing::error!(id, "what somebody said could not be stored and is lost");
    }

    async fn answer(&self, id: &str, token: &str, answer: &Value) {
        if let Err(failed) = self.parts.client.answer(id, token, answer).await {
            let error = self.parts.client.error(failed, "whoever acted");
            tracing::warn!(id, %error, "an interaction could not be acknowledged");
        }
    }
}
