//! Socket Mode: slack-morphism keeps the sockets open, we read the frames.
//!
//! Two sockets are held, so that one stays while Slack renews the other. An envelope is acknowledged once what it says is
//! stored; if that fails or takes too long it is not, and Slack delivers it again. Frames carry the same bodies as the HTTP
//! addresses and are read by the same functions, so that ids agree and the inbox knows what it has seen.

use std::sync::{Arc, Weak};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use slack_morphism::api::SlackApiAppsConnectionOpenRequest;
use slack_morphism::clients_manager::{SlackSocketModeClientsManager, SlackSocketModeClientsManagerFactory};
use slack_morphism::hyper_tokio::SlackHyperListenerEnvironment;
use slack_morphism::{
    SlackApiToken, SlackClientSocketModeConfig, SlackSocketModeClientListener, SlackSocketModeWssClientId,
};
use tokio_util::sync::CancellationToken;

use crate::chat::slack::client::Client;
use crate::chat::slack::form;
use crate::chat::slack::receive::{Received, interpret_command, interpret_event, interpret_interaction};
use crate::chat::slack::wire::Envelope;
use crate::chat::{ChatError, InteractionSink, Reply};
use crate::webhook::Refusal;

/// How long storing may take. Slack waits 3 s for the acknowledgement; the rest is for the way.
const STORE_WITHIN: Duration = Duration::from_millis(2500);

/// Sockets held at once, of the ten that Slack allows.
const SOCKETS: u32 = 2;

/// Seconds between opening the first socket and the second.
const STAGGER_SECONDS: u64 = 1;

/// Seconds until a connection that failed is tried again.
const RECONNECT_SECONDS: u64 = 5;

/// Seconds between pings; a socket that answers none for twice as long is given up.
const PING_SECONDS: u64 = 10;

/// Pings that may stay unanswered.
const UNANSWERED_PINGS: u64 = 2;

/// Listens until `stop`. Fails at once if the app-level token is not accepted; everything else is tried again.
pub(super) async fn listen(
    client: &Arc<Client>,
    app_token: &SlackApiToken,
    sink: InteractionSink,
    stop: CancellationToken,
) -> Result<(), ChatError> {
    try_token(client, app_token).await?;
    let environment = Arc::new(SlackHyperListenerEnvironment::new(Arc::new(client.sdk().clone())));
    let manager = client.sdk().http_api.connector.new_clients_manager(environment);
    let reader = Arc::new(Reader {
        manager: Arc::downgrade(&manager),
        client: Arc::clone(client),
        sink,
        stop: stop.clone(),
    });
    let config = SlackClientSocketModeConfig::new()
        .with_max_connections_count(SOCKETS)
        .with_initial_backoff_in_seconds(STAGGER_SECONDS)
        .with_reconnect_timeout_in_seconds(RECONNECT_SECONDS)
        .with_ping_interval_in_seconds(PING_SECONDS)
        .with_ping_failure_threshold_times(UNANSWERED_PINGS);
    let registered = manager.register_new_token(&config, app_token.clone(), reader);
    client.within_time("Socket Mode", registered).await?;
    manager.start().await;
    stop.cancelled().await;
    manager.shutdown().await;
    Ok(())
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

/// Reads the frames of all sockets.
struct Reader {
    manager: Weak<dyn SlackSocketModeClientsManager + Send + Sync>,
    client: Arc<Client>,
    sink: InteractionSink,
    stop: CancellationToken,
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
        match received {
            Ok(Received::Interaction { interaction, trigger }) => {
                let id = interaction.id.clone();
                match tokio::time::timeout(STORE_WITHIN, (self.sink)((*interaction).clone())).await {
                    Ok(Ok(Reply::Taken)) => true,
                    Ok(Ok(Reply::Open(form))) => {
                        form::open_for(&self.client, trigger, *interaction, *form);
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

    async fn renew(&self, socket: &SlackSocketModeWssClientId) {
        if let Some(manager) = self.manager.upgrade()
            && !self.stop.is_cancelled()
        {
            manager.restart_client(socket).await;
        }
    }
}

#[async_trait]
impl SlackSocketModeClientListener for Reader {
    async fn on_message(&self, socket: &SlackSocketModeWssClientId, frame: String) -> Option<String> {
        if self.stop.is_cancelled() {
            return None;
        }
        let envelope: Envelope = match serde_json::from_str(&frame) {
            Ok(envelope) => envelope,
            Err(error) => {
                tracing::warn!(%error, "a frame of Slack's could not be read");
                return None;
            }
        };
        if envelope.kind == "disconnect" {
            tracing::debug!(reason = envelope.reason, "Slack renews a socket");
            self.renew(socket).await;
            return None;
        }
        let id = envelope.id.clone()?;
        self.is_done(envelope).await.then(|| json!({ "envelope_id": id }).to_string())
    }

    async fn on_error(&self, error: Box<dyn std::error::Error + Send + Sync>) {
        tracing::warn!(%error, "a socket to Slack failed");
    }

    async fn on_disconnect(&self, socket: &SlackSocketModeWssClientId) {
        self.renew(socket).await;
    }
}
