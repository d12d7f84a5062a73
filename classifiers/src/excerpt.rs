//! The lines worth showing: the decisive one, its block, and what stands around it.

use std::collections::BTreeSet;

use crate::{diagnosis::ExcerptLine, lines::Lines, redact};

/// The most lines that an excerpt has.
pub(crate) const LINES: usize = 30;
/// Longer lines are cut here (characters).
const WIDTH: usize = 400;
/// Lines shown around the decisive one when there is room.
const AROUND: u64 = 3;

/// Builds the excerpt of the lines that stand in `bounds` or belong to what explains it, and counts what was taken out of it.
pub(crate) fn excerpt(
    lines: &Lines,
    key: u64,
    explains: &[(u64, u64)],
    bounds: (u64, u64),
    redactions: &mut u64,
) -> Vec<ExcerptLine> {
    let mut chosen: BTreeSet<u64> = BTreeSet::from([key]);
    // The block of the key line first, then what is around it, then further blocks.
    let home = explains.iter().filter(|(first, last)| (*first..=*last).contains(&key));
    let others = explains.iter().filter(|(first, last)| !(*first..=*last).contains(&key));
    for (first, last) in home.copied() {
        add(&mut chosen, key..=last.min(key + LINES as u64));
        add(&mut chosen, first.max(key.saturating_sub(LINES as u64))..=key);
    }
    add(&mut chosen, key.saturating_sub(AROUND).max(bounds.0)..=(key + AROUND).min(bounds.1));
    for (first, last) in others.copied() {
        add(&mut chosen, first..=last.min(first + LINES as u64));
    }
    let empty = |number: &u64| lines.get(*number).is_none_or(<[u8]>::is_empty);
    while chosen.last().is_some_and(empty) {
        chosen.pop_last();
    }
    while chosen.first().is_some_and(empty) {
        chosen.pop_first();
    }
    // Lines of a key block are told by the frame around them, so they go through redaction together.
    let mut in_key = false;
    let shown = chosen.into_iter().filter_map(|number| Some((number, lines.get(number)?)));
    shown
        .map(|(number, line)| {
            let line = String::from_utf8_lossy(line);
            let frame = line.contains("PRIVATE KEY");
            let text = if in_key && !frame {
                *redactions += 1;
                "[redacted:private_key]".to_owned()
            } else {
                shown_text(&line, redactions)
            };
            if frame {
                in_key = line.contains("-----BEGIN") && !line.contains("-----END");
            }
            ExcerptLine { number, text, key: number == key }
        })
        .collect()
}

fn add(chosen: &mut BTreeSet<u64>, range: std::ops::RangeInclusive<u64>) {
    for number in range {
        if chosen.len() >= LINES {
            return;
        }
        chosen.insert(number);
    }
}

/// A line as it may be shown: redacted, and cut if it is very long.
pub(crate) fn shown_text(line: &str, redactions: &mut u64) -> String {
    let redacted = redact::redact(line);
    *redactions += redacted.count;
    match redacted.text.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &redacted.text[..end]),
        None => redacted.text.into_owned(),
    }
}
