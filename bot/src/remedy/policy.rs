//! Who may re-run: a plain allow list, decided in one place and named in the audit.

use crate::config::{Role, Who};

/// What is known about the person and the run when they click.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    /// Console role, if they came through the console.
    pub(super) role: Option<Role>,
    /// Their login on the code host, if known.
    pub(super) login: Option<String>,
    /// Login of the run's author.
    pub(super) author: String,
    /// Owners of the repository by CODEOWNERS (`@login`, `@org/team`).
    pub(super) owners: Vec<String>,
    /// Whether they are in a group of people in chat that is a team among the owners.
    pub(super) in_owning_team: bool,
    /// Re-runs of the repository within the last hour.
    pub(super) recent: u32,
}

/// The decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Decision {
    /// Go on; names the rule that allowed it.
    Allow(&'static str),
    /// Do not; names the rule and says why to the person.
    Deny { rule: &'static str, why: String },
}

/// Decides. Operators always may; then the allow list; the hourly cap holds for everybody.
pub(super) fn decide(allow: &[Who], per_hour: u32, facts: &Facts) -> Decision {
    if facts.recent >= per_hour {
        return Decision::Deny { rule: "per_repo_per_hour", why: crate::text::remedy::rerun_limit(per_hour) };
    }
    if facts.role >= Some(Role::Operator) {
        return Decision::Allow("role:operator");
    }
    for who in allow {
        let holds = match who {
            Who::Anyone => true,
            Who::Author => {
                facts.login.as_deref().is_some_and(|login| login.eq_ignore_ascii_case(&facts.author))
            }
            Who::Owners => {
                let named = |login: &str| {
                    let mut owners = facts.owners.iter().filter_map(|owner| owner.strip_prefix('@'));
                    owners.any(|owner| owner.eq_ignore_ascii_case(login))
                };
                facts.in_owning_team || facts.login.as_deref().is_some_and(named)
            }
        };
        if holds {
            return Decision::Allow(match who {
                Who::Anyone => "allow:anyone",
                Who::Author => "allow:author",
                Who::Owners => "allow:owners",
            });
        }
    }
    let allowed = allow.iter().map(|who| who.word()).collect::<Vec<_>>().join(", ");
    let allowed = if allowed.is_empty() { "console operators only".to_owned() } else { allowed };
    let why = if facts.login.is_none() {
        crate::text::remedy::unlinked(&allowed)
    } else {
        crate::text::remedy::rerun_denied(&allowed)
    };
    Decision::Deny { rule: "not_allowed", why }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            login: Some("Mona".to_owned()),
            author: "mona".to_owned(),
            owners: vec!["@acme/team".to_owned(), "@sam".to_owned()],
            ..Facts::default()
        }
    }

    #[test]
    fn the_author_and_owners_may_and_others_may_not() {
        let allow = [Who::Author, Who::Owners];
        assert_eq!(decide(&allow, 5, &facts()), Decision::Allow("allow:author"));
        let sam = Facts { login: Some("sam".to_owned()), ..facts() };
        assert_eq!(decide(&allow, 5, &sam), Decision::Allow("allow:owners"));
        let eve = Facts { login: Some("eve".to_owned()), ..facts() };
        assert!(
            matches!(decide(&allow, 5, &eve), Decision::Deny { rule: "not_allowed", why } if why.contains("author, owners"))
        );
    }

    #[test]
    fn who_is_in_the_team_needs_no_login() {
        let member = Facts { login: None, in_owning_team: true, ..facts() };
        assert_eq!(decide(&[Who::Author, Who::Owners], 5, &member), Decision::Allow("allow:owners"));
        assert!(matches!(decide(&[Who::Author], 5, &member), Decision::Deny { rule: "not_allowed", .. }));
    }

    #[test]
    fn strangers_are_told_how_to_be_known() {
        let stranger = Facts { login: None, ..facts() };
        assert!(
            matches!(decide(&[Who::Author], 5, &stranger), Decision::Deny { why, .. } if why.contains("[people]"))
        );
        assert_eq!(decide(&[Who::Anyone], 5, &stranger), Decision::Allow("allow:anyone"));
    }

    #[test]
    fn operators_may_and_the_cap_holds_for_them_too() {
        let operator = Facts { role: Some(Role::Operator), login: None, ..facts() };
        assert_eq!(decide(&[], 5, &operator), Decision::Allow("role:operator"));
        let member = Facts { role: Some(Role::Member), login: None, ..facts() };
        assert!(matches!(decide(&[], 5, &member), Decision::Deny { rule: "not_allowed", .. }));
        let tired = Facts { recent: 5, ..operator };
        assert!(matches!(decide(&[], 5, &tired), Decision::Deny { rule: "per_repo_per_hour", .. }));
    }
}
