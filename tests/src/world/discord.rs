//! Discord on the wire: its REST API, its gateway and its signed requests, strict about everything that Discord refuses.
//!
//! Start it, give its address and secrets to the bot, and play people: [`Discord::mention`], [`Discord::click`] and so on.
//! Interactions arrive over the bot's HTTP address if [`Discord::call_bot_at`] was told one, and over the gateway otherwise.
//! What the bot did wrong is collected; end a test with [`Discord::assert_clean`].

#[path = "discord/gateway.rs"]
mod gateway;
#[path = "discord/interactions.rs"]
mod interactions;
#[path = "discord/people.rs"]
mod people;
#[path = "discord/rest.rs"]
mod rest;
#[path = "discord/state.rs"]
mod state;
#[path = "discord/validate.rs"]
mod validate;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use axum::Router;
use axum::routing::{any, get};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use self::people::Delivery;
pub use self::state::{BOT_USER, Channel, Failure, GUILD, Posted, Whispered};
pub use self::validate::validate_message;

use self::state::{Frame, State};
use crate::Forecast;
use crate::weather::Weather;

/// The token that the API and the gateway take.
pub const TOKEN: &str = "world-discord-token";

/// What requests to the bot are signed with.
const SEED: [u8; 32] = [7; 32];

/// Between two looks at a condition that is waited for.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// The key that requests to the bot can be verified with, in hexadecimal digits.
pub fn public_key() -> String {
    key_pair().map(|pair| hex::encode(pair.public_key())).unwrap_or_default()
}

/// Signs a body as Discord does.
pub fn sign(seconds: u64, body: &[u8]) -> anyhow::Result<String> {
    let signed = [seconds.to_string().as_bytes(), body].concat();
    Ok(hex::encode(key_pair()?.sign(&signed)))
}

fn key_pair() -> anyhow::Result<Ed25519KeyPair> {
    Ed25519KeyPair::from_seed_unchecked(&SEED).ok().context("the seed makes no key")
}

/// What all handlers share.
#[derive(Clone)]
struct Shared {
    state: Arc<Mutex<State>>,
    address: Arc<str>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A server named Acme with the channels `#general`, `#payments` and `#ci`, all of which the bot `whyred` may see.
pub struct Discord {
    shared: Shared,
    http: reqwest::Client,
    server: JoinHandle<()>,
}

impl Drop for Discord {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Discord {
    /// Listens on a free port of this machine.
    pub async fn start() -> anyhow::Result<Self> {
        // Another test may have installed it; either way there is one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address: Arc<str> = listener.local_addr()?.to_string().into();
        let shared = Shared { state: Arc::new(Mutex::new(State::new())), address };
        let routes = Router::new()
            .route("/api/v10/{*path}", any(rest::handle))
            .route("/gateway", get(gateway::open))
            .route("/gateway/", get(gateway::open))
            .with_state(shared.clone());
        let server = tokio::spawn(async move {
            // It ends when the handle is dropped.
            let _ = axum::serve(listener, routes).await;
        });
        let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?;
        Ok(Self { shared, http, server })
    }

    /// For `api_url`.
    pub fn api_url(&self) -> String {
        format!("http://{}", self.shared.address)
    }

    /// From now on interactions go to `{base}/discord/interactions`, signed, instead of through the gateway.
    pub fn call_bot_at(&self, base: &str) {
        self.shared.lock().bot = Some(base.trim_end_matches('/').to_owned());
    }

    /// Adds or replaces a channel.
    pub fn set_channel(&self, channel: Channel) {
        self.shared.lock().channels.insert(channel.id.clone(), channel);
    }

    /// A channel or thread, by id or `#name`.
    pub fn channel(&self, channel: &str) -> Option<Channel> {
        self.shared.lock().channel(channel).cloned()
    }

    /// Puts a thread to sleep.
    pub fn archive(&self, thread: &str) {
        if let Some(thread) = self.shared.lock().channels.get_mut(thread) {
            thread.archived = true;
        }
    }

    /// Adds a person; whoever acts is added by acting.
    pub fn add_person(&self, id: &str, name: &str) {
        self.shared.lock().users.insert(id.to_owned(), name.to_owned());
    }

