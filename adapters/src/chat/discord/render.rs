//! A [`Message`] as Discord shows it: one message to be read at a glance, and pages for its thread.
//!
//! The message holds the headline, who is meant, the cause, the lines around the decisive one, the sections that are no
//! detail, facts, sources, small print and buttons. Details, long excerpts and cited passages go to the thread, as does
//! everything that would break one of Discord's [limits]. The outcome depends on the message alone.

use crate::chat::discord::config::Style;
use crate::chat::discord::page::{Card, Page, Room, Row, Sheet, Told};
use crate::chat::discord::{buttons, excerpt, ids, limits, markup};
use crate::chat::wording::{broken, one_line, sentences, shorten, visible};
use crate::message::{Citation, Fact, Mention, Message, Section, Span, Tone};

/// Most pages in a thread. What is longer than that is read in the log, not in Discord.
pub const THREAD_PAGES: usize = 5;

/// Most people and roles that one message calls. Further ones are named.
const TOLD: usize = 5;

/// Room for who is meant.
const MENTIONS: usize = 150;

/// Longest headline, before it is escaped.
const HEADLINE: usize = 250;

/// Longest fact that stands beside others, and how much room all of them take.
const FIELD: usize = 200;
const ALL_FIELDS: usize = 1200;

/// Longest note of the small print.
const NOTE: usize = 100;

/// Ends a message that goes on in its thread.
const MORE: &str = "-# More in the thread.";

/// A message fitted to Discord.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    /// What its thread is called.
    pub name: String,
    /// The message itself.
    pub main: Page,
    /// Messages in its thread, in order; empty if all of it is in the message.
    pub thread: Vec<Page>,
}

/// Fits a message to Discord. Never fails: everything Discord would refuse moves or is said differently.
pub fn render(message: &Message, style: Style) -> Rendered {
    let room = Room::of(style);
    let (headline, mut thread) = headline(message, room);
    let (names, told) = mentions(&message.mentions);
    let mut top = Sheet::new(limits::CONTENT);
    let _ = top.take(headline.clone(), 0);
    if !names.is_empty() {
        let _ = top.take(names.clone(), 0);
    }
    let top = top.close();
    let mut sheet = Sheet::new(match style {
        Style::Embeds => room.page,
        Style::Text => room.page - limits::length(&top) - 1,
    });
    let mut small_print = small_print(message, room).into_iter();
    let first_small_print = small_print.next();
    let reserved =
        first_small_print.as_deref().map_or(0, |print| limits::length(print) + 1) + limits::length(MORE) + 1;

    let (fields, facts) = match style {
        Style::Embeds => fields(&message.facts),
        Style::Text => (Vec::new(), message.facts.iter().collect()),
    };
    thread.extend(body(message, &facts, room, &mut sheet, reserved));
    thread.extend(details(message, room));
    thread.extend(small_print);
    if let Some(print) = first_small_print {
        let _ = sheet.take(print, 0);
    }
    let mut rows = buttons::rows(&message.actions);
    let further_rows = rows.split_off(rows.len().min(limits::ROWS));
    if !(thread.is_empty() && further_rows.is_empty()) {
        let _ = sheet.take(MORE.to_owned(), 0);
    }
    let text = sheet.close();
    let colour = colour(message.tone);
    let main = match style {
        Style::Embeds => {
            // The card is where the mark is kept, so there always is one: a headline alone goes into it.
            if text.is_empty() && fields.is_empty() {
                Page {
                    content: names,
                    card: Some(Card { colour, description: headline, fields }),
                    rows,
                    told,
                }
            } else {
                Page { content: top, card: Some(Card { colour, description: text, fields }), rows, told }
            }
        }
        Style::Text => {
            Page { content: format!("{top}\n{text}").trim_end().to_owned(), card: None, rows, told }
        }
    };
    let mut pages = pages(thread, message, room, &|text| page(text, colour, style));
    // Buttons that have no room under the message stand under the first page of its thread.
    if !further_rows.is_empty() {
        if pages.is_empty() {
            pages.push(page("More to do:".to_owned(), colour, style));
        }
        pages[0].rows = further_rows.into_iter().take(limits::ROWS).collect();
    }
    Rendered { name: name(message), main, thread: pages }
}

