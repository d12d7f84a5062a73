//! Markdown into passages: one for each heading, as plain words and code.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::{
    anchor::Anchors,
    document::{Document, MAX_BODY_BYTES, Passage},
};

/// A passage longer than this is cut at the next block, so that what is shown and scored stays about one thing.
const MAX_PASSAGE_BYTES: usize = 2_000;
/// A code block is an example; more of it than this is a listing.
const MAX_CODE_BYTES: usize = 4_000;
/// No page of advice has more passages; what follows is left out.
const MAX_PASSAGES: usize = 1_000;
/// Lists nested deeper than this are shown as if they were this deep.
const MAX_INDENT: usize = 6;

/// The passages of a document, in page order.
pub(crate) fn passages(document: &Document) -> Vec<Passage> {
    let mut passages = Vec::new();
    for section in sections(&document.body) {
        let heading_path = section.path_without_title(&document.title);
        for blocks in portions(section.blocks) {
            if passages.len() == MAX_PASSAGES {
                return passages;
            }
            passages.push(Passage {
                document_id: document.id.clone(),
                heading_path: heading_path.clone(),
                anchor: section.anchor.clone(),
                lead: lead(&blocks),
                text: plain_text(&blocks),
                code: blocks
                    .into_iter()
                    .filter(|block| block.kind == Kind::Code)
                    .map(|block| block.text)
                    .collect(),
            });
        }
    }
    passages
}

/// The first heading of the top level.
pub(crate) fn first_title(body: &str) -> Option<String> {
    sections(body)
        .into_iter()
        .filter_map(|section| section.path.into_iter().find(|heading| heading.level == 1))
        .map(|heading| heading.text)
        .find(|text| !text.is_empty())
}

#[derive(Clone)]
struct Heading {
    level: usize,
    text: String,
}

#[derive(Default)]
struct Section {
    path: Vec<Heading>,
    anchor: String,
    blocks: Vec<Block>,
}

