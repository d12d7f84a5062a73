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

/// How often a failure came and went in its own pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Attempts that failed so.
    pub failed: u64,
    /// Attempts looked at.
    pub of: u64,
    /// Failed attempts after which the same run was tried again with nothing changed.
    pub retried: u64,
    /// How many of these tries ended well.
    pub passed: u64,
}

/// Counts it, also where it proves nothing yet. Nothing if the failure has no cause that it could be told by.
pub(crate) async fn tally(app: &App, run: &Run, diagnosis: &Diagnosis) -> Result<Option<Tally>, TriageError> {
    if !identifies(diagnosis) {
        return Ok(None);
    }
    let here =
        Pipeline { source: run.at.source.clone(), repo: run.at.repo.clone(), workflow: run.workflow.clone() };
    let id = failure_id(&diagnosis.fingerprint);
    let attempts = attempts::of_pipeline(&app.store, &here, &id, ATTEMPTS_HERE).await?;
    Ok(Some(counted(&attempts)))
}

fn counted(attempts: &[attempts::Attempt]) -> Tally {
    let failed: Vec<&attempts::Attempt> = attempts.iter().filter(|attempt| attempt.failed > 0).collect();
    let next = |failed: &attempts::Attempt| {
        attempts.iter().find(|next| next.run_id == failed.run_id && next.attempt == failed.attempt + 1)
    };
    let retries: Vec<&attempts::Attempt> = failed.iter().filter_map(|failed| next(failed)).collect();
    let passed = retries.iter().filter(|retry| retry.failed == 0 && retry.outcome == "green").count();
    Tally {
        failed: failed.len() as u64,
        of: attempts.len() as u64,
        retried: retries.len() as u64,
        passed: passed as u64,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(run: &str, number: i64, outcome: &str, failed: i64) -> attempts::Attempt {
        attempts::Attempt {
            source: "github".into(),
            repo: "acme/payments".into(),
            run_id: run.into(),
            attempt: number,
            workflow: "CI".into(),
            branch: "main".into(),
            sha: run.into(),
            author: "mona".into(),
            bot: 0,
            outcome: outcome.into(),
            at: 1,
            failed,
        }
    }

    #[test]
    fn only_a_further_attempt_of_the_same_run_tells_what_a_retry_is_worth() {
        let attempts = [
            attempt("1", 1, "red", 1),
            attempt("1", 2, "green", 0),
            attempt("2", 1, "red", 1),
            attempt("2", 2, "red", 1),
            attempt("3", 1, "green", 0),
            // Another failure, tried again: says nothing about this one.
            attempt("4", 1, "red", 0),
            attempt("4", 2, "green", 0),
            // Failed in a job that may fail.
            attempt("5", 1, "green", 1),
        ];
        assert_eq!(counted(&attempts), Tally { failed: 4, of: 8, retried: 2, passed: 1 });
        assert_eq!(counted(&[]), Tally { failed: 0, of: 0, retried: 0, passed: 0 });
    }
}
