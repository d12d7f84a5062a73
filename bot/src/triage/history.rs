//! What is remembered of one way of failing, and what that proves about its newest occurrence.

use adapters::event::Run;
use classifiers::flaky::{self, Attempt, Outcome, Told};
use classifiers::{Category, Diagnosis, Verdict};
use jiff::Timestamp;

use super::TriageError;
use crate::app::App;
use crate::store::attempts::{self, Pipeline};
use crate::store::failures::failure_id;
use crate::store::now_ms;

/// Attempts looked at in the failure's own pipeline: some weeks of a busy one.
const ATTEMPTS_HERE: u32 = 400;
/// Attempts looked at in every other pipeline that failed alike.
const ATTEMPTS_ELSEWHERE: u32 = 100;
/// Other pipelines looked at.
const PIPELINES: u32 = 8;
/// How far back other pipelines are looked for.
const WEEK_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// Whether a fingerprint stands for one way of failing. Without a rule behind it, it groups what merely looks alike.
pub(super) fn identifies(diagnosis: &Diagnosis) -> bool {
    diagnosis.verdict == Verdict::Failed
        && diagnosis.category != Category::Unknown
        && diagnosis.rule.is_some()
        && !diagnosis.fingerprint.is_empty()
        && !diagnosis.fingerprint.starts_with("v2:unknown")
}

/// What history proves about this failure of this attempt.
pub(super) async fn proof(app: &App, run: &Run, diagnosis: &Diagnosis) -> Result<Option<Told>, TriageError> {
    if !identifies(diagnosis) {
        return Ok(None);
    }
    let id = failure_id(&diagnosis.fingerprint);
    let here =
        Pipeline { source: run.at.source.clone(), repo: run.at.repo.clone(), workflow: run.workflow.clone() };
    let ended = attempts::ended_at(&app.store, &run.at).await?;
    let ended = ended.or(run.finished_at.map(Timestamp::as_millisecond)).unwrap_or_else(now_ms);
    let mut history = attempts::of_pipeline(&app.store, &here, &id, ATTEMPTS_HERE).await?;
    for other in attempts::pipelines_of(&app.store, &id, ended - WEEK_MS, PIPELINES).await? {
        if other != here {
            history.extend(attempts::of_pipeline(&app.store, &other, &id, ATTEMPTS_ELSEWHERE).await?);
        }
    }
    let history: Vec<Attempt> = history.into_iter().map(seen).collect();
    let now = Attempt {
        at: ended,
        repo: place(&run.at.source, &run.at.repo),
        workflow: run.workflow.clone(),
        run: run.at.id.clone(),
        attempt: run.at.attempt,
        main: is_main(&run.branch),
        branch: run.branch.clone(),
        sha: run.sha.clone(),
        author: run.author.login.clone(),
        bot: run.author.bot,
        outcome: Outcome::Failed,
    };
    Ok(flaky::judge(&now, comes_from_outside(diagnosis.category), &history))
}

fn seen(stored: attempts::Attempt) -> Attempt {
    Attempt {
        at: stored.at,
        repo: place(&stored.source, &stored.repo),
        workflow: stored.workflow,
        run: stored.run_id,
        attempt: u32::try_from(stored.attempt).unwrap_or(1),
        main: is_main(&stored.branch),
        branch: stored.branch,
        sha: stored.sha,
        author: stored.author,
        bot: stored.bot != 0,
        outcome: match (stored.failed > 0, stored.outcome.as_str()) {
            // A job that may fail fails in a run that is green.
            (true, _) => Outcome::Failed,
            (false, "green") => Outcome::Passed,
            (false, _) => Outcome::Otherwise,
        },
    }
}

fn place(source: &str, repo: &str) -> String {
    format!("{source}:{repo}")
}

/// Whether it is a repository's main branch, by the names that such branches have.
pub(crate) fn is_main(branch: &str) -> bool {
    matches!(branch, "main" | "master" | "trunk")
}

/// Kinds of failures that come from outside the code, as a rule.
fn comes_from_outside(category: Category) -> bool {
    matches!(
        category,
        Category::Network
            | Category::Dns
            | Category::Tls
            | Category::RateLimit
            | Category::RunnerLost
            | Category::DiskFull
            | Category::ImagePull
            | Category::DependencyDownload
            | Category::CacheArtifact
    )
}
