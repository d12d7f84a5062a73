//! To the admins: what the bot cannot do any more.

use super::count;

/// Nothing can be posted in a conversation any more.
pub fn lost(place: &str) -> String {
    format!("I can no longer post to {place}")
}

/// What hangs on it.
pub fn subscriptions(number: u64) -> String {
    match number {
        0 => "What is routed there is kept and posted when it works again.".to_owned(),
        some => format!(
            "{} there hear nothing. What they missed is kept and posted when it works again.",
            count(some, "subscription", "subscriptions")
        ),
    }
}

/// It works again.
pub fn found(place: &str) -> String {
    format!("I can post to {place} again")
}

/// Over what the surface said.
pub fn was_title() -> String {
    "It was".to_owned()
}
