//! What the stand-in remembers.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use crate::weather::{Spell, Weather};

use super::views::{Trigger, View};

/// Id of the bot's user.
pub const BOT_USER: &str = "U0WHYRED";

/// Id of the app.
pub(super) const APP: &str = "A0WHYRED";

/// Id of the workspace.
pub(super) const TEAM: &str = "T0ACME";

/// A channel of the workspace.
#[derive(Debug, Clone)]
pub struct Channel {
    /// `C…`, or `D…` for a direct message.
    pub id: String,
    /// Without `#`.
    pub name: String,
    /// Only members see it.
    pub private: bool,
    /// Whether the bot is in it.
    pub member: bool,
    /// Takes no more messages.
    pub archived: bool,
}

/// A message as it stands now.
#[derive(Debug, Clone, PartialEq)]
pub struct Posted {
    /// Id of its channel.
    pub channel: String,
    /// Its id.
    pub ts: String,
    /// The message that starts its thread, if it is a reply.
    pub thread_ts: Option<String>,
    /// Who wrote it.
    pub user: String,
    /// The text beside the blocks.
    pub text: String,
    /// Block Kit; empty for people's messages.
    pub blocks: Vec<Value>,
    /// What the app keeps with it.
    pub metadata: Option<Value>,
    /// What stood there before, the oldest first: text and blocks.
    pub edits: Vec<(String, Vec<Value>)>,
    /// When it came.
    pub came: Instant,
}

impl Posted {
    /// Everything that its blocks show, and the labels of its buttons, in order, a line each.
    pub fn shown(&self) -> String {
        let mut out = Vec::new();
        self.blocks.iter().for_each(|block| collect_texts(block, &mut out));
        out.join("\n")
    }

    /// The buttons of its blocks, as Slack was given them.
    pub fn buttons(&self) -> Vec<Value> {
        let elements = self.blocks.iter().filter_map(|block| block.get("elements")?.as_array());
        elements.flatten().filter(|element| element["type"] == "button").cloned().collect()
    }

    /// As `conversations.history` answers it.
    pub(super) fn json(&self, with_metadata: bool, has_replies: bool) -> Value {
        let mut out = json!({"type": "message", "user": self.user, "ts": self.ts, "text": self.text});
        if !self.blocks.is_empty() {
            out["blocks"] = json!(self.blocks);
        }
        if self.user == BOT_USER {
            out["bot_id"] = json!("B0WHYRED");
            out["app_id"] = json!(APP);
        }
        if let Some(thread) = self.thread_ts.clone().or_else(|| has_replies.then(|| self.ts.clone())) {
            out["thread_ts"] = json!(thread);
        }
        if !self.edits.is_empty() {
            out["edited"] = json!({"user": self.user, "ts": self.ts});
        }
        if let Some(metadata) = self.metadata.as_ref().filter(|_| with_metadata) {
            out["metadata"] = metadata.clone();
        }
        out
    }
}

pub(super) fn collect_texts(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            if let Some(text) = object.get("text").and_then(Value::as_str) {
                out.push(text.to_owned());
            }
            object
                .iter()
                .filter(|(key, _)| *key != "confirm")
                .for_each(|(_, inner)| collect_texts(inner, out));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, out)),
        _ => {}
    }
}

/// A message that only one person sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whispered {
    /// Where.
    pub channel: String,
    /// To whom.
    pub user: String,
    /// What.
    pub text: String,
}

/// How the next call of a method goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// This HTTP status, without anything done.
    Status(u16),
    /// `{"ok":false}` with this code, without anything done.
    Code(String),
    /// HTTP 429 with this `Retry-After` in seconds, without anything done.
    RateLimited(u64),
    /// The connection breaks before anything is done.
    LostBefore,
    /// It is done, and the connection breaks before the answer is there.
    LostAfter,
    /// It is done, and answered this much later.
    Slow(Duration),
}

impl From<Spell> for Failure {
    fn from(spell: Spell) -> Self {
        match spell {
            Spell::Limited => Self::RateLimited(1),
            Spell::Refused => Self::Status(503),
            Spell::LostBefore => Self::LostBefore,
            Spell::LostAfter => Self::LostAfter,
            Spell::Slow(delay) => Self::Slow(delay),
        }
    }
}

/// An acknowledgement over a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ack {
    /// Of which envelope.
    pub envelope: String,
    /// How long it took from the sending.
    pub latency: Duration,
}

/// An open socket.
pub(super) struct Socket {
    pub(super) id: u64,
    pub(super) frames: mpsc::UnboundedSender<Frame>,
}

/// What is sent through a socket.
pub(super) enum Frame {
    Text(String),
    Close,
    Drop,
    Freeze,
}

