//! The worker: takes ready jobs under a lease, runs several at a time, and settles each by its outcome.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use rand::Rng;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use super::job::millis;
use super::lanes::Lanes;
use super::registry::Registry;
use super::running::Running;
use super::settle::Settling;
use super::storage::{self, JobRow};
use crate::store::{Backend, Result, Store, new_id, now_ms};

/// What tells the leases of this process from those of others.
static PROCESS: LazyLock<String> = LazyLock::new(new_id);

/// How a worker works.
#[derive(Debug, Clone)]
pub struct WorkerConfig {
    /// How many jobs run at a time.
    pub concurrency: usize,
    /// How long a job stays ours without a sign of life; it is renewed three times as often. On `PostgreSQL` this is how
    /// long the jobs of a killed process wait.
    pub lease: Duration,
    /// How often to look for work that another process has made.
    pub poll: Duration,
    /// How long jobs may go on after the shutdown began.
    pub drain: Duration,
    /// The pause after a first failure; it doubles with each further one. Half of it is random.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
    /// Takes secrets out of what went wrong before it is stored.
    pub redact: fn(&str) -> String,
}

impl Default for WorkerConfig {
    fn default() -> Self {
        Self {
            concurrency: 8,
            lease: Duration::from_secs(30),
            poll: Duration::from_millis(500),
            drain: Duration::from_secs(20),
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_mins(5),
            redact: str::to_owned,
        }
    }
}

impl WorkerConfig {
    /// The pause after so many attempts.
    pub(super) fn pause(&self, attempts: i64) -> Duration {
        let doublings = u32::try_from(attempts.clamp(1, 20) - 1).unwrap_or_default();
        let pause = self.first_pause.saturating_mul(1 << doublings).min(self.longest_pause);
        pause.mul_f64(rand::rng().random_range(0.5..=1.0))
    }
}

/// Takes and runs jobs.
pub struct Worker<C> {
    store: Store,
    context: Arc<C>,
    registry: Arc<Registry<C>>,
    config: Arc<WorkerConfig>,
    owner: String,
    lanes: Lanes,
}

