//! Markdown into sections: what stands under each heading, as plain words and code. HTML is left out.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::{anchor::Anchors, document::MAX_BODY_BYTES};

/// A code block is an example; more of it than this is a listing.
pub(crate) const MAX_CODE_BYTES: usize = 4_000;
/// Lists nested deeper than this are shown as if they were this deep.
const MAX_INDENT: usize = 6;

/// The first heading of the top level.
pub(crate) fn first_title(body: &str) -> Option<String> {
    sections(body)
        .into_iter()
        .filter_map(|section| section.path.into_iter().find(|heading| heading.level == 1))
        .map(|heading| heading.text)
        .find(|text| !text.is_empty())
}

/// A heading above a section.
#[derive(Clone)]
struct Heading {
    level: usize,
    text: String,
}

/// What stands under one heading, up to the next.
#[derive(Default)]
pub(crate) struct Section {
    path: Vec<Heading>,
    pub(crate) anchor: String,
    pub(crate) blocks: Vec<Block>,
}

impl Section {
    /// The headings above, without a top one that only repeats the page's title.
    pub(crate) fn path_without_title(&self, title: &str) -> Vec<String> {
        self.path
            .iter()
            .filter(|heading| heading.level > 1 || !heading.text.eq_ignore_ascii_case(title))
            .map(|heading| heading.text.clone())
            .collect()
    }
}

/// How a block stands among others.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Prose,
    /// A list item or a row of a table: stands on its own line, without an empty line between.
    Line,
    Code,
}

/// A paragraph, a list item, a row or a block of code.
pub(crate) struct Block {
    pub(crate) kind: Kind,
    pub(crate) text: String,
    /// The bytes at the start that only mark a list item.
    pub(crate) marker: usize,
}

/// Walks the events of the parser and collects sections.
#[derive(Default)]
struct Reader {
    done: Vec<Section>,
    current: Section,
    anchors: Anchors,
    /// The words of the block being read.
    words: String,
    /// For each list around: the number of its next item, if it counts.
    lists: Vec<Option<u64>>,
    /// What marks the item being read; taken by its first block.
    marker: Option<String>,
    heading: Option<(usize, Option<String>)>,
    code: Option<String>,
    cells: Vec<String>,
    in_table: bool,
}

/// Every section of the page; the first one has no heading.
pub(crate) fn sections(body: &str) -> Vec<Section> {
    let body = &body[..body.floor_char_boundary(MAX_BODY_BYTES)];
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM
        | Options::ENABLE_HEADING_ATTRIBUTES;
    let mut reader = Reader::default();
    for event in Parser::new_ext(body, options) {
        reader.read(event);
    }
    reader.end_block();
    reader.done.push(reader.current);
    reader.done
}

impl Reader {
    fn read(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match &mut self.code {
                Some(code) => code.push_str(&text),
                None => self.words.push_str(&text),
            },
            Event::Code(text) => self.words.push_str(&text),
            // A tag stands for a break at most (`a<br>b`); HTML is never shown.
            Event::SoftBreak | Event::HardBreak | Event::InlineHtml(_) => self.words.push(' '),
            Event::Rule => self.end_block(),
            Event::Html(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { level, id, .. } => {
                self.end_block();
                self.heading = Some((level as usize, id.map(|id| id.to_string())));
            }
            Tag::CodeBlock(_) => {
                self.end_block();
                self.code = Some(String::new());
            }
            Tag::List(first) => {
                self.end_block();
                self.lists.push(first);
            }
            Tag::Item => {
                self.end_block();
                self.marker = Some(self.next_marker());
            }
            Tag::Table(_) => {
                self.end_block();
                self.in_table = true;
            }
            Tag::Paragraph | Tag::BlockQuote(_) | Tag::FootnoteDefinition(_) => self.end_block(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => self.end_heading(),
            TagEnd::CodeBlock => {
                if let Some(code) = self.code.take() {
                    self.push(Kind::Code, cut(code.trim_end(), MAX_CODE_BYTES).to_owned(), 0);
                }
            }
            TagEnd::TableCell => {
                let cell = self.take_words();
                self.cells.push(cell);
            }
            TagEnd::TableHead | TagEnd::TableRow => {
                let row = std::mem::take(&mut self.cells).join(" | ");
                self.push(Kind::Line, row, 0);
            }
            TagEnd::Table => self.in_table = false,
            TagEnd::List(_) => {
                self.end_block();
                self.lists.pop();
            }
            TagEnd::Item => {
                self.end_block();
                self.marker = None;
            }
            TagEnd::Paragraph | TagEnd::BlockQuote(_) | TagEnd::FootnoteDefinition => self.end_block(),
            _ => {}
        }
    }

    fn next_marker(&mut self) -> String {
        let indent = "  ".repeat(self.lists.len().saturating_sub(1).min(MAX_INDENT));
        match self.lists.last_mut() {
            Some(Some(number)) => {
                let marker = format!("{indent}{number}. ");
                *number = number.saturating_add(1);
                marker
            }
            _ => format!("{indent}- "),
        }
    }

    fn end_heading(&mut self) {
        let text = self.take_words();
        let Some((level, id)) = self.heading.take() else { return };
        let mut path = self.current.path.clone();
        path.retain(|heading| heading.level < level);
        let anchor = id.unwrap_or_else(|| self.anchors.next(&text));
        path.push(Heading { level, text });
        let finished = std::mem::replace(&mut self.current, Section { path, anchor, blocks: Vec::new() });
        self.done.push(finished);
    }

    /// Closes the paragraph or list item being read.
    fn end_block(&mut self) {
        if self.in_table || self.heading.is_some() {
            return;
        }
        let words = self.take_words();
        if words.is_empty() {
            return;
        }
        match (self.marker.take(), self.lists.is_empty()) {
            (Some(marker), _) => self.push(Kind::Line, format!("{marker}{words}"), marker.len()),
            // A further paragraph of an item.
            (None, false) => {
                let indent = "  ".repeat(self.lists.len().min(MAX_INDENT));
                self.push(Kind::Line, format!("{indent}{words}"), indent.len());
            }
            (None, true) => self.push(Kind::Prose, words, 0),
        }
    }

    fn push(&mut self, kind: Kind, text: String, marker: usize) {
        if !text.trim().is_empty() {
            self.current.blocks.push(Block { kind, text, marker });
        }
    }

    /// The words read so far, with every run of white space made one space.
    fn take_words(&mut self) -> String {
        let words = std::mem::take(&mut self.words);
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// The longest start of a text that fits, ending between words where there is a gap in its second half.
pub(crate) fn cut(text: &str, max_bytes: usize) -> &str {
    if text.len() <= max_bytes {
        return text;
    }
    let head = &text[..text.floor_char_boundary(max_bytes)];
    match head.rfind(char::is_whitespace) {
        Some(gap) if gap > head.len() / 2 => &head[..gap],
        _ => head,
    }
}
