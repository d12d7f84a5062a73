//! Calls to Discord's REST API: the SDK's routes, our HTTP client.
//!
//! The SDK's own client sleeps through rate limits and drops what an answer says about them; the outbox wants to know, so
//! that it can wait without holding a connection and tell what arrived from what did not.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{AUTHORIZATION, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use serenity::all::{ApplicationId, ChannelId, GuildId, InteractionId, MessageId};
use serenity::http::Route;
use tokio::sync::OnceCell;
use url::Url;

use crate::chat::ChatError;
use crate::chat::discord::config::{API_URL, Config};
use crate::chat::discord::error::Refused;
use crate::chat::discord::ids::{self, At};
use crate::chat::discord::pace::Pace;
use crate::chat::discord::wire::{Application, BotGateway, Channel, Created, Guild, User};
use crate::http::{Call, Hosts, Http, HttpError, Limits};
use crate::secret::Secret;

/// How long one call may take. Discord answers within a second; after this the outcome is unknown.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The largest answer that is read: a hundred messages of the largest kind are about two megabytes.
const ANSWER_BYTES: usize = 8 * 1024 * 1024;

/// Messages that one call asks for.
const PER_PAGE: usize = 100;

/// Pages that are looked through for an interrupted post, the newest first: it was made minutes ago, not months.
const PAGES: usize = 5;

/// Why a call failed.
#[derive(Debug)]
pub(super) enum Failed {
    /// Discord says no, and why.
    Refused(Refused),
    /// There is no such answer, or no call was made.
    Chat(ChatError),
}

impl Failed {
    /// Discord's own code of the refusal; 0 for everything else.
    pub(super) fn code(&self) -> u64 {
        match self {
            Self::Refused(refused) => refused.code,
            Self::Chat(_) => 0,
        }
    }
}

/// The API with one bot's token.
pub(super) struct Client {
    surface: String,
    http: Http,
    token: Secret,
    authorization: HeaderValue,
    api_url: String,
    pace: Pace,
    me: OnceCell<User>,
}

impl Client {
    /// Connects to nothing yet. Fails if the machine has no root certificates to trust.
    pub(super) fn new(surface: &str, config: &Config) -> Result<Self, String> {
        let base = Url::parse(&config.api_url).map_err(|error| format!("is no address: {error}"))?;
        // One try: the outbox repeats, and knows better when.
        let limits = Limits { read: TIMEOUT, attempts: 1, ..Limits::default() };
        let http = Http::new(Hosts::new().allow(&base), limits).map_err(|error| error.to_string())?;
        let mut authorization = HeaderValue::from_str(&format!("Bot {}", config.token.reveal()))
            .map_err(|_| "the token holds signs that no token has: copy it again".to_owned())?;
        authorization.set_sensitive(true);
        Ok(Self {
            surface: surface.to_owned(),
            http,
            token: config.token.clone(),
            authorization,
            api_url: config.api_url.trim_end_matches('/').to_owned(),
            pace: Pace::default(),
            me: OnceCell::new(),
        })
    }

    pub(super) fn surface(&self) -> &str {
        &self.surface
    }

    pub(super) fn token(&self) -> &Secret {
        &self.token
    }

    /// Where calls go instead of to Discord itself, for the SDK.
    pub(super) fn proxy(&self) -> Option<&str> {
        (self.api_url != API_URL).then_some(self.api_url.as_str())
    }

    pub(super) async fn post(&self, channel: &str, body: &Value) -> Result<String, Failed> {
        let route = Route::ChannelMessages { channel_id: self.channel_id(channel)? };
        let created: Created = self.call(Method::POST, route, &[], Some(body)).await?;
        Ok(created.id)
    }

    pub(super) async fn edit(&self, at: &At, body: &Value) -> Result<(), Failed> {
        self.call::<Value>(Method::PATCH, self.message_route(at)?, &[], Some(body)).await.map(drop)
    }

    pub(super) async fn delete(&self, at: &At) -> Result<(), Failed> {
        self.call::<Value>(Method::DELETE, self.message_route(at)?, &[], None).await.map(drop)
    }

    /// Begins the thread of a message.
    pub(super) async fn begin_thread(&self, at: &At, name: &str) -> Result<(), Failed> {
        let (channel_id, message_id) = (self.channel_id(&at.channel)?, self.message_id(&at.message)?);
        let route = Route::ChannelMessageThreads { channel_id, message_id };
        // Closed after a week without a word; a word opens it again.
        let body = json!({"name": name, "auto_archive_duration": 10_080});
        self.call::<Value>(Method::POST, route, &[], Some(&body)).await.map(drop)
    }

