//! The lines of a log as text: a few around the decisive one, or all of them, numbered and marked.

use crate::chat::wording::{length, one_line};
use crate::message::ExcerptLine;

/// Lines shown in the message itself.
const LINES: usize = 6;

/// How many of them stand above the decisive line.
const LINES_ABOVE: usize = 3;

/// Up to [`LINES`] lines with the decisive one among them.
pub(super) fn window(lines: &[ExcerptLine]) -> Option<&[ExcerptLine]> {
    let key = lines.iter().position(|line| line.key).unwrap_or(0);
    let start = key.saturating_sub(LINES_ABOVE).min(lines.len().saturating_sub(LINES));
    let end = (start + LINES).min(lines.len());
    lines.get(start..end).filter(|window| !window.is_empty())
}

/// Numbered lines, the decisive ones marked, gaps as an ellipsis; not escaped.
pub(super) fn draw(lines: &[ExcerptLine], longest: Option<usize>) -> String {
    let width = lines.iter().map(|line| line.number.to_string().len()).max().unwrap_or(1);
    let mut out = Vec::new();
    let mut last = None;
    for line in lines {
        if last.is_some_and(|last: u64| line.number > last.saturating_add(1)) {
            out.push(format!("  {:>width$} …", ""));
        }
        last = Some(line.number);
        let mark = if line.key { "▶" } else { " " };
        let text = one_line(&line.text);
        let text = longest.map_or(text.trim_end().to_owned(), |max| cut(text.trim_end(), max));
        out.push(format!("{mark} {:>width$} │ {text}", line.number).trim_end().to_owned());
    }
    out.join("\n")
}

/// A line of a log is not a sentence: it may end anywhere, as long as it says so.
fn cut(line: &str, max: usize) -> String {
    if length(line) <= max {
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
}
