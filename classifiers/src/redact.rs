//! Secrets and personal data out, before anything is shown, stored or sent.
//!
//! Each place becomes `[redacted:kind]`. A text without any of the signs of a secret is only scanned once and comes back
//! unchanged.

mod kinds;

use std::{borrow::Cow, sync::LazyLock};

use aho_corasick::AhoCorasick;
use regex::Captures;

use kinds::{KINDS, Kind};

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

static SIGNS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let signs = KINDS.iter().flat_map(|kind| kind.signs);
    AhoCorasick::builder().ascii_case_insensitive(true).build(signs).ok()
});

/// Takes out secrets and e-mail addresses.
pub fn redact(text: &str) -> Redacted<'_> {
    replace(text, true)
}

/// Takes out secrets only: for configuration and places where an address is meant to be seen.
pub fn redact_secrets(text: &str) -> Redacted<'_> {
    replace(text, false)
}

fn replace(text: &str, personal: bool) -> Redacted<'_> {
    let mut wanted = present(text);
    let mut redacted = Redacted { text: Cow::Borrowed(text), count: 0 };
    for (kind, wanted) in KINDS.iter().zip(&mut wanted) {
        if !*wanted || (kind.personal && !personal) {
            continue;
        }
        let Some(regex) = kind.regex() else { continue };
        let mut count = 0;
        let replaced = regex.replace_all(&redacted.text, |found: &Captures<'_>| one(kind, found, &mut count));
        if count > 0 {
            redacted.text = Cow::Owned(replaced.into_owned());
            redacted.count += count;
        }
    }
    redacted
}

/// Which kinds have their sign in the text.
fn present(text: &str) -> Vec<bool> {
    let mut wanted = vec![false; KINDS.len()];
    let Some(signs) = &*SIGNS else {
        wanted.fill(true);
        return wanted;
    };
    // The signs are numbered through all kinds.
    let owners: Vec<usize> =
        KINDS.iter().enumerate().flat_map(|(number, kind)| kind.signs.iter().map(move |_| number)).collect();
    for sign in signs.find_overlapping_iter(text) {
        wanted[owners[sign.pattern().as_usize()]] = true;
    }
    wanted
}

/// The replacement of one place: the whole match, or its group `secret` where only that is secret.
fn one(kind: &Kind, found: &Captures<'_>, count: &mut u64) -> String {
    let whole = &found[0];
    let secret = found.name("secret").map_or(whole, |secret| secret.as_str());
    if secret.contains(DONE) || !(kind.accept)(found) {
        return whole.to_owned();
    }
    *count += 1;
    let Some(place) = found.name("secret") else { return format!("{DONE}{}]", kind.name) };
    let start = place.start() - found.get(0).map_or(0, |whole| whole.start());
    format!("{}{DONE}{}]{}", &whole[..start], kind.name, &whole[start + secret.len()..])
}

#[cfg(test)]
mod tests;