/// Everything that is remembered.
pub(super) struct State {
    pub(super) channels: BTreeMap<String, Channel>,
    pub(super) messages: HashMap<String, Vec<Posted>>,
    pub(super) whispers: Vec<Whispered>,
    pub(super) responses: Vec<Value>,
    /// Since when there is each address for late answers, and how often it may still be used.
    pub(super) response_urls: HashMap<u64, (Instant, u32)>,
    /// How long such an address works: half an hour, unless a test is in a hurry.
    pub(super) response_life: Duration,
    pub(super) users: BTreeMap<String, String>,
    /// People of user groups, by handle.
    pub(super) groups: BTreeMap<String, Vec<String>>,
    pub(super) triggers: HashMap<String, Trigger>,
    /// How long a trigger works, if not as long as Slack has it.
    pub(super) trigger_life: Option<Duration>,
    pub(super) views: Vec<View>,
    /// What stands on each person's Home tab.
    pub(super) homes: BTreeMap<String, Value>,
    /// Channel and id of each assistant thread.
    pub(super) assistant_threads: BTreeSet<(String, String)>,
    pub(super) said_in_threads: Vec<String>,
    pub(super) missing_scopes: BTreeSet<String>,
    pub(super) revoked: bool,
    /// Codes of installations, and where each was given out to.
    pub(super) codes: HashMap<String, String>,
    /// In which workspace people act, if not in the first.
    pub(super) acting_in: Option<String>,
    pub(super) failures: HashMap<String, VecDeque<Failure>>,
    pub(super) post_interval: Option<Duration>,
    pub(super) last_post: HashMap<String, Instant>,
    pub(super) calls: Vec<String>,
    pub(super) violations: Vec<String>,
    pub(super) tickets: BTreeSet<u64>,
    pub(super) sockets: Vec<Socket>,
    pub(super) sockets_opened: u64,
    pub(super) fewest_sockets: usize,
    pub(super) waiting: HashMap<String, (Instant, oneshot::Sender<Duration>)>,
    pub(super) acks: Vec<Ack>,
    pub(super) ack_within: Duration,
    pub(super) bot: Option<String>,
    pub(super) weather: Option<Weather>,
    pub(super) silent: bool,
    pub(super) refused: u64,
    next: u64,
}

impl State {
    pub(super) fn new() -> Self {
        let channels = [("C0GENERAL", "general"), ("C0PAYMENTS", "payments"), ("C0CI", "ci")];
        Self {
            channels: channels.into_iter().map(|(id, name)| (id.to_owned(), public(id, name))).collect(),
            messages: HashMap::new(),
            whispers: Vec::new(),
            responses: Vec::new(),
            response_urls: HashMap::new(),
            response_life: Duration::from_mins(30),
            users: BTreeMap::new(),
            groups: BTreeMap::new(),
            triggers: HashMap::new(),
            trigger_life: None,
            views: Vec::new(),
            homes: BTreeMap::new(),
            assistant_threads: BTreeSet::new(),
            said_in_threads: Vec::new(),
            missing_scopes: BTreeSet::new(),
            revoked: false,
            codes: HashMap::new(),
            acting_in: None,
            failures: HashMap::new(),
            post_interval: None,
            last_post: HashMap::new(),
            calls: Vec::new(),
            violations: Vec::new(),
            tickets: BTreeSet::new(),
            sockets: Vec::new(),
            sockets_opened: 0,
            fewest_sockets: 0,
            waiting: HashMap::new(),
            acks: Vec::new(),
            ack_within: Duration::from_secs(3),
            bot: None,
            weather: None,
            silent: false,
            refused: 0,
            next: 0,
        }
    }

    /// A number that was never given out.
    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// A time stamp like Slack's: its messages' ids.
    pub(super) fn ts(&mut self) -> String {
        let number = self.number();
        format!("{}.{:06}", 1_800_000_000 + number / 1000, number)
    }

    /// By id, or for public channels by name.
    pub(super) fn channel(&self, wanted: &str) -> Option<&Channel> {
        let name = wanted.strip_prefix('#').unwrap_or(wanted);
        let found = self
            .channels
            .get(wanted)
            .or_else(|| self.channels.values().find(|channel| !channel.private && channel.name == name))?;
        (found.member || !found.private).then_some(found)
    }

    pub(super) fn find(&self, channel: &str, ts: &str) -> Option<&Posted> {
        self.messages.get(channel)?.iter().rev().find(|message| message.ts == ts)
    }

    pub(super) fn find_mut(&mut self, channel: &str, ts: &str) -> Option<&mut Posted> {
        self.messages.get_mut(channel)?.iter_mut().rev().find(|message| message.ts == ts)
    }

    pub(super) fn violation(&mut self, what: impl Into<String>) {
        self.violations.push(what.into());
    }
}

/// A public channel that the bot is in.
pub(super) fn public(id: &str, name: &str) -> Channel {
    Channel { id: id.to_owned(), name: name.to_owned(), private: false, member: true, archived: false }
}
