//! When an episode of redness begins, goes on, and is over for good.
//!
//! A pipeline that breaks anew after it was mended begins a new episode, with a message of its own. One that does so again
//! and again is flapping: from the third time on within a while its last episode is taken up again, and the one message is
//! edited, until the pipeline has stayed green for as long.

use std::time::Duration;

use adapters::event::Run;

use super::{TriageError, publish};
use crate::app::App;
use crate::jobs::Settled;
use crate::queue::{Enqueue, enqueue};
use crate::store::breakages::{self, Breakage, BreakageState};
use crate::store::notes::{self, Flapping};
use crate::store::{StoreError, Tx};

/// So many times a pipeline breaks, within the configured while, before it is said to be flapping.
const BREAKS: u32 = 3;

/// The episode that a failed run belongs to: the open one; of a flapping pipeline its last one, taken up again; or a new one.
pub(super) async fn begin(app: &App, tx: &mut Tx, run: &Run) -> Result<Breakage, StoreError> {
    let at = &run.at;
    let past =
        breakages::history(&mut *tx, &at.source, &at.repo, &run.branch, &run.workflow, BREAKS - 1).await?;
    let Some(last) = past.first().filter(|last| last.state == BreakageState::Fixed) else {
        return Ok(breakages::open(tx, run).await?.0);
    };
    let before = notes::get(&mut *tx, &last.id).await?.flapping;
    let Some(flapping) = flapping(&past, before, breakages::ended(run), app.config.triage.flapping) else {
        return Ok(breakages::open(tx, run).await?.0);
    };
    let Some(reopened) = breakages::reopen(tx, &last.id, run).await? else {
        return Ok(breakages::open(tx, run).await?.0);
    };
    notes::change(tx, &reopened.id, |notes| notes.flapping = Some(flapping)).await?;
    Ok(reopened)
}

/// What a further break at `now` (unix milliseconds) makes of a pipeline whose past episodes (the newest first) are over;
/// `None` if it is just broken.
fn flapping(past: &[Breakage], before: Option<Flapping>, now: i64, window: Duration) -> Option<Flapping> {
    let since = now.saturating_sub(i64::try_from(window.as_millis()).unwrap_or(i64::MAX));
    let last = past.first()?;
    if window.is_zero() || last.closed_at.is_none_or(|closed| closed < since) {
        return None;
    }
    if let Some(before) = before.filter(|before| !before.over) {
        return Some(Flapping { breaks: before.breaks + 1, last: now, ..before });
    }
    let recent: Vec<&Breakage> = past.iter().filter(|past| past.opened_at >= since).collect();
    let breaks = recent.len() as u64 + 1;
    let first = recent.last()?.opened_at;
    (breaks >= u64::from(BREAKS)).then_some(Flapping { since: first, last: now, breaks, over: false })
}

/// A flapping pipeline is green: looks again when it has been so for long enough.
pub(super) async fn watch(app: &App, tx: &mut Tx, fixed: &Breakage) -> Result<(), StoreError> {
    let flapping = notes::get(&mut *tx, &fixed.id).await?.flapping;
    let (Some(closed_at), true) = (fixed.closed_at, flapping.is_some_and(|flapping| !flapping.over)) else {
        return Ok(());
    };
    let job = Settled { breakage_id: fixed.id.clone(), closed_at };
    let key = format!("{}:{closed_at}", fixed.id);
    enqueue(tx, &job, Enqueue::now().once(key).after(app.config.triage.flapping)).await?;
    Ok(())
}

/// It has been green for long enough, unless it broke again meanwhile.
pub async fn settled(app: &App, breakage_id: &str, closed_at: i64) -> Result<(), TriageError> {
    let mut tx = app.store.begin().await?;
    let Some(breakage) = breakages::lock(&mut tx, breakage_id).await? else { return Ok(()) };
    if breakage.closed_at != Some(closed_at) {
        return Ok(());
    }
    notes::change(&mut tx, breakage_id, |notes| {
        if let Some(flapping) = &mut notes.flapping {
            flapping.over = true;
        }
    })
    .await?;
    tx.commit().await?;
    publish(app, breakage_id).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MaybeJson;

    const HOUR: Duration = Duration::from_hours(1);
    const MINUTE: i64 = 60_000;

    fn episode(opened: i64, closed: i64) -> Breakage {
        Breakage {
            id: format!("b{opened}"),
            source: "github".into(),
            repo: "acme/payments".into(),
            branch: "main".into(),
            workflow: "CI".into(),
            state: BreakageState::Fixed,
            opened_at: opened * MINUTE,
            closed_at: Some(closed * MINUTE),
            first_run_id: "1".into(),
            first_sha: "a".into(),
            last_run_id: "1".into(),
            last_attempt: 1,
            last_number: 1,
            failures: 1,
            fixed_run: MaybeJson(None),
        }
    }

    #[test]
    fn the_third_break_within_the_window_is_flapping() {
        let past = [episode(120, 125), episode(100, 110)];
        let at = |minute: i64, window| flapping(&past, None, minute * MINUTE, window);
        assert_eq!(
            at(140, HOUR),
            Some(Flapping { since: 100 * MINUTE, last: 140 * MINUTE, breaks: 3, over: false })
        );
        assert_eq!(at(161, HOUR), None, "the first was too long ago");
        assert_eq!(at(140, Duration::ZERO), None, "switched off");
        assert_eq!(flapping(&past[..1], None, 140 * MINUTE, HOUR), None, "twice is not yet flapping");
        assert_eq!(flapping(&[], None, 0, HOUR), None);
    }

    #[test]
    fn flapping_goes_on_until_it_is_over() {
        let past = [episode(100, 200), episode(90, 95)];
        let before = Flapping { since: 90 * MINUTE, last: 180 * MINUTE, breaks: 5, over: false };
        let at = |minute: i64, before: &Flapping| {
            flapping(&past, Some(before.clone()), minute * MINUTE, HOUR).map(|flapping| flapping.breaks)
        };
        assert_eq!(at(210, &before), Some(6));
        assert_eq!(at(261, &before), None, "it had stayed green");
        assert_eq!(at(210, &Flapping { over: true, ..before }), None);
    }
}
