//! Retries that come by themselves: waited for before anything is said, and remembered when they help.

use std::time::Duration;

use adapters::event::{Conclusion, Run, RunRef};

use super::{TriageError, classify, collect, group};
use crate::app::App;
use crate::store::{StoreError, Tx, attempts, runs};

/// Failed runs looked at to tell whether a pipeline's failures are tried again by themselves.
const LOOKED_AT: u32 = 8;
/// Fewer than this prove nothing.
const FEWEST: usize = 3;
/// Added to the longest pause that was seen.
const MARGIN_MS: i64 = 10_000;

/// How long a failed run may be taken back before it is told: what is configured for all; where history shows that failures
/// of this pipeline are tried again within minutes, as long as that has taken, up to the configured bound.
pub async fn retry_wait(app: &App, tx: &mut Tx, run: &Run) -> Result<Duration, StoreError> {
    let settings = &app.config.triage;
    if settings.retry_wait.is_zero() {
        return Ok(settings.settle);
    }
    let past = attempts::retries_of(&mut *tx, run, LOOKED_AT).await?;
    Ok(settings.settle.max(usual_wait(&past, settings.retry_wait).unwrap_or_default()))
}

/// The wait that past retries call for; `None` where failures are not usually tried again in time.
fn usual_wait(past: &[Option<i64>], longest: Duration) -> Option<Duration> {
    let bound = i64::try_from(longest.as_millis()).unwrap_or(i64::MAX);
    let soon: Vec<i64> = past.iter().copied().flatten().filter(|pause| *pause <= bound).collect();
    // Three in four: a pipeline with a retry step has hardly an exception, one that people re-run has many.
    if past.len() < FEWEST || soon.len() * 4 < past.len() * 3 {
        return None;
    }
    let slowest = soon.into_iter().max()?.max(0);
    Some(Duration::from_millis(u64::try_from(slowest.saturating_add(MARGIN_MS)).ok()?).min(longest))
}

/// A failed attempt that a further one overtook is not told, but what failed in it is remembered: if the further one is
/// green, that was flaky.
pub(super) async fn remember_quietly(app: &App, at: &RunRef) -> Result<(), TriageError> {
    let Some(known) = runs::get(&app.store, at).await?.filter(|run| run.at.attempt > at.attempt) else {
        return Ok(());
    };
    let run = Run {
        at: at.clone(),
        conclusion: Some(Conclusion::Failure),
        started_at: None,
        finished_at: None,
        ..known
    };
    let jobs = collect::failed_jobs(app, &run).await?;
    let readings = classify::read_jobs(app, &run, jobs).await?;
    group::remember_verdicts(app, &run, readings).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_usually_tried_again_in_time_is_waited_for() {
        let wait = |past: &[Option<i64>]| usual_wait(past, Duration::from_mins(3)).map(|wait| wait.as_secs());
        assert_eq!(wait(&[Some(5_000), Some(20_000), Some(8_000)]), Some(30));
        assert_eq!(wait(&[Some(5_000), Some(170_000), Some(8_000), None]), Some(180), "bounded");
        assert_eq!(wait(&[Some(5_000), None, Some(8_000)]), None, "too often it was not");
        assert_eq!(wait(&[Some(5_000), Some(8_000)]), None, "too little to tell");
        assert_eq!(
            wait(&[Some(5_000), Some(8_000), Some(3_600_000)]),
            None,
            "an hour later is an afterthought"
        );
        assert_eq!(wait(&[Some(-4_000), Some(-1), Some(0)]), Some(10), "clocks differ");
        assert_eq!(wait(&[]), None);
    }
}
