//! What is red, and what went red lately.

use adapters::message::{Message, Section, Span, Tone};
use jiff::Timestamp;

use super::{Asked, LISTED, leave_out, only_hidden, private, section, unknown_repo, words};
use crate::ask::intent::{Place, Window};
use crate::store::breakages::{self, Breakage, BreakageState};
use crate::store::{moment, now_ms};
use crate::text;
use crate::triage::{self, TriageError};

/// Episodes of a time looked at.
const EPISODES: u32 = 500;

pub(super) async fn broken_now(asked: Asked<'_>, mut place: Place) -> Result<Message, TriageError> {
    if only_hidden(&mut place.repos, asked.hidden) {
        return Ok(private());
    }
    if let Some(word) = &place.unknown_repo {
        return Ok(unknown_repo(asked, word));
    }
    let open = breakages::list_open(&asked.app.store).await?;
    listed(asked, &place, open, text::answer::broken_now).await
}

pub(super) async fn broke_since(
    asked: Asked<'_>,
    mut place: Place,
    window: Window,
) -> Result<Message, TriageError> {
    if only_hidden(&mut place.repos, asked.hidden) {
        return Ok(private());
    }
    if let Some(word) = &place.unknown_repo {
        return Ok(unknown_repo(asked, word));
    }
    let since = now_ms() - i64::from(window.minutes) * 60_000;
    let begun = breakages::opened_since(&asked.app.store, since, EPISODES).await?;
    listed(asked, &place, begun, |number| text::answer::broke_since(number, window.duration())).await
}

/// One line for each episode, under a headline that counts them.
async fn listed(
    asked: Asked<'_>,
    place: &Place,
    mut episodes: Vec<Breakage>,
    headline: impl FnOnce(u64) -> String,
) -> Result<Message, TriageError> {
    episodes.retain(|episode| place.admits(&episode.repo, &episode.branch, &episode.workflow));
    let left_out = leave_out(&mut episodes, asked.hidden);
    let red = episodes.iter().any(|episode| episode.state == BreakageState::Open);
    let tone = if red { Tone::Broken } else { Tone::Info };
    let mut message = Message::new(tone, headline(episodes.len() as u64));
    for episode in episodes.iter().take(LISTED) {
        message.sections.push(line(asked, episode).await?);
    }
    if episodes.len() > LISTED {
        message.sections.push(words(text::answer::and_more(episodes.len() - LISTED)));
    }
    if left_out {
        message.sections.push(words(text::answer::private_left_out()));
    }
    Ok(message)
}

/// Where, since when, why, and whether it is over.
pub(super) async fn line(asked: Asked<'_>, episode: &Breakage) -> Result<Section, TriageError> {
    let story = triage::story_of(asked.app, episode).await?;
    let place = format!("{} · {} · {}", episode.repo, episode.branch, episode.workflow);
    let cause =
        story.primary().map(|job| text::failure::summary_or_none(&job.diagnosis.summary)).unwrap_or_default();
    let ago = text::ago(moment(episode.opened_at), Timestamp::now());
    let over = if episode.state == BreakageState::Fixed {
        format!(" {}", text::answer::fixed_meanwhile())
    } else {
        String::new()
    };
    Ok(section(
        None,
        vec![Span::link(place, story.run.url.clone()), Span::text(format!(", {ago}: {cause}{over}"))],
    ))
}
