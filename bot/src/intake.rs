//! Everything that comes in: verified, redacted, stored, and only then answered.

use std::time::Duration;

use adapters::chat::discord::Received as FromDiscord;
use adapters::chat::slack::{Path as SlackPath, Received};
use adapters::chat::{ChatSurface, Interaction, InteractionKind};
use adapters::ci::{CiProvider, Delivery};
use adapters::form::Form;
use adapters::webhook::Refusal;
use http::HeaderMap;
use metrics::counter;
use serde_json::Value;

use crate::app::App;
use crate::jobs::{Answer, Ingest};
use crate::queue::{Enqueue, NewJob};
use crate::redaction;
use crate::store::StoreError;
use crate::store::inbox::{DeliveryKind, NewDelivery};
use crate::{ask, forms};

/// Discord waits for three seconds; the way back takes some of it.
const STORE_WITHIN: Duration = Duration::from_millis(2500);

/// What became of something that came in. Each variant is one HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// 200: it is durable and will be worked on.
    Accepted,
    /// 200: it was delivered before; nothing changes.
    Duplicate,
    /// 202: known and of no use, or unknown; counted.
    Ignored(String),
    /// 401: it does not prove where it comes from.
    Unverified(String),
    /// 400: it proves where it comes from, and is not what it should be.
    Malformed(String),
    /// 404: no such source is configured.
    UnknownSource(String),
    /// 503: it could not be stored; the sender should try again.
    NotStored,
    /// 200 with this body: the sender wants to see that we are there (Slack's `url_verification`).
    Challenge(String),
    /// 200: nothing was done yet; the person is shown this form.
    Open(Box<Form>),
}

/// A webhook of a CI system.
pub async fn webhook(app: &App, source: &str, headers: &HeaderMap, body: &[u8]) -> Outcome {
    let Some(provider) = app.ci.get(source) else { return not_configured(app, source) };
    let outcome = match checked(provider.as_ref(), headers, body) {
        Ok(Some(delivery)) => store_webhook(app, source, delivery, body).await,
        Ok(None) => Outcome::Ignored("nothing to do for this event".to_owned()),
        Err(refusal) => refused(refusal),
    };
    counter!("whyred_webhooks_total", "source" => source.to_owned(), "outcome" => outcome.word())
        .increment(1);
    outcome
}

/// What to answer if nothing by this name is configured.
pub fn unknown_source(app: &App, source: &str) -> Option<Outcome> {
    (!app.ci.contains_key(source)).then(|| not_configured(app, source))
}

fn not_configured(app: &App, source: &str) -> Outcome {
    let known: Vec<&str> = app.ci.keys().map(String::as_str).collect();
    Outcome::UnknownSource(format!("no source `{source}` is configured; known here: {}", known.join(", ")))
}

/// Verifies, and interprets once to find out whether it is well-formed and of use. `None`: well-formed and of no use.
fn checked(provider: &dyn CiProvider, headers: &HeaderMap, body: &[u8]) -> Result<Option<Delivery>, Refusal> {
    let delivery = provider.verify(headers, body)?;
    let events = provider.parse(&delivery, body)?;
    Ok((!events.is_empty()).then_some(delivery))
}

async fn store_webhook(app: &App, source: &str, delivery: Delivery, body: &[u8]) -> Outcome {
    let body = match redacted_json(body) {
        Ok(body) => body,
        Err(error) => return Outcome::Malformed(error),
    };
    let new = NewDelivery::new(source, &delivery.id, DeliveryKind::Webhook, &delivery.event, body);
    let job = NewJob::of(&Ingest { inbox_id: new.id.clone() }, Enqueue::now());
    stored(app, new, job).await
}

/// Something that a person did on a surface. What opens a form changes nothing, so it is not stored.
pub async fn interaction(app: &App, surface: &str, interaction: Interaction) -> Outcome {
    if let Some(form) = forms::opened_by(&interaction.kind) {
        let opened = Outcome::Open(Box::new(form));
        counter!("whyred_interactions_total", "surface" => surface.to_owned(), "outcome" => opened.word())
            .increment(1);
        return opened;
    }
    if let InteractionKind::FollowUp { text, .. } = &interaction.kind {
        // What people say to each other is not kept.
        match ask::is_follow_up(app, surface, &interaction, text).await {
            Ok(true) => {}
            Ok(false) => return Outcome::Ignored("said in a thread, and not to us".to_owned()),
            Err(error) => {
                tracing::error!(%error, "it cannot be told whether something is for us");
                return Outcome::NotStored;
            }
        }
    }
    let id = interaction.id.clone();
    let body = match redacted_interaction(interaction) {
        Ok(body) => body,
        Err(error) => return Outcome::Malformed(error.to_string()),
    };
    let new = NewDelivery::new(surface, &id, DeliveryKind::Interaction, "interaction", body);
    let job = NewJob::of(&Answer { inbox_id: new.id.clone() }, Enqueue::now());
    let outcome = stored(app, new, job).await;
    counter!("whyred_interactions_total", "surface" => surface.to_owned(), "outcome" => outcome.word())
        .increment(1);
    outcome
}

