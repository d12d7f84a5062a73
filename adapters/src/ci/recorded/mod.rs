//! A provider that plays a folder: recorded runs with their logs, through the same doors as real ones.
//!
//! It sends signed webhooks, serves logs, and runs failed jobs again, all from one folder. The demo plays one; tests and
//! trainings may play others. The folder holds `scenario.toml` and whatever files that names (`.gz` files are unpacked):
//!
//! ```toml
//! web_url = "https://ci.example.com"  # links are made from it; default: none
//! rerun = "6s"                        # how long a re-run takes, never scaled; default 6s
//!
//! [[run]]                             # runs are numbered in order, from 1; their ids start at 1001
//! at = "2h"                           # when it starts, counted from the start of play and divided by the speed
//! lasts = "3m"                        # default 10s; the jobs end evenly spread over it, in order
//! repo = "acme/payments"
//! workflow = "CI"
//! branch = "main"
//! sha = "9f2c1e7b6a5d4c3b2a190807f6e5d4c3b2a19081"
//! title = "Round refunds half up"
//! trigger = "push"                    # default push
//! author = { login = "dana-reyes", name = "Dana Reyes", email = "dana@example.com", bot = false }
//! private = false                     # default false
//! changed = ["src/refund.py"]         # files of the commit; what lies between two revisions is made from all runs' commits
//! after_rerun = "success"             # how the failed jobs end when run again; default success
//!
//! [[run.job]]
//! name = "test (ubuntu, 3.12)"
//! conclusion = "failure"              # success (default), neutral, failure, timed_out, startup_failure, cancelled, skipped
//! log = "logs/payments-test.log"      # without one, the log counts as expired
//! rerun_log = "logs/payments-ok.log"  # the log of a further attempt
//! runner = "ubuntu-24.04"
//! steps = [{ name = "Set up job" }, { name = "Run pytest", conclusion = "failure" }]
//!
//! [[run.job.annotation]]
//! level = "failure"                   # default failure
//! path = "src/refund.py"
//! line = 12
//! title = ""
//! message = "expected 10.01"
//!
//! [[file]]                            # a file of a repository, the same at every revision
//! repo = "acme/payments"
//! path = ".github/CODEOWNERS"
//! from = "files/payments-codeowners"
//! ```

pub mod config;
mod files;
mod map;
mod stage;
mod wire;

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, stream};
use http::HeaderMap;
use tokio::sync::{Mutex, mpsc};
use url::Url;

use self::config::Config;
use self::map::{Attempt, Script};
use self::stage::{Again, Beat, Stage};
use super::{CiError, CiProvider, Delivery, LogStream};
use crate::event::{Annotation, Changes, Event, Job, Run, RunRef};
use crate::http::{Call, Http};
use crate::params::Params;
use crate::secret::Secret;
use crate::webhook::{Refusal, hmac_sha256_matches};

pub use files::Files;
pub use stage::RecordedDelivery;

/// Signs the raw body: `sha256=` and the HMAC in hex.
const SIGNATURE_HEADER: &str = "x-whyred-signature-256";

/// What kind of event it is.
const EVENT_HEADER: &str = "x-whyred-event";

/// The delivery's id.
const DELIVERY_HEADER: &str = "x-whyred-delivery";

/// Logs are handed on in pieces of this size.
const PIECE: usize = 64 * 1024;

/// How often a webhook is posted before it is given up.
const POSTS: u32 = 20;

/// A scenario that cannot be played.
#[derive(Debug, thiserror::Error)]
#[error("scenario.toml: {0}")]
pub struct ScenarioError(String);

/// The adapter. Clones play and answer as one.
#[derive(Clone)]
pub struct Recorded {
    stage: Arc<Stage>,
    files: Files,
    deliveries: Arc<Mutex<mpsc::UnboundedReceiver<RecordedDelivery>>>,
}

/// Makes the adapter from its configuration table; faults are noted there. It stays silent until somebody plays it.
pub fn build(params: &Params) -> Option<Arc<dyn CiProvider>> {
    let Config { name, files, webhook_secret } = Config::read(params)?;
    match Recorded::with_secret(&name, files, webhook_secret.unwrap_or_else(random_secret)) {
        Ok(recorded) => Some(Arc::new(recorded)),
        Err(error) => {
            params.fault("folder", error.to_string());
            None
        }
    }
}

impl Recorded {
    /// Reads a scenario. Its webhooks are signed with a secret made at random.
    pub fn open(name: &str, files: Files) -> Result<Self, ScenarioError> {
        Self::with_secret(name, files, random_secret())
    }

