//! GitHub Actions, on github.com and GitHub Enterprise Server, and the checks that other apps report to GitHub.
//!
//! Webhooks: `workflow_run`, `workflow_job`, `check_run`, registered with content type JSON and a secret. Permissions of the
//! token or app: Actions read and write (write for re-runs), Checks read, Contents read.

mod auth;
mod client;
pub mod config;
mod etags;
mod log;
mod map;
mod refusal;
mod webhook;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;

use self::client::{Client, JSON, Purpose, RAW};
use self::config::Config;
use self::map::RunId;
use super::{CiError, CiProvider, Delivery, LogStream, log_stays_broken};
use crate::event::{Annotation, Changes, Event, Job, Run, RunRef};
use crate::http::{Answer, Limits};
use crate::params::Params;
use crate::webhook::Refusal;

/// Largest file that [`CiProvider::file`] reads.
const MAX_FILE: usize = 1024 * 1024;

/// A page of jobs, checks or remarks: GitHub's largest.
const PER_PAGE: usize = 100;

/// Pages that are read at most: nobody reads about the failures of a run with more than a thousand jobs.
const MAX_PAGES: usize = 10;

/// How long after its end a job's log may still be on its way.
const LOG_ARRIVES_WITHIN: Duration = Duration::from_mins(1);

/// What we need of an app's permissions, and what for.
const PERMISSIONS: [(&str, &str, &str); 4] = [
    ("actions", "read", "logs and jobs"),
    ("actions", "write", "re-runs"),
    ("checks", "read", "annotations"),
    ("contents", "read", "what changed, and CODEOWNERS"),
];

/// The adapter.
pub struct GitHub {
    config: Config,
    client: Client,
}

/// Makes the adapter from its configuration table; faults are noted there.
pub fn build(params: &Params) -> Option<Arc<dyn CiProvider>> {
    let config = Config::read(params)?;
    match GitHub::new(config, Limits::default()) {
        Ok(github) => Some(Arc::new(github)),
        Err(what) => {
            params.fault("api_url", what);
            None
        }
    }
}

impl GitHub {
    /// Makes the adapter. The text says what is wrong with the configuration.
    pub fn new(config: Config, limits: Limits) -> Result<Self, String> {
        let client = Client::new(&config, limits)?;
        Ok(Self { config, client })
    }

    /// A workflow run at its latest attempt.
    async fn workflow_run(&self, run: &RunRef, id: &str) -> Result<Run, CiError> {
        let what = format!("run {id} of {}", run.repo);
        let purpose = Purpose { what: &what, repo: &run.repo, needs: "Actions: read" };
        let (owner, name) = self.owner_and_name(&run.repo)?;
        let path = ["repos", owner, name, "actions", "runs", id];
        let given: wire::WorkflowRun = self.client.json(purpose, &path, &[]).await?;
        let private = given.repository.as_ref().is_none_or(|repository| repository.private);
        Ok(map::run(&self.config.name, &run.repo, private, &given, None))
    }

    async fn workflow_jobs(&self, run: &RunRef, id: &str) -> Result<Vec<Job>, CiError> {
        let what = format!("the jobs of run {id} of {}", run.repo);
        let purpose = Purpose { what: &what, repo: &run.repo, needs: "Actions: read" };
        let (owner, name) = self.owner_and_name(&run.repo)?;
        let attempt = run.attempt.to_string();
        let path = ["repos", owner, name, "actions", "runs", id, "attempts", &attempt, "jobs"];
        let mut jobs = Vec::new();
        for page in 1..=MAX_PAGES {
            let (per_page, page) = (PER_PAGE.to_string(), page.to_string());
            let given: wire::JobPage =
                self.client.json(purpose, &path, &[("per_page", &per_page), ("page", &page)]).await?;
            let last = given.jobs.len() < PER_PAGE;
            jobs.extend(given.jobs.into_iter().map(map::job));
            if last || jobs.len() >= given.total_count {
                break;
            }
        }
        Ok(jobs)
    }

