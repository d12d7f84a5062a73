//! A form: what the bot asks for in one go, neutral to the surface that shows it.
//!
//! The bot decides at once, without looking anything up, whether a click opens a form ([`crate::chat::Reply::Open`]); the
//! surface shows it in its idiom (a modal, a dialog, a page) and fits it to its limits: labels are shortened, never what a
//! person typed. What comes back is [`crate::chat::InteractionKind::Form`].

use std::collections::BTreeMap;

/// Something to be filled in by one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Which form it is; comes back with the answers. Letters, digits and `_`.
    pub id: String,
    /// What stands above it.
    pub title: String,
    /// What it is for, in a sentence or two. Surfaces without room for it leave it out.
    pub intro: Option<String>,
    /// What is asked for, in order.
    pub fields: Vec<Field>,
    /// What stands on the button that sends it.
    pub submit: String,
    /// Opaque, handed back with the answers: what the form is about.
    pub value: String,
}

/// One thing that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name among the answers. Letters, digits and `_`.
    pub name: String,
    /// What stands beside it.
    pub label: String,
    /// An example, or what is meant.
    pub hint: Option<String>,
    /// What stands in it already: a text, or the value of a choice.
    pub value: Option<String>,
    /// Whether the form cannot be sent without it.
    pub required: bool,
    /// The most characters that are taken. Surfaces may take fewer.
    pub max_chars: usize,
    /// How it is filled in.
    pub kind: FieldKind,
}

/// How a field is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldKind {
    /// A line of text.
    Line,
    /// Some lines of text.
    Text,
    /// One of these.
    Choice(Vec<Choice>),
}

/// One of several to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What comes back.
    pub value: String,
    /// What people read.
    pub label: String,
}

impl Field {
    /// The choice that somebody means. Surfaces without lists let people write: the label will do as well as the value,
    /// and so will its beginning if no other choice begins so.
    pub fn chosen(&self, said: &str) -> Option<&Choice> {
        let FieldKind::Choice(choices) = &self.kind else { return None };
        let said = said.trim().to_lowercase();
        if said.is_empty() {
            return None;
        }
        let exact = choices
            .iter()
            .find(|choice| choice.value.to_lowercase() == said || choice.label.to_lowercase() == said);
        let mut begun = choices.iter().filter(|choice| choice.label.to_lowercase().starts_with(&said));
        exact.or_else(|| begun.next().filter(|_| begun.next().is_none()))
    }
}

/// What was filled in, without blank fields and without space around it.
pub fn filled(fields: impl IntoIterator<Item = (String, String)>) -> BTreeMap<String, String> {
    fields
        .into_iter()
        .map(|(name, value)| (name, value.trim().to_owned()))
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

#[cfg(test)]
pub(crate) mod sample {
    use super::*;

    /// A form with everything in it.
    pub(crate) fn form() -> Form {
        let field = |name: &str, label: &str, required, max_chars, kind| Field {
            name: name.to_owned(),
            label: label.to_owned(),
            hint: None,
            value: None,
            required,
            max_chars,
            kind,
        };
        let choice = |value: &str, label: &str| Choice { value: value.to_owned(), label: label.to_owned() };
        let categories = vec![choice("test", "Test failure"), choice("network", "Network <&> more")];
        Form {
            id: "wrong_cause".to_owned(),
            title: "A title that is much longer than any surface has room for, and then some".to_owned(),
            intro: Some("Untrusted <!channel> *text*".to_owned()),
            fields: vec![
                Field {
                    value: Some("test".to_owned()),
                    ..field("category", "Category", true, 100, FieldKind::Choice(categories))
                },
                Field {
                    hint: Some("h".repeat(400)),
                    value: Some("v".repeat(5000)),
                    ..field("cause", &"label ".repeat(500), true, 9000, FieldKind::Text)
                },
                field("line", "Log line", false, 300, FieldKind::Line),
            ],
            submit: "Send this now to whoever wants to read it".to_owned(),
            value: "b1".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_may_be_written() {
        let field = &sample::form().fields[0];
        let chosen = |said: &str| field.chosen(said).map(|choice| choice.value.as_str());
        assert_eq!(chosen("network"), Some("network"));
        assert_eq!(chosen(" test FAILURE "), Some("test"));
        assert_eq!(chosen("net"), Some("network"));
        assert_eq!(chosen("wetter"), None);
        assert_eq!(chosen(""), None);
    }

    #[test]
    fn blank_answers_are_none() {
        let given = [("a", " x "), ("b", "  ")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(filled(given), BTreeMap::from([("a".to_owned(), "x".to_owned())]));
    }
}
