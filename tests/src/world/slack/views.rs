//! Modals: opened with a trigger that lives three seconds and works once, filled in and sent by people.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::{Map, Value, json};

use super::methods::{Answer, invalid_arguments, refused};
use super::people::Delivery;
use super::state::{APP, State, TEAM};
use super::validate::validate_view;
use super::{Slack, TRIGGER_LIFE};

/// What a click or a command may open a modal with.
#[derive(Debug, Clone)]
pub(super) struct Trigger {
    user: String,
    since: Instant,
    used: bool,
}

/// A modal that somebody has before them.
#[derive(Debug, Clone)]
pub struct View {
    /// Slack's id of it.
    pub id: String,
    /// Who sees it.
    pub user: String,
    /// As the bot gave it.
    pub view: Value,
    /// Whether it is still open.
    pub open: bool,
}

impl State {
    /// Gives out a trigger for something that somebody did.
    pub(super) fn trigger(&mut self, user: &str, number: u64) -> String {
        let id = format!("{number}.trigger");
        let trigger = Trigger { user: user.to_owned(), since: Instant::now(), used: false };
        self.triggers.insert(id.clone(), trigger);
        id
    }
}

/// `views.open`
pub(super) fn open(state: &mut State, given: &Map<String, Value>) -> Answer {
    let id = given.get("trigger_id").and_then(Value::as_str).unwrap_or_default();
    let life = state.trigger_life.unwrap_or(TRIGGER_LIFE);
    let trigger = state.triggers.get_mut(id).ok_or_else(|| refused("invalid_trigger_id"))?;
    if trigger.used {
        return Err(refused("exchanged_trigger_id"));
    }
    if trigger.since.elapsed() >= life {
        return Err(refused("expired_trigger_id"));
    }
    trigger.used = true;
    let user = trigger.user.clone();
    let view = given.get("view").cloned().unwrap_or_default();
    let faults = validate_view(&view, "modal");
    if let Some(first) = faults.first().cloned() {
        for fault in faults {
            state.violation(format!("views.open: {fault}"));
        }
        return Err(invalid_arguments(&first));
    }
    let id = format!("V{:08}", state.number());
    state.views.push(View { id: id.clone(), user, view: view.clone(), open: true });
    Ok(json!({"view": {"id": id, "type": "modal", "callback_id": view["callback_id"]}}))
}

impl Slack {
    /// From now on triggers live this long; `None`: three seconds, as Slack has it.
    pub fn triggers_live(&self, life: Option<Duration>) {
        self.shared.lock().trigger_life = life;
    }

    /// The modal that somebody has open, the newest if several.
    pub fn view(&self, user: &str) -> Option<View> {
        self.shared.lock().views.iter().rev().find(|view| view.open && view.user == user).cloned()
    }

    /// Waits until somebody has a modal open.
    pub async fn opened_view(&self, user: &str, within: Duration) -> anyhow::Result<View> {
        self.wait_until(within, |slack| slack.view(user).is_some()).await;
        self.view(user).with_context(|| format!("no modal opened for {user}"))
    }

    /// Somebody fills in the modal that is open and sends it. Fields that are not named keep what stands in them. Fails
    /// where Slack would not let it be sent.
    pub async fn send_view(&self, user: &str, filled: &[(&str, &str)]) -> anyhow::Result<Delivery> {
        let view = self.view(user).context("no modal is open")?;
        let mut values = Map::new();
        let blocks = view.view["blocks"].as_array().cloned().unwrap_or_default();
        for block in blocks.iter().filter(|block| block["type"] == "input") {
            let name = block["block_id"].as_str().unwrap_or_default();
            let given = filled.iter().find(|(field, _)| *field == name).map(|(_, value)| *value);
            let state = filled_in(block, given).with_context(|| format!("the field {name}"))?;
            let action = block["element"]["action_id"].as_str().unwrap_or_default();
            values.insert(name.to_owned(), json!({ action: state }));
        }
        if let Some((unknown, _)) = filled.iter().find(|(name, _)| !values.contains_key(*name)) {
            bail!("the modal has no field {unknown}: {}", view.view);
        }
        let payload = {
            let mut state = self.shared.lock();
            let number = state.number();
            let trigger = state.trigger(user, number);
            let mut inner = view.view.clone();
            inner["id"] = json!(view.id);
            inner["team_id"] = json!(TEAM);
            inner["hash"] = json!("156772938.1827394");
            inner["state"] = json!({ "values": values });
            let name = state.users.get(user).cloned().unwrap_or_default();
            json!({"type": "view_submission", "team": {"id": TEAM, "domain": "acme"}, "api_app_id": APP,
                "user": {"id": user, "username": name, "name": name, "team_id": TEAM}, "token": "deprecated",
                "trigger_id": trigger, "view": inner, "response_urls": [], "is_enterprise_install": false})
        };
        let delivery = self.deliver("interactive", payload, "").await?;
        if delivery.accepted {
            // Slack takes an empty body as "close it".
            if delivery.answer.as_ref().is_some_and(|(_, body)| !body.is_empty()) {
                self.shared.lock().violation("a form is answered with a body that Slack would read");
            }
            let mut state = self.shared.lock();
            state.views.iter_mut().filter(|other| other.id == view.id).for_each(|view| view.open = false);
        }
        Ok(delivery)
    }
}

