//! Some lines of a log, as they may be shown to people.

use std::io::{self, Read};
use std::ops::RangeInclusive;

use crate::{diagnosis::ExcerptLine, excerpt, log};

/// The most lines that one window has; further ones are left out.
pub const LONGEST: u64 = 80;

/// Reads a log to its end and gives the lines of `range` (numbered from 1, as in the log's own file), cleaned, without
/// secrets and cut if they are very long. Lines that the log does not have are left out.
///
/// # Errors
/// The reader's.
pub fn window(reader: impl Read, range: &RangeInclusive<u64>) -> io::Result<Vec<ExcerptLine>> {
    let last = *range.end().min(&range.start().saturating_add(LONGEST - 1));
    let mut shown = Vec::new();
    // A key's lines are told by the frame around them, and the frame may stand before the window.
    let mut in_key = false;
    log::clean(reader, |number, line| {
        if number > last {
            return;
        }
        let frame = memchr::memmem::find(line, b"PRIVATE KEY").is_some();
        if number >= *range.start() {
            let line = String::from_utf8_lossy(line);
            let text = if in_key && !frame {
                "[redacted:private_key]".to_owned()
            } else {
                excerpt::shown_text(&line, &mut 0)
            };
            shown.push(ExcerptLine { number, text, key: false });
        }
        if frame {
            let has = |mark: &[u8]| memchr::memmem::find(line, mark).is_some();
            in_key = has(b"-----BEGIN") && !has(b"-----END");
        }
    })?;
    Ok(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(log: &str, range: &RangeInclusive<u64>) -> Vec<String> {
        window(log.as_bytes(), range)
            .unwrap()
            .into_iter()
            .map(|line| format!("{} {}", line.number, line.text))
            .collect()
    }

    #[test]
    fn lines_keep_their_numbers_and_lose_their_colours() {
        let log = "one\r\n\u{1b}[31mtwo\u{1b}[0m\nthree\nfour";
        assert_eq!(shown(log, &(2..=3)), ["2 two", "3 three"]);
        assert_eq!(shown(log, &(4..=9)), ["4 four"]);
        assert_eq!(shown(log, &(5..=9)), [""; 0]);
        assert_eq!(shown("", &(1..=1)), [""; 0]);
        assert_eq!(shown(&"x\n".repeat(500), &(1..=u64::MAX)).len(), usize::try_from(LONGEST).unwrap());
    }

    #[test]
    fn secrets_are_gone_even_where_the_window_cuts_into_them() {
        let log = "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\nshort\n-----END RSA PRIVATE KEY-----\nb\n\
                   TOKEN=ghp_abcdefghijklmnopqrstuvwxyz0123456789\n";
        let inside = shown(log, &(3..=4)).join("\n");
        assert_eq!(inside, "3 [redacted:private_key]\n4 [redacted:private_key]");
        let after = shown(log, &(6..=7)).join("\n");
        assert!(after.starts_with("6 b\n") && !after.contains("ghp_"), "{after}");
    }
}
