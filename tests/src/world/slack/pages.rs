//! What people do beside channels: shortcuts, the Home tab, assistant threads.

use anyhow::Context;
use serde_json::{Map, Value, json};

use super::Slack;
use super::methods::{Answer, invalid_arguments, refused};
use super::people::Delivery;
use super::state::{APP, State, TEAM, public};
use super::validate::validate_view;

/// Questions that may be proposed in an assistant thread.
const PROMPTS: usize = 4;

/// `views.publish`
pub(super) fn publish(state: &mut State, given: &Map<String, Value>) -> Answer {
    let user = given.get("user_id").and_then(Value::as_str).unwrap_or_default().to_owned();
    if !state.users.contains_key(&user) {
        return Err(refused("user_not_found"));
    }
    let view = given.get("view").cloned().unwrap_or_default();
    let faults = validate_view(&view, "home");
    if let Some(first) = faults.first().cloned() {
        for fault in faults {
            state.violation(format!("views.publish: {fault}"));
        }
        return Err(invalid_arguments(&first));
    }
    state.homes.insert(user, view);
    Ok(json!({"view": {"type": "home"}}))
}

/// `assistant.threads.setSuggestedPrompts` and `assistant.threads.setStatus`
pub(super) fn in_assistant_thread(state: &mut State, name: &str, given: &Map<String, Value>) -> Answer {
    let text = |key: &str| given.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let thread = (text("channel_id"), text("thread_ts"));
    if !state.assistant_threads.contains(&thread) {
        state.violation(format!("{name}: no assistant thread"));
        return Err(refused("channel_not_found"));
    }
    if let Some(prompts) = given.get("prompts") {
        let prompts = prompts.as_array().cloned().unwrap_or_default();
        let whole = |prompt: &Value| {
            ["title", "message"].iter().all(|key| !prompt[*key].as_str().unwrap_or_default().is_empty())
        };
        if prompts.is_empty() || prompts.len() > PROMPTS || !prompts.iter().all(whole) {
            state.violation(format!("{name}: 1 to {PROMPTS} prompts with a title and a message"));
            return Err(refused("invalid_arguments"));
        }
        let titles = prompts.iter().filter_map(|prompt| prompt["title"].as_str().map(str::to_owned));
        state.said_in_threads.extend(titles);
    } else {
        state.said_in_threads.push(text("status"));
    }
    Ok(json!({}))
}

impl Slack {
    /// Somebody uses a shortcut from anywhere.
    pub async fn shortcut(&self, user: &str, callback_id: &str) -> anyhow::Result<Delivery> {
        let (number, who) = self.somebody(user);
        let trigger = self.shared.lock().trigger(user, number);
        let payload = json!({"type": "shortcut", "callback_id": callback_id, "trigger_id": trigger, "user": who,
            "team": {"id": TEAM, "domain": "acme"}, "action_ts": "1800000000.000001", "token": "deprecated",
            "is_enterprise_install": false, "enterprise": null});
        self.deliver("interactive", payload, "").await
    }

    /// Somebody uses a shortcut on a message.
    pub async fn message_shortcut(
        &self,
        user: &str,
        channel: &str,
        ts: &str,
        callback_id: &str,
    ) -> anyhow::Result<Delivery> {
        let message = self.message(channel, ts).with_context(|| format!("no message {ts} in {channel}"))?;
        let (number, who) = self.somebody(user);
        let trigger = self.may_follow(user, number);
        let payload = json!({"type": "message_action", "callback_id": callback_id, "trigger_id": trigger, "user": who,
            "team": {"id": TEAM, "domain": "acme"}, "channel": {"id": message.channel, "name": channel},
            "message_ts": ts, "message": message.json(false, false), "action_ts": "1800000000.000001",
            "response_url": format!("http://{}/actions/{number}", self.shared.address), "token": "deprecated"});
        self.deliver("interactive", payload, "").await
    }

    /// Somebody opens the Home tab.
    pub async fn open_home(&self, user: &str) -> anyhow::Result<Delivery> {
        self.somebody(user);
        let event = json!({"type": "app_home_opened", "user": user, "channel": format!("D{user}"), "tab": "home",
            "event_ts": "1800000000.000001"});
        self.event(event, "").await
    }

    /// What stands on somebody's Home tab, a line each.
    pub fn home(&self, user: &str) -> Option<String> {
        let view = self.shared.lock().homes.get(user).cloned()?;
        let mut out = Vec::new();
        super::state::collect_texts(&view["blocks"], &mut out);
        Some(out.join("\n"))
    }

    /// Somebody clicks a button on the Home tab, which must stand there now.
    pub async fn click_home(&self, user: &str, action_id: &str) -> anyhow::Result<Delivery> {
        let view = self.shared.lock().homes.get(user).cloned().context("no Home tab")?;
        let blocks = view["blocks"].as_array().cloned().unwrap_or_default();
        let mut elements = blocks.iter().filter_map(|block| block["elements"].as_array()).flatten();
        let button = elements
            .find(|button| button["action_id"] == action_id)
            .with_context(|| format!("no button {action_id} on {view}"))?;
        let (number, who) = self.somebody(user);
        let trigger = self.shared.lock().trigger(user, number);
        let action = json!({"type": "button", "action_id": action_id, "block_id": "b1", "text": button["text"],
            "value": button["value"], "action_ts": format!("1800000000.{number:06}")});
        let payload = json!({"type": "block_actions", "api_app_id": APP, "team": {"id": TEAM, "domain": "acme"},
            "user": who, "container": {"type": "view", "view_id": "V0HOME"}, "trigger_id": trigger, "view": view,
            "token": "deprecated", "actions": [action]});
        self.deliver("interactive", payload, "").await
    }

    /// Somebody begins an assistant thread. Its id is [`Delivery::ts`].
    pub async fn begin_assistant_thread(&self, user: &str) -> anyhow::Result<Delivery> {
        let channel = format!("D{user}");
        self.set_channel(public(&channel, user));
        let ts = self.store(user, &channel, None, "New Assistant Thread");
        self.shared.lock().assistant_threads.insert((channel.clone(), ts.clone()));
        let thread = json!({"user_id": user, "channel_id": channel, "thread_ts": ts,
            "context": {"channel_id": "C0CI", "team_id": TEAM, "enterprise_id": null}});
        let event = json!({"type": "assistant_thread_started", "assistant_thread": thread, "event_ts": ts});
        self.event(event, &ts).await
    }

    /// Somebody writes in an assistant thread.
    pub async fn say_to_assistant(&self, user: &str, thread: &str, text: &str) -> anyhow::Result<Delivery> {
        let channel = format!("D{user}");
        let ts = self.store(user, &channel, Some(thread), text);
        let event = json!({"type": "message", "channel_type": "im", "channel": channel, "user": user, "text": text, "ts": ts,
            "event_ts": ts, "thread_ts": thread, "team": TEAM});
        self.event(event, &ts).await
    }

    /// What was proposed and said to be going on in assistant threads, in order.
    pub fn said_in_threads(&self) -> Vec<String> {
        self.shared.lock().said_in_threads.clone()
    }

    fn somebody(&self, user: &str) -> (u64, Value) {
        let number = self.act(user);
        let name = self.name_of(user);
        (number, json!({"id": user, "username": name, "name": name, "team_id": TEAM}))
    }
}
