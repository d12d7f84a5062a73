//! The log itself: around the decisive line, or the lines that are asked for.

use std::ops::RangeInclusive;

use adapters::ci::{CiError, CiProvider};
use adapters::event::Job;
use adapters::message::{Excerpt, ExcerptLine, Message, Tone};
use classifiers::window::{LONGEST, window};
use futures::TryStreamExt;
use tokio::io::AsyncReadExt;
use tokio_util::io::{StreamReader, SyncIoBridge};

use super::failure::{Meant, meant, understood};
use super::{Asked, words};
use crate::ask::intent::Place;
use crate::redaction;
use crate::text;
use crate::triage::{self, TriageError};

/// Lines shown before and after the decisive one.
const BEFORE: u64 = 20;
const AFTER: u64 = 10;

pub(super) async fn show(
    asked: Asked<'_>,
    place: Place,
    lines: Option<RangeInclusive<u64>>,
) -> Result<Message, TriageError> {
    let breakage = match meant(asked, place).await? {
        Meant::One { breakage, .. } => breakage,
        Meant::Instead(message) => return Ok(*message),
    };
    let story = triage::story_of(asked.app, &breakage).await?;
    let (Some(job), Some(primary)) = (triage::primary_job(asked.app, &story).await?, story.primary()) else {
        let mut message = Message::new(Tone::Info, text::answer::no_log());
        message.sections.push(understood(&story, &breakage));
        return Ok(message);
    };
    let key = primary.diagnosis.key_line.as_ref().map(|key| key.line);
    let range = match (lines, key) {
        (Some(lines), _) => *lines.start()..=*lines.end().min(&(lines.start() + LONGEST - 1)),
        (None, Some(key)) => key.saturating_sub(BEFORE).max(1)..=key + AFTER,
        (None, None) => {
            let total = primary.diagnosis.lines;
            total.saturating_sub(BEFORE + AFTER).max(1)..=total.max(1)
        }
    };
    let provider = asked.app.ci.get(&story.run.at.source);
    let provider = provider.ok_or_else(|| TriageError::NoSource(story.run.at.source.clone()))?;
    let max_bytes = asked.app.config.triage.max_log_bytes;
    let mut message = match read(provider.as_ref(), &story, &job, max_bytes, range.clone()).await? {
        Ok(shown) if shown.is_empty() => {
            Message::new(Tone::Info, text::answer::no_such_lines(&range, &job.name))
        }
        Ok(shown) => {
            let mut message = Message::new(Tone::Info, text::answer::lines_of(&range, &job.name));
            let lines = shown.into_iter().map(|line| ExcerptLine {
                key: Some(line.number) == key,
                number: line.number,
                text: line.text,
            });
            message.excerpt = Some(Excerpt {
                name: job.name.clone(),
                url: provider.log_line_url(&job, *range.start()).or_else(|| primary.url.clone()),
                lines: lines.collect(),
                whole: true,
            });
            message
        }
        Err(why) => Message::new(Tone::Info, text::answer::log_not_had(&why)),
    };
    message.url.clone_from(&primary.url);
    message.sections.push(understood(&story, &breakage));
    if let Some(problem) = &primary.log_problem {
        message.sections.push(words(problem.clone()));
    }
    Ok(message)
}

/// The lines, or why they cannot be had.
async fn read(
    provider: &dyn CiProvider,
    story: &crate::explain::FailureStory,
    job: &Job,
    max_bytes: u64,
    range: RangeInclusive<u64>,
) -> Result<Result<Vec<classifiers::ExcerptLine>, String>, TriageError> {
    let stream = match provider.log(&story.run.at, job).await {
        Ok(stream) => stream,
        Err(limited @ CiError::RateLimited { .. }) => return Err(limited.into()),
        Err(error) => return Ok(Err(redaction::words(&error.to_string()))),
    };
    let reader = StreamReader::new(stream.map_err(std::io::Error::other)).take(max_bytes);
    // Cleaning is work for a processor, not for the runtime.
    let reading = tokio::task::spawn_blocking(move || window(SyncIoBridge::new(reader), &range));
    let read = reading.await.map_err(|error| TriageError::JudgeFell(error.to_string()))?;
    Ok(read.map_err(|error| redaction::words(&error.to_string())))
}
