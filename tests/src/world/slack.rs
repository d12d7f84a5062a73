//! Slack on the wire: its Web API, its signed requests and its sockets, strict about everything that Slack refuses.
//!
//! Start it, give its addresses and secrets to the bot, and play people: [`Slack::mention`], [`Slack::click`] and so on
//! arrive over the bot's HTTP addresses if [`Slack::call_bot_at`] was told one, and over Socket Mode otherwise. What the bot
//! did wrong is collected; end a test with [`Slack::assert_clean`].

#[path = "slack/install.rs"]
mod install;
#[path = "slack/methods.rs"]
mod methods;
#[path = "slack/pages.rs"]
mod pages;
#[path = "slack/people.rs"]
mod people;
#[path = "slack/socket.rs"]
mod socket;
#[path = "slack/state.rs"]
mod state;
#[path = "slack/validate.rs"]
mod validate;
#[path = "slack/views.rs"]
mod views;
#[path = "slack/web_api.rs"]
mod web_api;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::{any, get, post};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use self::install::{CLIENT_ID, CLIENT_SECRET, OTHER_CHANNEL, OTHER_TEAM, OTHER_TOKEN};
pub use self::people::Delivery;
pub use self::state::{Ack, BOT_USER, Channel, Failure, Posted, Whispered};
pub use self::validate::validate_message;
pub use self::views::View;
pub use self::web_api::scopes;

use self::state::{Frame, State};
use crate::Forecast;
use crate::weather::Weather;

/// The token that the Web API takes.
pub const BOT_TOKEN: &str = "xoxb-world-bot";

/// The token that opens sockets.
pub const APP_TOKEN: &str = "xapp-world-app";

/// Signs requests to the bot.
pub const SIGNING_SECRET: &str = "world-signing-secret";

/// How long a click can open a modal.
const TRIGGER_LIFE: Duration = Duration::from_secs(3);

/// Between two looks at a condition that is waited for.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

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

/// A workspace named Acme with the channels `#general`, `#payments` and `#ci`, which the bot `@whyred` is in.
pub struct Slack {
    shared: Shared,
    http: reqwest::Client,
    server: JoinHandle<()>,
}

impl Drop for Slack {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Slack {
    /// Listens on a free port of this machine.
    pub async fn start() -> anyhow::Result<Self> {
        // Another test may have installed it; either way there is one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address: Arc<str> = listener.local_addr()?.to_string().into();
        let shared = Shared { state: Arc::new(Mutex::new(State::new())), address };
        let routes = Router::new()
            .route("/api/oauth.v2.access", get(install::access))
            .route("/api/{method}", any(web_api::handle))
            .route("/link/", get(socket::open))
            .route("/commands/{number}", post(web_api::respond))
            .route("/actions/{number}", post(web_api::respond))
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
        format!("http://{}/api", self.shared.address)
    }

    /// From now on people's doings go to `{base}/slack/events` and so on, signed, instead of through a socket.
    pub fn call_bot_at(&self, base: &str) {
        self.shared.lock().bot = Some(base.trim_end_matches('/').to_owned());
    }

    /// Adds or replaces a channel.
    pub fn set_channel(&self, channel: Channel) {
        self.shared.lock().channels.insert(channel.id.clone(), channel);
    }

    /// Adds a person; whoever acts is added by acting.
    pub fn add_person(&self, id: &str, name: &str) {
        self.shared.lock().users.insert(id.to_owned(), name.to_owned());
    }

    /// Makes a user group of these people.
    pub fn set_group(&self, handle: &str, people: &[&str]) {
        let people = people.iter().map(|id| (*id).to_owned()).collect();
        self.shared.lock().groups.insert(handle.to_owned(), people);
    }

    /// The next call of `method` fails like this; several queue up.
    pub fn fail_next(&self, method: &str, failure: Failure) {
        self.shared.lock().failures.entry(method.to_owned()).or_default().push_back(failure);
    }

    /// Every channel takes one post per `interval`, as the real one does per second; `None` takes any number.
    pub fn limit_posts(&self, interval: Option<Duration>) {
        self.shared.lock().post_interval = interval;
    }

    /// From now on calls go wrong at random; `None` ends it. The same seed makes the same calls go wrong.
    pub fn set_weather(&self, forecast: Option<Forecast>, seed: u64) {
        self.shared.lock().weather = forecast.map(|forecast| Weather::new(forecast, seed));
    }

