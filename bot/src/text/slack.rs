//! What is said about installing the Slack app.

/// Another browser, or none of ours.
pub fn not_begun_here() -> String {
    "This did not begin in this browser. Begin again at /slack/install.".to_owned()
}

/// Slack or the person said no.
pub fn not_installed(why: &str) -> String {
    format!("Whyred was not installed: {}. Begin again at /slack/install.", super::clipped(why, 200))
}

/// It is there already.
pub fn at_home() -> String {
    "Whyred is in this workspace already: its token stands in the configuration.".to_owned()
}

/// The database did not take it.
pub fn not_kept() -> String {
    "The installation could not be kept. Try once more; the server's log says why.".to_owned()
}

/// The keys are missing.
pub fn not_configured() -> String {
    "Installing in further workspaces is not configured: see deploy/connect/slack.md.".to_owned()
}

/// It worked.
pub fn installed() -> String {
    "Installed".to_owned()
}

/// It worked, and what next.
pub fn installed_in(name: &str, team: &str) -> String {
    format!(
        "Whyred is now in {}. Invite it to channels there; routes name them slack:{team}/#channel.",
        super::clipped(name, 80)
    )
}
