//! The lines of a log: a few around the decisive one for the message, all of them for its thread.

use crate::chat::discord::limits;
use crate::chat::discord::markup;
use crate::chat::excerpt::{draw, window};
use crate::chat::wording::{broken, one_line, shorten};
use crate::message::{Excerpt, ExcerptLine};

/// Longest line in the message itself; shorter ones are tried if the excerpt does not fit.
const LINE_LENGTHS: [usize; 4] = [240, 120, 60, 30];

/// Longest name of a log.
const NAME: usize = 100;

/// The lines around the decisive one within `max`, or all of them if they are what was asked for, and whether that leaves
/// anything out.
pub(super) fn short(excerpt: &Excerpt, max: usize) -> Option<(String, bool)> {
    let near = window(&excerpt.lines)?;
    let all = excerpt.whole.then_some(&excerpt.lines[..]);
    let (window, code, drawn) = all
        .into_iter()
        .chain([near])
        .find_map(|lines| fitting(excerpt, lines, max).map(|(code, drawn)| (lines, code, drawn)))?;
    Some((drawn, window.len() < excerpt.lines.len() || code != draw(window, None)))
}

/// The lines as they are and as they are written, the long ones cut if they must be.
fn fitting(excerpt: &Excerpt, lines: &[ExcerptLine], max: usize) -> Option<(String, String)> {
    let names = [name(excerpt, true), name(excerpt, false)];
    LINE_LENGTHS.iter().find_map(|longest| {
        let code = draw(lines, Some(*longest));
        let block = markup::code_block(&code);
        let name = names.iter().find(|name| limits::length(name) + 1 + limits::length(&block) <= max)?;
        let drawn = format!("{name}\n{block}");
        Some((code, drawn))
    })
}

/// All lines, in as many pieces as they need.
pub(super) fn full(excerpt: &Excerpt, max: usize) -> Vec<String> {
    let fits = |text: &str| limits::length(&markup::code_block(text)) <= max;
    let whole = draw(&excerpt.lines, None);
    let mut blocks: Vec<String> = Vec::new();
    for part in whole.lines().flat_map(|line| broken(line, &fits)) {
        match blocks.last_mut() {
            Some(block) if fits(&format!("{block}\n{part}")) => {
                block.push('\n');
                block.push_str(part);
            }
            _ => blocks.push(part.to_owned()),
        }
    }
    std::iter::once(name(excerpt, true)).chain(blocks.iter().map(|block| markup::code_block(block))).collect()
}

fn name(excerpt: &Excerpt, linked: bool) -> String {
    let name = shorten(&one_line(&excerpt.name), NAME);
    let name = if name.is_empty() { "Log" } else { &name };
    markup::link(name, excerpt.url.as_deref().filter(|_| linked))
}
