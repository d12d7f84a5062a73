//! Log lines as they are shown and cited.

use adapters::message::{Citation, Excerpt, ExcerptLine};
use classifiers::Diagnosis;

use super::story::JobReading;

/// How many characters of one line are shown: what a chat window shows without folding twice.
const MAX_LINE_CHARACTERS: usize = 240;

/// At most `lines` lines of the reading's excerpt, around the decisive one.
pub fn excerpt_of(reading: &JobReading, lines: usize) -> Option<Excerpt> {
    let all = &reading.diagnosis.excerpt;
    if all.is_empty() {
        return None;
    }
    let key = all.iter().position(|line| line.key).unwrap_or(0);
    // One line of what came before, the rest after: tools explain below their headline more often than above.
    let before = lines.saturating_sub(1).min(lines / 3);
    let start = key.saturating_sub(before).min(all.len().saturating_sub(lines));
    let shown = all[start..]
        .iter()
        .take(lines)
        .map(|line| ExcerptLine { number: line.number, text: shortened(&line.text), key: line.key })
        .collect();
    Some(Excerpt {
        name: reading.name.clone(),
        url: reading.line_url.clone().or_else(|| reading.url.clone()),
        lines: shown,
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
