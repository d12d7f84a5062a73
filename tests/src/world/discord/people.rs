//! People: what they do, and how Discord reports it to the bot.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::interactions::{ANSWER_WITHIN, first_answer, token_of};
use super::rest::direct_with;
use super::state::{APPLICATION, BOT_USER, GUILD, Posted, Reported, user};
use super::{Discord, sign};

/// What Discord reported, and what came of it.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The event: enough to report it again.
    pub event: &'static str,
    /// Its body.
    pub payload: Value,
    /// Whether the bot answered in time; for what wants no answer, whether it was reported.
    pub accepted: bool,
    /// Until the answer.
    pub latency: Duration,
    /// The first answer to an interaction.
    pub answer: Option<Value>,
    /// Over HTTP: the status of the answer.
    pub status: Option<u16>,
    /// Id of what was said.
    pub id: String,
}

impl Discord {
    /// Somebody mentions the bot in a channel or thread. `text` comes behind the mention.
    pub fn mention(&self, person: &str, channel: &str, text: &str) -> anyhow::Result<Delivery> {
        self.say(person, channel, &format!("<@{BOT_USER}> {text}"))
    }

    /// Somebody says something in a channel that is not for the bot.
    pub fn chat(&self, person: &str, channel: &str, text: &str) -> anyhow::Result<Delivery> {
        self.say(person, channel, text)
    }

    /// Somebody writes to the bot alone.
    pub fn direct_message(&self, person: &str, text: &str) -> anyhow::Result<Delivery> {
        self.add_person(person, person);
        let channel = direct_with(&mut self.shared.lock(), person);
        self.say(person, &channel, text)
    }

    /// Somebody reacts to a message, or takes it back.
    pub fn react(
        &self,
        person: &str,
        channel: &str,
        message: &str,
        emoji: &str,
        added: bool,
    ) -> anyhow::Result<Delivery> {
        let posted = self.message(channel, message).context("no such message")?;
        self.know(person);
        let mut state = self.shared.lock();
        let member = member(&state.users, person);
        let mut event = json!({"user_id": person, "channel_id": posted.channel, "message_id": posted.id, "guild_id": GUILD,
            "emoji": {"id": null, "name": emoji}, "burst": false, "type": 0});
        if added {
            event["member"] = member;
            event["message_author_id"] = json!(posted.user);
        }
        let kind = if added { "MESSAGE_REACTION_ADD" } else { "MESSAGE_REACTION_REMOVE" };
        state.dispatch(kind, &event);
        Ok(reported(kind, event, ""))
    }

    /// Somebody clicks the button of an action, which must stand on the message now.
    pub async fn click(
        &self,
        person: &str,
        channel: &str,
        message: &str,
        action: &str,
    ) -> anyhow::Result<Delivery> {
        let posted = self.message(channel, message).context("no such message")?;
        let ids =
            posted.buttons().into_iter().filter_map(|button| button["custom_id"].as_str().map(str::to_owned));
        let id = ids
            .into_iter()
            .find(|id| id.split(['|', '#']).next() == Some(action))
            .with_context(|| format!("no button {action} on the message:\n{}", posted.shown()))?;
        self.press(person, &posted, &id).await
    }

    /// Somebody presses the button with this id, wherever it stands.
    pub async fn press(&self, person: &str, posted: &Posted, custom_id: &str) -> anyhow::Result<Delivery> {
        let message = {
            let state = self.shared.lock();
            posted.json(&state.users, true)
        };
        let data = json!({"component_type": 2, "custom_id": custom_id});
        self.interact(person, &posted.channel, 3, data, Some(message)).await
    }

    /// Somebody uses the slash command; without a text, the form comes.
    pub async fn command(&self, person: &str, channel: &str, text: Option<&str>) -> anyhow::Result<Delivery> {
        let name = {
            let state = self.shared.lock();
            let command = &state.commands[0];
            command["name"].as_str().context("no command is registered")?.to_owned()
        };
        let options =
            text.map(|text| json!([{"type": 3, "name": "text", "value": text}])).unwrap_or(json!([]));
        let data = json!({"id": "9000000000000000001", "name": name, "type": 1, "options": options});
        self.interact(person, channel, 2, data, None).await
    }

