//! The REST API: `/api/v10/…`. Who calls, how fast, and with what.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::State as Extract;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Value, json};

use super::interactions;
use super::state::{APPLICATION, BOT_USER, Channel, Failure, GUILD, Posted, State, shown, user};
use super::validate::validate_message;
use super::{Shared, Whispered};

/// Discord's word: the status and the body. Rate-limit headers come on top.
pub(super) type Answer = (u16, Value);

pub(super) async fn handle(
    Extract(shared): Extract<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path().trim_start_matches("/api/v10/").to_owned();
    let parts: Vec<&str> = path.split('/').collect();
    let name = name_of(&method, &parts);
    let failure = {
        let mut state = shared.lock();
        state.calls.push(name.clone());
        let scripted = state.failures.get_mut(&name).and_then(std::collections::VecDeque::pop_front);
        scripted.or_else(|| state.weather.as_mut().map(|weather| weather.next().into()))
    };
    match &failure {
        Some(Failure::Status(status)) => {
            return StatusCode::from_u16(*status).map_or_else(|_| broken(), IntoResponse::into_response);
        }
        Some(Failure::Code(status, code)) => {
            return answer((*status, json!({"code": code, "message": "as the test wants"})));
        }
        Some(Failure::RateLimited { seconds, global }) => {
            return too_many(&mut shared.lock(), f64::from(*seconds), *global);
        }
        Some(Failure::LostBefore) => return broken(),
        Some(Failure::LostAfter | Failure::Slow(_)) | None => {}
    }
    let done = {
        let mut state = shared.lock();
        let of_an_interaction = matches!(parts[0], "interactions" | "webhooks");
        if let Some(refusal) = caller(&mut state, &headers, of_an_interaction) {
            return answer(refusal);
        }
        if let Some(seconds) = rate_limit(&mut state, &name, &parts) {
            return too_many(&mut state, seconds, false);
        }
        let body = if body.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&body) };
        if let Ok(body) = body {
            dispatch(&mut state, &shared, &method, &parts, uri.query().unwrap_or_default(), &body)
        } else {
            state.violation(format!("{name}: no JSON"));
            (400, json!({"code": 50_109, "message": "The request body contains invalid JSON."}))
        }
    };
    match failure {
        Some(Failure::LostAfter) => return broken(),
        Some(Failure::Slow(delay)) => tokio::time::sleep(delay).await,
        _ => {}
    }
    let mut response = answer(done);
    if name == "POST channels/messages" {
        let interval = shared.lock().post_interval;
        let left = if interval.is_some() { "0" } else { "4" };
        let reset = interval.unwrap_or(Duration::from_secs(5)).as_secs_f64().to_string();
        let headers = response.headers_mut();
        headers.insert("x-ratelimit-limit", http::HeaderValue::from_static("5"));
        headers.insert("x-ratelimit-remaining", http::HeaderValue::from_static(left));
        if let Ok(reset) = reset.parse() {
            headers.insert("x-ratelimit-reset-after", reset);
        }
    }
    response
}

/// The call without its ids: `PATCH channels/messages`.
fn name_of(method: &Method, parts: &[&str]) -> String {
    let words: Vec<&str> = parts
        .iter()
        .copied()
        .filter(|part| {
            !part.is_empty() && !part.bytes().all(|byte| byte.is_ascii_digit()) && !part.starts_with("aW50")
        })
        .collect();
    format!("{method} {}", words.join("/"))
}

/// Why the caller is refused, if they are.
fn caller(state: &mut State, headers: &HeaderMap, of_an_interaction: bool) -> Option<Answer> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !header("user-agent").starts_with("DiscordBot (") {
        state.violation("the user agent does not begin with `DiscordBot (`");
    }
    if of_an_interaction {
        return None;
    }
    let token = header("authorization").strip_prefix("Bot ").unwrap_or_default();
    (token != state.token).then(|| (401, json!({"message": "401: Unauthorized", "code": 0})))
}

/// Seconds to wait, if the channel has had its post.
fn rate_limit(state: &mut State, name: &str, parts: &[&str]) -> Option<f64> {
    let interval = state.post_interval.filter(|_| name == "POST channels/messages")?;
    let now = Instant::now();
    if let Some(last) = state.last_post.get(parts[1])
        && let Some(wait) = (*last + interval).checked_duration_since(now)
        && !wait.is_zero()
    {
        return Some(wait.as_secs_f64());
    }
    state.last_post.insert(parts[1].to_owned(), now);
    None
}

