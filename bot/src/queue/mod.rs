//! Durable work: what must still happen after a crash is a row in the table `jobs`.
//!
//! A job is made ([`enqueue`]) inside the transaction that makes it necessary, so that the one never stands without the
//! other. A [`Worker`] takes ready jobs under a lease, runs them, and deletes those that succeed. Taking and finishing are
//! transactions of their own: a job may run again after a crash even though its effects are there, so every job must be
//! *idempotent*. What fails is tried again after a growing, jittered pause; what fails too often, or for good, becomes a
//! dead letter, which stays visible ([`dead`]) and can be replayed.
//!
//! Jobs that share a *lane* run one at a time, in the order in which they were made; a lane waits while its first job waits
//! to be tried again. Jobs that share kind and *dedupe key* are one, as long as the first has not started.

pub mod dead;
mod job;
mod lanes;
mod registry;
mod running;
mod settle;
pub(crate) mod storage;
mod worker;

pub use job::{Enqueue, Job, JobError, NewJob};
pub use lanes::Lanes;
pub use registry::Registry;
pub use storage::{JobCounts, JobRow, JobState, counts, oldest_ready_age};
pub use worker::{Worker, WorkerConfig};

use crate::store::{Result, Tx};

/// Makes a job, inside the caller's transaction; workers of this process hear of it on commit. Returns the job's id: that
/// of the one already waiting, if it is the same by kind and dedupe key.
pub async fn enqueue<J: Job>(tx: &mut Tx, job: &J, how: Enqueue) -> Result<String> {
    storage::insert(tx, &NewJob::of(job, how)?).await
}

#[cfg(test)]
mod tests;
