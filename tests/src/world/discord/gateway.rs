//! The gateway: hello, identify or resume, heartbeats, and what is reported.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use axum::extract::State as Extract;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::Shared;
use super::state::{APPLICATION, BOT_USER, Frame, GUILD, Session, State, user};

/// Milliseconds between heartbeats: quicker than the real one's, so that tests see some.
const HEARTBEAT_MS: u64 = 1000;

/// Intents that have to be asked for on the application's page: members, presences, the content of messages.
const PRIVILEGED: u64 = 1 << 1 | 1 << 8 | 1 << 15;

/// The intents without which nothing of use is reported: server and direct messages.
const NEEDED: u64 = 1 << 9 | 1 << 12;

/// Sends within a minute that close the connection.
const SENDS_A_MINUTE: usize = 120;

pub(super) async fn open(Extract(shared): Extract<Shared>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(move |socket| serve(shared, socket))
}

async fn serve(shared: Shared, mut socket: WebSocket) {
    let (frames, mut outgoing) = mpsc::unbounded_channel();
    let hello = json!({"op": 10, "d": {"heartbeat_interval": HEARTBEAT_MS}, "s": null, "t": null});
    if socket.send(Message::Text(hello.to_string().into())).await.is_err() {
        return;
    }
    let mut known = false;
    let mut sends = VecDeque::new();
    loop {
        tokio::select! {
            frame = outgoing.recv() => match frame {
                Some(Frame::Text(text)) => {
                    if socket.send(Message::Text(text.into())).await.is_err() {
                        break;
                    }
                }
                Some(Frame::Close(code)) => {
                    let close = CloseFrame { code, reason: "".into() };
                    let _ = socket.send(Message::Close(Some(close))).await;
                    break;
                }
                Some(Frame::Drop) | None => break,
            },
            message = socket.recv() => match message {
                Some(Ok(Message::Text(text))) => {
                    let now = Instant::now();
                    sends.retain(|at| now.duration_since(*at) < Duration::from_mins(1));
                    sends.push_back(now);
                    let mut state = shared.lock();
                    if sends.len() > SENDS_A_MINUTE {
                        state.violation("gateway: more than 120 sends of one connection within a minute");
                    }
                    known = take(&mut state, &frames, &text, known);
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {}
            },
            // Two heartbeats missed: whoever is there is not alive.
            () = tokio::time::sleep(Duration::from_millis(HEARTBEAT_MS * 30)) => break,
        }
    }
    let mut state = shared.lock();
    if let Some(session) = &mut state.session
        && session.socket.as_ref().is_some_and(|open| open.same_channel(&frames))
    {
        session.socket = None;
    }
}

/// Takes one payload; whether the connection has logged in by now.
fn take(state: &mut State, frames: &mpsc::UnboundedSender<Frame>, text: &str, known: bool) -> bool {
    let payload: Value = serde_json::from_str(text).unwrap_or_default();
    let data = &payload["d"];
    let send = |value: Value| {
        let _ = frames.send(Frame::Text(value.to_string()));
    };
    let close = |code: u16| {
        let _ = frames.send(Frame::Close(code));
    };
    match payload["op"].as_u64() {
        Some(1) => send(json!({"op": 11, "d": null, "s": null, "t": null})),
        Some(2) if !known => return identify(state, frames, data, &close),
        Some(6) if !known => {
            let token = token_of(data);
            if token != state.token {
                close(4004);
                return false;
            }
            let seen = usize::try_from(data["seq"].as_u64().unwrap_or(0)).unwrap_or(0);
            match &mut state.session {
                Some(session) if data["session_id"] == session.id.as_str() && seen <= session.sent.len() => {
                    session.socket = Some(frames.clone());
                    for missed in &session.sent[seen..] {
                        let _ = frames.send(Frame::Text(missed.clone()));
                    }
                    state.resumes += 1;
                    state.dispatch("RESUMED", &json!({"_trace": []}));
                    return true;
                }
                _ => send(json!({"op": 9, "d": false, "s": null, "t": null})),
            }
        }
        Some(3) if known => {}
        Some(2 | 6) => close(4005),
        _ if !known => close(4003),
        _ => {
            state.violation(format!("gateway: {text}"));
            close(4001);
        }
    }
    known
}

fn identify(
    state: &mut State,
    frames: &mpsc::UnboundedSender<Frame>,
    data: &Value,
    close: &dyn Fn(u16),
) -> bool {
    state.identifies += 1;
    state.logins_left = state.logins_left.saturating_sub(1);
    if token_of(data) != state.token {
        close(4004);
        return false;
    }
    let intents = data["intents"].as_u64().unwrap_or(0);
    if intents & PRIVILEGED != 0 {
        state.violation("gateway: privileged intents are asked for");
        close(4014);
        return false;
    }
    if intents & NEEDED != NEEDED {
        state.violation(format!("gateway: the intents {intents} report no messages"));
    }
    if data["properties"].as_object().is_none_or(serde_json::Map::is_empty) {
        state.violation("gateway: no properties");
    }
    let id = format!("session-{}", state.identifies);
    state.session = Some(Session { id: id.clone(), sent: Vec::new(), socket: Some(frames.clone()) });
    let me = user(&state.users, BOT_USER);
    let ready = json!({"v": 10, "user": me, "guilds": [{"id": GUILD, "unavailable": true}], "session_id": id,
        "resume_gateway_url": "ws://127.0.0.1:1", "application": {"id": APPLICATION, "flags": 0}, "shard": [0, 1]});
    state.dispatch("READY", &ready);
    true
}

fn token_of(data: &Value) -> &str {
    let token = data["token"].as_str().unwrap_or_default();
    token.strip_prefix("Bot ").unwrap_or(token)
}
