//! What a question means: a small grammar over the words that we know.
//!
//! Deterministic on purpose. Repositories, branches and workflows are recognised because we have seen them, not because
//! of where they stand in the sentence, so "why did main of payments fail" and "payments main red?" mean the same.

/// A pattern that is a constant: that it compiles is proven by the first test that reads a question.
macro_rules! pattern {
    ($name:ident, $text:expr) => {
        static $name: std::sync::LazyLock<regex::Regex> = std::sync::LazyLock::new(|| {
            regex::Regex::new($text).expect("the expression is a valid constant")
        });
    };
}

mod grammar;
mod place;
mod window;

#[cfg(test)]
mod phrasings;

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

pub use window::Window;

/// Names that have reached us.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// `owner/name`.
    pub repos: Vec<String>,
    /// Branch names.
    pub branches: Vec<String>,
    /// Workflow names.
    pub workflows: Vec<String>,
    /// Those of the repositories that are private.
    pub private: BTreeSet<String>,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Why something is red.
    WhyFailed(Place),
    /// What is red now.
    BrokenNow(Place),
    /// What went red lately, whether or not it is green again.
    BrokeSince {
        /// Only there.
        place: Place,
        /// How far back.
        window: Window,
    },
    /// Whether a failure comes and goes on the same code.
    IsFlaky(Place),
    /// Which failures come and go.
    Flakiest {
        /// Only there.
        place: Place,
        /// How far back.
        window: Window,
    },
    /// Who owns something, and whose move a failure is.
    WhoOwns {
        /// Which repository, or which failure's.
        place: Place,
        /// Which file or folder of it; the repository as a whole if none is named.
        path: Option<String>,
    },
    /// What changed between the last green run and the failure.
    Changed(Place),
    /// The log itself.
    ShowLog {
        /// Which failure's.
        place: Place,
        /// Which lines, from 1; those around the decisive one if none are named.
        lines: Option<RangeInclusive<u64>>,
    },
    /// Whether something was seen before.
    Seen {
        /// What to look for.
        text: String,
        /// Only there.
        place: Place,
    },
    /// Post failures here.
    Subscribe {
        /// Which, in the words of [`crate::triage::filter`].
        filter: String,
    },
    /// Stop posting them.
    Unsubscribe {
        /// Which; `all` for everything.
        filter: String,
    },
    /// How much a subscription would have posted lately.
    TryFilter {
        /// Which.
        filter: String,
    },
    /// What is posted here.
    Subscriptions,
    /// Keep quiet here for a while.
    Mute(Window),
    /// Speak again.
    Unmute,
    /// What one can ask.
    Help,
    /// Anything else: looked up in the runbooks.
    Knowledge {
        /// The question as asked.
        question: String,
    },
}

/// Which pipeline is meant, as far as the question says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Every known repository that the words fit; more than one means: ask back.
    pub repos: Vec<String>,
    /// A word that stands where a repository or a branch would, and is none that we know.
    pub unknown_repo: Option<String>,
    /// The branch.
    pub branch: Option<String>,
    /// The workflow.
    pub workflow: Option<String>,
}

impl Place {
    /// Whether the words name anything at all.
    pub fn is_named(&self) -> bool {
        !self.repos.is_empty() || self.branch.is_some() || self.workflow.is_some()
    }

    /// Whether a pipeline lies there.
    pub fn admits(&self, repo: &str, branch: &str, workflow: &str) -> bool {
        (self.repos.is_empty() || self.repos.iter().any(|named| named == repo))
            && self.branch.as_deref().is_none_or(|named| named == branch)
            && self.workflow.as_deref().is_none_or(|named| named == workflow)
    }
}

impl Intent {
    /// Which pipeline is meant, where a failure is asked about.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::WhyFailed(place)
            | Self::BrokenNow(place)
            | Self::BrokeSince { place, .. }
            | Self::IsFlaky(place)
            | Self::Flakiest { place, .. }
            | Self::WhoOwns { place, .. }
            | Self::Changed(place)
            | Self::ShowLog { place, .. }
            | Self::Seen { place, .. } => Some(place),
            Self::Subscribe { .. }
            | Self::Unsubscribe { .. }
            | Self::TryFilter { .. }
            | Self::Subscriptions
            | Self::Mute(_)
            | Self::Unmute
            | Self::Help
            | Self::Knowledge { .. } => None,
        }
    }

    /// What a question means, seen with what is known.
    pub fn of(question: &str, known: &Known) -> Intent {
        grammar::read(question, known)
    }
}
