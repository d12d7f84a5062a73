//! Chat: the [`ChatSurface`] seam and one folder a surface.

mod any_message;
pub mod console;
pub mod discord;
mod excerpt;
pub mod link;
pub mod markdown;
pub mod plain;
pub mod slack;
mod wording;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::form::Form;
use crate::message::Message;

/// Where a post went: enough to edit it and to reply to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostRef {
    /// The surface's id of the conversation, as the surface answered it (Slack: `C012AB3CD`, even if `#name` was asked for).
    pub conversation: String,
    /// The surface's id of the message (Slack: `ts`).
    pub message: String,
}

/// Why a surface did not take a message.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// The surface asks us to wait.
    #[error("{surface} asks to wait {} s", after.as_secs())]
    RateLimited {
        /// Which surface.
        surface: String,
        /// How long to wait.
        after: Duration,
    },
    /// The conversation or message is not there, or we are not in it. Trying again will not help; `why` says what to do.
    #[error("{surface} cannot deliver to {conversation}: {why}")]
    Undeliverable {
        /// Which surface.
        surface: String,
        /// Which conversation.
        conversation: String,
        /// What to do about it.
        why: String,
    },
    /// Our credentials are not accepted.
    #[error("{surface} refused our credentials: {why}")]
    Denied {
        /// Which surface.
        surface: String,
        /// What to do about it.
        why: String,
    },
    /// The surface rejected the message itself: a fault of ours.
    #[error("{surface} rejected the message: {why}")]
    Rejected {
        /// Which surface.
        surface: String,
        /// The surface's word.
        why: String,
    },
    /// Anything that may work later: network, 5xx, time-out. The message may or may not have arrived.
    #[error("{surface} did not answer: {why}")]
    Unavailable {
        /// Which surface.
        surface: String,
        /// What went wrong.
        why: String,
    },
}

impl ChatError {
    /// Whether the same call may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::RateLimited { .. } | Self::Unavailable { .. })
    }
}

/// Somebody on a surface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatPerson {
    /// The surface's id (`U012AB3CD`).
    pub id: String,
    /// Name for audit and display. Untrusted text.
    pub name: String,
}

/// What a person did on a surface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interaction {
    /// Unique on the surface: the same one delivered twice has the same id.
    pub id: String,
    /// Who did it.
    pub person: ChatPerson,
    /// Where: the surface's id of the conversation.
    pub conversation: String,
    /// The message that starts the thread it happened in, if any.
    pub thread: Option<String>,
    /// What was done.
    pub kind: InteractionKind,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum InteractionKind {
    /// Somebody spoke to the bot: a mention in a channel, or a direct message.
    Mention {
        /// What was said, without the mention itself, in plain text.
        text: String,
        /// The surface's id of what was said: answers go to its thread.
        message: String,
    },
    /// Somebody said something in a thread without speaking to the bot. It is for the bot only if the bot is in that thread
    /// and it asks something.
    FollowUp {
        /// What was said, in plain text.
        text: String,
        /// The surface's id of what was said.
        message: String,
    },
    /// Somebody used the slash command.
    Command {
        /// What stood behind the command.
        text: String,
        /// Where the surface takes a late answer, if it has such an address.
        response_url: Option<String>,
    },
    /// Somebody clicked a button of ours.
    Click {
        /// [`crate::message::Action::id`].
        action: String,
        /// [`crate::message::Action::value`].
        value: String,
        /// The surface's id of the message it stands on.
        message: String,
    },
    /// Somebody reacted to a message of ours.
    Reaction {
        /// Name of the sign, without colons (`+1`).
        name: String,
        /// The surface's id of the message.
        message: String,
        /// False when the reaction was taken back.
        added: bool,
    },
    /// Somebody used a shortcut of ours, from a message or from anywhere. From anywhere, the conversation is the person's id.
    Shortcut {
        /// Which one, from our own closed list.
        name: String,
        /// The words of the message, if from one. Untrusted text.
        text: Option<String>,
        /// The surface's id of the message, if from one.
        message: Option<String>,
    },
    /// Somebody opened the page that the surface keeps for them and us alone ([`ChatSurface::show_home`]).
    Home,
    /// Those who run the place took us out of it: the conversation names it. Nobody did that in particular.
    Removed,
    /// Somebody began a conversation with us in which questions can be proposed ([`ChatSurface::propose`]).
    Begun,
    /// Somebody sent a form that [`Reply::Open`] opened for them.
    Form {
        /// [`Form::id`].
        form: String,
        /// [`Form::value`].
        value: String,
        /// What was filled in, by [`crate::form::Field::name`]; blank fields are left out.
        fields: BTreeMap<String, String>,
        /// The surface's id of the message it was opened from, if from one.
        message: Option<String>,
        /// Where the surface takes a late answer, if it has such an address. Then the answer goes there.
        response_url: Option<String>,
    },
}

