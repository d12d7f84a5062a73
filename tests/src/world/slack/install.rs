//! A second workspace, and how the app comes into it: `oauth.v2.access`.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Query, State as Extract};
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::state::{APP, public};
use super::{Shared, Slack};

/// Id of the second workspace.
pub const OTHER_TEAM: &str = "T0GLOBEX";

/// The token that the app has there.
pub const OTHER_TOKEN: &str = "xoxb-world-globex";

/// A channel there, which no other token sees.
pub const OTHER_CHANNEL: &str = "C0GLOBEX";

/// Of the app.
pub const CLIENT_ID: &str = "1111.2222";

/// Of the app.
pub const CLIENT_SECRET: &str = "world-client-secret";

/// `oauth.v2.access`
pub(super) async fn access(
    Extract(shared): Extract<Shared>,
    Query(given): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Json<Value> {
    let refused = |code: &str| Json(json!({"ok": false, "error": code}));
    let expected = format!("Basic {}", STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}")));
    if headers.get("authorization").and_then(|given| given.to_str().ok()) != Some(&expected) {
        return refused("bad_client_secret");
    }
    let mut state = shared.lock();
    state.calls.push("oauth.v2.access".to_owned());
    let code = given.get("code").map(String::as_str).unwrap_or_default();
    // A code is good once, and for the address that it was given out to.
    let Some(redirect) = state.codes.remove(code) else { return refused("invalid_code") };
    if given.get("redirect_uri") != Some(&redirect) {
        return refused("bad_redirect_uri");
    }
    state.channels.insert(OTHER_CHANNEL.to_owned(), public(OTHER_CHANNEL, "globex"));
    Json(
        json!({"ok": true, "access_token": OTHER_TOKEN, "token_type": "bot", "scope": "chat:write", "app_id": APP,
        "bot_user_id": "U0GLOBEXBOT", "team": {"id": OTHER_TEAM, "name": "Globex"}, "enterprise": null,
        "is_enterprise_install": false, "authed_user": {"id": "U0HANK"}}),
    )
}

/// Whether the token belongs to another workspace than the channel.
pub(super) fn is_elsewhere(token: &str, channel: Option<&str>) -> bool {
    channel.is_some_and(|channel| (channel == OTHER_CHANNEL) != (token == OTHER_TOKEN))
}

impl Slack {
    /// Somebody in the second workspace allows the installation: the code that their browser comes back with.
    pub fn allow_install(&self, redirect: &str) -> String {
        let mut state = self.shared.lock();
        let code = format!("code-{}", state.number());
        state.codes.insert(code.clone(), redirect.to_owned());
        code
    }

    /// From now on what people do is reported as done in this workspace; `None`: in the first one.
    pub fn act_in(&self, team: Option<&str>) {
        self.shared.lock().acting_in = team.map(str::to_owned);
    }

    /// The second workspace takes the app out.
    pub async fn uninstall(&self) -> anyhow::Result<super::Delivery> {
        self.act_in(Some(OTHER_TEAM));
        let delivery = self.event(json!({"type": "app_uninstalled"}), "").await;
        self.act_in(None);
        delivery
    }
}

/// Writes the workspace into what is reported.
pub(super) fn place(payload: &mut Value, team: &str) {
    for pointer in ["/team_id", "/team/id", "/authorizations/0/team_id"] {
        if let Some(id) = payload.pointer_mut(pointer) {
            *id = json!(team);
        }
    }
}