    /// Opens an archived thread again.
    pub(super) async fn wake_thread(&self, thread: &str) -> Result<(), Failed> {
        let route = Route::Channel { channel_id: self.channel_id(thread)? };
        self.call::<Value>(Method::PATCH, route, &[], Some(&json!({"archived": false}))).await.map(drop)
    }

    /// The newest messages of a channel or thread, the newest first.
    pub(super) async fn history(&self, channel: &str) -> Result<Vec<Value>, Failed> {
        let route = Route::ChannelMessages { channel_id: self.channel_id(channel)? };
        let mut out: Vec<Value> = Vec::new();
        for _ in 0..PAGES {
            let mut query = vec![("limit", PER_PAGE.to_string())];
            if let Some(oldest) = out.last().and_then(|message| message["id"].as_str()) {
                query.push(("before", oldest.to_owned()));
            }
            let page: Vec<Value> = self.call(Method::GET, route, &query, None).await?;
            let last = page.len() < PER_PAGE;
            out.extend(page);
            if last {
                break;
            }
        }
        Ok(out)
    }

    pub(super) async fn channel(&self, channel: &str) -> Result<Channel, Failed> {
        let route = Route::Channel { channel_id: self.channel_id(channel)? };
        self.call(Method::GET, route, &[], None).await
    }

    /// The channels of a server.
    pub(super) async fn channels(&self, guild: &str) -> Result<Vec<Channel>, Failed> {
        let route = Route::GuildChannels { guild_id: self.guild_id(guild)? };
        self.call(Method::GET, route, &[], None).await
    }

    pub(super) async fn guild(&self, guild: &str) -> Result<Guild, Failed> {
        let route = Route::Guild { guild_id: self.guild_id(guild)? };
        self.call(Method::GET, route, &[], None).await
    }

    /// The conversation with one person alone.
    pub(super) async fn direct_channel(&self, person: &str) -> Result<String, Failed> {
        let body = json!({"recipient_id": person});
        let channel: Channel = self.call(Method::POST, Route::UserMeDmChannels, &[], Some(&body)).await?;
        Ok(channel.id)
    }

    /// Who we are.
    pub(super) async fn me(&self) -> Result<User, Failed> {
        let me = self.me.get_or_try_init(|| self.call(Method::GET, Route::UserMe, &[], None));
        me.await.cloned()
    }

    pub(super) async fn application(&self) -> Result<Application, Failed> {
        self.call(Method::GET, Route::Oauth2ApplicationCurrent, &[], None).await
    }

    /// Where the gateway is, and how often we may log in there today.
    pub(super) async fn gateway(&self) -> Result<BotGateway, Failed> {
        self.call(Method::GET, Route::GatewayBot, &[], None).await
    }

    /// Makes these the commands of the application, in place of all others.
    pub(super) async fn set_commands(&self, application: &str, commands: &Value) -> Result<(), Failed> {
        let route = Route::Commands { application_id: self.application_id(application)? };
        self.call::<Value>(Method::PUT, route, &[], Some(commands)).await.map(drop)
    }

    /// Answers an interaction for the first time: within three seconds, once.
    pub(super) async fn answer(&self, interaction: &str, token: &str, body: &Value) -> Result<(), Failed> {
        let interaction_id = InteractionId::new(self.number(interaction)?);
        let route = Route::InteractionResponse { interaction_id, token: self.word(token)? };
        self.call::<Value>(Method::POST, route, &[], Some(body)).await.map(drop)
    }

    /// Fills in a deferred answer.
    pub(super) async fn fill_in(&self, application: &str, token: &str, body: &Value) -> Result<(), Failed> {
        let application_id = self.application_id(application)?;
        let route = Route::WebhookOriginalInteractionResponse { application_id, token: self.word(token)? };
        self.call::<Value>(Method::PATCH, route, &[], Some(body)).await.map(drop)
    }

    /// Says one more thing about an interaction, for up to 15 minutes.
    pub(super) async fn follow_up(&self, application: &str, token: &str, body: &Value) -> Result<(), Failed> {
        let application_id = self.application_id(application)?;
        let route = Route::WebhookFollowupMessages { application_id, token: self.word(token)? };
        self.call::<Value>(Method::POST, route, &[], Some(body)).await.map(drop)
    }

    /// The error of a failed call about `conversation`.
    pub(super) fn error(&self, failed: Failed, conversation: &str) -> ChatError {
        match failed {
            Failed::Refused(refused) => refused.into_error(&self.surface, conversation),
            Failed::Chat(error) => error,
        }
    }

