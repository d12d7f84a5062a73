//! GitHub's webhooks: signature first, then what they say.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

use super::map;
use crate::ci::Delivery;
use crate::event::Event;
use crate::secret::Secret;
use crate::webhook::{Refusal, hmac_sha256_matches};

/// The events that [`parse`] reads. `ping` is what GitHub sends when the webhook is made.
const KNOWN: [&str; 4] = ["ping", "workflow_run", "workflow_job", "check_run"];

/// Checks the signature over the raw body, then what the headers say.
pub(super) fn verify(secret: &Secret, headers: &HeaderMap, body: &[u8]) -> Result<Delivery, Refusal> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let signature = text("x-hub-signature-256").ok_or_else(|| {
        Refusal::Unverified("X-Hub-Signature-256 is missing: set the webhook's secret at GitHub".to_owned())
    })?;
    let digest = signature.strip_prefix("sha256=").unwrap_or_default();
    if !hmac_sha256_matches(secret, &[body], digest) {
        return Err(Refusal::Unverified(
            "X-Hub-Signature-256 does not match: the secret at GitHub and `webhook_secret` differ".to_owned(),
        ));
    }
    let header = |name: &str| text(name).filter(|value| !value.is_empty()).map(str::to_owned);
    let event = header("x-github-event").ok_or_else(|| Refusal::Malformed("X-GitHub-Event is missing".to_owned()))?;
    if !KNOWN.contains(&event.as_str()) {
        return Err(Refusal::Ignored(format!("event {event}")));
    }
    let id =
        header("x-github-delivery").ok_or_else(|| Refusal::Malformed("X-GitHub-Delivery is missing".to_owned()))?;
    let content_type = text(CONTENT_TYPE.as_str()).unwrap_or_default();
    if content_type.starts_with("application/x-www-form-urlencoded") {
        return Err(Refusal::Malformed(
            "the webhook is sent as a form: set its content type to application/json at GitHub".to_owned(),
        ));
    }
    Ok(Delivery { id, event })
}

/// Turns a verified webhook into events. Known events without use give none; unknown ones are refused as ignored.
pub(super) fn parse(source: &str, web_url: &str, delivery: &Delivery, body: &[u8]) -> Result<Vec<Event>, Refusal> {
    let event = match delivery.event.as_str() {
        "ping" => None,
        "workflow_run" => map::workflow_run_event(source, read(body)?),
        "workflow_job" => map::workflow_job_event(source, web_url, read(body)?),
        "check_run" => map::check_run_event(source, web_url, read(body)?),
        other => return Err(Refusal::Ignored(format!("event {other}"))),
    };
    Ok(event.into_iter().collect())
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::Malformed(error.to_string()))
}
