//! What Discord refuses in a message, and what it should refuse: calls and links out of untrusted text.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Fields of a message as it is made or edited.
const MESSAGE: [&str; 9] = [
    "content",
    "embeds",
    "components",
    "allowed_mentions",
    "nonce",
    "enforce_nonce",
    "message_reference",
    "flags",
    "tts",
];

/// Fields of an embed.
const EMBED: [&str; 9] =
    ["type", "title", "description", "url", "color", "fields", "footer", "author", "timestamp"];

/// Every fault of a message as `POST /channels/{id}/messages` takes it; empty if Discord would take it. Stricter than Discord
/// where its documents are unsure: lengths are counted in UTF-16 units, and who may be called must always be said.
pub fn validate_message(message: &Value) -> Vec<String> {
    let mut faults = Faults(Vec::new());
    let Some(fields) = message.as_object() else { return vec!["/: must be an object".to_owned()] };
    faults.fields("", fields, &MESSAGE);
    let content = message["content"].as_str().unwrap_or_default();
    faults.longest("/content", content, 2000);
    let empty = Vec::new();
    let embeds = message["embeds"].as_array().unwrap_or(&empty);
    let rows = message["components"].as_array().unwrap_or(&empty);
    if content.trim().is_empty() && embeds.is_empty() {
        faults.note("/", "an empty message");
    }
    faults.mentions(content, &message["allowed_mentions"]);
    faults.links("/content", content);
    faults.embeds(embeds);
    faults.rows(rows);
    if let Some(nonce) = message.get("nonce") {
        match nonce.as_str() {
            Some(nonce) => faults.longest("/nonce", nonce, 25),
            None => faults.note("/nonce", "must be a text"),
        }
    }
    faults.0
}

struct Faults(Vec<String>);

impl Faults {
    fn note(&mut self, path: &str, what: &str) {
        self.0.push(format!("{path}: {what}"));
    }

    fn fields(&mut self, path: &str, object: &Map<String, Value>, known: &[&str]) {
        for key in object.keys().filter(|key| !known.contains(&key.as_str())) {
            self.note(path, &format!("unknown field `{key}`"));
        }
    }

    fn longest(&mut self, path: &str, text: &str, max: usize) {
        let length = utf16(text);
        if length > max {
            self.note(path, &format!("{length} characters; {max} are allowed"));
        }
    }

    fn there(&mut self, path: &str, text: &str, max: usize) {
        if text.trim().is_empty() {
            self.note(path, "must be there");
        }
        self.longest(path, text, max);
    }

    /// Nobody is called whom the message does not name as allowed.
    fn mentions(&mut self, content: &str, allowed: &Value) {
        if allowed["parse"] != Value::Array(Vec::new()) {
            self.note("/allowed_mentions", "`parse` must be there and empty");
        }
        let may = |kind: &str, id: &str| {
            allowed[kind].as_array().is_some_and(|ids| ids.iter().any(|known| known == id))
        };
        let shown = outside_code(content);
        for (at, _) in shown.match_indices("<@") {
            let escaped = shown[..at].ends_with('\\');
            let inside: String = shown[at + 2..].chars().take_while(|c| *c != '>').collect();
            let known = match inside.strip_prefix('&') {
                Some(role) => may("roles", role),
                None => may("users", inside.trim_start_matches('!')),
            };
            if !escaped && !known {
                self.note("/content", &format!("mentions {inside}, who is not allowed to be mentioned"));
            }
        }
        for call in ["@everyone", "@here"] {
            if shown.contains(call) {
                self.note("/content", &format!("looks like {call}"));
            }
        }
    }

    /// An address comes alive only where our own link says so.
    fn links(&mut self, path: &str, text: &str) {
        let mut shown = outside_code(text);
        // Our own links, one after the other.
        while let Some(at) = shown.find("](<") {
            let end = shown[at..].find('>').map_or(shown.len(), |end| at + end + 1);
            let inside = shown[at + 3..end].trim_end_matches('>').to_owned();
            if !inside.starts_with("http") || inside.contains(char::is_whitespace) {
                self.note(path, &format!("a link to `{inside}`"));
            }
            shown.replace_range(at..end, "");
        }
        if shown.contains("://") {
            self.note(path, "an address comes alive that is no link of ours");
        }
        if shown.contains("discord.gg/") || shown.contains("discord.com/invite") {
            self.note(path, "an invitation comes alive");
        }
    }

    fn embeds(&mut self, embeds: &[Value]) {
        if embeds.len() > 10 {
            self.note("/embeds", "more than 10");
        }
        let mut all = 0;
        for (index, embed) in embeds.iter().enumerate() {
            let path = format!("/embeds/{index}");
            let Some(object) = embed.as_object() else {
                self.note(&path, "must be an object");
                continue;
            };
            self.fields(&path, object, &EMBED);
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let (title, description) = (text(&embed["title"]), text(&embed["description"]));
            let (footer, author) = (text(&embed["footer"]["text"]), text(&embed["author"]["name"]));
            self.longest(&format!("{path}/title"), &title, 256);
            self.longest(&format!("{path}/description"), &description, 4096);
            self.longest(&format!("{path}/footer"), &footer, 2048);
            self.longest(&format!("{path}/author"), &author, 256);
            self.links(&path, &description);
            all += utf16(&title) + utf16(&description) + utf16(&footer) + utf16(&author);
            let none = Vec::new();
            let fields = embed["fields"].as_array().unwrap_or(&none);
            if fields.len() > 25 {
                self.note(&path, "more than 25 fields");
            }
            for field in fields {
                let (name, value) = (text(&field["name"]), text(&field["value"]));
                self.there(&format!("{path}/name"), &name, 256);
                self.there(&format!("{path}/value"), &value, 1024);
                self.links(&path, &value);
                all += utf16(&name) + utf16(&value);
            }
            if embed["color"].as_u64().is_some_and(|colour| colour > 0x00ff_ffff) {
                self.note(&path, "no such colour");
            }
            if embed
                .get("url")
                .is_some_and(|url| !url.as_str().is_some_and(|url| url.starts_with("https://")))
            {
                self.note(&path, "url must be an address");
            }
            if title.is_empty() && description.is_empty() && fields.is_empty() {
                self.note(&path, "an empty embed");
            }
        }
        if all > 6000 {
            self.note("/embeds", &format!("{all} characters in all; 6000 are allowed"));
        }
    }

