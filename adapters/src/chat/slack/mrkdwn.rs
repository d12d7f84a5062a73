//! Plain text into Slack's mrkdwn, so that it reads as it was written and means nothing.
//!
//! `&`, `<` and `>` are escaped as Slack asks: without a raw `<` nothing can mention, and with `verbatim` set on the text
//! object nothing is linked by itself. Mrkdwn has no escape for its formatting signs; where one of them could begin to
//! format, a look-alike takes its place (`∗` for `*`). Code is left as it is, but for the backticks that would end it.

use std::fmt::Write as _;

use crate::chat::link::safe_url;
use crate::chat::slack::limits;

pub(super) use crate::chat::wording::{one_line, visible};

/// The signs that open and close formatting, with their look-alikes.
const SIGNS: [(char, char); 4] = [('*', '∗'), ('_', 'ˍ'), ('~', '∼'), ('`', BACKTICK)];

/// Stands for a backtick where a real one would end a code span or block.
const BACKTICK: char = 'ˋ';

/// Stands for `>` at the start of a line, where even the escaped one makes a quotation.
const QUOTE: char = '›';

/// Stands for the `@` of `@here`, `@channel` and `@everyone`. Slack ignores these words in our posts; people should too.
const AT: char = '＠';

/// Which formatting signs come at least twice in what will be one text object, and so could format something.
pub(super) struct Signs([bool; 4]);

impl Signs {
    /// Looks at everything outside code that goes into the text object.
    pub(super) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut seen = [0_u8; 4];
        for c in texts.into_iter().flat_map(str::chars) {
            if let Some(index) = SIGNS.iter().position(|(sign, _)| *sign == c) {
                seen[index] = seen[index].saturating_add(1);
            }
        }
        Self(seen.map(|count| count > 1))
    }

    /// Words in plain text.
    pub(super) fn plain(&self, text: &str) -> String {
        escape(&self.neutral(text))
    }

    /// Words in bold, line by line, because bold ends with its line.
    pub(super) fn strong(&self, text: &str) -> String {
        let mut out = String::new();
        for (index, line) in visible(text).lines().enumerate() {
            if index > 0 {
                out.push('\n');
            }
            let words = line.trim();
            if !words.is_empty() {
                let _ = write!(out, "*{}*", escape(&self.neutral(words).replace('*', "∗")));
            }
        }
        out
    }

    /// A link if the address may be one, otherwise just its words. Empty words show the address.
    pub(super) fn link(&self, text: &str, url: &str) -> String {
        let Some(address) = address(url) else { return self.plain(text) };
        let words = one_line(text);
        let words = match words.trim() {
            // The address was not looked at for signs.
            "" => Self([true; 4]).plain(&one_line(url)),
            words => self.plain(words),
        };
        format!("<{address}|{}>", words.replace('|', "¦"))
    }

    /// Without anything that formats, quotes or looks like a call to everybody; not escaped yet.
    fn neutral(&self, text: &str) -> String {
        let text = visible(text);
        let mut out = String::with_capacity(text.len());
        let mut before = '\n';
        let mut line_is_blank = true;
        for (at, c) in text.char_indices() {
            let sign = SIGNS.iter().position(|(sign, _)| *sign == c);
            out.push(match (c, sign) {
                ('@', _) if calls_everybody(&text[at + 1..]) => AT,
                ('>', _) if line_is_blank => QUOTE,
                (_, Some(index)) if self.0[index] && (c == '`' || !before.is_alphanumeric()) => {
                    SIGNS[index].1
                }
                (other, _) => other,
            });
            line_is_blank = c == '\n' || (line_is_blank && c.is_whitespace());
            before = c;
        }
        out
    }
}

/// One line of code. An empty one is nothing.
pub(super) fn code(text: &str) -> String {
    let line = one_line(text).replace('`', &BACKTICK.to_string());
    if line.trim().is_empty() { String::new() } else { format!("`{}`", escape(&line)) }
}

/// Several lines of code in a block of their own.
pub(super) fn code_block(lines: &str) -> String {
    format!("```\n{}\n```", escape(&visible(lines).replace("```", "ˋˋˋ")))
}

/// The address as it stands between `<` and `|`.
pub(super) fn address(url: &str) -> Option<String> {
    let mut safe = safe_url(url)?;
    // These would end the address, or the text around it.
    for (sign, encoded) in [("|", "%7C"), ("<", "%3C"), (">", "%3E"), ("`", "%60"), ("&", "&amp;")] {
        safe = safe.replace(sign, encoded);
    }
    (limits::length(&safe) <= limits::BUTTON_URL / 2).then_some(safe)
}

/// Text for the top-level `text`, which has no formatting but is searched for mentions.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            other => out.push(other),
        }
    }
    out
}

fn calls_everybody(after_at: &str) -> bool {
    let word: String = after_at.chars().take_while(char::is_ascii_alphanumeric).take(10).collect();
    ["here", "channel", "everyone", "group"].contains(&word.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        Signs::of([text]).plain(text)
    }

    #[test]
    fn mentions_and_markup_become_words() {
        assert_eq!(plain("<!channel> & <@U123> @here"), "&lt;!channel&gt; &amp; &lt;@U123&gt; ＠here");
        assert_eq!(plain("*bold* _it_ ~gone~ `code`"), "∗bold* ˍit_ ∼gone~ ˋcodeˋ");
        assert_eq!(plain("> quoted\n  > again\na > b"), "› quoted\n  › again\na &gt; b");
        assert_eq!(plain("nice\u{202e}gpj.exe\0"), "nicegpj.exe");
    }

    #[test]
    fn signs_that_cannot_format_stay() {
        assert_eq!(plain("*.rs in ~/src, feature_foo_bar, 2*3*4"), "∗.rs in ~/src, feature_foo_bar, 2*3*4");
        assert_eq!(plain("cargo test -- *.rs"), "cargo test -- *.rs");
        assert_eq!(plain("mail@heretic.example"), "mail@heretic.example");
    }

    #[test]
    fn signs_that_pair_up_across_texts_are_seen() {
        let signs = Signs::of(["*a", "b*"]);
        assert_eq!(format!("{} {}", signs.plain("*a"), signs.plain("b*")), "∗a b*");
    }

    #[test]
    fn code_cannot_be_left() {
        assert_eq!(code("a`b```c\n<!here>"), "`aˋbˋˋˋc &lt;!here&gt;`");
        assert_eq!(code(" \n"), "");
        assert_eq!(code_block("x\n```\n*y*"), "```\nx\nˋˋˋ\n*y*\n```");
        assert_eq!(code_block("expected `u32`"), "```\nexpected `u32`\n```");
    }

    #[test]
    fn bold_keeps_to_its_line() {
        let signs = Signs::of([]);
        assert_eq!(signs.strong(" a*b \nc"), "*a∗b*\n*c*");
        assert_eq!(signs.strong("  "), "");
    }

    #[test]
    fn links_lead_only_where_we_say() {
        let link = |text: &str, url: &str| Signs::of([text]).link(text, url);
        assert_eq!(
            link("run > 1|<https://evil.example|x>", "https://ci.example/r?a=1&b=|>"),
            "<https://ci.example/r?a=1&amp;b=%7C%3E|run &gt; 1¦&lt;https://evil.example¦x&gt;>"
        );
        assert_eq!(link("click", "javascript:alert(1)"), "click");
        assert_eq!(link("click", &format!("https://x.example/{}", "a".repeat(5000))), "click");
    }
}
