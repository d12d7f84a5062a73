//! The sentences of a passage that say most about a query.

/// The longest snippet, in characters.
const MAX_CHARS: usize = 400;

/// Whole sentences in a row, at most [`MAX_CHARS`], that hold the most of what `weight` counts; the first such run.
pub(crate) fn snippet(text: &str, weight: impl Fn(&str) -> usize) -> String {
    let sentences = sentences(text);
    let lengths: Vec<usize> = sentences.iter().map(|sentence| sentence.chars().count()).collect();
    if !sentences.is_empty() && lengths.iter().sum::<usize>() + lengths.len() - 1 <= MAX_CHARS {
        return sentences.join(" ");
    }
    let weights: Vec<usize> = sentences.iter().map(|sentence| weight(sentence)).collect();
    let mut best = (0, 0..0);
    for start in 0..sentences.len() {
        let mut end = start;
        let mut length = 0;
        while end < sentences.len() && length + lengths[end] + usize::from(end > start) <= MAX_CHARS {
            length += lengths[end] + usize::from(end > start);
            end += 1;
        }
        let sum = weights[start..end].iter().sum();
        if end > start && (best.1.is_empty() || sum > best.0) {
            best = (sum, start..end);
        }
    }
    if best.1.is_empty() {
        return shorten(sentences.first().copied().unwrap_or_default());
    }
    sentences[best.1].join(" ")
}

/// Sentences and list items. A full stop ends a sentence only before white space: `1.2` and `npm.js` stay whole.
fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut start = 0;
        let mut ended = false;
        for (at, c) in line.char_indices() {
            if ended && c.is_whitespace() && !is_marker(&line[start..at]) {
                sentences.push(line[start..at].trim());
                start = at;
            }
            ended = matches!(c, '.' | '!' | '?' | '…') || (ended && matches!(c, ')' | '"' | '”' | '\''));
        }
        let rest = line[start..].trim();
        if !rest.is_empty() {
            sentences.push(rest);
        }
    }
    sentences
}

/// `2.` at the start of a list item, `e.g.` and `i.e.` end nothing.
fn is_marker(text: &str) -> bool {
    let text = text.trim();
    text.trim_end_matches('.').chars().all(|c| c.is_ascii_digit())
        || text.ends_with("e.g.")
        || text.ends_with("i.e.")
}

/// A sentence longer than the whole snippet is cut between words, and says so.
fn shorten(sentence: &str) -> String {
    if sentence.chars().count() <= MAX_CHARS {
        return sentence.to_owned();
    }
    let head: String = sentence.chars().take(MAX_CHARS - 2).collect();
    let cut = head.rfind(char::is_whitespace).filter(|cut| *cut > head.len() / 2).unwrap_or(head.len());
    format!("{} …", head[..cut].trim_end())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sentences_end_where_people_end_them() {
        let text =
            "Use npm 9.2 (or newer.) Then retry, e.g. with `npm ci`. Done?\n1. First.\n2. Second. Third";
        let expected = [
            "Use npm 9.2 (or newer.)",
            "Then retry, e.g. with `npm ci`.",
            "Done?",
            "1. First.",
            "2. Second.",
            "Third",
        ];
        assert_eq!(sentences(text), expected);
    }

    #[test]
    fn the_run_with_most_of_the_query_wins_and_the_first_of_equals() {
        let filler = format!("{}.", "x".repeat(180));
        let text = format!("{filler} {filler} Prune the disk. {filler} {filler}");
        let found = snippet(&text, |sentence| usize::from(sentence.contains("disk")));
        assert!(found.contains("Prune the disk."), "{found}");
        assert!(snippet(&text, |_| 0).starts_with(&filler));
    }

    #[test]
    fn one_endless_sentence_is_cut_between_words() {
        let cut = snippet(&"word ".repeat(300), |_| 0);
        assert!(cut.ends_with("word …") && cut.chars().count() <= MAX_CHARS, "{cut}");
        assert_eq!(snippet("", |_| 0), "");
    }

    proptest! {
        #[test]
        fn any_text_fits(text in "([a-z\u{e9}\u{1f600}.!?)0-9\n ]{0,100}|\\PC{0,100}){0,8}") {
            prop_assert!(snippet(&text, str::len).chars().count() <= MAX_CHARS);
        }
    }
}
