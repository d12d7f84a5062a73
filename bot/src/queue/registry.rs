//! Which kinds of job there are, and how each is run.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::job::{Job, JobError};

/// Runs a job of one kind from its stored form.
type Handler<C> = fn(&str, Arc<C>) -> BoxFuture<'static, Result<(), JobError>>;

pub(super) struct Kind<C> {
    pub(super) timeout: Duration,
    pub(super) handler: Handler<C>,
}

/// All kinds of job that work with the context `C`: one line each.
pub struct Registry<C> {
    kinds: BTreeMap<&'static str, Kind<C>>,
}

impl<C: Send + Sync + 'static> Registry<C> {
    /// A registry without any kind.
    pub fn new() -> Self {
        Self { kinds: BTreeMap::new() }
    }

    /// Adds a kind.
    ///
    /// # Panics
    ///
    /// If another kind has the same name: jobs of the one would be run as the other.
    #[must_use]
    pub fn register<J: Job<Context = C>>(mut self) -> Self {
        let before = self.kinds.insert(J::KIND, Kind { timeout: J::TIMEOUT, handler: run::<J> });
        assert!(before.is_none(), "two kinds of job are named `{}`", J::KIND);
        self
    }

    /// The names of all kinds, sorted.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.kinds.keys().copied()
    }

    pub(super) fn get(&self, kind: &str) -> Option<&Kind<C>> {
        self.kinds.get(kind)
    }
}

impl<C: Send + Sync + 'static> Default for Registry<C> {
    fn default() -> Self {
        Self::new()
    }
}

fn run<J: Job>(payload: &str, context: Arc<J::Context>) -> BoxFuture<'static, Result<(), JobError>> {
    match serde_json::from_str::<J>(payload) {
        Ok(job) => async move { job.run(context).await }.boxed(),
        Err(error) => {
            let why = format!(
                "the stored job cannot be read ({error}): if a newer version made it, run that version and replay it"
            );
            async move { Err(JobError::fatal(why)) }.boxed()
        }
    }
}
