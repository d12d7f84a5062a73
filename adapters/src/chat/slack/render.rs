//! A [`Message`] as Slack shows it: one message to be read at a glance, and pages for its thread.
//!
//! The message holds the headline, who is meant, the sections that are no detail, the lines around the decisive one, facts,
//! sources, buttons and small print. Details, long excerpts and cited passages go to the thread, as does everything that
//! would break one of Slack's [limits]. The outcome depends on the message alone.

use slack_morphism::blocks::{SlackBlockText, SlackSectionBlock};

use crate::chat::slack::flow::{self, Atom, shorten};
use crate::chat::slack::limits;
use crate::chat::slack::mrkdwn::{self, Signs};
use crate::chat::slack::page::{Page, Piece, Sheet, mrkdwn_object};
use crate::chat::slack::{buttons, excerpt};
use crate::message::{Citation, Fact, Mention, Message, Section, Span, Tone};

/// Most pages in a thread. What is longer than that is read in the log, not in Slack.
pub const THREAD_PAGES: usize = 5;

/// Longest headline in the message itself, in escaped form; a longer one stands whole in the thread.
const HEADLINE: usize = 600;

/// Longest fact that stands beside others.
const FIELD: usize = 300;

/// Room for one row of small print.
const SMALL_PRINT: usize = 1500;

/// A message fitted to Slack.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    /// The message itself.
    pub main: Page,
    /// Replies in its thread, in order; empty if all of it is in the message.
    pub thread: Vec<Page>,
}

/// Fits a message to Slack. Never fails: everything Slack would refuse moves or is said differently.
pub fn render(message: &Message) -> Rendered {
    let (headline, rest_of_headline) = headline(message);
    let mut buttons = buttons::pieces(&message.actions).into_iter();
    let first_buttons = buttons.next();
    let mut small_print = small_print(message).into_iter();
    let first_small_print = small_print.next();
    let reserved = [&first_buttons, &first_small_print].into_iter().flatten().map(Piece::size).sum();

    let mut main = Sheet::default();
    main.push(headline);
    let mut thread = rest_of_headline;
    let mut body = body(message).into_iter();
    for piece in body.by_ref() {
        if let Err(piece) = main.take(piece, reserved) {
            // Order matters more than filling the last gap: all that follows moves too.
            thread.push(piece);
            break;
        }
    }
    thread.extend(body);
    thread.extend(details(message));
    thread.extend(buttons);
    thread.extend(small_print);
    for piece in first_buttons.into_iter().chain(first_small_print) {
        main.push(piece);
    }
    if !thread.is_empty() {
        main.push(Piece::context(Atom::both("More in the thread.")));
    }
    Rendered { main: main.close(), thread: pages(thread, message) }
}

/// One short text of ours, for a whisper.
pub(super) fn render_words(text: &str) -> Page {
    let spans = [Span::text(text)];
    let mut sheet = Sheet::default();
    for piece in paragraphs(&Signs::of([text]), None, &spans) {
        if sheet.take(piece, 0).is_err() {
            sheet.push(Piece::context(Atom::both("There is more than Slack can hold.")));
            break;
        }
    }
    sheet.close()
}

/// The headline, and what of it does not fit the message.
fn headline(message: &Message) -> (Piece, Vec<Piece>) {
    let sign = sign(message.tone);
    let word = capitalised(message.tone.word());
    let whole = mrkdwn::one_line(&message.headline);
    let words = [HEADLINE, HEADLINE / 5]
        .into_iter()
        .map(|max| shorten(&whole, max))
        .find(|words| limits::length(&mrkdwn::escape(words)) <= HEADLINE)
        .unwrap_or_default();
    let rest = if words == whole.trim() {
        Vec::new()
    } else {
        paragraphs(&Signs::of([whole.as_str()]), None, &[Span::text(&whole)])
    };
    if words.is_empty() {
        return (
            Piece::section(Atom { mrkdwn: format!("{sign} *{word}*"), plain: format!("{sign} {word}") }),
            rest,
        );
    }
    // The stars are ours; inside them a star of the headline's would end the bold early.
    let bold = words.replace('*', "∗");
    let linked = Atom::link(&Signs::of([bold.as_str()]), &bold, message.url.as_deref());
    let plain = Atom::link(&Signs::of([]), &words, message.url.as_deref()).plain;
    let text = Atom {
        mrkdwn: format!("{sign} *{word}: {}*", linked.mrkdwn),
        plain: format!("{sign} {word}: {plain}"),
    };
    (Piece::section(text), rest)
}

