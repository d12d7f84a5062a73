//! The part of a document that is found and shown: what stands under one heading.

use serde::{Deserialize, Serialize};

use crate::{
    Document,
    markdown::{self, Block, Kind, cut},
};

/// A passage longer than this is cut at the next block, so that what is shown and scored stays about one thing.
const MAX_PASSAGE_BYTES: usize = 2_000;
/// No page of advice has more passages; what follows is left out.
const MAX_PASSAGES: usize = 1_000;

/// The part of a document that stands under one heading (a long one is cut into several).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// The document that it is part of.
    pub document_id: String,
    /// The headings above it, outermost first, without the page's own title.
    pub heading_path: Vec<String>,
    /// The anchor of its heading as GitHub makes it; empty before the first heading.
    pub anchor: String,
    /// Its words without markup: paragraphs are parted by an empty line; list items begin with `- ` or their number.
    pub text: String,
    /// Its code blocks, as they stand.
    pub code: Vec<String>,
    /// Its first paragraph or list item, with the code block that follows if it ends in a colon.
    pub lead: Option<String>,
}

impl Passage {
    /// Does the passage say what to do? True under a heading such as `Fix`, `Resolution` or `What to do`.
    pub fn is_fix(&self) -> bool {
        self.heading_path.iter().any(|heading| {
            let heading = heading.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
            FIX_HEADINGS.contains(&heading.as_str())
        })
    }
}

/// Headings under which pages of advice say what to do.
const FIX_HEADINGS: [&str; 13] = [
    "fix",
    "fixes",
    "the fix",
    "how to fix",
    "how to fix it",
    "resolution",
    "solution",
    "solutions",
    "remedy",
    "mitigation",
    "workaround",
    "what to do",
    "steps to resolve",
];

/// The passages of a document, in page order.
pub(crate) fn passages(document: &Document) -> Vec<Passage> {
    let mut passages = Vec::new();
    for section in markdown::sections(&document.body) {
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
    use crate::markdown::MAX_CODE_BYTES;

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