impl<C: Send + Sync + 'static> Worker<C> {
    /// A worker, not yet running.
    pub fn new(store: Store, context: Arc<C>, registry: Registry<C>, config: WorkerConfig) -> Self {
        let owner = format!("{}/{}", *PROCESS, new_id());
        Self {
            store,
            context,
            registry: Arc::new(registry),
            config: Arc::new(config),
            owner,
            lanes: Lanes::All,
        }
    }

    /// The same, working on these lanes alone.
    #[must_use]
    pub fn on(self, lanes: Lanes) -> Self {
        Self { lanes, ..self }
    }

    /// Works until `shutdown` is cancelled, then lets running jobs end, and gives back those that do not end in time. Faults
    /// of the database are logged and waited out.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut running = Running::default();
        let mut work = self.store.work();
        let mut heartbeat = interval((self.config.lease / 3).max(Duration::from_millis(1)));
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.take_over().await;
        while !shutdown.is_cancelled() {
            work.mark_unchanged();
            let pause = self.start_ready(&mut running).await;
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = running.ended() => {}
                // The sender lives in the store, which we hold.
                _ = work.changed() => {}
                _ = heartbeat.tick() => self.beat(&running).await,
                () = sleep(pause) => {}
            }
        }
        self.drain(running).await;
    }

    /// Starts what may start; tells how long to wait when nothing else happens.
    async fn start_ready(&self, running: &mut Running) -> Duration {
        match self.try_start_ready(running).await {
            Ok(pause) => pause,
            // Another process was quicker on some lane; whose turn it is will be clear at once.
            Err(error) if error.is_conflict() => Duration::from_millis(10),
            Err(error) => {
                tracing::warn!(%error, cause = ?std::error::Error::source(&error), "cannot take jobs");
                self.config.poll
            }
        }
    }

    async fn try_start_ready(&self, running: &mut Running) -> Result<Duration> {
        let free = self.config.concurrency.saturating_sub(running.len());
        if free == 0 {
            return Ok(self.config.poll);
        }
        // Looking costs a reader; only taking costs the writer.
        let Some(due) = storage::next_due(&self.store, &self.lanes).await? else {
            return Ok(self.config.poll);
        };
        let wait = due.saturating_sub(now_ms());
        if wait > 0 {
            return Ok(self.config.poll.min(Duration::from_millis(wait.unsigned_abs())));
        }
        let mut tx = self.store.begin_relaxed().await?;
        let lease_until = now_ms().saturating_add(millis(self.config.lease));
        let jobs = storage::claim(&mut tx, &self.owner, lease_until, free, &self.lanes).await?;
        tx.commit().await?;
        // None: all that is due waits for its lane.
        let pause = if jobs.is_empty() { self.config.poll } else { Duration::ZERO };
        for job in jobs {
            let settling = Settling {
                store: self.store.clone(),
                registry: Arc::clone(&self.registry),
                config: Arc::clone(&self.config),
            };
            running.start(job.clone(), settling.work(job, Arc::clone(&self.context)));
        }
        Ok(pause)
    }

    /// Renews our leases, stops what is no longer ours, and gives back what others have let go.
    async fn beat(&self, running: &Running) {
        if !running.is_empty() {
            match self.renew(&running.ids()).await {
                Ok(held) => running.stop_all_but(&held),
                Err(error) => tracing::warn!(%error, "cannot renew leases"),
            }
        }
        match storage::expired(&self.store).await {
            Ok(jobs) => self.release(&jobs, "the lease ran out: its process stopped or hung").await,
            Err(error) => tracing::warn!(%error, "cannot look for leases that ran out"),
        }
    }

    async fn renew(&self, ids: &[String]) -> Result<Vec<String>> {
        let mut tx = self.store.begin_relaxed().await?;
        let lease_until = now_ms().saturating_add(millis(self.config.lease));
        let held = storage::renew(&mut tx, &self.owner, ids, lease_until).await?;
        tx.commit().await?;
        Ok(held)
    }

    /// A `SQLite` file belongs to one process: whoever else holds a lease is gone, and need not be waited for.
    async fn take_over(&self) {
        if self.store.backend() == Backend::Sqlite {
            match storage::held_by_others(&self.store, &PROCESS).await {
                Ok(jobs) => self.release(&jobs, "its process stopped before it was done").await,
                Err(error) => tracing::warn!(%error, "cannot look for jobs of the process before"),
            }
        }
    }

    /// Makes jobs ready again whose holder is gone. The attempt counts: a job that kills its process must not do so for ever.
    async fn release(&self, jobs: &[JobRow], why: &str) {
        for job in jobs {
            let again = (job.attempts < job.max_attempts).then(now_ms);
            if let Err(error) = self.give_back(job, again, job.attempts, Some(why)).await {
                tracing::warn!(job = %job.id, %error, "cannot give back a job");
            }
        }
    }

    async fn give_back(
        &self,
        job: &JobRow,
        run_at: Option<i64>,
        attempts: i64,
        why: Option<&str>,
    ) -> Result<()> {
        let mut tx = self.store.begin_relaxed().await?;
        storage::give_back(&mut tx, job, run_at, attempts, why).await?;
        tx.commit().await
    }

    /// Lets running jobs end. Those that do not end in time are stopped and given back; the attempt does not count.
    async fn drain(&self, mut running: Running) {
        let deadline = Instant::now() + self.config.drain;
        let mut heartbeat = interval((self.config.lease / 3).max(Duration::from_millis(1)));
        while !running.is_empty() {
            tokio::select! {
                ended = timeout_at(deadline, running.ended()) => if ended.is_err() { break },
                _ = heartbeat.tick() => self.beat(&running).await,
            }
        }
        for job in running.stop().await {
            if let Err(error) = self.give_back(&job, Some(now_ms()), job.attempts - 1, None).await {
                tracing::warn!(job = %job.id, %error, "cannot give back a job; its lease will run out");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_are_half_random() {
        let config = WorkerConfig::default();
        for (attempts, longest) in [(1, 1), (2, 2), (5, 16), (9, 256), (10, 300), (1000, 300)] {
            for _ in 0..50 {
                let pause = config.pause(attempts).as_secs_f64();
                let longest = f64::from(longest);
                assert!((longest / 2.0..=longest).contains(&pause), "{attempts}: {pause}");
            }
        }
    }
}