    /// While silent, calls are taken and never answered: the way of being dead that costs the caller most.
    pub fn be_silent(&self, silent: bool) {
        self.shared.lock().silent = silent;
    }

    /// How many calls were refused for haste.
    pub fn refused(&self) -> u64 {
        self.shared.lock().refused
    }

    /// Takes a scope away from the app.
    pub fn remove_scope(&self, scope: &str) {
        self.shared.lock().missing_scopes.insert(scope.to_owned());
    }

    /// Makes all tokens invalid.
    pub fn revoke_tokens(&self) {
        self.shared.lock().revoked = true;
    }

    /// How long an acknowledgement may take before an envelope is delivered again: 3 s unless a test is in a hurry.
    pub fn ack_within(&self, limit: Duration) {
        self.shared.lock().ack_within = limit;
    }

    /// From now on addresses for late answers live this long, not half an hour.
    pub fn late_answers_live(&self, life: Duration) {
        self.shared.lock().response_life = life;
    }

    /// All messages of a channel, given by id or by name, the oldest first; replies among them.
    pub fn messages(&self, channel: &str) -> Vec<Posted> {
        let state = self.shared.lock();
        let id = state.channel(channel).map(|channel| channel.id.clone());
        id.and_then(|id| state.messages.get(&id).cloned()).unwrap_or_default()
    }

    /// The bot's messages of a channel that begin threads, the oldest first.
    pub fn posts(&self, channel: &str) -> Vec<Posted> {
        let mut messages = self.messages(channel);
        messages.retain(|message| message.user == BOT_USER && message.thread_ts.is_none());
        messages
    }

    /// The replies in a thread, the oldest first.
    pub fn replies(&self, channel: &str, thread: &str) -> Vec<Posted> {
        let mut messages = self.messages(channel);
        messages.retain(|message| message.thread_ts.as_deref() == Some(thread));
        messages
    }

    /// One message as it stands now.
    pub fn message(&self, channel: &str, ts: &str) -> Option<Posted> {
        self.messages(channel).into_iter().find(|message| message.ts == ts)
    }

    /// What was told to single people.
    pub fn whispers(&self) -> Vec<Whispered> {
        self.shared.lock().whispers.clone()
    }

    /// What came to the addresses for late answers, in order.
    pub fn responses(&self) -> Vec<serde_json::Value> {
        self.shared.lock().responses.clone()
    }

    /// Names of all methods called so far, in order.
    pub fn calls(&self) -> Vec<String> {
        self.shared.lock().calls.clone()
    }

    /// Acknowledgements over sockets, in order.
    pub fn acks(&self) -> Vec<Ack> {
        self.shared.lock().acks.clone()
    }

    /// How many sockets are open now.
    pub fn sockets(&self) -> usize {
        self.shared.lock().sockets.len()
    }

    /// How many sockets were ever opened.
    pub fn sockets_opened(&self) -> u64 {
        self.shared.lock().sockets_opened
    }

    /// Says over each socket that it will be dropped soon, and drops those that are still there after `grace`.
    pub async fn renew_sockets(&self, grace: Duration) {
        let old: Vec<_> = {
            let mut state = self.shared.lock();
            state.fewest_sockets = state.sockets.len();
            state.sockets.iter().map(|socket| socket.frames.clone()).collect()
        };
        let ask = serde_json::json!({"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": "world"}});
        for socket in &old {
            let _ = socket.send(Frame::Text(ask.to_string()));
        }
        tokio::time::sleep(grace).await;
        for socket in &old {
            let _ = socket.send(Frame::Close);
        }
    }

    /// The fewest sockets that were open at once since they were last asked to be renewed.
    pub fn fewest_sockets(&self) -> usize {
        self.shared.lock().fewest_sockets
    }

    /// Makes all sockets fall silent: they stay open, and nothing comes through any more.
    pub fn freeze_sockets(&self) {
        for socket in &self.shared.lock().sockets {
            let _ = socket.frames.send(Frame::Freeze);
        }
    }

    /// Cuts all sockets without a word.
    pub fn cut_sockets(&self) {
        for socket in &self.shared.lock().sockets {
            let _ = socket.frames.send(Frame::Drop);
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

    /// What the bot did that Slack forbids or that loses something.
    pub fn violations(&self) -> Vec<String> {
        self.shared.lock().violations.clone()
    }

    /// Fails the test if there is any violation.
    pub fn assert_clean(&self) {
        let violations = self.violations();
        assert!(violations.is_empty(), "the bot breaks Slack's rules:\n{}", violations.join("\n"));
    }
}
