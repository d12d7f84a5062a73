//! Answers to interactions: the first within three seconds and once, further ones for fifteen minutes.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::Digest as _;

use super::rest::{Answer, check, unknown};
use super::state::{State, Whispered, shown};

/// How long the first answer may take.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// How long further answers are taken.
const LIFE: Duration = Duration::from_mins(15);

/// The flag of what one person alone sees.
const EPHEMERAL: u64 = 1 << 6;

/// What proves that an interaction may be answered, in the form of the real ones.
pub(super) fn token_of(id: &str) -> String {
    let secret = sha2::Sha512::digest(id.as_bytes());
    URL_SAFE_NO_PAD.encode(format!("interaction:{id}:{}", hex::encode(secret)))
}

/// The first answer, over REST.
pub(super) fn answer(state: &mut State, id: &str, token: &str, body: &Value) -> Answer {
    if token != token_of(id) {
        return unknown(10_015, "Unknown Webhook");
    }
    match first_answer(state, id, body) {
        Ok(()) => (204, Value::Null),
        Err(refusal) => refusal,
    }
}

/// The first answer, over whichever way.
pub(super) fn first_answer(state: &mut State, id: &str, body: &Value) -> Result<(), Answer> {
    let kind = body["type"].as_u64().unwrap_or(0);
    let data = &body["data"];
    match kind {
        4 => {
            if let Some(refusal) = check(state, "an answer", data) {
                return Err(refusal);
            }
        }
        5 | 6 => {}
        7 => {
            if data["allowed_mentions"]["parse"] != json!([]) {
                state.violation("an answer: `allowed_mentions` is not set");
            }
        }
        9 => check_form(state, data),
        other => state.violation(format!("no such answer: {other}")),
    }
    let Some(reported) = state.interactions.get_mut(id) else {
        return Err(unknown(10_062, "Unknown interaction"));
    };
    if reported.answer.is_some() {
        return Err((400, json!({"code": 40_060, "message": "Interaction has already been acknowledged."})));
    }
    if reported.sent.elapsed() > ANSWER_WITHIN {
        let late = reported.sent.elapsed();
        state.violation(format!("an interaction is answered after {} ms", late.as_millis()));
        return Err(unknown(10_062, "Unknown interaction"));
    }
    reported.answer = Some(body.clone());
    if let Some(waiting) = reported.waiting.take() {
        // Nobody waits any longer when the test is over.
        let _ = waiting.send(body.clone());
    }
    if kind == 4 {
        let user = reported.user.clone();
        whisper(state, &user, data);
    }
    Ok(())
}

/// Fills in a deferred answer.
pub(super) fn fill_in(state: &mut State, token: &str, body: &Value) -> Answer {
    if let Some(refusal) = check(state, "a late answer", body) {
        return refusal;
    }
    let Some(reported) = live(state, token) else { return unknown(10_015, "Unknown Webhook") };
    let kind = reported.answer.as_ref().and_then(|answer| answer["type"].as_u64());
    let hidden =
        reported.answer.as_ref().is_some_and(|answer| answer["data"]["flags"].as_u64() == Some(EPHEMERAL));
    let user = reported.user.clone();
    match kind {
        None => {
            state.violation("an answer is filled in that was not begun");
            return unknown(10_008, "Unknown Message");
        }
        Some(5) if hidden => state.whispers.push(Whispered { user, text: shown(body), direct: false }),
        Some(_) => state.violation("an answer for one person is filled in where all can see it"),
    }
    (200, json!({"id": "1"}))
}

/// One more answer.
pub(super) fn follow_up(state: &mut State, token: &str, body: &Value) -> Answer {
    if let Some(refusal) = check(state, "a further answer", body) {
        return refusal;
    }
    let Some(reported) = live(state, token) else { return unknown(10_015, "Unknown Webhook") };
    let (user, answered) = (reported.user.clone(), reported.answer.is_some());
    if !answered {
        state.violation("a further answer comes before the first");
        return unknown(10_015, "Unknown Webhook");
    }
    whisper(state, &user, body);
    (200, json!({"id": "1"}))
}

fn whisper(state: &mut State, user: &str, body: &Value) {
    if body["flags"].as_u64() != Some(EPHEMERAL) {
        state.violation("an answer for one person is seen by all");
    }
    state.whispers.push(Whispered { user: user.to_owned(), text: shown(body), direct: false });
}

fn live<'a>(state: &'a mut State, token: &str) -> Option<&'a mut super::state::Reported> {
    let id = state.interactions.keys().find(|id| token_of(id) == token)?.clone();
    state.interactions.get_mut(&id).filter(|reported| reported.sent.elapsed() < LIFE)
}

fn check_form(state: &mut State, data: &Value) {
    let title = data["title"].as_str().unwrap_or_default().encode_utf16().count();
    let fields: Vec<&Value> =
        data["components"].as_array().into_iter().flatten().map(|row| &row["components"][0]).collect();
    let fine = (1..=45).contains(&title)
        && (1..=100).contains(&data["custom_id"].as_str().unwrap_or_default().len())
        && (1..=5).contains(&fields.len())
        && fields.iter().all(|field| {
            field["type"] == 4
                && (1..=45).contains(&field["label"].as_str().unwrap_or_default().encode_utf16().count())
                && field["max_length"].as_u64().is_some_and(|max| (1..=4000).contains(&max))
                && field["placeholder"].as_str().unwrap_or_default().encode_utf16().count() <= 100
                && field["value"].as_str().unwrap_or_default().encode_utf16().count()
                    <= usize::try_from(field["max_length"].as_u64().unwrap_or(0)).unwrap_or(0)
        });
    if !fine {
        state.violation("a form breaks a limit");
    }
}
