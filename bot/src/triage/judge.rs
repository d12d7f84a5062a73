//! One log, read as well as it can be, and judged.
//!
//! A log may be gone, broken, too large, too slow, or its host may be down. None of that is a reason to be silent: what was
//! read is judged, and the message says what could not be.

use std::sync::Arc;
use std::time::Duration;

use adapters::ci::{CiError, CiProvider, LogStream, log_stays_broken};
use adapters::event::{Job, RunRef};
use bytes::Bytes;
use classifiers::{Classifier, Diagnosis, Hints};
use futures::StreamExt;
use tokio::time::{Instant, timeout_at};

use super::TriageError;
use crate::redaction::words;
use crate::text::failure as text;

/// Chunks of a log that may wait for the reader: keeps a fast network from filling the memory.
pub(super) const CHUNKS_AHEAD: usize = 16;
/// How long one run's logs may be read. Ends well before the job that reads them is given up.
pub(super) const READING_TIME: Duration = Duration::from_mins(7);

/// Reads the logs of one run.
pub(super) struct Judge<'a> {
    /// Where the logs are.
    pub(super) provider: &'a dyn CiProvider,
    /// What judges them.
    pub(super) classifier: Arc<Classifier>,
    /// Most bytes read of one log.
    pub(super) max_bytes: u64,
    /// When reading ends, whatever was read by then.
    pub(super) deadline: Instant,
}

/// What came of reading one log.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    /// The verdict on what was read, be it nothing.
    pub(super) diagnosis: Diagnosis,
    /// Why the log could not be read whole, in words for people.
    pub(super) problem: Option<String>,
    /// Whether reading it later may go better.
    pub(super) again: bool,
}

/// Why a stream ended before its end.
pub(super) enum Stopped {
    /// We want no more of it.
    Enough,
    /// It took too long.
    Slow,
    /// It broke, for good or on its way.
    Broke(std::io::Error),
}

impl Judge<'_> {
    /// Reads and judges a log. What may go better at once is tried again after each of these pauses.
    pub(super) async fn read(
        &self,
        run: &RunRef,
        job: &Job,
        hints: &Hints,
        pauses: &[Duration],
    ) -> Result<Judged, TriageError> {
        let mut pauses = pauses.iter();
        loop {
            let judged = self.read_once(run, job, hints.clone()).await?;
            let Some(pause) = pauses.next().filter(|_| judged.again) else { return Ok(judged) };
            tokio::time::sleep(*pause).await;
        }
    }

    async fn read_once(&self, run: &RunRef, job: &Job, hints: Hints) -> Result<Judged, TriageError> {
        match timeout_at(self.deadline, self.provider.log(run, job)).await {
            Ok(Ok(stream)) => self.judge(stream, hints).await,
            // We were asked to wait, and told for how long.
            Ok(Err(limited @ CiError::RateLimited { .. })) => Err(limited.into()),
            Ok(Err(error)) if error.is_transient() => {
                Ok(self.nothing(hints, text::log_not_yet(&why(&error)), true))
            }
            Ok(Err(error)) => Ok(self.nothing(hints, text::log_unavailable(&why(&error)), false)),
            Err(_) => Ok(self.nothing(hints, text::log_not_yet(&text::no_time_left()), true)),
        }
    }

    fn nothing(&self, hints: Hints, problem: String, again: bool) -> Judged {
        let diagnosis = self.classifier.session(hints).finish();
        Judged { diagnosis, problem: Some(problem), again }
    }

    /// Streams a log through the classifier on a thread of its own: judging is work for a processor, not for the runtime.
    async fn judge(&self, mut stream: LogStream, hints: Hints) -> Result<Judged, TriageError> {
        let (sender, mut receiver) = tokio::sync::mpsc::channel::<Bytes>(CHUNKS_AHEAD);
        let classifier = Arc::clone(&self.classifier);
        let judging = tokio::task::spawn_blocking(move || {
            let mut session = classifier.session(hints);
            while let Some(chunk) = receiver.blocking_recv() {
                session.push(&chunk);
            }
            session.finish()
        });
        let stopped = feed(&mut stream, &sender, self.max_bytes, self.deadline).await;
        drop(sender);
        let diagnosis = judging.await.map_err(|error| TriageError::JudgeFell(error.to_string()))?;
        let (problem, again) = match stopped {
            None => (None, false),
            Some(Stopped::Enough) => (Some(text::log_cut(self.max_bytes / 1024 / 1024)), false),
            Some(Stopped::Slow) => (Some(text::log_slow(READING_TIME.as_secs() / 60)), false),
            Some(Stopped::Broke(error)) if log_stays_broken(&error) => {
                (Some(text::log_broken(&words(&error.to_string()))), false)
            }
            Some(Stopped::Broke(error)) => (Some(text::log_broke_off(&words(&error.to_string()))), true),
        };
        Ok(Judged { diagnosis, problem, again })
    }
}

