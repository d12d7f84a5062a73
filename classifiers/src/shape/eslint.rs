//! Findings grouped by file: eslint's stylish form, and those of yamllint, stylelint, standard and others that print a
//! file's name and below it `  12:5  error  message  rule`.

use super::{Line, Place, Structured};
use crate::category::Category;

pub(super) const TRIGGERS: &[&str] = &["  error  ", "  ✖  ", "error    "];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    let mut found = Vec::new();
    let mut file: Option<(u64, &str)> = None;
    for (number, line) in lines {
        if found.len() == super::MOST {
            break;
        }
        if let Some(entry) = entry(line) {
            let Some((head, name)) = file else { continue };
            found.push(finding(entry, *number, head, name));
            // The name belongs to the first finding.
            file = Some((number + 1, name));
        } else if is_file(line) {
            file = Some((*number, line.trim()));
        } else if line.trim().is_empty() {
            file = None;
        }
    }
    found
}

/// A line that holds a file's name and nothing else.
fn is_file(line: &str) -> bool {
    let name = line.trim_end();
    // Asked of every line: what is quickly told comes first.
    if name.is_empty() || name.starts_with([' ', '\t']) || name.len() >= 300 {
        return false;
    }
    let bytes = name.as_bytes();
    let last = memchr::memrchr2(b'/', b'\\', bytes).map_or(0, |at| at + 1);
    memchr::memchr(b'.', &bytes[last..]).is_some()
        && memchr::memchr_iter(b':', bytes).all(|at| bytes.get(at + 1) != Some(&b' '))
}

/// `12:5`, what it says, the rule.
type Entry<'l> = (u64, u64, &'l str, Option<&'l str>);

fn entry(line: &str) -> Option<Entry<'_>> {
    let rest = line.strip_prefix("  ")?.trim_start();
    let (place, rest) = rest.split_once(' ')?;
    let (line, column) = place.split_once(':')?;
    let (line, column) = (line.parse().ok()?, column.parse().ok()?);
    let rest = rest.trim_start();
    let told = ["error ", "✖ ", "[error] "].iter().find_map(|word| rest.strip_prefix(word))?.trim();
    let (message, rule) = match told.rsplit_once("  ") {
        Some((message, rule)) if !rule.contains(' ') => (message, Some(rule.trim_matches(['(', ')']))),
        _ => (told, None),
    };
    Some((line, column, message.trim(), rule))
}

fn finding((line, column, message, rule): Entry<'_>, number: u64, head: u64, file: &str) -> Structured {
    // yamllint names its rules in brackets behind the message.
    let yaml = file.ends_with("yml") || file.ends_with("yaml");
    let in_brackets = || message.rsplit_once(" (").and_then(|(_, rule)| rule.strip_suffix(')'));
    let rule = rule.or_else(|| if yaml { in_brackets() } else { None });
    let id = if yaml {
        "shape.yamllint"
    } else if ["css", "scss", "less", "sass"].iter().any(|kind| file.ends_with(kind)) {
        "shape.stylelint"
    } else {
        "shape.eslint"
    };
    let place = Place { file: file.to_owned(), line: Some(line), column: Some(column) };
    let first = if head < number && number - head <= 2 { head } else { number };
    Structured::complaint(id, Category::LintFormat, number, (first, number), message)
        .coded(rule)
        .at(Some(place))
        .into_detail()
}