    /// The next call of this kind (`POST channels/messages`) fails like this; several queue up.
    pub fn fail_next(&self, call: &str, failure: Failure) {
        self.shared.lock().failures.entry(call.to_owned()).or_default().push_back(failure);
    }

    /// Every channel takes one post per `interval`; `None` takes any number.
    pub fn limit_posts(&self, interval: Option<Duration>) {
        self.shared.lock().post_interval = interval;
    }

    /// From now on calls go wrong at random; `None` ends it. The same seed makes the same calls go wrong.
    pub fn set_weather(&self, forecast: Option<Forecast>, seed: u64) {
        self.shared.lock().weather = forecast.map(|forecast| Weather::new(forecast, seed));
    }

    /// The token that is taken from now on.
    pub fn change_token(&self, token: &str) {
        token.clone_into(&mut self.shared.lock().token);
    }

    /// How often the bot may still log in to the gateway today.
    pub fn set_logins_left(&self, logins: u64) {
        self.shared.lock().logins_left = logins;
    }

    /// Nothing is known any more of messages that were made a few minutes ago: their nonces are forgotten.
    pub fn forget_nonces(&self) {
        self.shared.lock().nonces.clear();
    }

    /// All messages of a channel or thread, the oldest first.
    pub fn messages(&self, channel: &str) -> Vec<Posted> {
        let state = self.shared.lock();
        let id = state.channel(channel).map(|channel| channel.id.clone());
        id.and_then(|id| state.messages.get(&id).cloned()).unwrap_or_default()
    }

    /// The bot's messages of a channel, the oldest first.
    pub fn posts(&self, channel: &str) -> Vec<Posted> {
        let mut messages = self.messages(channel);
        messages.retain(|message| message.user == BOT_USER);
        messages
    }

    /// One message as it stands now.
    pub fn message(&self, channel: &str, id: &str) -> Option<Posted> {
        self.messages(channel).into_iter().find(|message| message.id == id)
    }

    /// What was told to single people.
    pub fn whispers(&self) -> Vec<Whispered> {
        self.shared.lock().whispers.clone()
    }

    /// The registered commands.
    pub fn commands(&self) -> Value {
        self.shared.lock().commands.clone()
    }

    /// All calls so far, in order, without their ids.
    pub fn calls(&self) -> Vec<String> {
        self.shared.lock().calls.clone()
    }

    /// How many calls were refused for haste.
    pub fn refused(&self) -> u64 {
        self.shared.lock().refused
    }

    /// Whether the bot is connected to the gateway.
    pub fn is_connected(&self) -> bool {
        self.shared.lock().session.as_ref().is_some_and(|session| session.socket.is_some())
    }

    /// How often the bot logged in anew, and how often it went on where it was.
    pub fn logins(&self) -> (u64, u64) {
        let state = self.shared.lock();
        (state.identifies, state.resumes)
    }

    /// Asks the bot to connect again, as Discord does when it renews its servers.
    pub fn renew_connection(&self) {
        let ask = serde_json::json!({"op": 7, "d": null, "s": null, "t": null}).to_string();
        self.to_socket(Frame::Text(ask));
    }

    /// Cuts the connection without a word.
    pub fn cut_connection(&self) {
        self.to_socket(Frame::Drop);
    }

    /// Closes the connection with a code of Discord's.
    pub fn close_connection(&self, code: u16) {
        self.to_socket(Frame::Close(code));
    }

    /// Reports the last event once more.
    pub fn repeat_last(&self) {
        self.shared.lock().repeat_last();
    }

    fn to_socket(&self, frame: Frame) {
        if let Some(socket) = self.shared.lock().session.as_ref().and_then(|session| session.socket.as_ref())
        {
            let _ = socket.send(frame);
        }
    }

    /// Waits until the condition holds; `false` if it does not within `limit`.
    pub async fn wait_until(&self, limit: Duration, holds: impl Fn(&Self) -> bool) -> bool {
        let start = Instant::now();
        while !holds(self) {
            if start.elapsed() > limit {
                return false;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        true
    }

    /// What the bot did that Discord forbids or that loses something.
    pub fn violations(&self) -> Vec<String> {
        self.shared.lock().violations.clone()
    }

    /// Fails the test if there is any violation.
    pub fn assert_clean(&self) {
        let violations = self.violations();
        assert!(violations.is_empty(), "the bot breaks Discord's rules:\n{}", violations.join("\n"));
    }
}
