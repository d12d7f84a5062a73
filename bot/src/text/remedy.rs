//! What is said about clicks.

/// Not allowed, and why.
pub fn rerun_denied(allowed: &str) -> String {
    let teams = if allowed.split(", ").any(|who| who == "owners") {
        " Owners are the people whom CODEOWNERS names; who is in a team that it names, I cannot tell."
    } else {
        ""
    };
    format!(
        "You may not re-run this. Allowed: {allowed}.{teams} An operator can change `remedies.rerun_failed.allow`."
    )
}

/// The person is unknown to us.
pub fn unlinked(allowed: &str) -> String {
    format!(
        "I don't know which code-host account is yours, so I cannot tell whether you may re-run this (allowed: {allowed}). Ask an operator to add you under [people]."
    )
}

/// Too many already.
pub fn rerun_limit(per_hour: u32) -> String {
    format!(
        "This repository has had {per_hour} re-runs within the hour, which is its limit. Try again later."
    )
}

/// There is a newer attempt.
pub fn rerun_outdated() -> String {
    "This attempt is not the latest any more, so there is nothing to re-run.".to_owned()
}

/// Already asked for.
pub fn rerun_already() -> String {
    "The re-run was asked for already.".to_owned()
}

/// The button belongs to something that is gone.
pub fn gone() -> String {
    "This message is about something that I no longer know. Nothing was done.".to_owned()
}

/// Viewers cannot click.
pub fn viewers_only_read() -> String {
    "Your role is viewer: you can read, but not act.".to_owned()
}

/// An opinion was kept.
pub fn thanks() -> String {
    "Thank you: noted for this rule.".to_owned()
}

/// A cause was said to be wrong.
pub fn wrong_cause_noted(rule: Option<&str>, instead: Option<&str>) -> String {
    let against = rule.map_or_else(String::new, |rule| format!(" against the rule {rule}"));
    match instead {
        Some(instead) => {
            format!("Thank you: noted{against} that it was “{}”.", crate::text::clipped(instead, 200))
        }
        None => format!("Thank you: noted{against}. Say what it was, and the rule can learn it."),
    }
}

/// The CI system was taken out of the configuration.
pub fn source_gone(source: &str) -> String {
    format!("the source `{source}` is no longer configured.")
}
