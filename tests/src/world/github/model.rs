//! The things that a test puts into the stand-in: repositories, runs, jobs, logs.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

/// Somebody with an account.
#[derive(Debug, Clone)]
pub struct Account {
    /// Account name.
    pub login: String,
    /// `User`, `Bot` or `Organization`.
    pub kind: String,
}

impl Account {
    /// A person.
    pub fn user(login: &str) -> Self {
        Self { login: login.to_owned(), kind: "User".to_owned() }
    }
}

/// A repository.
#[derive(Debug, Clone)]
pub struct Repo {
    /// `owner/name`.
    pub full_name: String,
    /// Whether only members see it.
    pub private: bool,
    /// Whether it is a copy of another one.
    pub fork: bool,
    /// Files by path, the same at every revision.
    pub files: BTreeMap<String, String>,
}

impl Repo {
    /// A public repository without files.
    pub fn new(full_name: &str) -> Self {
        Self { full_name: full_name.to_owned(), private: false, fork: false, files: BTreeMap::new() }
    }

    /// Makes it private.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.private = true;
        self
    }

    /// Adds a file.
    #[must_use]
    pub fn file(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), text.to_owned());
        self
    }
}

/// A workflow run, at its latest attempt.
#[derive(Debug, Clone)]
pub struct Run {
    /// Id of the run; attempts share it.
    pub id: u64,
    /// `owner/name`.
    pub repo: String,
    /// The number that people see.
    pub number: u64,
    /// Counts up with each re-run.
    pub attempt: u32,
    /// Name of the workflow.
    pub workflow: String,
    /// Branch.
    pub branch: String,
    /// The fork that the branch is in; in the repository itself if none.
    pub fork: Option<String>,
    /// Commit.
    pub sha: String,
    /// Title of the change; also the first line of the commit's message.
    pub title: String,
    /// What started it.
    pub event: String,
    /// Who started it.
    pub actor: Account,
    /// Name and address in the commit.
    pub commit_author: (String, String),
    /// Set when the attempt has ended.
    pub conclusion: Option<String>,
    /// When the attempt started.
    pub started_at: SystemTime,
    /// When it changed last.
    pub updated_at: SystemTime,
    /// The jobs of this attempt.
    pub jobs: Vec<Job>,
    /// Earlier attempts, the first one first.
    pub earlier: Vec<Run>,
}

impl Run {
    /// A run of `CI` on `main` by `dana-reyes` that has ended like this.
    pub fn ended(repo: &str, id: u64, conclusion: &str) -> Self {
        let now = SystemTime::now();
        Self {
            id,
            repo: repo.to_owned(),
            number: id % 10_000,
            attempt: 1,
            workflow: "CI".to_owned(),
            branch: "main".to_owned(),
            fork: None,
            sha: format!("{id:040x}"),
            title: "Cache price lookups".to_owned(),
            event: "push".to_owned(),
            actor: Account::user("dana-reyes"),
            commit_author: ("Dana Reyes".to_owned(), "dana@example.com".to_owned()),
            conclusion: Some(conclusion.to_owned()),
            started_at: now - Duration::from_mins(6),
            updated_at: now,
            jobs: Vec::new(),
            earlier: Vec::new(),
        }
    }

    /// A run that failed.
    pub fn failed(repo: &str, id: u64) -> Self {
        Self::ended(repo, id, "failure")
    }

    /// A run that still goes on.
    pub fn running(repo: &str, id: u64) -> Self {
        Self { conclusion: None, ..Self::ended(repo, id, "") }
    }

    /// The run as it is or was at this attempt.
    pub fn at_attempt(&self, attempt: u32) -> Option<&Run> {
        if attempt == self.attempt {
            Some(self)
        } else {
            self.earlier.iter().find(|run| run.attempt == attempt)
        }
    }

    /// Adds a job.
    #[must_use]
    pub fn job(mut self, job: Job) -> Self {
        self.jobs.push(job);
        self
    }

    /// Sets the branch.
    #[must_use]
    pub fn branch(mut self, branch: &str) -> Self {
        branch.clone_into(&mut self.branch);
        self
    }

    /// Makes it the run of a pull request from the same branch of a fork.
    #[must_use]
    pub fn from_fork(mut self, fork: &str) -> Self {
        self.fork = Some(fork.to_owned());
        "pull_request".clone_into(&mut self.event);
        self
    }

    /// Sets the commit.
    #[must_use]
    pub fn sha(mut self, sha: &str) -> Self {
        sha.clone_into(&mut self.sha);
        self
    }
}

/// A job of a run.
#[derive(Debug, Clone)]
pub struct Job {
    /// Id, also that of its check run; 0 lets the stand-in choose.
    pub id: u64,
    /// Name with matrix values.
    pub name: String,
    /// Set when the job has ended.
    pub conclusion: Option<String>,
    /// Its steps in order.
    pub steps: Vec<Step>,
    /// Its log.
    pub log: Log,
    /// What the runner remarked.
    pub annotations: Vec<Annotation>,
    /// When it started.
    pub started_at: SystemTime,
    /// When it ended.
    pub completed_at: SystemTime,
}

