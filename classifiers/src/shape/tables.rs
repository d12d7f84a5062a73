//! Findings in tables, grouped by file: phpstan's ` 12     message` under `  Line   src/A.php`, and `PHP_CodeSniffer`'s
//! ` 12 | ERROR | message` under `FILE: src/A.php`.

use super::{Line, Place, Structured};
use crate::category::Category;

pub(super) const TRIGGERS: &[&str] = &["  Line   ", " | ERROR"];

pub(super) fn read(lines: &[Line<'_>]) -> Vec<Structured> {
    let mut found: Vec<Structured> = Vec::new();
    let mut file: Option<&str> = None;
    for (number, line) in lines {
        let bare = line.trim();
        if let Some(name) = bare.strip_prefix("Line ").map(str::trim).filter(|name| name.contains('.')) {
            file = Some(name);
        } else if let Some(name) = line.strip_prefix("FILE: ") {
            file = Some(name.trim());
        } else if let Some(name) = file
            && let Some((id, at, message)) = row(line)
        {
            if found.len() == super::MOST {
                break;
            }
            let place = Place { file: name.to_owned(), line: Some(at), column: None };
            let lines = (*number, *number);
            let row = Structured::complaint(id, Category::LintFormat, *number, lines, message);
            found.push(row.at(Some(place)).into_detail());
        } else if bare.is_empty() {
            file = None;
        }
    }
    found
}

fn row(line: &str) -> Option<(&'static str, u64, &str)> {
    let rest = line.strip_prefix(' ')?.trim_start();
    if let Some((number, rest)) = rest.split_once(" | ERROR") {
        let message = rest.split_once("| ")?.1;
        return Some(("shape.phpcs", number.trim().parse().ok()?, message.trim_start_matches("[x] ").trim()));
    }
    let (number, message) = rest.split_once("  ")?;
    Some(("shape.phpstan", number.trim().parse().ok()?, message.trim()))
}
