//! People of the workspace: names for the audit log, ids for mentions.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::chat::ChatError;
use crate::chat::slack::client::Client;
use crate::chat::slack::render::is_person;

/// Answers that are remembered; past that all are forgotten.
const REMEMBERED: usize = 10_000;

/// Remembers what Slack said about people.
pub(super) struct Directory {
    client: Arc<Client>,
    names: Mutex<HashMap<String, String>>,
}

impl Directory {
    pub(super) fn new(client: Arc<Client>) -> Self {
        Self { client, names: Mutex::default() }
    }

    pub(super) async fn name_of(&self, id: &str) -> Result<String, ChatError> {
        if let Some(name) = recall(&self.names, id) {
            return Ok(name);
        }
        let name = self.client.user_name(id).await?;
        remember(&self.names, id, name.clone());
        Ok(name)
    }

    /// Not remembered: whoever asks wants to hear of people who left.
    pub(super) async fn id_by_email(&self, email: &str) -> Result<Option<String>, ChatError> {
        match self.client.user_by_email(email).await {
            Ok(id) => Ok(Some(id).filter(|id| is_person(id))),
            Err(ChatError::Undeliverable { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

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