    fn rows(&mut self, rows: &[Value]) {
        if rows.len() > 5 {
            self.note("/components", "more than 5 rows");
        }
        let mut ids = BTreeSet::new();
        for row in rows {
            let none = Vec::new();
            let buttons = row["components"].as_array().unwrap_or(&none);
            if row["type"] != 1 || buttons.is_empty() || buttons.len() > 5 {
                self.note("/components", "a row holds 1 to 5 buttons");
            }
            for button in buttons {
                let object = button.as_object().cloned().unwrap_or_default();
                self.fields(
                    "/components",
                    &object,
                    &["type", "style", "label", "custom_id", "url", "disabled", "emoji"],
                );
                self.there("/components/label", button["label"].as_str().unwrap_or_default(), 80);
                let link = button["style"] == 5;
                match (button["custom_id"].as_str(), button["url"].as_str(), link) {
                    (Some(id), None, false) => {
                        self.there("/components/custom_id", id, 100);
                        if !ids.insert(id.to_owned()) {
                            self.note("/components", &format!("custom_id `{id}` is used twice"));
                        }
                    }
                    (None, Some(url), true) => {
                        self.there("/components/url", url, 512);
                        if !url.starts_with("http") {
                            self.note("/components", "a link to no web page");
                        }
                    }
                    _ => self.note("/components", "a button has a custom_id, or as a link a url"),
                }
                if button["type"] != 2
                    || !button["style"].as_u64().is_some_and(|style| (1..=5).contains(&style))
                {
                    self.note("/components", "no button");
                }
            }
        }
    }
}

/// The text without its code, in which nothing is read.
fn outside_code(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    loop {
        let Some(at) = rest.match_indices('`').map(|(at, _)| at).find(|at| !escaped(rest, *at)) else {
            out.push_str(rest);
            return out;
        };
        out.push_str(&rest[..at]);
        let fence = if rest[at..].starts_with("```") { "```" } else { "`" };
        let inside = &rest[at + fence.len()..];
        let Some(end) = inside.find(fence) else {
            out.push_str(inside);
            return out;
        };
        rest = &inside[end + fence.len()..];
    }
}

fn escaped(text: &str, at: usize) -> bool {
    text[..at].bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

fn utf16(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults(message: &Value) -> String {
        validate_message(message).join("\n")
    }

    #[test]
    fn a_good_message_passes() {
        let good = json!({"content": "❌ **Broken: [main](<https://ci.example/1>)**\n<@30> `https://a` ```<@31>```",
            "embeds": [{"description": r"https\:\/\/x \<@32>", "color": 1, "url": "https://whyred.invalid/a.0",
                "fields": [{"name": "a", "value": "b"}]}],
            "components": [{"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "a|b"}]}],
            "allowed_mentions": {"parse": [], "users": ["30"]}, "nonce": "n", "enforce_nonce": true});
        assert_eq!(faults(&good), "");
    }

    #[test]
    fn every_limit_is_enforced() {
        let base = || json!({"content": "x", "allowed_mentions": {"parse": []}});
        let with = |key: &str, value: Value| {
            let mut message = base();
            message[key] = value;
            message
        };
        let button = |id: &str| json!({"type": 2, "style": 1, "label": "Go", "custom_id": id});
        let row = |buttons: Vec<Value>| json!({"type": 1, "components": buttons});
        for (message, fault) in [
            (with("content", json!("x".repeat(2001))), "2000 are allowed"),
            (with("content", json!("")), "an empty message"),
            (with("content", json!("<@7>")), "mentions 7"),
            (with("content", json!("@everyone")), "@everyone"),
            (with("content", json!("see https://evil.example")), "comes alive"),
            (with("content", json!("[x](<javascript:alert(1)>)")), "a link to"),
            (with("allowed_mentions", json!({"parse": ["users"]})), "allowed_mentions"),
            (with("colour", json!(1)), "unknown field `colour`"),
            (with("nonce", json!("x".repeat(26))), "25 are allowed"),
            (with("embeds", json!([{"description": "x".repeat(4097)}])), "4096 are allowed"),
            (
                with("embeds", json!([{"description": "x".repeat(4000)}, {"description": "x".repeat(2001)}])),
                "6000",
            ),
            (with("embeds", json!([{"fields": [{"name": "", "value": "x"}]}])), "must be there"),
            (
                with("embeds", json!([{"fields": [{"name": "x", "value": "x".repeat(1025)}]}])),
                "1024 are allowed",
            ),
            (with("embeds", json!(vec![json!({"description": "x"}); 11])), "more than 10"),
            (with("components", json!(vec![row(vec![button("a")]); 6])), "more than 5 rows"),
            (
                with("components", json!([row((0..6).map(|n| button(&n.to_string())).collect())])),
                "1 to 5 buttons",
            ),
            (with("components", json!([row(vec![button("a"), button("a")])])), "used twice"),
            (with("components", json!([row(vec![button(&"x".repeat(101))])])), "100 are allowed"),
        ] {
            let said = faults(&message);
            assert!(said.contains(fault), "{fault:?} is not among:\n{said}");
        }
        assert_eq!(faults(&base()), "");
    }
}
