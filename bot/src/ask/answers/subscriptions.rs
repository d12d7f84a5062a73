//! What a conversation hears of without being asked.

use adapters::message::{Message, Span, Tone};
use jiff::Timestamp;

use super::{Asked, private, section, words};
use crate::ask::intent::Window;
use crate::store::{moment, now_ms, subscriptions};
use crate::text;
use crate::triage::{self, TriageError};

pub(super) async fn subscribe(asked: Asked<'_>, filter: &str) -> Result<Message, TriageError> {
    let Asked { app, setting, hidden, .. } = asked;
    if setting.surface.is_empty() {
        return Ok(only_in_chat());
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
        message.sections.push(words(text::answer::private_left_out()));
    }
    Ok(message)
}

pub(super) async fn unsubscribe(asked: Asked<'_>, filter: &str) -> Result<Message, TriageError> {
    let Asked { app, setting, .. } = asked;
    let mut tx = app.store.begin().await?;
    let ended = subscriptions::remove(&mut tx, &setting.surface, &setting.conversation, filter).await?;
    tx.commit().await?;
    Ok(Message::new(
        Tone::Info,
        if ended { text::answer::unsubscribed(filter) } else { text::answer::not_subscribed(filter) },
    ))
}

pub(super) async fn list(asked: Asked<'_>) -> Result<Message, TriageError> {
    let Asked { app, setting, .. } = asked;
    if setting.surface.is_empty() {
        return Ok(only_in_chat());
    }
    let here = subscriptions::list_for(&app.store, &setting.surface, &setting.conversation).await?;
    let mut message = Message::new(Tone::Info, text::answer::subscriptions(here.len() as u64));
    for subscription in here {
        let until = subscription.muted_until.filter(|until| *until > now_ms()).map(moment);
        let mut spans = vec![Span::code(subscription.filter.clone())];
        spans.extend(until.map(|until| Span::text(text::answer::quiet_until(until))));
        message.sections.push(section(None, spans));
    }
    Ok(message)
}

/// Keeps this conversation's subscriptions quiet for a while; with `None`, no longer.
pub(super) async fn mute(asked: Asked<'_>, window: Option<Window>) -> Result<Message, TriageError> {
    let Asked { app, setting, .. } = asked;
    if setting.surface.is_empty() {
        return Ok(only_in_chat());
    }
    let until = window.map(|window| now_ms() + i64::from(window.minutes) * 60_000);
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
