//! The masked, readable signature of a failure: what varies from run to run is replaced, what identifies stays.
//!
//! What stays: the words, names of tests, packages, hosts and files, types of exceptions, codes of errors and exits. What
//! goes: times, durations, sizes, ids, hashes, versions, ports, the machine's part of paths, positions in files. The name of
//! the rule is no part of it: rules are renamed and refined, and the failure stays the same.

mod earlier;
mod place;

use std::sync::LazyLock;

use regex::{Captures, Regex};

pub(crate) use earlier::fingerprint_v1;

/// What all signatures of this version begin with. It changes when the masking does, so that old groups stay what they were.
pub(crate) const VERSION: &str = "v2:";
/// Longer signatures are cut: most of what identifies stands at the beginning. The rest goes into a few digits at the end.
const LONGEST: usize = 240;
/// How many bytes those digits take.
const REST: usize = 10;

/// What is looked at, most specific first; the groups' names say what becomes of it.
static VARYING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        // Codes identify, though they are numbers.
        r"(?P<keep>\b(?i:exit(?:ed with)?(?: (?:code|status))?|return(?:ed|ing)?(?: (?:code|status))?|non-zero exit status|status(?: code)?",
        r"|code|errno|signal|sqlstate|http(?:/\d(?:\.\d)?)?|rc)(?:: ?|=| = | \(|\(| #?)-?\d{1,5}\b",
        r"|\bcurl: \(\d+\)|returned error: \d+|\b(?i:error|err) [#(]?\d{1,5}\b",
        r"|\b[1-5]\d\d (?:OK|[A-Z][a-z]+(?: [A-Z][a-z]+)*)",
        r"|\b[A-Z]{2,}-\d{1,6}(?:-\d+)*\b)",
        r"|(?P<url>\b[a-z][a-z0-9+.-]*://[^\s'<>()\[\]{},;|]+)",
        r"|(?P<time>\b\d{4}[-/]\d\d[-/]\d\d(?:[T ,]+\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)?(?: ?(?:Z\b|UTC\b|[+-]\d\d:?\d\d\b))?",
        r"|\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w* \d{1,2}|\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w*)",
        r"(?:,? \d{4})? \d\d:\d\d:\d\d(?: (?:UTC|GMT|\d{4}))*",
        r"|\b\d{1,2}:\d\d:\d\d(?:[.,]\d+)?(?: ?[AP]M)?\b)",
        r"|(?P<id>\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b",
        r"|\bsha(?:1|256|384|512)[:-][0-9A-Za-z+/=]{12,}|\b[0-9a-fA-F]{12,128}\b|\b0x[0-9a-fA-F]+\b|@[0-9a-f]{6,8}\b)",
        r"|(?P<pod>-[0-9a-f]{8,10}-[a-z0-9]{5}\b)",
        r"|(?P<address>\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?::\d+)?\b|\[[0-9a-fA-F]{0,4}:[0-9a-fA-F:]*:[0-9a-fA-F:.]*\](?::\d+)?)",
        r"|(?P<took>\b\d+(?:[.,]\d+)?\s?(?:ns|µs|us|ms|s|sec|secs|second|seconds|m|min|mins|minute|minutes|h|hr|hrs|hour|hours|days?)\b",
        r"(?:[ ,]*\d+(?:[.,]\d+)?\s?(?:ms|s|sec|secs|seconds?|m|min|minutes?)\b)*|\b\d+[hm]\d+m?(?:\d+(?:\.\d+)?s)?\b|\bP?T\d+[\dHMS.]+\b)",
        r"|(?P<size>\b\d+(?:[.,]\d+)?\s?(?:[kKMGT]i?B|[kKMG]|bytes?|B)\b)",
        r"|(?P<param>::\w+\[[^\]]*\])",
        r"|(?P<temp>\btmp[a-z0-9_]{8}\b|\btmp\.[A-Za-z0-9]{6,}\b)",
        r"|(?P<path>(?:[A-Za-z]:|~|\$\w+|\$\{\w+\})?[\w.@+~%=-]*(?:[/\\]+[\w.@+~%=-]+)+[/\\]?)",
        r"|(?P<version>\bv?\d+(?:[.,]\d+)+(?:[-+.][0-9A-Za-z][\w+-]*)*\b)",
        r"|(?P<short>\b[0-9a-f]{7,11}\b)",
        r"|(?P<n>\b\d+\b)",
    ))
    .ok()
});

