//! What a rule is, how a pack is read, and what is wrong with it if it does not load.

mod pack;
mod text;

use std::{borrow::Cow, fmt, sync::OnceLock};

use regex::bytes::{Regex, RegexBuilder};

use crate::category::{Category, Owner};

pub use pack::PackSource;
pub(crate) use pack::{read, stacked};
pub(crate) use text::{fill, placeholders};

/// One rule, checked.
#[derive(Debug, PartialEq)]
pub struct Rule {
    /// `family.tool.what`, unique over all packs.
    pub id: String,
    /// The pack that it comes from.
    pub pack: String,
    /// What kind of failure it means.
    pub category: Category,
    /// Whose move it is.
    pub owner: Owner,
    /// 0–100, how specific it is.
    pub priority: u8,
    /// Only wins when nothing else is found.
    pub weak: bool,
    /// On trial: where it holds is counted, and never shown, and it changes no verdict.
    pub shadow: bool,
    /// It comes from a team's own pack, which wins over built-in ones.
    pub own: bool,
    /// The sentence for the reader; `{name}` is a named group.
    pub explain: String,
    /// What to try, most likely first; `{name}` is a named group.
    pub fix: Vec<String>,
    /// Ids of remedies that make sense.
    pub remedies: Vec<String>,
    /// Tags looked for in runbooks.
    pub runbook: Vec<String>,
    /// Fragments on which it must fire.
    pub examples: Vec<String>,
    /// Look-alikes on which it must not.
    pub not: Vec<String>,
    /// Lines that belong to a finding.
    pub block: Block,
    pub(crate) parts: Vec<Pattern>,
    pub(crate) window: u64,
    pub(crate) key: usize,
    pub(crate) unless: Vec<Pattern>,
    pub(crate) unless_near: Vec<Pattern>,
    /// What may stand near the key line and completes the sentence.
    pub(crate) also: Vec<Pattern>,
}

impl Rule {
    /// Its expressions as written.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|part| part.source.as_str())
    }

    /// Whether it has to see the lines around a match before it holds.
    pub(crate) fn looks_around(&self) -> bool {
        self.parts.len() > 1 || !self.unless_near.is_empty()
    }
}

/// Which lines around the key line belong to a finding.
#[derive(Debug, Default, PartialEq)]
pub struct Block {
    /// Lines before.
    pub before: u64,
    /// Lines after.
    pub after: u64,
    pub(crate) until: Option<Pattern>,
}

/// A regular expression that is checked at once and compiled when it is first needed: a start compiles none, and a log
/// of one tool only those of that tool.
pub(crate) struct Pattern {
    pub(crate) source: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    pub(crate) fn new(source: &str) -> Pattern {
        Pattern { source: source.to_owned(), compiled: OnceLock::new() }
    }

