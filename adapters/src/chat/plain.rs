//! A message as plain text: for the command line, for logs, and wherever markup does not reach.

use std::fmt::Write as _;

use crate::message::{Citation, Excerpt, Message, Section, Tone};

/// Lines are wrapped at this many characters: readable in a terminal of the usual width.
const WIDTH: usize = 96;

/// Draws the message as text for people. Control characters do not pass: a log line cannot move the reader's cursor.
pub fn render_text(message: &Message) -> String {
    let mut page = String::new();
    head(&mut page, message);
    let (main, details): (Vec<_>, Vec<_>) = message.sections.iter().partition(|section| !section.detail);
    let mut main = main.into_iter().peekable();
    // The cause stands right above the lines that prove it.
    while let Some(untitled) = main.next_if(|section| section.title.is_none()) {
        section(&mut page, untitled);
    }
    if let Some(shown) = &message.excerpt {
        excerpt(&mut page, shown);
    }
    for titled in main {
        section(&mut page, titled);
    }
    facts(&mut page, message);
    for folded in details {
        section(&mut page, folded);
    }
    for cited in &message.citations {
        citation(&mut page, cited);
    }
    tail(&mut page, message);
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

fn head(page: &mut String, message: &Message) {
    wrap(
        page,
        &format!("{} {}  {}", sign(message.tone), message.tone.word().to_uppercase(), message.headline),
        "",
        "  ",
    );
    if let Some(url) = &message.url {
        wrap(page, url, "  ", "  ");
    }
    if !message.mentions.is_empty() {
        let names: Vec<_> = message.mentions.iter().map(|mention| mention.name.as_str()).collect();
        wrap(page, &format!("For {}", names.join(", ")), "  ", "  ");
    }
    page.push('\n');
}

/// A shape for each tone, so that it can be told in black and white.
fn sign(tone: Tone) -> char {
    match tone {
        Tone::Broken => '✗',
        Tone::StillBroken => '↻',
        Tone::Fixed => '✓',
        Tone::Info => '•',
        Tone::Asking => '?',
    }
}

fn section(page: &mut String, section: &Section) {
    let mut words = String::new();
    if let Some(title) = &section.title {
        words.push_str(title);
        words.push_str(": ");
    }
    for span in &section.text {
        match span {
            crate::message::Span::Code { text } => {
                let _ = write!(words, "`{text}`");
            }
            crate::message::Span::Link { text, url } => {
                let _ = write!(words, "{text} ({url})");
            }
            crate::message::Span::Text { text } | crate::message::Span::Strong { text } => {
                words.push_str(text);
            }
        }
    }
    wrap(page, &words, "  ", "  ");
    page.push('\n');
}

fn excerpt(page: &mut String, excerpt: &Excerpt) {
    wrap(page, &excerpt.name, "  ", "  ");
    let digits = excerpt.lines.iter().map(|line| line.number.to_string().len()).max().unwrap_or(1);
    let mut previous: Option<u64> = None;
    for line in &excerpt.lines {
        if previous.is_some_and(|number| number.saturating_add(1) < line.number) {
            let _ = writeln!(page, "    {:>digits$} ┆", "⋯");
        }
        let mark = if line.key { '>' } else { ' ' };
        let _ = writeln!(page, "  {mark} {:>digits$} │ {}", line.number, printable(&line.text));
        previous = Some(line.number);
    }
    if let Some(url) = &excerpt.url {
        let _ = writeln!(page, "    whole log: {}", printable(url));
    }
    page.push('\n');
}

fn facts(page: &mut String, message: &Message) {
    let all: Vec<_> = message.facts.iter().map(|fact| format!("{}: {}", fact.name, fact.value)).collect();
    if !all.is_empty() {
        wrap(page, &all.join(" · "), "  ", "  ");
        page.push('\n');
    }
}

fn citation(page: &mut String, citation: &Citation) {
    wrap(page, &format!("[{}] {}", citation.reference, citation.label), "  ", "    ");
    for line in citation.quote.lines().filter(|line| !line.trim().is_empty()) {
        wrap(page, line, "    “ ", "      ");
    }
    if let Some(url) = &citation.url {
        wrap(page, url, "    ", "    ");
    }
    page.push('\n');
}

fn tail(page: &mut String, message: &Message) {
    let (links, buttons): (Vec<_>, Vec<_>) = message.actions.iter().partition(|action| action.url.is_some());
    if !buttons.is_empty() {
        let labels: Vec<_> = buttons.iter().map(|action| format!("[{}]", action.label)).collect();
        wrap(page, &labels.join(" "), "  ", "  ");
    }
    for link in links {
        wrap(page, &format!("{}: {}", link.label, link.url.as_deref().unwrap_or_default()), "  ", "  ");
    }
    let notes: Vec<_> = message.footer.iter().map(|note| note.text.as_str()).collect();
    if !notes.is_empty() {
        wrap(page, &notes.join(" · "), "  ", "  ");
    }
}

/// Writes `text` in lines of at most [`WIDTH`] characters, broken at spaces. A word longer than that stands whole, so
/// that addresses and paths can still be copied.
fn wrap(page: &mut String, text: &str, first_indent: &str, indent: &str) {
    for (index, paragraph) in text.lines().enumerate() {
        let mut line = if index == 0 { first_indent } else { indent }.to_owned();
        let mut has_words = false;
        for word in paragraph.split(' ') {
            let word = printable(word);
            if has_words && line.chars().count() + 1 + word.chars().count() > WIDTH {
                let _ = writeln!(page, "{}", line.trim_end());
                indent.clone_into(&mut line);
                has_words = false;
            }
            if has_words {
                line.push(' ');
            }
            line.push_str(&word);
            has_words = true;
        }
        let _ = writeln!(page, "{}", line.trim_end());
    }
}

/// The text without what a terminal obeys or what turns the reading order round: each such character becomes `�`.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\t' => character,
            // The marks and overrides of the bidirectional algorithm (Unicode TR 9), with which one text can pose as another.
            '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                '\u{fffd}'
            }
            control if control.is_control() => '\u{fffd}',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::console::sample;

    #[test]
    fn a_failure_reads_well_in_a_terminal() {
        insta::assert_snapshot!(render_text(&sample::broken()));
    }

    #[test]
    fn an_answer_that_asks_back_is_short() {
        insta::assert_snapshot!(render_text(&sample::asking()), @r"
        ? QUESTION  Which run do you mean?

          Two workflows of payments failed on main within the last hour: ci and release.

          [ci] [release]
        ");
    }

    #[test]
    fn control_characters_and_reading_order_marks_do_not_pass() {
        let text = render_text(&sample::hostile());
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
    }

    #[test]
    fn a_long_word_stands_whole() {
        let mut message = Message::new(Tone::Info, "x");
        message.url = Some(format!("https://example.org/{}", "a".repeat(200)));
        assert!(render_text(&message).contains(&"a".repeat(200)));
    }
}
