//! Actions as buttons, and button ids back to actions.
//!
//! Discord gives a button one id of 100 characters and hands nothing else back, so that id holds the action, what keeps it
//! apart from others of its kind, and its value: `ACTION#NUMBER|VALUE`. It has no dialog to ask "really?" either: a button that
//! asks first ([`ASKS`]) is answered with a private message whose one button ([`CONFIRMS`]) does it.

use serde_json::{Value, json};

use crate::chat::discord::limits;
use crate::chat::discord::page::Row;
use crate::chat::link::safe_url;
use crate::chat::wording::{one_line, shorten};
use crate::message::{Action, ActionStyle};

/// Begins the id of a button that asks first.
const ASKS: char = '?';

/// Begins the id of the button that says yes; the message that was clicked follows.
const CONFIRMS: char = '!';

/// Stands between an action and what makes it unique in its message.
const NUMBER_MARK: char = '#';

/// Stands before the value.
const VALUE_MARK: char = '|';

/// Room that the id of a message takes in the button that says yes.
const MESSAGE_ID: usize = 48;

/// Rows of buttons, five in each. An action that does not fit a button is left out.
pub(super) fn rows(actions: &[Action]) -> Vec<Row> {
    let buttons: Vec<Value> = actions
        .iter()
        .enumerate()
        .filter_map(|(index, action)| {
            let button = button(actions, index);
            if button.is_none() {
                tracing::warn!(action = action.id, "action does not fit a Discord button and is left out");
            }
            button
        })
        .collect();
    buttons.chunks(limits::BUTTONS).map(|row| Row(row.to_vec())).collect()
}

/// What a click is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Clicked {
    /// Do it.
    Action { action: String, value: String },
    /// Ask first; `id` is what the button that says yes carries.
    Asks { id: String },
    /// Yes, do it: it was clicked on that message.
    Confirmed { message: String, action: String, value: String },
}

/// Reads the id of a button. `message` is the id of the message it stands on, as the seam calls it.
pub(super) fn clicked(id: &str, message: &str) -> Option<Clicked> {
    if let Some(asked) = id.strip_prefix(ASKS) {
        return Some(Clicked::Asks { id: format!("{CONFIRMS}{message}{VALUE_MARK}{asked}") });
    }
    if let Some(confirmed) = id.strip_prefix(CONFIRMS) {
        let (message, rest) = confirmed.split_once(VALUE_MARK)?;
        let (action, value) = action_of(rest)?;
        return Some(Clicked::Confirmed { message: message.to_owned(), action, value });
    }
    let (action, value) = action_of(id)?;
    Some(Clicked::Action { action, value })
}

/// The private message that asks first.
pub(super) fn question(label: &str, id: &str) -> (String, Row) {
    let words = format!("{}?", one_line(label).trim());
    let yes = json!({"type": 2, "style": style(ActionStyle::Danger), "label": shorten(&words, limits::BUTTON_LABEL),
        "custom_id": id});
    (words, Row(vec![yes]))
}

fn action_of(id: &str) -> Option<(String, String)> {
    let (name, value) = id.split_once(VALUE_MARK)?;
    let action = name.split_once(NUMBER_MARK).map_or(name, |(action, _)| action);
    (!action.is_empty()).then(|| (action.to_owned(), value.to_owned()))
}

fn button(actions: &[Action], index: usize) -> Option<Value> {
    let action = &actions[index];
    let label = shorten(&one_line(&action.label), limits::BUTTON_LABEL);
    let label = if label.is_empty() { shorten(&action.id, limits::BUTTON_LABEL) } else { label };
    if label.is_empty() {
        return None;
    }
    if let Some(url) = &action.url {
        let url = safe_url(url).filter(|url| limits::length(url) <= limits::BUTTON_URL)?;
        return Some(json!({"type": 2, "style": LINK, "label": label, "url": url}));
    }
    let id = id_of(actions, index)?;
    Some(json!({"type": 2, "style": style(action.style), "label": label, "custom_id": id}))
}

/// The bare id, unless an earlier button of the message has it already: then its place keeps the two apart.
fn id_of(actions: &[Action], index: usize) -> Option<String> {
    let action = &actions[index];
    if action.id.is_empty() || action.id.contains([ASKS, CONFIRMS, NUMBER_MARK, VALUE_MARK]) {
        return None;
    }
    let twin = actions[..index].iter().any(|earlier| earlier.id == action.id);
    let number = if twin { format!("{NUMBER_MARK}{index}") } else { String::new() };
    let asks = if action.confirm.is_some() { ASKS.to_string() } else { String::new() };
    let id = format!("{asks}{}{number}{VALUE_MARK}{}", action.id, action.value);
    let reserved = if action.confirm.is_some() { MESSAGE_ID } else { 0 };
    (limits::length(&id) + reserved <= limits::CUSTOM_ID).then_some(id)
}

/// The style of buttons that open a page.
const LINK: u8 = 5;

fn style(style: ActionStyle) -> u8 {
    match style {
        ActionStyle::Primary => 1,
        ActionStyle::Normal => 2,
        ActionStyle::Danger => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(id: &str, value: &str, confirm: Option<&str>) -> Action {
        Action {
            id: id.into(),
            label: "Label".into(),
            value: value.into(),
            style: ActionStyle::Normal,
            confirm: confirm.map(str::to_owned),
            url: None,
        }
    }

    #[test]
    fn a_click_leads_back_to_its_action() {
        let actions = [action("rerun_failed", "b 7 | 1", None), action("rerun_failed", "b 8 1", None)];
        let rows = rows(&actions);
        let ids: Vec<&str> = rows[0].0.iter().map(|button| button["custom_id"].as_str().unwrap()).collect();
        assert_eq!(ids, ["rerun_failed|b 7 | 1", "rerun_failed#1|b 8 1"]);
        let read = |id: &str| clicked(id, "9").unwrap();
        assert_eq!(read(ids[0]), Clicked::Action { action: "rerun_failed".into(), value: "b 7 | 1".into() });
        assert_eq!(read(ids[1]), Clicked::Action { action: "rerun_failed".into(), value: "b 8 1".into() });
        assert_eq!(clicked("of another bot", "9"), None);
    }

    #[test]
    fn what_asks_first_is_done_on_yes() {
        let rows = rows(&[action("roll_back", "deploy-7", Some("Roll back?"))]);
        let Some(Clicked::Asks { id }) = clicked(rows[0].0[0]["custom_id"].as_str().unwrap(), "20/30") else {
            panic!("it does not ask");
        };
        let (words, yes) = question("Roll back", &id);
        assert_eq!(words, "Roll back?");
        let done = clicked(yes.0[0]["custom_id"].as_str().unwrap(), "99").unwrap();
        let expected = Clicked::Confirmed {
            message: "20/30".into(),
            action: "roll_back".into(),
            value: "deploy-7".into(),
        };
        assert_eq!(done, expected);
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let long = action("claim", &"x".repeat(100), None);
        let asks = action("claim", &"x".repeat(60), Some("Really?"));
        let nowhere = Action { url: Some("javascript:alert(1)".into()), ..action("open", "", None) };
        assert_eq!(rows(&[long, asks, nowhere]), []);
        let many: Vec<Action> = (0..12).map(|number| action("pick", &number.to_string(), None)).collect();
        assert_eq!(rows(&many).iter().map(|row| row.0.len()).collect::<Vec<_>>(), [5, 5, 2]);
    }
}
