//! What a kind of secret is: how it is recognised, and what stands in its place.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// One kind of secret.
pub(super) struct Kind {
    /// What stands in its place.
    pub(super) name: &'static str,
    /// A text must hold one of these to be worth a closer look; a kind without any is looked for in every text.
    pub(super) signs: &'static [&'static str],
    /// The signs count in either case.
    pub(super) any_case: bool,
    /// Personal data rather than a secret.
    pub(super) personal: bool,
    /// The last word, where an expression is not enough.
    pub(super) accept: fn(&Found<'_, '_>) -> bool,
    /// Compiled when its sign is first seen.
    pub(super) regex: LazyLock<Option<Regex>>,
}

/// A place that looks like a secret, and what stands around it.
pub(super) struct Found<'c, 't> {
    pub(super) groups: &'c Captures<'t>,
    pub(super) text: &'t str,
}

impl<'t> Found<'_, 't> {
    /// A group of the expression; empty where it took no part.
    pub(super) fn group(&self, name: &str) -> &'t str {
        self.groups.name(name).map_or("", |group| group.as_str())
    }

    /// The secret part: the group of that name, or everything.
    pub(super) fn secret(&self) -> &'t str {
        self.place().map_or("", |place| place.as_str())
    }

    pub(super) fn place(&self) -> Option<regex::Match<'t>> {
        self.groups.name("secret").or_else(|| self.groups.get(0))
    }

    /// What stands on the same line before the whole match.
    pub(super) fn before(&self) -> &'t str {
        let start = self.groups.get(0).map_or(0, |whole| whole.start());
        let text = &self.text[..start];
        &text[text.rfind('\n').map_or(0, |end| end + 1)..]
    }

    /// What stands on the same line after the secret.
    pub(super) fn after(&self) -> &'t str {
        let end = self.place().map_or(0, |place| place.end());
        let text = &self.text[end..];
        text.split('\n').next().unwrap_or(text)
    }
}

/// Writes a table of kinds with a shape of their own: name, signs, last word, expression. They are plain ASCII.
macro_rules! shapes {
    ($(#[$doc:meta])* $table:ident: $($name:literal, [$($sign:literal),*], $accept:expr, $source:literal;)+) => {
        $(#[$doc])*
        pub(super) static $table: [$crate::redact::kind::Kind; [$($name),+].len()] = [$($crate::redact::kind::Kind {
            name: $name,
            signs: &[$($sign),*],
            any_case: false,
            personal: false,
            accept: $accept,
            regex: std::sync::LazyLock::new(|| regex::Regex::new(concat!("(?-u:", $source, ")")).ok()),
        }),+];
    };
}

/// Writes a table of kinds that are known by what stands around them; their signs count in either case.
macro_rules! surroundings {
    ($(#[$doc:meta])* $table:ident: $($name:literal, [$($sign:literal),*], $accept:expr, $source:literal;)+) => {
        $(#[$doc])*
        pub(super) static $table: [$crate::redact::kind::Kind; [$($name),+].len()] = [$($crate::redact::kind::Kind {
            name: $name,
            signs: &[$($sign),*],
            any_case: true,
            personal: false,
            accept: $accept,
            regex: std::sync::LazyLock::new(|| regex::Regex::new($source).ok()),
        }),+];
    };
}

pub(super) use {shapes, surroundings};
