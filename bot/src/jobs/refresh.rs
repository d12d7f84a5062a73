//! What happens by the clock: the runbook folders are looked at again, and what is old is swept away.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, interval_at};
use tokio_util::sync::CancellationToken;

use super::daily;
use super::people::find_people;
use crate::app::App;
use crate::store::{attempts, baselines, inbox, now_ms};
use crate::{runbooks, slack_teams};

/// How often old deliveries are swept.
const SWEEP: Duration = Duration::from_hours(6);
/// How often it is looked whether another process has installed the Slack app somewhere.
const LOOK_FOR_TEAMS: Duration = Duration::from_mins(1);
/// How often people are looked up by their addresses.
const LOOK_UP: Duration = Duration::from_hours(1);
/// How often is looked whether a daily list is due.
const LISTS: Duration = Duration::from_secs(20);
/// How long is remembered how runs ended: flakiness that nobody met for a quarter is another one.
const KEEP_ATTEMPTS_MS: i64 = 90 * 24 * 60 * 60 * 1000;
/// What a job printed is forgotten that was not green for so long.
const KEEP_BASELINES: Duration = Duration::from_hours(24 * 90);

/// Goes on until `stop` is cancelled. Each replica does it for itself: both tasks are harmless to repeat.
pub async fn housekeeping(app: Arc<App>, stop: CancellationToken) {
    // The first look was taken before any work began.
    let every = app.config.knowledge.refresh.max(Duration::from_secs(1));
    let mut refresh = interval_at(Instant::now() + every, every);
    let mut sweep = interval(SWEEP);
    let mut look_up = interval(LOOK_UP);
    let mut teams = interval(LOOK_FOR_TEAMS);
    refresh.set_missed_tick_behavior(MissedTickBehavior::Delay);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    look_up.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut lost = interval(app.config.admins.retry);
    lost.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut minute = interval(LISTS);
    minute.set_missed_tick_behavior(MissedTickBehavior::Delay);
    teams.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = teams.tick() => slack_teams::load(&app).await,
            _ = look_up.tick() => find_people(&app).await,
            _ = refresh.tick() => refresh_runbooks(&app).await,
            _ = lost.tick() => crate::lost::try_again(&app).await,
            _ = minute.tick() => daily::post_daily_lists(&app).await,
            _ = sweep.tick() => {
                sweep_inbox(&app).await;
                sweep_baselines(&app).await;
            }
        }
    }
}

/// Brings the runbook index up to date. A fault is logged, and search goes on with what there was.
pub async fn refresh_runbooks(app: &Arc<App>) {
    let app = Arc::clone(app);
    let work = tokio::task::spawn_blocking(move || runbooks::refresh(&app.index, &app.config.knowledge));
    match work.await {
        Ok(Ok(report)) => {
            for fault in &report.faults {
                tracing::warn!(fault, "a runbook was left out");
            }
            if report.added + report.changed + report.removed > 0 {
                tracing::info!(
                    added = report.added,
                    changed = report.changed,
                    removed = report.removed,
                    "runbooks indexed"
                );
            }
        }
        Ok(Err(error)) => tracing::error!(
            error = format!("{error:#}"),
            "the runbooks could not be indexed; search goes on with what there was"
        ),
        Err(error) => {
            tracing::error!(%error, "indexing the runbooks ended abruptly; search goes on with what there was");
        }
    }
}

async fn sweep_inbox(app: &App) {
    let keep = i64::try_from(app.config.store.keep.as_millis()).unwrap_or(i64::MAX);
    let swept = async {
        let mut tx = app.store.begin().await?;
        let swept = inbox::sweep(&mut tx, now_ms().saturating_sub(keep)).await?;
        attempts::sweep(&mut tx, now_ms() - KEEP_ATTEMPTS_MS).await?;
        tx.commit().await?;
        Ok::<_, crate::store::StoreError>(swept)
    };
    match swept.await {
        Ok(0) => {}
        Ok(swept) => tracing::info!(swept, "old deliveries swept"),
        Err(error) => tracing::error!(%error, "old deliveries could not be swept"),
    }
}

async fn sweep_baselines(app: &App) {
    let keep = i64::try_from(KEEP_BASELINES.as_millis()).unwrap_or(i64::MAX);
    let swept = async {
        let mut tx = app.store.begin().await?;
        let swept = baselines::sweep(&mut tx, now_ms().saturating_sub(keep)).await?;
        tx.commit().await?;
        Ok::<_, crate::store::StoreError>(swept)
    };
    match swept.await {
        Ok(0) => {}
        Ok(swept) => tracing::info!(swept, "baselines of jobs that are gone swept"),
        Err(error) => tracing::error!(%error, "old baselines could not be swept"),
    }
}
