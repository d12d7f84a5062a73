//! Whether something was seen before.

use adapters::message::{Message, Span, Tone};
use jiff::Timestamp;

use super::runbooks::nearest;
use super::{Asked, LISTED, only_hidden, private, section};
use crate::ask::intent::Place;
use crate::store::failures::Failure;
use crate::store::occurrences::Occurrence;
use crate::store::{failures, moment, occurrences};
use crate::text;
use crate::triage::TriageError;

/// Sightings of one failure looked at to find one that may be talked about.
const SIGHTINGS: u32 = 200;

pub(super) async fn seen(asked: Asked<'_>, words: &str, mut place: Place) -> Result<Message, TriageError> {
    if only_hidden(&mut place.repos, asked.hidden) {
        return Ok(private());
    }
    let store = &asked.app.store;
    let found = occurrences::search(store, words, u32::try_from(LISTED).unwrap_or(15)).await?;
    let mut times = 0;
    let mut sections = Vec::new();
    for occurrence in found {
        let Some(failure) = failures::get(store, &occurrence.failure_id).await? else { continue };
        let Some(occurrence) = sighting(asked, &failure, occurrence, &place).await? else { continue };
        times += u64::try_from(failure.occurrences).unwrap_or(0);
        let last = moment(failure.last_seen);
        sections.push(section(
            None,
            vec![
                Span::strong(occurrence.repo.clone()),
                Span::text(format!(": {} ", text::sentence(&occurrence.summary))),
                Span::text(text::answer::sightings(
                    failure.occurrences,
                    failure.repos,
                    &text::ago(last, Timestamp::now()),
                )),
            ],
        ));
    }
    let mut message = Message::new(Tone::Info, text::answer::seen(words, times));
    message.sections = sections;
    if message.sections.is_empty() {
        message.sections.extend(nearest(asked.app, words));
    }
    Ok(message)
}

/// The last sighting of a failure, or the last one before it that is meant and may be talked about.
async fn sighting(
    asked: Asked<'_>,
    failure: &Failure,
    last: Occurrence,
    place: &Place,
) -> Result<Option<Occurrence>, TriageError> {
    let wanted = |occurrence: &Occurrence| {
        !asked.hidden.contains(&occurrence.repo)
            && (place.repos.is_empty() || place.repos.contains(&occurrence.repo))
    };
    if wanted(&last) {
        return Ok(Some(last));
    }
    let all = occurrences::of_failure(&asked.app.store, &failure.id, SIGHTINGS).await?;
    Ok(all.into_iter().find(wanted))
}
