//! Secrets and personal data out, before anything is shown, stored or sent.
//!
//! Each place becomes `[redacted:kind]`. A text without any of the signs of a secret is only scanned once and comes back
//! unchanged. Tokens that show by their shape who gave them out go first (`vendors`), then what stands where secrets
//! stand (`surroundings`); high entropy counts only there.

mod accept;
mod assigned;
mod keys;
mod kind;
mod personal;
mod surroundings;
mod vendors;

use std::{borrow::Cow, sync::LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::Captures;

use kind::{Found, Kind};
pub use personal::{HideError, hide_words};

/// A text without secrets, and how many there were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redacted<'t> {
    /// The text.
    pub text: Cow<'t, str>,
    /// How many places were replaced.
    pub count: u64,
}

/// What shows that a place was redacted before.
const DONE: &str = "[redacted:";

/// All kinds, in the order in which they are taken out.
static KINDS: LazyLock<Vec<&'static Kind>> = LazyLock::new(|| {
    let vendors =
        [&vendors::CLOUDS[..], &vendors::DELIVERY, &vendors::PEOPLE_AND_SIGNALS, &vendors::SERVICES];
    let (blocks, lines) = keys::KEYS.split_at(keys::KEYS.len() - 1);
    let shapes = vendors.into_iter().flatten();
    blocks
        .iter()
        .chain(shapes)
        .chain(&surroundings::SURROUNDINGS)
        .chain([&personal::EMAIL])
        .chain(lines)
        .collect()
});

/// The search for the signs of all kinds, and which kind each sign is of.
struct Signs {
    search: Option<AhoCorasick>,
    kinds: Vec<usize>,
}

impl Signs {
    fn of(any_case: bool) -> Signs {
        let kinds = KINDS.iter().enumerate().filter(|(_, kind)| kind.any_case == any_case);
        let signs: Vec<(usize, &str)> =
            kinds.flat_map(|(number, kind)| kind.signs.iter().map(move |sign| (number, *sign))).collect();
        let texts = signs.iter().map(|(_, sign)| sign);
        Signs {
            search: AhoCorasick::builder()
                .ascii_case_insensitive(any_case)
                .kind(Some(AhoCorasickKind::DFA))
                .build(texts)
                .ok(),
            kinds: signs.iter().map(|(number, _)| *number).collect(),
        }
    }

    fn mark(&self, text: &str, wanted: &mut [bool]) {
        let Some(search) = &self.search else {
            wanted.fill(true);
            return;
        };
        for sign in search.find_overlapping_iter(text) {
            wanted[self.kinds[sign.pattern().as_usize()]] = true;
        }
    }
}

static EXACT: LazyLock<Signs> = LazyLock::new(|| Signs::of(false));
static ANY_CASE: LazyLock<Signs> = LazyLock::new(|| Signs::of(true));

/// Takes out secrets, e-mail addresses and hidden words.
pub fn redact(text: &str) -> Redacted<'_> {
    personal::without_hidden_words(replace(text, true))
}

/// Takes out secrets only: for configuration and places where an address is meant to be seen.
pub fn redact_secrets(text: &str) -> Redacted<'_> {
    replace(text, false)
}

fn replace(text: &str, personal: bool) -> Redacted<'_> {
    let mut redacted = Redacted { text: Cow::Borrowed(text), count: 0 };
    for (kind, wanted) in KINDS.iter().zip(present(text)) {
        if !wanted || (kind.personal && !personal) {
            continue;
        }
        let Some(regex) = &*kind.regex else { continue };
        let whole = &*redacted.text;
        // Nearly always there is none, which is told in half the time when nobody asks for the groups.
        if !regex.is_match(whole) {
            continue;
        }
        let mut count = 0;
        let replaced = regex.replace_all(whole, |groups: &Captures<'_>| one(kind, whole, groups, &mut count));
        if count > 0 {
            redacted.text = Cow::Owned(replaced.into_owned());
            redacted.count += count;
        }
    }
    redacted
}

/// Which kinds have their sign in the text, or none to look for.
fn present(text: &str) -> Vec<bool> {
    let mut wanted: Vec<bool> = KINDS.iter().map(|kind| kind.signs.is_empty()).collect();
    EXACT.mark(text, &mut wanted);
    ANY_CASE.mark(text, &mut wanted);
    wanted
}

/// The replacement of one place: the whole match, or its group `secret` where only that is secret.
fn one(kind: &Kind, text: &str, groups: &Captures<'_>, count: &mut u64) -> String {
    let whole = &groups[0];
    let found = Found { groups, text };
    let secret = found.secret();
    let inside = found.place().is_some_and(|place| is_inside_done(&text[..place.start()]));
    if secret.contains(DONE) || inside || !(kind.accept)(&found) {
        return whole.to_owned();
    }
    *count += 1;
    let start =
        found.place().map_or(0, |place| place.start()) - groups.get(0).map_or(0, |whole| whole.start());
    format!("{}{DONE}{}]{}", &whole[..start], kind.name, &whole[start + secret.len()..])
}

/// No replacement is longer than this.
const LONGEST_DONE: usize = 64;

/// Whether a text ends in the middle of what an earlier replacement wrote.
fn is_inside_done(before: &str) -> bool {
    let end = &before.as_bytes()[before.len().saturating_sub(LONGEST_DONE)..];
    memchr::memmem::rfind(end, DONE.as_bytes()).is_some_and(|start| !end[start..].contains(&b']'))
}

#[cfg(test)]
mod tests;
