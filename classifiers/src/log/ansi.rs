//! Terminal codes: what a terminal would not print is taken out.

/// Operating-system commands longer than this are taken for text: their end was lost.
const STRING_CAP: usize = 4096;

/// Writes `raw` to `out` without escape sequences and control characters. Carriage returns stay (the caller decides
/// what they overwrite), tabs stay, a backspace takes back one character. Without `rare`, there is no control character but
/// these returns and those that open a sequence.
pub(super) fn rewrite(raw: &[u8], rare: bool, out: &mut Vec<u8>) {
    out.clear();
    let mut at = 0;
    while at < raw.len() {
        let byte = raw[at];
        match byte {
            0x1b => at += escape_length(&raw[at..]),
            0x08 => {
                while out.pop().is_some_and(|last| last & 0xc0 == 0x80) {}
                at += 1;
            }
            b'\t' | b'\r' | b' '.. => {
                let run = if rare {
                    raw[at..].iter().position(|&b| b < b' ' && b != b'\t' && b != b'\r')
                } else {
                    memchr::memchr(0x1b, &raw[at..])
                };
                let end = run.map_or(raw.len(), |length| at + length);
                out.extend_from_slice(&raw[at..end]);
                at = end;
            }
            _ => at += 1,
        }
    }
}

/// How many bytes the escape sequence at the start of `bytes` takes (ECMA-48: CSI, the string commands, and two- or
/// three-byte sequences).
fn escape_length(bytes: &[u8]) -> usize {
    match bytes.get(1) {
        None => 1,
        Some(b'[') => {
            let end = bytes[2..].iter().position(|&byte| !(0x20..=0x3f).contains(&byte));
            match end {
                // A byte that cannot end the sequence is text again.
                Some(end) if (0x40..=0x7e).contains(&bytes[2 + end]) => end + 3,
                Some(end) => end + 2,
                None => bytes.len(),
            }
        }
        Some(b']' | b'_' | b'P' | b'^' | b'X') => {
            let body = &bytes[2..bytes.len().min(STRING_CAP)];
            let end = body.iter().position(|&byte| byte == 0x07 || byte == 0x1b);
            match end {
                Some(end) if body[end] == 0x07 => end + 3,
                Some(end) if body.get(end + 1) == Some(&b'\\') => end + 4,
                _ => 2,
            }
        }
        Some(0x20..=0x2f) => bytes.len().min(3),
        Some(_) => 2,
    }
}

/// Takes out colours that somebody wrote down as text on the way: `^[[31m`, as `cat -v` shows them, and `[31m` on a line
/// that has a reset, `[0m`, too. `None` where there are none.
pub(super) fn without_written(line: &[u8]) -> Option<Vec<u8>> {
    let caret = memchr::memmem::find(line, b"^[[").is_some();
    if !caret && memchr::memmem::find(line, b"[0m").is_none() {
        return None;
    }
    let mut out = Vec::with_capacity(line.len());
    let mut at = 0;
    while at < line.len() {
        let start = if line[at..].starts_with(b"^[[") { 3 } else { usize::from(line[at] == b'[') };
        let digits =
            line[at + start..].iter().take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
        let end = line.get(at + start + digits);
        // `[5m]` is a time.
        let behind = line.get(at + start + digits + 1);
        let bare = digits > 0 && behind != Some(&b']');
        let colour = end == Some(&b'm') && (start == 3 || bare) || start == 3 && end == Some(&b'K');
        if start > 0 && colour {
            at += start + digits + 1;
        } else {
            out.push(line[at]);
            at += 1;
        }
    }
    Some(out)
}
