//! Everything that is remembered, in `SQLite` or `PostgreSQL`, behind one type: [`Store`].
//!
//! One function a statement, grouped by table in one file each. Writes take `&mut Tx`, reads take `&Store` or `&mut Tx`
//! ([`Reads`]). One SQL text serves both databases: `$1` placeholders, ids as UUID version 7 text, times as unix
//! milliseconds, JSON as text, flags as 0 and 1.
//!
//! `SQLite` has one writing connection and several that can only read; a commit is on disk before it is answered.
//! Webhooks arrive faster than a disk can confirm one by one, so [`Store::accept_webhook`] commits them in groups.

pub mod actions;
pub mod attempts;
pub mod audit;
pub mod baselines;
pub mod breakages;
pub mod column;
mod error;
pub mod failures;
pub mod feedback;
pub mod inbox;
mod intake;
pub mod lost;
#[cfg(test)]
mod migrating;
pub mod notes;
pub mod occurrences;
mod open;
pub mod posts;
pub mod rollups;
pub mod runs;
pub mod settings;
pub mod slack_teams;
pub mod stats;
pub mod subscriptions;
#[cfg(test)]
pub(crate) mod testing;
mod transaction;

use std::sync::Arc;

use sqlx::AnyPool;
use tokio::sync::{mpsc, watch};

pub use column::{Json, MaybeJson, moment, new_id, now_ms};
pub use error::{Result, StoreError};
pub use transaction::{Reading, Reads, Tx};

use crate::queue::NewJob;
use inbox::NewDelivery;

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// A file on this machine, used by one process.
    Sqlite,
    /// A server, used by any number of processes.
    Postgres,
}

/// The memory of the bot. Cheap to clone; all clones are the same store.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    backend: Backend,
    writer: AnyPool,
    reader: AnyPool,
    intake: mpsc::Sender<intake::Accepting>,
    work: watch::Sender<u64>,
    posts: watch::Sender<u64>,
}

impl Store {
    /// Which database it is.
    pub fn backend(&self) -> Backend {
        self.inner.backend
    }

    /// Starts a write transaction that is durable once committed.
    pub async fn begin(&self) -> Result<Tx> {
        let inner = match self.inner.backend {
            // The setting goes with the BEGIN because a relaxed transaction may have used the connection before.
            Backend::Sqlite => {
                self.inner.writer.begin_with("PRAGMA synchronous = FULL; BEGIN IMMEDIATE").await?
            }
            Backend::Postgres => self.inner.writer.begin().await?,
        };
        Ok(Tx::new(self.clone(), inner))
    }

    /// Starts a write transaction that a power cut (not a crash of the process) may undo after its commit: for the
    /// queue's own book-keeping, where the worst outcome is that an idempotent job runs once more.
    pub(crate) async fn begin_relaxed(&self) -> Result<Tx> {
        let inner = match self.inner.backend {
            Backend::Sqlite => {
                self.inner.writer.begin_with("PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE").await?
            }
            Backend::Postgres => {
                let mut inner = self.inner.writer.begin().await?;
                sqlx::query("SET LOCAL synchronous_commit = off").execute(&mut *inner).await?;
                inner
            }
        };
        Ok(Tx::new(self.clone(), inner))
    }

    /// Stores a delivery and the job that will process it, and returns once both are durable; many callers share one
    /// commit. False means that the delivery was seen before: nothing was stored, and the job was not made.
    /// [`StoreError::Busy`]: more comes in than the disk can take, and nothing was stored.
    pub async fn accept_webhook(&self, delivery: NewDelivery, job: NewJob) -> Result<bool> {
        intake::accept(&self.inner.intake, intake::ROOM, delivery, job).await
    }

    /// Changes whenever this process has made a job ready.
    pub fn work(&self) -> watch::Receiver<u64> {
        self.inner.work.subscribe()
    }

    /// Changes whenever this process has changed a post; what changed is told by [`posts::changes_since`].
    pub fn post_changes(&self) -> watch::Receiver<u64> {
        self.inner.posts.subscribe()
    }

    pub(crate) fn wake_workers(&self) {
        self.inner.work.send_modify(|count| *count = count.wrapping_add(1));
    }

    fn wake_viewers(&self) {
        self.inner.posts.send_modify(|count| *count = count.wrapping_add(1));
    }

    fn reader(&self) -> &AnyPool {
        &self.inner.reader
    }

    /// Waits for transactions under way and closes all connections. Call it last: what comes afterwards fails.
    pub async fn close(&self) {
        self.inner.writer.close().await;
        self.inner.reader.close().await;
    }
}
