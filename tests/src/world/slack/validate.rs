//! What Slack refuses in a message, and what it should refuse: markup out of untrusted text.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Every fault of a message as `chat.postMessage` takes it (`text`, `blocks`, `metadata`); empty if Slack would take it.
/// Stricter than Slack where its documents are unsure: lengths are counted in UTF-16 units, and the text is mandatory.
pub fn validate_message(message: &Value) -> Vec<String> {
    let mut faults = Faults(Vec::new());
    match message.get("text").and_then(Value::as_str) {
        None | Some("") => faults.note("/text", "must be there: screen readers read nothing else"),
        Some(text) => {
            faults.longest("/text", text, 40_000);
            faults.control_sequences("/text", text);
        }
    }
    match message.get("blocks") {
        None => {}
        Some(Value::Array(blocks)) => faults.blocks(blocks),
        Some(_) => faults.note("/blocks", "must be a list"),
    }
    if let Some(metadata) = message.get("metadata") {
        faults.metadata(metadata);
    }
    faults.0
}

/// Every fault of a view as `views.open` and `views.publish` take it; empty if Slack would take it.
pub(super) fn validate_view(view: &Value, kind: &str) -> Vec<String> {
    let mut faults = Faults(Vec::new());
    let Some(view) = view.as_object() else {
        faults.note("/view", "must be an object");
        return faults.0;
    };
    if view.get("type").and_then(Value::as_str) != Some(kind) {
        faults.note("/view/type", &format!("must be {kind}"));
    }
    let modal: &[&str] = if kind == "modal" { &["title", "submit", "close"] } else { &[] };
    let mut known = vec!["blocks", "private_metadata", "callback_id"];
    known.extend(modal);
    faults.fields("/view", view, &known);
    for part in modal {
        if *part == "title" || view.contains_key(*part) {
            faults.text_object(&format!("/view/{part}"), view.get(*part), 24, &["plain_text"]);
        }
    }
    faults.optional_text("/view", view, "private_metadata", 3000);
    faults.optional_text("/view", view, "callback_id", 255);
    let blocks = view.get("blocks").and_then(Value::as_array).cloned().unwrap_or_default();
    if blocks.is_empty() || blocks.len() > 100 {
        faults.note("/view/blocks", &format!("{} blocks; 1 to 100 are allowed", blocks.len()));
    }
    faults.each_block("/view/blocks", &blocks);
    if blocks.iter().any(|block| block["type"] == "input") && !view.contains_key("submit") {
        faults.note("/view", "what is filled in needs `submit`");
    }
    faults.0
}

struct Faults(Vec<String>);

impl Faults {
    fn note(&mut self, path: &str, what: &str) {
        self.0.push(format!("{path}: {what}"));
    }

    fn blocks(&mut self, blocks: &[Value]) {
        if blocks.is_empty() || blocks.len() > 50 {
            self.note("/blocks", &format!("{} blocks; 1 to 50 are allowed", blocks.len()));
        }
        let size = utf16(&Value::from(blocks.to_vec()).to_string());
        if size >= 12_000 {
            self.note("/blocks", &format!("msg_blocks_too_long: {size} characters in all"));
        }
        self.each_block("/blocks", blocks);
    }

    fn each_block(&mut self, within: &str, blocks: &[Value]) {
        let mut ids = BTreeSet::new();
        for (index, block) in blocks.iter().enumerate() {
            let path = format!("{within}/{index}");
            let Some(block) = block.as_object() else {
                self.note(&path, "must be an object");
                continue;
            };
            if let Some(id) = self.optional_text(&path, block, "block_id", 255)
                && !ids.insert(id.to_owned())
            {
                self.note(&path, "block_id is used twice");
            }
            self.block(&path, block);
        }
    }

    fn block(&mut self, path: &str, block: &Map<String, Value>) {
        match block.get("type").and_then(Value::as_str) {
            Some("header") => {
                self.fields(path, block, &["text"]);
                self.text_object(&format!("{path}/text"), block.get("text"), 150, &["plain_text"]);
            }
            Some("section") => self.section(path, block),
            Some("divider") => self.fields(path, block, &[]),
            Some("context") => {
                self.fields(path, block, &["elements"]);
                for (at, element) in self.elements(path, block, 10) {
                    self.text_object(&at, Some(&element), 3000, &["plain_text", "mrkdwn"]);
                }
            }
            Some("actions") => {
                self.fields(path, block, &["elements"]);
                let mut ids = BTreeSet::new();
                for (at, element) in self.elements(path, block, 25) {
                    if let Some(id) = element.get("action_id").and_then(Value::as_str)
                        && !ids.insert(id.to_owned())
                    {
                        self.note(&at, "action_id is used twice in its block");
                    }
                    self.button(&at, &element);
                }
            }
            Some("input") if path.starts_with("/view") => self.input(path, block),
            other => self.note(path, &format!("blocks of type {other:?} are not known here")),
        }
    }

