//! Names with a value: which of them are secrets, and which only talk about them.
//!
//! `DB_PASSWORD=x`, `"token": "x"` and `--api-key x` are; `max_tokens=4096`, `token = lexer.next` and `Unexpected token: x`
//! are not.

use super::{accept::is_placeholder, kind::Found};

/// Words behind such a name that say something about the secret instead of being it.
const WORDS: [&str; 66] = [
    "true",
    "false",
    "null",
    "nil",
    "none",
    "undefined",
    "required",
    "missing",
    "yes",
    "no",
    "empty",
    "invalid",
    "valid",
    "expired",
    "string",
    "str",
    "text",
    "value",
    "file",
    "path",
    "password",
    "passwd",
    "secret",
    "token",
    "key",
    "is",
    "was",
    "to",
    "or",
    "and",
    "for",
    "from",
    "if",
    "in",
    "with",
    "not",
    "must",
    "can",
    "cannot",
    "has",
    "flag",
    "option",
    "argument",
    "parameter",
    "env",
    "set",
    "unset",
    "default",
    "stdin",
    "prompt",
    "ask",
    "failed",
    "error",
    "ok",
    "success",
    "loading",
    "found",
    "changed",
    "generated",
    "authentication",
    "optional",
    "sensitive",
    "unknown",
    "enabled",
    "disabled",
    "login",
];

/// What a name ends with that holds no secret itself.
const HARMLESS: [&str; 58] = [
    "name",
    "names",
    "file",
    "files",
    "path",
    "paths",
    "dir",
    "url",
    "uri",
    "endpoint",
    "host",
    "id",
    "ids",
    "ref",
    "refs",
    "type",
    "types",
    "length",
    "len",
    "size",
    "count",
    "counts",
    "limit",
    "limits",
    "max",
    "min",
    "policy",
    "expiry",
    "expires",
    "expiration",
    "ttl",
    "age",
    "time",
    "timeout",
    "version",
    "provider",
    "manager",
    "class",
    "field",
    "param",
    "header",
    "prefix",
    "suffix",
    "format",
    "algorithm",
    "alg",
    "usage",
    "budget",
    "scope",
    "scopes",
    "permission",
    "permissions",
    "status",
    "error",
    "errors",
    "rotation",
    "stdin",
    "arn",
];

/// Words before `token: x` of parsers and lexers.
const PARSERS: [&str; 12] = [
    "unexpected",
    "expected",
    "found",
    "next",
    "last",
    "current",
    "unknown",
    "illegal",
    "stray",
    "this",
    "reserved",
    "preprocessing",
];

#[expect(clippy::struct_excessive_bools, reason = "each says which characters are there")]
struct Value<'v> {
    text: &'v str,
    digit: bool,
    lower: bool,
    upper: bool,
    other: bool,
}

impl Value<'_> {
    fn of(text: &str) -> Value<'_> {
        let has = |is: fn(u8) -> bool| text.bytes().any(is);
        Value {
            text,
            digit: has(|byte| byte.is_ascii_digit()),
            lower: has(|byte| byte.is_ascii_lowercase()),
            upper: has(|byte| byte.is_ascii_uppercase()),
            other: has(|byte| !byte.is_ascii_alphanumeric() && byte != b'_' && byte != b'.' && byte != b'-'),
        }
    }

    fn letter(&self) -> bool {
        self.lower || self.upper
    }

    /// Only digits and dots: a number or a version.
    fn number(&self) -> bool {
        !self.letter() && !self.other
    }

    /// Code, a path, a word about secrets: something that is being talked about.
    fn talk(&self) -> bool {
        let text = self.text;
        let bare = text.trim_end_matches(['.', ':', '!', '?']);
        text.contains(['(', '{', '<'])
            || text.starts_with(['/', '=', '~', '>', '|', '@', '#'])
            || text.starts_with("./")
            || text.contains("::")
            || text.contains("://")
            || WORDS.iter().any(|word| bare.eq_ignore_ascii_case(word))
            || (text.contains('.')
                && text.split('.').all(is_identifier)
                && text.contains(char::is_alphabetic))
    }
}

/// A piece of `self.token` or `secrets.NAME`.
fn is_identifier(piece: &str) -> bool {
    !piece.is_empty()
        && piece.len() < 24
        && piece.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
}

/// How a name is written decides how much is asked of the value.
struct Name<'n>(&'n str);

