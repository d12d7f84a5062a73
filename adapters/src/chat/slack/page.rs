//! One message's worth of blocks, filled until a limit is reached.

use serde::Serialize;
use slack_morphism::blocks::{
    SlackBlock, SlackBlockMarkDownText, SlackBlockText, SlackContextBlock, SlackContextBlockElement,
    SlackSectionBlock,
};

use crate::chat::slack::flow::Atom;
use crate::chat::slack::limits;

/// Room that stays free for a last word (what ends a cut-off thread), whose link may be long.
const LAST_WORD: usize = 2000;

/// Blocks and their plain-text alternative, as one call of `chat.postMessage` takes them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Page {
    /// Block Kit.
    pub blocks: Vec<SlackBlock>,
    /// Everything the blocks say, without them: for notifications and screen readers, which read nothing else.
    pub text: String,
}

/// A block, what it says without formatting, and how much room it takes.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    block: Box<SlackBlock>,
    plain: String,
    size: usize,
}

impl Piece {
    /// Any block. `plain` is escaped.
    pub(super) fn new(block: SlackBlock, plain: String) -> Self {
        // A block that cannot be written as JSON could not be sent either; it fits nowhere.
        let size = serde_json::to_string(&block).map_or(limits::ALL_BLOCKS, |json| limits::length(&json) + 1);
        Self { block: Box::new(block), plain, size }
    }

    /// A paragraph.
    pub(super) fn section(text: Atom) -> Self {
        Self::new(SlackSectionBlock::new().with_text(mrkdwn_object(text.mrkdwn)).into(), text.plain)
    }

    /// Small print.
    pub(super) fn context(text: Atom) -> Self {
        let element = SlackContextBlockElement::MarkDown(verbatim(text.mrkdwn));
        Self::new(SlackContextBlock::new(vec![element]).into(), text.plain)
    }

    /// How much room it takes in a message.
    pub(super) fn size(&self) -> usize {
        self.size
    }
}

/// A mrkdwn text object in which nothing is linked by itself.
pub(super) fn mrkdwn_object(text: String) -> SlackBlockText {
    SlackBlockText::MarkDown(verbatim(text))
}

fn verbatim(text: String) -> SlackBlockMarkDownText {
    SlackBlockMarkDownText::new(text).with_verbatim(true)
}

/// A page being filled.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    blocks: Vec<SlackBlock>,
    plain: Vec<String>,
    used: usize,
}

impl Sheet {
    /// Puts the piece on the page if it and another `reserved` still fit.
    pub(super) fn take(&mut self, piece: Piece, reserved: usize) -> Result<(), Piece> {
        let room = limits::ALL_BLOCKS.saturating_sub(LAST_WORD + reserved);
        // Three blocks stay free: buttons, small print and the last word.
        if self.blocks.len() + 3 >= limits::BLOCKS || self.used + piece.size > room {
            return Err(piece);
        }
        self.push(piece);
        Ok(())
    }

    /// Puts on what room was reserved for.
    pub(super) fn push(&mut self, piece: Piece) {
        self.used += piece.size;
        self.blocks.push(*piece.block);
        if !piece.plain.is_empty() {
            self.plain.push(piece.plain);
        }
    }

    /// Whether nothing stands on it.
    pub(super) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The finished page.
    pub(super) fn close(self) -> Page {
        Page { blocks: self.blocks, text: self.plain.join("\n") }
    }
}
