//! What Slack sends and takes, as far as we use it. Fields that Slack adds are ignored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use slack_morphism::blocks::{SlackBlock, SlackView};

/// Data of ours that Slack keeps with a message and shows to nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Metadata {
    pub(super) event_type: String,
    #[serde(default)]
    pub(super) event_payload: MetadataPayload,
}

/// The key that an interrupted post is found by, and which page of the thread it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct MetadataPayload {
    #[serde(default)]
    pub(super) key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) page: Option<usize>,
}

/// `chat.postMessage`.
#[derive(Debug, Serialize)]
pub(super) struct PostMessage<'a> {
    pub(super) channel: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) thread_ts: Option<&'a str>,
    pub(super) text: &'a str,
    pub(super) blocks: &'a [SlackBlock],
    pub(super) metadata: &'a Metadata,
    pub(super) unfurl_links: bool,
    pub(super) unfurl_media: bool,
}

/// `chat.update`.
#[derive(Debug, Serialize)]
pub(super) struct UpdateMessage<'a> {
    pub(super) channel: &'a str,
    pub(super) ts: &'a str,
    pub(super) text: &'a str,
    pub(super) blocks: &'a [SlackBlock],
    pub(super) metadata: &'a Metadata,
}

/// `chat.delete`.
#[derive(Debug, Serialize)]
pub(super) struct DeleteMessage<'a> {
    pub(super) channel: &'a str,
    pub(super) ts: &'a str,
}

/// `chat.postEphemeral`.
#[derive(Debug, Serialize)]
pub(super) struct PostEphemeral<'a> {
    pub(super) channel: &'a str,
    pub(super) user: &'a str,
    pub(super) text: &'a str,
    pub(super) blocks: &'a [SlackBlock],
}

/// `chat.postMessage` to one person alone.
#[derive(Debug, Serialize)]
pub(super) struct TellMessage<'a> {
    pub(super) channel: &'a str,
    pub(super) text: &'a str,
    pub(super) blocks: &'a [SlackBlock],
    pub(super) unfurl_links: bool,
    pub(super) unfurl_media: bool,
}

/// `views.open`.
#[derive(Debug, Serialize)]
pub(super) struct OpenView<'a> {
    pub(super) trigger_id: &'a str,
    pub(super) view: &'a SlackView,
}

/// `views.publish`.
#[derive(Debug, Serialize)]
pub(super) struct PublishView<'a> {
    pub(super) user_id: &'a str,
    pub(super) view: &'a SlackView,
}

/// Answer to a post or an edit.
#[derive(Debug, Deserialize)]
pub(super) struct Posted {
    pub(super) channel: String,
    pub(super) ts: String,
}

/// An answer that says no more than that it worked.
#[derive(Debug, Deserialize)]
pub(super) struct Done {}

/// `conversations.history` and `conversations.replies`.
#[derive(Debug, Deserialize)]
pub(super) struct Messages {
    pub(super) messages: Vec<StoredMessage>,
    pub(super) response_metadata: Option<Cursor>,
}

/// A message as Slack keeps it.
#[derive(Debug, Deserialize)]
pub(super) struct StoredMessage {
    pub(super) ts: String,
    pub(super) thread_ts: Option<String>,
    /// Somebody else's metadata may look like anything.
    #[serde(default)]
    pub(super) metadata: Option<serde_json::Value>,
}

impl StoredMessage {
    /// Our own metadata, if it carries some.
    pub(super) fn ours(&self) -> Option<Metadata> {
        serde_json::from_value(self.metadata.clone()?).ok()
    }
}

/// `conversations.list`.
#[derive(Debug, Deserialize)]
pub(super) struct Channels {
    pub(super) channels: Vec<Channel>,
    pub(super) response_metadata: Option<Cursor>,
}

/// A channel by name.
#[derive(Debug, Deserialize)]
pub(super) struct Channel {
    pub(super) id: String,
    pub(super) name: Option<String>,
}

