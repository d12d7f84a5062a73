//! The jobs that a worker is running at this moment.

use std::collections::HashMap;
use std::future::Future;

use tokio::task::{AbortHandle, Id, JoinSet};

use super::storage::JobRow;

/// Tasks, each with the job that it runs.
#[derive(Default)]
pub(super) struct Running {
    tasks: JoinSet<()>,
    jobs: HashMap<Id, (JobRow, AbortHandle)>,
}

impl Running {
    pub(super) fn len(&self) -> usize {
        self.jobs.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }

    /// The ids of the jobs.
    pub(super) fn ids(&self) -> Vec<String> {
        self.jobs.values().map(|(job, _)| job.id.clone()).collect()
    }

    pub(super) fn start(&mut self, job: JobRow, work: impl Future<Output = ()> + Send + 'static) {
        let handle = self.tasks.spawn(work);
        self.jobs.insert(handle.id(), (job, handle));
    }

    /// Waits until one has ended. Pends for ever when there is none, for use in `select!`.
    pub(super) async fn ended(&mut self) {
        match self.tasks.join_next_with_id().await {
            Some(Ok((task, ()))) => self.forget(task),
            Some(Err(error)) => self.forget(error.id()),
            None => std::future::pending().await,
        }
    }

    fn forget(&mut self, task: Id) {
        self.jobs.remove(&task);
    }

    /// Stops those whose lease was lost: somebody else runs them now.
    pub(super) fn stop_all_but(&self, held: &[String]) {
        for (job, handle) in self.jobs.values().filter(|(job, _)| !held.contains(&job.id)) {
            tracing::warn!(job = %job.id, kind = %job.kind, "lease lost, stopping the job");
            handle.abort();
        }
    }

    /// Stops all, waits until they have stopped, and returns their jobs.
    pub(super) async fn stop(mut self) -> Vec<JobRow> {
        self.tasks.shutdown().await;
        self.jobs.into_values().map(|(job, _)| job).collect()
    }
}