/// What the bot says at once to something that a person did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// It is durable and will be worked on.
    Taken,
    /// Nothing was done yet: the surface shows this form to the person.
    Open(Box<Form>),
}

/// Takes what people did and returns once it is durable, or with the form that it opens; only then is the surface answered.
pub type InteractionSink =
    Arc<dyn Fn(Interaction) -> BoxFuture<'static, Result<Reply, SinkError>> + Send + Sync>;

/// What people did could not be stored: the surface is told to try again.
#[derive(Debug, thiserror::Error)]
#[error("the interaction could not be stored: {0}")]
pub struct SinkError(pub String);

/// A place where messages live and people answer.
#[async_trait]
pub trait ChatSurface: Send + Sync {
    /// The configured name (`slack`): the part before the colon in a route's `slack:#payments`.
    fn name(&self) -> &str;

    /// Posts a new message, in a thread if `thread` is given. `key` is kept with the message where the surface has a place
    /// for it, so that [`ChatSurface::find`] can tell whether an interrupted post arrived.
    async fn post(
        &self,
        conversation: &str,
        thread: Option<&PostRef>,
        message: &Message,
        key: &str,
    ) -> Result<PostRef, ChatError>;

    /// Replaces a message in place.
    async fn edit(&self, post: &PostRef, message: &Message, key: &str) -> Result<(), ChatError>;

    /// Looks for a post made with this key: asked only after an attempt whose outcome is unknown (crash, time-out).
    async fn find(
        &self,
        conversation: &str,
        thread: Option<&PostRef>,
        key: &str,
    ) -> Result<Option<PostRef>, ChatError>;

    /// The surface's own id of a conversation that configuration may name otherwise (`#payments`).
    async fn conversation_id(&self, conversation: &str) -> Result<String, ChatError> {
        Ok(conversation.to_owned())
    }

    /// Whether a conversation, by the surface's own id, is between one person and us alone.
    fn is_direct(&self, _conversation: &str) -> bool {
        false
    }

    /// Tells one person, privately, in the conversation where they acted (`Only owners of payments may re-run this`).
    async fn whisper(&self, conversation: &str, person: &str, text: &str) -> Result<(), ChatError>;

    /// Answers a command at the address that came with it ([`InteractionKind::Command::response_url`]), for the eyes of whoever
    /// used it, in conversations that we are not in as well.
    async fn respond(&self, address: &str, _text: &str) -> Result<(), ChatError> {
        Err(ChatError::Undeliverable {
            surface: self.name().to_owned(),
            conversation: address.to_owned(),
            why: "this surface gives out no addresses for late answers".to_owned(),
        })
    }

    /// Shows a person the page that they alone see. Surfaces without such a page never report [`InteractionKind::Home`].
    async fn show_home(&self, _person: &str, _page: &Message) -> Result<(), ChatError> {
        Ok(())
    }

    /// Proposes questions in a conversation that somebody began ([`InteractionKind::Begun`]).
    async fn propose(
        &self,
        _conversation: &str,
        _thread: &str,
        _questions: &[String],
    ) -> Result<(), ChatError> {
        Ok(())
    }

    /// Says in a conversation that an answer is being made, where the surface has a sign for that.
    async fn working(&self, _conversation: &str, _thread: &str, _words: &str) -> Result<(), ChatError> {
        Ok(())
    }

    /// The surface's id of the person with this e-mail address; `None` if it knows nobody of that address, or people by no
    /// address at all.
    async fn person_by_email(&self, _address: &str) -> Result<Option<String>, ChatError> {
        Ok(None)
    }

    /// The surface's ids of the people in a group of theirs (`@platform`); nobody, where there are no groups.
    async fn members_of(&self, _group: &str) -> Result<Vec<String>, ChatError> {
        Ok(Vec::new())
    }

    /// Where a conversation can be opened, if the surface has such an address.
    fn link_to(&self, _conversation: &str) -> Option<String> {
        None
    }

    /// Listens for what people do until `stop` is cancelled, for surfaces where we connect to them (Slack Socket Mode).
    /// Surfaces that call us over HTTP return at once.
    async fn listen(
        &self,
        sink: InteractionSink,
        stop: tokio_util::sync::CancellationToken,
    ) -> Result<(), ChatError>;

    /// Whether the surface can be reached with our credentials: for `doctor` and readiness. `Ok` says what was seen
    /// (`@whyred in workspace Acme`).
    async fn check(&self) -> Result<String, ChatError>;
}
