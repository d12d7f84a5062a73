//! People: what they do, and how Slack reports it to the bot.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::state::{APP, BOT_USER, Posted, TEAM, public};
use super::{SIGNING_SECRET, Slack};

/// Pauses before the retries of an event; the real ones are nothing, a minute and five.
const RETRY_AFTER: [Duration; 3] = [Duration::ZERO, Duration::from_millis(50), Duration::from_millis(200)];

/// Slack waits this long for an answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// How often an address for late answers may be used.
const RESPONSES: u32 = 5;

/// What Slack reports: enough to report it again.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// `events_api`, `interactive` or `slash_commands`.
    pub kind: &'static str,
    /// The body or payload.
    pub payload: Value,
    /// Whether the bot took it.
    pub accepted: bool,
    /// How often it was sent.
    pub attempts: u32,
    /// Until the answer of the last attempt.
    pub latency: Duration,
    /// Over HTTP: the status and body of the last answer.
    pub answer: Option<(u16, String)>,
    /// Id of what was said, for mentions and direct messages.
    pub ts: String,
}

impl Slack {
    /// Somebody mentions the bot in a channel. `text` comes behind the mention.
    pub async fn mention(&self, user: &str, channel: &str, text: &str) -> anyhow::Result<Delivery> {
        self.say(user, channel, None, text).await
    }

    /// Somebody mentions the bot in a thread.
    pub async fn mention_in_thread(
        &self,
        user: &str,
        channel: &str,
        thread: &str,
        text: &str,
    ) -> anyhow::Result<Delivery> {
        self.say(user, channel, Some(thread), text).await
    }

    /// Somebody writes to the bot alone.
    pub async fn direct_message(&self, user: &str, text: &str) -> anyhow::Result<Delivery> {
        let channel = format!("D{user}");
        self.set_channel(public(&channel, user));
        let ts = self.store(user, &channel, None, &escape(text));
        let event = json!({"type": "message", "channel_type": "im", "channel": channel, "user": user, "text": escape(text),
            "ts": ts, "event_ts": ts, "team": TEAM, "client_msg_id": ts});
        self.event(event, &ts).await
    }

    /// Somebody clicks a button, which must stand on the message now.
    pub async fn click(
        &self,
        user: &str,
        channel: &str,
        ts: &str,
        action_id: &str,
    ) -> anyhow::Result<Delivery> {
        let message = self.message(channel, ts).with_context(|| format!("no message {ts} in {channel}"))?;
        let button = message
            .buttons()
            .into_iter()
            .find(|button| button["action_id"] == action_id)
            .with_context(|| format!("no button {action_id} on the message:\n{}", message.shown()))?;
        let number = self.act(user);
        let mut container = json!({"type": "message", "message_ts": ts, "channel_id": message.channel, "is_ephemeral": false});
        let mut inner = message.json(false, false);
        if let Some(thread) = &message.thread_ts {
            container["thread_ts"] = json!(thread);
            inner["thread_ts"] = json!(thread);
        }
        let mut action = json!({"type": "button", "action_id": action_id, "block_id": "b1", "text": button["text"],
            "action_ts": format!("{}.{number:06}", 1_800_000_000)});
        if let Some(value) = button.get("value") {
            action["value"] = value.clone();
        }
        let trigger = self.may_follow(user, number);
        let payload = json!({"type": "block_actions", "api_app_id": APP, "team": {"id": TEAM, "domain": "acme"},
            "user": {"id": user, "username": self.name_of(user), "name": self.name_of(user), "team_id": TEAM},
            "channel": {"id": message.channel, "name": channel.trim_start_matches('#')}, "container": container,
            "message": inner, "trigger_id": trigger, "token": "deprecated",
            "response_url": format!("http://{}/actions/{number}", self.shared.address), "actions": [action],
            "state": {"values": {}}});
        self.deliver("interactive", payload, "").await
    }

    /// Somebody adds a reaction, or takes it back.
    pub async fn react(
        &self,
        user: &str,
        channel: &str,
        ts: &str,
        name: &str,
        added: bool,
    ) -> anyhow::Result<Delivery> {
        let message = self.message(channel, ts).with_context(|| format!("no message {ts} in {channel}"))?;
        self.act(user);
        let kind = if added { "reaction_added" } else { "reaction_removed" };
        let event = json!({"type": kind, "user": user, "reaction": name, "item_user": message.user,
            "item": {"type": "message", "channel": message.channel, "ts": ts}, "event_ts": "1800000000.000001"});
        self.event(event, "").await
    }

    /// Somebody uses the slash command.
    pub async fn command(&self, user: &str, channel: &str, text: &str) -> anyhow::Result<Delivery> {
        let number = self.act(user);
        let id = self.id_of(channel)?;
        let trigger = self.may_follow(user, number);
        let payload = json!({"command": "/whyred", "text": text, "user_id": user, "user_name": self.name_of(user),
            "channel_id": id, "channel_name": channel.trim_start_matches('#'), "team_id": TEAM, "team_domain": "acme",
            "api_app_id": APP, "trigger_id": trigger, "token": "deprecated",
            "is_enterprise_install": "false",
            "response_url": format!("http://{}/commands/{number}", self.shared.address)});
        self.deliver("slash_commands", payload, "").await
    }