/// Where the next page starts; empty at the end.
#[derive(Debug, Deserialize)]
pub(super) struct Cursor {
    pub(super) next_cursor: Option<String>,
}

/// `auth.test`.
#[derive(Debug, Deserialize)]
pub(super) struct Identity {
    pub(super) user: String,
    pub(super) team: String,
    #[serde(default)]
    pub(super) team_id: String,
}

/// `oauth.v2.access`.
#[derive(Deserialize)]
pub(super) struct Granted {
    pub(super) access_token: String,
    #[serde(default)]
    pub(super) token_type: String,
    pub(super) team: Option<Team>,
    #[serde(default)]
    pub(super) is_enterprise_install: bool,
    pub(super) authed_user: Option<Installer>,
}

/// A workspace.
#[derive(Debug, Deserialize)]
pub(super) struct Team {
    pub(super) id: String,
    pub(super) name: Option<String>,
}

/// Who installed the app.
#[derive(Debug, Deserialize)]
pub(super) struct Installer {
    pub(super) id: String,
}

/// `users.lookupByEmail`.
#[derive(Debug, Deserialize)]
pub(super) struct UserFound {
    pub(super) user: User,
}

/// `usergroups.list`.
#[derive(Debug, Deserialize)]
pub(super) struct UserGroups {
    pub(super) usergroups: Vec<UserGroup>,
}

/// A group of people.
#[derive(Debug, Deserialize)]
pub(super) struct UserGroup {
    pub(super) id: String,
    /// Without `@`.
    pub(super) handle: String,
}

/// `usergroups.users.list`.
#[derive(Debug, Deserialize)]
pub(super) struct GroupMembers {
    pub(super) users: Vec<String>,
}

/// The body of a request to the Events API, and the payload of an `events_api` envelope.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Push {
    UrlVerification {
        challenge: String,
    },
    EventCallback {
        event_id: String,
        event: serde_json::Value,
        #[serde(default)]
        authorizations: Vec<Authorization>,
        team_id: Option<String>,
    },
    AppRateLimited {},
    #[serde(other)]
    Other,
}

/// On whose behalf an event is delivered: our bot.
#[derive(Debug, Deserialize)]
pub(super) struct Authorization {
    /// In a channel that workspaces share, the one that the event is delivered for.
    pub(super) team_id: Option<String>,
    pub(super) user_id: Option<String>,
}

/// The event inside an `event_callback`: `app_mention` and `message` share their fields.
#[derive(Debug, Deserialize)]
pub(super) struct Said {
    pub(super) channel: String,
    pub(super) channel_type: Option<String>,
    pub(super) user: Option<String>,
    #[serde(default)]
    pub(super) text: String,
    pub(super) ts: String,
    pub(super) thread_ts: Option<String>,
    pub(super) bot_id: Option<String>,
    pub(super) subtype: Option<String>,
    pub(super) edited: Option<serde_json::Value>,
}

/// `reaction_added` and `reaction_removed`.
#[derive(Debug, Deserialize)]
pub(super) struct Reacted {
    pub(super) user: String,
    pub(super) reaction: String,
    pub(super) item_user: Option<String>,
    pub(super) item: ReactedItem,
}

/// What was reacted to.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ReactedItem {
    Message {
        channel: String,
        ts: String,
    },
    #[serde(other)]
    Other,
}

/// The `payload` of a request to the interactivity address, and of an `interactive` envelope.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Interactive {
    BlockActions(Box<BlockActions>),
    /// A shortcut used from anywhere.
    Shortcut {
        callback_id: String,
        trigger_id: String,
        user: User,
        team: Option<Team>,
    },
    /// A shortcut used on a message.
    MessageAction(Box<MessageAction>),
    ViewSubmission {
        user: User,
        view: Box<SubmittedView>,
        team: Option<Team>,
    },
    #[serde(other)]
    Other,
}

