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

/// Title of the form about a wrong verdict.
pub fn wrong_title() -> String {
    "Wrong cause".to_owned()
}

/// What becomes of it.
pub fn wrong_intro() -> String {
    "It is kept with the rule that gave the verdict, for whoever writes the rules.".to_owned()
}

/// What it was instead.
pub fn wrong_cause() -> String {
    "It was …".to_owned()
}

/// An example.
pub fn wrong_cause_hint() -> String {
    "the certificate of the staging registry had expired".to_owned()
}

/// Its category.
pub fn wrong_category() -> String {
    "Kind of failure".to_owned()
}

/// The line that shows it.
pub fn wrong_line() -> String {
    "The line of the log that shows it".to_owned()
}

/// An example.
pub fn wrong_line_hint() -> String {
    "x509: certificate has expired or is not yet valid".to_owned()
}

/// The button of a form.
pub fn send() -> String {
    "Send".to_owned()
}
