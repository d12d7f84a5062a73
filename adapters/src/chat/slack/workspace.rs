//! One workspace: its Web API, its threads and its people, by the ids that it gives out itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::chat::slack::assistant::Assistant;
use crate::chat::slack::client::Client;
use crate::chat::slack::home;
use crate::chat::slack::render::{is_person, render, render_words};
use crate::chat::slack::thread::Threads;
use crate::chat::slack::wire::{Metadata, MetadataPayload, StoredMessage};
use crate::chat::{ChatError, PostRef};
use crate::message::Message;

/// Marks a post in its metadata.
const POST: &str = "whyred_post";

/// A workspace that we have a token for.
pub(super) struct Workspace {
    pub(super) client: Arc<Client>,
    pub(super) assistant: Assistant,
    threads: Threads,
    /// Ids of channels by name, as Slack answered them.
    channels: Mutex<HashMap<String, String>>,
}

impl Workspace {
    pub(super) fn new(client: Client) -> Self {
        let client = Arc::new(client);
        Self {
            threads: Threads::new(Arc::clone(&client)),
            assistant: Assistant::new(Arc::clone(&client)),
            client,
            channels: Mutex::default(),
        }
    }

    /// The id of a conversation that may be given by name.
    pub(super) async fn channel_id(&self, conversation: &str) -> Result<String, ChatError> {
        let Some(name) = conversation.strip_prefix('#') else { return Ok(conversation.to_owned()) };
        if let Some(id) = self.known_channel(conversation) {
            return Ok(id);
        }
        let id = self.client.channel_id(name).await?;
        self.learn_channel(conversation, &id);
        Ok(id)
    }

    fn known_channel(&self, conversation: &str) -> Option<String> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner).get(conversation).cloned()
    }

    fn learn_channel(&self, conversation: &str, id: &str) {
        if conversation.starts_with('#') {
            let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
            channels.insert(conversation.to_owned(), id.to_owned());
        }
    }

    pub(super) async fn post(
        &self,
        conversation: &str,
        thread: Option<&PostRef>,
        message: &Message,
        key: &str,
    ) -> Result<PostRef, ChatError> {
        let rendered = render(message);
        let channel = match thread {
            Some(thread) => thread.conversation.clone(),
            None => self.known_channel(conversation).unwrap_or_else(|| conversation.to_owned()),
        };
        let root = thread.map(|thread| thread.message.as_str());
        let post = self.client.post(&channel, root, &rendered.main, &metadata(key)).await?;
        self.learn_channel(conversation, &post.conversation);
        self.threads.begin(&post, root, &rendered.thread, key).await;
        Ok(post)
    }

    pub(super) async fn edit(&self, post: &PostRef, message: &Message, key: &str) -> Result<(), ChatError> {
        let rendered = render(message);
        self.client.update(&post.conversation, &post.message, &rendered.main, &metadata(key)).await?;
        self.threads.write(post, &rendered.thread, key).await
    }

    pub(super) async fn find(
        &self,
        conversation: &str,
        thread: Option<&PostRef>,
        key: &str,
    ) -> Result<Option<PostRef>, ChatError> {
        let (channel, messages) = if let Some(thread) = thread {
            let replies = self.client.replies(&thread.conversation, &thread.message).await?;
            (thread.conversation.clone(), replies)
        } else {
            let channel = self.channel_id(conversation).await?;
            let messages = self.client.history(&channel).await?;
            (channel, messages)
        };
        let found = messages.into_iter().find(|message| carries(message, key));
        Ok(found.map(|message| PostRef { conversation: channel, message: message.ts }))
    }

    pub(super) async fn whisper(
        &self,
        conversation: &str,
        person: &str,
        text: &str,
    ) -> Result<(), ChatError> {
        let channel = self.channel_id(conversation).await?;
        self.client.tell(&channel, person, &render_words(text)).await
    }

    /// Not remembered: whoever asks wants to hear of people who left.
    pub(super) async fn person_by_email(&self, address: &str) -> Result<Option<String>, ChatError> {
        match self.client.user_by_email(address).await {
            Ok(id) => Ok(Some(id).filter(|id| is_person(id))),
            Err(ChatError::Undeliverable { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn show_home(&self, person: &str, page: &Message) -> Result<(), ChatError> {
        self.client.publish(person, &home::view(render(page))).await
    }
}

fn metadata(key: &str) -> Metadata {
    Metadata {
        event_type: POST.to_owned(),
        event_payload: MetadataPayload { key: key.to_owned(), page: None },
    }
}

fn carries(message: &StoredMessage, key: &str) -> bool {
    message.ours().is_some_and(|ours| ours.event_type == POST && ours.event_payload.key == key)
}