/// What Slack sends over HTTP.
pub async fn slack(app: &App, path: SlackPath, headers: &HeaderMap, body: &[u8]) -> Outcome {
    let Some((name, slack)) = app.slack.as_ref().map(|slack| (slack.name().to_owned(), slack)) else {
        return Outcome::UnknownSource("Slack is not configured: add [chat.slack]".to_owned());
    };
    match slack.receive_http(path, headers, body, jiff::Timestamp::now()) {
        Ok(Received::Interaction { interaction: received, trigger, .. }) => {
            match interaction(app, &name, (*received).clone()).await {
                Outcome::Open(form) => {
                    slack.open(trigger, *received, (*form).clone());
                    Outcome::Open(form)
                }
                outcome => outcome,
            }
        }
        Ok(Received::UrlVerification { challenge }) => Outcome::Challenge(challenge),
        Ok(Received::Nothing(why)) => Outcome::Ignored(why),
        Err(refusal) => {
            let outcome = refused(refusal);
            counter!("whyred_interactions_total", "surface" => name, "outcome" => outcome.word())
                .increment(1);
            outcome
        }
    }
}

/// What Discord sends over HTTP: the outcome, and what to answer, for Discord wants a certain answer to everything it takes.
pub async fn discord(app: &App, headers: &HeaderMap, body: &[u8]) -> (Outcome, Option<Value>) {
    let Some(discord) = &app.discord else {
        return (Outcome::UnknownSource("Discord is not configured: add [chat.discord]".to_owned()), None);
    };
    match discord.receive_http(headers, body, jiff::Timestamp::now()) {
        Ok(FromDiscord::Interaction { interaction: received, answer, .. }) => {
            let taken = tokio::time::timeout(STORE_WITHIN, interaction(app, discord.name(), *received)).await;
            match taken.unwrap_or(Outcome::NotStored) {
                Outcome::Open(form) => {
                    let modal = discord.form(&form);
                    (Outcome::Open(form), Some(modal))
                }
                // Discord sends nothing again: the person hears of it and may.
                Outcome::NotStored => (Outcome::NotStored, Some(discord.not_taken())),
                outcome => (outcome, Some(answer)),
            }
        }
        Ok(FromDiscord::Ping) => (Outcome::Accepted, Some(serde_json::json!({ "type": 1 }))),
        Ok(FromDiscord::Answer(answer)) => (Outcome::Accepted, Some(answer)),
        Ok(FromDiscord::Nothing(why)) => (Outcome::Ignored(why), None),
        Err(refusal) => {
            let outcome = refused(refusal);
            counter!("whyred_interactions_total", "surface" => discord.name().to_owned(), "outcome" => outcome.word())
                .increment(1);
            (outcome, None)
        }
    }
}

async fn stored(app: &App, delivery: NewDelivery, job: Result<NewJob, StoreError>) -> Outcome {
    let stored = match job {
        Ok(job) => app.store.accept_webhook(delivery, job).await,
        Err(error) => Err(error),
    };
    match stored {
        Ok(true) => Outcome::Accepted,
        Ok(false) => Outcome::Duplicate,
        Err(error) => {
            report(&error);
            Outcome::NotStored
        }
    }
}

fn report(error: &StoreError) {
    tracing::error!(%error, "a delivery could not be stored; the sender is asked to try again");
}

fn refused(refusal: Refusal) -> Outcome {
    match refusal {
        Refusal::Unverified(why) => Outcome::Unverified(why),
        Refusal::Malformed(why) => Outcome::Malformed(why),
        Refusal::Ignored(why) => Outcome::Ignored(why),
    }
}

impl Outcome {
    /// One word, for counting.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Duplicate => "duplicate",
            Self::Ignored(_) => "ignored",
            Self::Unverified(_) => "unverified",
            Self::Malformed(_) => "malformed",
            Self::UnknownSource(_) => "unknown_source",
            Self::NotStored => "not_stored",
            Self::Challenge(_) => "challenge",
            Self::Open(_) => "form",
        }
    }
}

/// What was said, without secrets and addresses. People and places stay what they are: a person may be named by an address.
fn redacted_interaction(mut interaction: Interaction) -> serde_json::Result<String> {
    if let InteractionKind::Mention { text, .. }
    | InteractionKind::FollowUp { text, .. }
    | InteractionKind::Command { text, .. } = &mut interaction.kind
    {
        *text = redaction::words(text);
    }
    if let InteractionKind::Shortcut { text: Some(text), .. } = &mut interaction.kind {
        *text = redaction::words(text);
    }
    if let InteractionKind::Form { fields, .. } = &mut interaction.kind {
        for value in fields.values_mut() {
            *value = redaction::words(value);
        }
    }
    let mut body = serde_json::to_value(&interaction)?;
    redaction::redact_secrets_in(&mut body);
    Ok(body.to_string())
}

/// The same JSON with secrets and addresses taken out of its strings: what is stored never holds one.
fn redacted_json(body: &[u8]) -> Result<String, String> {
    let mut value: Value =
        serde_json::from_slice(body).map_err(|error| format!("the body is not JSON: {error}"))?;
    redaction::redact_payload(&mut value);
    Ok(value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_payloads_are_taken_out_before_they_are_stored() {
        let token = format!("ghp_{}", "a1B2".repeat(9));
        let body = format!(r#"{{"head_commit":{{"message":"use {token}"}},"n":1}}"#);
        let stored = redacted_json(body.as_bytes()).unwrap();
        assert!(!stored.contains(&token), "{stored}");
        assert!(stored.contains("redacted"), "{stored}");
        assert!(serde_json::from_str::<Value>(&stored).is_ok());
    }

    #[test]
    fn what_is_not_json_is_refused_with_the_reason() {
        assert!(redacted_json(b"{").unwrap_err().contains("not JSON"));
    }
}
