//! What less common runners write before each line of a job.
//!
//! Sources: the log viewers and command lines of `TeamCity`, Bamboo, `AppVeyor`, Netlify, Google Cloud Build, Tekton (`tkn`) and
//! nektos/act.

use super::prefix::clock;

/// The length of what a runner wrote before the line, 0 if nothing.
pub(super) fn length(line: &[u8]) -> usize {
    let found = match line.first() {
        Some(b'[') => stamped(line).or_else(|| named(line)),
        Some(b'0'..=b'9') => half_day(line),
        Some(b'S') => build_step(line),
        Some(b'b' | b'c' | b'e' | b's') => bamboo(line),
        _ => None,
    };
    found.unwrap_or(0)
}

/// `[12:43:46] text`, and `TeamCity`'s `[12:43:46]W: [Step 1/3] text`.
fn stamped(line: &[u8]) -> Option<usize> {
    let time = clock(line.get(1..)?)? + 1;
    let behind = line.get(time..)?.strip_prefix(b"]")?;
    let at = line.len() - behind.len();
    let (skip, teamcity) = match behind {
        [b'W' | b'E' | b'F' | b'i' | b't' | b' ', b':', ..] => (2, true),
        _ => (0, false),
    };
    if !teamcity {
        return Some(at + usize::from(behind.first() == Some(&b' ')));
    }
    let text = &behind[skip..];
    let blank = |text: &[u8]| text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count().min(2);
    let mut start = at + skip + blank(text);
    if line[start..].starts_with(b"[Step ")
        && let Some(end) = memchr::memchr(b']', &line[start..])
    {
        start += end + 1;
        start += usize::from(line.get(start) == Some(&b' '));
    }
    Some(start)
}

/// act's `[CI/test]   | text`, and `[unit-tests : run] text` of Tekton.
fn named(line: &[u8]) -> Option<usize> {
    let end = memchr::memchr(b']', &line[..line.len().min(120)])?;
    let (name, rest) = (&line[1..end], &line[end + 1..]);
    if memchr::memmem::find(name, b" : ").is_some() {
        return Some(end + 1 + usize::from(rest.first() == Some(&b' ')));
    }
    if !name.contains(&b'/') {
        return None;
    }
    let bar = rest.iter().take_while(|byte| **byte == b' ').count();
    match rest.get(bar) {
        Some(b'|') => Some(end + 1 + bar + 1 + usize::from(rest.get(bar + 1) == Some(&b' '))),
        // act's own words stand behind two blanks and a sign.
        Some(byte) if !byte.is_ascii() => Some(end + 1 + bar),
        _ => None,
    }
}

/// Netlify's `12:43:46 PM: text`.
fn half_day(line: &[u8]) -> Option<usize> {
    let hour = line.iter().take(2).take_while(|byte| byte.is_ascii_digit()).count();
    let digits =
        |range: std::ops::Range<usize>| line.get(range).is_some_and(|d| d.iter().all(u8::is_ascii_digit));
    let clock = line.get(hour) == Some(&b':')
        && digits(hour + 1..hour + 3)
        && line.get(hour + 3) == Some(&b':')
        && digits(hour + 4..hour + 6);
    let half = line.get(hour + 6..hour + 11)?;
    (clock && matches!(half, b" AM: " | b" PM: ")).then_some(hour + 11)
}

/// Cloud Build's `Step #0 - "test": text`.
fn build_step(line: &[u8]) -> Option<usize> {
    let number = line.strip_prefix(b"Step #")?;
    let digits = number.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        return None;
    }
    let rest = &number[digits..];
    let at = line.len() - rest.len();
    match rest {
        [b':', b' ', ..] => Some(at + 2),
        [b' ', b'-', b' ', b'"', name @ ..] => {
            let end = memchr::memmem::find(&name[..name.len().min(100)], b"\": ")?;
            Some(at + 4 + end + 3)
        }
        _ => None,
    }
}

/// Bamboo's `build⇥22-May-2024 12:43:46⇥text`.
fn bamboo(line: &[u8]) -> Option<usize> {
    let kind = ["build\t", "command\t", "error\t", "simple\t"]
        .iter()
        .find(|kind| line.starts_with(kind.as_bytes()))?;
    let rest = &line[kind.len()..];
    let date = rest.len() >= 20 && rest[2] == b'-' && rest[6] == b'-' && rest[11] == b' ';
    (date && clock(&rest[12..]).is_some() && rest.get(20).is_none_or(|byte| *byte == b'\t'))
        .then(|| kind.len() + 20 + usize::from(rest.len() > 20))
}

#[cfg(test)]
mod tests {
    use super::super::clean_line;

    #[test]
    fn what_runners_write_before_a_line_is_taken_off() {
        let cases = [
            ("[12:43:46]W:\t [Step 2/3] E   assert 1 == 2", "E   assert 1 == 2"),
            ("[12:43:46] :\t [Step 2/3] ok", "ok"),
            ("[12:43:46] :\t Step 2/3: Run tests (Command Line)", "Step 2/3: Run tests (Command Line)"),
            ("[00:01:23] npm error code E404", "npm error code E404"),
            ("[12:43:46.962] Running build in Washington", "Running build in Washington"),
            ("[CI/test]   | FAILED tests/test_a.py::test_b", "FAILED tests/test_a.py::test_b"),
            ("[CI/test]   ❌  Failure - Main pytest", "❌  Failure - Main pytest"),
            ("[unit-tests : run] --- FAIL: TestA (0.00s)", "--- FAIL: TestA (0.00s)"),
            ("3:43:46 PM: Error: no such file", "Error: no such file"),
            ("12:43:46 PM: Error: no such file", "Error: no such file"),
            ("Step #2 - \"test\": error: x", "error: x"),
            ("Step #0: error: x", "error: x"),
            ("build\t22-May-2024 12:43:46\t[ERROR] no", "[ERROR] no"),
            ("error\t22-May-2024 12:43:46\t[ERROR] no", "[ERROR] no"),
            // What tools print themselves stays.
            ("[ERROR] /a/b.java:[1,2] no", "[ERROR] /a/b.java:[1,2] no"),
            ("[1/3] Compiling x", "[1/3] Compiling x"),
            ("[src/a.ts] error", "[src/a.ts] error"),
            ("Step #x: no", "Step #x: no"),
            ("error\tnot a date at all here\tx", "error\tnot a date at all here\tx"),
            ("12:43 PM: no", "12:43 PM: no"),
            ("[", "["),
            ("[12:43:46", "[12:43:46"),
        ];
        for (raw, want) in cases {
            assert_eq!(clean_line(raw), want, "{raw:?}");
        }
    }
}