/// One text of ours, for one person: at most [`THREAD_PAGES`] messages.
pub(super) fn render_words(text: &str) -> Vec<Page> {
    let room = Room::of(Style::Text);
    let pieces = paragraphs(None, &[Span::text(text)], room.piece);
    pages(pieces, &Message::new(Tone::Info, ""), room, &|text| page(text, 0, Style::Text))
}

/// A question with one button, for one person.
pub(super) fn render_question(words: &str, row: Row) -> Page {
    Page { rows: vec![row], ..page(markup::plain(&shorten(words, HEADLINE)), 0, Style::Text) }
}

fn page(text: String, colour: u32, style: Style) -> Page {
    let (content, card) = match style {
        Style::Embeds => (String::new(), Some(Card { colour, description: text, fields: Vec::new() })),
        Style::Text => (text, None),
    };
    Page { content, card, rows: Vec::new(), told: Vec::new() }
}

/// The headline, and what of it does not fit the message.
fn headline(message: &Message, room: Room) -> (String, Vec<String>) {
    let lead = format!("{} **{}", sign(message.tone), capitalised(message.tone.word()));
    let whole = one_line(&message.headline);
    let whole = whole.trim();
    let draw = |words: &str, url: Option<&str>| match words {
        "" => format!("{lead}**"),
        words => format!("{lead}: {}**", markup::link(words, url)),
    };
    let fits = |drawn: &String| limits::length(drawn) <= room.headline;
    let url = message.url.as_deref();
    let mut drawn = None;
    for max in [HEADLINE, HEADLINE / 2] {
        let words = shorten(whole, max);
        drawn = [draw(&words, url), draw(&words, None)].into_iter().find(fits).map(|drawn| (drawn, words));
        if drawn.is_some() {
            break;
        }
    }
    let (drawn, words) = drawn.unwrap_or_else(|| (draw("", None), String::new()));
    let rest = if words == whole { Vec::new() } else { paragraphs(None, &[Span::text(whole)], room.piece) };
    (drawn, rest)
}

/// Puts on the sheet what fits, in order, and answers the rest. The lines that prove the cause stand under it, and room is
/// kept for them however long the cause is.
fn body(message: &Message, facts: &[&Fact], room: Room, sheet: &mut Sheet, reserved: usize) -> Vec<String> {
    let mut rest = Vec::new();
    let mut sections = message.sections.iter().filter(|section| !section.detail).peekable();
    let lines = message
        .excerpt
        .as_ref()
        .and_then(|excerpt| excerpt::short(excerpt, room.excerpt))
        .map(|(lines, _)| lines);
    let kept = reserved + lines.as_deref().map_or(0, |lines| limits::length(lines) + 1);
    let mut cause = Vec::new();
    while let Some(section) = sections.next_if(|section| section.title.is_none()) {
        cause.extend(section_pieces(section, room));
    }
    put(cause, sheet, kept, &mut rest);
    if let Some(lines) = lines
        && let Err(lines) = sheet.take(lines, reserved)
    {
        rest.push(lines);
    }
    let further = sections
        .flat_map(|section| section_pieces(section, room))
        .chain(facts.iter().flat_map(|fact| fact_piece(fact, room)))
        .chain(sources(&message.citations, room))
        .collect();
    put(further, sheet, reserved, &mut rest);
    rest
}

/// Order matters more than filling the last gap: once a piece has no room, all that follow it move too.
fn put(pieces: Vec<String>, sheet: &mut Sheet, reserved: usize, rest: &mut Vec<String>) {
    for piece in pieces {
        if rest.is_empty() {
            if let Err(piece) = sheet.take(piece, reserved) {
                rest.push(piece);
            }
        } else {
            rest.push(piece);
        }
    }
}

/// What stands in the thread from the start.
fn details(message: &Message, room: Room) -> Vec<String> {
    let mut out: Vec<String> = message
        .sections
        .iter()
        .filter(|section| section.detail)
        .flat_map(|section| section_pieces(section, room))
        .collect();
    if let Some(shown) = &message.excerpt
        && excerpt::short(shown, room.excerpt).is_none_or(|(_, shortened)| shortened)
        && !shown.lines.is_empty()
    {
        out.extend(excerpt::full(shown, room.piece));
    }
    out.extend(message.citations.iter().flat_map(|citation| passage(citation, room)));
    out
}

