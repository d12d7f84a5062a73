//! Socket Mode: slack-morphism keeps each socket open, we hold several and read the frames.
//!
//! Two sockets are held, so that one stays while the other is lost. When Slack announces that it will drop one, another is
//! opened first, and the old one is closed once the new one has been greeted. A socket that answers no pings is half-open: it
//! is given up. An envelope is acknowledged once what it says is stored; if that fails or takes too long it is not, and Slack
//! delivers it again. Frames carry the same bodies as the HTTP addresses and are read by the same functions, so that ids agree
//! and the inbox knows what it has seen.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use serde_json::json;
use slack_morphism::api::SlackApiAppsConnectionOpenRequest;
use slack_morphism::clients_manager::{SlackSocketModeClientsManager, SlackSocketModeClientsManagerFactory};
use slack_morphism::hyper_tokio::SlackHyperListenerEnvironment;
use slack_morphism::{
    SlackApiToken, SlackClientSocketModeConfig, SlackSocketModeClientListener, SlackSocketModeWssClientId,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::chat::slack::client::Client;
use crate::chat::slack::form;
use crate::chat::slack::receive::{Received, interpret_command, interpret_event, interpret_interaction};
use crate::chat::slack::teams::Teams;
use crate::chat::slack::wire::Envelope;
use crate::chat::{ChatError, InteractionSink, Reply};
use crate::webhook::Refusal;

/// How long storing may take. Slack waits 3 s for the acknowledgement; the rest is for the way.
const STORE_WITHIN: Duration = Duration::from_millis(2500);

/// Sockets held at once, of the ten that Slack allows; while they are renewed there are twice as many.
const SOCKETS: u32 = 2;

/// Between opening the first socket and the second, so that Slack does not drop them at once.
const STAGGER: Duration = Duration::from_secs(1);

/// Seconds until a connection that failed is tried again; a socket that was lost sooner waits as long too.
const RECONNECT_SECONDS: u64 = 5;

/// Seconds between pings; a socket that answers none for twice as long is given up.
pub(super) const PING_SECONDS: u64 = 10;

/// Pings that may stay unanswered.
const UNANSWERED_PINGS: u64 = 2;

/// Listens until `stop`. Fails at once if the app-level token is not accepted; everything else is tried again.
pub(super) async fn listen(
    teams: &Arc<Teams>,
    app_token: &SlackApiToken,
    ping_seconds: u64,
    sink: InteractionSink,
    stop: CancellationToken,
) -> Result<(), ChatError> {
    let client = &teams.home().client;
    try_token(client, app_token).await?;
    let (news, mut told) = mpsc::unbounded_channel();
    let parts = Parts {
        teams: Arc::clone(teams),
        client: Arc::clone(client),
        token: app_token.clone(),
        ping_seconds,
        sink,
        stop,
        news,
    };
    let mut held = Held { sockets: Vec::new(), opened: 0, parts };
    for number in 0..SOCKETS {
        held.parts.open_after(STAGGER * number);
    }
    loop {
        let news = tokio::select! {
            () = held.parts.stop.cancelled() => break,
            news = told.recv() => news,
        };
        match news {
            Some(News::Open) => held.open(None).await?,
            Some(News::Greeted(number)) => held.greeted(number).await,
            Some(News::Renew(number)) => held.renew(number).await?,
            Some(News::Lost(number)) => held.lost(number).await,
            None => break,
        }
    }
    for socket in &held.sockets {
        socket.manager.shutdown().await;
    }
    Ok(())
}

/// What sockets say about themselves.
enum News {
    /// It is time for one more.
    Open,
    /// Slack says hello.
    Greeted(u64),
    /// Slack will drop it soon.
    Renew(u64),
    /// It is gone, or answers no more.
    Lost(u64),
}

/// What sockets share.
#[derive(Clone)]
struct Parts {
    teams: Arc<Teams>,
    client: Arc<Client>,
    token: SlackApiToken,
    ping_seconds: u64,
    sink: InteractionSink,
    stop: CancellationToken,
    news: mpsc::UnboundedSender<News>,
}

impl Parts {
    fn open_after(&self, pause: Duration) {
        let (news, stop) = (self.news.clone(), self.stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(pause) => drop(news.send(News::Open)),
            }
        });
    }
}

/// One socket.
struct Socket {
    number: u64,
    since: Instant,
    manager: Arc<dyn SlackSocketModeClientsManager + Send + Sync>,
    /// Which one it takes the place of.
    replaces: Option<u64>,
}

/// The sockets that are open or being opened.
struct Held {
    sockets: Vec<Socket>,
    opened: u64,
    parts: Parts,
}

impl Held {
    async fn open(&mut self, replaces: Option<u64>) -> Result<(), ChatError> {
        self.opened += 1;
        let (number, client) = (self.opened, &self.parts.client);
        let environment = Arc::new(SlackHyperListenerEnvironment::new(Arc::new(client.sdk().clone())));
        let manager = client.sdk().http_api.connector.new_clients_manager(environment);
        let config = SlackClientSocketModeConfig::new()
            .with_max_connections_count(1)
            .with_reconnect_timeout_in_seconds(RECONNECT_SECONDS)
            .with_ping_interval_in_seconds(self.parts.ping_seconds)
            .with_ping_failure_threshold_times(UNANSWERED_PINGS);
        let reader = Arc::new(Reader { number, parts: self.parts.clone() });
        let registered = manager.register_new_token(&config, self.parts.token.clone(), reader);
        client.within_time("Socket Mode", registered).await?;
        manager.start().await;
        self.sockets.push(Socket { number, since: Instant::now(), manager, replaces });
        Ok(())
    }

