//! Channels of the server: ids by name, and which of them are threads.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::chat::ChatError;
use crate::chat::discord::client::Client;
use crate::chat::discord::ids;

/// Channels that are remembered; past that all are forgotten.
const REMEMBERED: usize = 10_000;

/// Kinds of channels that take messages: text, and announcements.
const TAKES_MESSAGES: [u8; 2] = [0, 5];

/// A conversation, and the thread of it if it happened in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) conversation: String,
    pub(super) thread: Option<String>,
}

/// Remembers what Discord said about channels.
pub(super) struct Places {
    client: Arc<Client>,
    guild: String,
    ids: Mutex<HashMap<String, String>>,
    known: Mutex<HashMap<String, Place>>,
}

impl Places {
    pub(super) fn new(client: Arc<Client>, guild: &str) -> Self {
        Self { client, guild: guild.to_owned(), ids: Mutex::default(), known: Mutex::default() }
    }

    /// The server that is talked to.
    pub(super) fn guild(&self) -> &str {
        &self.guild
    }

    /// The id of a conversation that may be given by name.
    pub(super) async fn id_of(&self, conversation: &str) -> Result<String, ChatError> {
        let Some(name) = conversation.strip_prefix('#') else { return Ok(conversation.to_owned()) };
        if let Some(id) = recall(&self.ids, name) {
            return Ok(id);
        }
        let channels = self.client.channels(&self.guild).await;
        let channels = channels.map_err(|failed| self.client.error(failed, conversation))?;
        let found = channels
            .into_iter()
            .find(|channel| TAKES_MESSAGES.contains(&channel.kind) && channel.name.as_deref() == Some(name));
        let Some(channel) = found else {
            return Err(ChatError::Undeliverable {
                surface: self.client.surface().to_owned(),
                conversation: conversation.to_owned(),
                why: "there is no such text channel, or the bot may not see it: check the name in the route, and the channel's permissions"
                    .to_owned(),
            });
        };
        remember(&self.ids, name, channel.id.clone());
        Ok(channel.id)
    }

    /// Forgets the id of a name: the channel may have been made anew.
    pub(super) fn forget(&self, conversation: &str) {
        if let Some(name) = conversation.strip_prefix('#') {
            self.ids.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        }
    }

    /// Where a channel is, which may be a thread of another one.
    pub(super) async fn of(&self, channel: &str) -> Result<Place, ChatError> {
        if let Some(place) = recall(&self.known, channel) {
            return Ok(place);
        }
        let found = self.client.channel(channel).await;
        let found = found.map_err(|failed| self.client.error(failed, channel))?;
        let thread = found.is_thread();
        let place = match found.parent_id {
            Some(parent) if thread => Place { conversation: parent, thread: Some(found.id) },
            _ if found.kind == DIRECT => Place { conversation: ids::direct(&found.id), thread: None },
            _ => Place { conversation: found.id, thread: None },
        };
        remember(&self.known, channel, place.clone());
        Ok(place)
    }
}

/// The kind of a conversation with one person alone.
const DIRECT: u8 = 1;

fn recall<V: Clone>(map: &Mutex<HashMap<String, V>>, key: &str) -> Option<V> {
    map.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
}

fn remember<V>(map: &Mutex<HashMap<String, V>>, key: &str, value: V) {
    let mut map = map.lock().unwrap_or_else(PoisonError::into_inner);
    if map.len() >= REMEMBERED {
        map.clear();
    }
    map.insert(key.to_owned(), value);
}