/// Hands on what arrives, up to so many bytes and until then; says why it ended if that was not the log's end.
pub(super) async fn feed(
    stream: &mut LogStream,
    sender: &tokio::sync::mpsc::Sender<Bytes>,
    max_bytes: u64,
    deadline: Instant,
) -> Option<Stopped> {
    let mut left = max_bytes;
    loop {
        let mut chunk = match timeout_at(deadline, stream.next()).await {
            Ok(Some(Ok(chunk))) => chunk,
            Ok(Some(Err(error))) => return Some(Stopped::Broke(error)),
            Ok(None) => return None,
            Err(_) => return Some(Stopped::Slow),
        };
        let enough = chunk.len() as u64 > left;
        if enough {
            chunk.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        }
        left -= chunk.len() as u64;
        // A thread that hears no more has fallen, which its end tells.
        if sender.send(chunk).await.is_err() {
            return None;
        }
        if enough {
            return Some(Stopped::Enough);
        }
    }
}

/// The reason alone, without which system and which thing.
fn why(error: &CiError) -> String {
    match error {
        CiError::Gone { why, .. }
        | CiError::Denied { why, .. }
        | CiError::Unavailable { why, .. }
        | CiError::Unexpected { why, .. } => words(why),
        CiError::RateLimited { .. } => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use futures::stream;

    use super::*;

    /// What came through, and why it ended.
    async fn fed(mut stream: LogStream, max_bytes: u64) -> (String, Option<Stopped>) {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(CHUNKS_AHEAD);
        let soon = Instant::now() + Duration::from_millis(50);
        let stopped = feed(&mut stream, &sender, max_bytes, soon).await;
        drop(sender);
        let mut came = Vec::new();
        while let Some(chunk) = receiver.recv().await {
            came.extend_from_slice(&chunk);
        }
        (String::from_utf8(came).unwrap(), stopped)
    }

    fn chunks() -> LogStream {
        stream::iter(["one\n", "two\n"].map(|chunk| Ok(Bytes::from_static(chunk.as_bytes())))).boxed()
    }

    #[tokio::test]
    async fn whatever_ends_a_log_what_came_before_is_judged() {
        assert!(matches!(fed(chunks(), 8).await, (came, None) if came == "one\ntwo\n"));
        let cut = fed(chunks(), 6).await;
        assert!(matches!(cut, (came, Some(Stopped::Enough)) if came == "one\ntw"));
        let stuck = fed(chunks().chain(stream::pending()).boxed(), 100).await;
        assert!(matches!(stuck, (came, Some(Stopped::Slow)) if came == "one\ntwo\n"));
        for kind in [ErrorKind::InvalidData, ErrorKind::Other] {
            let broken = chunks().chain(stream::iter([Err(Error::from(kind))])).boxed();
            let broken = fed(broken, 100).await;
            assert!(
                matches!(broken, (came, Some(Stopped::Broke(error))) if came == "one\ntwo\n" && error.kind() == kind)
            );
        }
    }
}
