//! What people think of a verdict: thumbs, and "wrong cause, it was …".

use adapters::chat::Interaction;

use super::{entry, role_of, tell};
use crate::app::App;
use crate::config::Role;
use crate::queue::JobError;
use crate::store::feedback::{self, NewFeedback, Verdict};
use crate::store::posts::Post;
use crate::store::{audit, breakages};
use crate::{text, triage};

/// What somebody thinks of a verdict. All words are untrusted and already without secrets.
#[derive(Debug, Clone)]
pub struct Opinion {
    /// Helpful or not.
    pub verdict: Verdict,
    /// What it was instead.
    pub note: Option<String>,
    /// Of which category that is.
    pub category: Option<String>,
    /// The line of the log that shows it.
    pub line: Option<String>,
}

impl Opinion {
    /// A thumb.
    pub(super) fn of(verdict: Verdict) -> Self {
        Self { verdict, note: None, category: None, line: None }
    }
}

/// Keeps what somebody thinks of the verdict in `post`, which tells of an episode. They are thanked privately.
pub async fn judged(
    app: &App,
    surface: &str,
    interaction: &Interaction,
    post: Option<&Post>,
    breakage_id: &str,
    opinion: &Opinion,
) -> Result<(), JobError> {
    if role_of(app, surface, interaction) == Some(Role::Viewer) {
        return tell(app, surface, interaction, &text::remedy::viewers_only_read()).await;
    }
    let subject = triage::subject_of(breakage_id);
    let about = post.filter(|post| post.subject == subject);
    let Some((post, breakage)) = about.zip(breakages::get(&app.store, breakage_id).await?) else {
        return tell(app, surface, interaction, &text::remedy::gone()).await;
    };
    let story = triage::story_of(app, &breakage).await.map_err(triage::TriageError::into_job_error)?;
    let Some(primary) = story.primary() else { return Ok(()) };
    let rule = primary.diagnosis.rule.clone();
    let mut tx = app.store.begin().await?;
    let new = NewFeedback {
        fingerprint: primary.diagnosis.fingerprint.clone(),
        rule: rule.clone(),
        verdict: opinion.verdict,
        person: interaction.person.id.clone(),
        surface: surface.to_owned(),
        post_id: post.id.clone(),
        note: opinion.note.clone(),
        category: opinion.category.clone(),
        line: opinion.line.clone(),
    };
    feedback::set(&mut tx, &new).await?;
    if opinion.verdict == Verdict::Wrong {
        let mut noted = entry(surface, interaction, "wrong_cause", &subject, "noted");
        noted.rule.clone_from(&rule);
        audit::append(&mut tx, &noted).await?;
    }
    tx.commit().await?;
    let thanks = match opinion.verdict {
        Verdict::Wrong => text::remedy::wrong_cause_noted(rule.as_deref(), opinion.note.as_deref()),
        Verdict::Up | Verdict::Down => text::remedy::thanks(),
    };
    tell(app, surface, interaction, &thanks).await
}

/// Takes back a thumb.
pub(super) async fn taken_back(
    app: &App,
    surface: &str,
    interaction: &Interaction,
    post: &Post,
    verdict: Verdict,
) -> Result<(), JobError> {
    let mut tx = app.store.begin().await?;
    feedback::remove(&mut tx, surface, &interaction.person.id, &post.id, verdict).await?;
    tx.commit().await?;
    Ok(())
}
