//! The Web API: `/api/{method}`.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Path, State as Extract};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::state::{APP, BOT_USER, Failure, Posted, State, TEAM, Whispered};
use super::{APP_TOKEN, BOT_TOKEN, Shared, validate_message};

/// Methods that read, with their scopes. Slack takes their arguments from the query or a form, never from JSON.
const READ: [(&str, &str, &[&str]); 7] = [
    ("auth.test", "", &[]),
    (
        "conversations.history",
        "channels:history",
        &["channel", "cursor", "include_all_metadata", "inclusive", "latest", "limit", "oldest"],
    ),
    (
        "conversations.replies",
        "channels:history",
        &["channel", "ts", "cursor", "include_all_metadata", "inclusive", "latest", "limit", "oldest"],
    ),
    ("conversations.list", "channels:read", &["cursor", "exclude_archived", "limit", "team_id", "types"]),
    ("conversations.info", "channels:read", &["channel", "include_locale", "include_num_members"]),
    ("users.info", "users:read", &["user", "include_locale"]),
    ("users.lookupByEmail", "users:read.email", &["email"]),
];

/// Methods that write, with their scopes.
const WRITE: [(&str, &str, &[&str]); 5] = [
    (
        "chat.postMessage",
        "chat:write",
        &[
            "channel",
            "text",
            "blocks",
            "thread_ts",
            "metadata",
            "unfurl_links",
            "unfurl_media",
            "mrkdwn",
            "parse",
            "link_names",
            "reply_broadcast",
        ],
    ),
    ("chat.update", "chat:write", &["channel", "ts", "text", "blocks", "metadata", "parse", "link_names"]),
    ("chat.delete", "chat:write", &["channel", "ts"]),
    (
        "chat.postEphemeral",
        "chat:write",
        &["channel", "user", "text", "blocks", "thread_ts", "parse", "link_names"],
    ),
    ("apps.connections.open", "connections:write", &[]),
];

/// A refusal: `{"ok":false,"error":code}` with more fields.
struct Refused(String, Map<String, Value>);

type Answer = Result<Value, Refused>;

pub(super) async fn handle(
    Extract(shared): Extract<Shared>,
    Path(name): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let failure = {
        let mut state = shared.lock();
        state.calls.push(name.clone());
        state.failures.get_mut(&name).and_then(std::collections::VecDeque::pop_front)
    };
    match &failure {
        Some(Failure::Status(status)) => {
            return StatusCode::from_u16(*status)
                .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
                .into_response();
        }
        Some(Failure::Code(code)) => return answer(Err(refused(code))),
        Some(Failure::RateLimited(seconds)) => return too_many(*seconds),
        Some(Failure::LostBefore) => return broken(),
        Some(Failure::LostAfter | Failure::Slow(_)) | None => {}
    }
    let outcome = {
        let mut state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        match arguments(&mut state, &name, &method, &uri, &headers, &body) {
            Ok(given) => match rate_limit(&mut state, &name, &given) {
                Some(seconds) => return too_many(seconds),
                None => dispatch(&mut state, &shared.address, &name, &given),
            },
            Err(refusal) => Err(refusal),
        }
    };
    match failure {
        Some(Failure::LostAfter) => return broken(),
        Some(Failure::Slow(delay)) => tokio::time::sleep(delay).await,
        _ => {}
    }
    answer(outcome)
}

/// Checks who calls, how, and with which fields.
fn arguments(
    state: &mut State,
    name: &str,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Map<String, Value>, Refused> {
    let reads = READ.iter().find(|(known, _, _)| *known == name);
    let Some((_, scope, fields)) = reads.or_else(|| WRITE.iter().find(|(known, _, _)| *known == name)) else {
        state.violation(format!("{name}: no such method"));
        return Err(refused("unknown_method"));
    };
    let token = headers.get("authorization").and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let expected = if name == "apps.connections.open" { APP_TOKEN } else { BOT_TOKEN };
    match token {
        None => return Err(refused("not_authed")),
        Some(_) if state.revoked => return Err(refused("token_revoked")),
        Some(token) if token != expected => return Err(refused("invalid_auth")),
        Some(_) => {}
    }
    if state.missing_scopes.contains(*scope) {
        let more = json!({"needed": scope, "provided": "commands"}).as_object().cloned().unwrap_or_default();
        return Err(Refused("missing_scope".to_owned(), more));
    }
    let kind = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let given = if method == Method::GET {
        form(uri.query().unwrap_or_default().as_bytes())
    } else if kind.starts_with("application/json") {
        if reads.is_some() {
            state.violation(format!("{name}: takes no JSON"));
            return Err(refused("invalid_arguments"));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(object)) => object,
            _ => return Err(refused("invalid_json")),
        }
    } else {
        form(body)
    };
    if let Some(unknown) = given.keys().find(|key| !fields.contains(&key.as_str())) {
        state.violation(format!("{name}: unknown field `{unknown}`"));
        return Err(invalid_arguments(&format!("unknown field `{unknown}`")));
    }
    Ok(given)
}