    fn section(&mut self, path: &str, block: &Map<String, Value>) {
        self.fields(path, block, &["text", "fields", "accessory", "expand"]);
        if !block.contains_key("text") && !block.contains_key("fields") {
            self.note(path, "a section needs `text` or `fields`");
        }
        if let Some(text) = block.get("text") {
            self.text_object(&format!("{path}/text"), Some(text), 3000, &["plain_text", "mrkdwn"]);
        }
        if let Some(fields) = block.get("fields") {
            let fields = fields.as_array().cloned().unwrap_or_default();
            if fields.is_empty() || fields.len() > 10 {
                self.note(path, &format!("{} fields; 1 to 10 are allowed", fields.len()));
            }
            for (index, field) in fields.iter().enumerate() {
                self.text_object(
                    &format!("{path}/fields/{index}"),
                    Some(field),
                    2000,
                    &["plain_text", "mrkdwn"],
                );
            }
        }
        if let Some(accessory) = block.get("accessory") {
            self.button(&format!("{path}/accessory"), accessory);
        }
    }

    fn input(&mut self, path: &str, block: &Map<String, Value>) {
        self.fields(path, block, &["label", "element", "hint", "optional"]);
        self.text_object(&format!("{path}/label"), block.get("label"), 2000, &["plain_text"]);
        if let Some(hint) = block.get("hint") {
            self.text_object(&format!("{path}/hint"), Some(hint), 2000, &["plain_text"]);
        }
        if !block.contains_key("block_id") {
            self.note(path, "without a block_id nobody knows what was filled in");
        }
        let path = format!("{path}/element");
        let Some(element) = block.get("element").and_then(Value::as_object) else {
            self.note(&path, "must be an object");
            return;
        };
        if self.optional_text(&path, element, "action_id", 255).is_none_or(str::is_empty) {
            self.note(&path, "action_id must be there");
        }
        if let Some(placeholder) = element.get("placeholder") {
            self.text_object(&format!("{path}/placeholder"), Some(placeholder), 150, &["plain_text"]);
        }
        match element.get("type").and_then(Value::as_str) {
            Some("plain_text_input") => {
                let known =
                    ["action_id", "placeholder", "initial_value", "multiline", "max_length", "min_length"];
                self.fields(&path, element, &known);
                let most = element.get("max_length").and_then(Value::as_u64).unwrap_or(3000);
                if most == 0 || most > 3000 {
                    self.note(&path, "max_length must be 1 to 3000");
                }
                self.optional_text(&path, element, "initial_value", usize::try_from(most).unwrap_or(3000));
            }
            Some("static_select") => self.select(&path, element),
            other => self.note(&path, &format!("inputs of type {other:?} are not known here")),
        }
    }

    fn select(&mut self, path: &str, element: &Map<String, Value>) {
        self.fields(path, element, &["action_id", "placeholder", "options", "initial_option"]);
        let options = element.get("options").and_then(Value::as_array).cloned().unwrap_or_default();
        if options.is_empty() || options.len() > 100 {
            self.note(path, &format!("{} options; 1 to 100 are allowed", options.len()));
        }
        for option in &options {
            self.text_object(&format!("{path}/options"), option.get("text"), 75, &["plain_text"]);
            if option["value"].as_str().is_none_or(|value| value.is_empty() || utf16(value) > 150) {
                self.note(path, "the value of an option must be 1 to 150 characters");
            }
        }
        if element.get("initial_option").is_some_and(|initial| !options.contains(initial)) {
            self.note(path, "initial_option is none of the options");
        }
    }