    /// Somebody fills in the form that the bot answered `opened` with and sends it. Fails where Discord would not let it be
    /// sent.
    pub async fn send_form(&self, opened: &Delivery, filled: &[(&str, &str)]) -> anyhow::Result<Delivery> {
        let form =
            opened.answer.as_ref().filter(|answer| answer["type"] == 9).context("no form was opened")?;
        let inputs: Vec<&Value> = form["data"]["components"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|row| &row["components"][0])
            .collect();
        if let Some((name, _)) =
            filled.iter().find(|(name, _)| !inputs.iter().any(|input| input["custom_id"] == *name))
        {
            anyhow::bail!("the form has no field {name}: {form}");
        }
        let mut rows = Vec::new();
        for input in inputs {
            let given = filled.iter().find(|(name, _)| input["custom_id"] == *name).map(|(_, value)| *value);
            let value = given.or(input["value"].as_str()).unwrap_or_default();
            let most = input["max_length"].as_u64().unwrap_or(4000);
            anyhow::ensure!(!value.is_empty() || input["required"] == false, "{} is empty", input["label"]);
            anyhow::ensure!(value.chars().count() as u64 <= most, "{} is too long", input["label"]);
            let filled = json!({"type": 4, "custom_id": input["custom_id"], "value": value});
            rows.push(json!({"type": 1, "components": [filled]}));
        }
        let data = json!({"custom_id": form["data"]["custom_id"], "components": rows});
        let text = |key: &str| opened.payload[key].as_str().unwrap_or_default();
        let person = opened.payload.pointer("/member/user/id").or(opened.payload.pointer("/user/id"));
        let person = person.and_then(Value::as_str).unwrap_or_default();
        self.interact(person, text("channel_id"), 5, data, opened.payload.get("message").cloned()).await
    }

    /// Reports the same once more.
    pub async fn again(&self, delivery: &Delivery) -> anyhow::Result<Delivery> {
        if delivery.event == "INTERACTION_CREATE" {
            let mut repeated = delivery.clone();
            self.deliver(&mut repeated, false).await?;
            return Ok(repeated);
        }
        self.shared.lock().dispatch(delivery.event, &delivery.payload);
        Ok(delivery.clone())
    }

    /// Discord tries the bot's address with a good and a forged PING: the statuses and the good one's answer.
    pub async fn probe(&self) -> anyhow::Result<(u16, Value, u16)> {
        let body = json!({"id": "1", "application_id": APPLICATION, "type": 1, "token": "t", "version": 1})
            .to_string();
        let good = self.post_signed(&body, &sign(now(), body.as_bytes())?, now()).await?;
        let forged = self.post_signed(&body, &sign(now(), b"something else")?, now()).await?;
        Ok((good.0, good.1, forged.0))
    }

    /// Posts a body to the bot's address under a signature and a time.
    pub async fn post_signed(
        &self,
        body: &str,
        signature: &str,
        seconds: u64,
    ) -> anyhow::Result<(u16, Value)> {
        let bot = self.shared.lock().bot.clone().context("the bot's address is not known")?;
        let answer = self
            .http
            .post(format!("{bot}/discord/interactions"))
            .header("content-type", "application/json")
            .header("x-signature-ed25519", signature)
            .header("x-signature-timestamp", seconds.to_string())
            .timeout(ANSWER_WITHIN)
            .body(body.to_owned())
            .send()
            .await?;
        let status = answer.status().as_u16();
        Ok((status, serde_json::from_str(&answer.text().await?).unwrap_or_default()))
    }

    fn say(&self, person: &str, channel: &str, content: &str) -> anyhow::Result<Delivery> {
        self.know(person);
        let mut state = self.shared.lock();
        let place = state.channel(channel).with_context(|| format!("no channel {channel}"))?.clone();
        let id = state.snowflake();
        let posted = Posted {
            channel: place.id.clone(),
            id: id.clone(),
            user: person.to_owned(),
            body: json!({"content": content}),
            reply_to: None,
            edits: Vec::new(),
            came: Instant::now(),
        };
        // Without the intent for the content of messages, only what is said to the bot carries its words.
        let to_us = place.kind == 1 || content.contains(&format!("<@{BOT_USER}>"));
        let mut event = posted.json(&state.users, to_us);
        if place.kind != 1 {
            event["guild_id"] = json!(GUILD);
            let mut member = member(&state.users, person);
            member.as_object_mut().map(|member| member.remove("user"));
            event["member"] = member;
        }
        state.messages.entry(place.id).or_default().push(posted);
        state.dispatch("MESSAGE_CREATE", &event);
        Ok(reported("MESSAGE_CREATE", event, &id))
    }

