//! How feedback is shown to whoever looks after the rules.

use super::{category, clipped};
use crate::store::feedback::WrongCause;

/// What a rule is called in a list.
pub fn rule(rule: Option<&str>) -> &str {
    rule.unwrap_or("(no rule)")
}

/// What somebody said that it was.
pub fn instead(cause: &WrongCause) -> String {
    let kind = cause.category.as_deref().and_then(|word| word.parse().ok()).map(category::name);
    let note = cause.note.as_deref().map(|note| clipped(note, 300));
    match (kind, note) {
        (Some(kind), Some(note)) => format!("{kind}: {note}"),
        (Some(kind), None) => kind.to_owned(),
        (None, Some(note)) => note,
        (None, None) => "not that".to_owned(),
    }
}
