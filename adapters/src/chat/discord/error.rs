//! What Discord's refusals mean for whoever wanted to post, and what to do about them.

use std::time::Duration;

use http::StatusCode;
use serde_json::Value;

use crate::chat::ChatError;

/// How long to wait when Discord asks for patience without saying how long.
const DEFAULT_WAIT: Duration = Duration::from_secs(5);

/// There is no such channel.
pub(super) const UNKNOWN_CHANNEL: u64 = 10_003;
/// There is no such message.
pub(super) const UNKNOWN_MESSAGE: u64 = 10_008;
/// The person takes no direct messages from us.
const CANNOT_MESSAGE_THIS_PERSON: u64 = 50_007;
/// The thread is archived: it takes messages, which wake it, and no edits.
pub(super) const THREAD_IS_ARCHIVED: u64 = 50_083;
/// The message has its thread already.
pub(super) const THREAD_EXISTS: u64 = 160_004;

/// A refusal: the status, Discord's own code and its words.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refused {
    pub(super) status: StatusCode,
    /// 0 if there is none.
    pub(super) code: u64,
    /// Seconds, if it says when to come again.
    pub(super) retry_after: Option<Duration>,
    words: String,
}

impl Refused {
    pub(super) fn read(status: StatusCode, retry_after: Option<Duration>, body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let mut words = body["message"].as_str().unwrap_or_default().to_owned();
        let mut faults = Vec::new();
        collect_faults(&body["errors"], "", &mut faults);
        if !faults.is_empty() {
            words = format!("{words}: {}", faults.join("; "));
        }
        let seconds =
            body["retry_after"].as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        Self { status, code: body["code"].as_u64().unwrap_or(0), retry_after: seconds.or(retry_after), words }
    }

    /// The outcome of a call about `conversation`.
    pub(super) fn into_error(self, surface: &str, conversation: &str) -> ChatError {
        let surface = surface.to_owned();
        let code = self.code;
        let undeliverable = |surface, why: &str| ChatError::Undeliverable {
            surface,
            conversation: conversation.to_owned(),
            why: format!("{why} ({code})"),
        };
        match (self.status.as_u16(), code) {
            (429, _) => ChatError::RateLimited { surface, after: self.retry_after.unwrap_or(DEFAULT_WAIT) },
            (401, _) | (_, 40_001) => ChatError::Denied {
                surface,
                why: "the token is not valid: copy it again from the application's page Bot (401)".to_owned(),
            },
            (500.. | 408, _) | (_, 130_000) => {
                ChatError::Unavailable { surface, why: format!("it answered HTTP {}", self.status) }
            }
            (_, UNKNOWN_CHANNEL) => undeliverable(
                surface,
                "there is no such channel, or the bot may not see it: check the route, and the channel's permissions",
            ),
            (_, UNKNOWN_MESSAGE) => undeliverable(surface, "the message was deleted in Discord"),
            (_, 10_004) => undeliverable(
                surface,
                "there is no such server, or the bot is not on it: check `guild`, and invite the bot",
            ),
            (_, 10_013) => undeliverable(surface, "Discord knows no such person"),
            (_, 10_015 | 50_027 | 10_062) => undeliverable(surface, "the moment to answer this is over"),
            (_, CANNOT_MESSAGE_THIS_PERSON) => {
                undeliverable(surface, "the person takes no direct messages from the bot")
            }
            (_, 50_001) => undeliverable(
                surface,
                "the bot may not see the channel: give it View Channel and Send Messages there",
            ),
            (_, 50_013) => undeliverable(
                surface,
                "the bot lacks a permission in the channel: give it View Channel, Send Messages, Embed Links, Read Message History, Create Public Threads and Send Messages in Threads",
            ),
            (_, 50_008 | 50_024) => {
                undeliverable(surface, "the channel takes no messages: route to a text channel")
            }
            (_, 50_005) => undeliverable(surface, "the message is not the bot's own"),
            (_, THREAD_IS_ARCHIVED | 160_005) => {
                undeliverable(surface, "the thread is closed: open it again in Discord")
            }
            (_, 160_006) => undeliverable(surface, "the server has too many open threads: archive some"),
            (_, 30_046) => ChatError::RateLimited { surface, after: DEFAULT_WAIT * 12 },
            (403, _) => ChatError::Denied { surface, why: format!("{} ({code})", self.words) },
            (404, 0) => ChatError::Rejected {
                surface,
                why: "HTTP 404: check `api_url` and any proxy before it".to_owned(),
            },
            _ => {
                let words = if self.words.is_empty() { format!("HTTP {}", self.status) } else { self.words };
                ChatError::Rejected { surface, why: format!("{words} ({code})") }
            }
        }
    }
}

/// Discord nests what is wrong by the path of the field, with `_errors` at the leaves.
fn collect_faults(value: &Value, path: &str, out: &mut Vec<String>) {
    for (key, inner) in value.as_object().into_iter().flatten() {
        if key == "_errors" {
            let words = inner.as_array().into_iter().flatten().filter_map(|fault| fault["message"].as_str());
            out.extend(words.map(|words| format!("{path} {words}").trim().to_owned()));
        } else {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            collect_faults(inner, &path, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, body: &str) -> String {
        let status = StatusCode::from_u16(status).unwrap();
        let error = Refused::read(status, None, body.as_bytes()).into_error("discord", "#ci");
        format!("{} {error}", if error.is_transient() { "later:" } else { "never:" })
    }

    #[test]
    fn refusals_say_what_to_do() {
        let said = [
            said(404, r#"{"message":"Unknown Channel","code":10003}"#),
            said(404, r#"{"message":"Unknown Message","code":10008}"#),
            said(403, r#"{"message":"Missing Access","code":50001}"#),
            said(403, r#"{"message":"Missing Permissions","code":50013}"#),
            said(403, r#"{"message":"Cannot send messages to this user","code":50007}"#),
            said(401, r#"{"message":"401: Unauthorized","code":0}"#),
            said(403, r#"{"message":"Something new","code":77777}"#),
            said(
                400,
                r#"{"code":50035,"message":"Invalid Form Body","errors":{"embeds":{"0":{"description":{"_errors":[{"code":"BASE_TYPE_MAX_LENGTH","message":"Must be 4096 or fewer in length."}]}}}}}"#,
            ),
            said(429, r#"{"message":"You are being rate limited.","retry_after":1.5,"global":false}"#),
            said(429, "<html>banned</html>"),
            said(502, ""),
            said(404, "not json"),
        ]
        .join("\n");
        insta::assert_snapshot!(said);
    }
}
