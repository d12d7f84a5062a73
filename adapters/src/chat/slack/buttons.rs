//! Actions as buttons, and button ids back to actions.

use slack_morphism::SlackActionId;
use slack_morphism::blocks::{
    SlackActionBlockElement, SlackActionsBlock, SlackBlockButtonElement, SlackBlockButtonStyle,
    SlackBlockConfirmItem, SlackBlockPlainTextOnly,
};
use url::Url;

use crate::chat::link::safe_url;
use crate::chat::slack::flow::shorten;
use crate::chat::slack::limits;
use crate::chat::slack::mrkdwn::{self, Signs};
use crate::chat::slack::page::{Piece, mrkdwn_object};
use crate::message::{Action, ActionStyle};

/// Marks the ids of buttons that only open a page: Slack reports their clicks too, and nothing follows from them.
const OPENS_A_PAGE: &str = "open:";

/// Stands between an action's id and what makes it unique in its message.
const NUMBER_MARK: char = '#';

/// Room that one block of buttons may take.
const ROOM: usize = 4000;

/// Buttons in blocks, as many blocks as their number and size ask for. An action whose id or value is longer than Slack
/// takes cannot be a button; it is left out.
pub(super) fn pieces(actions: &[Action]) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut block: Vec<(String, SlackBlockButtonElement)> = Vec::new();
    let mut used = 0;
    for (index, action) in actions.iter().enumerate() {
        let label = label(action);
        let Some(button) = button(action, &label, id_of(actions, index)) else {
            tracing::warn!(action = action.id, "action does not fit a Slack button and is left out");
            continue;
        };
        let size = serde_json::to_string(&button).map_or(ROOM, |json| limits::length(&json));
        if !block.is_empty() && (block.len() == limits::ACTIONS || used + size > ROOM) {
            out.push(piece(std::mem::take(&mut block)));
            used = 0;
        }
        used += size;
        block.push((label, button));
    }
    if !block.is_empty() {
        out.push(piece(block));
    }
    out
}

/// The action that a button stands for; none if it only opened a page.
pub(super) fn action_of(button_id: &str) -> Option<&str> {
    if button_id.starts_with(OPENS_A_PAGE) {
        return None;
    }
    Some(button_id.split_once(NUMBER_MARK).map_or(button_id, |(action, _)| action))
}

/// The bare id, unless an earlier button of the message has it already: then its place keeps the two apart.
fn id_of(actions: &[Action], index: usize) -> String {
    let action = &actions[index];
    let mark = if action.url.is_some() { OPENS_A_PAGE } else { "" };
    if actions[..index].iter().any(|earlier| earlier.id == action.id) {
        format!("{mark}{}{NUMBER_MARK}{index}", action.id)
    } else {
        format!("{mark}{}", action.id)
    }
}

fn button(action: &Action, label: &str, id: String) -> Option<SlackBlockButtonElement> {
    let url = match &action.url {
        Some(url) => Some(
            Url::parse(&safe_url(url)?)
                .ok()
                .filter(|url| limits::length(url.as_str()) <= limits::BUTTON_URL)?,
        ),
        None => None,
    };
    if action.id.is_empty()
        || limits::length(&id) > limits::ID
        || limits::length(&action.value) > limits::BUTTON_VALUE
    {
        return None;
    }
    let button = SlackBlockButtonElement::new(SlackBlockPlainTextOnly::from(label))
        .with_action_id(SlackActionId(id))
        .opt_value((url.is_none() && !action.value.is_empty()).then(|| action.value.clone()))
        .opt_url(url)
        .opt_style(style(action.style))
        .opt_confirm(action.confirm.as_deref().and_then(|question| confirm(question, label)));
    Some(button)
}

fn label(action: &Action) -> String {
    // A button without a word on it is refused, and with it the whole message.
    [action.label.as_str(), action.id.as_str()]
        .into_iter()
        .map(|words| shorten(&mrkdwn::one_line(words), limits::BUTTON_TEXT))
        .find(|words| !words.trim().is_empty())
        .unwrap_or_else(|| "Go on".to_owned())
}

fn style(style: ActionStyle) -> Option<SlackBlockButtonStyle> {
    match style {
        ActionStyle::Primary => Some(SlackBlockButtonStyle::Primary),
        ActionStyle::Danger => Some(SlackBlockButtonStyle::Danger),
        ActionStyle::Normal => None,
    }
}

fn confirm(question: &str, label: &str) -> Option<SlackBlockConfirmItem> {
    // Escaping makes a character at most five long.
    let question = [limits::CONFIRM_TEXT, limits::CONFIRM_TEXT / 5]
        .into_iter()
        .map(|max| shorten(question, max))
        .map(|question| Signs::of([question.as_str()]).plain(&question))
        .find(|question| limits::length(question) <= limits::CONFIRM_TEXT && !question.is_empty())?;
    Some(SlackBlockConfirmItem::new(
        SlackBlockPlainTextOnly::from(shorten(label, limits::CONFIRM_TITLE).as_str()),
        mrkdwn_object(question),
        SlackBlockPlainTextOnly::from(shorten(label, limits::CONFIRM_BUTTON).as_str()),
        SlackBlockPlainTextOnly::from("Cancel"),
    ))
}

fn piece(buttons: Vec<(String, SlackBlockButtonElement)>) -> Piece {
    // The words of a button say nothing that can be done by reading them: the plain text names them in one line.
    let labels: Vec<&str> = buttons.iter().map(|(label, _)| label.as_str()).collect();
    let plain = mrkdwn::escape(&format!("Buttons: {}", labels.join(" · ")));
    let elements = buttons.into_iter().map(|(_, button)| SlackActionBlockElement::Button(button)).collect();
    Piece::new(SlackActionsBlock::new(elements).into(), plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_button_id_leads_back_to_its_action() {
        assert_eq!(action_of("rerun_failed"), Some("rerun_failed"));
        assert_eq!(action_of("rerun_failed#3"), Some("rerun_failed"));
        assert_eq!(action_of("open:log#1"), None);
    }
}