impl Job {
    /// A job of three steps that has ended like this; its middle step ended the same way.
    pub fn ended(name: &str, conclusion: &str, log: Log) -> Self {
        let now = SystemTime::now();
        let step =
            |name: &str, conclusion: &str| Step { name: name.to_owned(), conclusion: conclusion.to_owned() };
        Self {
            id: 0,
            name: name.to_owned(),
            conclusion: Some(conclusion.to_owned()),
            steps: vec![
                step("Set up job", "success"),
                step(&format!("Run {name}"), conclusion),
                step("Complete job", "success"),
            ],
            log,
            annotations: Vec::new(),
            started_at: now - Duration::from_mins(5),
            completed_at: now,
        }
    }

    /// A job that failed with this log.
    pub fn failed(name: &str, log: impl Into<Log>) -> Self {
        Self::ended(name, "failure", log.into())
    }

    /// A job that went well.
    pub fn passed(name: &str, log: impl Into<Log>) -> Self {
        Self::ended(name, "success", log.into())
    }

    /// Adds a remark.
    #[must_use]
    pub fn annotation(mut self, annotation: Annotation) -> Self {
        self.annotations.push(annotation);
        self
    }

    /// Says when it ended, counted back from now.
    #[must_use]
    pub fn completed_ago(mut self, ago: Duration) -> Self {
        self.completed_at = SystemTime::now() - ago;
        self
    }
}

/// A step of a job that has ended.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// How it ended.
    pub conclusion: String,
}

/// A log as the log host serves it.
#[derive(Debug, Clone)]
pub enum Log {
    /// As it is.
    Plain(bytes::Bytes),
    /// Packed with gzip, without saying so in a header.
    Gzip(bytes::Bytes),
    /// Packed with gzip, and cut off in the middle as if that were its end.
    HalfGzip(bytes::Bytes),
    /// Packed into a zip archive of these entries.
    Zip(Vec<(String, String)>),
    /// No longer kept: 410.
    Expired,
    /// Not there: 404.
    Missing,
}

impl From<&str> for Log {
    fn from(text: &str) -> Self {
        Self::Plain(bytes::Bytes::copy_from_slice(text.as_bytes()))
    }
}

impl From<bytes::Bytes> for Log {
    fn from(bytes: bytes::Bytes) -> Self {
        Self::Plain(bytes)
    }
}

/// A remark on a job.
#[derive(Debug, Clone)]
pub struct Annotation {
    /// `failure`, `warning` or `notice`.
    pub level: String,
    /// File.
    pub path: String,
    /// Line.
    pub line: u32,
    /// Short title.
    pub title: Option<String>,
    /// What it says.
    pub message: String,
}

/// A check that another app reported.
#[derive(Debug, Clone)]
pub struct Check {
    /// Id; 0 lets the stand-in choose.
    pub id: u64,
    /// Id of its suite; 0 lets the stand-in choose.
    pub suite: u64,
    /// `owner/name`.
    pub repo: String,
    /// Name of the check.
    pub name: String,
    /// Slug and name of the app.
    pub app: (String, String),
    /// Branch; empty for the branch of a fork, which GitHub does not tell.
    pub branch: String,
    /// Commit.
    pub sha: String,
    /// How it ended.
    pub conclusion: String,
    /// When it started.
    pub started_at: SystemTime,
    /// When it ended.
    pub completed_at: SystemTime,
    /// Title, summary and text.
    pub output: (Option<String>, Option<String>, Option<String>),
}

impl Check {
    /// A check `build` of `Acme CI` on `main`, in a suite of its own, that has ended like this just now.
    pub fn ended(repo: &str, sha: &str, conclusion: &str) -> Self {
        let now = SystemTime::now();
        Self {
            id: 0,
            suite: 0,
            repo: repo.to_owned(),
            name: "build".to_owned(),
            app: ("acme-ci".to_owned(), "Acme CI".to_owned()),
            branch: "main".to_owned(),
            sha: sha.to_owned(),
            conclusion: conclusion.to_owned(),
            started_at: now - Duration::from_mins(5),
            completed_at: now,
            output: (None, None, None),
        }
    }

    /// Says when it ended, counted back from now; it took five minutes.
    #[must_use]
    pub fn completed_ago(mut self, ago: Duration) -> Self {
        self.completed_at = SystemTime::now() - ago;
        self.started_at = self.completed_at - Duration::from_mins(5);
        self
    }

    /// Puts it into a suite that is there already, as a check that is run again is.
    #[must_use]
    pub fn in_suite(mut self, suite: u64) -> Self {
        self.suite = suite;
        self
    }

    /// Sets the branch.
    #[must_use]
    pub fn branch(mut self, branch: &str) -> Self {
        branch.clone_into(&mut self.branch);
        self
    }

    /// Sets what it says.
    #[must_use]
    pub fn says(mut self, title: &str, summary: &str) -> Self {
        self.output = (Some(title.to_owned()), Some(summary.to_owned()), None);
        self
    }
}

/// What lies between two revisions.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// Commits, oldest first.
    pub commits: Vec<Commit>,
    /// Changed files.
    pub files: Vec<String>,
}

/// A commit.
#[derive(Debug, Clone)]
pub struct Commit {
    /// Its id.
    pub sha: String,
    /// Its message.
    pub message: String,
    /// Who wrote it.
    pub author: Account,
    /// Name and address in the commit.
    pub written_by: (String, String),
}
