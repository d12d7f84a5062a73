//! Who may hear of a private repository: the conversations that the operator named for it. Nobody else, by whatever they ask.

use super::filter::{Filter, Subject};
use super::wish::Wish;
use super::{TriageError, route};
use crate::app::App;
use crate::store::subscriptions::Subscription;
use crate::store::{breakages, notes, now_ms, subscriptions};

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

/// Whether a private repository may be talked about there: where the configuration sends its failures or subscribes a
/// conversation to them, in the console and on
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
    let routed = route::conversations_of(&app.config.routing, repo, &owners);
    // What the configuration subscribes to a repository was the operator's decision as well.
    let subscribed = app.config.subscriptions.iter().filter(|fixed| fixed.wish.admits_repo(repo));
    for target in routed.into_iter().chain(subscribed.flat_map(|fixed| &fixed.to)) {
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

/// The subscriptions, of chat and of the configuration, that want to hear of it now and may.
pub(super) async fn subscribed(app: &App, subject: &Subject<'_>) -> Result<Vec<Subscription>, TriageError> {
    let now = now_ms();
    let wants = |wish: &Wish| wish.failures().is_some_and(|filter| filter.admits(subject));
    let mut found: Vec<Subscription> = Vec::new();
    for subscription in subscriptions::list(&app.store).await? {
        let muted = subscription.muted_until.is_some_and(|until| until > now);
        if muted || !Wish::parse(&subscription.filter).is_ok_and(|wish| wants(&wish)) {
            continue;
        }
        let Subscription { surface, conversation, created_by: person, .. } = &subscription;
        if !subject.run.private
            || may_hear(app, &subject.run.at.repo, Listener { surface, conversation, person }).await?
        {
            found.push(subscription);
        }
    }
    found.extend(fixed(app).filter(|(_, wish)| wants(wish)).map(|(subscription, _)| subscription));
    Ok(found)
}

/// Whether anybody asks for the labels of pull requests: they cost a call to the code host each.
pub(super) async fn ask_for_labels(app: &App) -> Result<bool, TriageError> {
    let asks = |wish: &Wish| wish.failures().is_some_and(Filter::names_labels);
    let stored = subscriptions::list(&app.store).await?;
    Ok(stored.iter().any(|one| Wish::parse(&one.filter).is_ok_and(|wish| asks(&wish)))
        || fixed(app).any(|(_, wish)| asks(wish)))
}

/// The subscriptions of the configuration, one for each conversation.
pub(crate) fn fixed(app: &App) -> impl Iterator<Item = (Subscription, &Wish)> {
    app.config.subscriptions.iter().flat_map(|fixed| {
        fixed.to.iter().map(|target| {
            let subscription = Subscription {
                id: format!("{}:{} {}", target.surface, target.conversation, fixed.wish),
                surface: target.surface.clone(),
                conversation: target.conversation.clone(),
                filter: fixed.wish.to_string(),
                created_by: String::new(),
                created_at: 0,
                muted_until: None,
            };
            (subscription, &fixed.wish)
        })
    })
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
