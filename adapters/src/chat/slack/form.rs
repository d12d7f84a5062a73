//! Forms as modals: opened with the trigger of a click or command, within its three seconds.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use slack_morphism::blocks::{
    SlackBlock, SlackBlockChoiceItem, SlackBlockId, SlackBlockPlainTextInputElement, SlackBlockPlainTextOnly,
    SlackBlockStaticSelectElement, SlackInputBlock, SlackInputBlockElement, SlackModalView,
    SlackSectionBlock, SlackView,
};
use slack_morphism::{SlackActionId, SlackCallbackId};

use crate::chat::slack::client::Client;
use crate::chat::slack::limits;
use crate::chat::slack::receive::person;
use crate::chat::slack::render::render_words;
use crate::chat::slack::teams::{self, Teams};
use crate::chat::slack::wire::{FieldState, SubmittedView, User};
use crate::chat::wording::{one_line, shorten};
use crate::chat::{ChatError, Interaction, InteractionKind};
use crate::form::{Choice, Field, FieldKind, Form, filled};
use crate::webhook::Refusal;

/// What every input is called within its block.
const INPUT: &str = "value";

/// What stands on the button that closes a form unsent.
const CLOSE: &str = "Cancel";

/// Told to somebody whose form did not open.
const NOT_OPENED: &str = "The form could not be opened: Slack allows three seconds for it, and something was slower. Nothing was done; try once more.";

/// With what a form can be opened. Good for three seconds, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// Slack's `trigger_id`.
    pub(super) id: String,
    /// Where a late answer goes.
    pub(super) response_url: Option<String>,
}

/// What Slack keeps with an open form for us: where it was opened, and what it is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    #[serde(default)]
    conversation: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    thread: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(default)]
    value: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    response_url: Option<String>,
}

/// Opens the form for whoever did `interaction`, without making anyone wait: Slack wants its acknowledgement within the same
/// three seconds. If it cannot be opened, the person is told so.
pub(super) fn open_for(teams: &Arc<Teams>, trigger: Option<Trigger>, interaction: Interaction, form: Form) {
    let Some(trigger) = trigger else {
        tracing::warn!(form = form.id, "nothing was done that a form can follow");
        return;
    };
    let teams = Arc::clone(teams);
    tokio::spawn(async move {
        let (at, conversation) = match teams.at(&interaction.conversation) {
            Ok((at, conversation)) => (at, conversation),
            Err(error) => return tracing::warn!(%error, "a form has no place to open"),
        };
        let Err(error) = open(&at.client, &trigger, &interaction, &form).await else { return };
        tracing::warn!(%error, form = form.id, "a form could not be opened");
        let words = render_words(NOT_OPENED);
        let told = match &trigger.response_url {
            Some(address) => at.client.respond(address, words).await,
            None => at.client.tell(conversation, teams::id_in(&interaction.person.id), &words).await,
        };
        if let Err(error) = told {
            tracing::warn!(%error, "the person could not be told either");
        }
    });
}

async fn open(
    client: &Client,
    trigger: &Trigger,
    interaction: &Interaction,
    form: &Form,
) -> Result<(), ChatError> {
    let kept = Kept {
        conversation: interaction.conversation.clone(),
        thread: interaction.thread.clone(),
        message: match &interaction.kind {
            InteractionKind::Click { message, .. } => Some(message.clone()).filter(|id| !id.is_empty()),
            InteractionKind::Shortcut { message, .. } => message.clone(),
            _ => None,
        },
        value: form.value.clone(),
        response_url: trigger.response_url.clone(),
    };
    client.open_view(&trigger.id, &modal(form, &kept)).await
}

/// The form as a modal, within Slack's limits.
fn modal(form: &Form, kept: &Kept) -> SlackView {
    let intro = form.intro.as_ref().map(|intro| {
        let text = words(intro, limits::SECTION_TEXT);
        SlackBlock::Section(SlackSectionBlock::new().with_text(text.into()))
    });
    let inputs = form.fields.iter().map(|field| SlackBlock::Input(input(field)));
    let blocks = intro.into_iter().chain(inputs).take(limits::VIEW_BLOCKS).collect();
    let view = SlackModalView::new(words(&form.title, limits::VIEW_TITLE), blocks)
        .with_submit(words(&form.submit, limits::VIEW_TITLE))
        .with_close(words(CLOSE, limits::VIEW_TITLE))
        .with_callback_id(SlackCallbackId(form.id.clone()))
        .with_private_metadata(metadata(kept));
    SlackView::Modal(view)
}

