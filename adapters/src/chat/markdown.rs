//! A message as `CommonMark`: for `triage --format markdown`, issues and pull-request comments.

use std::fmt::Write as _;

use super::link::safe_url;
use super::plain::printable;
use crate::message::{Citation, Excerpt, Message, Section, Span};

/// Draws the message as `CommonMark` (spec 0.31). Everything from outside is escaped: nothing in it makes a heading, a link,
/// a mention or HTML.
pub fn render_markdown(message: &Message) -> String {
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
    for fact in &message.facts {
        let _ = writeln!(page, "- {}: {}", escaped(&fact.name), escaped(&fact.value));
    }
    if !message.facts.is_empty() {
        page.push('\n');
    }
    for folded in details {
        section(&mut page, folded);
    }
    for cited in &message.citations {
        citation(&mut page, cited);
    }
    footer(&mut page, message);
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

fn head(page: &mut String, message: &Message) {
    let headline = linked(&message.headline, message.url.as_deref());
    let _ = writeln!(page, "### {}: {headline}\n", message.tone.word());
    if !message.mentions.is_empty() {
        let names: Vec<_> = message.mentions.iter().map(|mention| escaped(&mention.name)).collect();
        let _ = writeln!(page, "For {}\n", names.join(", "));
    }
}

fn section(page: &mut String, section: &Section) {
    if let Some(title) = &section.title {
        let _ = write!(page, "**{}:** ", escaped(title.trim()));
    }
    page.push_str(&paragraph(&section.text));
    page.push_str("\n\n");
}

/// The spans as one paragraph. White space at its start could make a code block of it, so there is none.
fn paragraph(spans: &[Span]) -> String {
    let mut words = String::new();
    for span in spans {
        match span {
            Span::Text { text } => words.push_str(&escaped(text)),
            Span::Strong { text } => {
                let _ = write!(words, "**{}**", escaped(text.trim()));
            }
            Span::Code { text } => words.push_str(&code(text)),
            Span::Link { text, url } => words.push_str(&linked(text, Some(url))),
        }
    }
    words.trim().to_owned()
}

fn excerpt(page: &mut String, excerpt: &Excerpt) {
    let _ = writeln!(page, "{}\n", linked(&excerpt.name, excerpt.url.as_deref()));
    let longest_run =
        excerpt.lines.iter().map(|line| longest_run_of_backticks(&line.text)).max().unwrap_or(0);
    let fence = "`".repeat(longest_run.max(2) + 1);
    let digits = excerpt.lines.iter().map(|line| line.number.to_string().len()).max().unwrap_or(1);
    let _ = writeln!(page, "{fence}text");
    let mut previous: Option<u64> = None;
    for line in &excerpt.lines {
        if previous.is_some_and(|number| number.saturating_add(1) < line.number) {
            let _ = writeln!(page, "  {:>digits$}", "⋯");
        }
        let mark = if line.key { '>' } else { ' ' };
        let _ = writeln!(page, "{mark} {:>digits$}  {}", line.number, printable(&line.text));
        previous = Some(line.number);
    }
    let _ = writeln!(page, "{fence}\n");
}

fn citation(page: &mut String, citation: &Citation) {
    let _ = writeln!(
        page,
        "{} ({})\n",
        linked(&citation.label, citation.url.as_deref()),
        code(&citation.reference)
    );
    let quoted: Vec<_> = citation.quote.lines().filter(|line| !line.trim().is_empty()).collect();
    for line in &quoted {
        let _ = writeln!(page, "> {}  ", escaped(line.trim()));
    }
    if !quoted.is_empty() {
        page.push('\n');
    }
}

fn footer(page: &mut String, message: &Message) {
    let notes: Vec<_> = message.footer.iter().map(|note| linked(&note.text, note.url.as_deref())).collect();
    if !notes.is_empty() {
        let _ = writeln!(page, "---\n\n{}", notes.join(" · "));
    }
}

fn linked(text: &str, url: Option<&str>) -> String {
    match url.and_then(safe_url) {
        // The address is normalised; only what could end the destination is left to be encoded.
        Some(url) => format!("[{}](<{}>)", escaped(text), url.replace('<', "%3C").replace('>', "%3E")),
        None => escaped(text),
    }
}

/// Escapes every ASCII punctuation character that `CommonMark`, tables or the usual mention and autolink extensions give a
/// meaning (`CommonMark` 0.31 §2.4: any of them may be escaped). One line: line ends become spaces.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut at_start = true;
    for character in printable(&text.replace(['\r', '\n', '\t'], " ")).chars() {
        match character {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '(' | ')' | '#' | '!' | '|'
            | '~' | '&' => {
                out.push('\\');
                out.push(character);
            }
            // A zero-width space after the sign keeps `@name` and `https://…` from coming alive on forges, which do not
            // honour a backslash there.
            '@' => out.push_str("@\u{200b}"),
            ':' => out.push_str("\\:"),
            // `www.` comes alive too (GitHub Flavored Markdown §6.9).
            '.' if out.to_ascii_lowercase().ends_with("www") => out.push_str("\\."),
            '-' | '+' | '=' | '.' if at_start => {
                out.push('\\');
                out.push(character);
            }
            '.' if !out.is_empty() && out.bytes().all(|byte| byte.is_ascii_digit()) => out.push_str("\\."),
            other => out.push(other),
        }
        at_start = at_start && character == ' ';
    }
    out
}

/// A code span around text that may itself hold backticks (`CommonMark` 0.31 §6.1).
fn code(text: &str) -> String {
    let text = printable(&text.replace(['\r', '\n'], " "));
    let ticks = "`".repeat(longest_run_of_backticks(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

fn longest_run_of_backticks(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

    use super::*;
    use crate::chat::console::sample;

    proptest! {
        #[test]
        fn escaped_text_is_one_paragraph_of_the_same_text(text in "[ -~\\n\\t“é@#*_`<>\\[\\]()!|~+=.0-9-]{0,60}") {
            let forges = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH
                | Options::ENABLE_TASKLISTS | Options::ENABLE_GFM;
            let mut read = String::new();
            for event in Parser::new_ext(&paragraph(&[Span::text(text.clone())]), forges) {
                match event {
                    Event::Text(words) => read.push_str(&words),
                    Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) => {}
                    other => prop_assert!(false, "{text:?} becomes {other:?}"),
                }
            }
            let squeezed = |text: &str| text.replace('\u{200b}', "").split_whitespace().collect::<Vec<_>>().join(" ");
            prop_assert_eq!(squeezed(&read), squeezed(&text));
        }
    }

    #[test]
    fn a_failure_reads_well_in_an_issue() {
        insta::assert_snapshot!(render_markdown(&sample::broken()));
    }

    #[test]
    fn hostile_text_stays_text() {
        insta::assert_snapshot!(render_markdown(&sample::hostile()));
    }

    #[test]
    fn code_spans_hold_backticks() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`a"), "`` `a ``");
    }

    #[test]
    fn nothing_starts_a_list_or_a_heading() {
        assert_eq!(escaped("- x"), "\\- x");
        assert_eq!(escaped("1. x"), "1\\. x");
        assert_eq!(escaped("# x"), "\\# x");
        assert_eq!(escaped("a.b-c"), "a.b-c");
    }
}