/// What the message says, in order.
fn body(message: &Message) -> Vec<Piece> {
    let mut out = mentions(&message.mentions);
    for section in message.sections.iter().filter(|section| !section.detail) {
        out.extend(section_pieces(section));
    }
    out.extend(message.excerpt.as_ref().and_then(excerpt::short).map(|(piece, _)| piece));
    out.extend(facts(&message.facts));
    out.extend(sources(&message.citations));
    out
}

/// What stands in the thread from the start.
fn details(message: &Message) -> Vec<Piece> {
    let mut out: Vec<Piece> =
        message.sections.iter().filter(|section| section.detail).flat_map(section_pieces).collect();
    if let Some(excerpt) = &message.excerpt
        && excerpt::short(excerpt).is_none_or(|(_, shortened)| shortened)
        && !excerpt.lines.is_empty()
    {
        out.extend(excerpt::full(excerpt));
    }
    out.extend(message.citations.iter().flat_map(passage));
    out
}

fn mentions(mentions: &[Mention]) -> Vec<Piece> {
    let atoms = mentions.iter().flat_map(|mention| {
        if is_person(&mention.id) {
            vec![Atom::both(format!("<@{}> ", mention.id))]
        } else {
            let name = format!("{} ", shorten(&mrkdwn::one_line(&mention.name), 100));
            flow::atoms(&Signs::of([name.as_str()]), &[Span::text(name)], limits::SECTION_TEXT)
        }
    });
    flow::join(atoms, limits::SECTION_TEXT).into_iter().map(Piece::section).collect()
}

/// Whether this is the id of a person or group that may be mentioned. Everything else is shown as a name.
pub(super) fn is_person(id: &str) -> bool {
    id.starts_with(['U', 'W', 'S'])
        && (2..=32).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

fn section_pieces(section: &Section) -> Vec<Piece> {
    let words = section.text.iter().filter(|span| !matches!(span, Span::Code { .. })).map(Span::words);
    let signs = Signs::of(words.chain(section.title.as_deref()));
    paragraphs(&signs, section.title.as_deref(), &section.text)
}

fn paragraphs(signs: &Signs, title: Option<&str>, spans: &[Span]) -> Vec<Piece> {
    let mut atoms = Vec::new();
    if let Some(title) = title {
        // On the text's own line: a message of twelve lines has none to give away.
        atoms.extend(flow::atoms(signs, &[Span::strong(mrkdwn::one_line(title))], limits::SECTION_TEXT));
        atoms.push(Atom::both(": "));
    }
    atoms.extend(flow::atoms(signs, spans, limits::SECTION_TEXT));
    flow::join(atoms, limits::SECTION_TEXT).into_iter().map(Piece::section).collect()
}

/// Short facts side by side, long ones as paragraphs.
fn facts(facts: &[Fact]) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut row: Vec<Atom> = Vec::new();
    for fact in facts {
        let (name, value) = (mrkdwn::one_line(&fact.name), mrkdwn::visible(&fact.value));
        let signs = Signs::of([name.as_str(), value.as_str()]);
        let field = Atom {
            mrkdwn: format!("{}\n{}", signs.strong(&name), signs.plain(&value)).trim().to_owned(),
            plain: mrkdwn::escape(format!("{}: {}", name.trim(), value.trim()).trim_matches([':', ' '])),
        };
        if field.mrkdwn.is_empty() {
            continue;
        }
        if limits::length(&field.mrkdwn) > FIELD {
            out.extend(fields(std::mem::take(&mut row)));
            out.extend(paragraphs(&signs, Some(&name), &[Span::text(value)]));
            continue;
        }
        row.push(field);
        if row.len() == limits::FIELDS {
            out.extend(fields(std::mem::take(&mut row)));
        }
    }
    out.extend(fields(row));
    out
}

