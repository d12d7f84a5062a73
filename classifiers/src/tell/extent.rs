//! How far a message goes: from its decisive line up to what introduces it and down to where it ends, by indentation, by
//! the marks that tools put before the lines of one message, and by the paragraphs.

use std::borrow::Cow;

use crate::{anomaly, lines::Lines};

/// The most lines that a message is followed downwards.
const BELOW: u64 = 14;
/// The most lines up to the head of a Python traceback.
const TRACEBACK: u64 = 16;
/// The most lines up to the head of a chain of causes.
const CHAIN: u64 = 8;
/// The most frames of a stack that are shown below a message.
const FRAMES: usize = 6;
/// The most complaints right behind a message that are taken as more of the same.
const ECHOES: usize = 3;
/// So many lines behind a message are taken along when the tool says no more than them.
const REST: u64 = 5;
/// A line with words of this weight complains.
const COMPLAINS: f64 = 5.5;

/// How lines begin that go on with what stands above.
const CONTINUED: [&str; 25] = [
    "|",
    "│",
    "^",
    "~~",
    "-->",
    "= ",
    "at ",
    "Caused by",
    "caused by",
    "E  ",
    "... ",
    "}",
    "]",
    ")",
    "DETAIL:",
    "HINT:",
    "CONTEXT:",
    "STATEMENT:",
    "note:",
    "help:",
    "hint:",
    "Hint:",
    "> |",
    "└",
    "by 0x",
];
/// How lines begin with which something else begins.
const ELSE: [&str; 15] = [
    "[ERROR] To see",
    "[ERROR] Re-run",
    "[ERROR] For more",
    "$ ",
    "+ ",
    "##[",
    "[command]",
    "[Pipeline]",
    "[INFO] ---",
    "[INFO] BUILD",
    "[INFO] Reactor",
    "make: ",
    "make[",
    "gmake[",
    "section_",
];

/// The lines of a log within which a message is looked for.
pub(super) struct Around<'a> {
    pub(super) lines: &'a Lines,
    pub(super) bounds: (u64, u64),
}

