//! Whether a failure comes and goes, and which ones do.

use adapters::message::{Message, Span, Tone};
use classifiers::flaky::Told;
use jiff::Timestamp;

use super::failure::{Meant, meant, understood};
use super::{Asked, LISTED, only_hidden, private, section, unknown_repo, words};
use crate::ask::intent::{Place, Window};
use crate::explain::failure_message;
use crate::store::attempts::{self, Flip};
use crate::store::{moment, now_ms};
use crate::text;
use crate::triage::wish::Daily;
use crate::triage::{self, TriageError};

/// Rows looked at: each is one failure in one repository.
const LOOKED_AT: u32 = 200;
/// What a daily list covers.
const A_DAY: Window = Window::days(1);

pub(super) async fn is_flaky(asked: Asked<'_>, place: Place) -> Result<Message, TriageError> {
    let breakage = match meant(asked, place).await? {
        Meant::One { breakage, .. } => breakage,
        Meant::Instead(message) => return Ok(*message),
    };
    let story = triage::story_of(asked.app, &breakage).await?;
    let diagnosis = story.primary().map(|job| &job.diagnosis);
    let headline = match (&story.proof, diagnosis) {
        (Some(Told::Flaky(flaky)), _) => text::answer::flaky(flaky),
        (Some(Told::BrokenOnMain(broken)), _) => {
            text::answer::not_flaky(&text::moves::broken_on_main(broken))
        }
        (_, Some(diagnosis)) => match triage::tally(asked.app, &story.run, diagnosis).await? {
            Some(tally) => text::answer::perhaps_flaky(&tally),
            None => text::answer::flaky_unknown(),
        },
        (_, None) => text::answer::flaky_unknown(),
    };
    let mut message = Message::new(Tone::Info, headline);
    message.sections.push(understood(&story, &breakage));
    // What can be done about it is what can be done about the failure.
    message.actions = failure_message(&story).actions;
    Ok(message)
}

pub(super) async fn flakiest(
    asked: Asked<'_>,
    mut place: Place,
    window: Window,
) -> Result<Message, TriageError> {
    if only_hidden(&mut place.repos, asked.hidden) {
        return Ok(private());
    }
    if let Some(word) = &place.unknown_repo {
        return Ok(unknown_repo(asked, word));
    }
    let (mut flips, left_out) = flips(asked, window).await?;
    flips.retain(|flip| place.admits(&flip.repo, &flip.branch, &flip.workflow));
    let mut message = list(&flips, window);
    if left_out {
        message.sections.push(words(text::answer::private_left_out()));
    }
    Ok(message)
}

/// What came and went in the last day, as a list; nothing if nothing did.
pub(super) async fn daily(asked: Asked<'_>, daily: &Daily) -> Result<Option<Message>, TriageError> {
    let (mut flips, _) = flips(asked, A_DAY).await?;
    if let Some(filter) = &daily.filter {
        flips.retain(|flip| filter.admits_pipeline(&flip.repo, &flip.branch, &flip.workflow));
    }
    Ok((!flips.is_empty()).then(|| list(&flips, A_DAY)))
}

/// What came and went, and whether something was left out that must not be told there.
async fn flips(asked: Asked<'_>, window: Window) -> Result<(Vec<Flip>, bool), TriageError> {
    let since = now_ms() - i64::from(window.minutes) * 60_000;
    let mut flips = attempts::flips(&asked.app.store, since, LOOKED_AT).await?;
    let all = flips.len();
    flips.retain(|flip| !asked.hidden.contains(&flip.repo));
    let left_out = flips.len() < all;
    Ok((flips, left_out))
}

fn list(flips: &[Flip], window: Window) -> Message {
    let mut message = Message::new(Tone::Info, text::answer::flakiest(flips.len() as u64, window.duration()));
    for flip in flips.iter().take(LISTED) {
        let last = text::ago(moment(flip.last), Timestamp::now());
        let times = u64::try_from(flip.times).unwrap_or(0);
        message.sections.push(section(
            None,
            vec![
                Span::strong(format!("{} · {} · {}", flip.repo, flip.branch, flip.workflow)),
                Span::text(format!(": {} ", text::sentence(&flip.summary))),
                Span::text(text::answer::flipped(times, &last)),
            ],
        ));
    }
    if flips.len() > LISTED {
        message.sections.push(words(text::answer::and_more(flips.len() - LISTED)));
    }
    message
}