/// The form as it would be opened from nowhere.
#[cfg(test)]
pub(super) fn view(form: &Form) -> SlackView {
    modal(form, &Kept { value: form.value.clone(), ..Kept::default() })
}

/// What Slack keeps, as JSON. The address for late answers goes first if there is no room: there are other ways to answer.
fn metadata(kept: &Kept) -> String {
    let written = |kept: &Kept| serde_json::to_string(kept).unwrap_or_default();
    let all = written(kept);
    if limits::length(&all) <= limits::VIEW_METADATA {
        return all;
    }
    written(&Kept { response_url: None, ..kept.clone() })
}

/// Whether Slack shows all that the form says.
pub fn fits(form: &Form) -> bool {
    let shown = |text: &str, max| limits::length(text) <= max;
    let texts = [&form.title, &form.submit];
    texts.iter().all(|text| shown(text, limits::VIEW_TITLE))
        && form.fields.len() < limits::VIEW_BLOCKS
        && form.fields.iter().all(|field| {
            let choices = match &field.kind {
                FieldKind::Choice(choices) => choices.as_slice(),
                FieldKind::Line | FieldKind::Text => &[],
            };
            shown(&field.label, limits::INPUT_LABEL)
                && field.max_chars <= limits::INPUT_TEXT
                && field.hint.iter().all(|hint| shown(hint, limits::PLACEHOLDER))
                && choices.len() <= limits::OPTIONS
                && choices.iter().all(|choice| shown(&choice.label, limits::OPTION_TEXT))
        })
}

fn input(field: &Field) -> SlackInputBlock {
    let element: SlackInputBlockElement = match &field.kind {
        FieldKind::Choice(choices) => {
            let options: Vec<_> = choices.iter().take(limits::OPTIONS).map(option).collect();
            let chosen = field.value.as_deref().and_then(|value| field.chosen(value)).map(option);
            let mut select = SlackBlockStaticSelectElement::new()
                .with_action_id(SlackActionId(INPUT.to_owned()))
                .with_options(options);
            select.initial_option = chosen;
            select.into()
        }
        kind => {
            let most = field.max_chars.clamp(1, limits::INPUT_TEXT);
            let mut text = SlackBlockPlainTextInputElement::new()
                .with_action_id(SlackActionId(INPUT.to_owned()))
                .with_multiline(*kind == FieldKind::Text)
                .with_max_length(most as u64);
            text.placeholder = field.hint.as_ref().map(|hint| words(hint, limits::PLACEHOLDER));
            text.initial_value = field.value.as_ref().map(|value| shorten(value, most));
            text.into()
        }
    };
    SlackInputBlock::new(words(&field.label, limits::INPUT_LABEL), element)
        .with_block_id(SlackBlockId(field.name.clone()))
        .with_optional(!field.required)
}

fn option(choice: &Choice) -> SlackBlockChoiceItem<SlackBlockPlainTextOnly> {
    SlackBlockChoiceItem::new(words(&choice.label, limits::OPTION_TEXT), choice.value.clone())
}

/// Plain text: Slack shows it as it stands.
fn words(text: &str, max: usize) -> SlackBlockPlainTextOnly {
    SlackBlockPlainTextOnly::from(shorten(&one_line(text), max))
}

/// A form that somebody sent. Its id is the modal's: Slack closes it once it is taken.
pub(super) fn submitted(user: User, view: SubmittedView) -> Result<Interaction, Refusal> {
    let kept: Kept = serde_json::from_str(&view.private_metadata)
        .map_err(|_| Refusal::Malformed("the form carries no data of ours".to_owned()))?;
    let fields = view.state.values.into_iter().filter_map(|(block, inputs)| Some((block, value_of(inputs)?)));
    let person = person(user);
    // Opened from nowhere, it is between the person and us.
    let conversation = if kept.conversation.is_empty() { person.id.clone() } else { kept.conversation };
    Ok(Interaction {
        id: format!("form:{}", view.id),
        conversation,
        thread: kept.thread,
        kind: InteractionKind::Form {
            form: view.callback_id,
            value: kept.value,
            fields: filled(fields),
            message: kept.message,
            response_url: kept.response_url,
        },
        person,
    })
}

fn value_of(inputs: BTreeMap<String, FieldState>) -> Option<String> {
    let state = inputs.into_iter().find(|(name, _)| name == INPUT)?.1;
    state.value.or(state.selected_option.map(|option| option.value))
}