    async fn suite(&self, run: &RunRef, id: &str) -> Result<Run, CiError> {
        let what = format!("check suite {id} of {}", run.repo);
        let purpose = Purpose { what: &what, repo: &run.repo, needs: "Checks: read" };
        let (owner, name) = self.owner_and_name(&run.repo)?;
        let given: wire::CheckSuite =
            self.client.json(purpose, &["repos", owner, name, "check-suites", id], &[]).await?;
        Ok(map::suite(&self.config.name, &self.config.web_url, given))
    }

    async fn suite_checks(&self, run: &RunRef, id: &str) -> Result<Vec<Job>, CiError> {
        let what = format!("the checks of suite {id} of {}", run.repo);
        let purpose = Purpose { what: &what, repo: &run.repo, needs: "Checks: read" };
        let (owner, name) = self.owner_and_name(&run.repo)?;
        let path = ["repos", owner, name, "check-suites", id, "check-runs"];
        let mut checks = Vec::new();
        for page in 1..=MAX_PAGES {
            let (per_page, page) = (PER_PAGE.to_string(), page.to_string());
            let given: wire::CheckRunPage =
                self.client.json(purpose, &path, &[("per_page", &per_page), ("page", &page)]).await?;
            let last = given.check_runs.len() < PER_PAGE;
            checks.extend(given.check_runs.into_iter().map(map::check_job));
            if last || checks.len() >= given.total_count {
                break;
            }
        }
        Ok(checks)
    }

    async fn workflow_log(&self, run: &RunRef, job: &Job) -> Result<LogStream, CiError> {
        let what = format!("the log of job {} ({}) of {}", job.id, job.name, run.repo);
        let purpose = Purpose { what: &what, repo: &run.repo, needs: "Actions: read" };
        let (owner, name) = self.owner_and_name(&run.repo)?;
        let path = ["repos", owner, name, "actions", "jobs", &job.id, "logs"];
        let answer = self.client.raw(purpose, &path, &[], JSON).await?;
        match answer.status() {
            status if status.is_success() => log::open(answer.stream(), &job.name).await.map_err(|error| {
                let why = error.to_string();
                if log_stays_broken(&error) { self.client.unexpected(&what, why) } else { self.client.unavailable(&what, why) }
            }),
            StatusCode::NOT_FOUND if just_ended(job) => {
                Err(self.client.unavailable(&what, "the job has just ended, and its log is not there yet".to_owned()))
            }
            StatusCode::NOT_FOUND => Err(self.client.gone(
                &what,
                format!(
                    "it has expired or was deleted, or our credentials may not see it (that takes `Actions: read` for {})",
                    run.repo
                ),
            )),
            StatusCode::GONE => Err(self.client.gone(&what, "it has expired; GitHub keeps logs for 90 days unless set otherwise".to_owned())),
            _ => Err(self.client.refused(purpose, answer).await),
        }
    }

    async fn check_output(&self, run: &RunRef, job: &Job) -> Result<LogStream, CiError> {
        let what = format!("the output of check {} ({}) of {}", job.id, job.name, run.repo);
        let purpose = Purpose { what: &what, repo: &run.repo, needs: "Checks: read" };
        let (owner, name) = self.owner_and_name(&run.repo)?;
        let check: wire::CheckRun =
            self.client.json(purpose, &["repos", owner, name, "check-runs", &job.id], &[]).await?;
        let text = Bytes::from(map::check_log(&check.output));
        Ok(futures::stream::iter([Ok(text)]).boxed())
    }

