//! What stands on buttons. Slack allows 75 characters.

/// Run the failed jobs again.
pub fn rerun_failed() -> String {
    "Re-run failed jobs".to_owned()
}

/// Say that one looks after it.
pub fn claim() -> String {
    "Mine, on it".to_owned()
}

/// The verdict was right.
pub fn right() -> String {
    "Right cause".to_owned()
}

/// There was no verdict, and somebody knows better.
pub fn known() -> String {
    "I know the cause".to_owned()
}

/// The verdict was wrong.
pub fn wrong() -> String {
    "Wrong cause".to_owned()
}
