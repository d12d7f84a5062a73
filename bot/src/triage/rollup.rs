//! When a failure is not told by a message of its own: many repositories broke alike, or the conversation is left alone just now.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use super::history::identifies;
use super::publish::{fit_quotes, subject_for_filters, subject_of};
use super::route::Destination;
use super::story::story_of;
use super::{TriageError, snooze};
use crate::app::App;
use crate::config::Target;
use crate::explain::{FailureStory, failure_message, incident_message, quiet_message};
use crate::jobs::{Publish, RollUp, deliver_later};
use crate::queue::{Enqueue, enqueue};
use crate::store::breakages::{Breakage, BreakageState};
use crate::store::failures::failure_id;
use crate::store::posts::{self, NewPost, Post};
use crate::store::rollups::{self, Rollup, RollupKind, RollupState};
use crate::store::{StoreError, Tx, moment, now_ms};

/// How a failure is told in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// By a message of its own.
    Own,
    /// By a short message of its own, because an incident took it over.
    Folded,
    /// In the thread of the message about several.
    Inside,
    /// Not now, or not by us here: the message about several brings it.
    Elsewhere,
}

/// What all posts about several failures as one are kept under.
pub(super) fn subject(rollup_id: &str) -> String {
    format!("rollup:{rollup_id}")
}

/// Decides it. `here` is its message there, if it has one.
pub(super) async fn place(
    app: &App,
    tx: &mut Tx,
    breakage: &Breakage,
    story: &FailureStory,
    destination: &Destination,
    here: Option<&Post>,
) -> Result<Place, TriageError> {
    let Target { surface, conversation } = &destination.target;
    let joined = rollups::of_breakage(&mut *tx, &breakage.id).await?;
    if let Some(rollup) =
        joined.iter().find(|joined| joined.surface == *surface && joined.conversation == *conversation)
    {
        later(tx, rollup).await?;
        return Ok(within(here));
    }
    if breakage.state == BreakageState::Fixed {
        // What was fixed in the meantime is no news where it was never told.
        return Ok(if here.is_some() || destination.wants_fix { Place::Own } else { Place::Elsewhere });
    }
    if here.is_none() && snooze::is_snoozed(tx, &destination.target, story).await? {
        return Ok(Place::Elsewhere);
    }
    let cause = story.primary().map(|job| &job.diagnosis).filter(|diagnosis| identifies(diagnosis));
    let cause = cause.map(|diagnosis| failure_id(&diagnosis.fingerprint));
    if let Some(cause) = &cause
        && let Some(incident) = rollups::incident(&mut *tx, surface, conversation, cause).await?
    {
        return joins(tx, &incident, breakage, here).await;
    }
    if here.is_none()
        && let Some(end) = quiet_until(app, &destination.target, story)
    {
        let quiet = rollups::begin_quiet(tx, surface, conversation, end).await?;
        return joins(tx, &quiet, breakage, here).await;
    }
    if let Some(cause) = &cause
        && let Some(incident) = many(app, tx, breakage, &destination.target, cause).await?
    {
        return joins(tx, &incident, breakage, here).await;
    }
    Ok(Place::Own)
}

fn within(here: Option<&Post>) -> Place {
    match here {
        Some(post) if post.parent_id.is_some() => Place::Inside,
        Some(_) => Place::Folded,
        None => Place::Elsewhere,
    }
}

async fn joins(
    tx: &mut Tx,
    rollup: &Rollup,
    breakage: &Breakage,
    here: Option<&Post>,
) -> Result<Place, TriageError> {
    rollups::join(tx, &rollup.id, &breakage.id).await?;
    later(tx, rollup).await?;
    Ok(within(here))
}

/// When the conversation's quiet hours end (unix milliseconds), if it is to be left alone with this now.
fn quiet_until(app: &App, target: &Target, story: &FailureStory) -> Option<i64> {
    let now = moment(now_ms());
    let ends = app.config.quiet.iter().filter(|quiet| quiet.covers(target)).filter_map(|quiet| {
        let urgent = quiet.is_broken_by(&subject_for_filters(story, &story.owners));
        quiet.hours.end(now).filter(|_| !urgent)
    });
    ends.max().map(Timestamp::as_millisecond)
}