/// Somebody clicked.
#[derive(Debug, Deserialize)]
pub(super) struct BlockActions {
    pub(super) user: User,
    pub(super) channel: Option<ChannelId>,
    pub(super) container: Container,
    pub(super) message: Option<ClickedMessage>,
    #[serde(default)]
    pub(super) actions: Vec<ClickedAction>,
    pub(super) trigger_id: Option<String>,
    pub(super) response_url: Option<String>,
    pub(super) team: Option<Team>,
}

/// A shortcut used on a message.
#[derive(Debug, Deserialize)]
pub(super) struct MessageAction {
    pub(super) callback_id: String,
    pub(super) trigger_id: String,
    pub(super) user: User,
    pub(super) channel: ChannelId,
    pub(super) message: ShownMessage,
    pub(super) response_url: Option<String>,
    pub(super) team: Option<Team>,
}

/// The message that it was used on.
#[derive(Debug, Deserialize)]
pub(super) struct ShownMessage {
    pub(super) ts: Option<String>,
    pub(super) thread_ts: Option<String>,
    #[serde(default)]
    pub(super) text: String,
}

/// `app_home_opened`.
#[derive(Debug, Deserialize)]
pub(super) struct HomeOpened {
    pub(super) user: String,
    #[serde(default)]
    pub(super) tab: String,
}

/// `assistant_thread_started`.
#[derive(Debug, Deserialize)]
pub(super) struct ThreadStarted {
    pub(super) assistant_thread: AssistantThread,
}

/// An assistant thread.
#[derive(Debug, Deserialize)]
pub(super) struct AssistantThread {
    pub(super) user_id: String,
    pub(super) channel_id: String,
    pub(super) thread_ts: String,
}

/// A modal that somebody sent.
#[derive(Debug, Deserialize)]
pub(super) struct SubmittedView {
    pub(super) id: String,
    pub(super) callback_id: String,
    #[serde(default)]
    pub(super) private_metadata: String,
    #[serde(default)]
    pub(super) state: ViewState,
}

/// What was filled in.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ViewState {
    /// By `block_id`, then by `action_id`.
    #[serde(default)]
    pub(super) values: BTreeMap<String, BTreeMap<String, FieldState>>,
}

/// What stands in one input: a text, or a choice.
#[derive(Debug, Deserialize)]
pub(super) struct FieldState {
    pub(super) value: Option<String>,
    pub(super) selected_option: Option<ChosenOption>,
}

/// A choice.
#[derive(Debug, Deserialize)]
pub(super) struct ChosenOption {
    pub(super) value: String,
}

/// Somebody, with the name that they go by.
#[derive(Debug, Deserialize)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) username: Option<String>,
    pub(super) name: Option<String>,
}

/// A conversation.
#[derive(Debug, Deserialize)]
pub(super) struct ChannelId {
    pub(super) id: String,
}

/// Where the button stands.
#[derive(Debug, Deserialize)]
pub(super) struct Container {
    #[serde(rename = "type", default)]
    pub(super) kind: String,
    pub(super) message_ts: Option<String>,
    pub(super) channel_id: Option<String>,
    pub(super) thread_ts: Option<String>,
}

/// The message that the button stands on.
#[derive(Debug, Deserialize)]
pub(super) struct ClickedMessage {
    pub(super) thread_ts: Option<String>,
}

/// The button.
#[derive(Debug, Deserialize)]
pub(super) struct ClickedAction {
    pub(super) action_id: String,
    #[serde(default)]
    pub(super) value: Option<String>,
    #[serde(default)]
    pub(super) action_ts: Option<String>,
}

/// The form of a slash command, and the payload of a `slash_commands` envelope.
#[derive(Debug, Deserialize)]
pub(super) struct Command {
    pub(super) user_id: String,
    pub(super) user_name: Option<String>,
    pub(super) channel_id: String,
    #[serde(default)]
    pub(super) text: String,
    pub(super) response_url: Option<String>,
    pub(super) trigger_id: String,
    pub(super) team_id: Option<String>,
}

/// A frame of Socket Mode.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(rename = "envelope_id")]
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) payload: serde_json::Value,
    pub(super) reason: Option<String>,
}
