//! Late news: what changed since green, and who owns it. Asked for after the message stands, so that nobody waits for it.

use adapters::ci::CiProvider;
use adapters::event::Run;
use adapters::owners::codeowners::{CodeOwners, Owner, PLACES};

use super::collect::provider;
use super::story::run_of;
use super::{TriageError, audience, publish};
use crate::app::App;
use crate::jobs::{Enrich, pipeline_lane};
use crate::queue::{Enqueue, enqueue};
use crate::redaction::{redacted, words};
use crate::store::breakages::{self, Breakage};
use crate::store::{notes, runs};

/// Owners named at most.
const NAMED_OWNERS: usize = 5;

/// Makes the job, on the pipeline's lane, so that its edit does not race with other news.
pub(super) async fn later(app: &App, breakage: &Breakage) -> Result<(), TriageError> {
    let run = run_of(app, breakage).await?;
    let mut tx = app.store.begin().await?;
    let job = Enrich { breakage_id: breakage.id.clone() };
    enqueue(&mut tx, &job, Enqueue::now().lane(pipeline_lane(&run)).once(breakage.id.clone())).await?;
    tx.commit().await?;
    Ok(())
}

/// Finds out what changed and who owns it, and edits the messages. What cannot be had is left out.
pub async fn enrich(app: &App, breakage_id: &str) -> Result<(), TriageError> {
    let Some(breakage) = breakages::get(&app.store, breakage_id).await? else { return Ok(()) };
    let run = run_of(app, &breakage).await?;
    let provider = provider(app, &run.at.source)?;
    let before = notes::get(&app.store, breakage_id).await?;
    let mut found = before.clone();
    if let Some(green) = runs::last_green(&app.store, &run).await?
        && green.sha != run.sha
    {
        match provider.changes(&run.at.repo, &green.sha, &run.sha).await {
            Ok(changes) => found.changes = Some(redacted("changes", changes)?),
            Err(error) if error.is_transient() => return Err(error.into()),
            Err(error) => {
                let error = words(&error.to_string());
                tracing::info!(run = %run.at, error, "what changed since green cannot be told");
            }
        }
    }
    let files = found.changes.as_ref().map(|changes| changes.files.as_slice()).unwrap_or_default();
    if found.owners.is_empty() {
        found.owners = owners_of(provider.as_ref(), &run, files).await?;
    }
    if found.labels.is_none() && audience::ask_for_labels(app).await? {
        match provider.labels(&run.at.repo, &run.sha).await {
            Ok(labels) => found.labels = Some(redacted("labels", labels)?),
            Err(error) if error.is_transient() => return Err(error.into()),
            Err(error) => {
                let error = words(&error.to_string());
                tracing::warn!(run = %run.at, error, "the labels that subscriptions ask for cannot be told");
            }
        }
    }
    if found == before {
        return Ok(());
    }
    let mut tx = app.store.begin().await?;
    notes::change(&mut tx, breakage_id, |notes| {
        notes.changes = found.changes;
        notes.labels = found.labels;
        notes.owners = found.owners;
    })
    .await?;
    tx.commit().await?;
    publish(app, breakage_id).await
}

/// The owners, for routing that cannot do without them.
pub(super) async fn owners_now(app: &App, breakage_id: &str, run: &Run) -> Result<Vec<String>, TriageError> {
    let provider = provider(app, &run.at.source)?;
    let owners = owners_of(provider.as_ref(), run, &[]).await?;
    let mut tx = app.store.begin().await?;
    notes::change(&mut tx, breakage_id, |notes| notes.owners.clone_from(&owners)).await?;
    tx.commit().await?;
    Ok(owners)
}

/// Who owns the given files (or, with none known, the repository as a whole) by its CODEOWNERS file.
pub(crate) async fn owners_of(
    provider: &dyn CiProvider,
    run: &Run,
    files: &[String],
) -> Result<Vec<String>, TriageError> {
    for path in PLACES {
        match provider.file(&run.at.repo, &run.sha, path).await {
            Ok(Some(text)) => return Ok(redacted("owners", named(&CodeOwners::parse(&text), files))?),
            Ok(None) => {}
            Err(error) if error.is_transient() => return Err(error.into()),
            Err(error) => {
                let error = words(&error.to_string());
                tracing::info!(run = %run.at, error, "the code owners cannot be told");
                return Ok(Vec::new());
            }
        }
    }
    Ok(Vec::new())
}

/// Owners as they are written and shown; addresses of people are left out.
fn named(owners: &CodeOwners, files: &[String]) -> Vec<String> {
    let mut named: Vec<String> = Vec::new();
    // A path that no specific pattern names stands for the whole repository.
    let whole = ["\u{1}".to_owned()];
    for file in if files.is_empty() { &whole[..] } else { files } {
        for owner in owners.owners_of(file).iter().filter(|owner| !matches!(owner, Owner::Email(_))) {
            let owner = owner.to_string();
            if !named.contains(&owner) {
                named.push(owner);
            }
        }
    }
    named.truncate(NAMED_OWNERS);
    named
}