    /// Reads a scenario whose webhooks are signed with this secret.
    pub fn with_secret(name: &str, files: Files, secret: Secret) -> Result<Self, ScenarioError> {
        let script = Script::read(&files).map_err(ScenarioError)?;
        let (outgoing, deliveries) = mpsc::unbounded_channel();
        let stage = Arc::new(Stage::new(name.to_owned(), script, secret, outgoing));
        Ok(Self { stage, files, deliveries: Arc::new(Mutex::new(deliveries)) })
    }

    /// Plays the scenario to its end: `speed` 60 makes an hour pass in a minute. Anything that is no speed counts as 1.
    pub async fn play(&self, speed: f64) {
        let speed = if speed > 0.0 { speed } else { 1.0 };
        let started = Instant::now();
        for (at, run, beat) in self.stage.beats() {
            let due = started + Duration::try_from_secs_f64(at.as_secs_f64() / speed).unwrap_or(at);
            tokio::time::sleep_until(due.into()).await;
            self.stage.happen(run, beat);
        }
    }

    /// The next webhook, in order; waits until there is one. Each is handed out once.
    pub async fn next_delivery(&self) -> Option<RecordedDelivery> {
        self.deliveries.lock().await.recv().await
    }

    /// Posts every webhook to `url` (`http://127.0.0.1:PORT/webhooks/NAME`), in order, for as long as it is polled. A webhook
    /// that is refused is reported; one that finds nobody is posted again for a while.
    pub async fn deliver_to(&self, http: &Http, url: &Url) {
        while let Some(delivery) = self.next_delivery().await {
            for post in 1..=POSTS {
                match http.send(delivery.call(url)).await {
                    Ok(answer) if answer.status().is_success() => break,
                    Ok(answer) if !answer.status().is_server_error() => {
                        tracing::error!(status = answer.status().as_u16(), "a recorded webhook was refused");
                        break;
                    }
                    answer => {
                        let why = answer.err().map(|error| error.to_string()).unwrap_or_default();
                        tracing::warn!(post, why, "a recorded webhook was not taken");
                        tokio::time::sleep(Duration::from_millis(250)).await;
                    }
                }
            }
        }
    }

    /// The run's place in the scenario and its attempts so far.
    fn find(&self, run: &RunRef) -> Result<(usize, Vec<Attempt>), CiError> {
        let what = format!("run {} of {}", run.id, run.repo);
        let index = self.stage.script.find(&run.repo, &run.id);
        let index = index.ok_or_else(|| self.gone(&what, "the scenario holds no such run"))?;
        let attempts = self.stage.attempts_of(index);
        if attempts.is_empty() {
            return Err(self.gone(&what, "the scenario has not come to it yet"));
        }
        Ok((index, attempts))
    }

    fn find_attempt(&self, run: &RunRef) -> Result<(usize, Attempt), CiError> {
        let (index, attempts) = self.find(run)?;
        let attempt = attempts.into_iter().find(|attempt| attempt.number == run.attempt);
        let attempt = attempt.ok_or_else(|| self.gone(&run.to_string(), "the run has no such attempt"))?;
        Ok((index, attempt))
    }

    fn find_job(&self, run: &RunRef, job: &Job) -> Result<(usize, Attempt, usize), CiError> {
        let (index, attempt) = self.find_attempt(run)?;
        let place = map::job_index(&self.stage.script.scenario.runs[index], &job.id);
        let place =
            place.ok_or_else(|| self.gone(&format!("job {}", job.id), "the run holds no such job"))?;
        Ok((index, attempt, place))
    }

    fn gone(&self, what: &str, why: &str) -> CiError {
        CiError::Gone { what: what.to_owned(), source_name: self.stage.source.clone(), why: why.to_owned() }
    }

    fn unavailable(&self, what: String, why: &str) -> CiError {
        CiError::Unavailable { what, source_name: self.stage.source.clone(), why: why.to_owned() }
    }
}

impl RecordedDelivery {
    /// The webhook as a call to this address. It may be repeated: the receiver knows the delivery by its id.
    pub fn call(&self, url: &Url) -> Call {
        let call = Call::post(url.clone()).repeatable().body("application/json", self.body.clone());
        self.headers.iter().fold(call, |call, (name, value)| call.header(name.clone(), value.clone()))
    }
}

#[async_trait]
impl CiProvider for Recorded {
    fn name(&self) -> &str {
        &self.stage.source
    }

    fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<Delivery, Refusal> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let digest = text(SIGNATURE_HEADER).strip_prefix("sha256=").unwrap_or_default();
        if !hmac_sha256_matches(&self.stage.secret, &[body], digest) {
            return Err(Refusal::Unverified(
                "X-Whyred-Signature-256 is missing or does not match".to_owned(),
            ));
        }
        match (text(DELIVERY_HEADER), text(EVENT_HEADER)) {
            ("", _) => Err(Refusal::Malformed("X-Whyred-Delivery is missing".to_owned())),
            (_, "") => Err(Refusal::Malformed("X-Whyred-Event is missing".to_owned())),
            (id, event) => Ok(Delivery { id: id.to_owned(), event: event.to_owned() }),
        }
    }

    fn parse(&self, _delivery: &Delivery, body: &[u8]) -> Result<Vec<Event>, Refusal> {
        let event: Event =
            serde_json::from_slice(body).map_err(|error| Refusal::Malformed(error.to_string()))?;
        if event.source != self.stage.source {
            return Err(Refusal::Malformed(format!("the event comes from {}", event.source)));
        }
        Ok(vec![event])
    }

    async fn run(&self, run: &RunRef) -> Result<Run, CiError> {
        let (index, attempts) = self.find(run)?;
        let latest = attempts.last().ok_or_else(|| self.gone(&run.to_string(), "it has no attempt"))?;
        Ok(map::run(&self.stage.source, &self.stage.script, index, latest))
    }

    async fn jobs(&self, run: &RunRef) -> Result<Vec<Job>, CiError> {
        let (index, attempt) = self.find_attempt(run)?;
        let places = 0..attempt.jobs.len();
        Ok(places.map(|place| map::job(&self.stage.script, index, &attempt, place)).collect())
    }

    async fn log(&self, run: &RunRef, job: &Job) -> Result<LogStream, CiError> {
        let (index, attempt, place) = self.find_job(run, job)?;
        let what = format!("the log of job {} of {}", job.name, run.repo);
        let state = &attempt.jobs[place];
        if state.ended.is_none() {
            return Err(self.unavailable(what, "the job still runs"));
        }
        let file = map::log_file(&self.stage.script.scenario.runs[index], place, state.ran_in);
        let file = file.ok_or_else(|| self.gone(&what, "it has expired"))?;
        let bytes = Bytes::from(self.files.read(file).map_err(|why| self.unavailable(what, &why))?);
        let starts = (0..bytes.len()).step_by(PIECE);
        Ok(stream::iter(starts.map(move |at| Ok(bytes.slice(at..bytes.len().min(at + PIECE))))).boxed())
    }

    async fn annotations(&self, run: &RunRef, job: &Job) -> Result<Vec<Annotation>, CiError> {
        let (index, attempt, place) = self.find_job(run, job)?;
        let given = &self.stage.script.scenario.runs[index].jobs[place];
        Ok(if attempt.number == 1 { map::annotations(given) } else { Vec::new() })
    }

    /// Asking again for the same attempt does nothing more.
    async fn rerun_failed(&self, run: &RunRef) -> Result<(), CiError> {
        let (index, _) = self.find(run)?;
        let what = format!("a re-run of run {} of {}", run.id, run.repo);
        match self.stage.start_again(index, run.attempt) {
            Again::AlreadyDone => Ok(()),
            Again::StillGoing => Err(self.unavailable(what, "the run still goes on")),
            Again::NotStarted => Err(self.gone(&what, "the scenario has not come to it yet")),
            Again::Started(jobs) => {
                self.stage.happen(index, Beat::Starts);
                tokio::spawn(end_later(Arc::clone(&self.stage), index, jobs));
                Ok(())
            }
        }
    }

    async fn changes(&self, repo: &str, from_sha: &str, to_sha: &str) -> Result<Changes, CiError> {
        let what = format!("the changes {from_sha}...{to_sha} of {repo}");
        let changes = self.stage.script.changes(repo, from_sha, to_sha);
        changes.ok_or_else(|| self.gone(&what, "the scenario holds no such revisions"))
    }

    async fn file(&self, repo: &str, _revision: &str, path: &str) -> Result<Option<String>, CiError> {
        let mut files = self.stage.script.scenario.files.iter();
        let Some(file) = files.find(|file| file.repo == repo && file.path == path) else { return Ok(None) };
        let bytes =
            self.files.read(&file.from).map_err(|why| self.unavailable(format!("{path} of {repo}"), &why))?;
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }

    fn log_line_url(&self, _job: &Job, _line: u64) -> Option<String> {
        None
    }

    async fn check(&self) -> Result<String, CiError> {
        Ok(format!("a recording of {} runs", self.stage.script.scenario.runs.len()))
    }
}

async fn end_later(stage: Arc<Stage>, index: usize, jobs: Vec<usize>) {
    tokio::time::sleep(stage.script.scenario.rerun).await;
    for job in jobs {
        stage.happen(index, Beat::JobEnds(job));
    }
    stage.happen(index, Beat::Ends);
}

/// Signs what only this process sends to itself.
fn random_secret() -> Secret {
    Secret::new(hex::encode(rand::random::<[u8; 32]>()))
}

#[cfg(test)]
mod tests;