    /// Reports the same once more, as Slack does when an answer got lost.
    pub async fn again(&self, delivery: &Delivery) -> anyhow::Result<Delivery> {
        self.deliver(delivery.kind, delivery.payload.clone(), &delivery.ts).await
    }

    /// The headers that Slack signs a body with, now or at another time.
    pub fn sign(body: &str, seconds: u64) -> anyhow::Result<http::HeaderMap> {
        let mut mac = Hmac::<Sha256>::new_from_slice(SIGNING_SECRET.as_bytes())?;
        mac.update(format!("v0:{seconds}:{body}").as_bytes());
        let mut headers = http::HeaderMap::new();
        headers.insert("x-slack-request-timestamp", seconds.into());
        headers
            .insert("x-slack-signature", format!("v0={}", hex::encode(mac.finalize().into_bytes())).parse()?);
        Ok(headers)
    }

    async fn say(
        &self,
        user: &str,
        channel: &str,
        thread: Option<&str>,
        text: &str,
    ) -> anyhow::Result<Delivery> {
        let channel = self.id_of(channel)?;
        let text = format!("<@{BOT_USER}> {}", escape(text));
        let ts = self.store(user, &channel, thread, &text);
        let mut event = json!({"type": "app_mention", "channel": channel, "user": user, "text": text, "ts": ts,
            "event_ts": ts, "team": TEAM, "client_msg_id": ts});
        if let Some(thread) = thread {
            event["thread_ts"] = json!(thread);
            event["parent_user_id"] = json!(BOT_USER);
        }
        self.event(event, &ts).await
    }

    /// Somebody writes into a thread without mentioning the bot.
    pub async fn say_in_thread(
        &self,
        user: &str,
        channel: &str,
        thread: &str,
        text: &str,
    ) -> anyhow::Result<Delivery> {
        let channel = self.id_of(channel)?;
        let ts = self.store(user, &channel, Some(thread), text);
        let event = json!({"type": "message", "channel_type": "channel", "channel": channel, "user": user, "text": text,
            "ts": ts, "thread_ts": thread, "event_ts": ts, "team": TEAM, "client_msg_id": ts});
        self.event(event, &ts).await
    }

    pub(super) async fn event(&self, event: Value, ts: &str) -> anyhow::Result<Delivery> {
        let number = self.shared.lock().number();
        let payload = json!({"type": "event_callback", "token": "deprecated", "team_id": TEAM, "api_app_id": APP,
            "event": event, "event_id": format!("Ev{number:08}"), "event_time": now(), "event_context": "EC1",
            "is_ext_shared_channel": false,
            "authorizations": [{"enterprise_id": null, "team_id": TEAM, "user_id": BOT_USER, "is_bot": true,
                "is_enterprise_install": false}]});
        self.deliver("events_api", payload, ts).await
    }

    pub(super) async fn deliver(
        &self,
        kind: &'static str,
        payload: Value,
        ts: &str,
    ) -> anyhow::Result<Delivery> {
        let mut payload = payload;
        if let Some(team) = self.shared.lock().acting_in.clone() {
            super::install::place(&mut payload, &team);
        }
        let mut delivery = Delivery {
            kind,
            payload,
            accepted: false,
            attempts: 0,
            latency: Duration::ZERO,
            answer: None,
            ts: ts.to_owned(),
        };
        let bot = self.shared.lock().bot.clone();
        if let Some(bot) = bot {
            self.over_http(&bot, &mut delivery).await?;
        } else {
            let (attempts, latency) = self.shared.through_socket(kind, &delivery.payload).await;
            delivery.attempts = attempts;
            delivery.accepted = latency.is_some();
            delivery.latency = latency.unwrap_or_default();
        }
        Ok(delivery)
    }

