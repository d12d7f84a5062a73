//! What Slack's refusals mean for whoever wanted to post, and what to do about them.

use std::time::Duration;

use serde::Deserialize;
use slack_morphism::errors::{SlackClientApiError, SlackClientError};

use crate::chat::ChatError;

/// How long to wait when Slack asks for patience without saying how long.
const DEFAULT_WAIT: Duration = Duration::from_secs(30);

/// What stands beside the code in a refusal.
#[derive(Debug, Default, Deserialize)]
struct RefusalBody {
    needed: Option<String>,
    response_metadata: Option<ResponseMetadata>,
}

#[derive(Debug, Default, Deserialize)]
struct ResponseMetadata {
    #[serde(default)]
    messages: Vec<String>,
}

/// The outcome of one failed call about `conversation`.
pub(super) fn from_sdk(surface: &str, conversation: &str, error: &SlackClientError) -> ChatError {
    let surface = surface.to_owned();
    match error {
        SlackClientError::ApiError(refusal) => from_code(surface, conversation, refusal),
        SlackClientError::RateLimitError(limit) => {
            ChatError::RateLimited { surface, after: limit.retry_after.unwrap_or(DEFAULT_WAIT) }
        }
        SlackClientError::HttpError(answer) => {
            let status = answer.status_code;
            if status.is_server_error() || status == http::StatusCode::REQUEST_TIMEOUT {
                ChatError::Unavailable { surface, why: format!("it answered HTTP {status}") }
            } else {
                ChatError::Rejected {
                    surface,
                    why: format!("HTTP {status}: check `api_url` and any proxy before it"),
                }
            }
        }
        SlackClientError::ProtocolError(_) => {
            ChatError::Unavailable { surface, why: "its answer is not what Slack answers".to_owned() }
        }
        SlackClientError::HttpProtocolError(_)
        | SlackClientError::EndOfStream(_)
        | SlackClientError::SystemError(_)
        | SlackClientError::SocketModeProtocolError(_) => {
            ChatError::Unavailable { surface, why: "the connection failed".to_owned() }
        }
    }
}

fn from_code(surface: String, conversation: &str, refusal: &SlackClientApiError) -> ChatError {
    let body: RefusalBody = refusal
        .http_response_body
        .as_deref()
        .and_then(|body| serde_json::from_str(body).ok())
        .unwrap_or_default();
    let code = refusal.code.as_str();
    let undeliverable = |surface, why: &str| ChatError::Undeliverable {
        surface,
        conversation: conversation.to_owned(),
        why: format!("{why} ({code})"),
    };
    let denied = |surface, why: String| ChatError::Denied { surface, why: format!("{why} ({code})") };
    match code {
        "not_in_channel" | "not_in_group" => undeliverable(surface, "invite the bot to the channel"),
        "channel_not_found" => undeliverable(
            surface,
            "there is no such channel, or it is private: check the name in the route, or invite the bot to it",
        ),
        "is_archived" => undeliverable(surface, "the channel is archived: route to another one, or unarchive it"),
        "message_not_found" | "thread_not_found" => undeliverable(surface, "the message was deleted in Slack"),
        "cant_update_message" | "edit_window_closed" => {
            undeliverable(surface, "the workspace does not let the bot change this message")
        }
        "user_not_in_channel" => undeliverable(surface, "the person is not in the channel"),
        "user_not_found" | "users_not_found" => undeliverable(surface, "Slack knows no such person"),
        "expired_trigger_id" | "trigger_expired" | "exchanged_trigger_id" | "trigger_exchanged" => {
            undeliverable(surface, "the form was not opened in time: click again")
        }
        "message_limit_exceeded" => undeliverable(surface, "the workspace is over its message limit: look at its plan"),
        restricted if restricted.starts_with("restricted_action") => {
            undeliverable(surface, "the workspace does not let the bot post here: ask its admins")
        }
        "missing_scope" => denied(
            surface,
            format!(
                "the app lacks the scope {}: add it under OAuth & Permissions and install the app again",
                body.needed.as_deref().unwrap_or("that this call needs")
            ),
        ),
        "invalid_auth" | "not_authed" | "token_revoked" | "token_expired" | "account_inactive" => denied(
            surface,
            "the token is not valid: copy it again from the app's page, and install the app if it was removed".to_owned(),
        ),
        "not_allowed_token_type" | "no_permission" | "access_denied" | "ekm_access_denied" | "org_login_required"
        | "team_access_not_granted" => {
            denied(surface, "the workspace does not let this app do that: ask its admins".to_owned())
        }
        "ratelimited" | "rate_limited" => ChatError::RateLimited { surface, after: DEFAULT_WAIT },
        "internal_error" | "fatal_error" | "service_unavailable" | "request_timeout" | "team_added_to_org"
        | "external_channel_migrating" => ChatError::Unavailable { surface, why: format!("it answered {code}") },
        _ => {
            let details = body.response_metadata.unwrap_or_default().messages.join("; ");
            let why = if details.is_empty() { code.to_owned() } else { format!("{code}: {details}") };
            ChatError::Rejected { surface, why }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(code: &str, body: &str) -> String {
        let refusal = SlackClientApiError::new(code.to_owned()).with_http_response_body(body.to_owned());
        let error = from_sdk("slack", "#ci", &SlackClientError::ApiError(refusal));
        format!("{} {error}", if error.is_transient() { "later:" } else { "never:" })
    }

    #[test]
    fn refusals_say_what_to_do() {
        let said = [
            said("not_in_channel", "{}"),
            said("channel_not_found", "{}"),
            said("is_archived", "{}"),
            said("missing_scope", r#"{"needed":"chat:write"}"#),
            said("token_revoked", "{}"),
            said("msg_too_long", "{}"),
            said("invalid_blocks", r#"{"response_metadata":{"messages":["[ERROR] no more than 50 items"]}}"#),
            said("ratelimited", "not json"),
            said("internal_error", "{}"),
        ]
        .join("\n");
        insta::assert_snapshot!(said, @r"
        never: slack cannot deliver to #ci: invite the bot to the channel (not_in_channel)
        never: slack cannot deliver to #ci: there is no such channel, or it is private: check the name in the route, or invite the bot to it (channel_not_found)
        never: slack cannot deliver to #ci: the channel is archived: route to another one, or unarchive it (is_archived)
        never: slack refused our credentials: the app lacks the scope chat:write: add it under OAuth & Permissions and install the app again (missing_scope)
        never: slack refused our credentials: the token is not valid: copy it again from the app's page, and install the app if it was removed (token_revoked)
        never: slack rejected the message: msg_too_long
        never: slack rejected the message: invalid_blocks: [ERROR] no more than 50 items
        later: slack asks to wait 30 s
        later: slack did not answer: it answered internal_error
        ");
    }
}
