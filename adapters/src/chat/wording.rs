//! Words of any origin, made fit to be shown: visible, on one line, shortened, or broken where it hurts least.

/// Length of a text in UTF-16 code units: never less than the characters that platforms speak of, so that a text within a
/// limit is within it however they count.
pub fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Without what cannot be seen: control signs, and the signs that turn the direction of writing around.
pub(in crate::chat) fn visible(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .filter_map(|c| match c {
            '\u{2028}' | '\u{2029}' | '\u{85}' | '\r' | '\u{b}' | '\u{c}' => Some('\n'),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
            '\n' | '\t' => Some(c),
            control if control.is_control() => None,
            other => Some(other),
        })
        .collect()
}

/// On one line.
pub(in crate::chat) fn one_line(text: &str) -> String {
    visible(text).replace(['\n', '\t'], " ")
}

/// The words up to `max`, ending at a word, with an ellipsis where something is left out. For labels, never for prose.
pub(in crate::chat) fn shorten(text: &str, max: usize) -> String {
    let text = text.trim();
    if length(text) <= max {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.len_utf16();
        if used > max {
            break;
        }
        kept.push(c);
    }
    let word_end = kept.rfind(' ').filter(|end| *end * 2 > kept.len()).unwrap_or(kept.len());
    kept.truncate(word_end);
    format!("{}…", kept.trim_end())
}

/// The text whole if it fits, otherwise in parts that do, broken at the best places. What does not fit even as a single
/// character is left out.
pub(in crate::chat) fn broken<'a>(text: &'a str, fits: &dyn Fn(&str) -> bool) -> Vec<&'a str> {
    if fits(text) {
        return vec![text];
    }
    let Some((left, right)) = halves(text) else { return Vec::new() };
    let mut parts = broken(left, fits);
    parts.extend(broken(right, fits));
    parts
}

fn halves(text: &str) -> Option<(&str, &str)> {
    let middle = text.len() / 2;
    let near_middle = |at: &usize| at.abs_diff(middle);
    let starts = |after: fn(char) -> bool| {
        text.char_indices()
            .filter(move |(_, c)| after(*c))
            .map(|(at, c)| at + c.len_utf8())
            .filter(|at| *at < text.len())
    };
    let at = starts(|c| c == '\n')
        .min_by_key(near_middle)
        .or_else(|| starts(char::is_whitespace).min_by_key(near_middle))
        .or_else(|| text.char_indices().map(|(at, _)| at).filter(|at| *at > 0).min_by_key(near_middle))?;
    Some(text.split_at(at))
}

/// Sentences with the space that follows them.
pub(in crate::chat) fn sentences(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if c == '\n' || (c == ' ' && matches!(before, '.' | '!' | '?')) {
            out.push(&text[start..=at]);
            start = at + 1;
        }
        before = c;
    }
    out.push(&text[start..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_outside_the_basic_plane_count_twice() {
        assert_eq!(length("aé"), 2);
        assert_eq!(length("🔥"), 2);
    }

    #[test]
    fn labels_shorten_at_a_word() {
        assert_eq!(shorten("Re-run failed jobs", 75), "Re-run failed jobs");
        assert_eq!(shorten("Re-run failed jobs of everything", 20), "Re-run failed jobs…");
        assert_eq!(shorten("🔥🔥🔥🔥", 5), "🔥🔥…");
    }

    #[test]
    fn parts_join_to_the_whole() {
        for text in ["one two three four", "aaaaaaaaaaaaaaaa", "é\né\né🔥🔥🔥", ""] {
            let parts = broken(text, &|part| length(part) <= 4);
            assert_eq!(parts.concat(), text);
            assert!(parts.iter().all(|part| length(part) <= 4), "{parts:?}");
        }
    }
}
