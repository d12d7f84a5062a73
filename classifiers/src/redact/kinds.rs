//! What secrets look like.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// One kind of secret.
pub(super) struct Kind {
    /// What stands in its place.
    pub(super) name: &'static str,
    /// A text must hold one of these, in either case, to be worth a closer look.
    pub(super) signs: &'static [&'static str],
    /// Personal data rather than a secret.
    pub(super) personal: bool,
    /// The last word, where an expression is not enough.
    pub(super) accept: fn(&Captures<'_>) -> bool,
    regex: LazyLock<Option<Regex>>,
}

impl Kind {
    pub(super) fn regex(&self) -> Option<&Regex> {
        self.regex.as_ref()
    }
}

/// Writes the table: the expression stands once, compiled when its sign is first seen.
macro_rules! kinds {
    ($($name:literal, [$($sign:literal),+], $personal:literal, $accept:expr, $source:literal;)+) => {
        /// All kinds; those with a shape of their own come before those that are known by their surroundings.
        pub(super) static KINDS: [Kind; [$($name),+].len()] = [$(Kind {
            name: $name,
            signs: &[$($sign),+],
            personal: $personal,
            accept: $accept,
            regex: LazyLock::new(|| Regex::new($source).ok()),
        }),+];
    };
}

kinds! {
    "private_key", ["PRIVATE KEY"], false, always, r"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)(?:-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|\z)";
    "aws_access_key", ["AKIA", "ASIA"], false, always, r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b";
    "github_token", ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"], false, always, r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})";
    "gitlab_token", ["glpat-", "glptt-", "gldt-", "glrt-", "glcbt-", "glft-", "glsoat-", "glimt-", "glagent-"], false, always, r"\bgl(?:pat|ptt|dt|rt|cbt|ft|soat|imt|agent)-[A-Za-z0-9_.-]{16,}";
    "slack_token", ["xox", "xapp-"], false, always, r"\b(?:xox[abeoprs]-[A-Za-z0-9.-]{10,}|xapp-[A-Za-z0-9-]{10,})";
    "slack_webhook", ["hooks.slack.com/"], false, always, r"hooks\.slack\.com/(?P<secret>(?:services|workflows|triggers)/[A-Za-z0-9/_-]{16,})";
    "npm_token", ["npm_"], false, always, r"\bnpm_[A-Za-z0-9]{30,}";
    "pypi_token", ["pypi-"], false, always, r"\bpypi-[A-Za-z0-9_-]{32,}";
    "docker_token", ["dckr_"], false, always, r"\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}";
    "google_key", ["AIza", "ya29."], false, always, r"\b(?:AIza[0-9A-Za-z_-]{35}|ya29\.[0-9A-Za-z_-]{20,})";
    "stripe_key", ["k_live_", "k_test_"], false, always, r"\b[sr]k_(?:live|test)_[0-9A-Za-z]{16,}";
    "api_key", ["sk-"], false, has_digit, r"\bsk-(?P<secret>[A-Za-z0-9_-]{24,})";
    "vault_token", ["hvs.", "hvb."], false, always, r"\bhv[sb]\.[A-Za-z0-9_-]{20,}";
    "jwt", ["eyJ"], false, always, r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*";
    "auth_header", ["basic ", "bearer ", "authorization"], false, is_value, r#"(?i)\b(?:authorization["']?\s*[:=]\s*["']?(?:(?:basic|bearer|token|digest|negotiate)\s+)?|(?:basic|bearer)\s+)(?P<secret>[A-Za-z0-9+/_.~=-]{16,})"#;
    "url_password", ["://"], false, is_value, r#"://[^\s/:@'"]*:(?P<secret>[^\s/@'"]+)@"#;
    "npm_token", ["_auth", "_password"], false, is_value, r"(?i)\b_(?:authToken|auth|password)\s*=\s*(?P<secret>[^\s,;]+)";
    "secret", ["passw", "pwd", "secret", "token", "api_key", "api-key", "apikey", "access_key", "accesskey", "private_key", "credential"], false, looks_secret, r#"(?i)(?P<name>[A-Z0-9_.-]*(?:passw(?:or)?d|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)[A-Z0-9_-]*)["']?\s*(?P<sign>=>|:=|[:=])\s*["']?(?P<secret>[^\s"',;&)}\]]+)"#;
    "email", ["@"], true, is_person, r"\b(?P<secret>(?P<user>[A-Za-z0-9][A-Za-z0-9._%+-]*)@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,})\b";
    "private_key", ["/", "+", "="], false, is_key_line, r"(?m)^[ \t]*(?P<secret>[A-Za-z0-9+/]{64,76}={0,2})[ \t]*$";
}

fn always(_: &Captures<'_>) -> bool {
    true
}

fn has_digit(found: &Captures<'_>) -> bool {
    secret(found).bytes().any(|byte| byte.is_ascii_digit())
}

/// Not a place-holder: `***`, `$TOKEN`, `<token>`, `{{ token }}`.
fn is_value(found: &Captures<'_>) -> bool {
    let value = secret(found);
    !value.starts_with(['*', '$', '<', '{', '%', '[', '(', '`']) && !value.contains("***")
}

/// What stands behind `password=` and the like: in a language's sentence (`unexpected token: name`) it is no secret.
fn looks_secret(found: &Captures<'_>) -> bool {
    let value = secret(found);
    let name = &found["name"];
    let assigned = &found["sign"] != ":";
    let (digit, letter) = (
        value.bytes().any(|byte| byte.is_ascii_digit()),
        value.bytes().any(|byte| byte.is_ascii_alphabetic()),
    );
    let variable =
        name.bytes().any(|byte| byte == b'_') && !name.bytes().any(|byte| byte.is_ascii_lowercase());
    let long_enough = value.len() >= if variable || digit { 6 } else { 8 };
    let told = if assigned || variable {
        digit || variable || value.len() >= 12
    } else {
        digit && letter && value.len() >= 8
    };
    is_value(found) && long_enough && told && !is_code(value)
}

/// `Token(x)`, `self.token`, a path, a known word: code or configuration that is being talked about.
fn is_code(value: &str) -> bool {
    value.contains(['(', '{', '<'])
        || value.starts_with(['/', '.'])
        || value.contains("::")
        || ["true", "false", "null", "none", "undefined", "required", "missing"]
            .iter()
            .any(|word| value.eq_ignore_ascii_case(word))
}

/// `git@host` names an account of a machine.
fn is_person(found: &Captures<'_>) -> bool {
    !matches!(&found["user"], "git" | "hg" | "svn")
}

/// One line of a key block that lost its frame: long base64 in which all sorts of characters are mixed.
fn is_key_line(found: &Captures<'_>) -> bool {
    let value = secret(found).as_bytes();
    value.iter().any(u8::is_ascii_lowercase)
        && value.iter().any(u8::is_ascii_uppercase)
        && value.iter().any(u8::is_ascii_digit)
        && value.iter().any(|byte| matches!(byte, b'+' | b'/' | b'='))
        && !value.starts_with(b"/")
}

fn secret<'t>(found: &Captures<'t>) -> &'t str {
    found.name("secret").map_or("", |secret| secret.as_str())
}
