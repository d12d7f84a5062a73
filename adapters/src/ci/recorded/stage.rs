//! What has happened so far in a scenario that is being played, and the webhooks that tell of it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use sha2::Sha256;
use tokio::sync::mpsc;

use super::map::{self, Attempt, Script};
use super::{DELIVERY_HEADER, EVENT_HEADER, SIGNATURE_HEADER};
use crate::event::{Event, EventKind};
use crate::secret::Secret;

/// One webhook of a recorded provider, signed, to be posted to `/webhooks/NAME`.
#[derive(Debug, Clone)]
pub struct RecordedDelivery {
    /// Content type, signature, event and delivery id.
    pub headers: HeaderMap,
    /// The signed body: an [`Event`] as JSON.
    pub body: Bytes,
}

/// The state of play.
pub(super) struct Stage {
    pub(super) source: String,
    pub(super) script: Script,
    pub(super) secret: Secret,
    /// The attempts of each run of the scenario; none as long as it has not started.
    attempts: Mutex<Vec<Vec<Attempt>>>,
    outgoing: mpsc::UnboundedSender<RecordedDelivery>,
}

/// One thing that happens in a scenario.
#[derive(Debug, Clone, Copy)]
pub(super) enum Beat {
    Starts,
    JobEnds(usize),
    Ends,
}

impl Stage {
    pub(super) fn new(
        source: String,
        script: Script,
        secret: Secret,
        outgoing: mpsc::UnboundedSender<RecordedDelivery>,
    ) -> Self {
        let attempts = Mutex::new(vec![Vec::new(); script.scenario.runs.len()]);
        Self { source, script, secret, attempts, outgoing }
    }

    /// The whole scenario in order: when, which run, what.
    pub(super) fn beats(&self) -> Vec<(Duration, usize, Beat)> {
        let mut beats = Vec::new();
        for (index, run) in self.script.scenario.runs.iter().enumerate() {
            beats.push((run.at, index, Beat::Starts));
            let jobs = u32::try_from(run.jobs.len()).unwrap_or(u32::MAX);
            for job in 0..run.jobs.len() {
                let share = u32::try_from(job + 1).unwrap_or(u32::MAX);
                beats.push((run.at + run.lasts * share / jobs, index, Beat::JobEnds(job)));
            }
            beats.push((run.at + run.lasts, index, Beat::Ends));
        }
        beats.sort_by_key(|(at, ..)| *at);
        beats
    }

    /// The attempts of a run so far, the first one first.
    pub(super) fn attempts_of(&self, index: usize) -> Vec<Attempt> {
        self.attempts()[index].clone()
    }

    /// Lets something happen in the latest attempt of a run, and tells of it.
    pub(super) fn happen(&self, index: usize, beat: Beat) {
        let now = Timestamp::now();
        let mut attempts = self.attempts();
        let of_run = &mut attempts[index];
        if matches!(beat, Beat::Starts) && of_run.is_empty() {
            of_run.push(Attempt::first(&self.script.scenario.runs[index], now));
        }
        let Some(attempt) = of_run.last_mut() else { return };
        match beat {
            Beat::Starts => {}
            Beat::JobEnds(job) => {
                let ending = map::scripted_ending(&self.script.scenario.runs[index], job, attempt.number);
                attempt.jobs[job].ended = Some((now, ending));
            }
            Beat::Ends => attempt.finished_at = Some(now),
        }
        let attempt = attempt.clone();
        drop(attempts);
        self.tell(index, &attempt, beat, now);
    }

    /// Starts a further attempt, if the given one is the latest and has ended. Returns the jobs that run again.
    pub(super) fn start_again(&self, index: usize, after: u32) -> Again {
        let mut attempts = self.attempts();
        let Some(latest) = attempts[index].last() else { return Again::NotStarted };
        if latest.number > after {
            return Again::AlreadyDone;
        }
        if latest.finished_at.is_none() {
            return Again::StillGoing;
        }
        let next = latest.next(Timestamp::now());
        let jobs = next
            .jobs
            .iter()
            .enumerate()
            .filter(|(_, job)| job.ran_in == next.number)
            .map(|(job, _)| job)
            .collect();
        attempts[index].push(next);
        Again::Started(jobs)
    }

    fn attempts(&self) -> MutexGuard<'_, Vec<Vec<Attempt>>> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, index: usize, attempt: &Attempt, beat: Beat, at: Timestamp) {
        let run = map::run(&self.source, &self.script, index, attempt);
        let (what, kind) = match beat {
            Beat::Starts => ("started".to_owned(), EventKind::PipelineRunStarted { run }),
            Beat::JobEnds(job) => {
                let job = map::job(&self.script, index, attempt, job);
                (format!("job/{}", job.id), EventKind::TaskRunFinished { run, job })
            }
            Beat::Ends => ("finished".to_owned(), EventKind::PipelineRunFinished { run }),
        };
        let about = &kind.run().at;
        let id = format!("run/{}/{}.{}/{what}", about.repo, about.id, about.attempt);
        let event = Event { id, source: self.source.clone(), at, kind };
        if let Some(delivery) = signed(&event, &self.secret) {
            // Nobody may be listening: then nobody misses it.
            let _ = self.outgoing.send(delivery);
        } else {
            tracing::error!(event = %event.id, "a recorded event could not be written");
        }
    }
}

/// What came of asking for a further attempt.
pub(super) enum Again {
    /// These jobs run again.
    Started(Vec<usize>),
    /// A further attempt is there already.
    AlreadyDone,
    /// The latest attempt goes on.
    StillGoing,
    /// The run has not come up yet.
    NotStarted,
}

fn signed(event: &Event, secret: &Secret) -> Option<RecordedDelivery> {
    let body = serde_json::to_vec(event).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).ok()?;
    mac.update(&body);
    let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    let kind = match event.kind {
        EventKind::PipelineRunStarted { .. } => "pipeline_run_started",
        EventKind::PipelineRunFinished { .. } => "pipeline_run_finished",
        EventKind::TaskRunFinished { .. } => "task_run_finished",
    };
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    headers.insert(SIGNATURE_HEADER, HeaderValue::from_str(&signature).ok()?);
    headers.insert(EVENT_HEADER, HeaderValue::from_static(kind));
    headers.insert(DELIVERY_HEADER, HeaderValue::from_str(&uuid::Uuid::new_v4().to_string()).ok()?);
    Some(RecordedDelivery { headers, body: Bytes::from(body) })
}
