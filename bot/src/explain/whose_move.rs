//! Whose move it is, and why: from the owner that the verdict names and what history says.

use classifiers::category::Owner;

use super::story::FailureStory;
use crate::text;

/// Whose move it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Whether the author of the change should act, and so may be mentioned.
    pub authors: bool,
    /// One sentence: who, and why.
    pub why: String,
}

/// Decides it. The author is only asked to act when nothing speaks against it: the failure is of a kind that changes
/// cause, it was not there before this episode, and it is not seen in other repositories.
pub fn whose_move(story: &FailureStory) -> Move {
    let Some(primary) = story.primary() else {
        return Move { authors: false, why: text::moves::unknown() };
    };
    let owner = primary.diagnosis.owner;
    let elsewhere = story.history.as_ref().filter(|history| history.repos > 1);
    if let Some(history) = elsewhere {
        return Move {
            authors: false,
            why: text::moves::seen_elsewhere(history.times, history.repos, history.first_seen),
        };
    }
    let old = story.history.as_ref().filter(|history| history.before_this);
    let authors = matches!(owner, Owner::Code | Owner::Test | Owner::Dependency | Owner::Config);
    match (authors, old) {
        (true, Some(history)) if matches!(owner, Owner::Code | Owner::Test) => Move {
            authors: true,
            why: text::moves::seen_before(owner, &story.run.author, history.times, history.first_seen),
        },
        (true, _) => Move {
            authors: !story.run.author.bot,
            why: text::moves::of_author(owner, &story.run.author, &story.run.sha),
        },
        (false, _) => Move { authors: false, why: text::moves::of_owner(owner, &story.owners) },
    }
}
