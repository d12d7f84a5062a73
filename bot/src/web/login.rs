//! The login: a token from the configuration becomes a session.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::auth::{COOKIE, SESSION_SECONDS, open_session, token_that_reads};
use super::fault::Fault;
use super::{Web, assets, theme};
use crate::store::now_ms;

/// How long a wrong token is made to wait: guessing does not pay.
const WRONG_TOKEN_PAUSE: Duration = Duration::from_millis(700);

#[derive(Template)]
#[template(path = "login.html")]
struct Login {
    assets: &'static assets::Paths,
    theme: theme::Theme,
    next: String,
    wrong: bool,
    /// No token is configured, so nobody can log in.
    impossible: bool,
}

#[derive(Deserialize)]
pub(super) struct Going {
    next: Option<String>,
}

/// The form.
pub(super) async fn form(
    State(web): State<Arc<Web>>,
    Query(going): Query<Going>,
    headers: HeaderMap,
) -> Result<Html<String>, Fault> {
    draw(&web, &headers, own_path(going.next.as_deref()), false)
}

#[derive(Deserialize)]
pub(super) struct Shown {
    token: String,
    next: Option<String>,
}

/// The form comes back.
pub(super) async fn enter(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    Form(shown): Form<Shown>,
) -> Result<Response, Fault> {
    let next = own_path(shown.next.as_deref());
    let Some(token) = token_that_reads(&web.app.config.console, shown.token.trim()) else {
        tokio::time::sleep(WRONG_TOKEN_PAUSE).await;
        tracing::warn!("somebody showed a wrong token at the console's login");
        return Ok((StatusCode::UNAUTHORIZED, draw(&web, &headers, next, true)?).into_response());
    };
    let cookie = session_cookie(&web, &open_session(token, now_ms() / 1000), SESSION_SECONDS);
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&next)).into_response())
}

/// Ends the session in this browser.
pub(super) async fn leave(State(web): State<Arc<Web>>) -> Response {
    ([(header::SET_COOKIE, session_cookie(&web, "", 0))], Redirect::to("/login")).into_response()
}

/// To the login, and from there to where somebody wanted to go.
pub(super) fn redirect(wanted: Option<&str>) -> Response {
    match wanted.filter(|path| *path != "/") {
        Some(path) => Redirect::to(&format!("/login?next={}", utf8_percent_encode(path, NON_ALPHANUMERIC))),
        None => Redirect::to("/login"),
    }
    .into_response()
}

fn session_cookie(web: &Web, value: &str, seconds: i64) -> String {
    let secure = if web.app.public_url.starts_with("https:") { "; Secure" } else { "" };
    format!("{COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

fn draw(web: &Web, headers: &HeaderMap, next: String, wrong: bool) -> Result<Html<String>, Fault> {
    let impossible = web.app.config.console.tokens.is_empty();
    let login = Login { assets: assets::paths(), theme: theme::of(headers), next, wrong, impossible };
    Ok(Html(login.render()?))
}

/// The path, if it stays on this server; otherwise the start page. Browsers read `\` as `/`, and `//x` is another host.
pub(super) fn own_path(path: Option<&str>) -> String {
    let path = path.unwrap_or("/");
    let stays =
        path.starts_with('/') && !path[1..].starts_with(['/', '\\']) && !path.contains(char::is_control);
    if stays { path.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn the_way_after_the_login_stays_here() {
        assert_eq!(own_path(Some("/c/payments?before=1")), "/c/payments?before=1");
        for elsewhere in ["//evil.example", "/\\evil.example", "https://evil.example", "", "/\t/evil.example"]
        {
            assert_eq!(own_path(Some(elsewhere)), "/", "{elsewhere:?}");
        }
    }
}
