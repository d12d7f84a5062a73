//! All that is known about a breakage, put together from what is stored.

use adapters::event::{Job, Person, Run, RunRef};
use adapters::message::Mention;
use classifiers::Verdict;
use jiff::{SignedDuration, Timestamp};

use super::group::StoredReading;
use super::{TriageError, retrieve};
use crate::app::App;
use crate::explain::{Cure, FailureStory, History, JobReading, Origin, Phase, RerunState};
use crate::remedy;
use crate::store::breakages::{Breakage, BreakageState};
use crate::store::notes::Flapping;
use crate::store::{StoreError, actions, failures, notes, now_ms, occurrences, runs};

/// Verdicts of one breakage that are counted to tell old acquaintances from new ones.
const COUNTED_OCCURRENCES: u32 = 500;

/// How long a failure elsewhere counts as happening at the same time.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The last failed run of a breakage, as it stands now.
pub async fn run_of(app: &App, breakage: &Breakage) -> Result<Run, TriageError> {
    let at = RunRef {
        source: breakage.source.clone(),
        repo: breakage.repo.clone(),
        id: breakage.last_run_id.clone(),
        attempt: u32::try_from(breakage.last_attempt).unwrap_or(1),
    };
    runs::get(&app.store, &at).await?.ok_or_else(|| TriageError::Unreadable {
        what: at.to_string(),
        why: "the run is not stored any more".to_owned(),
    })
}

/// The story as it stands. Who is mentioned is left open: that differs by surface.
pub async fn story_of(app: &App, breakage: &Breakage) -> Result<FailureStory, TriageError> {
    let mut run = run_of(app, breakage).await?;
    let attempt = u32::try_from(breakage.last_attempt).unwrap_or(1);
    if run.at.attempt != attempt {
        // A further attempt is on its way: the message is still about the one that failed, and offers no second re-run.
        run.at.attempt = attempt;
        run.conclusion = None;
    }
    let notes = notes::get(&app.store, &breakage.id).await?;
    let jobs = jobs_of(app, breakage, &run).await?;
    let history = match jobs.first() {
        Some(primary) => history_of(app, breakage, primary).await?,
        None => None,
    };
    let proof = match jobs.first() {
        Some(primary) => super::history::proof(app, &run, &primary.diagnosis).await?,
        None => None,
    };
    let passages = jobs.first().map(|primary| retrieve::for_reading(app, primary)).unwrap_or_default();
    let rerun = actions::by_key(&app.store, &remedy::rerun_key(&run.at)).await?.map(|action| RerunState {
        by: remedy::shown_name(app, &action),
        state: action.state.word().to_owned(),
        result: action.result.clone(),
        attempt: run.at.attempt,
    });
    Ok(FailureStory {
        breakage_id: breakage.id.clone(),
        phase: phase_of(breakage, &run, notes.flapping.as_ref()),
        origin: match &notes.flapping {
            // What broke it first was mended since.
            Some(_) => Origin::default(),
            None => origin_of(app, breakage, &run, jobs.first()).await?,
        },
        run,
        jobs,
        unread_jobs: notes.unread_jobs,
        history,
        proof,
        changes: notes.changes,
        passages,
        owners: notes.owners,
        labels: notes.labels,
        claimed_by: notes.claimed_by,
        rerun: rerun.filter(|rerun| rerun.state != "denied"),
        mention: None,
        answered_in: notes.answered_in_ms.map(SignedDuration::from_millis),
    })
}

/// Who somebody is on a surface, if configured.
pub(super) fn mention_on(app: &App, person: &Person, surface: &str) -> Option<Mention> {
    let id = app.config.people.on_surface(&person.login, surface)?;
    Some(Mention { id, name: person.login.clone() })
}

/// How the episode began, and whether it goes on the same way.
async fn origin_of(
    app: &App,
    breakage: &Breakage,
    run: &Run,
    primary: Option<&JobReading>,
) -> Result<Origin, TriageError> {
    let first = RunRef { id: breakage.first_run_id.clone(), ..run.at.clone() };
    let first = if first.id == run.at.id { None } else { runs::get(&app.store, &first).await? };
    let green_before = runs::last_green(&app.store, first.as_ref().unwrap_or(run)).await?.is_some();
    let same_failure = match (&first, primary) {
        (Some(first), Some(primary)) => {
            let seen = occurrences::of_breakage(&app.store, &breakage.id, COUNTED_OCCURRENCES).await?;
            seen.iter()
                .any(|seen| seen.run_id == first.at.id && seen.fingerprint == primary.diagnosis.fingerprint)
        }
        _ => false,
    };
    Ok(Origin { run: first, same_failure, green_before })
}