/// The state of an input, as Slack reports it.
fn filled_in(block: &Value, given: Option<&str>) -> anyhow::Result<Value> {
    let element = &block["element"];
    if element["type"] == "static_select" {
        let options = element["options"].as_array().cloned().unwrap_or_default();
        let chosen = match given {
            Some(value) => Some(
                options
                    .into_iter()
                    .find(|option| option["value"] == value)
                    .with_context(|| format!("{value} is no option"))?,
            ),
            None => element.get("initial_option").cloned(),
        };
        ensure!(chosen.is_some() || block["optional"] == true, "nothing is chosen");
        return Ok(json!({"type": "static_select", "selected_option": chosen}));
    }
    let text = given.or(element["initial_value"].as_str()).unwrap_or_default();
    ensure!(!text.is_empty() || block["optional"] == true, "nothing is written");
    let most = element["max_length"].as_u64().unwrap_or(3000);
    ensure!(text.chars().count() as u64 <= most, "more than {most} characters");
    let value = if text.is_empty() { Value::Null } else { json!(text) };
    Ok(json!({"type": "plain_text_input", "value": value}))
}

#[cfg(test)]
mod tests {
    use super::super::BOT_TOKEN;
    use super::*;

    async fn open(slack: &Slack, trigger: &str, view: &Value) -> Value {
        let request = slack.http.post(format!("{}/views.open", slack.api_url())).bearer_auth(BOT_TOKEN);
        let body = json!({"trigger_id": trigger, "view": view}).to_string();
        let request = request.header("content-type", "application/json; charset=utf-8").body(body);
        serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap()
    }

    fn view(title: &str) -> Value {
        let text = |text: &str| json!({"type": "plain_text", "text": text});
        json!({"type": "modal", "callback_id": "c", "title": text(title), "submit": text("Send"), "blocks": [
            {"type": "input", "block_id": "a", "label": text("A"),
             "element": {"type": "plain_text_input", "action_id": "value", "max_length": 5}}]})
    }

    #[tokio::test]
    async fn a_trigger_opens_one_modal_for_a_while() {
        let slack = Slack::start().await.unwrap();
        let trigger = |number| slack.shared.lock().trigger("U1", number);
        assert_eq!(open(&slack, "none", &view("t")).await["error"], "invalid_trigger_id");
        assert_eq!(open(&slack, &trigger(1), &view("t")).await["ok"], true);
        assert_eq!(open(&slack, "1.trigger", &view("t")).await["error"], "exchanged_trigger_id");
        slack.triggers_live(Some(Duration::ZERO));
        assert_eq!(open(&slack, &trigger(2), &view("t")).await["error"], "expired_trigger_id");
        assert!(slack.send_view("U1", &[]).await.is_err(), "what is required is missing");
        assert!(slack.send_view("U1", &[("a", "123456")]).await.is_err(), "too long");
        slack.assert_clean();
        slack.triggers_live(None);
        assert_eq!(open(&slack, &trigger(3), &view(&"t".repeat(25))).await["error"], "invalid_arguments");
        assert!(slack.violations()[0].contains("at most 24"), "{:?}", slack.violations());
    }
}
