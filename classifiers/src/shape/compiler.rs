//! Compilers that print one line a complaint: `file:12:5: error: message` (gcc, clang, swiftc, kotlinc and many more) and
//! `file(12,5): error CS0103: message` (`MSBuild`, tsc).

use std::sync::LazyLock;

use super::{Line, Structured, window};
use crate::{category::Category, rule::Pattern};

pub(super) const TRIGGERS: &[&str] = &[": error: ", ": fatal error: ", "): error "];

static GNU: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(r"^(?P<place>[^\s:()]+\.[A-Za-z+]{1,6}:\d+(?::\d+)?): (?:fatal )?error: (?P<message>.+)$")
});
static MICROSOFT: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(
        r"^\s*(?P<place>[^\s:()]+\(\d+(?:,\d+)?\)): (?:fatal )?error (?P<code>[A-Z]+\d+): (?P<message>.+)$",
    )
});

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    (0..lines.len()).filter_map(|at| complaint(lines, at)).collect()
}

fn complaint(lines: &[Line<'_>], at: usize) -> Option<Structured> {
    let (number, line) = &lines[at];
    if !line.contains("error") {
        return None;
    }
    let mut groups = GNU.captures(line.as_bytes());
    if groups.is_empty() {
        groups = MICROSOFT.captures(line.as_bytes());
    }
    let group = |name: &str| groups.iter().find(|(group, _)| group == name).map(|(_, value)| value.clone());
    let message = group("message")?;
    // The source line and the caret below it.
    let shown = window(lines, at + 1, 3).iter().take_while(|(_, line)| line.starts_with("  ")).last();
    // mypy and other checkers print the same shape and end with a code in brackets.
    let checked = message.ends_with(']') && message.contains("  [");
    let typed = checked || group("code").is_some_and(|code| code.starts_with("TS"));
    Some(Structured {
        id: "shape.compiler",
        category: if typed { Category::TypeCheck } else { Category::CompileError },
        key: *number,
        lines: (*number, shown.map_or(*number, |(number, _)| *number)),
        name: group("code"),
        place: group("place"),
        message,
    })
}
