//! One file for each kind of question.

mod changed;
mod failure;
mod flaky;
mod home;
mod known_failures;
mod log;
mod overview;
mod owners;
mod runbooks;
mod subscriptions;

pub(super) use home::home;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use adapters::message::{Message, Section, Span, Tone};

use super::Setting;
use super::intent::{Intent, Known};
use crate::app::App;
use crate::store::breakages::Breakage;
use crate::text;
use crate::triage::TriageError;
use crate::triage::wish::Daily;

/// Repositories named when a question could mean several, or none.
const NAMED: usize = 8;
/// Pipelines or failures listed.
const LISTED: usize = 15;

/// Who asks, and what may be said there.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The bot.
    pub(super) app: &'a App,
    /// Where it is asked.
    pub(super) setting: &'a Setting,
    /// The names that have reached us.
    pub(super) known: &'a Known,
    /// Repositories of which nothing is told there.
    pub(super) hidden: &'a BTreeSet<String>,
    /// Set to the failure that the answer turns out to be about.
    pub(super) about: &'a OnceLock<String>,
}

pub(crate) use failure::ASK_THIS;
pub(super) use runbooks::knows;

/// Answers. Nothing is told of the hidden repositories.
pub(super) async fn to(asked: Asked<'_>, intent: Intent) -> Result<Message, TriageError> {
    match intent {
        Intent::WhyFailed(place) => failure::why(asked, place).await,
        Intent::BrokenNow(place) => overview::broken_now(asked, place).await,
        Intent::BrokeSince { place, window } => overview::broke_since(asked, place, window).await,
        Intent::IsFlaky(place) => flaky::is_flaky(asked, place).await,
        Intent::Flakiest { place, window } => flaky::flakiest(asked, place, window).await,
        Intent::WhoOwns { place, path } => owners::who_owns(asked, place, path).await,
        Intent::Changed(place) => changed::changed(asked, place).await,
        Intent::ShowLog { place, lines } => log::show(asked, place, lines).await,
        Intent::Seen { text, place } => known_failures::seen(asked, &text, place).await,
        Intent::Subscribe { filter } => subscriptions::subscribe(asked, &filter).await,
        Intent::Unsubscribe { filter } => subscriptions::unsubscribe(asked, &filter).await,
        Intent::TryFilter { filter } => subscriptions::try_filter(asked, &filter).await,
        Intent::Subscriptions => subscriptions::list(asked).await,
        Intent::Mute(window) => subscriptions::mute(asked, Some(window)).await,
        Intent::Unmute => subscriptions::mute(asked, None).await,
        Intent::Help => Ok(help()),
        Intent::Knowledge { question } => Ok(runbooks::knowledge(asked.app, &question)),
    }
}

/// The daily list of what comes and goes, for a conversation.
pub(super) async fn daily_list(asked: Asked<'_>, daily: &Daily) -> Result<Option<Message>, TriageError> {
    flaky::daily(asked, daily).await
}

fn help() -> Message {
    let mut message = Message::new(Tone::Info, text::answer::help_headline());
    message.sections =
        text::answer::help().into_iter().map(|line| section(None, vec![Span::code(line)])).collect();
    message
}

fn private() -> Message {
    Message::new(Tone::Info, text::answer::private())
}

/// Takes hidden repositories out of those that are meant; true if nothing else was meant.
fn only_hidden(repos: &mut Vec<String>, hidden: &BTreeSet<String>) -> bool {
    let some = !repos.is_empty();
    repos.retain(|repo| !hidden.contains(repo));
    some && repos.is_empty()
}

/// Takes out episodes of hidden repositories; true if there were any.
fn leave_out(breakages: &mut Vec<Breakage>, hidden: &BTreeSet<String>) -> bool {
    let all = breakages.len();
    breakages.retain(|breakage| !hidden.contains(&breakage.repo));
    breakages.len() < all
}

/// A word stands where a repository would, and we know none of that name.
fn unknown_repo(asked: Asked<'_>, word: &str) -> Message {
    let repos = asked.known.repos.iter().filter(|repo| !asked.hidden.contains(*repo));
    let names: Vec<&str> = repos.map(String::as_str).collect();
    Message::new(Tone::Asking, text::answer::unknown_repo(word, &text::listed(&names, NAMED)))
}

fn section(title: Option<String>, text: Vec<Span>) -> Section {
    Section { title, text, detail: false }
}

fn words(text: impl Into<String>) -> Section {
    section(None, vec![Span::text(text)])
}
