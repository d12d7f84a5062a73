//! What Discord reports of commands, buttons and forms, over HTTP or the gateway: pure functions, tried on hostile bytes.

use std::time::Instant;

use http::HeaderMap;
use jiff::Timestamp;
use ring::signature::{ED25519, ED25519_PUBLIC_KEY_LEN, UnparsedPublicKey};
use serde_json::{Value, json};
use serenity::all::{
    ActionRow, ActionRowComponent, ApplicationId, ButtonKind, ChannelId, ChannelType, CommandDataOptionValue,
    CommandInteraction, ComponentInteraction, ComponentInteractionDataKind, GuildId, Interaction as Reported,
    InteractionId, Message, ModalInteraction, PartialChannel, User,
};

use crate::chat::discord::buttons::{self, Clicked};
use crate::chat::discord::page::EPHEMERAL;
use crate::chat::discord::places::Place;
use crate::chat::discord::tickets::{Ticket, Tickets};
use crate::chat::discord::{form, ids, limits, render};
use crate::chat::{ChatPerson, Interaction, InteractionKind};
use crate::form::Form;
use crate::webhook::{Refusal, within_replay_window};

/// What the slash command is called.
pub(super) const COMMAND: &str = "whyred";

/// What its one option is called.
const QUESTION: &str = "text";

/// What a verified request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// Discord tries the address: answer 200 with `{"type":1}`.
    Ping,
    /// Somebody did something: store it, then answer with `answer`, or with the form that it opens.
    Interaction {
        /// What was done.
        interaction: Box<Interaction>,
        /// What tells Discord that it was taken.
        answer: Value,
        /// With what it can be answered privately later.
        ticket: Ticket,
    },
    /// Nothing was done yet (a question back): answer with this, store nothing.
    Answer(Value),
    /// Nothing for us. The text says why.
    Nothing(String),
}

impl Received {
    /// Remembers how this person can be answered.
    pub(super) fn keep_ticket(&self, tickets: &Tickets) {
        if let Self::Interaction { interaction, ticket, .. } = self {
            tickets.keep(&interaction.conversation, &interaction.person.id, ticket.clone(), Instant::now());
        }
    }
}

/// Whether the request is signed by Discord and fresh: `X-Signature-Ed25519` signs `{timestamp}{raw body}`.
pub fn verify(
    key: &[u8; ED25519_PUBLIC_KEY_LEN],
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<(), Refusal> {
    let unverified = |why: &str| Refusal::Unverified(why.to_owned());
    let header = |name: &str| {
        let value =
            headers.get(name).ok_or_else(|| Refusal::Unverified(format!("the header {name} is missing")))?;
        value.to_str().map_err(|_| Refusal::Unverified(format!("the header {name} is not readable")))
    };
    let signature = header("x-signature-ed25519")?;
    let timestamp = header("x-signature-timestamp")?;
    let seconds: i64 = timestamp.parse().map_err(|_| unverified("the time stamp is not a number"))?;
    if !within_replay_window(seconds, now) {
        return Err(unverified("the time stamp is more than five minutes away from now"));
    }
    let signature = hex::decode(signature).map_err(|_| unverified("the signature is not hexadecimal"))?;
    let signed = [timestamp.as_bytes(), body].concat();
    UnparsedPublicKey::new(&ED25519, key)
        .verify(&signed, &signature)
        .map_err(|_| unverified("the signature does not match: check `public_key`"))
}

/// Reads the body of a verified HTTP request.
pub fn interpret_body(body: &[u8], guild: &str) -> Result<Received, Refusal> {
    let reported = serde_json::from_slice(body)
        .map_err(|error| Refusal::Malformed(format!("not what Discord documents: {error}")))?;
    Ok(interpret(reported, guild))
}

/// What was reported, over either way.
pub(super) fn interpret(reported: Reported, guild: &str) -> Received {
    match reported {
        Reported::Ping(_) => Received::Ping,
        Reported::Command(command) => used_command(&command, guild),
        Reported::Component(component) => clicked(&component, guild),
        Reported::Modal(form) => sent_form(&form, guild),
        _ => Received::Nothing("no kind of interaction that we offer".to_owned()),
    }
}

/// What is told to a person whose doing could not be stored.
pub(super) fn not_taken() -> Value {
    private("Whyred could not take that down just now: try again in a moment.")
}

/// The commands of the application.
pub(super) fn commands() -> Value {
    let option = json!({"type": 3, "name": QUESTION, "required": false, "max_length": limits::QUESTION,
        "description": "why did main of payments fail? · what is broken? · subscribe acme/* · help"});
    // In servers and in direct messages with the bot, for installs on a server.
    json!([{"type": 1, "name": COMMAND, "description": "Ask why it is red, or what to do about it",
        "options": [option], "contexts": [0, 1], "integration_types": [0]}])
}

/// What all kinds have in common.
struct Who<'a> {
    id: InteractionId,
    application: ApplicationId,
    token: &'a str,
    guild: Option<GuildId>,
    channel_id: ChannelId,
    channel: Option<&'a PartialChannel>,
    user: &'a User,
}

