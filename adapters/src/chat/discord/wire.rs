//! What Discord answers, as far as we read it. Interactions and events are the SDK's own types.

use serde::Deserialize;

/// Kinds of channels that are threads.
const THREADS: [u8; 3] = [10, 11, 12];

#[derive(Debug, Deserialize)]
pub(super) struct Created {
    pub(super) id: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) username: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Guild {
    pub(super) name: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Application {
    pub(super) id: String,
    /// The Ed25519 key that requests to us are signed with, in hexadecimal digits.
    pub(super) verify_key: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Channel {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: u8,
    pub(super) name: Option<String>,
    pub(super) parent_id: Option<String>,
}

impl Channel {
    pub(super) fn is_thread(&self) -> bool {
        THREADS.contains(&self.kind)
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct BotGateway {
    pub(super) url: String,
    pub(super) session_start_limit: SessionStartLimit,
}

#[derive(Debug, Deserialize)]
pub(super) struct SessionStartLimit {
    pub(super) remaining: u64,
    /// Milliseconds until there are more.
    pub(super) reset_after: u64,
}