    async fn check_app(&self) -> Result<String, CiError> {
        let app: wire::OurApp = self.client.json_as_app("the app itself", &["app"]).await?;
        let what = format!("app {}", app.name);
        if app.installations_count == Some(0) {
            return Err(self
                .client
                .denied(&what, format!("it is installed nowhere: open {}/installations/new", app.html_url)));
        }
        let lacking: Vec<String> = PERMISSIONS
            .iter()
            .filter(|(area, level, _)| !grants(app.permissions.get(*area), level))
            .map(|(area, level, why)| format!("`{area}: {level}` (for {why})"))
            .collect();
        if !lacking.is_empty() {
            return Err(self
                .client
                .denied(&what, format!("it lacks {}: grant it in the app's settings", lacking.join(", "))));
        }
        let unheard: Vec<&str> = ["workflow_job", "workflow_run"]
            .into_iter()
            .filter(|event| !app.events.iter().any(|subscribed| subscribed == event))
            .collect();
        if !unheard.is_empty() {
            return Err(self.client.denied(
                &what,
                format!(
                    "it is not subscribed to {}: tick it under “Subscribe to events” in the app's settings",
                    unheard.join(", ")
                ),
            ));
        }
        let installed =
            app.installations_count.map(|count| format!(", installations: {count}")).unwrap_or_default();
        Ok(format!("{what}{installed}"))
    }

    async fn check_token(&self) -> Result<String, CiError> {
        let purpose = Purpose { what: "our rate limit", repo: "", needs: "Metadata: read" };
        let answer = self.client.raw(purpose, &["rate_limit"], &[], JSON).await?;
        // A GitHub Enterprise Server may run without limits, and then has no such page.
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok("token accepted, no rate limit".to_owned());
        }
        let answer: Answer = self.client.expect_success(purpose, answer).await?;
        let limits: wire::RateLimits =
            answer.json(MAX_FILE).await.map_err(|error| self.client.failed(purpose.what, error))?;
        let core = limits.resources.core;
        Ok(format!("token accepted, {} of {} requests left this hour", core.remaining, core.limit))
    }

    /// The two parts of `owner/name`. Anything else did not come from GitHub and is not put into an address.
    fn owner_and_name<'a>(&self, repo: &'a str) -> Result<(&'a str, &'a str), CiError> {
        let plain = |part: &str| {
            !matches!(part, "" | "." | "..")
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        repo.split_once('/').filter(|(owner, name)| plain(owner) && plain(name)).ok_or_else(|| {
            self.client.unexpected(&format!("repository {repo:?}"), "it is not `owner/name`".to_owned())
        })
    }
}

#[async_trait]
impl CiProvider for GitHub {
    fn name(&self) -> &str {
        &self.config.name
    }

    fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<Delivery, Refusal> {
        webhook::verify(&self.config.webhook_secret, headers, body)
    }

    fn parse(&self, delivery: &Delivery, body: &[u8]) -> Result<Vec<Event>, Refusal> {
        webhook::parse(&self.config.name, &self.config.web_url, delivery, body)
    }

    async fn run(&self, run: &RunRef) -> Result<Run, CiError> {
        match RunId::of(run) {
            RunId::Workflow(id) => self.workflow_run(run, id).await,
            RunId::Suite(id) => self.suite(run, id).await,
        }
    }

    async fn jobs(&self, run: &RunRef) -> Result<Vec<Job>, CiError> {
        match RunId::of(run) {
            RunId::Workflow(id) => self.workflow_jobs(run, id).await,
            RunId::Suite(id) => self.suite_checks(run, id).await,
        }
    }

    async fn log(&self, run: &RunRef, job: &Job) -> Result<LogStream, CiError> {
        match RunId::of(run) {
            RunId::Workflow(_) => self.workflow_log(run, job).await,
            RunId::Suite(_) => self.check_output(run, job).await,
        }
    }

    async fn annotations(&self, run: &RunRef, job: &Job) -> Result<Vec<Annotation>, CiError> {
        let what = format!("the annotations of {} of {}", job.name, run.repo);
        let purpose = Purpose { what: &what, repo: &run.repo, needs: "Checks: read" };
        let (owner, name) = self.owner_and_name(&run.repo)?;
        // A job of GitHub Actions is also a check run, with the same id. GitHub keeps at most 50 remarks a job.
        let path = ["repos", owner, name, "check-runs", &job.id, "annotations"];
        let per_page = PER_PAGE.to_string();
        let given: Vec<wire::Annotation> =
            self.client.json(purpose, &path, &[("per_page", &per_page)]).await?;
        Ok(given.into_iter().map(map::annotation).collect())
    }

