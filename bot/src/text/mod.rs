//! Everything that the bot says, in one catalogue: another language is another set of these files.
//!
//! Functions take facts and give plain text; nothing here knows a surface's markup. Outside text (titles, log lines) comes
//! in as arguments and is shortened here, never interpreted.

pub mod actions;
pub mod answer;
pub mod category;
pub mod detail;
pub mod failure;
pub mod feedback;
pub mod form;
pub mod home;
pub mod lost;
pub mod moves;
pub mod remedy;
pub mod rollup;
pub mod slack;

use adapters::message::Span;
use jiff::{SignedDuration, Timestamp};

/// What to know of a diagnosis of a log's end alone.
pub fn provisional(from: u64) -> String {
    format!("Provisional: only the end of the log was read, and lines are counted from byte {from} on.")
}

/// The text with a full stop, unless it ends a sentence already.
pub fn sentence(text: &str) -> String {
    let text = &one_line(text);
    if text.is_empty() || text.ends_with(['.', '!', '?', ':', '…']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// The text as spans: what stands in backticks is code.
pub fn spans(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    // An odd number of backticks leaves the last one as it is.
    let pairs = text.matches('`').count() / 2;
    let mut rest = text;
    for _ in 0..pairs {
        let Some((before, code)) =
            rest.split_once('`').and_then(|(before, after)| Some((before, after.split_once('`')?)))
        else {
            break;
        };
        if !before.is_empty() {
            spans.push(Span::text(before));
        }
        if !code.0.is_empty() {
            spans.push(Span::code(code.0));
        }
        rest = code.1;
    }
    if !rest.is_empty() {
        spans.push(Span::text(rest));
    }
    spans
}

/// At most `characters` on one line, with an ellipsis where something was left out.
pub fn clipped(text: &str, characters: usize) -> String {
    let line = one_line(text);
    if line.chars().count() <= characters {
        return line;
    }
    let mut short: String = line.chars().take(characters.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// A name from outside as one line: it must not make lines of its own in what we say.
fn one_line(text: &str) -> String {
    text.split(|letter: char| letter.is_whitespace() || letter.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The first seven characters of a commit id, as git shows it.
pub fn short_sha(sha: &str) -> String {
    sha.chars().take(7).collect()
}

/// `payments` of `acme/payments`.
pub fn short_repo(repo: &str) -> &str {
    repo.rsplit('/').next().unwrap_or(repo)
}

/// `42 min`, `3 h 5 min`, `2 days`.
pub fn span(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 if seconds % 3600 < 60 => format!("{} h", seconds / 3600),
        3600..86_400 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        86_400..172_800 => "1 day".to_owned(),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// `12 min ago`.
pub fn ago(then: Timestamp, now: Timestamp) -> String {
    let passed = now.duration_since(then);
    if passed.as_secs() < 5 { "just now".to_owned() } else { format!("{} ago", span(passed)) }
}

/// `2026-11-23 09:12 UTC`
pub fn day_and_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// `1 run`, `3 runs`.
pub fn count(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// `a`, `a and b`, `a, b and 3 more`.
pub fn listed(names: &[&str], show: usize) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [one, two] => format!("{one} and {two}"),
        many if many.len() <= show => {
            let (last, first) = many.split_last().map_or((&"", many), |(last, first)| (last, first));
            format!("{} and {last}", first.join(", "))
        }
        many => format!("{} and {} more", many[..show].join(", "), many.len() - show),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_as_people_say_them() {
        let said = |seconds| span(SignedDuration::from_secs(seconds));
        assert_eq!(
            [0, 59, 60, 2520, 3600, 11_100, 90_000, 200_000].map(said),
            ["0 s", "59 s", "1 min", "42 min", "1 h", "3 h 5 min", "1 day", "2 days"]
        );
    }

    #[test]
    fn lists_name_some_and_count_the_rest() {
        assert_eq!(listed(&["a", "b", "c", "d"], 2), "a, b and 2 more");
        assert_eq!(listed(&["a", "b", "c"], 3), "a, b and c");
        assert_eq!(listed(&["a"], 3), "a");
    }

    #[test]
    fn backticks_become_code() {
        let shown: Vec<String> =
            spans("run `cargo test` or ``, then `x").iter().map(|span| format!("{span:?}")).collect();
        assert_eq!(
            shown,
            [
                "Text { text: \"run \" }",
                "Code { text: \"cargo test\" }",
                "Text { text: \" or \" }",
                "Text { text: \", then `x\" }"
            ]
        );
        assert_eq!(spans(""), []);
    }

    #[test]
    fn clipping_counts_characters_not_bytes() {
        assert_eq!(clipped("äöüäöü", 4), "äöü…");
        assert_eq!(clipped("short", 10), "short");
    }
}