impl Section {
    /// The headings above, without a top one that only repeats the page's title.
    fn path_without_title(&self, title: &str) -> Vec<String> {
        self.path
            .iter()
            .filter(|heading| heading.level > 1 || !heading.text.eq_ignore_ascii_case(title))
            .map(|heading| heading.text.clone())
            .collect()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Prose,
    /// A list item or a row of a table: stands on its own line, without an empty line between.
    Line,
    Code,
}

struct Block {
    kind: Kind,
    text: String,
    /// The bytes at the start that only mark a list item.
    marker: usize,
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
fn sections(body: &str) -> Vec<Section> {
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

/// Cuts a section's blocks into portions that each fit one passage.
fn portions(blocks: Vec<Block>) -> Vec<Vec<Block>> {
    let mut portions: Vec<Vec<Block>> = Vec::new();
    let mut room = 0;
    for block in blocks.into_iter().flat_map(pieces) {
        let size = if block.kind == Kind::Code {
            block.text.len().min(MAX_PASSAGE_BYTES / 2)
        } else {
            block.text.len()
        };
        match portions.last_mut() {
            Some(portion) if size <= room => portion.push(block),
            _ => {
                portions.push(vec![block]);
                room = MAX_PASSAGE_BYTES;
            }
        }
        room = room.saturating_sub(size);
    }
    portions
}

/// A block too long for one passage, cut between words.
fn pieces(block: Block) -> Vec<Block> {
    if block.kind == Kind::Code || block.text.len() <= MAX_PASSAGE_BYTES {
        return vec![block];
    }
    let mut pieces = Vec::new();
    let mut rest = block.text.as_str();
    let mut marker = block.marker;
    while !rest.is_empty() {
        let piece = cut(rest, MAX_PASSAGE_BYTES);
        rest = rest[piece.len()..].trim_start();
        pieces.push(Block { kind: block.kind, text: piece.trim_end().to_owned(), marker });
        marker = 0;
    }
    pieces
}

/// The longest start of a text that fits, ending between words where there is a gap in its second half.
fn cut(text: &str, max_bytes: usize) -> &str {
    if text.len() <= max_bytes {
        return text;
    }
    let head = &text[..text.floor_char_boundary(max_bytes)];
    match head.rfind(char::is_whitespace) {
        Some(gap) if gap > head.len() / 2 => &head[..gap],
        _ => head,
    }
}

fn plain_text(blocks: &[Block]) -> String {
    let mut text = String::new();
    let mut previous = None;
    for block in blocks.iter().filter(|block| block.kind != Kind::Code) {
        if let Some(previous) = previous {
            text.push_str(if previous == Kind::Line && block.kind == Kind::Line { "\n" } else { "\n\n" });
        }
        text.push_str(&block.text);
        previous = Some(block.kind);
    }
    text
}

/// The first paragraph or item; if it announces code with a colon, that code as well.
fn lead(blocks: &[Block]) -> Option<String> {
    let first = blocks.iter().position(|block| block.kind != Kind::Code)?;
    let words = &blocks[first].text[blocks[first].marker..];
    match blocks.get(first + 1) {
        Some(next) if words.ends_with(':') && next.kind == Kind::Code => {
            Some(format!("{words}\n{}", next.text))
        }
        _ => Some(words.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(body: &str) -> Vec<Passage> {
        let document = Document::from_markdown("test", "page", body).unwrap();
        passages(&document)
    }

    #[test]
    fn a_page_becomes_plain_passages_by_heading() {
        let body = r"# Registry down

Pulls *fail* with [`503`](https://example.com/status).<br>Often at
night.

<script>
never(shown)
</script>

<div>never shown</div>

## Fix

1. Wait, then run:

   ```sh
   docker pull app
   ```

2. Else use the mirror
   - in `daemon.json`
   - or by flag

   More on the second step.

### On Windows

| Key | Value |
|-----|-------|
| `mirror` | https://m.example |

## Fix
";
        insta::assert_debug_snapshot!(read(body), @r#"
        [
            Passage {
                document_id: "page",
                heading_path: [],
                anchor: "registry-down",
                text: "Pulls fail with 503. Often at night.",
                code: [],
                lead: Some(
                    "Pulls fail with 503. Often at night.",
                ),
            },
            Passage {
                document_id: "page",
                heading_path: [
                    "Fix",
                ],
                anchor: "fix",
                text: "1. Wait, then run:\n2. Else use the mirror\n  - in daemon.json\n  - or by flag\n  More on the second step.",
                code: [
                    "docker pull app",
                ],
                lead: Some(
                    "Wait, then run:\ndocker pull app",
                ),
            },
            Passage {
                document_id: "page",
                heading_path: [
                    "Fix",
                    "On Windows",
                ],
                anchor: "on-windows",
                text: "Key | Value\nmirror | https://m.example",
                code: [],
                lead: Some(
                    "Key | Value",
                ),
            },
        ]
        "#);
    }

    #[test]
    fn long_sections_are_cut_between_blocks_and_words() {
        let paragraph = "word ".repeat(250);
        let passages = read(&format!("## Long\n\n{paragraph}\n\n{paragraph}\n\n{}", "y".repeat(5_000)));
        assert!(passages.len() >= 4, "{}", passages.len());
        for passage in &passages {
            assert!(passage.text.len() <= MAX_PASSAGE_BYTES);
            assert_eq!(
                (passage.heading_path.as_slice(), passage.anchor.as_str()),
                (["Long".to_owned()].as_slice(), "long")
            );
        }
        assert!(passages[0].text.ends_with("word"));
    }

    #[test]
    fn a_page_of_headings_alone_stays_bounded() {
        assert_eq!(read(&"# a\ntext\n".repeat(20_000)).len(), MAX_PASSAGES);
        assert!(read(&"# a\n".repeat(20_000)).is_empty());
    }

    #[test]
    fn deep_nesting_is_read() {
        let body = (0..500).map(|depth| "  ".repeat(depth) + "- item").collect::<Vec<_>>().join("\n");
        assert!(!read(&body).is_empty());
        assert!(!read(&format!("{}x", "> ".repeat(5_000))).is_empty());
    }

    proptest! {
        #[test]
        fn any_text_is_cut_without_panic_and_within_bounds(body in "([#\\-*`|>\\[\\]()<>~:+= \n0-9a-z\u{e9}\u{1f600}]|```|\n\n){0,300}") {
            for passage in read(&format!("\n{body}")) {
                prop_assert!(passage.text.len() <= MAX_PASSAGE_BYTES);
                prop_assert!(!passage.text.is_empty() || !passage.code.is_empty());
                prop_assert!(passage.code.iter().all(|code| code.len() <= MAX_CODE_BYTES));
            }
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let text = String::from_utf8_lossy(&bytes);
            let document = Document::from_markdown("test", "page", &text)
                .unwrap_or_else(|_| Document::without_front_matter("test", "page", &text));
            document.passages();
        }
    }
}
