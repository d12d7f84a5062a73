//! The Event vocabulary: what happened outside, in our own words.
//!
//! Names follow CDEvents v0.4 (<https://cdevents.dev>): a *pipeline run* is made of *task runs*. No foreign payload type
//! leaks past an adapter's `map.rs`; nothing behind the inbox knows which system an event came from, except by name.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A normalised fact from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Unique within the source: the same fact delivered twice has the same id.
    pub id: String,
    /// Name of the configured source it came from (`github`, `ghes`, `recorded`).
    pub source: String,
    /// When it happened, as told by the source.
    pub at: Timestamp,
    /// What happened.
    pub kind: EventKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EventKind {
    /// CDEvents `pipelineRun.started`: also sent for each further attempt.
    PipelineRunStarted {
        /// The run as it stands.
        run: Run,
    },
    /// CDEvents `pipelineRun.finished`: `run.conclusion` is set.
    PipelineRunFinished {
        /// The run as it stands.
        run: Run,
    },
    /// CDEvents `taskRun.finished`: one job of a run ended; the run may go on.
    TaskRunFinished {
        /// The run as far as the job's event tells.
        run: Run,
        /// The finished job.
        job: Job,
    },
}

impl EventKind {
    /// The run that the event is about.
    pub fn run(&self) -> &Run {
        match self {
            Self::PipelineRunStarted { run }
            | Self::PipelineRunFinished { run }
            | Self::TaskRunFinished { run, .. } => run,
        }
    }
}

/// Which execution of a pipeline is meant; enough to ask the provider about it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RunRef {
    /// Name of the configured CI source.
    pub source: String,
    /// `owner/name`.
    pub repo: String,
    /// The provider's id of the run.
    pub id: String,
    /// 1 for the first attempt; re-runs of the same run count up.
    pub attempt: u32,
}

impl fmt::Display for RunRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}#{}.{}", self.source, self.repo, self.id, self.attempt)
    }
}

/// An execution of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Identity.
    #[serde(flatten)]
    pub at: RunRef,
    /// The number people see, growing with each run of the workflow; 0 when the event does not tell it.
    pub number: u64,
    /// The pipeline's name as people know it (`CI`).
    pub workflow: String,
    /// Branch or tag; empty when the provider names none.
    pub branch: String,
    /// Full commit id.
    pub sha: String,
    /// First line of the commit or change title. Untrusted text.
    pub title: String,
    /// What started it (`push`, `pull_request`, `schedule`, …).
    pub trigger: String,
    /// Whose change it is.
    pub author: Person,
    /// Where a person reads about it.
    pub url: String,
    /// Whether the repository is private: its evidence goes only where it may be seen.
    pub private: bool,
    /// Set when the run has ended.
    pub conclusion: Option<Conclusion>,
    /// When this attempt started.
    pub started_at: Option<Timestamp>,
    /// When this attempt ended.
    pub finished_at: Option<Timestamp>,
}

/// A part of a run that has a log of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// The provider's id of the job.
    pub id: String,
    /// Name as people see it, matrix values included (`test (ubuntu, 3.12)`).
    pub name: String,
    /// Where a person reads its log.
    pub url: String,
    /// Set when the job has ended.
    pub conclusion: Option<Conclusion>,
    /// Its steps in order, when the provider tells them.
    pub steps: Vec<Step>,
    /// Runner name and labels, when the provider tells them.
    pub runner: Option<String>,
    /// When it started.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

impl Job {
    /// The name of the first step that failed, if the provider tells.
    pub fn failed_step(&self) -> Option<&str> {
        self.steps
            .iter()
            .find(|step| step.conclusion.as_ref().is_some_and(Conclusion::is_failure))
            .map(|step| step.name.as_str())
    }
}

/// A part of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Name as people see it.
    pub name: String,
    /// Set when the step has ended.
    pub conclusion: Option<Conclusion>,
}

/// How a run, job or step ended. Open: providers invent words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// It worked.
    Success,
    /// It worked, or did not matter.
    Neutral,
    /// It broke.
    Failure,
    /// It took too long and was stopped by the provider.
    TimedOut,
    /// The provider could not start it: broken workflow file, missing permission.
    StartupFailure,
    /// Somebody or something stopped it. Not a failure.
    Cancelled,
    /// It did not run. Not a failure.
    Skipped,
    /// A word that we do not know, kept as it came. Not a failure.
    Other(String),
}

impl Conclusion {
    /// Whether somebody should hear about it.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Failure | Self::TimedOut | Self::StartupFailure)
    }

    /// Whether the pipeline is known to be healthy.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Success | Self::Neutral)
    }
}

/// Somebody, as far as the source tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Account name at the source; empty when unknown.
    pub login: String,
    /// Display name. Untrusted text.
    pub name: Option<String>,
    /// Address, for finding the same person elsewhere. Never shown, and never written anywhere: it is no part of the person's JSON.
    #[serde(skip)]
    pub email: Option<String>,
    /// A machine account.
    pub bot: bool,
}

/// A remark the provider attached to a job (GitHub check-run annotation and the like): structured evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Annotation {
    /// `failure`, `warning` or `notice`.
    pub level: String,
    /// File, relative to the repository; empty when it is about none.
    pub path: String,
    /// 1-based line in that file; 0 when it is about none.
    pub line: u32,
    /// Short title, may be empty. Untrusted text.
    pub title: String,
    /// What it says. Untrusted text.
    pub message: String,
}

/// What lies between two revisions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// Commits, oldest first; at most 250 (GitHub's page of the compare API).
    pub commits: Vec<Commit>,
    /// How many commits there are in all.
    pub total_commits: u64,
    /// Changed files, relative to the repository; at most 300.
    pub files: Vec<String>,
    /// Where a person sees the comparison.
    pub url: String,
}

/// One commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Full id.
    pub sha: String,
    /// First line of its message. Untrusted text.
    pub title: String,
    /// Who wrote it.
    pub author: Person,
    /// Where a person sees it.
    pub url: String,
}
