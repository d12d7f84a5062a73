//! The message in the thread: the longer excerpt, the other findings, the passages, what changed in full.

use adapters::message::{Message, Section, Span, Tone};

use super::excerpt::{excerpt_of, log_citation};
use super::failure::passage_citation;
use super::story::{FailureStory, RELEVANT};
use crate::text;

/// Lines of log in the thread.
const DETAIL_EXCERPT_LINES: usize = 30;
/// Findings named beside the primary one.
const OTHER_FINDINGS: usize = 5;
/// Changed files named.
const NAMED_FILES: usize = 12;

/// What is said in the thread, or nothing if the main message said it all.
pub fn detail_message(story: &FailureStory) -> Option<Message> {
    let primary = story.primary()?;
    let mut message = Message::new(Tone::Info, text::detail::headline(&primary.name));
    message.excerpt = excerpt_of(primary, DETAIL_EXCERPT_LINES);
    message.citations.extend(log_citation(primary));
    for note in &primary.diagnosis.notes {
        message.sections.push(section(None, vec![Span::text(note.sentence())]));
    }
    let key = primary.diagnosis.key_line.as_ref().map(|key| key.line);
    let others: Vec<_> = primary
        .diagnosis
        .findings
        .iter()
        .filter(|finding| Some(finding.lines.0) != key && Some(finding.key_line.line) != key)
        .take(OTHER_FINDINGS)
        .collect();
    for (position, finding) in others.iter().enumerate() {
        let title = (position == 0).then(text::detail::other_findings_title);
        message.sections.push(section(
            title,
            vec![Span::text(text::detail::finding(
                finding.key_line.line,
                text::category::name(finding.category),
                &finding.summary,
            ))],
        ));
    }
    for job in
        story.jobs.iter().skip(1).filter(|job| job.diagnosis.fingerprint != primary.diagnosis.fingerprint)
    {
        message.sections.push(section(
            None,
            vec![
                Span::strong(job.name.clone()),
                Span::text(": "),
                Span::text(text::failure::summary_or_none(&job.diagnosis.summary)),
            ],
        ));
        message.citations.extend(log_citation(job));
    }
    for (position, fix) in primary.diagnosis.fix.iter().enumerate().skip(1) {
        let title = (position == 1).then(text::detail::also_try_title);
        message.sections.push(section(title, text::spans(&text::sentence(fix))));
    }
    for passage in story.passages.iter().filter(|passage| passage.relevance >= RELEVANT) {
        message
            .sections
            .push(section(Some(text::failure::runbook_label(&passage.label)), text::spans(&passage.quote)));
        message.citations.push(passage_citation(passage));
    }
    if let Some(changes) = story.changes.as_ref().filter(|changes| !changes.files.is_empty()) {
        let named: Vec<&str> = changes.files.iter().take(NAMED_FILES).map(String::as_str).collect();
        message.sections.push(section(
            Some(text::detail::files_title()),
            vec![Span::text(text::detail::files(&named, changes.files.len()))],
        ));
    }
    if !primary.diagnosis.fingerprint.is_empty() {
        message.sections.push(section(
            Some(text::detail::fingerprint_title()),
            vec![Span::code(primary.diagnosis.fingerprint.clone())],
        ));
    }
    Some(message)
}

fn section(title: Option<String>, text: Vec<Span>) -> Section {
    Section { title, text, detail: true }
}