    fn button(&mut self, path: &str, element: &Value) {
        let Some(button) = element.as_object().filter(|button| button.get("type") == Some(&"button".into()))
        else {
            self.note(path, "only buttons are known here");
            return;
        };
        self.fields(
            path,
            button,
            &["text", "action_id", "value", "url", "style", "confirm", "accessibility_label"],
        );
        self.text_object(&format!("{path}/text"), button.get("text"), 75, &["plain_text"]);
        if self.optional_text(path, button, "action_id", 255).is_none_or(str::is_empty) {
            self.note(path, "action_id must be there, or nobody knows what was clicked");
        }
        self.optional_text(path, button, "value", 2000);
        self.optional_text(path, button, "accessibility_label", 75);
        if let Some(url) = self.optional_text(path, button, "url", 3000)
            && !url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
        {
            self.note(path, "url is not an address");
        }
        if let Some(style) = button.get("style")
            && !["primary", "danger"].iter().any(|known| style == known)
        {
            self.note(path, "style is neither `primary` nor `danger`");
        }
        if let Some(confirm) = button.get("confirm") {
            let Some(confirm) = confirm.as_object() else {
                self.note(path, "confirm must be an object");
                return;
            };
            let path = format!("{path}/confirm");
            let known = ["title", "text", "confirm", "deny", "style"];
            if let Some(unknown) = confirm.keys().find(|key| !known.contains(&key.as_str())) {
                self.note(&path, &format!("unknown field `{unknown}`"));
            }
            self.text_object(&format!("{path}/title"), confirm.get("title"), 100, &["plain_text"]);
            self.text_object(&format!("{path}/text"), confirm.get("text"), 300, &["plain_text", "mrkdwn"]);
            self.text_object(&format!("{path}/confirm"), confirm.get("confirm"), 30, &["plain_text"]);
            self.text_object(&format!("{path}/deny"), confirm.get("deny"), 30, &["plain_text"]);
        }
    }

    fn text_object(&mut self, path: &str, object: Option<&Value>, max: usize, kinds: &[&str]) {
        let Some(object) = object.and_then(Value::as_object) else {
            self.note(path, "must be a text object");
            return;
        };
        let kind = object.get("type").and_then(Value::as_str).unwrap_or_default();
        if !kinds.contains(&kind) {
            self.note(path, &format!("type `{kind}` is none of {kinds:?}"));
        }
        let own = if kind == "mrkdwn" { "verbatim" } else { "emoji" };
        if let Some(unknown) = object.keys().find(|key| !["type", "text", own].contains(&key.as_str())) {
            self.note(path, &format!("`{unknown}` is not a field of {kind}"));
        }
        let text = object.get("text").and_then(Value::as_str).unwrap_or_default();
        if text.trim().is_empty() {
            self.note(path, "the text is empty");
        }
        self.longest(path, text, max);
        if kind == "mrkdwn" {
            self.control_sequences(path, text);
            if text.matches("```").count() % 2 == 1 {
                self.note(path, "a code block is not closed");
            }
        }
    }

    /// `<`, `>` and `&` stand only where they mean something, and nothing calls everybody.
    fn control_sequences(&mut self, path: &str, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.find(['<', '>', '&']) {
            let from = &rest[at..];
            if let Some(behind) = from.strip_prefix('&') {
                if !["amp;", "lt;", "gt;"].iter().any(|escape| behind.starts_with(escape)) {
                    self.note(path, "`&` is not escaped");
                }
                rest = behind;
                continue;
            }
            let Some(inside) =
                from.strip_prefix('<').and_then(|after| after.split_once('>')).map(|(inside, _)| inside)
            else {
                self.note(path, "`<` or `>` is not escaped");
                return;
            };
            let target = inside.split('|').next().unwrap_or_default();
            let person = target.strip_prefix("@").is_some_and(|id| {
                id.starts_with(['U', 'W', 'S'])
                    && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            });
            let address = url::Url::parse(target).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
            if !person && !address || inside.contains('<') {
                self.note(path, &format!("`<{inside}>` is neither a person nor a link"));
            }
            rest = &from[inside.len() + 2..];
        }
    }

    fn metadata(&mut self, metadata: &Value) {
        let Some(object) = metadata.as_object() else {
            self.note("/metadata", "must be an object");
            return;
        };
        if let Some(unknown) =
            object.keys().find(|key| !["event_type", "event_payload"].contains(&key.as_str()))
        {
            self.note("/metadata", &format!("unknown field `{unknown}`"));
        }
        if object.get("event_type").and_then(Value::as_str).is_none_or(str::is_empty) {
            self.note("/metadata", "event_type must be there");
        }
        if !object.get("event_payload").is_some_and(Value::is_object) {
            self.note("/metadata", "event_payload must be an object");
        }
    }

