//! What runners write before each line: time stamps, stream markers, the columns of `gh run view --log`.

use crate::envelope::Marks;

/// Remembers the columns, which are marks only where they change.
#[derive(Debug, Default)]
pub(super) struct Prefix {
    job: Vec<u8>,
    step: Vec<u8>,
}

impl Prefix {
    /// The line without its prefix; `tab` tells whether a tab may be in it. Changes of the job and step columns go to
    /// `marks`.
    pub(super) fn strip<'l>(
        &mut self,
        line: &'l [u8],
        tab: bool,
        number: u64,
        marks: &mut Marks,
    ) -> &'l [u8] {
        let line = without_bom(line);
        match line.first() {
            Some(b'0'..=b'9' | b'[') => {
                if let Some(length) = stamp(line) {
                    return without_stream(&line[length..]);
                }
            }
            None => return line,
            _ => {}
        }
        if !tab {
            return &line[super::runner::length(line)..];
        }
        match columns(line) {
            Some((job, step, rest)) => {
                let new_job = (self.job != job).then_some(job);
                let new_step = (new_job.is_some() || self.step != step).then_some(step);
                // The provider did not know the step: the `##[group]Run` lines say it better.
                let named = new_step.filter(|step| *step != b"UNKNOWN STEP");
                crate::log::column_marks(new_job, named, number, marks);
                if new_step.is_some() {
                    self.job = job.to_vec();
                    self.step = step.to_vec();
                }
                rest
            }
            None => &line[super::runner::length(line)..],
        }
    }
}

/// A byte order mark may stand at the start of the file and of each part that was joined to it.
fn without_bom(line: &[u8]) -> &[u8] {
    line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)
}

/// `job⇥step⇥2026-01-31T…Z text`, as `gh run view --log` prints it.
fn columns(line: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let mut tabs = memchr::memchr_iter(b'\t', &line[..line.len().min(400)]);
    let (first, second) = (tabs.next()?, tabs.next()?);
    let rest = without_bom(&line[second + 1..]);
    let length = date_time(rest)?;
    let rest = rest[length..].strip_prefix(b" ").unwrap_or(&rest[length..]);
    Some((&line[..first], &line[first + 1..second], rest))
}

/// The length of a time stamp that a runner wrote before the line, with the blank behind it.
fn stamp(line: &[u8]) -> Option<usize> {
    if line[0] == b'[' {
        // Jenkins: `[2026-01-31T12:00:00.000Z] text`.
        let length = date_time(&line[1..])? + 1;
        return (line.get(length) == Some(&b']')).then(|| blank(line, length + 1));
    }
    if let Some(length) = date_time(line) {
        let behind = &line[length..];
        return match line[10] {
            b'T' if behind.is_empty() || behind[0] == b' ' => Some(blank(line, length)),
            // Zuul: `2026-01-31 12:00:00.000000 | node | text`.
            b' ' if behind.starts_with(b" | ") => {
                let text = &behind[3..];
                let node =
                    text.iter().position(|&byte| byte == b' ').filter(|&at| text[at..].starts_with(b" | "));
                Some(length + 3 + node.map_or(0, |at| at + 3))
            }
            _ => None,
        };
    }
    // Jenkins' short form: `12:00:00 text`.
    let length = clock(line)?;
    line[length..]
        .starts_with(b" ")
        .then(|| length + line[length..].iter().take_while(|b| **b == b' ').count().min(2))
}

/// `at`, or one more where a blank stands there.
fn blank(line: &[u8], at: usize) -> usize {
    at + usize::from(line.get(at) == Some(&b' '))
}

/// GitLab writes two digits, `O` or `E`, and a blank or `+` behind the time, Netlify the half of the day.
fn without_stream(line: &[u8]) -> &[u8] {
    match line {
        [b'A' | b'P', b'M', b':', b' ', rest @ ..] => rest,
        [a, b, b'O' | b'E', b' ' | b'+', rest @ ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => rest,
        _ => line,
    }
}

/// The length of `2026-01-31T12:00:00[.fraction][Z|+01:00]`, also with a blank instead of the `T`.
fn date_time(text: &[u8]) -> Option<usize> {
    let date: &[u8; 11] = text.first_chunk()?;
    let year = [date[0], date[1], date[2], date[3]].iter().all(u8::is_ascii_digit);
    if !(year && date[4] == b'-' && date[7] == b'-' && matches!(date[10], b'T' | b' ')) {
        return None;
    }
    let mut length = 11 + clock(&text[11..])?;
    match text.get(length) {
        Some(b'Z') => length += 1,
        Some(b'+' | b'-') if text.len() >= length + 6 && text[length + 3] == b':' => length += 6,
        _ => {}
    }
    Some(length)
}

/// The length of `12:00:00[.fraction]`.
pub(super) fn clock(text: &[u8]) -> Option<usize> {
    let eight = u64::from_le_bytes(*text.first_chunk()?);
    if !is_clock(eight) {
        return None;
    }
    let fraction = match text.get(8) {
        Some(b'.' | b',') => 1 + digits(&text[9..]),
        _ => 0,
    };
    Some(8 + fraction)
}

/// Ones at the digits of `12:00:00` when it is read as a little-endian number, and what stands between them.
const CLOCK_DIGITS: u64 = 0xffff_00ff_ff00_ffff;
const CLOCK_COLONS: u64 = 0x0000_3a00_003a_0000;

/// Whether eight bytes are `12:00:00`: all compared at once, for this is asked of nearly every line.
fn is_clock(eight: u64) -> bool {
    eight & !CLOCK_DIGITS == CLOCK_COLONS && no_digit(eight) & CLOCK_DIGITS == 0
}

/// The high bit of each byte that is no digit.
fn no_digit(eight: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let value = eight ^ (EACH * 0x30);
    // Above 9 the sum reaches the high bit; above 0x7f the value has it already. The masks keep a byte's carry in it.
    (((value & (EACH * 0x7f)) + EACH * 0x76) | value) & (EACH * 0x80)
}

/// How many digits `text` begins with.
fn digits(text: &[u8]) -> usize {
    if let Some(eight) = text.first_chunk() {
        let ends = no_digit(u64::from_le_bytes(*eight));
        if ends != 0 {
            return ends.trailing_zeros() as usize / 8;
        }
    }
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn eight_bytes_at_once_tell_what_one_by_one_tell(text in "[0-9:.,/;\\xb0\\u{ff}a]{0,20}", pad in any::<[u8; 4]>()) {
            let text = [text.as_bytes(), &pad].concat();
            prop_assert_eq!(digits(&text), text.iter().take_while(|byte| byte.is_ascii_digit()).count());
            if let Some(eight) = text.first_chunk::<8>() {
                let slow = eight[2] == b':'
                    && eight[5] == b':'
                    && [0, 1, 3, 4, 6, 7].iter().all(|&at| eight[at].is_ascii_digit());
                prop_assert_eq!(is_clock(u64::from_le_bytes(*eight)), slow);
            }
        }
    }

    #[test]
    fn a_clock_is_told_from_what_looks_like_one() {
        assert_eq!(clock(b"12:34:56 x"), Some(8));
        assert_eq!(clock(b"12:34:56.1234567Z"), Some(16));
        assert_eq!(clock(b"12:34:56,12345678901 "), Some(20));
        assert_eq!(clock(b"12:34:5x"), None);
        assert_eq!(clock(b"12-34:56"), None);
    }
}