/// Positions behind the name of a file, with the brackets or colons around them.
static POSITION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?P<file>[\w-]\.[A-Za-z][A-Za-z0-9]{0,5})(?::(?:<n>|line <n>)(?:[:,]<n>)?(?:-<n>)?|\(<n>(?:[:,] ?<n>)?\)|, line <n>|:<took>)").ok()
});
/// Lists of numbers, whose length varies too.
static NUMBERS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"<n>(?:(?:, ?|x| x )<n>)+").ok());

/// `v2:masked text`.
pub(crate) fn fingerprint(text: &str) -> String {
    shortened(format!("{VERSION}{}", mask(text)))
}

/// The signature of a failure that no rule explains: it groups what looks alike, and proves nothing.
pub(crate) fn fingerprint_of_unknown(text: &str) -> String {
    shortened(format!("{VERSION}unknown: {}", mask(text)))
}

/// The text with its varying parts replaced, on one line, with single blanks.
pub(crate) fn mask(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|letter| match letter {
            '‘' | '’' | '“' | '”' | '"' | '`' => '\'',
            letter => letter,
        })
        .collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let masked = vary(&text, true);
    let masked = POSITION.as_ref().map_or(masked.clone(), |it| it.replace_all(&masked, "$file").into_owned());
    let masked = NUMBERS.as_ref().map_or(masked.clone(), |it| it.replace_all(&masked, "<n>").into_owned());
    // Whether a line begins with its time is up to the logger and the CI system.
    let begin = masked.trim_start_matches(|letter: char| letter.is_whitespace() || "[]()|-".contains(letter));
    match begin.strip_prefix("<time>") {
        Some(rest) => rest
            .trim_start_matches(|letter: char| letter.is_whitespace() || "])|-:".contains(letter))
            .to_owned(),
        None => masked,
    }
}

fn vary(text: &str, paths: bool) -> String {
    let Some(varying) = &*VARYING else { return text.to_owned() };
    let masked = varying.replace_all(text, |found: &Captures<'_>| {
        let part = |name| found.name(name).map(|part| part.as_str());
        let named =
            ["time", "id", "address", "took", "size"].into_iter().find(|name| found.name(name).is_some());
        if let Some(name) = named {
            format!("<{name}>")
        } else if let Some(code) = part("keep") {
            code.to_owned()
        } else if let Some(url) = part("url") {
            place::url(url, |part| vary(part, false))
        } else if let Some(path) = part("path") {
            if paths { place::path(path, |part| vary(part, false)) } else { path.to_owned() }
        } else if let Some(test) = part("param") {
            format!("{}[…]", test.split('[').next().unwrap_or_default())
        } else if part("pod").is_some() {
            "-<id>".to_owned()
        } else if part("temp").is_some() {
            "<tmp>".to_owned()
        } else if let Some(word) = part("short").filter(|word| !is_hash(word)) {
            if word.bytes().all(|letter| letter.is_ascii_digit()) {
                "<n>".to_owned()
            } else {
                word.to_owned()
            }
        } else {
            "<n>".to_owned()
        }
    });
    masked.into_owned()
}

/// Letters alone may be a word (`defaced`), digits alone are a number.
fn is_hash(word: &str) -> bool {
    word.bytes().any(|letter| letter.is_ascii_digit())
        && word.bytes().any(|letter| letter.is_ascii_alphabetic())
}

fn shortened(masked: String) -> String {
    if masked.len() <= LONGEST {
        return masked.trim_end().to_owned();
    }
    // FNV-1a: the same on every machine and in every version.
    let rest =
        masked.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let mut beginning = masked;
    let mut end = LONGEST - REST;
    while !beginning.is_char_boundary(end) {
        end -= 1;
    }
    beginning.truncate(end);
    format!("{} #{rest:08x}", beginning.trim_end())
}

fn cut(mut masked: String) -> String {
    if masked.len() > LONGEST {
        let mut end = LONGEST;
        while !masked.is_char_boundary(end) {
            end -= 1;
        }
        masked.truncate(end);
    }
    masked.trim_end().to_owned()
}

#[cfg(test)]
mod tests;