/// Who is called, and who is only named because Discord does not know them or there are too many.
fn mentions(mentions: &[Mention]) -> (String, Vec<Told>) {
    let (mut words, mut told) = (String::new(), Vec::new());
    for mention in mentions {
        let known = told_of(&mention.id).filter(|_| told.len() < TOLD);
        let word = match &known {
            Some(Told::Person(id)) => format!("<@{id}>"),
            Some(Told::Role(id)) => format!("<@&{id}>"),
            None => markup::plain(&shorten(&one_line(&mention.name), 40)),
        };
        if limits::length(&words) + 1 + limits::length(&word) > MENTIONS {
            continue;
        }
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(&word);
        told.extend(known);
    }
    (words, told)
}

/// `1034…` is a person, `&1034…` a role. Everything else is shown as a name.
fn told_of(id: &str) -> Option<Told> {
    match id.strip_prefix('&') {
        Some(role) => ids::number(role).map(|role| Told::Role(role.to_string())),
        None => ids::number(id).map(|person| Told::Person(person.to_string())),
    }
}

fn section_pieces(section: &Section, room: Room) -> Vec<String> {
    paragraphs(section.title.as_deref(), &section.text, room.piece)
}

/// The spans of one paragraph in as few pieces as possible, none longer than `max`.
fn paragraphs(title: Option<&str>, spans: &[Span], max: usize) -> Vec<String> {
    let mut atoms = Vec::new();
    if let Some(title) = title {
        fit(&one_line(title), max, &markup::strong, &mut atoms);
        atoms.push(": ".to_owned());
    }
    for span in spans {
        match span {
            Span::Text { text } => {
                for sentence in sentences(text) {
                    fit(sentence, max, &markup::plain, &mut atoms);
                }
            }
            Span::Strong { text } => fit(text, max, &markup::strong, &mut atoms),
            Span::Code { text } => fit(text, max, &markup::code, &mut atoms),
            Span::Link { text, url } => {
                let linked = markup::link(text, Some(url));
                if limits::length(&linked) <= max {
                    atoms.push(linked);
                } else {
                    fit(text, max, &markup::plain, &mut atoms);
                }
            }
        }
    }
    join(atoms, max)
}

fn fit(text: &str, max: usize, draw: &dyn Fn(&str) -> String, out: &mut Vec<String>) {
    out.extend(broken(text, &|part| limits::length(&draw(part)) <= max).into_iter().map(draw));
}

fn join(atoms: Vec<String>, max: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for atom in atoms {
        match out.last_mut() {
            Some(last) if limits::length(last) + 1 + limits::length(&atom) <= max => {
                // Two that end and begin alike would be read as one.
                if ['*', '`'].iter().any(|sign| last.ends_with(*sign) && atom.starts_with(*sign)) {
                    last.push('\u{200b}');
                }
                last.push_str(&atom);
            }
            _ => out.push(atom),
        }
    }
    for piece in &mut out {
        *piece = piece.trim().to_owned();
    }
    out.retain(|piece| !piece.is_empty());
    out
}

/// Short facts side by side; the others are paragraphs.
fn fields(facts: &[Fact]) -> (Vec<(String, String)>, Vec<&Fact>) {
    let (mut fields, mut further, mut used) = (Vec::new(), Vec::new(), 0);
    for fact in facts {
        let (name, value) = (one_line(&fact.name), visible(&fact.value));
        let field = (markup::plain(name.trim()), markup::plain(value.trim()));
        let size = limits::length(&field.0) + limits::length(&field.1);
        let short = size <= FIELD && used + size <= ALL_FIELDS && fields.len() < limits::FIELDS;
        if short && !field.0.is_empty() && !field.1.is_empty() {
            used += size;
            fields.push(field);
        } else {
            further.push(fact);
        }
    }
    (fields, further)
}

fn fact_piece(fact: &Fact, room: Room) -> Vec<String> {
    let name = one_line(&fact.name);
    let title = Some(name.trim()).filter(|name| !name.is_empty());
    let value = Span::text(visible(&fact.value).trim());
    if title.is_none() && value.words().is_empty() {
        return Vec::new();
    }
    paragraphs(title, &[value], room.piece)
}

