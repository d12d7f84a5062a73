//! From what is stored to what should stand on the surfaces: explain, route, and into the outbox.

use adapters::message::Message;
use classifiers::category::Category;
use classifiers::flaky::Told;

use super::filter::Subject;
use super::rollup::{self, Place};
use super::route::{self, Destination};
use super::story::{mention_on, story_of};
use super::{TriageError, audience, enrich};
use crate::app::App;
use crate::config::{Routing, Target};
use crate::explain::{
    Cure, FailureStory, Phase, detail_message, failure_message, folded_message, whose_move,
};
use crate::jobs::deliver_later;
use crate::store::breakages::{self, Breakage, BreakageState};
use crate::store::posts::{self, NewPost, Post};
use crate::store::{Tx, now_ms};

/// The code host's clock and ours may differ by so much.
const CLOCKS_MS: i64 = 60 * 1000;
/// A fix is news for so long.
const OLD_NEWS_MS: i64 = 60 * 60 * 1000;

/// What all posts about a breakage are kept under.
pub fn subject_of(breakage_id: &str) -> String {
    format!("breakage:{breakage_id}")
}

/// Brings every message about a breakage up to date: new ones where it should be told, edits where it is told already.
pub async fn publish(app: &App, breakage_id: &str) -> Result<(), TriageError> {
    let Some(breakage) = breakages::get(&app.store, breakage_id).await? else { return Ok(()) };
    // Routing may ask code hosts and surfaces, so it comes before the lock.
    let destinations = destinations(app, &breakage).await?;
    let mut tx = app.store.begin().await?;
    let Some(breakage) = breakages::lock(&mut tx, breakage_id).await? else { return Ok(()) };
    let story = story_of(app, &breakage).await?;
    let told = posts::by_subject(&app.store, &subject_of(breakage_id)).await?;
    // Posts come last: all who write them wait for each other.
    let mut places = Vec::new();
    for destination in destinations {
        let here = told.iter().find(|post| stands_at(post, &destination));
        let place = rollup::place(app, &mut tx, &breakage, &story, &destination, here).await?;
        places.push((place, destination));
    }
    for (place, destination) in places {
        put(app, &mut tx, &story, &destination, place).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Whether it is a failure's own message, and not what stands in the thread of it.
fn is_main(post: &Post) -> bool {
    post.key == post.subject
}

fn stands_at(post: &Post, destination: &Destination) -> bool {
    is_main(post)
        && post.surface == destination.target.surface
        && post.conversation == destination.target.conversation
}

/// Where it is told already. While nothing is told yet, where it should be: once told, a later verdict does not move it. New
/// subscriptions are told as well.
async fn destinations(app: &App, breakage: &Breakage) -> Result<Vec<Destination>, TriageError> {
    let told = posts::by_subject(&app.store, &subject_of(&breakage.id)).await?;
    let told: Vec<Post> = told.into_iter().filter(is_main).collect();
    let mut found: Vec<Destination> = told
        .iter()
        .map(|post| Destination {
            target: Target { surface: post.surface.clone(), conversation: post.conversation.clone() },
            may_mention: !post.message.mentions.is_empty(),
            wants_fix: false,
        })
        .collect();
    let with_others = rollup::places_of(app, breakage).await?;
    found.extend(with_others.into_iter().filter(|place| !told.iter().any(|post| stands_at(post, place))));
    let story = story_of(app, breakage).await?;
    if breakage.state == BreakageState::Fixed {
        for place in wanted_fix(app, breakage, &story).await? {
            if !told.iter().any(|post| is_place_of(post, &place))
                && !found.iter().any(|known| known.target == place.target)
            {
                found.push(place);
            }
        }
        drop_namesakes(app, &mut found).await?;
        return Ok(found);
    }
    let category = story.primary().map_or(Category::Unknown, |job| job.diagnosis.category);
    let routing = if found.is_empty() { app.config.routing.clone() } else { Routing::default() };
    let owners = if route::needs_owners(&routing, &story.run, category) && story.owners.is_empty() {
        enrich::owners_now(app, &breakage.id, &story.run).await?
    } else {
        story.owners.clone()
    };
    let subscriptions = audience::subscribed(app, &subject_for_filters(&story, &owners)).await?;
    let further = route::destinations(&routing, &story.run, category, &owners, &subscriptions);
    let is_new = |further: &Destination| {
        !told.iter().any(|post| is_place_of(post, further))
            && !found.iter().any(|known| known.target == further.target)
    };
    let further: Vec<Destination> = further.into_iter().filter(is_new).collect();
    found.extend(further);
    drop_namesakes(app, &mut found).await?;
    if app.config.console.mirror && !found.iter().any(|destination| destination.target.surface == "console") {
        let target = Target { surface: "console".to_owned(), conversation: story.run.at.repo.clone() };
        found.push(Destination { target, may_mention: false, wants_fix: false });
    }
    Ok(found)
}

/// Where it is told that it is green again, though its failure may never have been: conversations that asked for that, and
/// only while it is news.
async fn wanted_fix(
    app: &App,
    breakage: &Breakage,
    story: &FailureStory,
) -> Result<Vec<Destination>, TriageError> {
    let closed = breakage.closed_at.unwrap_or_default();
    let subject = subject_for_filters(story, &story.owners);
    if !subject.fixed || now_ms() - closed > OLD_NEWS_MS {
        return Ok(Vec::new());
    }
    let subscriptions = audience::subscribed(app, &subject).await?;
    Ok(subscriptions
        .into_iter()
        .filter(|subscription| subscription.created_at <= closed + CLOCKS_MS)
        .map(|subscription| Destination {
            target: Target { surface: subscription.surface, conversation: subscription.conversation },
            may_mention: false,
            wants_fix: true,
        })
        .collect())
}

/// What is known about a failure by now, as filters see it.
pub(crate) fn subject_for_filters<'a>(story: &'a FailureStory, owners: &'a [String]) -> Subject<'a> {
    let primary = story.primary().map(|job| &job.diagnosis);
    Subject {
        run: &story.run,
        category: primary.map_or(Category::Unknown, |diagnosis| diagnosis.category).as_str(),
        owner: primary.map_or("", |diagnosis| diagnosis.owner.as_str()),
        owners,
        files: story.changes.as_ref().map(|changes| changes.files.as_slice()).unwrap_or_default(),
        labels: story.labels.as_deref(),
        fixed: matches!(story.phase, Phase::Fixed { cure: Cure::Commit | Cure::Retry, .. }),
        flaky: matches!(story.proof, Some(Told::Flaky(_)))
            || matches!(story.phase, Phase::Fixed { cure: Cure::Retry, .. }),
    }
}

/// Whether a post stands there, under the configured name of the place or the surface's own.
fn is_place_of(post: &Post, destination: &Destination) -> bool {
    let there = &destination.target.conversation;
    post.surface == destination.target.surface
        && (post.conversation == *there || post.external_conversation.as_ref() == Some(there))
}

/// A channel may be routed to by its name and subscribed by its id: that is one place, and one message. Asked only where two
/// destinations of one surface are written differently; if the surface does not answer, the telling waits rather than be done
/// twice.
async fn drop_namesakes(app: &App, found: &mut Vec<Destination>) -> Result<(), TriageError> {
    let is_name = |target: &Target| target.conversation.starts_with('#');
    let named: Vec<Target> = found
        .iter()
        .map(|destination| &destination.target)
        .filter(|target| is_name(target))
        .cloned()
        .collect();
    for name in named {
        let other = |destination: &Destination| {
            destination.target.surface == name.surface && !is_name(&destination.target)
        };
        let Some(surface) = app.surfaces.get(&name.surface).filter(|_| found.iter().any(other)) else {
            continue;
        };
        match surface.conversation_id(&name.conversation).await {
            Ok(id) => {
                found.retain(|destination| !(other(destination) && destination.target.conversation == id));
            }
            Err(error) if error.is_transient() => return Err(error.into()),
            // A name that leads nowhere is nobody's namesake; delivering to it will say what is wrong.
            Err(_) => {}
        }
    }
    Ok(())
}

/// Chat windows show the quotes in the thread; the console folds them into the message itself.
pub(super) fn fit_quotes(message: &mut Message, surface: &str) {
    if surface != "console" {
        message.citations.iter_mut().for_each(|citation| citation.quote.clear());
    }
}

async fn put(
    app: &App,
    tx: &mut Tx,
    story: &FailureStory,
    destination: &Destination,
    place: Place,
) -> Result<(), TriageError> {
    let Target { surface, conversation } = &destination.target;
    let mut story = story.clone();
    if place == Place::Elsewhere {
        return Ok(());
    }
    if destination.may_mention && place == Place::Own {
        story.mention = whose_move(&story).person.and_then(|person| mention_on(app, &person, surface));
    }
    let mut message = if place == Place::Folded { folded_message(&story) } else { failure_message(&story) };
    fit_quotes(&mut message, surface);
    let subject = subject_of(&story.breakage_id);
    let new = NewPost {
        surface: surface.clone(),
        conversation: conversation.clone(),
        key: subject.clone(),
        subject: subject.clone(),
        parent_id: None,
        thread: None,
        message,
    };
    let (post, changed) = posts::put(tx, &new).await?;
    if changed {
        deliver_later(tx, &post).await?;
    }
    // There are no threads in a thread.
    if place != Place::Inside
        && let Some(message) = detail_message(&story)
    {
        let key = format!("{subject}:detail");
        let new = NewPost { key, parent_id: Some(post.id), message, ..new };
        let (detail, changed) = posts::put(tx, &new).await?;
        if changed {
            deliver_later(tx, &detail).await?;
        }
    }
    Ok(())
}