fn fields(row: Vec<Atom>) -> Option<Piece> {
    if row.is_empty() {
        return None;
    }
    let plain = row.iter().map(|field| field.plain.as_str()).collect::<Vec<_>>().join("\n");
    let fields: Vec<SlackBlockText> = row.into_iter().map(|field| mrkdwn_object(field.mrkdwn)).collect();
    Some(Piece::new(SlackSectionBlock::new().with_fields(fields).into(), plain))
}

fn sources(citations: &[Citation]) -> Vec<Piece> {
    let labels: Vec<(String, Option<&str>)> =
        citations.iter().map(|citation| (label(citation), citation.url.as_deref())).collect();
    small_row("Sources: ", &labels)
}

/// The words that a source says, for reading in place; lines of the log stand in the excerpt already.
fn passage(citation: &Citation) -> Vec<Piece> {
    if citation.reference.starts_with("log:") || citation.quote.trim().is_empty() {
        return Vec::new();
    }
    let label = label(citation);
    let signs = Signs::of([label.as_str(), citation.quote.as_str()]);
    let mut atoms = vec![Atom::link(&signs, &label, citation.url.as_deref()), Atom::both("\n“")];
    atoms.extend(flow::atoms(&signs, &[Span::text(citation.quote.trim())], limits::SECTION_TEXT));
    atoms.push(Atom::both("”"));
    flow::join(atoms, limits::SECTION_TEXT).into_iter().map(Piece::section).collect()
}

fn label(citation: &Citation) -> String {
    let label = if citation.label.trim().is_empty() { &citation.reference } else { &citation.label };
    shorten(&mrkdwn::one_line(label), 200)
}

fn small_print(message: &Message) -> Vec<Piece> {
    let notes: Vec<(String, Option<&str>)> = message
        .footer
        .iter()
        .map(|note| (shorten(&mrkdwn::one_line(&note.text), 200), note.url.as_deref()))
        .collect();
    small_row("", &notes)
}

/// Short texts on one line of small print, each linked if it leads somewhere.
fn small_row(lead: &str, items: &[(String, Option<&str>)]) -> Vec<Piece> {
    let items: Vec<&(String, Option<&str>)> =
        items.iter().filter(|(text, _)| !text.trim().is_empty()).collect();
    if items.is_empty() {
        return Vec::new();
    }
    let signs = Signs::of(items.iter().map(|(text, _)| text.as_str()));
    let mut atoms = vec![Atom::both(lead)];
    for (index, (text, url)) in items.into_iter().enumerate() {
        let item = Atom::link(&signs, text, *url);
        let item =
            if limits::length(&item.mrkdwn) > SMALL_PRINT { Atom::link(&signs, text, None) } else { item };
        if index > 0 {
            atoms.push(Atom::both(" · "));
        }
        atoms.push(item);
    }
    flow::join(atoms, SMALL_PRINT).into_iter().map(Piece::context).collect()
}

/// Pieces on as few pages as possible; past [`THREAD_PAGES`] a last word says where the rest is.
fn pages(pieces: Vec<Piece>, message: &Message) -> Vec<Page> {
    let mut out = Vec::new();
    let mut sheet = Sheet::default();
    for piece in pieces {
        let Err(piece) = sheet.take(piece, 0) else { continue };
        if out.len() + 1 == THREAD_PAGES {
            sheet.push(rest_is_elsewhere(message));
            break;
        }
        out.push(std::mem::take(&mut sheet).close());
        sheet.push(piece);
    }
    if !sheet.is_empty() {
        out.push(sheet.close());
    }
    out
}

fn rest_is_elsewhere(message: &Message) -> Piece {
    let url = message.excerpt.as_ref().and_then(|excerpt| excerpt.url.as_deref()).or(message.url.as_deref());
    let linked = url.filter(|url| mrkdwn::address(url).is_some());
    let words = if linked.is_some() {
        "There is more than Slack can hold: read the rest there."
    } else {
        "There is more than Slack can hold."
    };
    Piece::context(Atom::link(&Signs::of([]), words, linked))
}

/// The shape that goes with the word: no two tones share one, so that colour is never needed.
fn sign(tone: Tone) -> &'static str {
    match tone {
        Tone::Broken => "❌",
        Tone::StillBroken => "🔁",
        Tone::Fixed => "✅",
        Tone::Info => "ℹ️",
        Tone::Asking => "❓",
    }
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
