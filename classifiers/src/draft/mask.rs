//! From one line to an expression for all lines like it: what varies becomes a class, what identifies a named group.

use std::fmt::Write as _;

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// An expression is made of so much of a line, in bytes.
const LONGEST: usize = 200;
/// Words with so many letters in a row show what a line is about.
const WORD: usize = 3;

/// What varies in lines: the first alternative that fits wins, from left to right.
static VARYING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?P<hidden>\[redacted:[\w-]+\]|[\x00-\x08\x0b-\x1f\x7f\u{fffd}]+)",
        r"|(?P<quoted>'[^']+'|\x22[^\x22]+\x22|`[^`]+`)",
        r"|(?P<url>\bhttps?://[^\s'\x22`<>]+)",
        r"|(?P<path>(?:\b[A-Za-z]:|[.~])?(?:[\\/][\w.@+-]+)+[\\/]?|\b[\w.@+-]+(?:/[\w.@+-]+)+)",
        r"|(?P<hash>\b(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{7,64})\b)",
        r"|(?P<file>\b[\w-]+\.(?:[a-z]{1,5}[0-9]?)\b)",
        r"|(?P<number>\d+(?:[.,:]\d+)*)",
        r"|(?P<blank>\s+)",
    ))
    .ok()
});

/// A line, masked.
#[derive(Debug, Default)]
pub(super) struct Masked {
    /// The expression, from where the line begins.
    pub(super) pattern: String,
    /// The line for the reader, with `{name}` for each group.
    pub(super) sentence: String,
    /// The words that are left, in lower case.
    pub(super) words: Vec<String>,
}

/// Masks a redacted line. `taken` holds the names of groups that are in use, and takes in the new ones.
pub(super) fn mask(line: &str, taken: &mut Vec<String>) -> Masked {
    let line = line.trim_end();
    let mut masked = Masked { pattern: "^".to_owned(), ..Masked::default() };
    let Some(varying) = VARYING.as_ref() else { return masked };
    let cut = (0..=LONGEST.min(line.len())).rev().find(|&at| line.is_char_boundary(at)).unwrap_or(0);
    let mut at = 0;
    for found in varying.captures_iter(line) {
        let place = found.get(0).map_or(0..0, |found| found.range());
        if place.end > cut {
            break;
        }
        // A number within a word is a part of its name: E0308, sha256, v2.
        let within = found.name("number").is_some()
            && line[..place.start]
                .chars()
                .next_back()
                .is_some_and(|before| before.is_alphabetic() || before == '_');
        if within {
            continue;
        }
        masked.text(&line[at..place.start]);
        masked.vary(&found, &line[..place.start], taken);
        at = place.end;
    }
    if cut == line.len() {
        masked.text(&line[at..]);
        masked.pattern.push('$');
    } else {
        masked.text(&line[at..cut.max(at)]);
    }
    masked
}

impl Masked {
    /// Text that stays as it is.
    fn text(&mut self, text: &str) {
        for letter in text.chars() {
            if r"\.+*?()|[]{}^$".contains(letter) {
                self.pattern.push('\\');
            }
            self.pattern.push(letter);
            // Braces would be places of a template.
            self.sentence.push(match letter {
                '{' => '(',
                '}' => ')',
                letter => letter,
            });
        }
        let words = text.split(|letter: char| !letter.is_alphabetic());
        self.words.extend(words.filter(|word| word.len() >= WORD).map(str::to_lowercase));
    }

