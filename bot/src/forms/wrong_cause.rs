//! "Wrong cause": what it was instead, as a form and as a sentence in a failure's thread.

use std::sync::LazyLock;

use adapters::chat::{Interaction, InteractionKind};
use adapters::form::{Choice, Field, FieldKind, Form};
use classifiers::category::Category;
use regex::Regex;

use crate::app::App;
use crate::queue::JobError;
use crate::remedy::{self, Opinion};
use crate::store::feedback::Verdict;
use crate::store::posts;
use crate::text;

/// What the form is called.
pub(super) const ID: &str = "wrong_cause";

const CATEGORY: &str = "category";
const CAUSE: &str = "cause";
const LINE: &str = "line";

/// The longest note.
const MAX_NOTE: usize = 1000;

/// The longest line of a log.
const MAX_LINE: usize = 500;

/// Categories that are no cause.
const NO_CAUSE: [Category; 3] = [Category::Cancelled, Category::Unknown, Category::None];

/// The form, about an episode.
pub(super) fn form(breakage_id: &str) -> Form {
    let text = |name: &str, label: String, hint: String, required, max_chars, kind| Field {
        name: name.to_owned(),
        label,
        hint: Some(hint),
        value: None,
        required,
        max_chars,
        kind,
    };
    Form {
        id: ID.to_owned(),
        title: text::form::wrong_title(),
        intro: Some(text::form::wrong_intro()),
        fields: vec![
            text(
                CAUSE,
                text::form::wrong_cause(),
                text::form::wrong_cause_hint(),
                true,
                MAX_NOTE,
                FieldKind::Text,
            ),
            Field { hint: None, ..category() },
            text(
                LINE,
                text::form::wrong_line(),
                text::form::wrong_line_hint(),
                false,
                MAX_LINE,
                FieldKind::Line,
            ),
        ],
        submit: text::form::send(),
        value: breakage_id.to_owned(),
    }
}

fn category() -> Field {
    let causes = Category::ALL.iter().filter(|category| !NO_CAUSE.contains(category));
    let choice = |category: &Category| Choice {
        value: category.as_str().to_owned(),
        label: text::category::name(*category).to_owned(),
    };
    Field {
        name: CATEGORY.to_owned(),
        label: text::form::wrong_category(),
        hint: None,
        value: None,
        required: false,
        max_chars: 100,
        kind: FieldKind::Choice(causes.map(choice).collect()),
    }
}

/// Keeps what was filled in.
pub(super) async fn sent(app: &App, surface: &str, interaction: &Interaction) -> Result<(), JobError> {
    let InteractionKind::Form { value, fields, message, .. } = &interaction.kind else { return Ok(()) };
    let Some(message) = message else {
        return remedy::tell(app, surface, interaction, &text::remedy::gone()).await;
    };
    let said = fields.get(CATEGORY).map(String::as_str).unwrap_or_default();
    let chosen = category().chosen(said).map(|choice| choice.value.clone());
    let mut note = fields.get(CAUSE).cloned();
    if chosen.is_none() && !said.is_empty() {
        // Where the list is a line of text, anything may stand in it: what is none of the list is kept as words.
        note = Some(format!("{said}: {}", note.unwrap_or_default()));
    }
    let opinion =
        Opinion { verdict: Verdict::Wrong, note, category: chosen, line: fields.get(LINE).cloned() };
    let post = posts::by_external(&app.store, surface, &interaction.conversation, message).await?;
    remedy::judged(app, surface, interaction, post.as_ref(), value, &opinion).await
}

/// Somebody says in the thread of a failure that its cause is wrong. False: nobody says so, or it is no such thread.
pub(super) async fn said(
    app: &App,
    surface: &str,
    interaction: &Interaction,
    text: &str,
) -> Result<bool, JobError> {
    let Some((note, root)) = note_in(text).zip(interaction.thread.as_deref()) else { return Ok(false) };
    let Some(post) = posts::by_external(&app.store, surface, &interaction.conversation, root).await? else {
        return Ok(false);
    };
    let Some(breakage_id) = post.subject.strip_prefix("breakage:").map(str::to_owned) else {
        return Ok(false);
    };
    let opinion = Opinion {
        verdict: Verdict::Wrong,
        note: (!note.is_empty()).then_some(note),
        category: None,
        line: None,
    };
    remedy::judged(app, surface, interaction, Some(&post), &breakage_id, &opinion).await?;
    Ok(true)
}

#[expect(clippy::expect_used, reason = "that the expression compiles is proven by the test below")]
static WRONG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?isx)^\s* (?:no|nope|sorry)?[\s,.!:;–—-]* (?:(?:that|this|it)(?:['’]s|\s+is|\s+was)\s+)? (?:the\s+)?
          wrong\s+cause \b [\s,.!:;–—-]* (?:(?:it|the\s+cause)(?:['’]s|\s+is|\s+was)\s+(?:actually\s+|really\s+)?)? (.*)$",
    )
    .expect("the expression is a valid constant")
});

/// What it was, from "wrong cause, it was …"; empty if that is not said. `None`: something else is said.
fn note_in(text: &str) -> Option<String> {
    let said = WRONG.captures(text)?.get(1)?.as_str();
    // A question about it is a question.
    (!text.trim_end().ends_with('?')).then(|| said.trim().chars().take(MAX_NOTE).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_is_understood() {
        for (text, note) in [
            ("wrong cause, it was the expired certificate", Some("the expired certificate")),
            ("Wrong cause: DNS again", Some("DNS again")),
            ("no, that's the wrong cause. It was actually a full disk.", Some("a full disk.")),
            ("wrong cause", Some("")),
            ("Wrong cause — the cause was\nthe proxy", Some("the proxy")),
            ("is this the wrong cause?", None),
            ("wrong cause, was it?", None),
            ("why did main fail", None),
            ("who broke the wrong causeway", None),
        ] {
            assert_eq!(note_in(text).as_deref(), note, "{text}");
        }
    }

    #[test]
    fn the_form_fits_every_surface() {
        let form = form("019a0000-0000-7000-8000-00000000000b");
        assert!(adapters::chat::slack::fits(&form) && adapters::chat::discord::fits(&form));
        let FieldKind::Choice(choices) = &form.fields[1].kind else { panic!("no choice") };
        assert!(choices.len() > 25, "{}", choices.len());
        assert_eq!(form.fields[1].chosen("Network").map(|choice| choice.value.as_str()), Some("network"));
    }
}