fn dispatch(
    state: &mut State,
    shared: &Shared,
    method: &Method,
    parts: &[&str],
    query: &str,
    body: &Value,
) -> Answer {
    let gateway = format!("ws://{}/gateway", shared.address);
    match (method.as_str(), parts) {
        ("GET", ["gateway"]) => (200, json!({"url": gateway})),
        ("GET", ["gateway", "bot"]) => (
            200,
            json!({"url": gateway, "shards": 1, "session_start_limit":
            {"total": 1000, "remaining": state.logins_left, "reset_after": 3_600_000, "max_concurrency": 1}}),
        ),
        ("GET", ["users", "@me"]) => (200, user(&state.users, BOT_USER)),
        ("GET", ["oauth2", "applications", "@me"]) => {
            (200, json!({"id": APPLICATION, "name": "Whyred", "verify_key": super::public_key()}))
        }
        ("POST", ["users", "@me", "channels"]) => direct_channel(state, body),
        ("PUT", ["applications", APPLICATION, "commands"]) => set_commands(state, body),
        ("GET", ["guilds", GUILD]) => (200, json!({"id": GUILD, "name": "Acme"})),
        ("GET", ["guilds", GUILD, "channels"]) => {
            let channels = state.channels.values().filter(|channel| channel.kind == 0 && channel.visible);
            (200, channels.map(Channel::json).collect())
        }
        ("GET", ["guilds", _]) => unknown(10_004, "Unknown Guild"),
        ("GET", ["channels", id]) => match state.channels.get(*id) {
            Some(channel) => (200, channel.json()),
            None => unknown(10_003, "Unknown Channel"),
        },
        ("PATCH", ["channels", id]) => match state.channels.get_mut(*id) {
            Some(channel) => {
                channel.archived = body["archived"].as_bool().unwrap_or(channel.archived);
                (200, channel.json())
            }
            None => unknown(10_003, "Unknown Channel"),
        },
        ("GET", ["channels", id, "messages"]) => history(state, id, query),
        ("POST", ["channels", id, "messages"]) => post(state, id, body),
        ("PATCH", ["channels", channel, "messages", id]) => edit(state, channel, id, body),
        ("DELETE", ["channels", channel, "messages", id]) => delete(state, channel, id),
        ("POST", ["channels", channel, "messages", id, "threads"]) => begin_thread(state, channel, id, body),
        ("POST", ["interactions", id, token, "callback"]) => interactions::answer(state, id, token, body),
        ("PATCH", ["webhooks", APPLICATION, token, "messages", "@original"]) => {
            interactions::fill_in(state, token, body)
        }
        ("POST", ["webhooks", APPLICATION, token]) => interactions::follow_up(state, token, body),
        (method, parts) => {
            state.violation(format!("no such call: {method} {}", parts.join("/")));
            (404, json!({"message": "404: Not Found", "code": 0}))
        }
    }
}

/// Refuses what Discord would refuse; the faults are kept.
pub(super) fn check(state: &mut State, what: &str, body: &Value) -> Option<Answer> {
    let faults = validate_message(body);
    for fault in &faults {
        state.violation(format!("{what}: {fault}"));
    }
    let words = faults.first()?;
    Some((
        400,
        json!({"code": 50_035, "message": "Invalid Form Body", "errors": {"_errors": [{"code": "X", "message": words}]}}),
    ))
}

fn set_commands(state: &mut State, body: &Value) -> Answer {
    for command in body.as_array().into_iter().flatten() {
        let name = command["name"].as_str().unwrap_or_default();
        let description =
            |value: &Value| value["description"].as_str().unwrap_or_default().encode_utf16().count();
        let options = command["options"].as_array().into_iter().flatten();
        let fine = (1..=32).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            && (1..=100).contains(&description(command))
            && options.clone().all(|option| (1..=100).contains(&description(option)));
        if !fine {
            state.violation(format!("the command `{name}` breaks a limit"));
            return (400, json!({"code": 50_035, "message": "Invalid Form Body"}));
        }
    }
    state.commands = body.clone();
    (200, body.clone())
}

fn direct_channel(state: &mut State, body: &Value) -> Answer {
    let Some(person) = body["recipient_id"].as_str().filter(|id| state.users.contains_key(*id)) else {
        return (400, json!({"code": 50_033, "message": "Invalid Recipient(s)"}));
    };
    let channel = direct_with(state, person);
    (200, state.channels[&channel].json())
}

/// The conversation of the bot with one person.
pub(super) fn direct_with(state: &mut State, person: &str) -> String {
    let known = state.channels.values().find(|channel| channel.kind == 1 && channel.name == person);
    if let Some(known) = known {
        return known.id.clone();
    }
    let id = state.snowflake();
    let channel = Channel {
        id: id.clone(),
        name: person.to_owned(),
        kind: 1,
        parent: None,
        visible: true,
        archived: false,
    };
    state.channels.insert(id.clone(), channel);
    id
}

fn history(state: &mut State, channel: &str, query: &str) -> Answer {
    if !state.channels.contains_key(channel) {
        return unknown(10_003, "Unknown Channel");
    }
    let query: std::collections::BTreeMap<String, String> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let limit = query.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(50);
    if !(1..=100).contains(&limit) {
        state.violation("messages: limit is 1 to 100");
    }
    let before: u64 = query.get("before").and_then(|id| id.parse().ok()).unwrap_or(u64::MAX);
    let messages = state.messages.get(channel).into_iter().flatten().rev();
    let older = messages.filter(|message| message.id.parse::<u64>().is_ok_and(|id| id < before));
    // Nothing is told of a nonce afterwards.
    (200, older.take(limit).map(|message| message.json(&state.users, false)).collect())
}

