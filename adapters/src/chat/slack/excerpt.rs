//! The lines of a log: a few around the decisive one for the message, all of them for its thread.

use crate::chat::slack::flow::{Atom, shorten};
use crate::chat::slack::limits;
use crate::chat::slack::mrkdwn::{self, Signs};
use crate::chat::slack::page::Piece;
use crate::message::{Excerpt, ExcerptLine};

/// Lines shown in the message itself.
const LINES: usize = 6;

/// How many of them stand above the decisive line.
const LINES_ABOVE: usize = 3;

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

/// Up to [`LINES`] lines with the decisive one among them.
fn window(lines: &[ExcerptLine]) -> Option<&[ExcerptLine]> {
    let key = lines.iter().position(|line| line.key).unwrap_or(0);
    let start = key.saturating_sub(LINES_ABOVE).min(lines.len().saturating_sub(LINES));
    let end = (start + LINES).min(lines.len());
    lines.get(start..end).filter(|window| !window.is_empty())
}

/// Numbered lines, the decisive ones marked, gaps as an ellipsis; not escaped.
fn draw(lines: &[ExcerptLine], longest: Option<usize>) -> String {
    let width = lines.iter().map(|line| line.number.to_string().len()).max().unwrap_or(1);
    let mut out = Vec::new();
    let mut last = None;
    for line in lines {
        if last.is_some_and(|last: u64| line.number > last.saturating_add(1)) {
            out.push(format!("  {:>width$} …", ""));
        }
        last = Some(line.number);
        let mark = if line.key { "▶" } else { " " };
        let text = mrkdwn::one_line(&line.text);
        let text = longest.map_or(text.trim_end().to_owned(), |max| cut(text.trim_end(), max));
        out.push(format!("{mark} {:>width$} │ {text}", line.number).trim_end().to_owned());
    }
    out.join("\n")
}

/// A line of a log is not a sentence: it may end anywhere, as long as it says so.
fn cut(line: &str, max: usize) -> String {
    if limits::length(line) <= max {
        return line.to_owned();
    }
    let mut used = 1;
    let kept: String = line
        .chars()
        .take_while(|c| {
            used += c.len_utf16();
            used <= max
        })
        .collect();
    format!("{kept}…")
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

    fn lines(numbers: impl IntoIterator<Item = u64>, key: u64) -> Vec<ExcerptLine> {
        numbers
            .into_iter()
            .map(|number| ExcerptLine { number, text: format!("line {number}"), key: number == key })
            .collect()
    }

    #[test]
    fn the_window_holds_the_decisive_line() {
        for key in [1, 5, 15, 29, 30] {
            let lines = lines(1..=30, key);
            let window = window(&lines).unwrap();
            assert_eq!(window.len(), LINES);
            assert!(window.iter().any(|line| line.key), "{key}");
        }
        assert_eq!(window(&lines(1..=3, 2)).unwrap().len(), 3);
        assert!(window(&[]).is_none());
    }

    #[test]
    fn gaps_and_the_decisive_line_are_marked() {
        insta::assert_snapshot!(draw(&lines([8, 9, 812], 812), None), @r"
            8 │ line 8
            9 │ line 9
              …
        ▶ 812 │ line 812
        ");
    }

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