fn dispatch(state: &mut State, address: &str, name: &str, given: &Map<String, Value>) -> Answer {
    match name {
        "auth.test" => {
            Ok(json!({"url": "https://acme.slack.com/", "team": "Acme", "user": "whyred", "team_id": TEAM,
            "user_id": BOT_USER, "bot_id": "B0WHYRED", "is_enterprise_install": false}))
        }
        "chat.postMessage" => post(state, given),
        "chat.update" => update(state, given),
        "chat.delete" => delete(state, given),
        "chat.postEphemeral" => whisper(state, given),
        "conversations.history" => history(state, given),
        "conversations.replies" => replies(state, given),
        "conversations.list" => list(state, given),
        "conversations.info" => {
            let channel =
                state.channel(required(given, "channel")?).ok_or_else(|| refused("channel_not_found"))?;
            Ok(json!({"channel": {"id": channel.id, "name": channel.name, "is_member": channel.member}}))
        }
        "users.info" => {
            let id = required(given, "user")?;
            let name = state.users.get(id).ok_or_else(|| refused("user_not_found"))?;
            Ok(
                json!({"user": {"id": id, "name": name, "profile": {"email": format!("{name}@acme.example")}}}),
            )
        }
        "users.lookupByEmail" => {
            let email = required(given, "email")?;
            let found = state.users.iter().find(|(_, name)| email == format!("{name}@acme.example"));
            let (id, name) = found.ok_or_else(|| refused("users_not_found"))?;
            Ok(json!({"user": {"id": id, "name": name}}))
        }
        _ => {
            let ticket = state.number();
            state.tickets.insert(ticket);
            Ok(json!({"url": format!("ws://{address}/link/?ticket={ticket}&app_id={APP}")}))
        }
    }
}

fn post(state: &mut State, given: &Map<String, Value>) -> Answer {
    let channel =
        state.channel(required(given, "channel")?).ok_or_else(|| refused("channel_not_found"))?.clone();
    if channel.archived {
        return Err(refused("is_archived"));
    }
    let thread_ts = optional(given, "thread_ts").map(str::to_owned);
    if let Some(thread) = &thread_ts {
        let root = state.find(&channel.id, thread).ok_or_else(|| refused("thread_not_found"))?;
        if root.thread_ts.is_some() {
            state.violation("chat.postMessage: thread_ts is itself a reply");
            return Err(refused("invalid_thread_ts"));
        }
    }
    for flag in ["unfurl_links", "unfurl_media"] {
        if given.get(flag) != Some(&Value::Bool(false)) {
            state.violation(format!(
                "chat.postMessage: {flag} must be false, or links in untrusted text unfold"
            ));
        }
    }
    acceptable(state, "chat.postMessage", given)?;
    let ts = state.ts();
    let posted = Posted {
        channel: channel.id.clone(),
        ts: ts.clone(),
        thread_ts,
        user: BOT_USER.to_owned(),
        text: text(given),
        blocks: blocks(given),
        metadata: given.get("metadata").cloned(),
        edits: Vec::new(),
    };
    let message = posted.json(false, false);
    state.messages.entry(channel.id.clone()).or_default().push(posted);
    Ok(json!({"channel": channel.id, "ts": ts, "message": message}))
}

fn update(state: &mut State, given: &Map<String, Value>) -> Answer {
    let (channel, ts) = (required(given, "channel")?, required(given, "ts")?);
    if !state.channels.contains_key(channel) {
        return Err(refused("channel_not_found"));
    }
    acceptable(state, "chat.update", given)?;
    let message = state.find_mut(channel, ts).ok_or_else(|| refused("message_not_found"))?;
    if message.user != BOT_USER {
        return Err(refused("cant_update_message"));
    }
    let before = (
        std::mem::replace(&mut message.text, text(given)),
        std::mem::replace(&mut message.blocks, blocks(given)),
    );
    message.edits.push(before);
    message.metadata = given.get("metadata").cloned().or(message.metadata.take());
    let message = message.json(false, false);
    Ok(json!({"channel": channel, "ts": ts, "text": message["text"], "message": message}))
}