/// Begins an incident, if by this breakage enough repositories have failed alike in a conversation. The messages that they
/// have are made anew.
async fn many(
    app: &App,
    tx: &mut Tx,
    breakage: &Breakage,
    target: &Target,
    cause: &str,
) -> Result<Option<Rollup>, TriageError> {
    let settings = &app.config.triage;
    if settings.incident_repos == 0 {
        return Ok(None);
    }
    let window = i64::try_from(settings.incident_window.as_millis()).unwrap_or(i64::MAX);
    let Target { surface, conversation } = target;
    let since = now_ms().saturating_sub(window);
    let alike = rollups::alike(&mut *tx, surface, conversation, cause, since).await?;
    let repos: BTreeSet<&str> =
        alike.iter().map(|alike| alike.repo.as_str()).chain([breakage.repo.as_str()]).collect();
    if repos.len() < settings.incident_repos.max(2) {
        return Ok(None);
    }
    let incident = rollups::begin_incident(tx, surface, conversation, cause).await?;
    for other in alike.iter().filter(|other| other.id != breakage.id) {
        rollups::join(tx, &incident.id, &other.id).await?;
        enqueue(tx, &Publish { breakage_id: other.id.clone() }, Enqueue::now().once(&other.id)).await?;
    }
    Ok(Some(incident))
}

/// Makes the job: at once, or when it is due.
async fn later(tx: &mut Tx, rollup: &Rollup) -> Result<(), StoreError> {
    let wait = match (rollup.state, rollup.due_at) {
        (RollupState::Waiting, Some(due)) => u64::try_from(due - now_ms()).unwrap_or(0),
        _ => 0,
    };
    let how = Enqueue::now().lane(subject(&rollup.id)).once(&rollup.id).after(Duration::from_millis(wait));
    enqueue(tx, &RollUp { rollup_id: rollup.id.clone() }, how).await?;
    Ok(())
}

/// Brings the message about several failures up to date, and what stands in its thread.
pub async fn roll_up(app: &App, id: &str) -> Result<(), TriageError> {
    let mut tx = app.store.begin().await?;
    let Some(rollup) = rollups::lock(&mut tx, id).await? else { return Ok(()) };
    if rollup.state == RollupState::Waiting && rollup.due_at.is_some_and(|due| due > now_ms()) {
        later(&mut tx, &rollup).await?;
        return Ok(tx.commit().await?);
    }
    let members = rollups::members(&mut tx, id).await?;
    let over = members.iter().all(|member| member.state == BreakageState::Fixed);
    if rollup.state != RollupState::Closed {
        let state = if over { RollupState::Closed } else { RollupState::Open };
        rollups::set_state(&mut tx, id, state).await?;
    }
    let mut stories = Vec::with_capacity(members.len());
    for member in &members {
        stories.push(story_of(app, member).await?);
    }
    let mut message = match rollup.kind {
        RollupKind::Incident => incident_message(&stories),
        RollupKind::Quiet => quiet_message(&stories),
    };
    fit_quotes(&mut message, &rollup.surface);
    let own = NewPost {
        surface: rollup.surface.clone(),
        conversation: rollup.conversation.clone(),
        key: subject(id),
        subject: subject(id),
        parent_id: None,
        thread: None,
        message,
    };
    let (post, changed) = posts::put(&mut tx, &own).await?;
    if changed {
        deliver_later(&mut tx, &post).await?;
    }
    for story in &stories {
        let key = subject_of(&story.breakage_id);
        if posts::by_key(&mut tx, &rollup.surface, &rollup.conversation, &key).await?.is_some() {
            continue;
        }
        let mut message = failure_message(story);
        fit_quotes(&mut message, &rollup.surface);
        let new = NewPost {
            key: key.clone(),
            subject: key,
            parent_id: Some(post.id.clone()),
            message,
            ..own.clone()
        };
        let (inside, _) = posts::put(&mut tx, &new).await?;
        deliver_later(&mut tx, &inside).await?;
        // Whatever became known while this was written is in the next version of its message.
        let job = Publish { breakage_id: story.breakage_id.clone() };
        enqueue(&mut tx, &job, Enqueue::now().once(&story.breakage_id)).await?;
    }
    Ok(tx.commit().await?)
}

/// The conversations in which a breakage is told with others.
pub(super) async fn places_of(app: &App, breakage: &Breakage) -> Result<Vec<Destination>, StoreError> {
    let told = rollups::of_breakage(&app.store, &breakage.id).await?;
    Ok(told
        .into_iter()
        .map(|Rollup { surface, conversation, .. }| Destination {
            target: Target { surface, conversation },
            may_mention: false,
            wants_fix: false,
        })
        .collect())
}
