//! Running text into pieces that fit a block, broken between sentences where that is possible at all.

use crate::chat::slack::limits;
use crate::chat::slack::mrkdwn::{self, Signs};
use crate::chat::wording::{broken, sentences};
use crate::message::Span;

pub(super) use crate::chat::wording::shorten;

/// Some text in both forms. An atom is never broken; joined atoms keep their meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Atom {
    /// As mrkdwn.
    pub(super) mrkdwn: String,
    /// For the plain-text alternative, escaped.
    pub(super) plain: String,
}

impl Atom {
    /// The same in both forms.
    pub(super) fn both(text: impl Into<String>) -> Self {
        let mrkdwn = text.into();
        Self { plain: mrkdwn.clone(), mrkdwn }
    }

    /// A link of our own making, or its words where the address may not be linked.
    pub(super) fn link(signs: &Signs, text: &str, url: Option<&str>) -> Self {
        let words = mrkdwn::escape(mrkdwn::one_line(text).trim());
        match url.and_then(|url| Some((url, mrkdwn::address(url)?))) {
            Some((url, address)) => {
                Self { mrkdwn: signs.link(text, url), plain: format!("{words} ({address})") }
            }
            None => Self { mrkdwn: signs.plain(&mrkdwn::one_line(text)), plain: words },
        }
    }
}

/// All spans of one paragraph as atoms, none longer than `max`.
pub(super) fn atoms(signs: &Signs, spans: &[Span], max: usize) -> Vec<Atom> {
    let mut out = Vec::new();
    for span in spans {
        match span {
            Span::Text { text } => {
                for sentence in sentences(text) {
                    fit(sentence, max, &|words| signs.plain(words), &mut out);
                }
            }
            Span::Strong { text } => fit(text, max, &|words| signs.strong(words), &mut out),
            Span::Code { text } => fit(text, max, &mrkdwn::code, &mut out),
            Span::Link { text, url } => {
                let linked = Atom::link(signs, text, Some(url));
                if limits::length(&linked.mrkdwn) <= max && limits::length(&linked.plain) <= max {
                    out.push(linked);
                } else {
                    fit(text, max, &|words| signs.plain(words), &mut out);
                }
            }
        }
    }
    out
}

/// Joins atoms into as few texts as possible, none longer than `max`. Blank texts are left out.
pub(super) fn join(atoms: impl IntoIterator<Item = Atom>, max: usize) -> Vec<Atom> {
    let mut out: Vec<Atom> = Vec::new();
    for atom in atoms {
        match out.last_mut() {
            Some(last) if limits::length(&last.mrkdwn) + limits::length(&atom.mrkdwn) <= max => {
                last.mrkdwn.push_str(&atom.mrkdwn);
                last.plain.push_str(&atom.plain);
            }
            _ => out.push(atom),
        }
    }
    out.retain(|atom| !atom.mrkdwn.trim().is_empty());
    for atom in &mut out {
        atom.mrkdwn = atom.mrkdwn.trim().to_owned();
        atom.plain = atom.plain.trim().to_owned();
    }
    out
}

/// Draws a text whole if it fits, otherwise in parts.
fn fit(text: &str, max: usize, draw: &dyn Fn(&str) -> String, out: &mut Vec<Atom>) {
    for part in broken(text, &|part| limits::length(&draw(part)) <= max) {
        out.push(Atom { mrkdwn: draw(part), plain: mrkdwn::escape(&mrkdwn::visible(part)) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(text: &str, max: usize) -> Vec<String> {
        let spans = [Span::text(text)];
        join(atoms(&Signs::of([text]), &spans, max), max).into_iter().map(|atom| atom.mrkdwn).collect()
    }

    #[test]
    fn short_text_stays_whole() {
        assert_eq!(flow("One. Two.\nThree?", 100), ["One. Two.\nThree?"]);
        assert!(flow(" \n ", 100).is_empty());
    }

    #[test]
    fn text_breaks_between_sentences() {
        assert_eq!(flow("First sentence. Second one! Third?", 20), ["First sentence.", "Second one! Third?"]);
    }

    #[test]
    fn a_sentence_that_is_too_long_breaks_between_words_and_a_word_anywhere() {
        assert_eq!(flow("aaaa bbbb cccc dddd", 10), ["aaaa bbbb", "cccc dddd"]);
        assert_eq!(flow("aaaaaaaaaaaa", 10), ["aaaaaa", "aaaaaa"]);
    }

    #[test]
    fn an_escape_is_never_broken() {
        assert_eq!(flow("&&&&", 10), ["&amp;&amp;", "&amp;&amp;"]);
    }
}