impl Who<'_> {
    /// Where it happened, if that is a place of ours.
    fn place(&self, ours: &str) -> Option<Place> {
        let channel = self.channel_id.to_string();
        if let Some(guild) = self.guild {
            let thread = self.channel.filter(|channel| is_thread(channel.kind));
            return (guild.to_string() == ours).then(|| match thread.and_then(|thread| thread.parent_id) {
                Some(parent) => Place { conversation: parent.to_string(), thread: Some(channel) },
                None => Place { conversation: channel, thread: None },
            });
        }
        let direct = self.channel.is_some_and(|channel| channel.kind == ChannelType::Private);
        direct.then(|| Place { conversation: ids::direct(&channel), thread: None })
    }

    fn received(self, place: Place, kind: InteractionKind, answer: Value) -> Received {
        Received::Interaction {
            interaction: Box::new(Interaction {
                id: format!("interaction:{}", self.id),
                person: person(self.user),
                conversation: place.conversation,
                thread: place.thread,
                kind,
            }),
            answer,
            ticket: self.ticket(),
        }
    }

    fn ticket(&self) -> Ticket {
        Ticket { application: self.application.to_string(), token: self.token.to_owned() }
    }
}

/// Who did it.
pub(super) fn person(user: &User) -> ChatPerson {
    ChatPerson { id: user.id.to_string(), name: user.name.clone() }
}

fn is_thread(kind: ChannelType) -> bool {
    matches!(kind, ChannelType::PublicThread | ChannelType::PrivateThread | ChannelType::NewsThread)
}

fn used_command(command: &CommandInteraction, guild: &str) -> Received {
    let who = Who {
        id: command.id,
        application: command.application_id,
        token: &command.token,
        guild: command.guild_id,
        channel_id: command.channel_id,
        channel: command.channel.as_ref(),
        user: &command.user,
    };
    let Some(place) = who.place(guild) else { return elsewhere() };
    if command.data.name != COMMAND {
        return Received::Answer(private("Whyred knows /whyred alone: the others are of an older version."));
    }
    let words = command.data.options.iter().find(|option| option.name == QUESTION);
    match words.map(|option| &option.value) {
        Some(CommandDataOptionValue::String(text)) => asked(who, place, text),
        _ => asked(who, place, ""),
    }
}

fn sent_form(form: &ModalInteraction, guild: &str) -> Received {
    let who = Who {
        id: form.id,
        application: form.application_id,
        token: &form.token,
        guild: form.guild_id,
        channel_id: form.channel_id,
        channel: form.channel.as_ref(),
        user: &form.user,
    };
    let Some(place) = who.place(guild) else { return elsewhere() };
    let message =
        form.message.as_ref().map(|message| ids::message(place.thread.as_deref(), &message.id.to_string()));
    let kind = form::sent(form, message, who.ticket().address());
    who.received(place, kind, later())
}

/// A question. Without words, whoever takes it opens a form.
fn asked(who: Who<'_>, place: Place, text: &str) -> Received {
    let response_url = Some(who.ticket().address());
    let kind = InteractionKind::Command { text: text.trim().to_owned(), response_url };
    who.received(place, kind, later())
}

/// It is answered later, for the person's eyes.
fn later() -> Value {
    json!({"type": 5, "data": {"flags": EPHEMERAL}})
}

/// The form as an answer. One that does not fit says so: that is a fault of ours, and better seen than silent.
pub(super) fn opened(form: &Form) -> Value {
    form::modal(form).unwrap_or_else(|| {
        tracing::error!(form = form.id, "a form does not fit Discord");
        private("This form does not fit Discord. Nothing was done.")
    })
}

fn clicked(component: &ComponentInteraction, guild: &str) -> Received {
    let who = Who {
        id: component.id,
        application: component.application_id,
        token: &component.token,
        guild: component.guild_id,
        channel_id: component.channel_id,
        channel: component.channel.as_ref(),
        user: &component.user,
    };
    let Some(place) = who.place(guild) else { return elsewhere() };
    if !matches!(component.data.kind, ComponentInteractionDataKind::Button) {
        return Received::Nothing("no kind of component that we offer".to_owned());
    }
    let message = ids::message(place.thread.as_deref(), &component.message.id.to_string());
    let id = component.data.custom_id.as_str();
    match buttons::clicked(id, &message) {
        Some(Clicked::Action { action, value }) => {
            let kind = InteractionKind::Click { action, value, message };
            // The message is edited when it is done: until then nothing changes.
            who.received(place, kind, json!({"type": 6}))
        }
        Some(Clicked::Confirmed { message, action, value }) => {
            let kind = InteractionKind::Click { action, value, message };
            let done = json!({"content": "Asked for.", "components": [], "allowed_mentions": {"parse": []}});
            who.received(place, kind, json!({"type": 7, "data": done}))
        }
        Some(Clicked::Asks { id: yes }) => {
            let label = label_of(&component.message, id);
            let (words, row) = buttons::question(&label, &yes);
            let page = render::render_question(&words, row);
            Received::Answer(json!({"type": 4, "data": page.private_body()}))
        }
        None => Received::Nothing("a click on a button that is not of this version".to_owned()),
    }
}

fn label_of(message: &Message, id: &str) -> String {
    let label = |row: &ActionRow| {
        row.components.iter().find_map(|component| match component {
            ActionRowComponent::Button(button) => match &button.data {
                ButtonKind::NonLink { custom_id, .. } if custom_id == id => button.label.clone(),
                _ => None,
            },
            _ => None,
        })
    };
    message.components.iter().find_map(label).unwrap_or_else(|| "Really".to_owned())
}

fn elsewhere() -> Received {
    Received::Answer(private("Whyred is at home on another server, and answers there alone."))
}

fn private(words: &str) -> Value {
    json!({"type": 4, "data": {"content": words, "flags": EPHEMERAL, "allowed_mentions": {"parse": []}}})
}

#[cfg(test)]
#[path = "receive_tests.rs"]
mod tests;
