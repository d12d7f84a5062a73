//! What Slack reports, over HTTP or a socket, into [`Interaction`]s: pure functions, tried on hostile bytes.

use http::HeaderMap;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::chat::slack::buttons;
use crate::chat::slack::form::{self, Trigger};
use crate::chat::slack::unescape::plain_words;
use crate::chat::slack::wire::{
    AssistantThread, BlockActions, Command, HomeOpened, Interactive, MessageAction, Push, Reacted,
    ReactedItem, Said, Team, ThreadStarted, User,
};
use crate::chat::{ChatPerson, Interaction, InteractionKind};
use crate::secret::Secret;
use crate::webhook::{Refusal, hmac_sha256_matches, within_replay_window};

/// Which of our addresses Slack called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// `POST /slack/events`: the Events API, JSON.
    Events,
    /// `POST /slack/interactions`: buttons, a form with JSON in `payload`.
    Interactions,
    /// `POST /slack/commands`: the slash command, a form.
    Commands,
}

/// What a verified request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// Slack tries the address: answer 200 with the challenge as the body.
    UrlVerification {
        /// To be sent back.
        challenge: String,
    },
    /// Somebody did something: store it, or open a form with the trigger, then answer 200 with an empty body.
    Interaction {
        /// What was done.
        interaction: Box<Interaction>,
        /// With what a form can be opened, if with anything.
        trigger: Option<Trigger>,
        /// The workspace it was done in.
        team: Option<String>,
    },
    /// Nothing for us: answer 200 with an empty body. The text says why.
    Nothing(String),
}

