//! Log lines as they are shown and cited.

use adapters::message::{Citation, Excerpt, ExcerptLine};
use classifiers::Diagnosis;

use super::story::JobReading;

/// How many characters of one line are shown: what a chat window shows without folding twice.
const MAX_LINE_CHARACTERS: usize = 240;

/// Lines shown around the block that explains the failure.
const CONTEXT: u64 = 1;

/// At most `lines` lines of the reading's excerpt, around the decisive one. With room to spare, lines of the block that it
/// belongs to come before those that merely stand near.
pub fn excerpt_of(reading: &JobReading, lines: usize) -> Option<Excerpt> {
    let all = &reading.diagnosis.excerpt;
    let key = all.iter().position(|line| line.key).unwrap_or(0);
    let number = all.get(key)?.number;
    let (first, last) = block_around(&reading.diagnosis, number);
    let from = all.iter().position(|line| line.number + CONTEXT >= first).unwrap_or(key);
    let to = all.iter().rposition(|line| line.number <= last + CONTEXT).map_or(key + 1, |last| last + 1);
    let near = if to - from >= 2 { &all[from..to] } else { &all[..] };
    let key = near.iter().position(|line| line.number == number).unwrap_or(0);
    // Some of what came before, more of what came after: tools explain below their headline more often than above.
    let start = key.saturating_sub(lines / 3).min(near.len().saturating_sub(lines));
    let shown = near[start..]
        .iter()
        .take(lines)
        .map(|line| ExcerptLine { number: line.number, text: shortened(&line.text), key: line.key })
        .collect();
    Some(Excerpt {
        name: reading.name.clone(),
        url: reading.line_url.clone().or_else(|| reading.url.clone()),
        lines: shown,
        whole: false,
    })
}

/// The citation of the decisive line.
pub fn log_citation(reading: &JobReading) -> Option<Citation> {
    let key = reading.diagnosis.key_line.as_ref()?;
    let (first, last) = block_around(&reading.diagnosis, key.line);
    Some(Citation {
        reference: if first == last { format!("log:{first}") } else { format!("log:{first}-{last}") },
        label: crate::text::failure::log_label(&reading.name, first, last),
        url: reading.line_url.clone().or_else(|| reading.url.clone()),
        quote: shortened(&key.text),
    })
}

fn block_around(diagnosis: &Diagnosis, line: u64) -> (u64, u64) {
    diagnosis
        .explains
        .iter()
        .copied()
        .find(|(first, last)| (*first..=*last).contains(&line))
        .unwrap_or((line, line))
}

fn shortened(text: &str) -> String {
    let text = text.trim_end();
    if text.chars().count() <= MAX_LINE_CHARACTERS {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(MAX_LINE_CHARACTERS - 1).collect();
    short.push('…');
    short
}
