//! Who should hear about a failure, and where.

use std::collections::BTreeSet;

use adapters::event::Run;
use classifiers::category::Category;

use crate::config::{MentionPolicy, Routing, Target};
use crate::store::subscriptions::Subscription;

/// Where a failure is told, and whether its author may be mentioned there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Destination {
    /// The conversation.
    pub target: Target,
    /// Whether the author may be mentioned there when it is their move.
    pub may_mention: bool,
}

/// Decides it: the first matching `[[route]]` (and further ones, if it says `also`); else the code owners' conversations;
/// else the default. Subscriptions made in chat always hear of it.
pub fn destinations(
    routing: &Routing,
    run: &Run,
    category: Category,
    owners: &[String],
    subscriptions: &[Subscription],
) -> Vec<Destination> {
    let mut found = BTreeSet::new();
    let mut matched = false;
    for route in &routing.routes {
        let admitted = route.repo.admits(&run.at.repo)
            && route.branch.admits(&run.branch)
            && route.workflow.admits(&run.workflow)
            && route.category.admits(category.as_str());
        if !admitted {
            continue;
        }
        matched = true;
        let may_mention = route.mention == MentionPolicy::TheirMove;
        found.extend(route.to.iter().cloned().map(|target| Destination { target, may_mention }));
        if !route.also {
            break;
        }
    }
    if !matched {
        let owned: Vec<&Target> =
            owners.iter().filter_map(|owner| routing.owners.get(owner)).flatten().collect();
        let targets = if owned.is_empty() { routing.default.iter().collect() } else { owned };
        found.extend(targets.into_iter().cloned().map(|target| Destination { target, may_mention: true }));
    }
    for subscription in subscriptions.iter().filter(|subscription| admits(&subscription.filter, &run.at.repo))
    {
        let target =
            Target { surface: subscription.surface.clone(), conversation: subscription.conversation.clone() };
        if !found.iter().any(|known| known.target == target) {
            found.insert(Destination { target, may_mention: true });
        }
    }
    found.into_iter().collect()
}

/// Whether a subscription's `owner/name` glob admits a repository; letters count alike in either case.
pub fn admits(filter: &str, repo: &str) -> bool {
    globset::GlobBuilder::new(&filter.to_lowercase())
        .literal_separator(true)
        .build()
        .is_ok_and(|glob| glob.compile_matcher().is_match(repo.to_lowercase()))
}

/// Whether routing needs to know the code owners: only when no route would match without them.
pub fn needs_owners(routing: &Routing, run: &Run, category: Category) -> bool {
    !routing.owners.is_empty()
        && !routing.routes.iter().any(|route| {
            route.repo.admits(&run.at.repo)
                && route.branch.admits(&run.branch)
                && route.workflow.admits(&run.workflow)
                && route.category.admits(category.as_str())
        })
}
