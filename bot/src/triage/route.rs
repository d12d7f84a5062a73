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
    /// Whether it is told there that it is green again, even if its failure was not.
    pub wants_fix: bool,
}

/// Decides it: the first matching `[[route]]` (and further ones, if it says `also`); else the code owners' conversations;
/// else the default; and every conversation of these subscriptions.
pub fn destinations(
    routing: &Routing,
    run: &Run,
    category: Category,
    owners: &[String],
    subscriptions: &[Subscription],
) -> Vec<Destination> {
    let told = |target| Destination { target, may_mention: true, wants_fix: false };
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
        found.extend(route.to.iter().cloned().map(|target| Destination {
            target,
            may_mention,
            wants_fix: false,
        }));
        if !route.also {
            break;
        }
    }
    if !matched {
        let owned: Vec<&Target> =
            owners.iter().filter_map(|owner| routing.owners.get(owner)).flatten().collect();
        let targets = if owned.is_empty() { routing.default.iter().collect() } else { owned };
        found.extend(targets.into_iter().cloned().map(told));
    }
    for subscription in subscriptions {
        let target =
            Target { surface: subscription.surface.clone(), conversation: subscription.conversation.clone() };
        if !found.iter().any(|known| known.target == target) {
            found.insert(told(target));
        }
    }
    found.into_iter().collect()
}

/// Every conversation that the configuration may send failures of a repository to, be it on some branch only or of some kind.
pub fn conversations_of<'a>(routing: &'a Routing, repo: &str, owners: &[String]) -> BTreeSet<&'a Target> {
    let mut found = BTreeSet::new();
    let mut caught = false;
    for route in routing.routes.iter().filter(|route| route.repo.admits(repo)) {
        found.extend(&route.to);
        let takes_all = route.branch.is_any() && route.workflow.is_any() && route.category.is_any();
        if takes_all && !route.also {
            return found;
        }
        caught |= takes_all;
    }
    if !caught {
        let owned: Vec<&Target> =
            owners.iter().filter_map(|owner| routing.owners.get(owner)).flatten().collect();
        if owned.is_empty() {
            found.extend(&routing.default);
        }
        found.extend(owned);
    }
    found
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn named(routes: &str, repo: &str, owners: &[&str]) -> String {
        let text = format!(
            "{routes}\n[routing]\ndefault = [\"console:#default\"]\n[owners.\"@acme/db\"]\nto = [\"console:#db\"]\n"
        );
        let (config, _) = crate::config::parse(&text, Path::new("whyred.toml"), &[]).unwrap();
        let owners: Vec<String> = owners.iter().map(|&owner| owner.to_owned()).collect();
        let found = conversations_of(&config.routing, repo, &owners);
        found.iter().map(|target| target.conversation.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_repository_belongs_where_its_failures_may_go() {
        let main_only = "[[route]]\nrepo = \"acme/vault\"\nbranch = \"main\"\nto = [\"console:#vault\"]";
        assert_eq!(named(main_only, "acme/vault", &[]), "#default #vault");
        assert_eq!(named(main_only, "acme/vault", &["@acme/db"]), "#db #vault");
        assert_eq!(named(main_only, "acme/web", &["@acme/web"]), "#default");
    }

    #[test]
    fn what_a_route_takes_whole_goes_nowhere_else() {
        let whole = "[[route]]\nrepo = \"acme/vault\"\nto = [\"console:#vault\"]\n\
                     [[route]]\nto = [\"console:#all\"]";
        assert_eq!(named(whole, "acme/vault", &["@acme/db"]), "#vault");
        let also = "[[route]]\nrepo = \"acme/vault\"\nto = [\"console:#vault\"]\nalso = true\n\
                    [[route]]\nbranch = \"main\"\nto = [\"console:#all\"]";
        assert_eq!(named(also, "acme/vault", &["@acme/db"]), "#all #vault");
    }
}