    /// The compiled expression; `None` if it is too big, which loading a pack reports.
    pub(crate) fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| compile(&self.source).ok()).as_ref()
    }

    /// Whether a line matches, behind any marker of the runner too.
    pub(crate) fn is_match(&self, line: &[u8]) -> bool {
        self.regex().is_some_and(|regex| {
            regex.is_match(line) || behind_marker(line).is_some_and(|rest| regex.is_match(rest))
        })
    }

    /// The same for an expression that may match anywhere in a line, and so behind a marker too.
    pub(crate) fn is_match_anywhere(&self, line: &[u8]) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(line))
    }

    /// The named groups that took part.
    pub(crate) fn captures(&self, line: &[u8]) -> Vec<(String, String)> {
        let Some(regex) = self.regex() else { return Vec::new() };
        let captures =
            regex.captures(line).or_else(|| behind_marker(line).and_then(|rest| regex.captures(rest)));
        let Some(captures) = captures else { return Vec::new() };
        regex
            .capture_names()
            .flatten()
            .filter_map(|name| {
                let value = captures.name(name)?;
                Some((name.to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            })
            .collect()
    }
}

/// Two expressions are the same if they are written alike, compiled or not.
impl PartialEq for Pattern {
    fn eq(&self, other: &Pattern) -> bool {
        self.source == other.source
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

/// Compiles as the matcher needs it: bytes, ASCII classes, no line longer than one line.
fn compile(source: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(&dialect(source)).unicode(false).size_limit(4 << 20).dfa_size_limit(256 << 10).build()
}

/// The expression as the engine takes it: all is bytes and ASCII, only classes that name other characters, `[✓✔]`, are read
/// as characters.
pub(crate) fn dialect(source: &str) -> Cow<'_, str> {
    if source.is_ascii() {
        return Cow::Borrowed(source);
    }
    let mut out = String::with_capacity(source.len() + 16);
    let mut rest = source;
    while let Some(at) = rest.find(['\\', '[']) {
        out.push_str(&rest[..at]);
        let length = if rest[at..].starts_with('[') {
            class_length(&rest[at..])
        } else {
            1 + rest[at + 1..].chars().next().map_or(0, char::len_utf8)
        };
        let piece = &rest[at..at + length];
        if piece.starts_with('[') && !piece.is_ascii() {
            out.push_str("(?u:");
            out.push_str(piece);
            out.push(')');
        } else {
            out.push_str(piece);
        }
        rest = &rest[at + length..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The length of the bracketed class at the start of `text`.
fn class_length(text: &str) -> usize {
    let (mut escaped, mut depth) = (false, 0);
    for (at, c) in text.char_indices() {
        // A bracket that closes at once is a member: `[]x]`, `[^]x]`.
        let first = matches!(&text[..at], "[" | "[^");
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => depth += 1,
            ']' if !first => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + c.len_utf8();
        }
    }
    text.len()
}

/// The text behind a marker that a runner or builder puts in front of a tool's line: `##[error]`, `#12 0.345 `
/// (`BuildKit`), `service_1  | ` (compose), `pkg:task: ` (task runners of monorepos).
pub(crate) fn behind_marker(line: &[u8]) -> Option<&[u8]> {
    match line {
        [b'#', b'#', b'[', ..] => {
            let end = memchr::memchr(b']', &line[..line.len().min(16)])?;
            Some(&line[end + 1..])
        }
        [b'#', b'0'..=b'9', ..] => {
            let mut words = line.splitn(3, |&byte| byte == b' ');
            let (step, time, rest) = (words.next()?, words.next()?, words.next()?);
            let numbers = step[1..].iter().all(u8::is_ascii_digit)
                && time.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
            numbers.then_some(rest)
        }
        _ => {
            let head = &line[..line.len().min(60)];
            let mut bars = memchr::memchr_iter(b'|', head).filter(|&at| at > 0 && head[at - 1] == b' ');
            let bar = bars.find(|at| head.get(at + 1) == Some(&b' ')).map(|at| (at - 1, at + 2));
            let mut colons = memchr::memchr_iter(b':', head);
            let colon = colons.find(|at| head.get(at + 1) == Some(&b' ')).map(|at| (at, at + 2));
            let (end, next) = bar.or(colon.filter(|(at, _)| head[..*at].contains(&b':')))?;
            let name = &head[..end];
            let name_end = name.iter().rposition(|&byte| byte != b' ')? + 1;
            let plain =
                name[..name_end].iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:@/".contains(byte));
            plain.then(|| &line[next..])
        }
    }
}

/// What is wrong with a pack or a rule, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}: {problem}; {advice}", .pack, .rule.as_ref().map(|id| format!(", rule `{id}`")).unwrap_or_default())]
pub struct RuleError {
    /// The pack.
    pub pack: String,
    /// The rule, when it is one rule's fault.
    pub rule: Option<String>,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub advice: String,
}

/// Everything that is wrong with the packs, at once.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct RuleErrors(pub Vec<RuleError>);

/// Whether an expression compiles, and what to do if not.
pub(crate) fn check_pattern(source: &str) -> Result<(), (String, String)> {
    if let Err(error) = compile(source) {
        let advice = "correct it; look-around and back-references do not exist here";
        let reason = error.to_string().lines().last().unwrap_or_default().trim().to_owned();
        return Err((format!("`{source}` is not a usable expression ({reason})"), advice.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_outside_ascii_may_stand_in_brackets() {
        assert_eq!(dialect(r"^\[a] [^’'\]]+[a-z]"), r"^\[a] (?u:[^’'\]])+[a-z]");
        let pattern = Pattern::new(r"^\s*[✓✔] (?P<name>[^’]+)’ \d");
        assert!(pattern.is_match("  ✔ ok’ 1".as_bytes()));
        assert!(!pattern.is_match("  x ok’ 1".as_bytes()));
    }

    #[test]
    fn markers_in_front_of_a_tool_s_line_are_seen_through() {
        let behind = |line: &str| {
            behind_marker(line.as_bytes()).map(|rest| String::from_utf8_lossy(rest).into_owned())
        };
        assert_eq!(behind("##[error]E: x").as_deref(), Some("E: x"));
        assert_eq!(behind("#12 0.345 E: x").as_deref(), Some("E: x"));
        assert_eq!(behind("web_1  | E: x").as_deref(), Some("E: x"));
        assert_eq!(behind("@acme/web:build: E: x").as_deref(), Some("E: x"));
        assert_eq!(behind("error: E: x"), None);
        assert_eq!(behind("# 1 2"), None);
    }
}