impl Around<'_> {
    fn text(&self, line: u64) -> Option<Cow<'_, str>> {
        let (first, last) = self.bounds;
        let inside = (first..=last).contains(&line);
        self.lines.get(line).filter(|_| inside).map(String::from_utf8_lossy)
    }

    /// The last line of the message whose decisive line this is.
    pub(super) fn below(&self, key: u64, known: u64) -> u64 {
        let Some(head) = self.text(key) else { return known };
        let (deep, mark) = (indent(&head), mark(&head));
        let mut last = known.max(key);
        let mut next = last + 1;
        let (mut frames, mut blank) = (0, 0);
        while next <= key + BELOW {
            let Some(text) = self.text(next) else { return last };
            let start = text.trim_start();
            let marked = mark.is_some_and(|mark| start.starts_with(mark));
            let empty = start.is_empty() || marked && mark.is_some_and(|mark| start.len() == mark.len());
            if empty && (!marked || mark == Some("[ERROR]")) {
                blank += 1;
                next += 1;
                if blank > 1 {
                    return last;
                }
                continue;
            }
            let deeper = indent(&text) > deep;
            let goes_on = CONTINUED.iter().any(|begin| start.starts_with(begin));
            // Behind an empty line only what clearly belongs to it.
            let holds = if blank == 0 {
                deeper || goes_on || marked
            } else {
                deeper && goes_on || start.starts_with("Caused by")
            };
            if !holds || something_else(&text) {
                break;
            }
            if start.starts_with("at ") {
                frames += 1;
                if frames > FRAMES {
                    break;
                }
            }
            blank = 0;
            last = next;
            next += 1;
        }
        if blank == 0 && frames == 0 { self.echoes(last) } else { last }
    }

    /// The last line of what was printed behind a message, if that is little and nothing else begins in it: then the
    /// tool ended with it.
    pub(super) fn rest(&self, last: u64) -> Option<u64> {
        let end = self.bounds.1.min(self.lines.newest());
        let mut spoken = None;
        for line in last + 1..=end {
            let text = self.text(line)?;
            if something_else(&text) {
                break;
            }
            if line > last + REST {
                return None;
            }
            if !text.trim().is_empty() {
                spoken = Some(line);
            }
        }
        spoken
    }

    /// The complaints right behind a message.
    fn echoes(&self, mut last: u64) -> u64 {
        for _ in 0..ECHOES {
            let more = self.text(last + 1).is_some_and(|text| {
                let begins = something_else(&text);
                !begins && anomaly::words(text.as_bytes()) >= COMPLAINS
            });
            if !more {
                break;
            }
            last += 1;
        }
        last
    }

    /// The first line of the message that a finding stands in.
    pub(super) fn above(&self, first: u64) -> u64 {
        let Some(head) = self.text(first) else { return first };
        if let Some(start) = self.traceback(first) {
            return start;
        }
        let first = self.chain(first);
        if let Some(title) = self.title(first) {
            return title;
        }
        if let Some(source) = self.source(first) {
            return source;
        }
        let deep = indent(&head);
        let mut top = first;
        for line in (first.saturating_sub(3)..first).rev() {
            let Some(text) = self.text(line) else { break };
            let start = text.trim_end();
            if start.is_empty() || something_else(&text) {
                break;
            }
            let introduces = start.ends_with(':') && start.len() < 160 || indent(&text) < deep;
            if introduces || anomaly::words(text.as_bytes()) >= COMPLAINS + 2.0 {
                top = line;
            } else {
                break;
            }
            if indent(&text) < deep {
                break;
            }
        }
        top
    }

    /// The first line of a chain of causes: `error: …`, an empty line, `Caused by:`, the cause.
    fn chain(&self, first: u64) -> u64 {
        let mut top = first;
        for line in (first.saturating_sub(CHAIN)..first).rev() {
            let Some(text) = self.text(line) else { break };
            let said = self.text(top).unwrap_or_default();
            let cause = said.trim_start().starts_with("Caused by");
            let above = text.trim_start().starts_with("Caused by") && indent(&said) > indent(&text);
            if cause && text.trim().is_empty() {
                continue;
            }
            if !cause && !above {
                break;
            }
            top = line;
        }
        top
    }

    /// The title that stands over a ruler, above.
    pub(super) fn title(&self, first: u64) -> Option<u64> {
        let ruler = self.text(first.checked_sub(1)?)?;
        let title = self.text(first.checked_sub(2)?)?;
        (ruler.ends_with("-----") && title.contains("ERROR")).then(|| first - 2)
    }

    /// The place and the source with a caret that Node prints over an error.
    fn source(&self, first: u64) -> Option<u64> {
        let caret = (first.saturating_sub(2)..first)
            .rev()
            .find(|line| self.text(*line).is_some_and(|text| text.trim_start().starts_with('^')))?;
        let place = caret.checked_sub(2)?;
        self.text(place).filter(|text| !text.trim().is_empty()).map(|_| place)
    }

    /// All that a command printed around a line, if that is not more than so many lines.
    pub(super) fn output(&self, line: u64, most: u64) -> Option<(u64, u64)> {
        let spoken = |line: u64| self.text(line).is_some_and(|text| !text.trim().is_empty());
        let ends = |line: u64| self.text(line).is_none_or(|text| something_else(&text));
        let before = (0..=most).find(|back| line <= *back || ends(line - back))?;
        let behind = (0..=most).find(|ahead| ends(line + ahead))?;
        let (first, last) = (line + 1 - before, line + behind - 1);
        let first = (first..=line).find(|line| spoken(*line))?;
        let last = (line..=last).rev().find(|line| spoken(*line))?;
        (last - first < most).then_some((first, last))
    }

    /// The head of the Python traceback that ends with a line, if it is not far.
    fn traceback(&self, end: u64) -> Option<u64> {
        for line in (end.saturating_sub(TRACEBACK)..end).rev() {
            let text = self.text(line)?;
            if text.trim_start().starts_with("Traceback (most recent call last)") {
                return Some(line);
            }
            if !text.starts_with([' ', '\t']) && !text.contains("  File \"") {
                return None;
            }
        }
        None
    }

    /// The end of a block that a rule asks for: where the paragraph ends and something else begins.
    pub(super) fn block_end(&self, key: u64, wanted: u64) -> u64 {
        let head = self.text(key).unwrap_or_default();
        let (deep, mark) = (indent(&head), mark(&head));
        let mut last = key;
        let mut blank = false;
        for line in key + 1..=wanted {
            let Some(text) = self.text(line) else { continue };
            let start = text.trim_start();
            if start.is_empty() {
                blank = true;
                continue;
            }
            if something_else(&text) {
                break;
            }
            let goes_on = indent(&text) > deep
                || CONTINUED.iter().any(|begin| start.starts_with(begin))
                || mark.is_some_and(|mark| start.starts_with(mark));
            if blank && !goes_on {
                break;
            }
            blank = false;
            last = line;
        }
        last
    }
}

/// Whether something else begins with a line: a command, a report of the runner, advice that is the same every time.
fn something_else(line: &str) -> bool {
    line == "[ERROR]" || line == "[INFO]" || ELSE.iter().any(|begin| line.starts_with(begin))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// What a tool puts before each line of one message: `npm error`, `[ERROR]`, `remote:`, `==123==`, `✖`.
fn mark(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let word = line.split_whitespace().next()?;
    if word == "npm" || word == "pnpm" || word == "🦋" {
        let rest = line[word.len()..].trim_start();
        let second = rest.split_whitespace().next()?;
        return line.get(..line.len() - rest.len() + second.len());
    }
    let bare = !word.bytes().any(|byte| byte.is_ascii_alphanumeric()) || word.starts_with("==");
    let tagged = word.starts_with('[') && word.ends_with(']') && word != "[INFO]" && word != "[WARNING]";
    let named = word.ends_with(':')
        && word.len() <= 12
        && word.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b':');
    (bare || tagged || named).then_some(word)
}