fn delete(state: &mut State, given: &Map<String, Value>) -> Answer {
    let (channel, ts) = (required(given, "channel")?, required(given, "ts")?);
    let messages = state.messages.get_mut(channel).ok_or_else(|| refused("channel_not_found"))?;
    let at =
        messages.iter().position(|message| message.ts == ts).ok_or_else(|| refused("message_not_found"))?;
    if messages[at].user != BOT_USER {
        return Err(refused("cant_delete_message"));
    }
    messages.remove(at);
    Ok(json!({"channel": channel, "ts": ts}))
}

fn whisper(state: &mut State, given: &Map<String, Value>) -> Answer {
    let channel = state.channel(required(given, "channel")?).ok_or_else(|| refused("channel_not_found"))?;
    if !channel.member {
        return Err(refused("not_in_channel"));
    }
    let channel = channel.id.clone();
    let user = required(given, "user")?.to_owned();
    if !state.users.contains_key(&user) {
        return Err(refused("user_not_in_channel"));
    }
    acceptable(state, "chat.postEphemeral", given)?;
    state.whispers.push(Whispered { channel, user, text: text(given) });
    Ok(json!({"message_ts": state.ts()}))
}

fn history(state: &State, given: &Map<String, Value>) -> Answer {
    let channel = readable(state, given)?;
    let all = state.messages.get(&channel).map(Vec::as_slice).unwrap_or_default();
    let top: Vec<&Posted> = all.iter().rev().filter(|message| message.thread_ts.is_none()).collect();
    page(given, &top, all)
}

fn replies(state: &State, given: &Map<String, Value>) -> Answer {
    let channel = readable(state, given)?;
    let ts = required(given, "ts")?;
    state.find(&channel, ts).ok_or_else(|| refused("thread_not_found"))?;
    let all = state.messages.get(&channel).map(Vec::as_slice).unwrap_or_default();
    let thread: Vec<&Posted> =
        all.iter().filter(|message| message.ts == ts || message.thread_ts.as_deref() == Some(ts)).collect();
    page(given, &thread, all)
}

fn list(state: &State, given: &Map<String, Value>) -> Answer {
    let types = optional(given, "types").unwrap_or("public_channel");
    let channels: Vec<Value> = state
        .channels
        .values()
        .filter(|channel| {
            let hidden = channel.archived && optional(given, "exclude_archived") == Some("true");
            !(hidden || channel.id.starts_with('D'))
        })
        .filter(|channel| {
            if channel.private {
                channel.member && types.contains("private_channel")
            } else {
                types.contains("public_channel")
            }
        })
        .map(|channel| json!({"id": channel.id, "name": channel.name, "is_member": channel.member}))
        .collect();
    let (shown, next) = slice(given, &channels)?;
    Ok(json!({"channels": shown, "response_metadata": {"next_cursor": next}}))
}

/// The channel, if the bot may read what was said there.
fn readable(state: &State, given: &Map<String, Value>) -> Result<String, Refused> {
    // Unlike posting, reading takes ids alone.
    let channel =
        state.channels.get(required(given, "channel")?).ok_or_else(|| refused("channel_not_found"))?;
    match (channel.member, channel.private) {
        (true, _) => Ok(channel.id.clone()),
        (false, true) => Err(refused("channel_not_found")),
        (false, false) => Err(refused("not_in_channel")),
    }
}

fn page(given: &Map<String, Value>, messages: &[&Posted], all: &[Posted]) -> Answer {
    let with_metadata = optional(given, "include_all_metadata") == Some("true");
    let (shown, next) = slice(given, messages)?;
    let shown: Vec<Value> = shown
        .iter()
        .map(|message| {
            let has_replies = all.iter().any(|other| other.thread_ts.as_deref() == Some(message.ts.as_str()));
            message.json(with_metadata, has_replies)
        })
        .collect();
    Ok(json!({"messages": shown, "has_more": !next.is_empty(), "response_metadata": {"next_cursor": next}}))
}