impl Name<'_> {
    /// `DB_PASSWORD`: a variable of the environment.
    fn variable(&self) -> bool {
        !self.0.bytes().any(|byte| byte.is_ascii_lowercase())
            && self.0.bytes().any(|byte| byte.is_ascii_uppercase())
    }

    /// A password may be any word; a key or token is made by a machine.
    fn password(&self) -> bool {
        let name = self.0.to_ascii_lowercase();
        ["passw", "pwd", "passphrase"].iter().any(|part| name.contains(part))
    }

    /// `tokenUrl`, `secret_name`, `max_tokens`, `tokenizer`.
    fn harmless(&self) -> bool {
        let lower = self.0.to_ascii_lowercase();
        let last = last_word(self.0).to_ascii_lowercase();
        HARMLESS.contains(&last.as_str())
            || lower.ends_with("tokens")
            || lower.contains("tokeniz")
            || lower.contains("tokenis")
            || lower.contains("passwordless")
            || lower.contains("secretsmanager")
            || lower.ends_with("secretstorage")
            || matches!(lower.as_str(), "pwd" | "oldpwd")
    }
}

/// `Url` of `tokenUrl`, `name` of `secret_name`.
fn last_word(name: &str) -> &str {
    let tail = name.rsplit(['_', '-', '.']).next().unwrap_or(name);
    let camel = tail.bytes().any(|byte| byte.is_ascii_lowercase());
    let start =
        tail.char_indices().rfind(|(_, c)| camel && c.is_ascii_uppercase()).map_or(0, |(start, _)| start);
    &tail[start..]
}

/// `NAME=x`, `name: x`, `"name": "x"`.
pub(super) fn is_assigned_secret(found: &Found<'_, '_>) -> bool {
    let name = Name(found.group("name").trim_start_matches('$'));
    let value = Value::of(found.secret());
    if is_placeholder(value.text)
        || name.harmless()
        || value.talk()
        || spoken_by_a_parser(found.before(), name.0)
    {
        return false;
    }
    let colon = found.group("sign") == ":";
    let tight = !colon && found.group("space").is_empty() && found.group("sign") == "=";
    let quoted = !found.group("quote").is_empty();
    let ends = ends_here(found.after());
    let length = value.text.len();
    if name.password() {
        let plain = length >= 4 && (value.digit || value.other || (value.lower && value.upper));
        return match (name.variable(), quoted) {
            (true, _) => length >= 3 && (tight || quoted || ends || plain),
            (false, true) => length >= 4,
            (false, false) if colon || !tight => ends && length >= 6,
            (false, false) => plain || (ends && length >= 6 && name.0.contains('.')) || (ends && length >= 8),
        };
    }
    let made = value.digit && value.letter() && length >= 8;
    match (name.variable(), quoted) {
        _ if value.number() => {
            name.variable() && (tight || quoted) && length >= 6 && !value.text.contains('.')
        }
        (true, _) => made || (length >= 6 && (tight || quoted)) || (ends && length >= 8 && !value.talk()),
        (false, true) => made || (length >= 16 && value.lower && value.upper),
        (false, false) => made || (tight && ends && length >= 12 && value.lower && value.upper),
    }
}

/// `Unexpected token: x`, `stray token = x`.
fn spoken_by_a_parser(before: &str, name: &str) -> bool {
    let word = before.trim_end().rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    !Name(name).password() && PARSERS.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// Nothing follows but what closes a line of a configuration.
fn ends_here(after: &str) -> bool {
    after.trim_matches(['"', '\'', '`', ',', ';', '}', ']', ')', ' ', '\t', '\r', '\\']).is_empty()
}

/// `--password x`: the help text of a program and sentences about the flag have a word there.
pub(super) fn is_flag_value(found: &Found<'_, '_>) -> bool {
    let name = Name(found.group("name"));
    let value = Value::of(found.secret());
    if is_placeholder(value.text) || name.harmless() || value.talk() || value.text.starts_with('-') {
        return false;
    }
    let shouted = value.upper && !value.lower && !value.digit;
    let joined = found.groups.get(0).is_some_and(|whole| {
        let head = &whole.as_str()[..whole.as_str().len() - value.text.len()];
        head.trim_end_matches(['"', '\'', '\\']).ends_with('=')
    });
    let next = found.after().trim_start_matches(['"', '\'', '\\', ',', ' ', '\t', '\r']);
    let clear = joined || next.is_empty() || next.starts_with(['-', '|', '&', ';', '>', '\\', ']', ')']);
    !shouted
        && value.text.len() >= 4
        && ((value.digit && value.letter())
            || value.other
            || (clear && (name.password() || value.text.len() >= 8)))
}

/// `{"name": "DB_PASSWORD", "value": "x"}`.
pub(super) fn is_named_value(found: &Found<'_, '_>) -> bool {
    let value = Value::of(found.secret());
    !is_placeholder(value.text)
        && !Name(found.group("name")).harmless()
        && !value.talk()
        && value.text.len() >= 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_of_a_name_says_what_it_holds() {
        assert_eq!(last_word("tokenUrl"), "Url");
        assert_eq!(last_word("DB_SECRET_NAME"), "NAME");
        assert_eq!(last_word("spring.datasource.password"), "password");
        assert!(
            Name("token_ttl").harmless() && Name("max_tokens").harmless() && !Name("API_TOKEN").harmless()
        );
    }
}
