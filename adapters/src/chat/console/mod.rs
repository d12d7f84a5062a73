//! The built-in web console as a chat surface.
//!
//! Nothing is sent anywhere: the bot's store holds every post, and the console's pages read it from there. So posting and
//! editing succeed at once, and what a page shows is [`render_message`] of the stored message.

mod render;
#[cfg(test)]
pub(crate) mod sample;

use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

pub use render::{Clicks, Frame, render_message};

use super::{ChatError, ChatSurface, InteractionSink, PostRef};
use crate::message::Message;
use crate::params::Params;

/// What one person alone is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whisper {
    /// The visitor's name.
    pub person: String,
    /// The words.
    pub text: String,
}

/// Whispers that an open page may lag behind with before it misses some.
const WHISPERS_KEPT: usize = 64;

/// The pages of this process hear what this process whispers: the console is the process itself, so there is one.
static WHISPERS: LazyLock<broadcast::Sender<Whisper>> =
    LazyLock::new(|| broadcast::Sender::new(WHISPERS_KEPT));

/// Everything that is whispered in the console from now on. The listener passes on only what is for its own person.
pub fn whispers() -> broadcast::Receiver<Whisper> {
    WHISPERS.subscribe()
}

/// The built-in web console.
#[derive(Debug, Clone)]
pub struct Console {
    name: String,
}

impl Console {
    /// The console under its usual name, `console`.
    pub fn new() -> Self {
        Self { name: "console".to_owned() }
    }
}

impl Default for Console {
    fn default() -> Self {
        Self::new()
    }
}

/// Builds the surface from `[chat.NAME]` with `kind = "console"`. It has no parameters of its own: who may use it stands
/// under `[console]`.
pub fn build(params: &Params) -> Arc<dyn ChatSurface> {
    Arc::new(Console { name: params.name().to_owned() })
}

#[async_trait]
impl ChatSurface for Console {
    fn name(&self) -> &str {
        &self.name
    }

    /// The key is unique to the post, so it makes a stable id: posting the same key again leads to the same message.
    async fn post(
        &self,
        conversation: &str,
        _thread: Option<&PostRef>,
        _message: &Message,
        key: &str,
    ) -> Result<PostRef, ChatError> {
        Ok(PostRef { conversation: conversation.to_owned(), message: message_id(key) })
    }

    async fn edit(&self, _post: &PostRef, _message: &Message, _key: &str) -> Result<(), ChatError> {
        Ok(())
    }

    async fn find(
        &self,
        _conversation: &str,
        _thread: Option<&PostRef>,
        _key: &str,
    ) -> Result<Option<PostRef>, ChatError> {
        Ok(None)
    }

    /// Reaches the person's open pages; nobody hears it if there are none.
    async fn whisper(&self, _conversation: &str, person: &str, text: &str) -> Result<(), ChatError> {
        let whisper = Whisper { person: person.to_owned(), text: text.to_owned() };
        // An error means that nobody listens.
        let _ = WHISPERS.send(whisper);
        Ok(())
    }

    /// The browser calls us over HTTP.
    async fn listen(&self, _sink: InteractionSink, _stop: CancellationToken) -> Result<(), ChatError> {
        Ok(())
    }

    async fn check(&self) -> Result<String, ChatError> {
        Ok("built in, always there".to_owned())
    }
}

/// A UUID made from the key (version 8: our own hash, not random).
fn message_id(key: &str) -> String {
    let digest = <sha2::Sha256 as sha2::Digest>::digest(key.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().simple().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Tone;

    #[tokio::test]
    async fn the_same_key_leads_to_the_same_message() {
        let console = Console::new();
        let message = Message::new(Tone::Info, "x");
        let first = console.post("#payments", None, &message, "k1").await.unwrap();
        assert_eq!(first, console.post("#payments", None, &message, "k1").await.unwrap());
        assert_ne!(first, console.post("#payments", None, &message, "k2").await.unwrap());
        assert_eq!(first.conversation, "#payments");
    }
}
