//! The one message about several failures: an incident, or what happened in quiet hours.

use std::collections::BTreeSet;

use adapters::message::{Footnote, Message, Section, Span, Tone};
use jiff::SignedDuration;

use super::excerpt::{excerpt_of, log_citation};
use super::failure::{cause, first_fix, is_known, plain};
use super::story::{FailureStory, Phase};
use crate::text;

/// Pipelines named in one section; the rest is counted.
const NAMED: usize = 12;
/// Lines of log shown.
const EXCERPT_LINES: usize = 4;

/// Many repositories broke with one cause: told by the first of them.
pub fn incident_message(stories: &[FailureStory]) -> Message {
    let (red, green): (Vec<&FailureStory>, Vec<&FailureStory>) =
        stories.iter().partition(|story| green_after(story).is_none());
    let (all, still) = (repos(stories.iter()), repos(red.iter().copied()));
    let (tone, headline) = if red.is_empty() {
        let longest = green.iter().filter_map(|story| green_after(story)).max().unwrap_or_default();
        (Tone::Fixed, text::rollup::incident_over(all, longest))
    } else {
        (Tone::Broken, text::rollup::incident(all, all.saturating_sub(still)))
    };
    let mut message = Message::new(tone, headline);
    if let Some(primary) = stories.first().and_then(FailureStory::primary) {
        let title = red.is_empty().then(text::failure::was_title);
        message.sections.push(plain(title, cause(primary)));
        if !red.is_empty() {
            message.excerpt = excerpt_of(primary, EXCERPT_LINES);
            message.citations.extend(log_citation(primary));
        }
    }
    if !red.is_empty() {
        let whose = vec![Span::text(text::rollup::hardly_one_change())];
        message.sections.push(plain(Some(text::failure::whose_move_title()), whose));
        message.sections.push(named(text::rollup::red_title(), &red));
    }
    if !green.is_empty() {
        message.sections.push(named(text::rollup::recovered_title(), &green));
    }
    if !red.is_empty() {
        message.sections.extend(stories.first().and_then(first_fix));
    }
    message.footer.push(Footnote { text: text::rollup::details_in_thread(), url: None });
    message
}

/// What broke while a conversation was left alone, and how it stands now.
pub fn quiet_message(stories: &[FailureStory]) -> Message {
    let (red, green): (Vec<&FailureStory>, Vec<&FailureStory>) =
        stories.iter().partition(|story| green_after(story).is_none());
    let tone = if red.is_empty() { Tone::Fixed } else { Tone::Broken };
    let mut message = Message::new(tone, text::rollup::quiet(stories.len() as u64, red.len() as u64));
    let ordered: Vec<&FailureStory> = red.into_iter().chain(green).collect();
    for story in ordered.iter().take(NAMED) {
        message.sections.push(plain(None, vec![name(story), Span::text(standing(story))]));
    }
    if ordered.len() > NAMED {
        let more = text::rollup::and_more(ordered.len() - NAMED);
        message.sections.push(plain(None, vec![Span::text(more)]));
    }
    message.footer.push(Footnote { text: text::rollup::details_in_thread(), url: None });
    message
}

/// How it stands with one.
fn standing(story: &FailureStory) -> String {
    match &story.phase {
        Phase::Fixed { after, .. } => text::rollup::green_again(*after),
        Phase::Flapping { breaks, .. } => text::rollup::flapping(*breaks),
        Phase::Broken | Phase::StillBroken { .. } => {
            let known = story.primary().filter(|job| is_known(job));
            known.map_or_else(text::rollup::still_red_unknown, |job| {
                let diagnosis = &job.diagnosis;
                text::rollup::still_red(text::category::name(diagnosis.category), &diagnosis.summary)
            })
        }
    }
}

/// How long it was red, if that is over.
fn green_after(story: &FailureStory) -> Option<SignedDuration> {
    match &story.phase {
        Phase::Fixed { after, .. } => Some(*after),
        Phase::Broken | Phase::StillBroken { .. } | Phase::Flapping { .. } => None,
    }
}

fn repos<'a>(stories: impl Iterator<Item = &'a FailureStory>) -> u64 {
    stories.map(|story| story.run.at.repo.as_str()).collect::<BTreeSet<_>>().len() as u64
}

fn named(title: String, stories: &[&FailureStory]) -> Section {
    let mut spans = Vec::new();
    for (position, story) in stories.iter().take(NAMED).enumerate() {
        if position > 0 {
            spans.push(Span::text(", "));
        }
        spans.push(name(story));
    }
    if stories.len() > NAMED {
        spans.push(Span::text(format!(" {}", text::rollup::and_more(stories.len() - NAMED))));
    }
    plain(Some(title), spans)
}

fn name(story: &FailureStory) -> Span {
    let name = text::failure::pipeline(&story.run);
    match story.run.url.as_str() {
        "" => Span::strong(name),
        url => Span::link(name, url),
    }
}
