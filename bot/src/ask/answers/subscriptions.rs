//! What a conversation hears of without being asked.

use adapters::message::{Message, Span, Tone};
use jiff::Timestamp;

use super::{Asked, LISTED, NAMED, flaky, private, section, words};
use crate::ask::intent::Window;
use crate::store::subscriptions::Subscription;
use crate::store::{breakages, moment, now_ms, subscriptions};
use crate::text;
use crate::triage::wish::{Wish, WishError};
use crate::triage::{self, TriageError};

/// How far back a filter is tried.
const WEEK: Window = Window::days(7);
/// Episodes of that time looked at.
const LOOKED_AT: u32 = 1000;

pub(super) async fn subscribe(asked: Asked<'_>, wanted: &str) -> Result<Message, TriageError> {
    let Asked { app, setting, hidden, .. } = asked;
    if setting.surface.is_empty() {
        return Ok(only_in_chat());
    }
    let wish = match Wish::parse(wanted) {
        Ok(wish) => wish,
        Err(error) => return Ok(unreadable(&error)),
    };
    let left_out = hidden.iter().any(|repo| wish.admits_repo(repo));
    if left_out && wish.names_one_repo() {
        return Ok(private());
    }
    let filter = wish.to_string();
    let mut tx = app.store.begin().await?;
    let new = subscriptions::add(&mut tx, &setting.surface, &setting.conversation, &filter, &setting.person)
        .await?;
    tx.commit().await?;
    let headline = match wish {
        _ if !new => text::answer::already_subscribed(&filter),
        Wish::Failures(_) => text::answer::subscribed(&filter),
        Wish::Flakiest(_) => text::answer::subscribed_daily(&filter),
    };
    let mut message = Message::new(Tone::Info, headline);
    if left_out {
        message.sections.push(words(text::answer::private_left_out()));
    }
    Ok(message)
}

pub(super) async fn unsubscribe(asked: Asked<'_>, wanted: &str) -> Result<Message, TriageError> {
    let Asked { app, setting, .. } = asked;
    let here = subscriptions::list_for(&app.store, &setting.surface, &setting.conversation).await?;
    let all = matches!(wanted, "all" | "everything");
    let filter = match Wish::parse(wanted) {
        Ok(wish) => wish.to_string(),
        // "flakiest" alone names the daily list well enough, if there is but one.
        Err(error) => {
            match here.iter().filter(|one| one.filter.starts_with(wanted.trim())).collect::<Vec<_>>()[..] {
                [one] => one.filter.clone(),
                _ => return Ok(unreadable(&error)),
            }
        }
    };
    let mut ended = Vec::new();
    let mut tx = app.store.begin().await?;
    for subscription in &here {
        // What an older version stored may be written differently.
        let same = Wish::parse(&subscription.filter).is_ok_and(|stored| stored.to_string() == filter);
        if all || same {
            let Subscription { surface, conversation, filter, .. } = subscription;
            subscriptions::remove(&mut tx, surface, conversation, filter).await?;
            ended.push(filter.as_str());
        }
    }
    tx.commit().await?;
    let headline = if ended.is_empty() && fixed_here(asked).await?.contains(&filter) {
        text::answer::subscribed_by_configuration(&filter)
    } else if ended.is_empty() {
        text::answer::not_subscribed(wanted)
    } else {
        text::answer::unsubscribed(&text::listed(&ended, NAMED))
    };
    Ok(Message::new(Tone::Info, headline))
}

/// How often a subscription would have posted in the last week.
pub(super) async fn try_filter(asked: Asked<'_>, wanted: &str) -> Result<Message, TriageError> {
    let Asked { app, hidden, .. } = asked;
    let filter = match Wish::parse(wanted) {
        Ok(Wish::Failures(filter)) => filter,
        Ok(Wish::Flakiest(daily)) => {
            let list = flaky::daily(asked, &daily).await?;
            return Ok(list.unwrap_or_else(|| Message::new(Tone::Info, text::answer::nothing_flaky_today())));
        }
        Err(error) => return Ok(unreadable(&error)),
    };
    let since = now_ms() - i64::from(WEEK.minutes) * 60_000;
    let begun = breakages::opened_since(&app.store, since, LOOKED_AT).await?;
    let all = begun.len();
    let mut fitting = Vec::new();
    for breakage in begun.iter().filter(|breakage| !hidden.contains(&breakage.repo)) {
        let story = triage::story_of(app, breakage).await?;
        if filter.would_admit(&triage::subject_for_filters(&story, &story.owners)) {
            fitting.push(breakage);
        }
    }
    let mut message = Message::new(
        Tone::Info,
        text::answer::would_have_posted(&filter.to_string(), fitting.len() as u64, all as u64),
    );
    for breakage in fitting.iter().take(LISTED) {
        let ago = text::ago(moment(breakage.opened_at), Timestamp::now());
        let place = format!("{} · {} · {}, {ago}", breakage.repo, breakage.branch, breakage.workflow);
        message.sections.push(words(place));
    }
    if fitting.len() > LISTED {
        message.sections.push(words(text::answer::and_more(fitting.len() - LISTED)));
    }
    Ok(message)
}

