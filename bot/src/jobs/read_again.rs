//! A log that could not be had is asked for again, with growing pauses.

use std::sync::Arc;
use std::time::Duration;

use adapters::event::{Run, RunRef};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::triage::{RunFailed, pipeline_lane};
use crate::app::App;
use crate::queue::{Enqueue, Job, JobError, enqueue};
use crate::store::{self, Tx, runs};

/// The first pause; each further one doubles the time since the run ended.
const SHORTEST: Duration = Duration::from_secs(20);
/// The longest pause.
const LONGEST: Duration = Duration::from_mins(30);
/// A log that is not there by then is not waited for any longer.
const GIVE_UP: Duration = Duration::from_hours(6);

/// Reads a failed run's missing logs again. It waits on no lane: what comes after the failure does not wait for a log.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReadAgain {
    /// Which run.
    pub run: RunRef,
}

impl Job for ReadAgain {
    type Context = App;
    const KIND: &'static str = "read_again";

    async fn run(&self, app: Arc<App>) -> Result<(), JobError> {
        let Some(run) = runs::get(&app.store, &self.run).await? else { return Ok(()) };
        let mut tx = app.store.begin().await?;
        let job = RunFailed { run: self.run.clone() };
        enqueue(&mut tx, &job, Enqueue::now().lane(pipeline_lane(&run)).once(self.run.to_string())).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Makes the work, if it is not too late for it.
pub async fn read_again_later(tx: &mut Tx, run: &Run) -> store::Result<()> {
    if let Some(pause) = pause(run, Timestamp::now()) {
        let job = ReadAgain { run: run.at.clone() };
        enqueue(tx, &job, Enqueue::now().once(run.at.to_string()).after(pause)).await?;
    }
    Ok(())
}

fn pause(run: &Run, now: Timestamp) -> Option<Duration> {
    let ended = run.finished_at.or(run.started_at)?;
    // A clock that is ahead of ours does not make it end in the future.
    let since = Duration::try_from(now.duration_since(ended)).unwrap_or_default();
    (since < GIVE_UP).then(|| since.clamp(SHORTEST, LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing;

    #[test]
    fn pauses_grow_with_the_time_that_has_passed_and_end() {
        let run = testing::run(1, None);
        let ended = run.finished_at.or(run.started_at).unwrap();
        let after = |seconds: i64| pause(&run, ended + jiff::SignedDuration::from_secs(seconds));
        let seconds = |pause: Option<Duration>| pause.map(|pause| pause.as_secs());
        assert_eq!(
            [-5, 0, 30, 300, 7200, 6 * 3600].map(after).map(seconds),
            [Some(20), Some(20), Some(30), Some(300), Some(1800), None]
        );
        let unknown = Run { started_at: None, finished_at: None, ..run };
        assert_eq!(pause(&unknown, ended), None);
    }
}