    /// Asking again for the same attempt does nothing more: once GitHub has started a further attempt, ours is done.
    async fn rerun_failed(&self, run: &RunRef) -> Result<(), CiError> {
        let what = format!("a re-run of the failed jobs of run {} of {}", run.id, run.repo);
        let RunId::Workflow(id) = RunId::of(run) else {
            return Err(self
                .client
                .denied(&what, "only the app that made this check can run it again".to_owned()));
        };
        let now = self.workflow_run(run, id).await?;
        if now.at.attempt > run.attempt {
            return Ok(());
        }
        if now.finished_at.is_none() {
            return Err(self
                .client
                .unavailable(&what, "the run still goes on; GitHub re-runs only finished runs".to_owned()));
        }
        let purpose = Purpose { what: &what, repo: &run.repo, needs: "Actions: write" };
        let (owner, name) = self.owner_and_name(&run.repo)?;
        self.client.post(purpose, &["repos", owner, name, "actions", "runs", id, "rerun-failed-jobs"]).await
    }

    async fn changes(&self, repo: &str, from_sha: &str, to_sha: &str) -> Result<Changes, CiError> {
        let what = format!("the changes {from_sha}...{to_sha} of {repo}");
        let purpose = Purpose { what: &what, repo, needs: "Contents: read" };
        let (owner, name) = self.owner_and_name(repo)?;
        let range = format!("{from_sha}...{to_sha}");
        let given: wire::Comparison =
            self.client.json(purpose, &["repos", owner, name, "compare", &range], &[]).await?;
        Ok(map::changes(given))
    }

    async fn labels(&self, repo: &str, sha: &str) -> Result<Vec<String>, CiError> {
        let what = format!("the pull requests of {sha} in {repo}");
        let purpose = Purpose { what: &what, repo, needs: "Pull requests: read" };
        let (owner, name) = self.owner_and_name(repo)?;
        let pulls: Vec<wire::PullRequest> =
            self.client.json(purpose, &["repos", owner, name, "commits", sha, "pulls"], &[]).await?;
        Ok(map::labels(pulls))
    }

    async fn file(&self, repo: &str, revision: &str, path: &str) -> Result<Option<String>, CiError> {
        let what = format!("{path} of {repo} at {revision}");
        let purpose = Purpose { what: &what, repo, needs: "Contents: read" };
        let (owner, name) = self.owner_and_name(repo)?;
        let mut segments = vec!["repos", owner, name, "contents"];
        segments.extend(path.split('/').filter(|part| !part.is_empty()));
        let answer = self.client.raw(purpose, &segments, &[("ref", revision)], RAW).await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let answer = self.client.expect_success(purpose, answer).await?;
        let body = answer.bytes(MAX_FILE).await.map_err(|error| self.client.failed(&what, error))?;
        Ok(Some(String::from_utf8_lossy(&body).into_owned()))
    }

    /// GitHub addresses lines within steps, and a job's log does not tell its steps apart: the job's page is as near as we
    /// can lead without guessing.
    fn log_line_url(&self, job: &Job, _line: u64) -> Option<String> {
        (!job.url.is_empty()).then(|| job.url.clone())
    }

    async fn check(&self) -> Result<String, CiError> {
        if self.client.is_app() { self.check_app().await } else { self.check_token().await }
    }
}

fn just_ended(job: &Job) -> bool {
    let Some(ended) = job.finished_at else { return false };
    Duration::try_from(Timestamp::now().duration_since(ended)).is_ok_and(|since| since < LOG_ARRIVES_WITHIN)
}

/// Whether a permission includes the wanted level: write includes read.
fn grants(given: Option<&String>, wanted: &str) -> bool {
    matches!(
        (given.map(String::as_str), wanted),
        (Some("read" | "write" | "admin"), "read") | (Some("write" | "admin"), "write")
    )
}

#[cfg(test)]
mod tests;
