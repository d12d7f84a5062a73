//! A message as a fragment of HTML.
//!
//! Everything in a message is plain text from outside: the templates escape it, and only [`safe_url`] lets an address
//! become a link. No styles, scripts or handlers stand in the fragment, so the strictest content policy holds.

use askama::Template;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::chat::link::safe_url;
use crate::chat::plain::printable;
use crate::message::{Action, ActionStyle, Citation, Excerpt, ExcerptLine, Message, Section, Span, Tone};

/// How many lines stand on each side of the decisive one before the rest is folded away.
const LINES_AROUND: usize = 3;
/// An excerpt of up to this many lines is shown whole.
const SHORT_EXCERPT: usize = 9;

/// What the page knows about a message and the message itself does not.
#[derive(Debug, Clone)]
pub struct Frame<'a> {
    /// The post's id: what a click hands back, and what the ids of elements are made of. Letters, digits and `-`.
    pub post: &'a str,
    /// Path of the page that shows the message with its thread, if the reader is not on it.
    pub permalink: Option<String>,
    /// Level of the headline among the page's headings, 1 to 6.
    pub level: u8,
    /// When it was first said.
    pub posted_at: Timestamp,
    /// When it was last changed, if ever.
    pub edited_at: Option<Timestamp>,
    /// Whether the reader may use the buttons.
    pub clicks: Clicks,
}

/// Whether the reader may use the buttons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clicks {
    /// Buttons work.
    Allowed,
    /// Buttons are shown and do not work.
    ReadOnly,
}

/// Draws the message. The fragment is one `<div class="message">`; the page puts it into its article.
pub fn render_message(message: &Message, frame: &Frame<'_>) -> Result<String, askama::Error> {
    let (details, sections): (Vec<_>, Vec<_>) = message.sections.iter().partition(|section| section.detail);
    let causes = sections.iter().take_while(|section| section.title.is_none()).count();
    let (buttons, links): (Vec<_>, Vec<_>) = message.actions.iter().partition(|action| action.url.is_none());
    let (runbooks, proofs): (Vec<_>, Vec<_>) =
        message.citations.iter().partition(|citation| citation.reference.starts_with("runbook:"));
    let card = Card {
        frame,
        message,
        tone: message.tone,
        causes: &sections[..causes],
        sections: &sections[causes..],
        details,
        excerpt: message.excerpt.as_ref().map(|excerpt| ShownExcerpt::new(excerpt, frame.post)),
        runbooks: runbooks.into_iter().map(ShownCitation::new).collect(),
        proofs: proofs.into_iter().map(ShownCitation::new).collect(),
        buttons,
        links,
    };
    card.render()
}

#[derive(Template)]
#[template(path = "message.html")]
struct Card<'a> {
    frame: &'a Frame<'a>,
    message: &'a Message,
    tone: Tone,
    causes: &'a [&'a Section],
    sections: &'a [&'a Section],
    details: Vec<&'a Section>,
    excerpt: Option<ShownExcerpt<'a>>,
    runbooks: Vec<ShownCitation<'a>>,
    proofs: Vec<ShownCitation<'a>>,
    buttons: Vec<&'a Action>,
    links: Vec<&'a Action>,
}

impl Card<'_> {
    /// The style's name for the tone.
    fn tone_class(&self) -> &'static str {
        match self.tone {
            Tone::Broken => "broken",
            Tone::StillBroken => "still-broken",
            Tone::Fixed => "fixed",
            Tone::Info => "info",
            Tone::Asking => "asking",
        }
    }
}

/// An excerpt, split into what is shown at once and what is folded away.
struct ShownExcerpt<'a> {
    excerpt: &'a Excerpt,
    near: Vec<Row<'a>>,
    /// The whole of it; empty when `near` is already the whole.
    all: Vec<Row<'a>>,
}

impl<'a> ShownExcerpt<'a> {
    fn new(excerpt: &'a Excerpt, post: &str) -> Self {
        let lines = without_blank_edges(&excerpt.lines);
        if lines.len() <= SHORT_EXCERPT {
            return Self { excerpt, near: rows(lines, post, "L"), all: Vec::new() };
        }
        let key = lines.iter().position(|line| line.key).unwrap_or(0);
        let near = &lines[key.saturating_sub(LINES_AROUND)..lines.len().min(key + LINES_AROUND + 1)];
        Self { excerpt, near: rows(near, post, "L"), all: rows(lines, post, "all-L") }
    }
}

/// The lines from the first to the last one that says anything.
fn without_blank_edges(lines: &[ExcerptLine]) -> &[ExcerptLine] {
    let says = |line: &ExcerptLine| line.key || !line.text.trim().is_empty();
    match (lines.iter().position(says), lines.iter().rposition(says)) {
        (Some(first), Some(last)) => &lines[first..=last],
        _ => &[],
    }
}

/// One line of an excerpt on the page.
struct Row<'a> {
    line: &'a ExcerptLine,
    /// Element id, so that a citation can point at it.
    anchor: String,
    /// Whether lines were left out before this one.
    after_gap: bool,
}

fn rows<'a>(lines: &'a [ExcerptLine], post: &str, kind: &str) -> Vec<Row<'a>> {
    let mut previous: Option<u64> = None;
    lines
        .iter()
        .map(|line| {
            let after_gap = previous.is_some_and(|number| number.saturating_add(1) < line.number);
            previous = Some(line.number);
            Row { line, anchor: format!("p{post}-{kind}{}", line.number), after_gap }
        })
        .collect()
}

