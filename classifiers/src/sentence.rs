//! The one sentence about a failure, as a person would say it: one line, not long, without the noise of a log.

/// No sentence is longer (characters).
const WIDTH: usize = 200;
/// What frameworks put in front of the message of an assertion, which says nothing.
const NOISE: [&str; 9] = [
    "AssertionError [ERR_ASSERTION]: ",
    "AssertionError: ",
    "java.lang.AssertionError: ",
    "org.opentest4j.AssertionFailedError: ",
    "junit.framework.AssertionFailedError: ",
    "org.junit.ComparisonFailure: ",
    "AssertionFailedError: ",
    "Failed asserting that ",
    "Error: ",
];

/// Tidies a sentence up: blanks and colons are not doubled, open ends are taken off, and it ends at a word.
pub(crate) fn tidy(sentence: &str) -> String {
    let mut tidied = String::with_capacity(sentence.len());
    for word in sentence.split_whitespace() {
        let doubled = matches!(word, ":" | "," | ".") && tidied.ends_with([':', ',', '.']);
        if doubled {
            continue;
        }
        if !tidied.is_empty() && !matches!(word, ":" | "," | "." | ")") {
            tidied.push(' ');
        }
        tidied.push_str(word);
    }
    let tidied = tidied.trim_end_matches([':', ',', ' ', '(']);
    cut(tidied)
}

/// At most so many characters, ended at a word.
fn cut(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(WIDTH) else { return text.to_owned() };
    let room = &text[..text.char_indices().nth(WIDTH - 1).map_or(end, |(at, _)| at)];
    // A word of half the sentence is cut inside.
    let word = room.rfind(' ').filter(|at| *at > WIDTH / 2).unwrap_or(room.len());
    format!("{}…", room[..word].trim_end_matches([' ', ',', ':', ';', '.', '(']))
}

/// The sentence about a failed test.
pub(crate) fn failed_test(name: &str, message: &str) -> String {
    format!("{name} failed: {}", without_noise(message))
}

/// The message of an assertion without the name of the framework's exception.
fn without_noise(message: &str) -> &str {
    let message = message.trim();
    NOISE.iter().find_map(|noise| message.strip_prefix(noise)).unwrap_or(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_tidied_up() {
        assert_eq!(tidy("refused : : ERROR:  deadlock\tdetected :"), "refused: ERROR: deadlock detected");
        assert_eq!(tidy("at src/lib.rs:3 (x , y )"), "at src/lib.rs:3 (x, y)");
    }

    #[test]
    fn a_long_one_ends_at_a_word() {
        let long = tidy(&"word ".repeat(60));
        assert!(long.ends_with("word…") && long.chars().count() <= WIDTH, "{long}");
        assert_eq!(tidy(&"ä".repeat(300)).chars().count(), WIDTH);
    }

    #[test]
    fn a_test_is_told_by_its_message() {
        assert_eq!(failed_test("adds", "AssertionError: 2 != 3"), "adds failed: 2 != 3");
    }
}
