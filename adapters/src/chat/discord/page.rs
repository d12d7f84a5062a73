//! One message's worth of text, filled until a limit is reached, and how Discord is told of it.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::chat::discord::config::Style;
use crate::chat::discord::limits;

/// Where a card's own address leads. Discord shows it nowhere as long as the card has no title; we keep the mark there.
const MARKED: &str = "https://whyred.invalid/";

/// What begins the line that holds the mark where there is no card to keep it in.
const REFERENCE: &str = "-# ref ";

/// Bytes of a key's digest in a mark: 22 characters, of the 25 that a nonce may have.
const DIGEST: usize = 16;

/// A message as Discord takes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Page {
    /// What stands above the card; everything, if there is no card.
    pub content: String,
    /// The card.
    pub card: Option<Card>,
    /// Rows of buttons, each a component of Discord's.
    pub rows: Vec<Row>,
    /// Who is told loudly.
    pub(super) told: Vec<Told>,
}

/// An embed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Card {
    /// Colour of its edge, as 0xRRGGBB. It says nothing that words do not say too.
    pub colour: u32,
    /// Its text.
    pub description: String,
    /// Short names and values, side by side.
    pub fields: Vec<(String, String)>,
}

/// A row of buttons.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Row(pub Vec<Value>);

/// Somebody who is mentioned, by id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Told {
    Person(String),
    Role(String),
}

/// What marks a message as a certain page of a certain post; page 0 is the post itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark(String);

impl Mark {
    pub(super) fn of(key: &str, page: usize) -> Self {
        let digest = Sha256::digest(key.as_bytes());
        Self(format!("{}.{page}", URL_SAFE_NO_PAD.encode(&digest[..DIGEST])))
    }

    /// The page of the post with this key that a stored message is, if it is one.
    pub(super) fn page_of(message: &Value, key: &str) -> Option<usize> {
        let in_card = message["embeds"]
            .as_array()
            .and_then(|embeds| embeds.first()?["url"].as_str()?.strip_prefix(MARKED));
        let in_text = || message["content"].as_str()?.lines().last()?.strip_prefix(REFERENCE);
        let (digest, page) = in_card.or_else(in_text)?.split_once('.')?;
        let page = page.parse().ok()?;
        (Self::of(key, page).0.strip_suffix(&format!(".{page}")) == Some(digest)).then_some(page)
    }
}

impl Page {
    /// What `POST` or `PATCH` of a message takes. Nobody is told but those whom we name.
    pub(super) fn body(&self, mark: Option<&Mark>) -> Value {
        let embeds: Vec<Value> = self.card.iter().map(|card| card.json(mark)).collect();
        let content = match (mark, &self.card) {
            (Some(mark), None) => format!("{}\n{REFERENCE}{}", self.content, mark.0),
            _ => self.content.clone(),
        };
        let components: Vec<Value> =
            self.rows.iter().map(|row| json!({"type": 1, "components": row.0})).collect();
        json!({"content": content, "embeds": embeds, "components": components,
            "allowed_mentions": self.allowed_mentions()})
    }

    /// The same for a message that is new: Discord makes no second one with this mark within the next minutes.
    pub(super) fn new_body(&self, mark: &Mark, reply_to: Option<&str>) -> Value {
        let mut body = self.body(Some(mark));
        body["nonce"] = json!(mark.0);
        body["enforce_nonce"] = json!(true);
        if let Some(message) = reply_to {
            body["message_reference"] = json!({"message_id": message, "fail_if_not_exists": false});
        }
        body
    }

    /// For the eyes of one person.
    pub(super) fn private_body(&self) -> Value {
        let mut body = self.body(None);
        body["flags"] = json!(EPHEMERAL);
        body
    }

    fn allowed_mentions(&self) -> Value {
        let (mut users, mut roles) = (Vec::new(), Vec::new());
        for told in &self.told {
            match told {
                Told::Person(id) => users.push(id),
                Told::Role(id) => roles.push(id),
            }
        }
        json!({"parse": [], "users": users, "roles": roles, "replied_user": false})
    }
}

/// The flag of messages that one person alone sees.
pub(super) const EPHEMERAL: u32 = 1 << 6;

impl Card {
    fn json(&self, mark: Option<&Mark>) -> Value {
        let mut embed = json!({"type": "rich", "color": self.colour});
        if !self.description.is_empty() {
            embed["description"] = json!(self.description);
        }
        if !self.fields.is_empty() {
            let field =
                |(name, value): &(String, String)| json!({"name": name, "value": value, "inline": true});
            embed["fields"] = json!(self.fields.iter().map(field).collect::<Vec<_>>());
        }
        if let Some(mark) = mark {
            embed["url"] = json!(format!("{MARKED}{}", mark.0));
        }
        embed
    }
}

/// How much of what there is room for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// In one page.
    pub(super) page: usize,
    /// In one paragraph; longer ones are broken.
    pub(super) piece: usize,
    /// In the lines of the log in the message itself.
    pub(super) excerpt: usize,
    /// In the headline with its link.
    pub(super) headline: usize,
    /// In the small print of the message itself.
    pub(super) small_print: usize,
}

impl Room {
    /// The parts add up to less than the whole: headline, mentions, the first paragraph, the lines that prove it and small
    /// print always find room in the message.
    pub(super) fn of(style: Style) -> Self {
        match style {
            Style::Embeds => Self {
                page: limits::DESCRIPTION,
                piece: 1200,
                excerpt: 1500,
                headline: 1400,
                small_print: 1000,
            },
            Style::Text => {
                Self { page: limits::CONTENT - 50, piece: 500, excerpt: 500, headline: 350, small_print: 250 }
            }
        }
    }
}

/// A text being filled, line by line.
#[derive(Debug)]
pub(super) struct Sheet {
    text: String,
    room: usize,
}

impl Sheet {
    pub(super) fn new(room: usize) -> Self {
        Self { text: String::new(), room }
    }

    /// Puts a piece under what stands there if it and another `reserved` still fit.
    pub(super) fn take(&mut self, piece: String, reserved: usize) -> Result<(), String> {
        if limits::length(&self.text) + 1 + limits::length(&piece) + reserved > self.room {
            return Err(piece);
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(&piece);
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(super) fn close(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_again_and_fits_a_nonce() {
        let key = "0198c7d2-5b7e-7cc0-9f1e-2a5c1a1f5d10";
        let mut page = Page { content: "x".into(), card: None, rows: Vec::new(), told: Vec::new() };
        for number in [0, 1, 10] {
            let mark = Mark::of(key, number);
            assert!(limits::length(&mark.0) <= limits::NONCE, "{}", mark.0);
            assert_eq!(Mark::page_of(&page.body(Some(&mark)), key), Some(number));
            assert_eq!(Mark::page_of(&page.body(Some(&mark)), "another"), None);
            page.card = Some(Card { colour: 1, description: "d".into(), fields: Vec::new() });
            assert_eq!(Mark::page_of(&page.body(Some(&mark)), key), Some(number));
            page.card = None;
        }
        assert_eq!(Mark::page_of(&page.body(None), key), None);
    }
}