/// A citation with where it leads.
struct ShownCitation<'a> {
    citation: &'a Citation,
    /// The first line cited, if it cites a log.
    first_line: Option<u64>,
    /// The runbook's page in this console, or the address outside.
    href: Option<String>,
}

impl<'a> ShownCitation<'a> {
    fn new(citation: &'a Citation) -> Self {
        let first_line = citation
            .reference
            .strip_prefix("log:")
            .and_then(|lines| lines.split('-').next())
            .and_then(|first| first.parse().ok());
        let href = runbook_path(&citation.reference).or_else(|| citation.url.as_deref().and_then(safe_url));
        Self { citation, first_line, href }
    }
}

/// What may stand unescaped in one segment of a path or in a fragment (RFC 3986 §2.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `runbook:<id>#<heading>` as the path of the console's own page. A path of dots alone would lead elsewhere.
fn runbook_path(reference: &str) -> Option<String> {
    let (id, heading) = reference.strip_prefix("runbook:")?.split_once('#').unwrap_or((&reference[8..], ""));
    let climbs = id.split('/').any(|segment| matches!(segment, "" | "." | ".."));
    if climbs {
        return None;
    }
    let path: Vec<_> =
        id.split('/').map(|segment| utf8_percent_encode(segment, SEGMENT).to_string()).collect();
    let fragment = utf8_percent_encode(heading, SEGMENT);
    Some(format!("/runbooks/{}#{fragment}", path.join("/")))
}

/// `23 Nov, 18:41 UTC`: what stands there before the script turns it into `5 min ago`.
fn clock(time: &Timestamp) -> String {
    time.strftime("%-d %b, %H:%M UTC").to_string()
}

/// Whole seconds in RFC 3339, for machines.
fn rfc3339(time: &Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Without control characters and reading-order overrides.
fn clean(text: &str) -> String {
    printable(text)
}

/// The same for a text of several lines, which stay lines.
fn clean_lines(text: &str) -> String {
    text.lines().map(printable).collect::<Vec<_>>().join("\n")
}

/// What stands on a button. The sign before an opinion is left out: not every machine has the letters for it.
fn label(action: &Action) -> String {
    let label = printable(&action.label);
    if is_opinion(action) {
        label.trim_start_matches(|sign: char| !sign.is_alphanumeric()).to_owned()
    } else {
        label
    }
}

fn is_opinion(action: &Action) -> bool {
    action.id.starts_with("feedback_")
}

/// The style's name for how a button looks. Opinions stand back behind what is to be done.
fn style_class(action: &Action) -> &'static str {
    match action.style {
        _ if is_opinion(action) => "feedback",
        ActionStyle::Primary => "primary",
        ActionStyle::Normal => "normal",
        ActionStyle::Danger => "danger",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::console::sample;

    fn rendered(message: &Message) -> String {
        let frame = Frame {
            post: "7",
            permalink: Some("/t/7".to_owned()),
            level: 2,
            posted_at: "2026-11-23T18:41:07Z".parse().unwrap(),
            edited_at: None,
            clicks: Clicks::Allowed,
        };
        render_message(message, &frame).unwrap()
    }

    #[test]
    fn a_failure_becomes_a_card() {
        insta::assert_snapshot!(rendered(&sample::broken()));
    }

    #[test]
    fn hostile_text_stays_text() {
        let html = rendered(&sample::hostile());
        assert!(!html.contains("<script"), "{html}");
        assert!(!html.contains("href=\"javascript"), "{html}");
        assert!(!html.contains("href=\"data"), "{html}");
        assert!(!html.contains('\u{202e}') && !html.contains('\u{1b}'), "{html}");
        insta::assert_snapshot!(html);
    }

    #[test]
    fn every_tone_has_its_own_word_and_shape() {
        let mut seen = std::collections::BTreeSet::new();
        for tone in [Tone::Broken, Tone::StillBroken, Tone::Fixed, Tone::Info, Tone::Asking] {
            let html = rendered(&Message::new(tone, "x"));
            assert!(html.contains(&format!(">{}</span>", tone.word())), "{html}");
            let shape = html.split("</svg>").next().unwrap().rsplit("<svg").next().unwrap().to_owned();
            assert!(seen.insert(shape), "two tones share a shape");
        }
    }

    #[test]
    fn a_long_excerpt_shows_the_decisive_line_and_folds_the_rest() {
        let mut message = Message::new(Tone::Broken, "x");
        let lines =
            (1..=30).map(|number| ExcerptLine { number, text: format!("line {number}"), key: number == 20 });
        message.excerpt =
            Some(Excerpt { name: "log".to_owned(), url: None, lines: lines.collect(), whole: false });
        let html = rendered(&message);
        let (near, folded) = html.split_once("<details").unwrap();
        assert!(near.contains("line 17<") && near.contains("line 23<") && !near.contains("line 16<"));
        assert!(folded.contains("line 1<") && folded.contains("line 30<"));
    }

    #[test]
    fn runbook_references_lead_to_the_consoles_own_pages() {
        assert_eq!(
            runbook_path("runbook:python/pytest#try this").as_deref(),
            Some("/runbooks/python/pytest#try%20this")
        );
        assert_eq!(runbook_path("runbook:../system#x"), None);
        assert_eq!(runbook_path("runbook:a//b"), None);
        assert_eq!(runbook_path("log:1-2"), None);
    }
}
