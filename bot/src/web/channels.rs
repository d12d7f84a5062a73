//! The list of channels, on every page.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::Web;
use super::card::{SURFACE, is_red};
use super::fault::Fault;
use crate::store::posts::{self, PostFilter};
use crate::store::{Store, StoreError};

/// Channels count as red by what stands in so many of the newest messages.
const LOOKED_AT: u32 = 400;
/// Where questions from the start page go.
pub(super) const QUESTIONS: &str = "#ask";
/// What may stand unescaped in one segment of a path (RFC 3986 §2.3).
pub(super) const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// Names of channels are no longer than this many characters.
const MAX_NAME: usize = 80;

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Channel {
    /// As people know it (`payments`).
    pub name: String,
    /// Its page.
    pub path: String,
    /// How many things in it are broken.
    pub red: usize,
    /// Whether it is the page shown.
    pub here: bool,
}

/// The list.
#[derive(Debug, Template)]
#[template(path = "channels.html")]
pub(super) struct Channels {
    /// All of them, by name.
    pub list: Vec<Channel>,
    /// How many things are broken in all.
    pub red: usize,
    /// Path of the page shown.
    pub here: String,
}

/// Reads the list for the page at `here`.
pub(super) async fn read(store: &Store, here: &str) -> Result<Channels, StoreError> {
    let filter = PostFilter { surface: Some(SURFACE.to_owned()), top_level: true, ..PostFilter::default() };
    let mut red_in: BTreeMap<String, usize> = BTreeMap::new();
    for conversation in posts::conversations(store, SURFACE).await? {
        red_in.insert(conversation, 0);
    }
    for post in posts::list(store, &filter, LOOKED_AT).await?.iter().filter(|post| is_red(post)) {
        *red_in.entry(post.conversation.clone()).or_default() += 1;
    }
    let list: Vec<Channel> = red_in
        .into_iter()
        .map(|(conversation, red)| {
            let path = path(&conversation);
            Channel { name: name(&conversation).to_owned(), here: path == here, path, red }
        })
        .collect();
    Ok(Channels { red: list.iter().map(|channel| channel.red).sum(), list, here: here.to_owned() })
}

/// A conversation's name without its `#`.
pub(super) fn name(conversation: &str) -> &str {
    conversation.strip_prefix('#').unwrap_or(conversation)
}

/// The page of a conversation.
pub(super) fn path(conversation: &str) -> String {
    format!("/c/{}", utf8_percent_encode(name(conversation), SEGMENT))
}

/// The conversation that a page's name stands for: one that is there, or a new one if the name can be one.
pub(super) async fn named(store: &Store, wanted: &str) -> Result<String, Fault> {
    let known = posts::conversations(store, SURFACE).await?;
    if let Some(found) = known.into_iter().find(|conversation| name(conversation) == wanted) {
        return Ok(found);
    }
    let fits =
        wanted.chars().all(|character| character.is_alphanumeric() || matches!(character, '-' | '_' | '.'));
    if fits && !wanted.is_empty() && wanted.chars().count() <= MAX_NAME {
        return Ok(format!("#{wanted}"));
    }
    Err(Fault::NotFound("There is no such channel. The list on the left has all of them.".to_owned()))
}

#[derive(Deserialize)]
pub(super) struct At {
    at: Option<String>,
}

/// The list alone, for a page that is already open.
pub(super) async fn fragment(
    State(web): State<Arc<Web>>,
    Query(At { at }): Query<At>,
) -> Result<Html<String>, Fault> {
    let channels = read(&web.app.store, at.as_deref().unwrap_or("/")).await?;
    Ok(Html(channels.render()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_conversation_has_a_page_of_its_own() {
        assert_eq!(path("#payments"), "/c/payments");
        assert_eq!(path("C012AB3CD"), "/c/C012AB3CD");
        assert_eq!(path("#a/b ?"), "/c/a%2Fb%20%3F");
    }
}
