//! What stands in forms, and what is said about them. Slack gives titles and buttons 24 characters, Discord labels 45.

/// Title of the form that takes a question.
pub fn ask_title() -> String {
    "Ask Whyred".to_owned()
}

/// What it asks for.
pub fn ask_label() -> String {
    "What do you want to know?".to_owned()
}

/// An example.
pub fn ask_hint() -> String {
    "why did main of payments fail? · what is broken? · help".to_owned()
}

/// Its button.
pub fn ask_submit() -> String {
    "Ask".to_owned()
}

/// It came back empty.
pub fn nothing_written() -> String {
    "Nothing was written, so nothing was done.".to_owned()
}
