//! Out of the runbooks.

use adapters::message::{Message, Section, Span, Tone};

use super::section;
use crate::app::App;
use crate::explain::RELEVANT;
use crate::text;
use crate::triage::passage_of;

/// Passages shown when the question is not understood.
const NEAREST: usize = 3;

/// Out of the runbooks; "I don't know" with the nearest ones where none really fits.
pub(super) fn knowledge(app: &App, question: &str) -> Message {
    let hits = app.index.for_question(question, NEAREST).unwrap_or_else(|error| {
        tracing::warn!(%error, "the runbooks could not be searched");
        Vec::new()
    });
    let Some(best) = hits.first().filter(|hit| f64::from(hit.relevance) >= RELEVANT).cloned() else {
        let mut message = Message::new(Tone::Info, text::answer::dont_know());
        message.sections.extend(nearest(app, question));
        return message;
    };
    let mut message = Message::new(Tone::Info, text::answer::from_runbook(&best.title));
    let snippet = best.snippet.clone();
    let fix = best.fix.clone();
    for hit in hits.into_iter().filter(|hit| f64::from(hit.relevance) >= RELEVANT) {
        let passage = passage_of(&app.public_url, hit);
        message.citations.push(crate::explain::passage_citation(&passage));
    }
    message.url = message.citations.first().and_then(|citation| citation.url.clone());
    message.sections.push(section(None, text::spans(&snippet)));
    if let Some(fix) = fix.filter(|fix| *fix != snippet) {
        message.sections.push(section(Some(text::answer::fix_title()), text::spans(&fix)));
    }
    message
}

/// Whether some runbook really fits.
pub(in crate::ask) fn knows(app: &App, question: &str) -> bool {
    let hits = app.index.for_question(question, NEAREST).unwrap_or_default();
    hits.first().is_some_and(|hit| f64::from(hit.relevance) >= RELEVANT)
}

pub(super) fn nearest(app: &App, question: &str) -> Vec<Section> {
    let hits = app.index.for_question(question, NEAREST).unwrap_or_default();
    if hits.is_empty() {
        return vec![section(None, vec![Span::text(text::answer::nothing_near())])];
    }
    let mut spans = Vec::new();
    for hit in hits {
        let passage = passage_of(&app.public_url, hit);
        if !spans.is_empty() {
            spans.push(Span::text(" · "));
        }
        spans.push(match passage.url {
            Some(url) => Span::link(passage.label, url),
            None => Span::text(passage.label),
        });
    }
    vec![section(Some(text::answer::nearest_title()), spans)]
}
