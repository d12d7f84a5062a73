//! What the methods of the Web API do.

use serde_json::{Map, Value, json};

use super::state::{APP, BOT_USER, Posted, State, TEAM, Whispered, public};
use super::{pages, validate_message, views};

/// A refusal: `{"ok":false,"error":code}` with more fields.
pub(super) struct Refused(pub(super) String, pub(super) Map<String, Value>);

/// What a method answers, without `ok`.
pub(super) type Answer = Result<Value, Refused>;

pub(super) fn dispatch(state: &mut State, address: &str, name: &str, given: &Map<String, Value>) -> Answer {
    match name {
        "auth.test" => {
            Ok(json!({"url": "https://acme.slack.com/", "team": "Acme", "user": "whyred", "team_id": TEAM,
            "user_id": BOT_USER, "bot_id": "B0WHYRED", "is_enterprise_install": false}))
        }
        "chat.postMessage" => post(state, given),
        "chat.update" => update(state, given),
        "chat.delete" => delete(state, given),
        "chat.postEphemeral" => whisper(state, given),
        "views.open" => views::open(state, given),
        "views.publish" => pages::publish(state, given),
        "assistant.threads.setSuggestedPrompts" | "assistant.threads.setStatus" => {
            pages::in_assistant_thread(state, name, given)
        }
        "conversations.history" => history(state, given),
        "conversations.replies" => replies(state, given),
        "conversations.list" => list(state, given),
        "conversations.info" => {
            let channel =
                state.channel(required(given, "channel")?).ok_or_else(|| refused("channel_not_found"))?;
            Ok(json!({"channel": {"id": channel.id, "name": channel.name, "is_member": channel.member}}))
        }
        "usergroups.list" => {
            let group = |handle: &String| json!({"id": format!("S{}", handle.to_uppercase()), "handle": handle, "name": handle});
            Ok(json!({"usergroups": state.groups.keys().map(group).collect::<Vec<_>>()}))
        }
        "usergroups.users.list" => {
            let id = required(given, "usergroup")?;
            let group = state.groups.iter().find(|(handle, _)| format!("S{}", handle.to_uppercase()) == id);
            let (_, users) = group.ok_or_else(|| refused("no_such_subteam"))?;
            Ok(json!({"users": users}))
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
    // A person's id stands for the direct message with them.
    if let Some(person) = optional(given, "channel").filter(|id| state.users.contains_key(*id)) {
        let mut direct = given.clone();
        let channel = public(&format!("D{person}"), person);
        direct.insert("channel".to_owned(), json!(channel.id));
        state.channels.entry(channel.id.clone()).or_insert(channel);
        return post(state, &direct);
    }
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
        came: std::time::Instant::now(),
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
    if limit == 0 || limit > 999 {
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
    } else if text(given).is_empty() {
        "no_text"
    } else if faults.iter().any(|fault| fault.starts_with("/text: must be at most")) {
        "msg_too_long"
    } else if faults.iter().all(|fault| fault.starts_with("/text")) {
        "invalid_arguments"
    } else {
        "invalid_blocks"
    };
    let more = json!({"response_metadata": {"messages": faults}}).as_object().cloned().unwrap_or_default();
    for fault in faults {
        state.violation(format!("{method}: {fault}"));
    }
    Err(Refused(code.to_owned(), more))
}

pub(super) fn optional<'a>(given: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
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

pub(super) fn refused(code: &str) -> Refused {
    Refused(code.to_owned(), Map::new())
}

pub(super) fn invalid_arguments(why: &str) -> Refused {
    let more = json!({"response_metadata": {"messages": [format!("[ERROR] {why}")]}});
    Refused("invalid_arguments".to_owned(), more.as_object().cloned().unwrap_or_default())
}