    async fn over_http(&self, bot: &str, delivery: &mut Delivery) -> anyhow::Result<()> {
        let (path, kind, body) = match delivery.kind {
            "events_api" => ("events", "application/json", delivery.payload.to_string()),
            "interactive" => ("interactions", FORM, encode([("payload", delivery.payload.to_string())])),
            _ => {
                let fields = delivery.payload.as_object().into_iter().flatten();
                let fields = fields
                    .map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default().to_owned()));
                ("commands", FORM, encode(fields))
            }
        };
        // Slack repeats events alone; of the others it tells the person that the app does not answer.
        let retries: &[Duration] = if path == "events" { &RETRY_AFTER } else { &[] };
        for attempt in 0..=retries.len() {
            if attempt > 0 {
                tokio::time::sleep(retries[attempt - 1]).await;
            }
            let mut request = self
                .http
                .post(format!("{bot}/slack/{path}"))
                .headers(Self::sign(&body, now())?)
                .header("content-type", kind)
                .timeout(ANSWER_WITHIN)
                .body(body.clone());
            if attempt > 0 {
                request =
                    request.header("x-slack-retry-num", attempt).header("x-slack-retry-reason", "http_error");
            }
            let start = Instant::now();
            let answer = request.send().await;
            delivery.attempts += 1;
            delivery.latency = start.elapsed();
            delivery.answer = match answer {
                Ok(answer) => Some((answer.status().as_u16(), answer.text().await.unwrap_or_default())),
                Err(error) if error.is_timeout() => {
                    self.shared.lock().violation(format!("/slack/{path}: no answer within 3 s"));
                    None
                }
                Err(_) => None,
            };
            delivery.accepted =
                delivery.answer.as_ref().is_some_and(|(status, _)| (200..300).contains(status));
            if delivery.accepted {
                break;
            }
        }
        Ok(())
    }

    pub(super) fn store(&self, user: &str, channel: &str, thread: Option<&str>, text: &str) -> String {
        self.act(user);
        let mut state = self.shared.lock();
        let ts = state.ts();
        let message = Posted {
            channel: channel.to_owned(),
            ts: ts.clone(),
            thread_ts: thread.map(str::to_owned),
            user: user.to_owned(),
            text: text.to_owned(),
            blocks: Vec::new(),
            metadata: None,
            edits: Vec::new(),
            came: Instant::now(),
        };
        state.messages.entry(channel.to_owned()).or_default().push(message);
        ts
    }

    /// Makes the person known, and gives a number to what they do.
    pub(super) fn act(&self, user: &str) -> u64 {
        let mut state = self.shared.lock();
        state.users.entry(user.to_owned()).or_insert_with(|| user.to_lowercase());
        state.number()
    }

    /// What may follow a click or a command: late answers, and a modal. Answers the trigger.
    pub(super) fn may_follow(&self, user: &str, number: u64) -> String {
        let mut state = self.shared.lock();
        state.response_urls.insert(number, (Instant::now(), RESPONSES));
        state.trigger(user, number)
    }

    pub(super) fn name_of(&self, user: &str) -> String {
        self.shared.lock().users.get(user).cloned().unwrap_or_default()
    }

    fn id_of(&self, channel: &str) -> anyhow::Result<String> {
        let state = self.shared.lock();
        Ok(state.channel(channel).with_context(|| format!("no channel {channel}"))?.id.clone())
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

fn encode<'a>(fields: impl IntoIterator<Item = (&'a str, String)>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::Router;
    use axum::extract::{Path, State};
    use axum::http::{HeaderMap, StatusCode};
    use axum::routing::post;

    use super::*;

    /// What the bot was sent: path, headers, body.
    type Seen = Arc<Mutex<Vec<(String, HeaderMap, String)>>>;

    /// A bot that does not answer the first request well, and all others.
    async fn bot() -> (String, Seen) {
        let seen = Seen::default();
        let take = |State(seen): State<Seen>, Path(path): Path<String>, headers: HeaderMap, body: String| async move {
            let mut seen = seen.lock().unwrap();
            seen.push((path, headers, body));
            if seen.len() == 1 { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let routes = Router::new().route("/slack/{path}", post(take)).with_state(Arc::clone(&seen));
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        (base, seen)
    }

    #[tokio::test]
    async fn requests_are_signed_and_events_repeated() {
        let slack = Slack::start().await.unwrap();
        let (base, seen) = bot().await;
        slack.call_bot_at(&base);
        let said = slack.mention("U1", "#ci", "a & b").await.unwrap();
        assert_eq!((said.accepted, said.attempts), (true, 2));
        let commanded = slack.command("U1", "#ci", "status").await.unwrap();
        assert_eq!((commanded.accepted, commanded.attempts), (true, 1));

        let seen = seen.lock().unwrap();
        let (path, headers, body) = &seen[1];
        assert_eq!(path, "events");
        assert_eq!(headers["x-slack-retry-num"], "1");
        let event: Value = serde_json::from_str(body).unwrap();
        assert_eq!(event["event"]["text"], format!("<@{BOT_USER}> a &amp; b"));
        let seconds = headers["x-slack-request-timestamp"].to_str().unwrap().parse().unwrap();
        assert_eq!(headers["x-slack-signature"], Slack::sign(body, seconds).unwrap()["x-slack-signature"]);
        assert!(seen[2].2.contains("command=%2Fwhyred"), "{}", seen[2].2);
        slack.assert_clean();
    }

    #[tokio::test]
    async fn only_buttons_that_are_there_can_be_clicked() {
        let slack = Slack::start().await.unwrap();
        let ts = slack.store("U1", "C0CI", None, "no buttons here");
        assert!(slack.click("U1", "#ci", &ts, "rerun").await.is_err());
        assert!(slack.click("U1", "#ci", "0.0", "rerun").await.is_err());
    }
}
