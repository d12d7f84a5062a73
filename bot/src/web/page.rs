//! What every page has: the channels beside it, who is here, how it looks.

use std::sync::Arc;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use axum::response::Html;

use super::auth::Visitor;
use super::channels::{self, Channels};
use super::fault::Fault;
use super::{Web, assets, theme};

/// What every page has.
pub(super) struct Page {
    /// Where style and script are.
    pub assets: &'static assets::Paths,
    /// How it looks.
    pub theme: theme::Theme,
    /// Who is here.
    pub visitor: Visitor,
    /// The list beside it.
    pub channels: Channels,
    /// Its own path with its query, to come back to.
    pub path: String,
}

impl FromRequestParts<Arc<Web>> for Page {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Fault> {
        let visitor = Visitor::from_request_parts(parts, web).await?;
        Ok(Self {
            assets: assets::paths(),
            theme: theme::of(&parts.headers),
            visitor,
            channels: channels::read(&web.app.store, parts.uri.path()).await?,
            path: parts.uri.path_and_query().map_or_else(|| Uri::default().to_string(), ToString::to_string),
        })
    }
}

#[derive(Template)]
#[template(path = "sorry.html")]
struct Sorry<'a> {
    assets: &'static assets::Paths,
    theme: theme::Theme,
    title: &'a str,
    words: &'a str,
}

/// A page that says why there is none.
pub(super) fn sorry(headers: &HeaderMap, title: &str, words: &str) -> Result<Html<String>, askama::Error> {
    Sorry { assets: assets::paths(), theme: theme::of(headers), title, words }.render().map(Html)
}

/// A moment for a `<time>`: unix milliseconds as RFC 3339, which the script turns into `5 min ago`.
pub(super) fn clock(ms: i64) -> String {
    crate::store::moment(ms).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
