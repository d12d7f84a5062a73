//! Socket Mode: `/link/`, to which `apps.connections.open` gives out tickets.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State as Extract};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use super::Shared;
use super::state::{APP, Ack, Frame, Socket, State};

pub(super) async fn open(
    Extract(shared): Extract<Shared>,
    Query(query): Query<HashMap<String, String>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let ticket = query.get("ticket").and_then(|ticket| ticket.parse::<u64>().ok());
    // A ticket opens one socket.
    let known = ticket.is_some_and(|ticket| shared.lock().tickets.remove(&ticket));
    if !known {
        return StatusCode::FORBIDDEN.into_response();
    }
    upgrade.on_upgrade(move |socket| serve(shared, socket))
}

async fn serve(shared: Shared, mut socket: WebSocket) {
    let (frames, mut outgoing) = mpsc::unbounded_channel();
    let (id, count) = {
        let mut state = shared.lock();
        let id = state.number();
        state.sockets.push(Socket { id, frames });
        state.sockets_opened += 1;
        (id, state.sockets.len())
    };
    let hello = json!({"type": "hello", "num_connections": count, "connection_info": {"app_id": APP},
        "debug_info": {"host": "world", "build_number": 1, "approximate_connection_time": 18060}});
    let mut alive = socket.send(Message::Text(hello.to_string().into())).await.is_ok();
    while alive {
        tokio::select! {
            frame = outgoing.recv() => match frame {
                Some(Frame::Text(text)) => alive = socket.send(Message::Text(text.into())).await.is_ok(),
                Some(Frame::Close) => {
                    let _ = socket.send(Message::Close(None)).await;
                    alive = false;
                }
                Some(Frame::Freeze) => {
                    shared.lock().forget_socket(id);
                    // The line stays open as long as the other side holds it, or the test runs.
                    std::future::pending::<()>().await;
                }
                Some(Frame::Drop) | None => alive = false,
            },
            message = socket.recv() => match message {
                Some(Ok(Message::Text(text))) => acknowledge(&shared, &text),
                Some(Ok(Message::Close(_)) | Err(_)) | None => alive = false,
                Some(Ok(_)) => {}
            },
        }
    }
    shared.lock().forget_socket(id);
}

impl State {
    fn forget_socket(&mut self, id: u64) {
        self.sockets.retain(|socket| socket.id != id);
        self.fewest_sockets = self.fewest_sockets.min(self.sockets.len());
    }
}

fn acknowledge(shared: &Shared, text: &str) {
    let mut state = shared.lock();
    let frame: Value = serde_json::from_str(text).unwrap_or_default();
    let known = ["envelope_id", "payload"];
    if let Some(unknown) =
        frame.as_object().and_then(|frame| frame.keys().find(|key| !known.contains(&key.as_str())))
    {
        state.violation(format!("socket: unknown field `{unknown}`"));
    }
    let Some(envelope) = frame["envelope_id"].as_str() else {
        state.violation(format!("socket: no acknowledgement: {text}"));
        return;
    };
    match state.waiting.remove(envelope) {
        Some((sent, done)) => {
            let latency = sent.elapsed();
            state.acks.push(Ack { envelope: envelope.to_owned(), latency });
            // Nobody waits any longer when the test is over.
            let _ = done.send(latency);
        }
        None => {
            state.violation(format!("socket: {envelope} is acknowledged twice, too late or was never sent"));
        }
    }
}

impl Shared {
    /// Sends an envelope until it is acknowledged, at most four times, each time through another socket. Answers how often
    /// it was sent and how long the acknowledgement took.
    pub(super) async fn through_socket(&self, kind: &str, payload: &Value) -> (u32, Option<Duration>) {
        for attempt in 0..4_u32 {
            let Some((done, limit)) = self.send_envelope(kind, payload, attempt).await else {
                return (attempt, None);
            };
            if let Ok(Ok(latency)) = tokio::time::timeout(limit, done).await {
                return (attempt + 1, Some(latency));
            }
        }
        (4, None)
    }

    async fn send_envelope(
        &self,
        kind: &str,
        payload: &Value,
        attempt: u32,
    ) -> Option<(oneshot::Receiver<Duration>, Duration)> {
        let start = Instant::now();
        loop {
            {
                let mut state = self.lock();
                let count = state.sockets.len();
                if count > 0 {
                    let envelope = format!("envelope-{}", state.number());
                    let frame = json!({"envelope_id": envelope, "type": kind, "payload": payload,
                        "accepts_response_payload": kind != "events_api", "retry_attempt": attempt,
                        "retry_reason": if attempt > 0 { "timeout" } else { "" }});
                    let (done, waiting) = oneshot::channel();
                    state.waiting.insert(envelope, (Instant::now(), done));
                    let socket = &state.sockets[attempt as usize % count];
                    let sent = socket.frames.send(Frame::Text(frame.to_string()));
                    if sent.is_ok() {
                        return Some((waiting, state.ack_within));
                    }
                }
            }
            if start.elapsed() > Duration::from_secs(10) {
                return None;
            }
            tokio::time::sleep(super::LOOK_AGAIN).await;
        }
    }
}