    async fn interact(
        &self,
        person: &str,
        channel: &str,
        kind: u8,
        data: Value,
        message: Option<Value>,
    ) -> anyhow::Result<Delivery> {
        self.know(person);
        let payload = {
            let mut state = self.shared.lock();
            let place = state.channel(channel).with_context(|| format!("no channel {channel}"))?.clone();
            let id = state.snowflake();
            let mut payload = json!({"id": id, "application_id": APPLICATION, "type": kind, "token": token_of(&id),
                "version": 1, "data": data, "channel_id": place.id, "channel": place.json(), "locale": "en-GB",
                "app_permissions": "309237730304", "entitlements": [], "authorizing_integration_owners": {"0": GUILD},
                "attachment_size_limit": 10_485_760});
            if place.kind == 1 {
                payload["user"] = user(&state.users, person);
                payload["context"] = json!(1);
            } else {
                payload["guild_id"] = json!(GUILD);
                payload["guild_locale"] = json!("en-GB");
                payload["member"] = member(&state.users, person);
                payload["context"] = json!(0);
            }
            if let Some(message) = message {
                payload["message"] = message;
            }
            state.interactions.insert(
                id,
                Reported { user: person.to_owned(), sent: Instant::now(), answer: None, waiting: None },
            );
            payload
        };
        let id = payload["id"].as_str().unwrap_or_default().to_owned();
        let mut delivery = reported("INTERACTION_CREATE", payload, &id);
        self.deliver(&mut delivery, true).await?;
        Ok(delivery)
    }

    /// Reports an interaction, and waits for its answer if it is `new`.
    async fn deliver(&self, delivery: &mut Delivery, new: bool) -> anyhow::Result<()> {
        let start = Instant::now();
        let over_http = self.shared.lock().bot.is_some();
        delivery.accepted = false;
        if over_http {
            let body = delivery.payload.to_string();
            let sent = self.post_signed(&body, &sign(now(), body.as_bytes())?, now()).await;
            delivery.latency = start.elapsed();
            let Ok((status, answer)) = sent else { return Ok(()) };
            delivery.status = Some(status);
            if status == 200 {
                let mut state = self.shared.lock();
                let taken = first_answer(&mut state, &delivery.id, &answer);
                delivery.accepted = taken.is_ok() || !new;
                delivery.answer = Some(answer);
            }
            return Ok(());
        }
        let (done, waiting) = oneshot::channel();
        {
            let mut state = self.shared.lock();
            if new && let Some(reported) = state.interactions.get_mut(&delivery.id) {
                reported.sent = Instant::now();
                reported.waiting = Some(done);
            }
            state.dispatch("INTERACTION_CREATE", &delivery.payload);
        }
        if new {
            delivery.answer = tokio::time::timeout(ANSWER_WITHIN, waiting).await.ok().and_then(Result::ok);
            delivery.accepted = delivery.answer.is_some();
        } else {
            delivery.accepted = true;
        }
        delivery.latency = start.elapsed();
        Ok(())
    }

    /// Whoever acts is known.
    fn know(&self, person: &str) {
        self.shared.lock().users.entry(person.to_owned()).or_insert_with(|| format!("person-{person}"));
    }
}

fn reported(event: &'static str, payload: Value, id: &str) -> Delivery {
    Delivery {
        event,
        payload,
        accepted: true,
        latency: Duration::ZERO,
        answer: None,
        status: None,
        id: id.to_owned(),
    }
}

fn member(names: &std::collections::BTreeMap<String, String>, person: &str) -> Value {
    json!({"user": user(names, person), "roles": [], "joined_at": "2026-01-01T00:00:00.000000+00:00", "deaf": false,
        "mute": false, "flags": 0, "nick": null, "permissions": "0"})
}

/// Seconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