fn unreadable(error: &WishError) -> Message {
    Message::new(Tone::Asking, text::answer::filter_unreadable(&error.to_string()))
}

pub(super) async fn list(asked: Asked<'_>) -> Result<Message, TriageError> {
    let Asked { app, setting, .. } = asked;
    if setting.surface.is_empty() {
        return Ok(only_in_chat());
    }
    let here = subscriptions::list_for(&app.store, &setting.surface, &setting.conversation).await?;
    let fixed = fixed_here(asked).await?;
    let mut message =
        Message::new(Tone::Info, text::answer::subscriptions((here.len() + fixed.len()) as u64));
    for subscription in here {
        let until = subscription.muted_until.filter(|until| *until > now_ms()).map(moment);
        let mut spans = vec![Span::code(subscription.filter.clone())];
        spans.extend(until.map(|until| Span::text(text::answer::quiet_until(until))));
        message.sections.push(section(None, spans));
    }
    for filter in fixed {
        let spans = vec![Span::code(filter), Span::text(text::answer::by_configuration())];
        message.sections.push(section(None, spans));
    }
    Ok(message)
}

/// What the configuration subscribes this conversation to, under whichever of its names.
async fn fixed_here(asked: Asked<'_>) -> Result<Vec<String>, TriageError> {
    let Asked { app, setting, .. } = asked;
    let Some(surface) = app.surfaces.get(&setting.surface) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for (fixed, _) in triage::fixed_subscriptions(app).filter(|(fixed, _)| fixed.surface == setting.surface) {
        match surface.conversation_id(&fixed.conversation).await {
            Ok(id) if id == setting.conversation => found.push(fixed.filter),
            Err(error) if error.is_transient() => return Err(error.into()),
            // A name that leads nowhere is not here.
            Ok(_) | Err(_) => {}
        }
    }
    Ok(found)
}

/// Keeps this conversation's subscriptions quiet for a while; with `None`, no longer.
pub(super) async fn mute(asked: Asked<'_>, window: Option<Window>) -> Result<Message, TriageError> {
    let Asked { app, setting, .. } = asked;
    if setting.surface.is_empty() {
        return Ok(only_in_chat());
    }
    let until = window.map(|window| now_ms() + i64::from(window.minutes) * 60_000);
    if let Some(id) = &setting.breakage_id
        && let Some(breakage) = breakages::get(&app.store, id).await?
        && !asked.hidden.contains(&breakage.repo)
    {
        // In a failure's thread it is that failure.
        let story = triage::story_of(app, &breakage).await?;
        triage::snooze(app, &story, &setting.surface, &setting.conversation, until).await?;
        asked.about.get_or_init(|| id.clone());
        let headline = match until {
            Some(until) => text::answer::snoozed(moment(until), Timestamp::now()),
            None => text::answer::no_longer_snoozed(),
        };
        return Ok(Message::new(Tone::Info, headline));
    }
    let mut tx = app.store.begin().await?;
    let muted = subscriptions::mute(&mut tx, &setting.surface, &setting.conversation, until).await?;
    tx.commit().await?;
    let headline = match until {
        _ if muted == 0 => text::answer::nothing_to_mute(),
        Some(until) => text::answer::muted(muted, moment(until), Timestamp::now()),
        None => text::answer::unmuted(muted),
    };
    Ok(Message::new(Tone::Info, headline))
}

fn only_in_chat() -> Message {
    Message::new(Tone::Info, text::answer::only_in_chat())
}
