//! What changed between the last green run and a failure.

use adapters::event::Changes;
use adapters::message::{Message, Section, Span, Tone};

use super::failure::{Meant, meant, understood};
use super::{Asked, LISTED, section};
use crate::ask::intent::Place;
use crate::redaction::redacted;
use crate::store::runs;
use crate::text;
use crate::triage::{self, TriageError};

/// Changed files named.
const FILES: usize = 10;

pub(super) async fn changed(asked: Asked<'_>, place: Place) -> Result<Message, TriageError> {
    let breakage = match meant(asked, place).await? {
        Meant::One { breakage, .. } => breakage,
        Meant::Instead(message) => return Ok(*message),
    };
    let story = triage::story_of(asked.app, &breakage).await?;
    let Some(green) = runs::last_green(&asked.app.store, &story.run).await? else {
        return Ok(told(text::answer::no_green(&story.run), vec![understood(&story, &breakage)]));
    };
    if green.sha == story.run.sha {
        return Ok(told(text::answer::nothing_changed(&green), vec![understood(&story, &breakage)]));
    }
    let changes = if let Some(changes) = story.changes.clone() {
        changes
    } else {
        let provider = asked.app.ci.get(&story.run.at.source);
        let provider = provider.ok_or_else(|| TriageError::NoSource(story.run.at.source.clone()))?;
        redacted("changes", provider.changes(&story.run.at.repo, &green.sha, &story.run.sha).await?)?
    };
    let mut sections = listed(&changes);
    sections.push(understood(&story, &breakage));
    let mut message = told(text::answer::changed(changes.total_commits, &green, &story.run), sections);
    message.url = Some(changes.url).filter(|url| !url.is_empty());
    Ok(message)
}

fn told(headline: String, sections: Vec<Section>) -> Message {
    Message { sections, ..Message::new(Tone::Info, headline) }
}

/// The newest commits first, then the files.
fn listed(changes: &Changes) -> Vec<Section> {
    let mut sections: Vec<Section> = changes
        .commits
        .iter()
        .rev()
        .take(LISTED)
        .map(|commit| {
            section(
                None,
                vec![
                    Span::link(text::short_sha(&commit.sha), commit.url.clone()),
                    Span::text(text::answer::commit(&commit.title, &commit.author)),
                ],
            )
        })
        .collect();
    let more = changes.total_commits.saturating_sub(sections.len() as u64);
    if more > 0 {
        sections
            .push(section(None, vec![Span::link(text::failure::more_commits(more), changes.url.clone())]));
    }
    if !changes.files.is_empty() {
        let files: Vec<&str> = changes.files.iter().map(String::as_str).collect();
        let shown = files.iter().copied().take(FILES).collect::<Vec<_>>();
        sections.push(section(
            Some(text::detail::files_title()),
            vec![Span::text(text::detail::files(&shown, files.len()))],
        ));
    }
    sections
}
