//! Whose move it is, and why: from the owner that the verdict names and what history says.

use adapters::event::Person;
use classifiers::Verdict;
use classifiers::category::Owner;
use classifiers::flaky::Told;

use super::story::{FailureStory, History};
use crate::text;

/// In so many repositories within a day the same failure is an incident, where a change of one of them hardly explains it.
const REPOS_OF_AN_INCIDENT: u64 = 3;
/// So many are enough for kinds of failure that no change explains.
const REPOS_OF_AN_OUTAGE: u64 = 2;

/// Whose move it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The person who should act, and so may be mentioned, if it is a person's move.
    pub person: Option<Person>,
    /// One sentence: who, and why.
    pub why: String,
}

impl Move {
    fn of_nobody(why: String) -> Self {
        Self { person: None, why }
    }

    /// Only what a change itself broke is its author's for sure; the rest may be anybody's.
    fn of(owner: Owner, person: &Person, why: String) -> Self {
        let known = matches!(owner, Owner::Code | Owner::Test) && !person.login.is_empty() && !person.bot;
        Self { person: known.then(|| person.clone()), why }
    }
}

/// Decides it. A person is only asked to act when nothing speaks against it: the failure is of a kind that changes cause, it
/// began with their run, and it is not seen all over the place at the same time.
pub fn whose_move(story: &FailureStory) -> Move {
    let Some(primary) = story.primary() else {
        return Move::of_nobody(text::moves::unknown());
    };
    let owner = primary.diagnosis.owner;
    // Nobody is asked to act on a guess.
    if primary.diagnosis.verdict != Verdict::Failed || !primary.diagnosis.is_sure() {
        return Move::of_nobody(text::moves::of_owner(Owner::Unknown, &story.owners));
    }
    if let Some(proven) = story.proof.as_ref().and_then(|proof| by_history(owner, proof)) {
        return proven;
    }
    if let Some(history) = story.history.as_ref().filter(|history| is_incident(owner, history)) {
        return Move::of_nobody(text::moves::seen_elsewhere(history.recent_times, history.recent_repos));
    }
    if !matches!(owner, Owner::Code | Owner::Test | Owner::Dependency | Owner::Config) {
        return Move::of_nobody(text::moves::of_owner(owner, &story.owners));
    }
    if let Some(first) = story.origin.run.as_ref().filter(|_| story.origin.same_failure) {
        return Move::of(owner, &first.author, text::moves::since(owner, first, &story.run));
    }
    if let Some(history) = story.history.as_ref().filter(|history| history.before_this) {
        let why = text::moves::seen_before(owner, &story.run.author, history.times, history.first_seen);
        return Move::of(owner, &story.run.author, why);
    }
    // Only with a green run before it, or another failure before it in the same episode, is it known to be new.
    let new = story.origin.green_before || story.origin.run.is_some();
    Move::of(
        owner,
        &story.run.author,
        text::moves::of_author(owner, &story.run.author, new.then_some(story.run.sha.as_str())),
    )
}

/// What history proves goes before what the kind of failure suggests. The cause itself stays as the log tells it.
fn by_history(owner: Owner, proof: &Told) -> Option<Move> {
    match proof {
        Told::Flaky(flaky) => Some(Move::of_nobody(text::moves::flaky(owner, flaky))),
        Told::NotYourChange(witnesses) => {
            Some(Move::of_nobody(text::moves::not_your_change(owner, witnesses)))
        }
        Told::BrokenOnMain(broken) => Some(Move::of_nobody(text::moves::broken_on_main(broken))),
        Told::NewInThisChange => None,
    }
}

fn is_incident(owner: Owner, history: &History) -> bool {
    match owner {
        Owner::Infra | Owner::Flaky | Owner::Unknown => history.recent_repos >= REPOS_OF_AN_OUTAGE,
        Owner::Dependency | Owner::Config | Owner::Security | Owner::Policy => {
            history.recent_repos >= REPOS_OF_AN_INCIDENT
        }
        // Many people make the same mistake on the same day: a compiler says it in the same words.
        Owner::Code | Owner::Test => false,
    }
}
