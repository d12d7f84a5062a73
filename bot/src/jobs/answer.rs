//! Something that a person did: a question, a click, a form, a reaction.

use std::sync::Arc;
use std::time::Duration;

use adapters::chat::{Interaction, InteractionKind};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::queue::{Job, JobError};
use crate::store::inbox;
use crate::{ask, forms, remedy, slack_teams};

/// Works on one interaction of the inbox.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    /// Id of the delivery.
    pub inbox_id: String,
}

impl Job for Answer {
    type Context = App;
    const KIND: &'static str = "answer";
    const TIMEOUT: Duration = Duration::from_mins(1);

    async fn run(&self, app: Arc<App>) -> Result<(), JobError> {
        let Some(stored) = inbox::get(&app.store, &self.inbox_id).await? else { return Ok(()) };
        let interaction: Interaction = serde_json::from_str(&stored.body)
            .map_err(|error| JobError::fatal(format!("the stored interaction cannot be read: {error}")))?;
        match &interaction.kind {
            InteractionKind::Mention { text, message } | InteractionKind::FollowUp { text, message } => {
                if !forms::said(&app, &stored.source, &interaction, text).await? {
                    ask::answer_in_thread(&app, &stored.source, &interaction, text, Some(message)).await?;
                }
            }
            InteractionKind::Command { text, response_url } => {
                ask::answer_command(&app, &stored.source, &interaction, text, response_url.as_deref())
                    .await?;
            }
            InteractionKind::Click { action, value, message } => {
                remedy::clicked(&app, &stored.source, &interaction, action, value, message).await?;
            }
            InteractionKind::Reaction { name, message, added } => {
                remedy::reacted(&app, &stored.source, &interaction, name, message, *added).await?;
            }
            InteractionKind::Removed => {
                slack_teams::removed(&app, &stored.source, &interaction.conversation).await?;
            }
            InteractionKind::Home => ask::show_home(&app, &stored.source, &interaction).await?,
            InteractionKind::Begun => ask::propose(&app, &stored.source, &interaction).await?,
            InteractionKind::Shortcut { name, .. } => {
                tracing::info!(name, "a shortcut of an older version was used: nothing to do");
            }
            InteractionKind::Form { .. } => forms::sent(&app, &stored.source, &interaction).await?,
        }
        let mut tx = app.store.begin().await?;
        inbox::mark_processed(&mut tx, &self.inbox_id, "answered").await?;
        tx.commit().await?;
        Ok(())
    }
}