    fn elements(&mut self, path: &str, block: &Map<String, Value>, max: usize) -> Vec<(String, Value)> {
        let elements = block.get("elements").and_then(Value::as_array).cloned().unwrap_or_default();
        if elements.is_empty() || elements.len() > max {
            self.note(path, &format!("{} elements; 1 to {max} are allowed", elements.len()));
        }
        elements
            .into_iter()
            .enumerate()
            .map(|(index, element)| (format!("{path}/elements/{index}"), element))
            .collect()
    }

    fn fields(&mut self, path: &str, object: &Map<String, Value>, known: &[&str]) {
        for key in object.keys().filter(|key| !["type", "block_id"].contains(&key.as_str())) {
            if !known.contains(&key.as_str()) {
                self.note(path, &format!("unknown field `{key}`"));
            }
        }
    }

    fn optional_text<'a>(
        &mut self,
        path: &str,
        object: &'a Map<String, Value>,
        key: &str,
        max: usize,
    ) -> Option<&'a str> {
        let value = object.get(key)?;
        let Some(text) = value.as_str() else {
            self.note(path, &format!("`{key}` must be a text"));
            return None;
        };
        self.longest(&format!("{path}/{key}"), text, max);
        Some(text)
    }

    fn longest(&mut self, path: &str, text: &str, max: usize) {
        let length = utf16(text);
        if length > max {
            self.note(path, &format!("must be at most {max} characters, is {length}"));
        }
    }
}

fn utf16(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults(blocks: &Value) -> String {
        validate_message(&json!({"text": "t", "blocks": blocks})).join("\n")
    }

    #[test]
    fn a_good_message_has_no_faults() {
        let blocks = json!([
            {"type": "header", "text": {"type": "plain_text", "text": "h"}},
            {"type": "section", "text": {"type": "mrkdwn", "text": "a &lt; <https://x.example/?a&amp;b|link> <@U1>", "verbatim": true}},
            {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "b"}, "action_id": "a", "value": "v"}]},
        ]);
        assert_eq!(faults(&blocks), "");
    }

    #[test]
    fn every_limit_is_enforced() {
        let section = |text: &str| json!({"type": "section", "text": {"type": "mrkdwn", "text": text}});
        let button = |id: &str| json!({"type": "button", "text": {"type": "plain_text", "text": "b"}, "action_id": id});
        let cases = [
            (json!(vec![json!({"type": "divider"}); 51]), "51 blocks"),
            (json!([section(&"x".repeat(3001))]), "at most 3000"),
            (json!(vec![section(&"x".repeat(2900)); 5]), "msg_blocks_too_long"),
            (json!([section(" ")]), "empty"),
            (json!([section("<!channel>")]), "neither a person nor a link"),
            (json!([section("<#C1>")]), "neither a person nor a link"),
            (json!([section("a < b")]), "not escaped"),
            (json!([section("a & b")]), "not escaped"),
            (json!([section("```x")]), "not closed"),
            (json!([{"type": "section"}]), "needs `text`"),
            (
                json!([{"type": "section", "fields": vec![json!({"type": "mrkdwn", "text": "x"}); 11]}]),
                "11 fields",
            ),
            (
                json!([{"type": "section", "fields": [{"type": "mrkdwn", "text": "x".repeat(2001)}]}]),
                "at most 2000",
            ),
            (
                json!([{"type": "header", "text": {"type": "plain_text", "text": "x".repeat(151)}}]),
                "at most 150",
            ),
            (json!([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}]), "none of"),
            (
                json!([{"type": "context", "elements": vec![json!({"type": "mrkdwn", "text": "x"}); 11]}]),
                "11 elements",
            ),
            (json!([{"type": "actions", "elements": [button("a"), button("a")]}]), "used twice"),
            (
                json!([{"type": "actions", "elements": (0..26).map(|n| button(&n.to_string())).collect::<Vec<_>>()}]),
                "26 elements",
            ),
            (json!([{"type": "actions", "elements": [button(&"a".repeat(256))]}]), "at most 255"),
            (json!([{"type": "divider", "colour": "red"}]), "unknown field `colour`"),
            (json!([{"type": "marquee"}]), "not known here"),
        ];
        for (blocks, expected) in cases {
            let faults = faults(&blocks);
            assert!(faults.contains(expected), "{expected}: {faults}");
        }
        assert!(validate_message(&json!({"blocks": []})).join("\n").contains("/text"));
    }
}
