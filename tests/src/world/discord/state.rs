//! What the stand-in remembers.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use crate::weather::{Spell, Weather};

/// Id of the bot's user.
pub const BOT_USER: &str = "1000000000000000001";

/// Id of the server, Acme.
pub const GUILD: &str = "1000000000000000002";

/// Id of the application.
pub(super) const APPLICATION: &str = "1000000000000000003";

/// When Discord's ids begin to count, in unix milliseconds, and how far they are shifted.
const EPOCH: u64 = 1_420_070_400_000;

/// A channel.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Its id.
    pub id: String,
    /// Without `#`.
    pub name: String,
    /// 0 text, 1 direct, 11 thread.
    pub kind: u8,
    /// What a thread hangs on.
    pub parent: Option<String>,
    /// Whether the bot may see it.
    pub visible: bool,
    /// A thread that went to sleep.
    pub archived: bool,
}

impl Channel {
    pub(super) fn json(&self) -> Value {
        let mut out = json!({"id": self.id, "type": self.kind, "name": self.name});
        if self.kind != 1 {
            out["guild_id"] = json!(GUILD);
        }
        if let Some(parent) = &self.parent {
            out["parent_id"] = json!(parent);
            out["thread_metadata"] = json!({"archived": self.archived, "auto_archive_duration": 10080,
                "archive_timestamp": "2026-01-01T00:00:00+00:00", "locked": false});
        }
        out
    }
}

/// A message as it stands now.
#[derive(Debug, Clone, PartialEq)]
pub struct Posted {
    /// Id of its channel, which is the thread for what stands in one.
    pub channel: String,
    /// Its id.
    pub id: String,
    /// Who wrote it.
    pub user: String,
    /// What was sent: content, embeds, components.
    pub body: Value,
    /// The message it replies to.
    pub reply_to: Option<String>,
    /// What it was before, the oldest first.
    pub edits: Vec<Value>,
    /// When it came.
    pub came: Instant,
}

impl Posted {
    /// Everything a reader sees, in order.
    pub fn shown(&self) -> String {
        shown(&self.body)
    }

    /// The buttons under it.
    pub fn buttons(&self) -> Vec<Value> {
        let rows = self.body["components"].as_array().into_iter().flatten();
        rows.flat_map(|row| row["components"].as_array().cloned().unwrap_or_default()).collect()
    }

    /// As Discord answers it. Without the intent for it, what people write to each other is empty.
    pub(super) fn json(&self, names: &BTreeMap<String, String>, words: bool) -> Value {
        let content = if words || self.user == BOT_USER { self.body["content"].clone() } else { json!("") };
        let list = |key: &str| self.body.get(key).cloned().unwrap_or_else(|| json!([]));
        let mentioned = names.keys().map(String::as_str).chain([BOT_USER]).filter(|id| {
            self.body["content"].as_str().is_some_and(|said| said.contains(&format!("<@{id}>")))
        });
        let mut out = json!({"id": self.id, "channel_id": self.channel, "type": if self.reply_to.is_some() { 19 } else { 0 },
            "content": content, "author": user(names, &self.user), "timestamp": "2026-01-01T00:00:00.000000+00:00",
            "edited_timestamp": (!self.edits.is_empty()).then_some("2026-01-01T00:01:00.000000+00:00"), "tts": false,
            "mention_everyone": false, "mentions": mentioned.map(|id| user(names, id)).collect::<Vec<_>>(),
            "mention_roles": [], "attachments": [], "embeds": list("embeds"), "components": list("components"),
            "pinned": false, "flags": 0});
        if let Some(reply_to) = &self.reply_to {
            out["message_reference"] = json!({"type": 0, "message_id": reply_to, "channel_id": self.channel});
        }
        out
    }
}

/// A person as Discord shows one.
pub(super) fn user(names: &BTreeMap<String, String>, id: &str) -> Value {
    let name = if id == BOT_USER { "whyred" } else { names.get(id).map_or("somebody", String::as_str) };
    json!({"id": id, "username": name, "global_name": name, "discriminator": "0", "avatar": null,
        "bot": id == BOT_USER, "public_flags": 0})
}

/// What a reader sees of a message body.
pub(super) fn shown(body: &Value) -> String {
    let mut out = vec![body["content"].as_str().unwrap_or_default().to_owned()];
    for embed in body["embeds"].as_array().into_iter().flatten() {
        out.push(embed["description"].as_str().unwrap_or_default().to_owned());
        for field in embed["fields"].as_array().into_iter().flatten() {
            out.push(format!(
                "{}: {}",
                field["name"].as_str().unwrap_or_default(),
                field["value"].as_str().unwrap_or_default()
            ));
        }
    }
    for row in body["components"].as_array().into_iter().flatten() {
        for button in row["components"].as_array().into_iter().flatten() {
            out.push(format!("[{}]", button["label"].as_str().unwrap_or_default()));
        }
    }
    out.retain(|text| !text.is_empty());
    unescaped(&out.join("\n"))
}

/// A backslash before a sign is not seen.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().filter(|c| *c != '\u{200b}').peekable();
    while let Some(c) = chars.next() {
        let before_a_sign = chars.peek().is_some_and(char::is_ascii_punctuation);
        if c == '\\' && before_a_sign {
            out.extend(chars.next());
        } else {
            out.push(c);
        }
    }
    out
}

