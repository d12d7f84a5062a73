//! What a verdict means among all that is remembered: which failure it is, which episode it belongs to.

use adapters::event::{Run, RunRef};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::classify::{Reading, Readings};
use super::{TriageError, episode};
use crate::app::App;
use crate::store::attempts;
use crate::store::breakages::{self, Breakage};
use crate::store::occurrences::{self, NewOccurrence};
use crate::store::runs::{self, RunFilter};
use crate::store::{StoreError, notes, now_ms};

/// What is stored of one job: the verdict, and what the message needs to know of the job.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct StoredReading {
    /// The job as it stood.
    pub(super) job: adapters::event::Job,
    /// The verdict.
    pub(super) diagnosis: classifiers::Diagnosis,
    /// Why the log could not be read whole.
    pub(super) log_problem: Option<String>,
    /// Whether it should be read again later.
    #[serde(default)]
    pub(super) again: bool,
}

/// Runs looked at to find a later green one: far more than ever are between two events of one pipeline.
const LATER_RUNS: u32 = 50;

/// Stores the verdicts, and opens or goes on with the pipeline's episode. `None`: the pipeline is green again already, so
/// this late news is kept but not told.
pub(super) async fn remember_failure(
    app: &App,
    run: &Run,
    readings: Readings,
) -> Result<Option<Breakage>, TriageError> {
    let told = !is_green_again(app, run).await?;
    let mut tx = app.store.begin().await?;
    let breakage = if told { Some(episode::begin(app, &mut tx, run).await?) } else { None };
    if !readings.fresh.is_empty() {
        attempts::failed(&mut tx, run).await?;
    }
    for reading in readings.fresh {
        occurrences::upsert(&mut tx, &occurrence(run, breakage.as_ref(), reading)?).await?;
    }
    if let Some(breakage) = &breakage {
        notes::change(&mut tx, &breakage.id, |notes| {
            notes.unread_jobs = readings.unread;
            notes.answered_in_ms = notes.answered_in_ms.or_else(|| answered_in(run));
        })
        .await?;
    }
    tx.commit().await?;
    Ok(breakage)
}

/// Stores the verdicts on an attempt that nobody is told of.
pub(super) async fn remember_verdicts(app: &App, run: &Run, readings: Readings) -> Result<(), TriageError> {
    if readings.fresh.is_empty() {
        return Ok(());
    }
    let mut tx = app.store.begin().await?;
    if attempts::ended_at(&mut tx, &run.at).await?.is_none() {
        attempts::failed(&mut tx, run).await?;
    }
    for reading in readings.fresh {
        occurrences::upsert(&mut tx, &occurrence(run, None, reading)?).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Ends the pipeline's episode, if there is one and this green run came after what broke it.
pub(super) async fn remember_fix(app: &App, run: &Run) -> Result<Option<Breakage>, TriageError> {
    let open =
        breakages::open_for(&app.store, &run.at.source, &run.at.repo, &run.branch, &run.workflow).await?;
    let Some(open) = open else { return Ok(None) };
    let number = i64::try_from(run.number).unwrap_or(i64::MAX);
    let later = if open.last_run_id == run.at.id {
        // The same attempt too: a job may fail and its run be green all the same (`continue-on-error`).
        i64::from(run.at.attempt) >= open.last_attempt
    } else if number == 0 {
        let last = last_began_ms(app, &open).await?;
        began_ms(run).is_some_and(|began| began > last)
    } else {
        number >= open.last_number
    };
    if !later {
        return Ok(None);
    }
    let mut tx = app.store.begin().await?;
    let fixed = breakages::fix(&mut tx, &open.id, run).await?;
    if let Some(fixed) = &fixed {
        episode::watch(app, &mut tx, fixed).await?;
    }
    tx.commit().await?;
    Ok(fixed)
}

/// When the last run that failed began, or at least when the first one ended.
async fn last_began_ms(app: &App, open: &Breakage) -> Result<i64, TriageError> {
    let at = RunRef {
        source: open.source.clone(),
        repo: open.repo.clone(),
        id: open.last_run_id.clone(),
        attempt: u32::try_from(open.last_attempt).unwrap_or(1),
    };
    Ok(runs::get(&app.store, &at).await?.as_ref().and_then(began_ms).unwrap_or(open.opened_at))
}

/// Runs without numbers are ordered by their beginning: a slow run of an earlier commit may well end last.
fn began_ms(run: &Run) -> Option<i64> {
    run.started_at.or(run.finished_at).map(Timestamp::as_millisecond)
}

/// Whether a later run of the same pipeline is known to be green. Events overtake each other.
async fn is_green_again(app: &App, run: &Run) -> Result<bool, TriageError> {
    let filter = RunFilter {
        source: Some(run.at.source.clone()),
        repo: Some(run.at.repo.clone()),
        branch: Some(run.branch.clone()),
        workflow: Some(run.workflow.clone()),
        failed_only: false,
    };
    let later = runs::latest(&app.store, &filter, LATER_RUNS, 0).await?;
    Ok(later.iter().any(|other| {
        other.at.repo == run.at.repo
            && other.workflow == run.workflow
            && if run.number == 0 { began_ms(other) > began_ms(run) } else { other.number > run.number }
            && other.conclusion.as_ref().is_some_and(adapters::event::Conclusion::is_success)
    }))
}

fn occurrence(run: &Run, breakage: Option<&Breakage>, reading: Reading) -> Result<NewOccurrence, StoreError> {
    let at = reading.job.finished_at.or(run.finished_at).map_or_else(now_ms, Timestamp::as_millisecond);
    let diagnosis = &reading.diagnosis;
    Ok(NewOccurrence {
        breakage_id: breakage.map(|breakage| breakage.id.clone()),
        run: run.at.clone(),
        job_id: reading.job.id.clone(),
        job_name: reading.job.name.clone(),
        fingerprint: diagnosis.fingerprint.clone(),
        earlier_fingerprint: diagnosis.earlier_fingerprint.clone(),
        category: diagnosis.category.as_str().to_owned(),
        owner: diagnosis.owner.as_str().to_owned(),
        rule: diagnosis.rule.clone(),
        summary: diagnosis.summary.clone(),
        confidence: diagnosis.confidence,
        at,
        diagnosis: serde_json::to_value(StoredReading {
            job: reading.job,
            diagnosis: reading.diagnosis,
            log_problem: reading.log_problem,
            again: reading.again,
        })
        .map_err(|source| StoreError::Unwritable { what: "verdict", source })?,
    })
}

/// Longer than this is no waiting time but an old event fed in again.
const OLD_NEWS_MS: i64 = 60 * 60 * 1000;

fn answered_in(run: &Run) -> Option<i64> {
    let waited = now_ms() - run.finished_at?.as_millisecond();
    (0..OLD_NEWS_MS).contains(&waited).then_some(waited)
}