    async fn call<Answer: DeserializeOwned>(
        &self,
        method: Method,
        route: Route<'_>,
        query: &[(&str, String)],
        body: Option<&Value>,
    ) -> Result<Answer, Failed> {
        let kind = (method.clone(), route.ratelimiting_bucket());
        if let Some(after) = self.pace.wait(&kind, Instant::now()) {
            return Err(Failed::Chat(ChatError::RateLimited { surface: self.surface.clone(), after }));
        }
        let mut url = Url::parse(&route.path().replacen(API_URL, &self.api_url, 1))
            .map_err(|_| self.rejected("its address cannot be made"))?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut call = Call::new(method, url)
            .header(USER_AGENT, HeaderValue::from_static(serenity::constants::USER_AGENT))
            .asks_to_wait(never);
        // A token of an interaction is all that its routes need; ours stays here.
        if !is_of_an_interaction(&route) {
            call = call.header(AUTHORIZATION, self.authorization.clone());
        }
        if let Some(body) = body {
            call = call.body("application/json", body.to_string());
        }
        let (status, headers, answer) = match tokio::time::timeout(TIMEOUT, self.send(call)).await {
            Ok(answer) => answer.map_err(|error| self.unanswered(&error))?,
            Err(_) => return Err(self.unavailable(format!("no answer within {} s", TIMEOUT.as_secs()))),
        };
        if !status.is_success() {
            let after = headers.get("retry-after").and_then(|after| after.to_str().ok()?.parse().ok());
            let after = after.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            let refused = Refused::read(status, after, &answer);
            if status == StatusCode::TOO_MANY_REQUESTS {
                self.pace.note(&kind, &headers, refused.retry_after, Instant::now());
            }
            return Err(Failed::Refused(refused));
        }
        self.pace.note(&kind, &headers, None, Instant::now());
        let answer: &[u8] = if answer.is_empty() { b"null" } else { &answer };
        serde_json::from_slice(answer)
            .map_err(|_| self.unavailable("its answer is not what Discord answers".to_owned()))
    }

    async fn send(&self, call: Call) -> Result<(StatusCode, HeaderMap, Bytes), HttpError> {
        let answer = self.http.send(call).await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        Ok((status, headers, answer.bytes(ANSWER_BYTES).await?))
    }

    fn unanswered(&self, error: &HttpError) -> Failed {
        match error {
            HttpError::HostRefused { .. } => self.rejected(&format!("{error}: check `api_url`")),
            error => self.unavailable(error.to_string()),
        }
    }

    fn unavailable(&self, why: String) -> Failed {
        Failed::Chat(ChatError::Unavailable { surface: self.surface.clone(), why })
    }

    fn rejected(&self, why: &str) -> Failed {
        Failed::Chat(ChatError::Rejected { surface: self.surface.clone(), why: why.to_owned() })
    }

    fn message_route(&self, at: &At) -> Result<Route<'static>, Failed> {
        let (channel_id, message_id) = (self.channel_id(&at.channel)?, self.message_id(&at.message)?);
        Ok(Route::ChannelMessage { channel_id, message_id })
    }

    fn channel_id(&self, id: &str) -> Result<ChannelId, Failed> {
        self.number(id).map(ChannelId::new)
    }

    fn message_id(&self, id: &str) -> Result<MessageId, Failed> {
        self.number(id).map(MessageId::new)
    }

    fn guild_id(&self, id: &str) -> Result<GuildId, Failed> {
        self.number(id).map(GuildId::new)
    }

    fn application_id(&self, id: &str) -> Result<ApplicationId, Failed> {
        self.number(id).map(ApplicationId::new)
    }

    fn number(&self, id: &str) -> Result<u64, Failed> {
        ids::number(id).ok_or_else(|| self.no_such_place(id))
    }

    /// A token as it may stand in an address.
    fn word<'a>(&self, token: &'a str) -> Result<&'a str, Failed> {
        let plain =
            !token.is_empty() && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.=".contains(&b));
        if plain && !token.starts_with('.') { Ok(token) } else { Err(self.no_such_place("whoever asked")) }
    }

    fn no_such_place(&self, place: &str) -> Failed {
        Failed::Chat(ChatError::Undeliverable {
            surface: self.surface.clone(),
            conversation: place.to_owned(),
            why: "that is no id of Discord's: write the id of a channel, or #name".to_owned(),
        })
    }
}

/// What an answer says about waiting is read here, not below.
fn never(_: StatusCode, _: &HeaderMap) -> Option<Duration> {
    None
}

fn is_of_an_interaction(route: &Route<'_>) -> bool {
    matches!(
        route,
        Route::InteractionResponse { .. }
            | Route::WebhookOriginalInteractionResponse { .. }
            | Route::WebhookFollowupMessages { .. }
    )
}
