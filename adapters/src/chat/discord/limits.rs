//! Discord's limits on a message, its threads and its forms. Where documents are unsure, the stricter figure stands.
//!
//! Lengths are counted by [`length`].

pub use crate::chat::wording::length;

/// Text of a message beside its embeds.
pub const CONTENT: usize = 2000;

/// Text of an embed.
pub const DESCRIPTION: usize = 4096;

/// Name of a field.
pub const FIELD_NAME: usize = 256;

/// Value of a field.
pub const FIELD_VALUE: usize = 1024;

/// Fields in one embed.
pub const FIELDS: usize = 25;

/// All embeds of one message together.
pub const ALL_EMBEDS: usize = 6000;

/// Rows of buttons under a message.
pub const ROWS: usize = 5;

/// Buttons in a row.
pub const BUTTONS: usize = 5;

/// What stands on a button.
pub const BUTTON_LABEL: usize = 80;

/// What a button, a form or one of its fields hands back.
pub const CUSTOM_ID: usize = 100;

/// Address of a link button.
pub const BUTTON_URL: usize = 512;

/// Name of a thread.
pub const THREAD_NAME: usize = 100;

/// What marks a message for Discord, so that the same one is not made twice.
pub const NONCE: usize = 25;

/// Title of a form.
pub const MODAL_TITLE: usize = 45;

/// Fields of a form.
pub const MODAL_FIELDS: usize = 5;

/// What stands above a field of a form.
pub const MODAL_LABEL: usize = 45;

/// What stands in an empty field of a form.
pub const MODAL_PLACEHOLDER: usize = 100;

/// What a person may type into a field of a form.
pub const MODAL_TEXT: usize = 4000;

/// Text that a person may give the slash command.
pub const QUESTION: u32 = 1000;