    /// The new one works: the old one may go.
    async fn greeted(&mut self, number: u64) {
        let socket = self.sockets.iter_mut().find(|socket| socket.number == number);
        if let Some(old) = socket.and_then(|socket| socket.replaces.take()) {
            self.close(old).await;
        }
    }

    async fn renew(&mut self, number: u64) -> Result<(), ChatError> {
        let known = self.sockets.iter().any(|socket| socket.number == number);
        if known && !self.is_being_replaced(number) {
            self.open(Some(number)).await?;
        }
        Ok(())
    }

    async fn lost(&mut self, number: u64) {
        let replaced = self.is_being_replaced(number);
        let Some(lost) = self.close(number).await else { return };
        // One that is to replace it is on its way.
        if !replaced {
            let soon = lost.since.elapsed() < Duration::from_secs(RECONNECT_SECONDS);
            let pause = if soon { Duration::from_secs(RECONNECT_SECONDS) } else { Duration::ZERO };
            self.parts.open_after(pause);
        }
    }

    fn is_being_replaced(&self, number: u64) -> bool {
        self.sockets.iter().any(|socket| socket.replaces == Some(number))
    }

    async fn close(&mut self, number: u64) -> Option<Socket> {
        let at = self.sockets.iter().position(|socket| socket.number == number)?;
        let socket = self.sockets.swap_remove(at);
        socket.manager.shutdown().await;
        Some(socket)
    }
}

/// The SDK tries a refused token for ever and says so only in the log: ask once before.
async fn try_token(client: &Client, app_token: &SlackApiToken) -> Result<(), ChatError> {
    let session = client.sdk().open_session(app_token);
    let request = SlackApiAppsConnectionOpenRequest::new();
    match client.within_time("Socket Mode", session.apps_connections_open(&request)).await {
        Err(denied @ ChatError::Denied { .. }) => Err(denied),
        Err(error) => {
            tracing::warn!(%error, "Socket Mode is not reachable yet");
            Ok(())
        }
        Ok(_) => Ok(()),
    }
}

/// Reads the frames of one socket.
struct Reader {
    number: u64,
    parts: Parts,
}

impl Reader {
    /// Whether the envelope may be acknowledged.
    async fn is_done(&self, envelope: Envelope) -> bool {
        let received = match envelope.kind.as_str() {
            "events_api" => interpret_event(envelope.payload),
            "interactive" => interpret_interaction(envelope.payload),
            "slash_commands" => interpret_command(envelope.payload),
            other => Ok(Received::Nothing(format!("envelopes of type `{other}` are of no use here"))),
        };
        match received.map(|received| self.parts.teams.placed(received)) {
            Ok(Received::Interaction { interaction, trigger, .. }) => {
                let id = interaction.id.clone();
                match tokio::time::timeout(STORE_WITHIN, (self.parts.sink)((*interaction).clone())).await {
                    Ok(Ok(Reply::Taken)) => true,
                    Ok(Ok(Reply::Open(form))) => {
                        form::open_for(&self.parts.teams, trigger, *interaction, *form);
                        true
                    }
                    Ok(Err(error)) => {
                        tracing::warn!(%error, id, "not acknowledged, so that Slack delivers it again");
                        false
                    }
                    Err(_) => {
                        tracing::warn!(
                            id,
                            "storing took too long; not acknowledged, so that Slack delivers it again"
                        );
                        false
                    }
                }
            }
            Ok(Received::UrlVerification { .. } | Received::Nothing(_)) => true,
            // It will not read better the next time.
            Err(Refusal::Malformed(why) | Refusal::Unverified(why) | Refusal::Ignored(why)) => {
                tracing::warn!(why, "an envelope of Slack's could not be read");
                true
            }
        }
    }

    /// Nobody hears it once listening is over.
    fn tell(&self, news: News) {
        let _ = self.parts.news.send(news);
    }
}

#[async_trait]
impl SlackSocketModeClientListener for Reader {
    async fn on_message(&self, _: &SlackSocketModeWssClientId, frame: String) -> Option<String> {
        if self.parts.stop.is_cancelled() {
            return None;
        }
        let envelope: Envelope = match serde_json::from_str(&frame) {
            Ok(envelope) => envelope,
            Err(error) => {
                tracing::warn!(%error, "a frame of Slack's could not be read");
                return None;
            }
        };
        match envelope.kind.as_str() {
            "hello" => self.tell(News::Greeted(self.number)),
            "disconnect" => {
                tracing::debug!(reason = envelope.reason, "Slack is about to drop a socket");
                self.tell(News::Renew(self.number));
                return None;
            }
            _ => {}
        }
        let id = envelope.id.clone()?;
        self.is_done(envelope).await.then(|| json!({ "envelope_id": id }).to_string())
    }

    async fn on_error(&self, error: Box<dyn std::error::Error + Send + Sync>) {
        tracing::warn!(%error, "a socket to Slack failed");
    }

    async fn on_disconnect(&self, _: &SlackSocketModeWssClientId) {
        self.tell(News::Lost(self.number));
    }
}
