//! Dark, light, or as the system says: kept in a cookie, so that the first paint is right and no script is needed.

use axum::Form;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::{auth, login};

/// Name of the cookie.
const COOKIE: &str = "whyred_theme";

/// How the console looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Theme {
    /// As the system says.
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// As it stands in the page and in the cookie.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// What the visitor chose.
pub(super) fn of(headers: &HeaderMap) -> Theme {
    match auth::cookie(headers, COOKIE) {
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        _ => Theme::Auto,
    }
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    theme: Theme,
    back: Option<String>,
}

/// The visitor chooses.
pub(super) async fn choose(Form(chosen): Form<Chosen>) -> Response {
    let cookie = format!("{COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax", chosen.theme.word());
    ([(header::SET_COOKIE, cookie)], Redirect::to(&login::own_path(chosen.back.as_deref()))).into_response()
}
