//! The Web API: `/api/{method}`. Who calls, how, and with which fields; what is done stands in [`super::methods`].

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Path, State as Extract};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::install::{OTHER_TOKEN, is_elsewhere};
use super::methods::{Answer, Refused, dispatch, invalid_arguments, optional, refused};
use super::state::{Failure, State};
use super::{APP_TOKEN, BOT_TOKEN, Shared, validate_message};

/// Methods that read, with their scopes. Slack takes their arguments from the query or a form, never from JSON.
const READ: [(&str, &str, &[&str]); 9] = [
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
    (
        "usergroups.list",
        "usergroups:read",
        &["include_count", "include_disabled", "include_users", "team_id"],
    ),
    ("usergroups.users.list", "usergroups:read", &["usergroup", "include_disabled", "team_id"]),
    ("users.info", "users:read", &["user", "include_locale"]),
    ("users.lookupByEmail", "users:read.email", &["email"]),
];

/// Methods that write, with their scopes.
const WRITE: [(&str, &str, &[&str]); 9] = [
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
    ("views.open", "", &["trigger_id", "view"]),
    ("views.publish", "", &["user_id", "view", "hash"]),
    (
        "assistant.threads.setSuggestedPrompts",
        "assistant:write",
        &["channel_id", "thread_ts", "title", "prompts"],
    ),
    ("assistant.threads.setStatus", "assistant:write", &["channel_id", "thread_ts", "status"]),
];

/// The scopes of the bot's token that the methods here ask for.
pub fn scopes() -> Vec<&'static str> {
    let all = READ.iter().chain(&WRITE).filter(|(name, _, _)| *name != "apps.connections.open");
    let mut scopes: Vec<&str> = all.map(|(_, scope, _)| *scope).filter(|scope| !scope.is_empty()).collect();
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

pub(super) async fn handle(
    Extract(shared): Extract<Shared>,
    Path(name): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (silent, failure) = {
        let mut state = shared.lock();
        state.calls.push(name.clone());
        let scripted = state.failures.get_mut(&name).and_then(std::collections::VecDeque::pop_front);
        let failure = scripted.or_else(|| state.weather.as_mut().map(|weather| weather.next().into()));
        (state.silent, failure)
    };
    if silent {
        return std::future::pending().await;
    }
    match &failure {
        Some(Failure::Status(status)) => {
            return StatusCode::from_u16(*status)
                .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
                .into_response();
        }
        Some(Failure::Code(code)) => return answer(Err(refused(code))),
        Some(Failure::RateLimited(seconds)) => {
            shared.lock().refused += 1;
            return too_many(*seconds);
        }
        Some(Failure::LostBefore) => return broken(),
        Some(Failure::LostAfter | Failure::Slow(_)) | None => {}
    }
    let outcome = {
        let mut state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        match arguments(&mut state, &name, &method, &uri, &headers, &body) {
            Ok(given) => match rate_limit(&mut state, &name, &given) {
                Some(seconds) => {
                    state.refused += 1;
                    return too_many(seconds);
                }
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

/// A late answer to a command or a click: no token, five times.
pub(super) async fn respond(
    Extract(shared): Extract<Shared>,
    Path(number): Path<u64>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut state = shared.lock();
    if headers.contains_key("authorization") {
        state.violation("response_url: a token was sent along");
    }
    let life = state.response_life;
    match state.response_urls.get_mut(&number).filter(|(since, left)| *left > 0 && since.elapsed() < life) {
        None => {
            return (StatusCode::NOT_FOUND, axum::Json(json!({"ok": false, "error": "used_url"})))
                .into_response();
        }
        Some((_, left)) => *left -= 1,
    }
    let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
    let known = ["text", "blocks", "response_type", "replace_original", "delete_original", "thread_ts"];
    if let Some(unknown) =
        answer.as_object().and_then(|answer| answer.keys().find(|key| !known.contains(&key.as_str())))
    {
        state.violation(format!("response_url: unknown field `{unknown}`"));
    }
    for fault in validate_message(&answer) {
        state.violation(format!("response_url: {fault}"));
    }
    state.responses.push(answer);
    "ok".into_response()
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
        Some(token) if token != expected && token != OTHER_TOKEN => return Err(refused("invalid_auth")),
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
    if is_elsewhere(token.unwrap_or_default(), optional(&given, "channel")) {
        return Err(refused("channel_not_found"));
    }
    Ok(given)
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

#[cfg(test)]
mod tests {
    use super::super::{BOT_TOKEN, Slack};
    use super::*;

    async fn call(slack: &Slack, method: &str, token: &str, body: Value) -> (u16, Value) {
        let request = slack.http.post(format!("{}/{method}", slack.api_url())).bearer_auth(token);
        let request =
            request.header("content-type", "application/json; charset=utf-8").body(body.to_string());
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap())
    }

    fn good(channel: &str) -> Value {
        json!({"channel": channel, "text": "t", "unfurl_links": false, "unfurl_media": false})
    }

    #[tokio::test]
    async fn what_slack_refuses_is_refused_and_kept() {
        let slack = Slack::start().await.unwrap();
        let mut folded = good("#ci");
        folded["unfurl_links"] = json!(true);
        let mut divided = good("#ci");
        divided["blocks"] = json!([{"type": "divider", "colour": "red"}]);
        let mut coloured = good("#ci");
        coloured["colour"] = json!("red");
        let mut long = good("#ci");
        long["text"] = json!("x".repeat(40_001));
        let mut loud = good("#ci");
        loud["text"] = json!("<!channel>");
        for (method, body, error) in [
            ("chat.postMassage", good("#ci"), "unknown_method"),
            ("chat.postMessage", coloured, "invalid_arguments"),
            ("chat.postMessage", divided, "invalid_blocks"),
            ("chat.postMessage", long, "msg_too_long"),
            ("chat.postMessage", loud, "invalid_arguments"),
            ("conversations.history", json!({"channel": "C0CI"}), "invalid_arguments"),
        ] {
            let before = slack.violations().len();
            let (_, answer) = call(&slack, method, BOT_TOKEN, body).await;
            assert_eq!((&answer["ok"], answer["error"].as_str()), (&json!(false), Some(error)), "{answer}");
            assert!(slack.violations().len() > before, "{error} is no violation");
        }
        assert_eq!(slack.messages("#ci"), []);
        call(&slack, "chat.postMessage", BOT_TOKEN, folded).await;
        assert!(slack.violations().last().unwrap().contains("unfurl_links"));
    }

    #[tokio::test]
    async fn tokens_and_rates_are_checked() {
        let slack = Slack::start().await.unwrap();
        let (_, answer) = call(&slack, "chat.postMessage", "xoxb-other", good("#ci")).await;
        assert_eq!(answer["error"], "invalid_auth");
        slack.limit_posts(Some(Duration::from_secs(1)));
        assert_eq!(call(&slack, "chat.postMessage", BOT_TOKEN, good("#ci")).await.0, 200);
        let (status, answer) = call(&slack, "chat.postMessage", BOT_TOKEN, good("#ci")).await;
        assert_eq!((status, answer["error"].as_str()), (429, Some("ratelimited")));
        slack.assert_clean();
    }
}
