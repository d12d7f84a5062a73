//! `[remedies.…]`: what people may do with one click, and who.

use adapters::params::Params;

/// `[remedies]`
#[derive(Debug, Clone)]
pub struct Remedies {
    /// `[remedies.rerun_failed]`: who may re-run failed jobs.
    pub rerun_allow: Vec<Who>,
    /// At most so many re-runs of one repository an hour.
    pub rerun_per_hour: u32,
}

/// Somebody who may do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The author of the change that the run is about.
    Author,
    /// Somebody whom CODEOWNERS names for the repository.
    Owners,
    /// Everybody who can see the message and may click at all.
    Anyone,
}

impl Who {
    /// As written in the configuration.
    pub fn word(self) -> &'static str {
        match self {
            Self::Author => "author",
            Self::Owners => "owners",
            Self::Anyone => "anyone",
        }
    }
}

pub(super) fn read(params: Params) -> Remedies {
    let rerun = params.table("rerun_failed");
    let mut allow = Vec::new();
    for word in rerun.texts("allow") {
        match [Who::Author, Who::Owners, Who::Anyone].into_iter().find(|who| who.word() == word) {
            Some(who) => allow.push(who),
            None => rerun.fault("allow", format!("`{word}` is none of: author, owners, anyone")),
        }
    }
    if !rerun.has("allow") {
        allow = vec![Who::Author, Who::Owners];
    }
    let read = Remedies {
        rerun_allow: allow,
        rerun_per_hour: u32::try_from(rerun.number("per_repo_per_hour", 20, 0..=10_000)).unwrap_or(20),
    };
    rerun.finish();
    params.finish();
    read
}
