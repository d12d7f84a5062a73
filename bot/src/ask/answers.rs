//! One function for each kind of question.

use std::collections::BTreeSet;

use adapters::message::{Message, Section, Span, Tone};
use jiff::Timestamp;

use super::Setting;
use super::intent::{Intent, Known, Place};
use crate::app::App;
use crate::explain::{RELEVANT, failure_message};
use crate::store::breakages::{self, Breakage, BreakageState};
use crate::store::failures::Failure;
use crate::store::occurrences::Occurrence;
use crate::store::{failures, moment, occurrences, subscriptions};
use crate::text;
use crate::triage::{self, TriageError, is_main, passage_of};

/// Repositories named when a question could mean several, or none.
const NAMED: usize = 8;
/// Broken pipelines listed.
const LISTED: usize = 15;
/// Passages shown when the question is not understood.
const NEAREST: usize = 3;
/// Past episodes of one repository looked at to find the one that is meant.
const EPISODES: u32 = 50;
/// Sightings of one failure looked at to find one that may be talked about.
const SIGHTINGS: u32 = 200;

/// Answers. Nothing is told of the `hidden` repositories.
pub(super) async fn to(
    app: &App,
    intent: Intent,
    setting: &Setting,
    known: &Known,
    hidden: &BTreeSet<String>,
) -> Result<Message, TriageError> {
    match intent {
        Intent::WhyFailed(place) => why_failed(app, place, setting, known, hidden).await,
        Intent::BrokenNow { repos } => broken_now(app, repos, hidden).await,
        Intent::Seen { text } => seen(app, &text, hidden).await,
        Intent::Subscribe { filter } => subscribe(app, setting, &filter, hidden).await,
        Intent::Unsubscribe { filter } => unsubscribe(app, setting, &filter).await,
        Intent::Help => Ok(help()),
        Intent::Knowledge { question } => Ok(knowledge(app, &question)),
    }
}