/// One page of a list, and the cursor of the next.
fn slice<T: Clone>(given: &Map<String, Value>, items: &[T]) -> Result<(Vec<T>, String), Refused> {
    let limit: usize =
        optional(given, "limit").unwrap_or("100").parse().map_err(|_| refused("invalid_limit"))?;
    if limit == 0 || limit > 1000 {
        return Err(refused("invalid_limit"));
    }
    let start: usize = match optional(given, "cursor").filter(|cursor| !cursor.is_empty()) {
        Some(cursor) => cursor
            .strip_prefix("from:")
            .and_then(|at| at.parse().ok())
            .ok_or_else(|| refused("invalid_cursor"))?,
        None => 0,
    };
    let end = (start + limit).min(items.len());
    let next = if end < items.len() { format!("from:{end}") } else { String::new() };
    Ok((items.get(start..end).unwrap_or_default().to_vec(), next))
}

/// Slack's own limits on a message. What breaks them is a fault of the bot's, so it is kept as a violation too.
fn acceptable(state: &mut State, method: &str, given: &Map<String, Value>) -> Result<(), Refused> {
    let faults = validate_message(&Value::Object(given.clone()));
    if faults.is_empty() {
        return Ok(());
    }
    let code = if faults.iter().any(|fault| fault.contains("msg_blocks_too_long")) {
        "msg_blocks_too_long"
    } else if faults.iter().all(|fault| fault.starts_with("/text")) {
        if text(given).is_empty() { "no_text" } else { "msg_too_long" }
    } else {
        "invalid_blocks"
    };
    let more = json!({"response_metadata": {"messages": faults}}).as_object().cloned().unwrap_or_default();
    for fault in faults {
        state.violation(format!("{method}: {fault}"));
    }
    Err(Refused(code.to_owned(), more))
}

/// Seconds to wait, if the channel has had its post.
fn rate_limit(state: &mut State, name: &str, given: &Map<String, Value>) -> Option<u64> {
    let interval = state.post_interval.filter(|_| name == "chat.postMessage")?;
    let channel = state.channel(optional(given, "channel")?)?.id.clone();
    let now = Instant::now();
    let last = state.last_post.get(&channel).copied();
    if last.is_some_and(|last| now < last + interval) {
        return Some(interval.as_secs().max(1));
    }
    state.last_post.insert(channel, now);
    None
}

fn form(encoded: &[u8]) -> Map<String, Value> {
    let fields: BTreeMap<String, String> = url::form_urlencoded::parse(encoded).into_owned().collect();
    fields.into_iter().map(|(name, value)| (name, Value::String(value))).collect()
}

fn optional<'a>(given: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    given.get(key).and_then(Value::as_str)
}

fn required<'a>(given: &'a Map<String, Value>, key: &str) -> Result<&'a str, Refused> {
    optional(given, key).ok_or_else(|| invalid_arguments(&format!("missing required field: {key}")))
}

fn text(given: &Map<String, Value>) -> String {
    optional(given, "text").unwrap_or_default().to_owned()
}

fn blocks(given: &Map<String, Value>) -> Vec<Value> {
    given.get("blocks").and_then(Value::as_array).cloned().unwrap_or_default()
}

fn refused(code: &str) -> Refused {
    Refused(code.to_owned(), Map::new())
}

fn invalid_arguments(why: &str) -> Refused {
    let more = json!({"response_metadata": {"messages": [format!("[ERROR] {why}")]}});
    Refused("invalid_arguments".to_owned(), more.as_object().cloned().unwrap_or_default())
}

fn answer(outcome: Answer) -> Response {
    let body = match outcome {
        Ok(mut body) => {
            body["ok"] = json!(true);
            body
        }
        Err(Refused(code, more)) => {
            let mut body = Value::Object(more);
            body["ok"] = json!(false);
            body["error"] = json!(code);
            body
        }
    };
    axum::Json(body).into_response()
}

fn too_many(seconds: u64) -> Response {
    let body = axum::Json(json!({"ok": false, "error": "ratelimited"}));
    (StatusCode::TOO_MANY_REQUESTS, [("retry-after", seconds.to_string())], body).into_response()
}

/// An answer whose connection breaks in its middle.
fn broken() -> Response {
    let lost = futures::stream::once(async {
        tokio::time::sleep(Duration::from_millis(5)).await;
        Err::<Bytes, _>(std::io::Error::other("the line is cut"))
    });
    Response::new(Body::from_stream(lost))
}
