//! "Ask Whyred": a question, with room to write it.

use adapters::chat::{Interaction, InteractionKind};
use adapters::form::{Field, FieldKind, Form};

use crate::app::App;
use crate::queue::JobError;
use crate::{ask, remedy, text};

/// What the form is called.
pub(super) const ID: &str = "ask";

/// The one field.
const QUESTION: &str = "text";

/// The longest question.
const MAX_CHARS: usize = 1000;

/// The form, with words in it already.
pub(super) fn form(prefill: &str) -> Form {
    Form {
        id: ID.to_owned(),
        title: text::form::ask_title(),
        intro: None,
        fields: vec![Field {
            name: QUESTION.to_owned(),
            label: text::form::ask_label(),
            hint: Some(text::form::ask_hint()),
            value: (!prefill.is_empty()).then(|| prefill.to_owned()),
            required: true,
            max_chars: MAX_CHARS,
            kind: FieldKind::Text,
        }],
        submit: text::form::ask_submit(),
        value: String::new(),
    }
}

/// Answers for the eyes of whoever asked, as the command does.
pub(super) async fn sent(app: &App, surface: &str, interaction: &Interaction) -> Result<(), JobError> {
    let InteractionKind::Form { fields, response_url, .. } = &interaction.kind else { return Ok(()) };
    match fields.get(QUESTION) {
        Some(question) => {
            ask::answer_command(app, surface, interaction, question, response_url.as_deref()).await
        }
        None => remedy::tell(app, surface, interaction, &text::form::nothing_written()).await,
    }
}
