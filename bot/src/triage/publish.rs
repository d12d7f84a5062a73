//! From what is stored to what should stand on the surfaces: explain, route, and into the outbox.

use classifiers::category::Category;

use super::route::{self, Destination};
use super::story::{author_on, story_of};
use super::{TriageError, enrich};
use crate::app::App;
use crate::config::Target;
use crate::explain::{FailureStory, detail_message, failure_message};
use crate::jobs::deliver_later;
use crate::store::breakages::{self, Breakage, BreakageState};
use crate::store::posts::{self, NewPost, Post};
use crate::store::{Tx, now_ms, subscriptions};

/// What all posts about a breakage are kept under.
pub fn subject_of(breakage_id: &str) -> String {
    format!("breakage:{breakage_id}")
}

/// Brings every message about a breakage up to date: new ones where it should be told, edits where it is told already.
pub async fn publish(app: &App, breakage_id: &str) -> Result<(), TriageError> {
    let Some(breakage) = breakages::get(&app.store, breakage_id).await? else { return Ok(()) };
    let story = story_of(app, &breakage).await?;
    let told = posts::by_subject(&app.store, &subject_of(&breakage.id)).await?;
    let destinations = destinations(app, &breakage, &story, &told).await?;
    let mut tx = app.store.begin().await?;
    for destination in destinations {
        put(app, &mut tx, &story, &destination).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Where it is told already, and, while it is broken, where it should be told.
async fn destinations(
    app: &App,
    breakage: &Breakage,
    story: &FailureStory,
    told: &[Post],
) -> Result<Vec<Destination>, TriageError> {
    let mut found: Vec<Destination> = Vec::new();
    if breakage.state == BreakageState::Open {
        let category = story.primary().map_or(Category::Unknown, |job| job.diagnosis.category);
        let routing = &app.config.routing;
        let owners = if route::needs_owners(routing, &story.run, category) && story.owners.is_empty() {
            enrich::owners_now(app, &breakage.id, &story.run).await?
        } else {
            story.owners.clone()
        };
        let now = now_ms();
        let mut subscriptions = subscriptions::list(&app.store).await?;
        subscriptions.retain(|subscription| subscription.muted_until.is_none_or(|until| until <= now));
        found = route::destinations(routing, &story.run, category, &owners, &subscriptions);
        drop_namesakes(app, &mut found).await;
        if app.config.console.mirror
            && !found.iter().any(|destination| destination.target.surface == "console")
        {
            let target = Target { surface: "console".to_owned(), conversation: story.run.at.repo.clone() };
            found.push(Destination { target, may_mention: false });
        }
    }
    for post in told.iter().filter(|post| post.parent_id.is_none()) {
        let target = Target { surface: post.surface.clone(), conversation: post.conversation.clone() };
        if !found.iter().any(|known| known.target == target) {
            found.push(Destination { target, may_mention: !post.message.mentions.is_empty() });
        }
    }
    Ok(found)
}

/// A channel may be routed to by its name and subscribed by its id: that is one place, and one message. Asked only where two
/// destinations of one surface are written differently; if the surface does not answer, both stay.
async fn drop_namesakes(app: &App, found: &mut Vec<Destination>) {
    let named: Vec<Target> = found
        .iter()
        .map(|destination| &destination.target)
        .filter(|target| target.conversation.starts_with('#'))
        .cloned()
        .collect();
    for name in named {
        let others = |destination: &Destination| {
            destination.target.surface == name.surface && destination.target != name
        };
        let Some(surface) = app.surfaces.get(&name.surface).filter(|_| found.iter().any(others)) else {
            continue;
        };
        if let Ok(id) = surface.conversation_id(&name.conversation).await {
            found.retain(|destination| !(others(destination) && destination.target.conversation == id));
        }
    }
}

async fn put(
    app: &App,
    tx: &mut Tx,
    story: &FailureStory,
    destination: &Destination,
) -> Result<(), TriageError> {
    let Target { surface, conversation } = &destination.target;
    let mut story = story.clone();
    if destination.may_mention {
        story.author_mention = author_on(app, &story.run, surface);
    }
    let mut message = failure_message(&story);
    if surface != "console" {
        // Chat windows show the quotes in the thread; the console folds them into the message itself.
        message.citations.iter_mut().for_each(|citation| citation.quote.clear());
    }
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
    if let Some(message) = detail_message(&story) {
        let key = format!("{subject}:detail");
        let new = NewPost { key, parent_id: Some(post.id), message, ..new };
        let (detail, changed) = posts::put(tx, &new).await?;
        if changed {
            deliver_later(tx, &detail).await?;
        }
    }
    Ok(())
}
