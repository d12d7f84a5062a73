//! The lines of a log: a few around the decisive one for the message, all of them for its thread.

use crate::chat::excerpt::{draw, window};
use crate::chat::slack::flow::{Atom, shorten};
use crate::chat::slack::limits;
use crate::chat::slack::mrkdwn::{self, Signs};
use crate::chat::slack::page::Piece;
use crate::message::{Excerpt, ExcerptLine};

/// Longest line in the message itself; shorter ones are tried if escaping makes the excerpt too long.
const LINE_LENGTHS: [usize; 3] = [240, 120, 40];

/// Longest name of a log.
const NAME: usize = 200;

/// Room for lines in one block; the rest is for the log's name, its link and the fences.
const BLOCK: usize = 2800;

/// The lines around the decisive one, and whether that leaves anything out.
pub(super) fn short(excerpt: &Excerpt) -> Option<(Piece, bool)> {
    let near = window(&excerpt.lines)?;
    let all = excerpt.whole.then_some(&excerpt.lines[..]);
    let (window, code) = all.into_iter().chain([near]).find_map(|lines| Some((lines, fitting(lines)?)))?;
    let shortened = window.len() < excerpt.lines.len() || code != draw(window, None);
    let mut text = name(excerpt);
    if limits::length(&text.mrkdwn) > 600 {
        text = Atom::link(&Signs::of([excerpt.name.as_str()]), &shorten(&excerpt.name, NAME / 5), None);
    }
    Some((Piece::section(under(&text, &code)), shortened))
}

/// The lines as one block, the long ones cut if they must be.
fn fitting(lines: &[ExcerptLine]) -> Option<String> {
    LINE_LENGTHS
        .iter()
        .map(|max| draw(lines, Some(*max)))
        .find(|code| limits::length(&mrkdwn::code_block(code)) <= BLOCK - 600)
}

/// All lines, in as many blocks as they need.
pub(super) fn full(excerpt: &Excerpt) -> Vec<Piece> {
    let mut blocks: Vec<String> = Vec::new();
    for line in draw(&excerpt.lines, None).lines() {
        for part in parts(line) {
            match blocks.last_mut() {
                Some(block)
                    if limits::length(&mrkdwn::code_block(block)) + limits::length(&mrkdwn::escape(part))
                        < BLOCK =>
                {
                    block.push('\n');
                    block.push_str(part);
                }
                _ => blocks.push(part.to_owned()),
            }
        }
    }
    let title = Piece::section(name(excerpt));
    let code = blocks
        .iter()
        .map(|code| Piece::section(Atom { mrkdwn: mrkdwn::code_block(code), plain: mrkdwn::escape(code) }));
    std::iter::once(title).chain(code).collect()
}

fn name(excerpt: &Excerpt) -> Atom {
    let name = shorten(&mrkdwn::one_line(&excerpt.name), NAME);
    let name = if name.is_empty() { "Log".to_owned() } else { name };
    Atom::link(&Signs::of([name.as_str()]), &name, excerpt.url.as_deref())
}

fn under(name: &Atom, code: &str) -> Atom {
    Atom {
        mrkdwn: format!("{}\n{}", name.mrkdwn, mrkdwn::code_block(code)),
        plain: format!("{}\n{}", name.plain, mrkdwn::escape(code)),
    }
}

/// A line in parts that each fit a block whatever escaping makes of them.
fn parts(line: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut start, mut used) = (0, 0);
    for (at, c) in line.char_indices() {
        let size = match c {
            '&' => 5,
            '<' | '>' => 4,
            other => other.len_utf16(),
        };
        if used + size > BLOCK - 100 {
            out.push(&line[start..at]);
            (start, used) = (at, 0);
        }
        used += size;
    }
    out.push(&line[start..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_whole_in_the_thread() {
        let excerpt = Excerpt {
            name: "test".into(),
            url: None,
            lines: vec![ExcerptLine { number: 1, text: "<&>".repeat(3000), key: true }],
            whole: false,
        };
        let (_, shortened) = short(&excerpt).unwrap();
        assert!(shortened);
        assert!(full(&excerpt).len() > 10);
    }
}