/// A message that only one person sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Whispered {
    /// To whom.
    pub user: String,
    /// What is seen.
    pub text: String,
    /// Whether it came as a direct message.
    pub direct: bool,
}

/// How the next call goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// This HTTP status, without anything done.
    Status(u16),
    /// HTTP 403 or 404 with this code of Discord's, without anything done.
    Code(u16, u64),
    /// HTTP 429 with this `Retry-After` in seconds, without anything done; for all calls or for this kind alone.
    RateLimited {
        /// How long to wait.
        seconds: u32,
        /// Whether for everything.
        global: bool,
    },
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
            Spell::Limited => Self::RateLimited { seconds: 1, global: false },
            Spell::Refused => Self::Status(503),
            Spell::LostBefore => Self::LostBefore,
            Spell::LostAfter => Self::LostAfter,
            Spell::Slow(delay) => Self::Slow(delay),
        }
    }
}

/// An interaction that was reported.
pub(super) struct Reported {
    pub(super) user: String,
    pub(super) sent: Instant,
    pub(super) answer: Option<Value>,
    pub(super) waiting: Option<oneshot::Sender<Value>>,
}

/// A session of the gateway: what was dispatched stays until it is resumed.
pub(super) struct Session {
    pub(super) id: String,
    pub(super) sent: Vec<String>,
    pub(super) socket: Option<mpsc::UnboundedSender<Frame>>,
}

/// What is sent through a socket.
pub(super) enum Frame {
    Text(String),
    Close(u16),
    Drop,
}

/// Everything that is remembered.
pub(super) struct State {
    pub(super) channels: BTreeMap<String, Channel>,
    pub(super) messages: HashMap<String, Vec<Posted>>,
    pub(super) nonces: HashMap<(String, String), String>,
    pub(super) users: BTreeMap<String, String>,
    pub(super) commands: Value,
    pub(super) interactions: HashMap<String, Reported>,
    pub(super) whispers: Vec<Whispered>,
    pub(super) failures: HashMap<String, VecDeque<Failure>>,
    pub(super) post_interval: Option<Duration>,
    pub(super) last_post: HashMap<String, Instant>,
    pub(super) refused: u64,
    pub(super) calls: Vec<String>,
    pub(super) violations: Vec<String>,
    pub(super) session: Option<Session>,
    pub(super) identifies: u64,
    pub(super) resumes: u64,
    pub(super) logins_left: u64,
    pub(super) token: String,
    pub(super) bot: Option<String>,
    pub(super) weather: Option<Weather>,
    next: u64,
}

impl State {
    pub(super) fn new() -> Self {
        let names = [
            ("2000000000000000001", "general"),
            ("2000000000000000002", "payments"),
            ("2000000000000000003", "ci"),
        ];
        let text = |(id, name): (&str, &str)| {
            let channel = Channel {
                id: id.to_owned(),
                name: name.to_owned(),
                kind: 0,
                parent: None,
                visible: true,
                archived: false,
            };
            (id.to_owned(), channel)
        };
        Self {
            channels: names.map(text).into(),
            messages: HashMap::new(),
            nonces: HashMap::new(),
            users: BTreeMap::new(),
            commands: Value::Null,
            interactions: HashMap::new(),
            whispers: Vec::new(),
            failures: HashMap::new(),
            post_interval: None,
            last_post: HashMap::new(),
            refused: 0,
            calls: Vec::new(),
            violations: Vec::new(),
            session: None,
            identifies: 0,
            resumes: 0,
            logins_left: 1000,
            token: super::TOKEN.to_owned(),
            bot: None,
            weather: None,
            next: 0,
        }
    }

    /// An id that was never given out and is larger than all before it.
    pub(super) fn snowflake(&mut self) -> String {
        self.next += 1;
        (((1_800_000_000_000 - EPOCH + self.next) << 22) + self.next).to_string()
    }

    /// By id, or by name with `#`.
    pub(super) fn channel(&self, wanted: &str) -> Option<&Channel> {
        match wanted.strip_prefix('#') {
            Some(name) => self.channels.values().find(|channel| channel.kind == 0 && channel.name == name),
            None => self.channels.get(wanted.trim_start_matches('@')),
        }
    }

    pub(super) fn find_mut(&mut self, channel: &str, id: &str) -> Option<&mut Posted> {
        self.messages.get_mut(channel)?.iter_mut().find(|message| message.id == id)
    }

    pub(super) fn violation(&mut self, what: impl Into<String>) {
        self.violations.push(what.into());
    }

    /// Reports something over the gateway, now or when the session is resumed.
    pub(super) fn dispatch(&mut self, kind: &str, data: &Value) {
        let Some(session) = &mut self.session else { return };
        let number = session.sent.len() + 1;
        let frame = json!({"op": 0, "t": kind, "s": number, "d": data}).to_string();
        session.sent.push(frame.clone());
        if let Some(socket) = &session.socket {
            let _ = socket.send(Frame::Text(frame));
        }
    }

    /// The session hears everything once more, as after a resumption that was needless.
    pub(super) fn repeat_last(&self) {
        if let Some(session) = &self.session
            && let (Some(socket), Some(last)) = (&session.socket, session.sent.last())
        {
            let _ = socket.send(Frame::Text(last.clone()));
        }
    }
}
