//! The forms that most compilers and linters share: `file:12:5: error: message`, `file(12,5): error CS0103: message`,
//! `[ERROR] file:[12,5] message`, `e: file:///a.kt:12:5 message`. Which tool it was is told by the file and the message.

mod tool;

use super::{Line, Place, Structured, each, indent, last_of, while_true, window};
use crate::category::Category;

pub(super) const TRIGGERS: &[&str] = &[
    ": error",
    ": fatal error",
    "): error ",
    " - error",
    ".py:",
    ".go:",
    ".rb:",
    ".java:",
    ".kt:",
    ".scala:",
    ".php:",
    ".yml:",
    ".yaml:",
    ".md:",
    "Dockerfile:",
    ".sh:",
    "] /",
    "/error",
    ".tf:",
    ".f90:",
    ".hs:",
    ".dart:",
    ".rs:",
];

/// What a line says about a place.
struct Complaint<'l> {
    place: Place,
    /// What stands behind the place, with its separator.
    rest: &'l str,
    /// What stood before the place: `e: `, `[ERROR] `.
    prefix: &'l str,
}

/// Who said it, and what.
struct Told<'l> {
    id: &'static str,
    category: Category,
    code: Option<&'l str>,
    message: &'l str,
    /// It is said to be an error, in so many words.
    leads: bool,
}

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    each(lines, complaint)
}

fn complaint(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let (number, line) = &lines[at];
    if !has_number(line) {
        return None;
    }
    let found = located(line).or_else(|| in_brackets(line))?;
    let told = tool::told(&found)?;
    let deep = indent(line);
    // The source line and the caret, or what the compiler adds, stand deeper.
    let shown = while_true(window(lines, at + 1, 8), |line| {
        indent(line) > deep || line.trim_start().starts_with('^')
    });
    // Some show the source as it stands in the file, and only the caret tells.
    let caret = window(lines, at + 1, 2).iter().rposition(|(_, line)| line.trim_start().starts_with('^'));
    let end = match caret {
        Some(caret) => lines[at + 1 + caret].0.max(last_of(shown, *number)),
        None => last_of(window(shown, 0, 4), *number),
    };
    // Notes on the same place.
    let notes = while_true(window(lines, at + 1, 5), |line| {
        line.starts_with(&*found.place.file) && line.contains(": note: ")
    });
    let end = end.max(last_of(notes, *number));
    // gfortran and GHC say it on a line of its own, below.
    let (key, message) = if told.message.is_empty() {
        let below = window(lines, at + 1, 8).iter().find(|(_, line)| {
            let line = line.trim_start();
            line.starts_with("Error: ") || line.starts_with("Fatal Error: ") || told.id == "shape.ghc"
        })?;
        (below.0, below.1.trim().trim_start_matches("Error: "))
    } else {
        (*number, told.message)
    };
    let place = Some(found.place);
    let found = Structured::complaint(told.id, told.category, key, (*number, end.max(key)), message)
        .coded(told.code)
        .at(place);
    Some(if told.leads { found } else { found.into_detail() })
}

/// Whether a number stands where a place would hold one: asked of every line, and most have none.
fn has_number(line: &str) -> bool {
    let bytes = line.as_bytes();
    memchr::memchr3_iter(b':', b'(', b'[', bytes).any(|at| {
        bytes.get(at + 1).is_some_and(|next| {
            next.is_ascii_digit()
                || (bytes[at] != b':' && (next.is_ascii_whitespace() || *next == b'+' || !next.is_ascii()))
        })
    })
}

/// `path:12[:5[-7]]rest`, behind what tools put in front of it.
fn located(line: &str) -> Option<Complaint<'_>> {
    let start = prefix(line);
    let (prefix, text) = line.split_at(start);
    // A drive's letter is no file.
    let drive = usize::from(text.as_bytes().get(1) == Some(&b':')) * 2;
    let colon = drive + text.get(drive..)?.find(':')?;
    let file = &text[..colon];
    let number = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let digits = number(&text[colon + 1..]);
    if digits == 0 || digits > 7 || !is_file(file) {
        return None;
    }
    let line_end = colon + 1 + digits;
    let row = text[colon + 1..line_end].parse().ok()?;
    let mut rest = &text[line_end..];
    let mut column = None;
    if let Some(more) = rest.strip_prefix(':') {
        let digits = number(more);
        if digits > 0 && digits < 7 {
            column = more[..digits].parse().ok();
            rest = &more[digits..];
            // A range: `12:5-7`.
            if let Some(more) = rest.strip_prefix('-') {
                rest = &more[number(more)..];
            }
        }
    }
    let place = Place { file: file.to_owned(), line: Some(row), column };
    Some(Complaint { place, rest, prefix })
}

/// `path(12[,5]): rest`, `path:[12,5] rest`, `path: (12, 5): rest`.
fn in_brackets(line: &str) -> Option<Complaint<'_>> {
    let start = prefix(line);
    let (prefix, text) = line.split_at(start);
    let open = text.find(['(', '['])?;
    let close = open + text[open..].find([')', ']'])?;
    let file = text[..open].trim_end_matches([' ', ':']);
    let mut numbers = text[open + 1..close].split(',').map(|number| number.trim().parse::<u64>());
    let row = numbers.next()?.ok()?;
    let column = numbers.next().and_then(Result::ok);
    if !is_file(file) {
        return None;
    }
    let place = Place { file: file.to_owned(), line: Some(row), column };
    Some(Complaint { place, rest: &text[close + 1..], prefix })
}

/// Where the place may begin: behind white space and the words that tools put in front.
fn prefix(line: &str) -> usize {
    let mut rest = line.trim_start();
    for word in ["[ERROR] ", "[error] ", "ERROR: ", "ERROR in ", "e: ", "vet: ", "file://"] {
        rest = rest.strip_prefix(word).unwrap_or(rest).trim_start();
    }
    line.len() - rest.len()
}

/// Whether this can be the name of a source file: one word with an extension, or one that is known without.
fn is_file(text: &str) -> bool {
    let name = text.rsplit(['/', '\\']).next().unwrap_or(text);
    let known = name.starts_with("Dockerfile")
        || name == "Makefile"
        || name == "Containerfile"
        || name == "Jenkinsfile";
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let letters = (1..=8).contains(&extension.len())
        && extension.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+')
        && extension.bytes().any(|byte| byte.is_ascii_alphabetic());
    (known || letters) && text.len() < 300 && !text.contains([' ', '\t', '"', '\'', '(', '='])
}