/// Whether the request is signed by Slack and fresh: `X-Slack-Signature` is the HMAC-SHA256 of `v0:{timestamp}:{raw body}`.
pub fn verify(secret: &Secret, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<(), Refusal> {
    let header = |name: &str| {
        let value =
            headers.get(name).ok_or_else(|| Refusal::Unverified(format!("the header {name} is missing")))?;
        value.to_str().map_err(|_| Refusal::Unverified(format!("the header {name} is not readable")))
    };
    let timestamp = header("x-slack-request-timestamp")?;
    let signature = header("x-slack-signature")?;
    let digest = signature
        .strip_prefix("v0=")
        .ok_or_else(|| Refusal::Unverified("the signature is not of version v0".to_owned()))?;
    let seconds: i64 =
        timestamp.parse().map_err(|_| Refusal::Unverified("the time stamp is not a number".to_owned()))?;
    if !within_replay_window(seconds, now) {
        return Err(Refusal::Unverified("the time stamp is more than five minutes away from now".to_owned()));
    }
    if !hmac_sha256_matches(secret, &[b"v0:", timestamp.as_bytes(), b":", body], digest) {
        return Err(Refusal::Unverified("the signature does not match: check `signing_secret`".to_owned()));
    }
    Ok(())
}

/// Reads the body of a verified HTTP request.
pub fn interpret(path: Path, body: &[u8]) -> Result<Received, Refusal> {
    match path {
        Path::Events => interpret_event(from_json(body)?),
        Path::Interactions => {
            let payload = url::form_urlencoded::parse(body)
                .find(|(name, _)| name == "payload")
                .ok_or_else(|| Refusal::Malformed("the form has no `payload`".to_owned()))?;
            interpret_interaction(from_json(payload.1.as_bytes())?)
        }
        Path::Commands => {
            let form: serde_json::Map<String, Value> = url::form_urlencoded::parse(body)
                .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
                .collect();
            interpret_command(Value::Object(form))
        }
    }
}

/// The Events API. The id is Slack's `event_id`, the same in each redelivery.
pub(super) fn interpret_event(body: Value) -> Result<Received, Refusal> {
    match typed(body)? {
        Push::UrlVerification { challenge } => Ok(Received::UrlVerification { challenge }),
        Push::EventCallback { event_id, event, authorizations, team_id } => {
            let (own, team) = match authorizations.into_iter().next() {
                Some(first) => (first.user_id, first.team_id.or(team_id)),
                None => (None, team_id),
            };
            Ok(happened(event_id, event, own.as_deref())?.in_team(team))
        }
        Push::AppRateLimited {} => {
            tracing::warn!("slack drops events because too many arrive in an hour");
            Ok(nothing("Slack drops events because too many arrive in an hour"))
        }
        Push::Other => Ok(nothing("no kind of event that we know")),
    }
}

/// What an event says, of whichever workspace.
fn happened(event_id: String, event: Value, own: Option<&str>) -> Result<Received, Refusal> {
    let kind = event.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(match kind.as_str() {
        "app_mention" | "message" => said(event_id, kind == "app_mention", typed(event)?, own),
        "reaction_added" | "reaction_removed" => {
            reacted(event_id, kind == "reaction_added", typed(event)?, own)
        }
        "app_home_opened" => home(event_id, typed(event)?),
        "assistant_thread_started" => begun(event_id, typed(event)?),
        "app_uninstalled" => removed(event_id),
        "tokens_revoked" => {
            let bots = event.pointer("/tokens/bot").and_then(Value::as_array);
            if bots.is_some_and(|bots| !bots.is_empty()) {
                removed(event_id)
            } else {
                nothing("tokens of people, and we have none")
            }
        }
        other => nothing(format!("events of type `{other}` are of no use here")),
    })
}

/// The workspace took the app out.
fn removed(event_id: String) -> Received {
    taken(Interaction {
        id: event_id,
        person: ChatPerson { id: String::new(), name: "Slack".to_owned() },
        conversation: String::new(),
        thread: None,
        kind: InteractionKind::Removed,
    })
}

/// Interactivity. The id is made of what a click cannot share with another: place, button, person and time.
pub(super) fn interpret_interaction(payload: Value) -> Result<Received, Refusal> {
    match typed(payload)? {
        Interactive::BlockActions(clicked) => click(*clicked),
        Interactive::Shortcut { callback_id, trigger_id, user, team } => {
            let person = person(user);
            let interaction = Interaction {
                id: format!("shortcut:{trigger_id}"),
                conversation: person.id.clone(),
                thread: None,
                kind: InteractionKind::Shortcut { name: callback_id, text: None, message: None },
                person,
            };
            let trigger = Trigger { id: trigger_id, response_url: None };
            Ok(with_trigger(interaction, Some(trigger)).in_team(id_of(team)))
        }
        Interactive::MessageAction(used) => Ok(used_on_message(*used)),
        Interactive::ViewSubmission { user, view, team } => {
            Ok(taken(form::submitted(user, *view)?).in_team(id_of(team)))
        }
        Interactive::Other => Ok(nothing("no kind of interaction that we offer")),
    }
}

/// The slash command. The id is its `trigger_id`, which Slack gives out once.
pub(super) fn interpret_command(form: Value) -> Result<Received, Refusal> {
    let command: Command = typed(form)?;
    let trigger = Trigger { id: command.trigger_id.clone(), response_url: command.response_url.clone() };
    let interaction = Interaction {
        id: format!("command:{}", command.trigger_id),
        person: ChatPerson {
            name: command.user_name.unwrap_or_else(|| command.user_id.clone()),
            id: command.user_id,
        },
        conversation: command.channel_id,
        thread: None,
        kind: InteractionKind::Command {
            text: plain_words(&command.text, None),
            response_url: command.response_url,
        },
    };
    Ok(with_trigger(interaction, Some(trigger)).in_team(command.team_id))
}

fn said(event_id: String, mention: bool, said: Said, own: Option<&str>) -> Received {
    let to_us = mention || said.channel_type.as_deref() == Some("im");
    // What mentions us arrives as a mention as well, and what mentions somebody is for them.
    let in_thread = said.thread_ts.as_deref().is_some_and(|thread| thread != said.ts);
    if !to_us && (!in_thread || own.is_none() || said.text.contains("<@") || said.text.contains("<!")) {
        return nothing("a message that does not speak to us");
    }
    if said.bot_id.is_some() || said.user.as_deref().is_none_or(|user| Some(user) == own) {
        return nothing("a message of a bot, perhaps our own");
    }
    if said.edited.is_some() {
        return nothing("an edit of what was said before");
    }
    if said.subtype.as_deref().is_some_and(|subtype| !["file_share", "thread_broadcast"].contains(&subtype)) {
        return nothing("a message that nobody typed");
    }
    let user = said.user.unwrap_or_default();
    taken(Interaction {
        id: event_id,
        person: ChatPerson { name: user.clone(), id: user },
        conversation: said.channel,
        thread: said.thread_ts,
        kind: if to_us {
            InteractionKind::Mention { text: plain_words(&said.text, own), message: said.ts }
        } else {
            InteractionKind::FollowUp { text: plain_words(&said.text, own), message: said.ts }
        },
    })
}

fn reacted(event_id: String, added: bool, reacted: Reacted, own: Option<&str>) -> Received {
    let ReactedItem::Message { channel, ts } = reacted.item else {
        return nothing("a reaction to something that is no message");
    };
    if own.is_none() || reacted.item_user.as_deref() != own {
        return nothing("a reaction to a message of somebody else");
    }
    if Some(reacted.user.as_str()) == own {
        return nothing("our own reaction");
    }
    taken(Interaction {
        id: event_id,
        person: ChatPerson { name: reacted.user.clone(), id: reacted.user },
        conversation: channel,
        thread: None,
        kind: InteractionKind::Reaction { name: reacted.reaction, message: ts, added },
    })
}

fn home(event_id: String, opened: HomeOpened) -> Received {
    if opened.tab != "home" {
        return nothing("a tab that Slack fills itself");
    }
    taken(Interaction {
        id: event_id,
        person: ChatPerson { name: opened.user.clone(), id: opened.user.clone() },
        conversation: opened.user,
        thread: None,
        kind: InteractionKind::Home,
    })
}

fn begun(event_id: String, started: ThreadStarted) -> Received {
    let AssistantThread { user_id, channel_id, thread_ts } = started.assistant_thread;
    taken(Interaction {
        id: event_id,
        person: ChatPerson { name: user_id.clone(), id: user_id },
        conversation: channel_id,
        thread: Some(thread_ts),
        kind: InteractionKind::Begun,
    })
}

fn used_on_message(used: MessageAction) -> Received {
    let interaction = Interaction {
        id: format!("shortcut:{}", used.trigger_id),
        person: person(used.user),
        conversation: used.channel.id,
        thread: used.message.thread_ts,
        kind: InteractionKind::Shortcut {
            name: used.callback_id,
            text: Some(plain_words(&used.message.text, None)),
            message: used.message.ts,
        },
    };
    let trigger = Trigger { id: used.trigger_id, response_url: used.response_url };
    with_trigger(interaction, Some(trigger)).in_team(id_of(used.team))
}

/// Somebody, with the name that they go by.
pub(super) fn person(user: User) -> ChatPerson {
    let User { id, username, name } = user;
    ChatPerson { name: username.or(name).unwrap_or_else(|| id.clone()), id }
}

fn click(clicked: BlockActions) -> Result<Received, Refusal> {
    let Some(button) = clicked.actions.into_iter().next() else {
        return Ok(nothing("a click on nothing"));
    };
    let Some(action) = buttons::action_of(&button.action_id) else {
        return Ok(nothing("a click on a link, which Slack opened itself"));
    };
    let person = person(clicked.user);
    let on_home = clicked.container.kind == "view";
    let (Some(conversation), Some(message)) = (
        clicked
            .channel
            .map(|channel| channel.id)
            .or(clicked.container.channel_id)
            .or_else(|| on_home.then(|| person.id.clone())),
        clicked.container.message_ts.or_else(|| on_home.then(String::new)),
    ) else {
        return Ok(nothing("a click that is on no message"));
    };
    let time =
        button.action_ts.ok_or_else(|| Refusal::Malformed("the click carries no `action_ts`".to_owned()))?;
    let trigger = clicked.trigger_id.map(|id| Trigger { id, response_url: clicked.response_url });
    let interaction = Interaction {
        id: format!("click:{conversation}:{message}:{}:{}:{time}", button.action_id, person.id),
        thread: clicked.container.thread_ts.or_else(|| clicked.message.and_then(|message| message.thread_ts)),
        conversation,
        kind: InteractionKind::Click {
            action: action.to_owned(),
            value: button.value.unwrap_or_default(),
            message,
        },
        person,
    };
    Ok(with_trigger(interaction, trigger).in_team(id_of(clicked.team)))
}

/// What no form can follow.
fn taken(interaction: Interaction) -> Received {
    with_trigger(interaction, None)
}

fn with_trigger(interaction: Interaction, trigger: Option<Trigger>) -> Received {
    Received::Interaction { interaction: Box::new(interaction), trigger, team: None }
}

impl Received {
    fn in_team(self, team: Option<String>) -> Self {
        match self {
            Self::Interaction { interaction, trigger, .. } => {
                Self::Interaction { interaction, trigger, team }
            }
            other => other,
        }
    }
}

fn id_of(team: Option<Team>) -> Option<String> {
    team.map(|team| team.id)
}

fn nothing(why: impl Into<String>) -> Received {
    Received::Nothing(why.into())
}

fn from_json(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::Malformed(format!("no JSON: {error}")))
}

fn typed<T: DeserializeOwned>(value: Value) -> Result<T, Refusal> {
    serde_json::from_value(value)
        .map_err(|error| Refusal::Malformed(format!("not what Slack documents: {error}")))
}

#[cfg(test)]
#[path = "receive_tests.rs"]
mod tests;