fn phase_of(breakage: &Breakage, run: &Run, flapping: Option<&Flapping>) -> Phase {
    if let Some(flapping) = flapping.filter(|flapping| !flapping.over) {
        return Phase::Flapping {
            breaks: flapping.breaks,
            within: SignedDuration::from_millis((flapping.last - flapping.since).max(0)),
            green: breakage.fixed_run.0.clone().map(Box::new),
        };
    }
    match (breakage.state, &breakage.fixed_run.0) {
        (BreakageState::Fixed, Some(by)) => {
            let red = breakage.closed_at.unwrap_or(breakage.opened_at) - breakage.opened_at;
            Phase::Fixed {
                by: Box::new(by.clone()),
                after: SignedDuration::from_millis(red.max(0)),
                cure: if by.at.id != run.at.id {
                    Cure::Commit
                } else if by.number == 0 || i64::from(by.at.attempt) > breakage.last_attempt {
                    Cure::Retry
                } else {
                    Cure::NotNeeded
                },
                flapped: flapping.map(|flapping| flapping.breaks),
            }
        }
        _ if breakage.failures > 1 => {
            Phase::StillBroken { runs: u64::try_from(breakage.failures).unwrap_or(1) }
        }
        _ => Phase::Broken,
    }
}

/// The job that speaks for the run, as the provider told it.
pub(crate) async fn primary_job(app: &App, story: &FailureStory) -> Result<Option<Job>, TriageError> {
    let Some(primary) = story.primary() else { return Ok(None) };
    for occurrence in occurrences::of_run(&app.store, &story.run.at).await? {
        let stored: StoredReading = serde_json::from_value(occurrence.diagnosis.0)
            .map_err(|source| StoreError::Stored { what: "verdict", source })?;
        let url = Some(&stored.job.url).filter(|url| !url.is_empty());
        if stored.job.name == primary.name && url == primary.url.as_ref() {
            return Ok(Some(stored.job));
        }
    }
    Ok(None)
}

async fn jobs_of(app: &App, breakage: &Breakage, run: &Run) -> Result<Vec<JobReading>, TriageError> {
    let provider = app.ci.get(&run.at.source);
    let mut jobs = Vec::new();
    for occurrence in occurrences::of_run(&app.store, &run.at).await? {
        // A check that was run again fails in the same run: what it said before belongs to the episode before.
        if occurrence.breakage_id.as_deref().is_some_and(|id| id != breakage.id) {
            continue;
        }
        let stored: StoredReading = serde_json::from_value(occurrence.diagnosis.0.clone())
            .map_err(|source| StoreError::Stored { what: "verdict", source })?;
        let key = stored.diagnosis.key_line.as_ref().map(|key| key.line);
        let line_url = key.and_then(|line| provider?.log_line_url(&stored.job, line));
        jobs.push(JobReading {
            name: stored.job.name.clone(),
            url: Some(stored.job.url.clone()).filter(|url| !url.is_empty()),
            line_url,
            diagnosis: stored.diagnosis,
            log_problem: stored.log_problem,
        });
    }
    // The surest verdict speaks for the run; among equals the job that failed first.
    jobs.sort_by(|a, b| certainty(b).total_cmp(&certainty(a)));
    Ok(jobs)
}

fn certainty(job: &JobReading) -> f64 {
    if job.diagnosis.verdict == Verdict::Failed {
        1.0 + job.diagnosis.confidence
    } else {
        job.diagnosis.confidence
    }
}

async fn history_of(
    app: &App,
    breakage: &Breakage,
    primary: &JobReading,
) -> Result<Option<History>, TriageError> {
    let diagnosis = &primary.diagnosis;
    // Without a cause the fingerprint groups by chance: it proves nothing about other repositories.
    if !super::history::identifies(diagnosis) {
        return Ok(None);
    }
    let Some(failure) = failures::by_fingerprint(&app.store, &diagnosis.fingerprint).await? else {
        return Ok(None);
    };
    let here = occurrences::of_breakage(&app.store, &breakage.id, COUNTED_OCCURRENCES).await?;
    let here = here.iter().filter(|occurrence| occurrence.fingerprint == failure.fingerprint).count();
    let since = now_ms() - DAY_MS;
    let recent_times = failures::count_since(&app.store, &failure.id, since).await?;
    let recent_repos = failures::repos_since(&app.store, &failure.id, since).await?;
    Ok(Some(History {
        recent_times: u64::try_from(recent_times).unwrap_or(0),
        recent_repos: u64::try_from(recent_repos).unwrap_or(0),
        first_seen: Timestamp::from_millisecond(failure.first_seen).unwrap_or(Timestamp::UNIX_EPOCH),
        times: u64::try_from(failure.occurrences).unwrap_or(0),
        repos: u64::try_from(failure.repos).unwrap_or(0),
        before_this: usize::try_from(failure.occurrences).unwrap_or(0) > here,
        known_issue: failure.known_issue,
    }))
}
