//! Secrets and addresses of people out of what comes from outside, before any of it is stored, posted or logged.
//!
//! Logs are redacted where they are read ([`classifiers::redact`]). Everything else that others wrote (titles, names of jobs
//! and steps, remarks, words of an error) passes through here, right behind the door that it came in by.

use classifiers::redact::{self, Redacted};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::store::StoreError;

/// The same value without secrets and addresses in any of its texts. `what` names it in the error.
///
/// # Errors
/// The value does not survive the way to JSON and back: it must not be stored then.
pub fn redacted<T: Serialize + DeserializeOwned>(what: &'static str, value: T) -> Result<T, StoreError> {
    let unwritable = |source| StoreError::Unwritable { what, source };
    let mut json = serde_json::to_value(value).map_err(unwritable)?;
    redact_texts(&mut json, personal);
    serde_json::from_value(json).map_err(unwritable)
}

/// One text without secrets and addresses: for words of an error.
pub fn words(text: &str) -> String {
    personal(text).text.into_owned()
}

/// Takes secrets and addresses out of every text of a payload.
pub(crate) fn redact_payload(payload: &mut Value) {
    redact_texts(payload, personal);
}

/// Takes secrets alone out of every text: for values in which names may be addresses and must stay what they are.
pub(crate) fn redact_secrets_in(value: &mut Value) {
    redact_texts(value, redact::redact_secrets);
}

/// GitHub's no-reply addresses reach nobody and tell the account that a commit belongs to, so they stay.
fn personal(text: &str) -> Redacted<'_> {
    if text.contains("@users.noreply.") && !text.contains(char::is_whitespace) {
        redact::redact_secrets(text)
    } else {
        redact::redact(text)
    }
}

fn redact_texts(value: &mut Value, redact: fn(&str) -> Redacted<'_>) {
    match value {
        Value::String(text) => {
            let redacted = redact(text);
            if redacted.count > 0 {
                *text = redacted.text.into_owned();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| redact_texts(item, redact)),
        Value::Object(fields) => fields.values_mut().for_each(|field| redact_texts(field, redact)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use adapters::event::{Changes, Commit, Person};
    use serde_json::json;

    use super::*;

    fn token() -> String {
        format!("ghp_{}", "a1B2".repeat(9))
    }

    #[test]
    fn texts_at_any_depth_lose_secrets_and_addresses_and_nothing_else() {
        let commit = Commit {
            sha: "0123456789abcdef0123456789abcdef01234567".to_owned(),
            title: format!("Use {} as ada@example.org told", token()),
            author: Person { login: "ada".to_owned(), name: Some("Ada".to_owned()), ..Person::default() },
            url: "https://github.example/acme/payments/commit/0123456".to_owned(),
        };
        let changes = Changes {
            commits: vec![commit.clone()],
            total_commits: 1,
            files: vec!["src/a.rs".to_owned()],
            ..Changes::default()
        };
        let title = "Use [redacted:github_token] as [redacted:email] told".to_owned();
        let expected = Changes { commits: vec![Commit { title, ..commit }], ..changes.clone() };
        assert_eq!(redacted("changes", changes).unwrap(), expected);
    }

    #[test]
    fn addresses_are_never_kept() {
        let ada = Person {
            login: "ada".to_owned(),
            email: Some("ada@example.org".to_owned()),
            ..Person::default()
        };
        assert_eq!(redacted("person", ada.clone()).unwrap(), Person { email: None, ..ada.clone() });
        assert!(!serde_json::to_string(&ada).unwrap().contains("example.org"));
    }

    #[test]
    fn accounts_can_still_be_told_from_no_reply_addresses() {
        let mut payload = json!({
            "author": { "email": "1234+dana@users.noreply.github.com" },
            "message": "Co-authored-by: Dana <1234+dana@users.noreply.github.com>, Ada <ada@example.org>",
        });
        redact_payload(&mut payload);
        assert_eq!(payload["author"]["email"], "1234+dana@users.noreply.github.com");
        assert!(!payload["message"].to_string().contains("ada@example.org"), "{payload}");
        let mut named = json!({ "person": "sam@example.org", "text": token() });
        redact_secrets_in(&mut named);
        assert_eq!(named, json!({ "person": "sam@example.org", "text": "[redacted:github_token]" }));
    }

    #[test]
    fn errors_are_told_without_what_they_quote() {
        assert_eq!(words(&format!("401 for {}", token())), "401 for [redacted:github_token]");
    }
}