fn sources(citations: &[Citation], room: Room) -> Vec<String> {
    let labels: Vec<(String, Option<&str>)> =
        citations.iter().map(|citation| (label(citation), citation.url.as_deref())).collect();
    small_row("Sources: ", &labels, room.piece)
}

/// The words that a source says, for reading in place; lines of the log stand in the excerpt already.
fn passage(citation: &Citation, room: Room) -> Vec<String> {
    if citation.reference.starts_with("log:") || citation.quote.trim().is_empty() {
        return Vec::new();
    }
    let label = label(citation);
    let linked = markup::link(&label, citation.url.as_deref());
    let head = if limits::length(&linked) > room.piece { markup::plain(&label) } else { linked };
    let mut atoms = vec![head, "\n“".to_owned()];
    for sentence in sentences(citation.quote.trim()) {
        fit(sentence, room.piece, &markup::plain, &mut atoms);
    }
    atoms.push("”".to_owned());
    join(atoms, room.piece)
}

fn label(citation: &Citation) -> String {
    let label = if citation.label.trim().is_empty() { &citation.reference } else { &citation.label };
    shorten(&one_line(label), NOTE)
}

fn small_print(message: &Message, room: Room) -> Vec<String> {
    let notes: Vec<(String, Option<&str>)> = message
        .footer
        .iter()
        .map(|note| (shorten(&one_line(&note.text), NOTE), note.url.as_deref()))
        .collect();
    small_row("", &notes, room.small_print)
}

/// Short texts in lines of small print, each linked if it leads somewhere.
fn small_row(lead: &str, items: &[(String, Option<&str>)], max: usize) -> Vec<String> {
    let max = max - limits::length("-# ");
    let mut rows: Vec<String> = Vec::new();
    for (text, url) in items.iter().filter(|(text, _)| !text.trim().is_empty()) {
        let linked = markup::link(text, *url);
        let item = if limits::length(&linked) + limits::length(lead) > max {
            markup::link(text, None)
        } else {
            linked
        };
        match rows.last_mut() {
            Some(row) if limits::length(row) + 3 + limits::length(&item) <= max => {
                row.push_str(" · ");
                row.push_str(&item);
            }
            Some(_) => rows.push(item),
            None => rows.push(format!("{lead}{item}")),
        }
    }
    rows.iter().map(|row| format!("-# {row}")).collect()
}

/// Pieces on as few pages as possible; past [`THREAD_PAGES`] a last word says where the rest is.
fn pages(pieces: Vec<String>, message: &Message, room: Room, page: &dyn Fn(String) -> Page) -> Vec<Page> {
    let last_word = rest_is_elsewhere(message, room);
    let reserved = limits::length(&last_word) + 1;
    let mut out = Vec::new();
    let mut sheet = Sheet::new(room.page);
    for piece in pieces {
        let Err(piece) = sheet.take(piece, reserved) else { continue };
        if out.len() + 1 == THREAD_PAGES {
            let _ = sheet.take(last_word, 0);
            break;
        }
        out.push(page(std::mem::replace(&mut sheet, Sheet::new(room.page)).close()));
        let _ = sheet.take(piece, 0);
    }
    if !sheet.is_empty() {
        out.push(page(sheet.close()));
    }
    out
}

fn rest_is_elsewhere(message: &Message, room: Room) -> String {
    let url = message.excerpt.as_ref().and_then(|excerpt| excerpt.url.as_deref()).or(message.url.as_deref());
    let linked = markup::link("There is more than Discord can hold: read the rest there.", url);
    if url.and_then(markup::address).is_some() && limits::length(&linked) <= room.piece {
        format!("-# {linked}")
    } else {
        "-# There is more than Discord can hold.".to_owned()
    }
}

/// What the thread is called. Never empty: Discord would refuse it.
fn name(message: &Message) -> String {
    let name = shorten(&one_line(&message.headline), limits::THREAD_NAME);
    if name.is_empty() { capitalised(message.tone.word()) } else { name }
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

fn colour(tone: Tone) -> u32 {
    match tone {
        Tone::Broken => 0x00d9_3025,
        Tone::StillBroken => 0x00e0_8a00,
        Tone::Fixed => 0x0018_8038,
        Tone::Info => 0x001a_73e8,
        Tone::Asking => 0x006f_42c1,
    }
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
