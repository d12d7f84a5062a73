//! Who may hear of a private repository: the conversations that the operator named for it. Nobody else, by whatever they ask.

use super::filter::{Filter, Subject};
use super::{TriageError, route};
use crate::app::App;
use crate::store::subscriptions::Subscription;
use crate::store::{breakages, notes};

/// Past episodes of a repository looked at to find out who owns it.
const EPISODES: u32 = 10;

/// Somebody in a conversation.
#[derive(Debug, Clone, Copy)]
pub struct Listener<'a> {
    /// The configured name of the surface; empty on the command line.
    pub surface: &'a str,
    /// The surface's id of the conversation.
    pub conversation: &'a str,
    /// The surface's id of the person.
    pub person: &'a str,
}

/// Whether a private repository may be talked about there: where the configuration sends its failures, in the console and on
/// the command line, and alone with somebody whom the configuration knows.
///
/// # Errors
/// The surface does not say just now which conversation a name means; the store does not answer.
pub async fn may_hear(app: &App, repo: &str, listener: Listener<'_>) -> Result<bool, TriageError> {
    // Whoever is there has logged in, or has the database in their hands.
    if matches!(listener.surface, "" | "console") {
        return Ok(true);
    }
    let Some(surface) = app.surfaces.get(listener.surface) else { return Ok(false) };
    if surface.is_direct(listener.conversation) {
        return Ok(app.config.people.login_of(listener.surface, listener.person).is_some());
    }
    let owners = owners_of(app, repo).await?;
    for target in route::conversations_of(&app.config.routing, repo, &owners) {
        if target.surface != listener.surface {
            continue;
        }
        match surface.conversation_id(&target.conversation).await {
            Ok(id) if id == listener.conversation => return Ok(true),
            Err(error) if error.is_transient() => return Err(error.into()),
            // A name that leads nowhere is not where we are.
            Ok(_) | Err(_) => {}
        }
    }
    Ok(false)
}

/// Leaves only subscriptions that want to hear of it and may.
pub(super) async fn keep_permitted(
    app: &App,
    subject: &Subject<'_>,
    subscriptions: &mut Vec<Subscription>,
) -> Result<(), TriageError> {
    subscriptions.retain(|subscription| {
        Filter::parse(&subscription.filter).is_ok_and(|filter| filter.admits(subject))
    });
    if !subject.run.private {
        return Ok(());
    }
    let mut permitted = Vec::new();
    for subscription in subscriptions.drain(..) {
        let Subscription { surface, conversation, created_by: person, .. } = &subscription;
        if may_hear(app, &subject.run.at.repo, Listener { surface, conversation, person }).await? {
            permitted.push(subscription);
        }
    }
    *subscriptions = permitted;
    Ok(())
}

/// Who owns a repository, as far as it was ever found out. Nobody, where the configuration does not care.
async fn owners_of(app: &App, repo: &str) -> Result<Vec<String>, TriageError> {
    if app.config.routing.owners.is_empty() {
        return Ok(Vec::new());
    }
    for breakage in breakages::of_repo(&app.store, repo, EPISODES).await? {
        let owners = notes::get(&app.store, &breakage.id).await?.owners;
        if !owners.is_empty() {
            return Ok(owners);
        }
    }
    Ok(Vec::new())
}