    /// Text that varies.
    fn vary(&mut self, found: &Captures<'_>, before: &str, taken: &mut Vec<String>) {
        let text = &found[0];
        if found.name("blank").is_some() {
            self.pattern.push_str(if before.is_empty() { r"\s*" } else { r"\s+" });
            self.sentence.push_str(if before.is_empty() { "" } else { " " });
        } else if let Some(quoted) = found.name("quoted") {
            let quote = &quoted.as_str()[..1];
            let name = name(before, "name", taken);
            {
                let _ = write!(self.pattern, "{quote}(?P<{name}>[^{quote}]+){quote}");
            }
            {
                let _ = write!(self.sentence, "{quote}{{{name}}}{quote}");
            }
        } else if found.name("url").is_some() {
            let name = free("host", taken);
            {
                let _ = write!(self.pattern, r"https?://(?P<{name}>[^\s/]+)\S*");
            }
            {
                let _ = write!(self.sentence, "{{{name}}}");
            }
        } else if found.name("path").is_some() || found.name("file").is_some() {
            let name = free("path", taken);
            {
                let _ = write!(self.pattern, r"(?P<{name}>\S+)");
            }
            {
                let _ = write!(self.sentence, "{{{name}}}");
            }
        } else if found.name("hash").is_some() && text.bytes().any(|byte| byte.is_ascii_digit()) {
            self.pattern.push_str("[0-9a-f-]+");
            self.sentence.push('…');
        } else if found.name("hash").is_some() {
            // Letters alone are a word: `defaced`.
            self.text(text);
        } else if found.name("number").is_some() {
            let class = if text.bytes().all(|byte| byte.is_ascii_digit()) { r"\d+" } else { r"[\d.,:]+" };
            // An exit code or a status says what happened.
            if ["code", "status", "signal"].contains(&last_word(before).as_str()) {
                let name = name(before, "code", taken);
                {
                    let _ = write!(self.pattern, "(?P<{name}>{class})");
                }
                {
                    let _ = write!(self.sentence, "{{{name}}}");
                }
            } else {
                self.pattern.push_str(class);
                self.sentence.push('…');
            }
        } else {
            self.pattern.push_str(".+");
            self.sentence.push('…');
        }
    }
}

/// The last word of a text, if it is one that could name what follows; in lower case.
fn last_word(before: &str) -> String {
    let before = before.trim_end_matches([' ', ':', '=', '(', '#']);
    let word = before.rsplit(|letter: char| !letter.is_ascii_alphabetic()).next().unwrap_or_default();
    word.to_ascii_lowercase()
}

/// A name for a group: the word in front of it.
fn name(before: &str, otherwise: &str, taken: &mut Vec<String>) -> String {
    const EMPTY: [&str; 14] = [
        "the", "for", "and", "not", "from", "with", "but", "got", "was", "has", "are", "find", "into",
        "error",
    ];
    let word = last_word(before);
    let good = (3..=14).contains(&word.len()) && !EMPTY.contains(&word.as_str());
    free(if good { &word } else { otherwise }, taken)
}

/// The name, numbered if it is in use.
fn free(name: &str, taken: &mut Vec<String>) -> String {
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    let free = std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken.contains(name));
    let free = free.unwrap_or_default();
    taken.push(free.clone());
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(line: &str) -> String {
        mask(line, &mut Vec::new()).pattern
    }

    #[test]
    fn what_varies_is_masked_and_what_identifies_is_named() {
        let lines = [
            "sign-fw: key 'dev-7' is not trusted (exit code 3)",
            "  error[E0308]: mismatched types in src/a/b.rs:12:5",
            "GET https://registry.npmjs.example/left-pad/1.3.0 failed after 12.5s",
            "commit 9fceb02d0ae598e95dc970b74767f19372d61af8 is gone",
            "token [redacted:token] was refused by \"eu-1\" and \"eu-2\"",
            "defaced: 100% of {x} [y]",
        ];
        insta::assert_snapshot!(lines.map(pattern).join("\n"), @r#"
        ^sign-fw:\s+key\s+'(?P<key>[^']+)'\s+is\s+not\s+trusted\s+\(exit\s+code\s+(?P<code>\d+)\)$
        ^\s*error\[E0308\]:\s+mismatched\s+types\s+in\s+(?P<path>\S+):[\d.,:]+$
        ^GET\s+https?://(?P<host>[^\s/]+)\S*\s+failed\s+after\s+[\d.,:]+s$
        ^commit\s+[0-9a-f-]+\s+is\s+gone$
        ^token\s+.+\s+was\s+refused\s+by\s+"(?P<name>[^"]+)"\s+and\s+"(?P<name_2>[^"]+)"$
        ^defaced:\s+\d+%\s+of\s+\{x\}\s+\[y\]$
        "#);
        assert_eq!(mask("a 'b' {c}", &mut Vec::new()).sentence, "a '{name}' (c)");
    }

    #[test]
    fn a_long_line_is_matched_by_its_beginning() {
        let long = format!("fatal: {}", "ä ".repeat(400));
        let pattern = pattern(&long);
        assert!(pattern.starts_with(r"^fatal:\s+ä") && !pattern.ends_with('$'), "{pattern}");
    }
}
