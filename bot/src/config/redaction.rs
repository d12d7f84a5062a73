//! `[redaction]`: what is taken out of everything besides secrets and addresses.

use adapters::params::Params;

/// `[redaction]`
#[derive(Debug, Clone, Default)]
pub struct Redaction {
    /// Names and other words that nobody is to see: of people, customers, projects.
    pub words: Vec<String>,
}

pub(super) fn read(params: Params) -> Redaction {
    let words = params.texts("words");
    for (position, word) in words.iter().enumerate().filter(|(_, word)| word.trim().chars().count() < 2) {
        params.fault(
            &format!("words[{position}]"),
            format!("`{word}` is too short to be hidden: write at least two characters"),
        );
    }
    params.finish();
    Redaction { words }
}
