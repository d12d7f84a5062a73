//! Plain text into Discord's Markdown, so that it reads as it was written and means nothing.
//!
//! Discord takes a backslash before any sign that is no letter, digit or space for an escape. Escaped, a sign formats
//! nothing, begins no mention (`<@…>`), time stamp or emoji, and no address comes alive: `https\:\/\/` is no address,
//! `discord\.gg\/` no invitation. An `@` keeps its distance from the word behind it, so that nothing even looks like a call
//! to everybody. Code is left as it is, but for the backticks that would end it.

use std::fmt::Write as _;

use crate::chat::discord::limits;
use crate::chat::link::safe_url;
use crate::chat::wording::{one_line, visible};

/// Longest address that is linked.
const ADDRESS: usize = 1000;

/// Names with which invitations begin, and addresses without a scheme.
const HOSTS: [&str; 3] = ["discord", "discordapp", "www"];

/// Stands for a backtick where a real one would end a code span or block.
const BACKTICK: &str = "ˋ";

/// Words in plain text.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    // What stands before a sign: nothing yet on its line, digits alone, and the last word.
    let (mut blank, mut digits, mut word) = (true, true, String::new());
    for c in visible(text).chars() {
        let escaped = match c {
            '\\' | '`' | '*' | '_' | '~' | '|' | '<' | '>' | '[' | ']' | '#' | ':' | '/' => true,
            // A list begins with one of these, at the start of a line alone.
            '-' | '+' => blank,
            '.' => (digits && !blank) || HOSTS.iter().any(|host| word.eq_ignore_ascii_case(host)),
            _ => false,
        };
        if escaped {
            out.push('\\');
        }
        out.push(c);
        if c == '@' {
            out.push('\u{200b}');
        }
        if c == '\n' {
            (blank, digits) = (true, true);
        } else if !c.is_whitespace() {
            (blank, digits) = (false, digits && c.is_ascii_digit());
        }
        if c.is_alphanumeric() { word.push(c) } else { word.clear() }
    }
    out
}

/// Words in bold, line by line, because bold should end with its line.
pub(super) fn strong(text: &str) -> String {
    let mut out = String::new();
    for (index, line) in visible(text).lines().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let words = line.trim();
        if !words.is_empty() {
            let _ = write!(out, "**{}**", plain(words));
        }
    }
    out
}

/// One line of code. An empty one is nothing.
pub(super) fn code(text: &str) -> String {
    let line = one_line(text).replace('`', BACKTICK);
    if line.trim().is_empty() { String::new() } else { format!("`{line}`") }
}

/// Several lines of code in a block of their own.
pub(super) fn code_block(lines: &str) -> String {
    format!("```\n{}\n```", visible(lines).replace("```", "ˋˋˋ"))
}

/// A link if the address may be one, otherwise just its words. No words show the address.
pub(super) fn link(text: &str, url: Option<&str>) -> String {
    let words = one_line(text);
    let words = words.trim();
    match url.and_then(|url| Some((url, address(url)?))) {
        Some((url, address)) => {
            let words = if words.is_empty() { one_line(url) } else { words.to_owned() };
            // In angle brackets Discord makes no preview of it.
            format!("[{}](<{address}>)", plain(&words))
        }
        None => plain(words),
    }
}

/// The address as it stands between `<` and `>`.
pub(super) fn address(url: &str) -> Option<String> {
    let mut safe = safe_url(url)?;
    // These would end the address, hide what is around it, or look like a call to everybody.
    for (sign, encoded) in [("<", "%3C"), (">", "%3E"), ("`", "%60"), ("|", "%7C"), ("@", "%40")] {
        safe = safe.replace(sign, encoded);
    }
    (limits::length(&safe) <= ADDRESS).then_some(safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_formats_mentions_or_links() {
        assert_eq!(plain("*b* _i_ ~~s~~ `c` ||h||"), r"\*b\* \_i\_ \~\~s\~\~ \`c\` \|\|h\|\|");
        assert_eq!(
            plain("<@123> <@&1> <#1> <t:1:R> </whyred:1>"),
            "\\<@\u{200b}123\\> \\<@\u{200b}&1\\> \\<\\#1\\> \\<t\\:1\\:R\\> \\<\\/whyred\\:1\\>"
        );
        assert_eq!(plain("@everyone @here"), "@\u{200b}everyone @\u{200b}here");
        assert_eq!(
            plain("https://evil.example [x](https://y)"),
            r"https\:\/\/evil.example \[x\](https\:\/\/y)"
        );
        assert_eq!(plain("discord.gg/abc DISCORD.com/invite/x"), r"discord\.gg\/abc DISCORD\.com\/invite\/x");
        assert_eq!(
            plain("# h\n-# s\n- l\n1. l\n> q\n  * x"),
            "\\# h\n\\-\\# s\n\\- l\n1\\. l\n\\> q\n  \\* x"
        );
        assert_eq!(plain("a-b v1.2.3 50 % (ok)!"), "a-b v1.2.3 50 % (ok)!");
        assert_eq!(plain("\\*not\\*"), r"\\\*not\\\*");
        assert_eq!(plain("nice\u{202e}gpj.exe\0"), "nicegpj.exe");
    }

    #[test]
    fn code_cannot_be_left() {
        assert_eq!(code("a`b```c\n<@1>"), "`aˋbˋˋˋc <@1>`");
        assert_eq!(code(" \n"), "");
        assert_eq!(code_block("x\n```\n*y*"), "```\nx\nˋˋˋ\n*y*\n```");
    }

    #[test]
    fn bold_keeps_to_its_line() {
        assert_eq!(strong(" a*b \nc\\"), "**a\\*b**\n**c\\\\**");
        assert_eq!(strong("  "), "");
    }

    #[test]
    fn links_lead_only_where_we_say() {
        assert_eq!(
            link("run ](https://evil.example)", Some("https://ci.example/r?a=1&b=>")),
            r"[run \](https\:\/\/evil.example)](<https://ci.example/r?a=1&b=%3E>)"
        );
        assert_eq!(link("click", Some("javascript:alert(1)")), "click");
        assert_eq!(link("click", Some(&format!("https://x.example/{}", "a".repeat(5000)))), "click");
    }
}
