//! Which failure is meant, and why it happened.

use adapters::message::{Action, ActionStyle, Message, Span, Tone};
use jiff::Timestamp;

use super::{Asked, NAMED, leave_out, only_hidden, private, section, unknown_repo, words};
use crate::ask::intent::Place;
use crate::explain::{FailureStory, failure_message};
use crate::store::breakages::{self, Breakage, BreakageState};
use crate::store::moment;
use crate::text;
use crate::triage::{self, TriageError, is_main};

/// Past episodes of one repository looked at to find the one that is meant.
const EPISODES: u32 = 50;

/// The button that asks the question on it.
pub(crate) const ASK_THIS: &str = "ask_this";

/// What a question about one failure comes to.
pub(super) enum Meant {
    /// Exactly one is meant.
    One {
        /// The episode.
        breakage: Box<Breakage>,
        /// Whether others were left out that must not be talked about.
        left_out: bool,
    },
    /// None, several, or one that must not be talked about: this is said instead.
    Instead(Box<Message>),
}

pub(super) async fn why(asked: Asked<'_>, place: Place) -> Result<Message, TriageError> {
    let (breakage, left_out) = match meant(asked, place).await? {
        Meant::One { breakage, left_out } => (breakage, left_out),
        Meant::Instead(message) => return Ok(*message),
    };
    let story = triage::story_of(asked.app, &breakage).await?;
    // The same message as the failure's own, with what was understood above it.
    let mut message = failure_message(&story);
    message.mentions.clear();
    message.sections.insert(0, understood(&story, &breakage));
    if left_out {
        message.sections.push(words(text::answer::private_left_out()));
    }
    Ok(message)
}

/// Says which failure is talked about.
pub(super) fn understood(story: &FailureStory, breakage: &Breakage) -> adapters::message::Section {
    let at = story.run.finished_at.unwrap_or_else(|| moment(breakage.opened_at));
    let mut understood = text::answer::understood_failure(&story.run, at, Timestamp::now());
    if breakage.state == BreakageState::Fixed {
        understood = format!("{understood} {}", text::answer::fixed_meanwhile());
    }
    words(understood)
}

/// Finds the failure that the words mean, and notes which one the answer is about.
pub(super) async fn meant(asked: Asked<'_>, place: Place) -> Result<Meant, TriageError> {
    let meant = find(asked, place).await?;
    if let Meant::One { breakage, .. } = &meant {
        asked.about.get_or_init(|| breakage.id.clone());
    }
    Ok(meant)
}

/// Finds the failure that the words mean. Asked in a failure's own thread without naming another, it is that one.
async fn find(asked: Asked<'_>, mut place: Place) -> Result<Meant, TriageError> {
    if place.repos.is_empty()
        && place.unknown_repo.is_none()
        && let Some(id) = &asked.setting.breakage_id
        && let Some(breakage) = breakages::get(&asked.app.store, id).await?
    {
        return Ok(if asked.hidden.contains(&breakage.repo) {
            Meant::Instead(Box::new(private()))
        } else {
            Meant::One { breakage: Box::new(breakage), left_out: false }
        });
    }
    if only_hidden(&mut place.repos, asked.hidden) {
        return Ok(Meant::Instead(Box::new(private())));
    }
    if let Some(word) = &place.unknown_repo {
        return Ok(Meant::Instead(Box::new(unknown_repo(asked, word))));
    }
    let mut found = candidates(asked, &place).await?;
    let left_out = leave_out(&mut found, asked.hidden);
    if found.len() == 1 {
        return Ok(Meant::One { breakage: Box::new(found.remove(0)), left_out });
    }
    let mut message = if found.is_empty() { nothing_failed(&place) } else { which(&place, &found) };
    if left_out {
        message.sections.push(words(text::answer::private_left_out()));
    }
    Ok(Meant::Instead(Box::new(message)))
}

/// The episodes that the words fit: the open ones; if none is open, the last one of each pipeline.
async fn candidates(asked: Asked<'_>, place: &Place) -> Result<Vec<Breakage>, TriageError> {
    let store = &asked.app.store;
    let fits = |breakage: &Breakage| place.admits(&breakage.repo, &breakage.branch, &breakage.workflow);
    let mut open: Vec<Breakage> = breakages::list_open(store).await?.into_iter().filter(fits).collect();
    if !open.is_empty() {
        // Of one repository, `main` is what people mean unless they say otherwise.
        if place.branch.is_none() && !place.repos.is_empty() && open.iter().any(|open| is_main(&open.branch))
        {
            open.retain(|open| is_main(&open.branch));
        }
        return Ok(open);
    }
    let mut last = Vec::new();
    for repo in &place.repos {
        let episodes = breakages::of_repo(store, repo, EPISODES).await?;
        last.extend(episodes.into_iter().find(fits));
    }
    Ok(last)
}

fn nothing_failed(place: &Place) -> Message {
    let mut named = if place.repos.is_empty() { "anything".to_owned() } else { place.repos.join(", ") };
    if let Some(branch) = &place.branch {
        named = format!("{named} on {branch}");
    }
    Message::new(Tone::Info, text::answer::no_failure(&named))
}

/// Two things could be meant: asks back, with the words that tell them apart.
fn which(place: &Place, several: &[Breakage]) -> Message {
    let named =
        if place.repos.is_empty() { "that".to_owned() } else { text::short_repo(&place.repos[0]).to_owned() };
    let mut message = Message::new(Tone::Asking, text::answer::which(&named));
    for breakage in several.iter().take(NAMED) {
        let words = text::answer::ask_for(&breakage.repo, &breakage.branch, &breakage.workflow);
        message.actions.push(Action {
            id: ASK_THIS.to_owned(),
            label: text::clipped(
                &format!(
                    "{} · {} · {}",
                    text::short_repo(&breakage.repo),
                    breakage.branch,
                    breakage.workflow
                ),
                60,
            ),
            value: words.clone(),
            style: ActionStyle::Normal,
            confirm: None,
            url: None,
        });
        message.sections.push(section(None, vec![Span::code(words)]));
    }
    message
}
