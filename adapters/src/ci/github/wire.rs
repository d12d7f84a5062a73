//! GitHub's payloads, as far as we read them: webhooks and REST answers share their objects.
//!
//! Field names follow the published webhook schemas (`@octokit/webhooks-schemas`) and the REST reference, version 2022-11-28.
//! Optional here is whatever older servers or some events leave out; what identifies things is not optional, so that its
//! absence is reported by name.

use jiff::Timestamp;
use serde::Deserialize;

/// `workflow_run` webhook.
#[derive(Debug, Deserialize)]
pub(super) struct WorkflowRunEvent {
    pub(super) action: String,
    pub(super) workflow_run: WorkflowRun,
    pub(super) workflow: Option<Workflow>,
    pub(super) repository: Repository,
}

/// `workflow_job` webhook.
#[derive(Debug, Deserialize)]
pub(super) struct WorkflowJobEvent {
    pub(super) action: String,
    pub(super) workflow_job: WorkflowJob,
    pub(super) repository: Repository,
    pub(super) sender: Option<Account>,
}

/// `check_run` webhook.
#[derive(Debug, Deserialize)]
pub(super) struct CheckRunEvent {
    pub(super) action: String,
    pub(super) check_run: CheckRun,
    pub(super) repository: Repository,
}

#[derive(Debug, Deserialize)]
pub(super) struct Repository {
    pub(super) full_name: String,
    #[serde(default = "unknown_is_private")]
    pub(super) private: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Account {
    pub(super) login: String,
    #[serde(rename = "type", default)]
    pub(super) kind: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Workflow {
    #[serde(default)]
    pub(super) name: String,
}

/// One attempt of a workflow run.
#[derive(Debug, Deserialize)]
pub(super) struct WorkflowRun {
    pub(super) id: u64,
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) path: String,
    pub(super) display_title: Option<String>,
    #[serde(default)]
    pub(super) run_number: u64,
    #[serde(default = "first")]
    pub(super) run_attempt: u32,
    #[serde(default)]
    pub(super) event: String,
    #[serde(default)]
    pub(super) status: Option<String>,
    pub(super) conclusion: Option<String>,
    pub(super) head_branch: Option<String>,
    pub(super) head_sha: String,
    pub(super) head_commit: Option<HeadCommit>,
    pub(super) html_url: String,
    pub(super) created_at: Timestamp,
    pub(super) run_started_at: Option<Timestamp>,
    pub(super) updated_at: Timestamp,
    pub(super) actor: Option<Account>,
    pub(super) triggering_actor: Option<Account>,
    /// Only the REST answer is read for it: the webhook has a fuller one beside the run.
    pub(super) repository: Option<RunRepository>,
    /// Where the branch is: a fork, for pull requests from outside. None when the fork was deleted.
    pub(super) head_repository: Option<HeadRepository>,
}

/// The repository that a run's branch is in.
#[derive(Debug, Deserialize)]
pub(super) struct HeadRepository {
    pub(super) full_name: String,
}

/// The repository inside a run, which some answers shorten.
#[derive(Debug, Deserialize)]
pub(super) struct RunRepository {
    #[serde(default = "unknown_is_private")]
    pub(super) private: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct HeadCommit {
    #[serde(default)]
    pub(super) message: String,
    pub(super) author: Option<GitPerson>,
}

#[derive(Debug, Deserialize)]
pub(super) struct GitPerson {
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
}

/// One job of one attempt.
#[derive(Debug, Deserialize)]
pub(super) struct WorkflowJob {
    pub(super) id: u64,
    pub(super) run_id: u64,
    #[serde(default = "first")]
    pub(super) run_attempt: u32,
    pub(super) name: String,
    pub(super) workflow_name: Option<String>,
    pub(super) head_branch: Option<String>,
    pub(super) head_sha: String,
    pub(super) conclusion: Option<String>,
    pub(super) started_at: Option<Timestamp>,
    pub(super) completed_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) steps: Vec<Step>,
    #[serde(default)]
    pub(super) labels: Vec<String>,
    pub(super) runner_name: Option<String>,
    pub(super) html_url: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Step {
    pub(super) name: String,
    pub(super) conclusion: Option<String>,
}

/// `GET …/attempts/{n}/jobs`.
#[derive(Debug, Deserialize)]
pub(super) struct JobPage {
    pub(super) total_count: usize,
    pub(super) jobs: Vec<WorkflowJob>,
}

/// A check, from whichever app.
#[derive(Debug, Deserialize)]
pub(super) struct CheckRun {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) head_sha: String,
    pub(super) html_url: Option<String>,
    pub(super) details_url: Option<String>,
    pub(super) conclusion: Option<String>,
    pub(super) started_at: Option<Timestamp>,
    pub(super) completed_at: Option<Timestamp>,
    pub(super) output: CheckOutput,
    pub(super) check_suite: CheckSuiteRef,
    pub(super) app: Option<App>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct CheckOutput {
    pub(super) title: Option<String>,
    pub(super) summary: Option<String>,
    pub(super) text: Option<String>,
}

/// A check's suite: REST answers give its id alone, webhooks more.
#[derive(Debug, Deserialize)]
pub(super) struct CheckSuiteRef {
    pub(super) id: u64,
    pub(super) head_branch: Option<String>,
    pub(super) status: Option<String>,
    pub(super) conclusion: Option<String>,
    pub(super) created_at: Option<Timestamp>,
    pub(super) updated_at: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
pub(super) struct App {
    pub(super) slug: Option<String>,
    pub(super) name: String,
}

/// `GET …/check-suites/{id}`.
#[derive(Debug, Deserialize)]
pub(super) struct CheckSuite {
    pub(super) id: u64,
    pub(super) head_branch: Option<String>,
    pub(super) head_sha: String,
    pub(super) status: Option<String>,
    pub(super) conclusion: Option<String>,
    pub(super) app: Option<App>,
    pub(super) created_at: Option<Timestamp>,
    pub(super) updated_at: Option<Timestamp>,
    pub(super) head_commit: Option<HeadCommit>,
    pub(super) repository: Repository,
}

/// `GET …/check-suites/{id}/check-runs`.
#[derive(Debug, Deserialize)]
pub(super) struct CheckRunPage {
    pub(super) total_count: usize,
    pub(super) check_runs: Vec<CheckRun>,
}

/// `GET …/check-runs/{id}/annotations`.
#[derive(Debug, Deserialize)]
pub(super) struct Annotation {
    #[serde(default)]
    pub(super) path: String,
    pub(super) start_line: Option<u32>,
    #[serde(rename = "annotation_level")]
    pub(super) level: Option<String>,
    pub(super) title: Option<String>,
    pub(super) message: Option<String>,
}

/// `GET …/compare/{base}...{head}`.
#[derive(Debug, Deserialize)]
pub(super) struct Comparison {
    pub(super) html_url: String,
    pub(super) total_commits: u64,
    pub(super) commits: Vec<ComparedCommit>,
    #[serde(default)]
    pub(super) files: Vec<ChangedFile>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ComparedCommit {
    pub(super) sha: String,
    pub(super) html_url: String,
    pub(super) commit: HeadCommit,
    pub(super) author: Option<Account>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ChangedFile {
    pub(super) filename: String,
}

/// An item of `GET …/commits/{sha}/pulls`.
#[derive(Debug, Deserialize)]
pub(super) struct PullRequest {
    #[serde(default)]
    pub(super) labels: Vec<Label>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Label {
    pub(super) name: String,
}

/// `GET /rate_limit`.
#[derive(Debug, Deserialize)]
pub(super) struct RateLimits {
    pub(super) resources: RateResources,
}

#[derive(Debug, Deserialize)]
pub(super) struct RateResources {
    pub(super) core: RateLimit,
}

#[derive(Debug, Deserialize)]
pub(super) struct RateLimit {
    pub(super) limit: u64,
    pub(super) remaining: u64,
}

/// `GET /app`.
#[derive(Debug, Deserialize)]
pub(super) struct OurApp {
    pub(super) name: String,
    pub(super) html_url: String,
    pub(super) installations_count: Option<u64>,
    #[serde(default)]
    pub(super) permissions: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    pub(super) events: Vec<String>,
}

/// `GET /repos/{owner}/{repo}/installation`.
#[derive(Debug, Deserialize)]
pub(super) struct Installation {
    pub(super) id: u64,
}

/// `POST /app/installations/{id}/access_tokens`.
#[derive(Deserialize)]
pub(super) struct InstallationToken {
    pub(super) token: String,
    pub(super) expires_at: Timestamp,
}

/// The body of a refusal.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ErrorBody {
    #[serde(default)]
    pub(super) message: String,
}

/// What we are not told may be seen by everybody is not shown to everybody.
fn unknown_is_private() -> bool {
    true
}

/// Events from before re-runs existed carry no attempt.
fn first() -> u32 {
    1
}