async fn why_failed(
    app: &App,
    mut place: Place,
    setting: &Setting,
    known: &Known,
    hidden: &BTreeSet<String>,
) -> Result<Message, TriageError> {
    // Asked in a failure's own thread without naming another: that failure is meant.
    if place.repos.is_empty()
        && place.unknown_repo.is_none()
        && let Some(id) = &setting.breakage_id
        && let Some(breakage) = breakages::get(&app.store, id).await?
    {
        return if hidden.contains(&breakage.repo) { Ok(private()) } else { explained(app, &breakage).await };
    }
    if only_hidden(&mut place.repos, hidden) {
        return Ok(private());
    }
    if let Some(word) = &place.unknown_repo {
        let names: Vec<&str> =
            known.repos.iter().filter(|repo| !hidden.contains(*repo)).map(String::as_str).collect();
        return Ok(Message::new(
            Tone::Asking,
            text::answer::unknown_repo(word, &text::listed(&names, NAMED)),
        ));
    }
    let mut candidates = candidates(app, &place).await?;
    let left_out = leave_out(&mut candidates, hidden);
    let mut answer = match candidates.as_slice() {
        [] => nothing_failed(&place),
        [one] => explained(app, one).await?,
        several => which(&place, several),
    };
    if left_out {
        answer.sections.push(section(None, vec![Span::text(text::answer::private_left_out())]));
    }
    Ok(answer)
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

/// The episodes that the words fit: the open ones; if none is open, the last one of each pipeline.
async fn candidates(app: &App, place: &Place) -> Result<Vec<Breakage>, TriageError> {
    let fits = |breakage: &Breakage| {
        (place.repos.is_empty() || place.repos.contains(&breakage.repo))
            && place.branch.as_ref().is_none_or(|branch| *branch == breakage.branch)
            && place.workflow.as_ref().is_none_or(|workflow| *workflow == breakage.workflow)
    };
    let mut open: Vec<Breakage> =
        breakages::list_open(&app.store).await?.into_iter().filter(|open| fits(open)).collect();
    if !open.is_empty() {
        // Of one repository, `main` is what people mean unless they say otherwise.
        if place.branch.is_none() && !place.repos.is_empty() && open.iter().any(|open| is_main(&open.branch))
        {
            open.retain(|open| is_main(&open.branch));
        }
        return Ok(open);
    }
    if place.repos.is_empty() {
        return Ok(Vec::new());
    }
    let mut last = Vec::new();
    for repo in &place.repos {
        let episodes = breakages::of_repo(&app.store, repo, EPISODES).await?;
        last.extend(episodes.into_iter().find(|breakage| fits(breakage)));
    }
    Ok(last)
}

/// The same message as the failure's own, with what was understood above it.
async fn explained(app: &App, breakage: &Breakage) -> Result<Message, TriageError> {
    let story = triage::story_of(app, breakage).await?;
    let mut message = failure_message(&story);
    message.mentions.clear();
    let at = story.run.finished_at.unwrap_or_else(|| moment(breakage.opened_at));
    let mut understood = text::answer::understood_failure(&story.run, at, Timestamp::now());
    if breakage.state == BreakageState::Fixed {
        understood = format!("{understood} {}", text::answer::fixed_meanwhile());
    }
    message.sections.insert(0, section(None, vec![Span::text(understood)]));
    Ok(message)
}

fn nothing_failed(place: &Place) -> Message {
    let mut named = if place.repos.is_empty() { "anything".to_owned() } else { place.repos.join(", ") };
    if let Some(branch) = &place.branch {
        named = format!("{named} on {branch}");
    }
    Message::new(Tone::Info, text::answer::no_failure(&named))
}

/// Two things could be meant: asks back, with the words that tell them apart.
fn which(place: &Place, several: &[Breakage]) -> Message {
    let asked =
        if place.repos.is_empty() { "that".to_owned() } else { text::short_repo(&place.repos[0]).to_owned() };
    let mut message = Message::new(Tone::Asking, text::answer::which(&asked));
    for breakage in several.iter().take(NAMED) {
        message.sections.push(section(
            None,
            vec![Span::code(text::answer::ask_for(&breakage.repo, &breakage.branch, &breakage.workflow))],
        ));
    }
    message
}

async fn broken_now(
    app: &App,
    mut repos: Vec<String>,
    hidden: &BTreeSet<String>,
) -> Result<Message, TriageError> {
    if only_hidden(&mut repos, hidden) {
        return Ok(private());
    }
    let mut open = breakages::list_open(&app.store).await?;
    open.retain(|breakage| repos.is_empty() || repos.contains(&breakage.repo));
    let left_out = leave_out(&mut open, hidden);
    let tone = if open.is_empty() { Tone::Info } else { Tone::Broken };
    let mut message = Message::new(tone, text::answer::broken_now(open.len() as u64));
    for breakage in open.iter().take(LISTED) {
        let story = triage::story_of(app, breakage).await?;
        let since = moment(breakage.opened_at);
        let place = format!("{} · {} · {}", breakage.repo, breakage.branch, breakage.workflow);
        let cause = story
            .primary()
            .map(|job| text::failure::summary_or_none(&job.diagnosis.summary))
            .unwrap_or_default();
        message.sections.push(section(
            None,
            vec![
                Span::link(place, story.run.url.clone()),
                Span::text(format!(", {}: {cause}", text::ago(since, Timestamp::now()))),
            ],
        ));
    }
    if left_out {
        message.sections.push(section(None, vec![Span::text(text::answer::private_left_out())]));
    }
    Ok(message)
}

async fn seen(app: &App, words: &str, hidden: &BTreeSet<String>) -> Result<Message, TriageError> {
    let found = occurrences::search(&app.store, words, u32::try_from(LISTED).unwrap_or(15)).await?;
    let mut times = 0;
    let mut sections = Vec::new();
    for occurrence in found {
        let Some(failure) = failures::get(&app.store, &occurrence.failure_id).await? else { continue };
        let Some(occurrence) = sighting(app, &failure, occurrence, hidden).await? else { continue };
        times += u64::try_from(failure.occurrences).unwrap_or(0);
        let last = moment(failure.last_seen);
        sections.push(section(
            None,
            vec![
                Span::strong(occurrence.repo.clone()),
                Span::text(format!(": {} ", text::sentence(&occurrence.summary))),
                Span::text(text::answer::sightings(
                    failure.occurrences,
                    failure.repos,
                    &text::ago(last, Timestamp::now()),
                )),
            ],
        ));
    }
    let mut message = Message::new(Tone::Info, text::answer::seen(words, times));
    message.sections = sections;
    if message.sections.is_empty() {
        message.sections.extend(nearest(app, words));
    }
    Ok(message)
}

/// The last sighting of a failure, or the last one before it that may be talked about.
async fn sighting(
    app: &App,
    failure: &Failure,
    last: Occurrence,
    hidden: &BTreeSet<String>,
) -> Result<Option<Occurrence>, TriageError> {
    if !hidden.contains(&last.repo) {
        return Ok(Some(last));
    }
    let all = occurrences::of_failure(&app.store, &failure.id, SIGHTINGS).await?;
    Ok(all.into_iter().find(|occurrence| !hidden.contains(&occurrence.repo)))
}

async fn subscribe(
    app: &App,
    setting: &Setting,
    filter: &str,
    hidden: &BTreeSet<String>,
) -> Result<Message, TriageError> {
    if setting.surface.is_empty() {
        return Ok(Message::new(Tone::Info, text::answer::only_in_chat()));
    }
    let left_out = hidden.iter().any(|repo| triage::route::admits(filter, repo));
    if left_out && !filter.contains('*') {
        return Ok(private());
    }
    let mut tx = app.store.begin().await?;
    let new =
        subscriptions::add(&mut tx, &setting.surface, &setting.conversation, filter, &setting.person).await?;
    tx.commit().await?;
    let headline =
        if new { text::answer::subscribed(filter) } else { text::answer::already_subscribed(filter) };
    let mut message = Message::new(Tone::Info, headline);
    if left_out {
        message.sections.push(section(None, vec![Span::text(text::answer::private_left_out())]));
    }
    Ok(message)
}

async fn unsubscribe(app: &App, setting: &Setting, filter: &str) -> Result<Message, TriageError> {
    let mut tx = app.store.begin().await?;
    let ended = subscriptions::remove(&mut tx, &setting.surface, &setting.conversation, filter).await?;
    tx.commit().await?;
    Ok(Message::new(
        Tone::Info,
        if ended { text::answer::unsubscribed(filter) } else { text::answer::not_subscribed(filter) },
    ))
}

fn help() -> Message {
    let mut message = Message::new(Tone::Info, text::answer::help_headline());
    message.sections =
        text::answer::help().into_iter().map(|line| section(None, vec![Span::code(line)])).collect();
    message
}

/// Out of the runbooks; "I don't know" with the nearest ones where none really fits.
fn knowledge(app: &App, question: &str) -> Message {
    let hits = app.index.for_question(question, NEAREST).unwrap_or_else(|error| {
        tracing::warn!(%error, "the runbooks could not be searched");
        Vec::new()
    });
    let Some(best) = hits.first().filter(|hit| f64::from(hit.relevance) >= RELEVANT).cloned() else {
        let mut message = Message::new(Tone::Info, text::answer::dont_know());
        message.sections.extend(nearest(app, question));
        return message;
    };
    let mut message = Message::new(Tone::Info, text::answer::from_runbook(&best.title));
    let snippet = best.snippet.clone();
    let fix = best.fix.clone();
    for hit in hits.into_iter().filter(|hit| f64::from(hit.relevance) >= RELEVANT) {
        let passage = passage_of(&app.public_url, hit);
        message.citations.push(crate::explain::passage_citation(&passage));
    }
    message.url = message.citations.first().and_then(|citation| citation.url.clone());
    message.sections.push(section(None, text::spans(&snippet)));
    if let Some(fix) = fix.filter(|fix| *fix != snippet) {
        message.sections.push(section(Some(text::answer::fix_title()), text::spans(&fix)));
    }
    message
}

fn nearest(app: &App, question: &str) -> Vec<Section> {
    let hits = app.index.for_question(question, NEAREST).unwrap_or_default();
    if hits.is_empty() {
        return vec![section(None, vec![Span::text(text::answer::nothing_near())])];
    }
    let mut spans = Vec::new();
    for hit in hits {
        let passage = passage_of(&app.public_url, hit);
        if !spans.is_empty() {
            spans.push(Span::text(" · "));
        }
        spans.push(match passage.url {
            Some(url) => Span::link(passage.label, url),
            None => Span::text(passage.label),
        });
    }
    vec![section(Some(text::answer::nearest_title()), spans)]
}

fn section(title: Option<String>, text: Vec<Span>) -> Section {
    Section { title, text, detail: false }
}
