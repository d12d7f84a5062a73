//! Forms as modals: the answer to the command or click that opens them.
//!
//! A modal is rows of one text field each. It has no room for an introduction, and its lists of choices are texts here: what
//! may be written stands in the empty field.

use serde_json::{Value, json};
use serenity::all::{ActionRowComponent, ModalInteraction};

use crate::chat::InteractionKind;
use crate::chat::discord::limits;
use crate::chat::wording::{one_line, shorten};
use crate::form::{Field, FieldKind, Form, filled};

/// Stands between the form's name and what it is about, in the id that Discord hands back.
const VALUE_MARK: char = '|';

/// The form as an answer. `None` if what it is about does not fit the id, or it asks for more than a modal holds.
pub(super) fn modal(form: &Form) -> Option<Value> {
    let id = format!("{}{VALUE_MARK}{}", form.id, form.value);
    if limits::length(&id) > limits::CUSTOM_ID || form.fields.len() > limits::MODAL_FIELDS {
        return None;
    }
    let rows: Vec<Value> =
        form.fields.iter().map(|field| json!({"type": 1, "components": [input(field)]})).collect();
    let title = shorten(&one_line(&form.title), limits::MODAL_TITLE);
    Some(json!({"type": 9, "data": {"custom_id": id, "title": title, "components": rows}}))
}

/// Whether Discord shows all that the form says.
pub fn fits(form: &Form) -> bool {
    let shown = |text: &str, max| limits::length(text) <= max;
    modal(form).is_some()
        && shown(&form.title, limits::MODAL_TITLE)
        && form.fields.iter().all(|field| {
            shown(&field.label, limits::MODAL_LABEL)
                && field.max_chars <= limits::MODAL_TEXT
                && field.hint.iter().all(|hint| shown(hint, limits::MODAL_PLACEHOLDER))
        })
}

fn input(field: &Field) -> Value {
    let style = if field.kind == FieldKind::Text { PARAGRAPH } else { SHORT };
    let most = field.max_chars.clamp(1, limits::MODAL_TEXT);
    let mut input = json!({"type": 4, "custom_id": field.name, "style": style, "max_length": most,
        "label": shorten(&one_line(&field.label), limits::MODAL_LABEL), "required": field.required});
    let hint = match &field.kind {
        FieldKind::Choice(choices) => {
            let labels: Vec<&str> = choices.iter().map(|choice| choice.label.as_str()).collect();
            Some(labels.join(" · "))
        }
        _ => field.hint.clone(),
    };
    if let Some(hint) = hint {
        input["placeholder"] = json!(shorten(&one_line(&hint), limits::MODAL_PLACEHOLDER));
    }
    let prefill = field.value.as_deref();
    let prefill =
        prefill.and_then(|value| field.chosen(value).map(|choice| choice.label.as_str()).or(prefill));
    if let Some(prefill) = prefill {
        input["value"] = json!(shorten(prefill, most));
    }
    input
}

/// A line of text.
const SHORT: u8 = 1;

/// Some lines of text.
const PARAGRAPH: u8 = 2;

/// What somebody sent.
pub(super) fn sent(
    form: &ModalInteraction,
    message: Option<String>,
    response_url: String,
) -> InteractionKind {
    let id = form.data.custom_id.as_str();
    let (name, value) = id.split_once(VALUE_MARK).unwrap_or((id, ""));
    let inputs = form.data.components.iter().flat_map(|row| &row.components);
    let fields = inputs.filter_map(|component| match component {
        ActionRowComponent::InputText(input) => Some((input.custom_id.clone(), input.value.clone()?)),
        _ => None,
    });
    InteractionKind::Form {
        form: name.to_owned(),
        value: value.to_owned(),
        fields: filled(fields),
        message,
        response_url: Some(response_url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::sample;

    #[test]
    fn a_form_fits_a_modal() {
        let mut modal = modal(&sample::form()).unwrap();
        let long = &mut modal["data"]["components"][1]["components"][0];
        assert_eq!(limits::length(long["value"].as_str().unwrap()), limits::MODAL_TEXT);
        assert_eq!(limits::length(long["placeholder"].as_str().unwrap()), limits::MODAL_PLACEHOLDER);
        long["value"] = json!("");
        long["placeholder"] = json!("");
        insta::assert_snapshot!(serde_json::to_string_pretty(&modal).unwrap());
    }

    #[test]
    fn what_does_not_fit_is_not_cut() {
        let long = Form { value: "v".repeat(100), ..sample::form() };
        assert_eq!(modal(&long), None);
        let field = sample::form().fields[0].clone();
        assert_eq!(modal(&Form { fields: vec![field; 6], ..sample::form() }), None);
    }
}
