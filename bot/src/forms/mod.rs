//! Forms: which click or command opens one, and what becomes of what was filled in.
//!
//! [`opened_by`] is asked while the surface waits, for a second or two at most, so it looks nothing up: a form is made of
//! what the click carries. Opening one changes nothing; what a person sends goes through the inbox like everything else.

mod ask;
mod wrong_cause;

use adapters::chat::{Interaction, InteractionKind};
use adapters::form::Form;

use crate::app::App;
use crate::queue::JobError;
use crate::redaction;

/// The button and the shortcut that open a question.
pub const ASK: &str = "ask";

/// The shortcut on a message that opens a question about it.
const ASK_ABOUT: &str = "ask_about";

/// The form that this opens, if it opens one.
pub fn opened_by(kind: &InteractionKind) -> Option<Form> {
    match kind {
        InteractionKind::Click { action, .. } if action == ASK => Some(ask::form("")),
        InteractionKind::Shortcut { name, text, .. } if name == ASK || name == ASK_ABOUT => {
            Some(ask::form(&redaction::words(text.as_deref().unwrap_or_default())))
        }
        InteractionKind::Command { text, .. } if text.trim().is_empty() => Some(ask::form("")),
        InteractionKind::Click { action, value, .. } if action == "feedback_down" => {
            Some(wrong_cause::form(value))
        }
        _ => None,
    }
}

/// Somebody spoke in a thread. True: it was something that a form could have said too, and is dealt with.
pub async fn said(app: &App, surface: &str, interaction: &Interaction, text: &str) -> Result<bool, JobError> {
    wrong_cause::said(app, surface, interaction, text).await
}

/// Somebody sent a form.
pub async fn sent(app: &App, surface: &str, interaction: &Interaction) -> Result<(), JobError> {
    let InteractionKind::Form { form, .. } = &interaction.kind else { return Ok(()) };
    match form.as_str() {
        ask::ID => ask::sent(app, surface, interaction).await,
        wrong_cause::ID => wrong_cause::sent(app, surface, interaction).await,
        other => {
            tracing::info!(form = other, "a form of an older version was sent: nothing to do");
            crate::remedy::tell(app, surface, interaction, &crate::text::remedy::gone()).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_without_words_opens_the_question() {
        let command = |text: &str| InteractionKind::Command { text: text.into(), response_url: None };
        assert_eq!(opened_by(&command(" ")).unwrap().id, ask::ID);
        assert_eq!(opened_by(&command("help")), None);
    }

    #[test]
    fn a_shortcut_opens_the_question_with_the_message_in_it_but_not_its_secrets() {
        let token = format!("ghp_{}", "a1B2".repeat(9));
        let text = Some(format!("deploy fails with {token}"));
        let shortcut =
            |name: &str| InteractionKind::Shortcut { name: name.into(), text: text.clone(), message: None };
        let form = opened_by(&shortcut("ask_about")).unwrap();
        let prefill = form.fields[0].value.clone().unwrap();
        assert!(prefill.starts_with("deploy fails with") && !prefill.contains(&token), "{prefill}");
        assert_eq!(opened_by(&shortcut("dance")), None);
    }
}
