//! Installing the Slack app in a further workspace: to Slack and back, in the browser of an operator.

use std::sync::Arc;

use adapters::chat::slack::{Installs, Slack};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;

use super::auth::{self, Visitor};
use super::fault::Fault;
use super::{Web, page};
use crate::config::Role;
use crate::{slack_teams, text};

/// Holds the state, so that another browser's is worth nothing.
const COOKIE: &str = "whyred_slack_install";

/// Where Slack sends the browser back to.
const BACK: &str = "/slack/oauth_redirect";

/// How long somebody may take.
const SECONDS: i64 = adapters::chat::slack::installs::STATE_SECONDS;

/// `GET /slack/install`
pub(super) async fn begin(State(web): State<Arc<Web>>, visitor: Visitor) -> Result<Response, Fault> {
    visitor.must_be(Role::Operator)?;
    let (_, installs) = configured(&web)?;
    let nonce = uuid::Uuid::new_v4().simple().to_string();
    let state = installs.state(&visitor.name, &nonce, Timestamp::now());
    let address = installs.address(&back(&web), &state);
    let cookie = cookie(&web, &state, SECONDS);
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(address.as_str())).into_response())
}

#[derive(Deserialize)]
pub(super) struct Returned {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

/// `GET /slack/oauth_redirect`: the session's cookie is not sent along from Slack's pages; the state says who it is.
pub(super) async fn end(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    Query(returned): Query<Returned>,
) -> Result<Response, Fault> {
    let (slack, installs) = configured(&web)?;
    let state = returned.state.unwrap_or_default();
    let ours = auth::cookie(&headers, COOKIE).is_some_and(|kept| kept == state);
    let began = installs.began(&state, Timestamp::now());
    let by = match began {
        Ok(by) if ours => by,
        Ok(_) => return Err(Fault::NotAllowed(text::slack::not_begun_here())),
        Err(error) => return Err(Fault::NotAllowed(error.to_string())),
    };
    if let Some(error) = returned.error {
        return Err(Fault::Malformed(text::slack::not_installed(&error)));
    }
    let code = returned.code.unwrap_or_default();
    let installed = slack.exchange(installs, &code, &back(&web)).await.map_err(|error| {
        tracing::warn!(%error, "the app could not be installed in a workspace");
        Fault::Malformed(text::slack::not_installed(&error.to_string()))
    })?;
    if installed.team == installs.home() {
        return Err(Fault::Malformed(text::slack::at_home()));
    }
    slack_teams::install(&web.app, slack, installs, &installed, &by).await.map_err(|error| {
        tracing::error!(error = format!("{error:#}"), "a workspace could not be kept");
        Fault::Unavailable(text::slack::not_kept())
    })?;
    let page = page::sorry(
        &headers,
        &text::slack::installed(),
        &text::slack::installed_in(&installed.name, &installed.team),
    )?;
    Ok(([(header::SET_COOKIE, cookie(&web, "", 0))], page).into_response())
}

fn configured(web: &Web) -> Result<(&Slack, &Installs), Fault> {
    let slack = web.app.slack.as_ref();
    slack
        .and_then(|slack| Some((slack.as_ref(), slack.installs()?)))
        .ok_or_else(|| Fault::NotFound(text::slack::not_configured()))
}

fn back(web: &Web) -> String {
    format!("{}{BACK}", web.app.public_url)
}

/// It comes back with a link from Slack's pages, so it must be Lax.
fn cookie(web: &Web, value: &str, seconds: i64) -> String {
    let secure = if web.app.public_url.starts_with("https:") { "; Secure" } else { "" };
    format!("{COOKIE}={value}; Path={BACK}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}
