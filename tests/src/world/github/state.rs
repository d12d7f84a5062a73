//! What the stand-in knows at a moment, and how it changes.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, SystemTime};

use super::app::App;
use super::faults::Fault;
use super::model::{Check, Comparison, Job, Repo, Run};

/// An installation token that was handed out.
pub(crate) struct Token {
    pub(crate) value: String,
    pub(crate) account: String,
    pub(crate) expires_at: SystemTime,
}

pub(crate) struct World {
    pub(crate) repos: HashMap<String, Repo>,
    pub(crate) runs: HashMap<u64, Run>,
    pub(crate) checks: HashMap<u64, Check>,
    pub(crate) comparisons: HashMap<(String, String), Comparison>,
    /// Labels of the pull request of a commit, by repository and commit.
    pub(crate) labels: HashMap<(String, String), Vec<String>>,
    pub(crate) reruns: Vec<u64>,
    pub(crate) calls: Vec<String>,
    pub(crate) violations: Vec<String>,
    pub(crate) faults: VecDeque<(String, Fault)>,
    pub(crate) remaining: u64,
    pub(crate) app: Option<App>,
    pub(crate) tokens: Vec<Token>,
    pub(crate) token_lifetime: Duration,
    /// Jobs of all attempts.
    pub(crate) jobs: HashMap<u64, Job>,
    pub(crate) run_of_job: HashMap<u64, u64>,
    /// Addresses on the log host that were handed out and not used yet.
    pub(crate) tickets: HashMap<String, u64>,
    next_id: u64,
}

impl Default for World {
    fn default() -> Self {
        Self {
            repos: HashMap::new(),
            runs: HashMap::new(),
            checks: HashMap::new(),
            comparisons: HashMap::new(),
            labels: HashMap::new(),
            reruns: Vec::new(),
            calls: Vec::new(),
            violations: Vec::new(),
            faults: VecDeque::new(),
            remaining: u64::MAX,
            app: None,
            tokens: Vec::new(),
            token_lifetime: Duration::from_hours(1),
            jobs: HashMap::new(),
            run_of_job: HashMap::new(),
            tickets: HashMap::new(),
            next_id: 9_000_000_000,
        }
    }
}

impl World {
    pub(crate) fn fresh_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    pub(crate) fn add_run(&mut self, mut run: Run) -> Run {
        self.repos.entry(run.repo.clone()).or_insert_with(|| Repo::new(&run.repo));
        for job in &mut run.jobs {
            if job.id == 0 {
                job.id = self.fresh_id();
            }
            self.jobs.insert(job.id, job.clone());
            self.run_of_job.insert(job.id, run.id);
        }
        self.runs.insert(run.id, run.clone());
        run
    }

    pub(crate) fn add_check(&mut self, mut check: Check) -> Check {
        self.repos.entry(check.repo.clone()).or_insert_with(|| Repo::new(&check.repo));
        if check.id == 0 {
            check.id = self.fresh_id();
        }
        if check.suite == 0 {
            check.suite = self.fresh_id();
        }
        self.checks.insert(check.id, check.clone());
        check
    }

    /// The checks of a suite, in the order in which they were made.
    pub(crate) fn checks_of(&self, repo: &str, suite: u64) -> Vec<Check> {
        let of_suite = |check: &&Check| check.suite == suite && check.repo == repo;
        let mut checks: Vec<Check> = self.checks.values().filter(of_suite).cloned().collect();
        checks.sort_by_key(|check| check.id);
        checks
    }

    pub(crate) fn finish(&mut self, id: u64, conclusion: &str) {
        let Some(run) = self.runs.get_mut(&id) else { return };
        run.conclusion = Some(conclusion.to_owned());
        run.updated_at = SystemTime::now();
        for job in run.jobs.iter_mut().filter(|job| job.conclusion.is_none()) {
            job.conclusion = Some(conclusion.to_owned());
            job.completed_at = SystemTime::now();
            self.jobs.insert(job.id, job.clone());
        }
    }

    /// Starts a further attempt: failed jobs are to run again under new ids, the others are taken over under new ids.
    pub(crate) fn rerun_failed(&mut self, id: u64) -> Result<(), &'static str> {
        let Some(mut run) = self.runs.get(&id).cloned() else { return Err("Not Found") };
        if run.conclusion.is_none() {
            return Err("This workflow is already running");
        }
        let ended = Run { earlier: Vec::new(), ..run.clone() };
        run.earlier.push(ended);
        run.attempt += 1;
        run.conclusion = None;
        run.started_at = SystemTime::now();
        run.updated_at = run.started_at;
        for job in &mut run.jobs {
            job.id = self.fresh_id();
            if job.conclusion.as_deref() != Some("success") {
                job.conclusion = None;
                job.started_at = run.started_at;
                for step in &mut job.steps {
                    "success".clone_into(&mut step.conclusion);
                }
            }
            self.jobs.insert(job.id, job.clone());
            self.run_of_job.insert(job.id, id);
        }
        self.reruns.push(id);
        self.runs.insert(id, run);
        Ok(())
    }

    pub(crate) fn revoke_tokens(&mut self) {
        for token in &mut self.tokens {
            token.expires_at = SystemTime::UNIX_EPOCH;
        }
    }
}
