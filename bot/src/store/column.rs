//! How our own types stand in columns: JSON as text, closed lists as words, moments as unix milliseconds.

use std::borrow::Cow;
use std::ops::Deref;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::{Result, StoreError};

/// A value kept as JSON text. Reads like the value itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json<T>(pub T);

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned> TryFrom<String> for Json<T> {
    type Error = serde_json::Error;

    fn try_from(text: String) -> std::result::Result<Self, Self::Error> {
        serde_json::from_str(&text).map(Self)
    }
}

/// A value that may be missing, kept as JSON text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MaybeJson<T>(pub Option<T>);

impl<T> Deref for MaybeJson<T> {
    type Target = Option<T>;

    fn deref(&self) -> &Option<T> {
        &self.0
    }
}

impl<T: DeserializeOwned> TryFrom<Option<String>> for MaybeJson<T> {
    type Error = serde_json::Error;

    fn try_from(text: Option<String>) -> std::result::Result<Self, Self::Error> {
        text.map(|text| serde_json::from_str(&text)).transpose().map(Self)
    }
}

/// Writes a value as JSON text. `what` names it in the error.
pub(crate) fn json<T: Serialize>(what: &'static str, value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|source| StoreError::Unwritable { what, source })
}

/// Untrusted text without NUL characters: `PostgreSQL` refuses them in text, so that one odd log line would hold up a job.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

/// A pattern for `LIKE … ESCAPE '\'` that finds `text` anywhere, in lower case.
pub(crate) fn containing(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in clean(text).to_lowercase().chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

/// `($1, $2), ($3, $4)`: what stands behind VALUES for so many rows of so many columns. Both databases understand it.
pub(crate) fn placeholders(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let cells: Vec<String> = (1..=columns).map(|cell| format!("${}", row * columns + cell)).collect();
        format!("({})", cells.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// A new id: UUID version 7, so that ids sort by creation.
pub fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// The present moment in unix milliseconds.
pub fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

/// The moment that a column of unix milliseconds means.
pub fn moment(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A closed list whose members stand in a column, and in JSON, as one word each.
macro_rules! words {
    (
        $(#[$about:meta])*
        pub enum $name:ident { $( $(#[$doc:meta])* $variant:ident = $word:literal ),+ $(,)? }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $( $(#[$doc])* #[serde(rename = $word)] $variant ),+ }

        impl $name {
            /// The word it stands as in the database and in JSON.
            pub fn word(self) -> &'static str {
                match self { $( Self::$variant => $word ),+ }
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::store::column::UnknownWord;

            fn try_from(word: String) -> std::result::Result<Self, Self::Error> {
                match word.as_str() {
                    $( $word => Ok(Self::$variant), )+
                    _ => Err($crate::store::column::UnknownWord(word)),
                }
            }
        }
    };
}
pub(crate) use words;

/// A column holds a word that this version does not know.
#[derive(Debug, thiserror::Error)]
#[error(
    "the database holds the word `{0}`, which this version does not know: run the newer version that wrote it"
)]
pub struct UnknownWord(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_characters_are_replaced_and_other_text_is_left() {
        assert_eq!(clean("a\0b"), "a\u{fffd}b");
        assert!(matches!(clean("plain"), Cow::Borrowed("plain")));
    }

    #[test]
    fn patterns_take_wildcards_literally() {
        assert_eq!(containing("100%_A\\"), r"%100\%\_a\\%");
    }

    #[test]
    fn placeholders_are_numbered_through() {
        assert_eq!(placeholders(2, 3), "($1, $2, $3), ($4, $5, $6)");
    }

    #[test]
    fn moments_survive_the_round_trip() {
        assert_eq!(moment(1_700_000_000_123).as_millisecond(), 1_700_000_000_123);
        assert_eq!(moment(i64::MAX), Timestamp::UNIX_EPOCH);
    }
}
