//! Threads that the bot is in: what they are about, and what is said there to the bot without its name.

use std::sync::LazyLock;

use adapters::chat::Interaction;
use regex::Regex;

use super::intent::{Intent, Known};
use super::{answers, known};
use crate::app::App;
use crate::store::posts::{self, Post};
use crate::store::rollups::{self, RollupKind};
use crate::store::{Result, breakages};

/// What is longer than this tells a story rather than asking.
const LONGEST: usize = 25;

/// How questions begin.
#[expect(clippy::expect_used, reason = "the expression is a constant, and the first test compiles it")]
static ASKS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^\W*(?:and\s+|so\s+|but\s+|ok(?:ay)?\W+)?(?:why|what|which|who|whose|how|where|when|is|are|was|were|did|does|do|has|have|can|could|show|give|logs?|lines?)\b",
    )
    .expect("the expression is a valid constant")
});

/// What answers about a failure are kept under.
pub(super) fn subject_about(breakage_id: &str) -> String {
    format!("about:{breakage_id}")
}

/// What a thread is about: its first message if that is ours, and the failure that is talked about in it.
pub(super) async fn context(
    app: &App,
    surface: &str,
    conversation: &str,
    root: &str,
) -> Result<(Option<Post>, Option<String>)> {
    let first = posts::by_external(&app.store, surface, conversation, root).await?;
    if let Some(first) = &first {
        if let Some(id) = first.subject.strip_prefix("breakage:").or(first.subject.strip_prefix("about:")) {
            let id = id.to_owned();
            return Ok((Some(first.clone()), Some(id)));
        }
        if let Some(id) = first.subject.strip_prefix("rollup:") {
            let about = of_rollup(app, id).await?;
            return Ok((Some(first.clone()), about));
        }
    }
    let answer = posts::last_in_thread(&app.store, surface, conversation, root, "about:").await?;
    let about = answer.and_then(|answer| answer.subject.strip_prefix("about:").map(str::to_owned));
    Ok((first, about))
}

/// Of an incident each failure says the same; of several others none is meant more than the rest.
async fn of_rollup(app: &App, id: &str) -> Result<Option<String>> {
    let members = rollups::members(&app.store, id).await?;
    let Some(first) = members.first() else { return Ok(None) };
    let told_in = rollups::of_breakage(&app.store, &first.id).await?;
    let is_incident = told_in.iter().any(|rollup| rollup.id == id && rollup.kind == RollupKind::Incident);
    Ok((is_incident || members.len() == 1).then(|| first.id.clone()))
}

/// Whether something said in a thread asks the bot, which is in that thread and was not named. What people say to each other
/// is none of its business, so it must look like a question that the bot can answer.
pub async fn is_follow_up(app: &App, surface: &str, said: &Interaction, text: &str) -> Result<bool> {
    let Some(root) = said.thread.as_deref().filter(|_| looks_like_a_question(text)) else {
        return Ok(false);
    };
    let conversation = &said.conversation;
    let ours = posts::by_external(&app.store, surface, conversation, root).await?.is_some()
        || posts::last_in_thread(&app.store, surface, conversation, root, "").await?.is_some();
    if !ours {
        return Ok(false);
    }
    let (_, about) = context(app, surface, conversation, root).await?;
    let about = match about {
        Some(id) => breakages::get(&app.store, &id).await?.is_some(),
        None => false,
    };
    Ok(is_for_us(app, text, &known::known(app).await?, about))
}

fn looks_like_a_question(text: &str) -> bool {
    text.split_whitespace().count() <= LONGEST && (text.trim_end().ends_with('?') || ASKS.is_match(text))
}

/// `about`: whether the thread is about a failure, so that "this" means something.
fn is_for_us(app: &App, text: &str, known: &Known, about: bool) -> bool {
    match Intent::of(text, known) {
        Intent::Knowledge { question } => text.trim_end().ends_with('?') && answers::knows(app, &question),
        intent => {
            intent.place().is_some_and(|place| place.unknown_repo.is_none() && (about || place.is_named()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_say_to_each_other_is_no_question() {
        for asked in ["is this flaky?", "who owns it", "ok, show me the log around that", "And why?", "logs"]
        {
            assert!(looks_like_a_question(asked), "{asked}");
        }
        for said in
            ["it failed again", "looking into it", "this is flaky, I think", "payments broke", "thanks!"]
        {
            assert!(!looks_like_a_question(said), "{said}");
        }
        assert!(!looks_like_a_question(&"why ".repeat(26)));
    }
}
