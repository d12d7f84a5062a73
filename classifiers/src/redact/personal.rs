//! Data of people: addresses, and the words that an operator wants hidden.

use std::sync::{LazyLock, OnceLock};

use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;

use super::{
    Redacted,
    kind::{Found, Kind},
};

pub(super) static EMAIL: Kind = Kind {
    name: "email",
    signs: &["@"],
    any_case: false,
    personal: true,
    accept: is_person,
    regex: LazyLock::new(|| {
        Regex::new(r"\b(?P<secret>(?P<user>[A-Za-z0-9][A-Za-z0-9._%+-]*)@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.(?P<top>[A-Za-z]{2,}))\b").ok()
    }),
};

/// What stands behind the last dot where no address is meant: files of packages, pictures, units of systemd.
const NO_DOMAINS: [&str; 28] = [
    "tgz", "gz", "xz", "bz2", "zip", "tar", "js", "mjs", "cjs", "ts", "tsx", "jsx", "json", "jar", "whl",
    "exe", "dll", "png", "svg", "yml", "yaml", "toml", "lock", "service", "timer", "socket", "mount", "snap",
];

/// `git@host` names an account of a machine.
fn is_person(found: &Found<'_, '_>) -> bool {
    let top = found.group("top");
    !matches!(found.group("user"), "git" | "hg" | "svn")
        && !NO_DOMAINS.iter().any(|no| top.eq_ignore_ascii_case(no))
}

/// The hidden words; set once at the start, because a place that forgot to ask for them would leak.
static HIDDEN: OnceLock<AhoCorasick> = OnceLock::new();

/// Hides these words too wherever personal data is hidden: names of people, customers, projects. For the whole process,
/// and only once.
///
/// # Errors
/// They were set before, a word is shorter than two characters, or they are too many to search for.
pub fn hide_words(words: &[String]) -> Result<(), HideError> {
    if let Some(short) = words.iter().find(|word| word.trim().chars().count() < 2) {
        return Err(HideError::TooShort { word: short.clone() });
    }
    let trimmed = words.iter().map(|word| word.trim());
    let search = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        .build(trimmed)
        .map_err(|source| HideError::TooMany { source })?;
    HIDDEN.set(search).map_err(|_| HideError::SetBefore)
}

/// Why words cannot be hidden.
#[derive(Debug, thiserror::Error)]
pub enum HideError {
    /// It would hide parts of everything.
    #[error("`{word}` is too short to be hidden: write at least two characters")]
    TooShort {
        /// The word.
        word: String,
    },
    /// The search cannot be built.
    #[error("these are too many words to hide; leave some out")]
    TooMany {
        /// What the search says.
        source: aho_corasick::BuildError,
    },
    /// They hold for the whole process.
    #[error("the words to hide are set once, at the start")]
    SetBefore,
}

/// Takes out the hidden words where they stand as words of their own.
pub(super) fn without_hidden_words(redacted: Redacted<'_>) -> Redacted<'_> {
    match HIDDEN.get() {
        Some(search) => without(search, redacted),
        None => redacted,
    }
}

fn without<'t>(search: &AhoCorasick, redacted: Redacted<'t>) -> Redacted<'t> {
    let text = redacted.text.as_ref();
    let (mut shown, mut end, mut count) = (String::new(), 0, 0);
    for found in search.find_iter(text) {
        let before = text[..found.start()].chars().next_back();
        let after = text[found.end()..].chars().next();
        if before.into_iter().chain(after).any(char::is_alphanumeric) {
            continue;
        }
        shown.push_str(&text[end..found.start()]);
        shown.push_str("[redacted:name]");
        end = found.end();
        count += 1;
    }
    if count == 0 {
        return redacted;
    }
    shown.push_str(&text[end..]);
    Redacted { text: shown.into(), count: redacted.count + count }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    #[test]
    fn hidden_words_go_as_whole_words_in_either_case() {
        let search = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .build(["Falcon", "Ada Byron"])
            .unwrap();
        let hidden = |text| without(&search, Redacted { text: Cow::Borrowed(text), count: 0 });
        assert_eq!(
            hidden("deploy falcon for ada byron, not falcons"),
            Redacted { text: "deploy [redacted:name] for [redacted:name], not falcons".into(), count: 2 }
        );
        assert_eq!(hidden("nothing").count, 0);
    }

    #[test]
    fn words_that_would_hide_everything_are_refused() {
        let refused = hide_words(&["a".to_owned()]).unwrap_err();
        assert_eq!(refused.to_string(), "`a` is too short to be hidden: write at least two characters");
    }
}
