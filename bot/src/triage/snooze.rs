//! One failure that a conversation does not want to hear of for a while: what is told already is kept up to date, and nothing
//! new is posted about it there.

use std::collections::BTreeSet;

use super::history::identifies;
use super::publish::subject_of;
use crate::app::App;
use crate::config::Target;
use crate::explain::FailureStory;
use crate::store::failures::failure_id;
use crate::store::{Result, Tx, now_ms, posts, settings};

/// By what a failure is known when it comes again: its cause, or, where none is known, its pipeline.
fn known_by(story: &FailureStory) -> String {
    let diagnosis = story.primary().map(|job| &job.diagnosis).filter(|diagnosis| identifies(diagnosis));
    diagnosis.map_or_else(
        || {
            let run = &story.run;
            format!("{}:{}:{}:{}", run.at.source, run.at.repo, run.branch, run.workflow)
        },
        |diagnosis| failure_id(&diagnosis.fingerprint),
    )
}

fn name(surface: &str, conversation: &str, known_by: &str) -> String {
    format!("snooze:{surface}:{conversation}:{known_by}")
}

/// Whether nothing new is to be posted about a failure in a conversation now.
pub(super) async fn is_snoozed(tx: &mut Tx, target: &Target, story: &FailureStory) -> Result<bool> {
    let name = name(&target.surface, &target.conversation, &known_by(story));
    let until = settings::get(&mut *tx, &name).await?.and_then(|until| until.parse::<i64>().ok());
    Ok(until.is_some_and(|until| until > now_ms()))
}

/// Keeps quiet about a failure in a conversation (by the surface's id) until a moment (unix milliseconds), or with `None` no
/// longer.
pub async fn snooze(
    app: &App,
    story: &FailureStory,
    surface: &str,
    conversation: &str,
    until: Option<i64>,
) -> Result<()> {
    let told = posts::by_subject(&app.store, &subject_of(&story.breakage_id)).await?;
    // A conversation may be routed to by another name than its id.
    let here = told.into_iter().filter(|post| {
        post.surface == surface && post.external_conversation.as_deref() == Some(conversation)
    });
    let mut names: BTreeSet<String> = here.map(|post| post.conversation).collect();
    names.insert(conversation.to_owned());
    let known_by = known_by(story);
    let mut tx = app.store.begin().await?;
    for conversation in names {
        let name = name(surface, &conversation, &known_by);
        match until {
            Some(until) => settings::set(&mut tx, &name, &until.to_string()).await?,
            None => {
                settings::remove(&mut tx, &name).await?;
            }
        }
    }
    tx.commit().await
}