fn post(state: &mut State, channel: &str, body: &Value) -> Answer {
    match state.channels.get(channel) {
        None => return unknown(10_003, "Unknown Channel"),
        Some(channel) if !channel.visible => {
            return (403, json!({"code": 50_001, "message": "Missing Access"}));
        }
        Some(_) => {}
    }
    if let Some(refusal) = check(state, "a new message", body) {
        return refusal;
    }
    let nonce = body["nonce"].as_str().map(|nonce| (channel.to_owned(), nonce.to_owned()));
    if body["enforce_nonce"] == true
        && let Some(known) = nonce.as_ref().and_then(|nonce| state.nonces.get(nonce)).cloned()
        && let Some(message) = state.find_mut(channel, &known)
    {
        let message = message.clone();
        return (200, message.json(&state.users, false));
    }
    let id = state.snowflake();
    if let Some(nonce) = nonce {
        state.nonces.insert(nonce, id.clone());
    }
    let reply_to = body["message_reference"]["message_id"].as_str().map(str::to_owned);
    let message = Posted {
        channel: channel.to_owned(),
        id: id.clone(),
        user: BOT_USER.to_owned(),
        body: body.clone(),
        reply_to,
        edits: Vec::new(),
        came: Instant::now(),
    };
    let answer = message.json(&state.users, true);
    let place = state.channels.get_mut(channel);
    if let Some(place) = place {
        // A word wakes a thread.
        place.archived = false;
        if place.kind == 1 {
            let user = place.name.clone();
            state.whispers.push(Whispered { user, text: shown(body), direct: true });
        }
    }
    state.messages.entry(channel.to_owned()).or_default().push(message);
    (200, answer)
}

fn edit(state: &mut State, channel: &str, id: &str, body: &Value) -> Answer {
    if let Some(refusal) = check(state, "an edit", body) {
        return refusal;
    }
    if state.channels.get(channel).is_some_and(|channel| channel.archived) {
        return (400, json!({"code": 50_083, "message": "Thread is archived"}));
    }
    let users = state.users.clone();
    match state.find_mut(channel, id) {
        None => unknown(10_008, "Unknown Message"),
        Some(message) if message.user != BOT_USER => {
            (403, json!({"code": 50_005, "message": "Cannot edit a message authored by another user"}))
        }
        Some(message) => {
            let before = message.body.clone();
            message.edits.push(before);
            for (key, value) in body.as_object().into_iter().flatten() {
                message.body[key] = value.clone();
            }
            (200, message.json(&users, true))
        }
    }
}

fn delete(state: &mut State, channel: &str, id: &str) -> Answer {
    let Some(messages) = state.messages.get_mut(channel) else { return unknown(10_008, "Unknown Message") };
    let before = messages.len();
    messages.retain(|message| message.id != id);
    if messages.len() < before { (204, Value::Null) } else { unknown(10_008, "Unknown Message") }
}

fn begin_thread(state: &mut State, channel: &str, id: &str, body: &Value) -> Answer {
    let name = body["name"].as_str().unwrap_or_default();
    if !(1..=100).contains(&name.encode_utf16().count()) || name.trim().is_empty() {
        state.violation(format!("a thread is called `{name}`"));
        return (400, json!({"code": 50_035, "message": "Invalid Form Body"}));
    }
    if state.channels.get(channel).is_none_or(|channel| channel.kind != 0) {
        return (400, json!({"code": 50_024, "message": "Cannot execute action on this channel type"}));
    }
    if state.find_mut(channel, id).is_none() {
        return unknown(10_008, "Unknown Message");
    }
    if state.channels.contains_key(id) {
        return (
            400,
            json!({"code": 160_004, "message": "A thread has already been created for this message"}),
        );
    }
    let thread = Channel {
        id: id.to_owned(),
        name: name.to_owned(),
        kind: 11,
        parent: Some(channel.to_owned()),
        visible: true,
        archived: false,
    };
    let answer = thread.json();
    state.channels.insert(id.to_owned(), thread);
    (201, answer)
}

pub(super) fn unknown(code: u64, words: &str) -> Answer {
    (404, json!({"code": code, "message": words}))
}

fn answer((status, body): Answer) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if body.is_null() { status.into_response() } else { (status, axum::Json(body)).into_response() }
}

fn too_many(state: &mut State, seconds: f64, global: bool) -> Response {
    state.refused += 1;
    let body = axum::Json(
        json!({"message": "You are being rate limited.", "retry_after": seconds, "global": global}),
    );
    let scope = if global { "global" } else { "user" };
    let mut response = (
        StatusCode::TOO_MANY_REQUESTS,
        [("retry-after", format!("{:.0}", seconds.ceil())), ("x-ratelimit-scope", scope.to_owned())],
        body,
    )
        .into_response();
    if global {
        response.headers_mut().insert("x-ratelimit-global", http::HeaderValue::from_static("true"));
    }
    response
}

/// An answer whose connection breaks in its middle.
fn broken() -> Response {
    let lost = futures::stream::once(async {
        tokio::time::sleep(Duration::from_millis(5)).await;
        Err::<Bytes, _>(std::io::Error::other("the line is cut"))
    });
    Response::new(Body::from_stream(lost))
}
