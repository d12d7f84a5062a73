//! The names that have reached us: what the grammar recognises questions by.

use std::collections::{BTreeMap, BTreeSet};

use super::intent::Known;
use crate::app::App;
use crate::store::runs::RunFilter;
use crate::store::{StoreError, runs};

/// Runs whose branches and workflows are known by name.
const RECENT_RUNS: u32 = 2000;

/// Repositories ever seen, and branches and workflows of recent runs.
pub(super) async fn known(app: &App) -> Result<Known, StoreError> {
    let repos = runs::repos(&app.store).await?;
    let recent = runs::latest(&app.store, &RunFilter::default(), RECENT_RUNS, 0).await?;
    let branches: BTreeSet<String> = recent.iter().map(|run| run.branch.clone()).collect();
    let mut is_private = BTreeMap::new();
    for run in &recent {
        // The newest comes first: what was private once may be open now, and the other way round.
        is_private.entry(run.at.repo.clone()).or_insert(run.private);
    }
    for repo in &repos {
        if !is_private.contains_key(repo) {
            let newest = runs::newest_of(&app.store, repo).await?;
            is_private.insert(repo.clone(), newest.is_none_or(|run| run.private));
        }
    }
    let workflows: BTreeSet<String> = recent.into_iter().map(|run| run.workflow).collect();
    Ok(Known {
        repos,
        branches: branches.into_iter().collect(),
        workflows: workflows.into_iter().collect(),
        private: is_private.into_iter().filter(|(_, private)| *private).map(|(repo, _)| repo).collect(),
    })
}
