//! Slack's limits on a message and on a modal. Where documents are unsure, the stricter figure stands.
//!
//! Lengths are counted in UTF-16 code units: never less than the characters that Slack's pages speak of, so that a text
//! within these limits is within them however Slack counts.

pub use crate::chat::wording::length;

/// Blocks in one message.
pub const BLOCKS: usize = 50;

/// Text of a section.
pub const SECTION_TEXT: usize = 3000;

/// Fields in one section.
pub const FIELDS: usize = 10;

/// Text of one field.
pub const FIELD_TEXT: usize = 2000;

/// Buttons in one actions block.
pub const ACTIONS: usize = 25;

/// What stands on a button.
pub const BUTTON_TEXT: usize = 75;

/// What a button hands back.
pub const BUTTON_VALUE: usize = 2000;

/// Address of a link button.
pub const BUTTON_URL: usize = 3000;

/// `action_id` and `block_id`.
pub const ID: usize = 255;

/// Title of a confirmation dialog.
pub const CONFIRM_TITLE: usize = 100;

/// Question of a confirmation dialog.
pub const CONFIRM_TEXT: usize = 300;

/// Buttons of a confirmation dialog.
pub const CONFIRM_BUTTON: usize = 30;

/// All blocks of one message together, as JSON. Undocumented: `msg_blocks_too_long` has been seen near 13,200.
pub const ALL_BLOCKS: usize = 12_000;

/// The top-level text: Slack cuts it here.
pub const TEXT: usize = 40_000;

/// Title of a modal, and what stands on its two buttons.
pub const VIEW_TITLE: usize = 24;

/// What Slack keeps with a modal for us.
pub const VIEW_METADATA: usize = 3000;

/// Blocks in one modal or on the Home tab.
pub const VIEW_BLOCKS: usize = 100;

/// What stands above an input.
pub const INPUT_LABEL: usize = 2000;

/// What stands in an empty input.
pub const PLACEHOLDER: usize = 150;

/// What a person may type into one input.
pub const INPUT_TEXT: usize = 3000;

/// Options of a list.
pub const OPTIONS: usize = 100;

/// What stands on an option.
pub const OPTION_TEXT: usize = 75;

/// Questions proposed in an assistant thread.
pub const PROMPTS: usize = 4;

/// What stands on a proposed question. Not documented: what fits one line.
pub const PROMPT_TITLE: usize = 60;

/// What an assistant thread says while an answer is made. Not documented: what fits one line.
pub const STATUS: usize = 50;
