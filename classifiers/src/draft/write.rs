//! The draft as TOML, with remarks for its author.

use std::fmt::Write as _;

use crate::category::{Category, Owner};

/// What the draft says.
pub(super) struct Parts {
    pub(super) id: String,
    pub(super) category: Category,
    pub(super) owner: Owner,
    pub(super) why: String,
    pub(super) priority: u8,
    pub(super) patterns: Vec<String>,
    pub(super) window: u64,
    pub(super) key: usize,
    pub(super) explain: String,
    pub(super) example: String,
    pub(super) not: String,
    /// The look-alike is not from the log.
    pub(super) invented: bool,
}

/// The pack; `elsewhere` holds other lines of the log on which it holds.
pub(super) fn pack(parts: &Parts, elsewhere: &[u64]) -> String {
    let Parts { id, category, owner, why, priority, patterns, window, key, explain, example, not, invented } =
        parts;
    let mut lines = vec!["# A draft: correct what is wrong, and say what to try in `fix`.".to_owned()];
    if !elsewhere.is_empty() {
        let lines_told = elsewhere.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
        lines.push(format!("# It also holds on these lines of the log: {lines_told}"));
    }
    lines.push("[[rule]]".to_owned());
    lines.push(format!("id       = {}", text(id)));
    lines.push(format!("category = \"{category}\"   # {}", why.replace(char::is_control, " ")));
    lines.push(format!("owner    = \"{owner}\""));
    lines.push(format!("priority = {priority}"));
    lines.push("shadow   = true   # on trial: counted, not shown; take it out to use the rule".to_owned());
    if let [one] = patterns.as_slice() {
        lines.push(format!("match    = {}", text(one)));
    } else {
        lines.push("match    = [".to_owned());
        lines.extend(patterns.iter().map(|pattern| format!("    {},", text(pattern))));
        lines.push("]".to_owned());
        lines.push(format!("window   = {window}"));
        lines.push(format!("key      = {key}"));
    }
    lines.push(format!("explain  = {}", text(explain)));
    lines.push("fix      = []".to_owned());
    lines.push(format!("examples = [{}]", text(example)));
    let remark =
        if *invented { "   # made up: put a line here that looks like it and is harmless" } else { "" };
    lines.push(format!("not      = [{}]{remark}", text(not)));
    lines.join("\n") + "\n"
}

/// A text as TOML writes it, on one line.
fn text(text: &str) -> String {
    let plain = !text.contains('\'') && !text.chars().any(char::is_control);
    if plain {
        return format!("'{text}'");
    }
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            letter if letter.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out + "\""
}
