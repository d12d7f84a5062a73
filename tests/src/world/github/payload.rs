//! GitHub's objects as JSON, with all fields of the published webhook schemas, and the webhooks made of them.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::app::iso;
use super::model::{Account, Annotation, Check, Commit, Comparison, Job, Repo, Run};
use super::{GitHub, Shared};

/// A webhook, signed and ready to be sent.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Headers in GitHub's spelling.
    pub headers: Vec<(String, String)>,
    /// The raw body that the signature covers.
    pub body: Vec<u8>,
}

impl Webhook {
    /// Signs a payload.
    #[expect(
        clippy::expect_used,
        reason = "HMAC takes a key of any length, and JSON of our own making can be written"
    )]
    pub fn signed(event: &str, payload: &Value, secret: &str) -> Self {
        let body = serde_json::to_vec(payload).expect("a JSON value can be written");
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key will do");
        mac.update(&body);
        let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
        let headers = [
            ("Content-Type", "application/json"),
            ("User-Agent", "GitHub-Hookshot/0a1b2c3"),
            ("X-GitHub-Event", event),
            ("X-GitHub-Hook-ID", "510042"),
            ("X-GitHub-Hook-Installation-Target-Type", "repository"),
            ("X-GitHub-Hook-Installation-Target-ID", "501001"),
            ("X-Hub-Signature-256", &signature),
            ("X-GitHub-Delivery", &uuid::Uuid::new_v4().to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self { headers: headers.to_vec(), body }
    }
}

impl GitHub {
    /// Any payload as a signed webhook.
    pub fn webhook(&self, event: &str, payload: &Value, secret: &str) -> Webhook {
        Webhook::signed(event, payload, secret)
    }

    /// `workflow_run` for the latest attempt of a run: `requested`, `in_progress` or `completed`.
    ///
    /// # Panics
    /// When there is no such run.
    pub fn workflow_run_webhook(&self, run: u64, action: &str, secret: &str) -> Webhook {
        let (run, repo) = self.run_and_repo(run);
        let payload = json!({
            "action": action,
            "workflow_run": workflow_run(&self.state, &run, &repo),
            "workflow": workflow(&self.state, &run),
            "repository": repository(&self.state, &repo),
            "sender": account(&self.state, &run.actor),
        });
        Webhook::signed("workflow_run", &payload, secret)
    }

    /// `workflow_job` for a job of the latest attempt: `queued`, `waiting`, `in_progress` or `completed`.
    ///
    /// # Panics
    /// When there is no such run or job.
    pub fn workflow_job_webhook(&self, run: u64, job: usize, action: &str, secret: &str) -> Webhook {
        let (run, repo) = self.run_and_repo(run);
        let payload = json!({
            "action": action,
            "workflow_job": workflow_job(&self.state, &run, &run.jobs[job]),
            "repository": repository(&self.state, &repo),
            "sender": account(&self.state, &run.actor),
        });
        Webhook::signed("workflow_job", &payload, secret)
    }

    /// `check_run` for a check of another app, completed.
    ///
    /// # Panics
    /// When there is no such check.
    #[expect(clippy::expect_used, reason = "a test names what it added")]
    pub fn check_run_webhook(&self, check: u64, secret: &str) -> Webhook {
        let world = self.state.world();
        let check = world.checks.get(&check).cloned().expect("the check was added");
        let repo = world.repos[&check.repo].clone();
        let suite = world.checks_of(&check.repo, check.suite);
        drop(world);
        let payload = json!({
            "action": "completed",
            "check_run": check_run(&self.state, &check, &suite),
            "repository": repository(&self.state, &repo),
            "sender": account(&self.state, &Account { login: format!("{}[bot]", check.app.0), kind: "Bot".to_owned() }),
        });
        Webhook::signed("check_run", &payload, secret)
    }

    /// `ping`, as sent when a webhook is made.
    pub fn ping_webhook(&self, secret: &str) -> Webhook {
        let payload = json!({
            "zen": "Speak like a human.",
            "hook_id": 510_042,
            "hook": { "type": "Repository", "id": 510_042, "name": "web", "active": true, "events": ["workflow_job"],
                "config": { "content_type": "json", "insecure_ssl": "0", "url": "https://whyred.example.org/webhooks/github" } },
        });
        Webhook::signed("ping", &payload, secret)
    }

    #[expect(clippy::expect_used, reason = "a test names what it added")]
    fn run_and_repo(&self, run: u64) -> (Run, Repo) {
        let world = self.state.world();
        let run = world.runs.get(&run).cloned().expect("the run was added");
        let repo = world.repos[&run.repo].clone();
        (run, repo)
    }
}

/// A number that stands for a name, always the same one.
fn number_of(name: &str) -> u64 {
    name.bytes().fold(7, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte))) % 1_000_000 + 1
}

fn node_id(kind: &str, id: u64) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(format!("{kind}{id}"))
}

/// The pages that people see stand on the same origin here.
fn web(state: &Shared) -> &str {
    &state.api_url
}

pub(crate) fn account(state: &Shared, account: &Account) -> Value {
    let (api, login) = (&state.api_url, &account.login);
    let url = format!("{api}/users/{login}");
    let id = number_of(login);
    json!({
        "login": login, "id": id, "node_id": node_id("User", id), "avatar_url": format!("{}/u/{id}?v=4", web(state)),
        "gravatar_id": "", "url": url, "html_url": format!("{}/{login}", web(state)),
        "followers_url": format!("{url}/followers"), "following_url": format!("{url}/following{{/other_user}}"),
        "gists_url": format!("{url}/gists{{/gist_id}}"), "starred_url": format!("{url}/starred{{/owner}}{{/repo}}"),
        "subscriptions_url": format!("{url}/subscriptions"), "organizations_url": format!("{url}/orgs"),
        "repos_url": format!("{url}/repos"), "events_url": format!("{url}/events{{/privacy}}"),
        "received_events_url": format!("{url}/received_events"), "type": account.kind, "user_view_type": "public",
        "site_admin": false,
    })
}

/// The short form that runs carry.
fn minimal_repository(state: &Shared, repo: &Repo) -> serde_json::Map<String, Value> {
    let url = format!("{}/repos/{}", state.api_url, repo.full_name);
    let (owner, name) = repo.full_name.split_once('/').unwrap_or((&repo.full_name, ""));
    let id = number_of(&repo.full_name);
    let mut object = serde_json::Map::new();
    object.insert("id".to_owned(), id.into());
    object.insert("node_id".to_owned(), node_id("Repository", id).into());
    object.insert("name".to_owned(), name.into());
    object.insert("full_name".to_owned(), repo.full_name.as_str().into());
    object.insert("private".to_owned(), repo.private.into());
    let owner = Account { login: owner.to_owned(), kind: "Organization".to_owned() };
    object.insert("owner".to_owned(), account(state, &owner));
    object.insert("html_url".to_owned(), format!("{}/{}", web(state), repo.full_name).into());
    object.insert("description".to_owned(), Value::Null);
    object.insert("fork".to_owned(), repo.fork.into());
    object.insert("url".to_owned(), url.as_str().into());
    for (key, path) in [
        ("archive_url", "/{archive_format}{/ref}"),
        ("assignees_url", "/assignees{/user}"),
        ("blobs_url", "/git/blobs{/sha}"),
        ("branches_url", "/branches{/branch}"),
        ("collaborators_url", "/collaborators{/collaborator}"),
        ("comments_url", "/comments{/number}"),
        ("commits_url", "/commits{/sha}"),
        ("compare_url", "/compare/{base}...{head}"),
        ("contents_url", "/contents/{+path}"),
        ("contributors_url", "/contributors"),
        ("deployments_url", "/deployments"),
        ("downloads_url", "/downloads"),
        ("events_url", "/events"),
        ("forks_url", "/forks"),
        ("git_commits_url", "/git/commits{/sha}"),
        ("git_refs_url", "/git/refs{/sha}"),
        ("git_tags_url", "/git/tags{/sha}"),
        ("hooks_url", "/hooks"),
        ("issue_comment_url", "/issues/comments{/number}"),
        ("issue_events_url", "/issues/events{/number}"),
        ("issues_url", "/issues{/number}"),
        ("keys_url", "/keys{/key_id}"),
        ("labels_url", "/labels{/name}"),
        ("languages_url", "/languages"),
        ("merges_url", "/merges"),
        ("milestones_url", "/milestones{/number}"),
        ("notifications_url", "/notifications{?since,all,participating}"),
        ("pulls_url", "/pulls{/number}"),
        ("releases_url", "/releases{/id}"),
        ("stargazers_url", "/stargazers"),
        ("statuses_url", "/statuses/{sha}"),
        ("subscribers_url", "/subscribers"),
        ("subscription_url", "/subscription"),
        ("tags_url", "/tags"),
        ("teams_url", "/teams"),
        ("trees_url", "/git/trees{/sha}"),
    ] {
        object.insert(key.to_owned(), format!("{url}{path}").into());
    }
    object
}

/// The full form that stands beside what a webhook is about.
pub(crate) fn repository(state: &Shared, repo: &Repo) -> Value {
    let mut object = minimal_repository(state, repo);
    let page = format!("{}/{}", web(state), repo.full_name);
    let rest = json!({
        "created_at": "2024-02-01T09:00:00Z", "updated_at": "2026-03-01T09:00:00Z", "pushed_at": "2026-03-04T10:00:12Z",
        "git_url": format!("{page}.git"), "ssh_url": format!("git@127.0.0.1:{}.git", repo.full_name),
        "clone_url": format!("{page}.git"), "svn_url": page, "homepage": null, "size": 1204, "stargazers_count": 0,
        "watchers_count": 0, "language": "Rust", "has_issues": true, "has_projects": true, "has_downloads": true,
        "has_wiki": false, "has_pages": false, "has_discussions": false, "forks_count": 0, "mirror_url": null,
        "archived": false, "disabled": false, "open_issues_count": 3, "license": null, "allow_forking": true,
        "is_template": false, "web_commit_signoff_required": false, "topics": [],
        "visibility": if repo.private { "private" } else { "public" }, "forks": 0, "open_issues": 3, "watchers": 0,
        "default_branch": "main", "custom_properties": {},
    });
    if let Value::Object(rest) = rest {
        object.extend(rest);
    }
    Value::Object(object)
}

fn workflow(state: &Shared, run: &Run) -> Value {
    let id = number_of(&run.workflow);
    let path = workflow_path(run);
    let repo = &run.repo;
    json!({
        "id": id, "node_id": node_id("Workflow", id), "name": run.workflow, "path": path, "state": "active",
        "created_at": "2024-02-01T09:00:00.000Z", "updated_at": "2026-03-01T09:00:00.000Z",
        "url": format!("{}/repos/{repo}/actions/workflows/{id}", state.api_url),
        "html_url": format!("{}/{repo}/blob/main/{path}", web(state)),
        "badge_url": format!("{}/{repo}/workflows/{}/badge.svg", web(state), run.workflow),
    })
}

fn workflow_path(run: &Run) -> String {
    format!(".github/workflows/{}.yml", run.workflow.to_lowercase().replace(' ', "-"))
}

pub(crate) fn workflow_run(state: &Shared, run: &Run, repo: &Repo) -> Value {
    let url = format!("{}/repos/{}/actions/runs/{}", state.api_url, run.repo, run.id);
    let suite = number_of(&format!("suite {}", run.id));
    let (name, email) = &run.commit_author;
    let person = json!({ "name": name, "email": email });
    let workflow = number_of(&run.workflow);
    let fork = run.fork.as_deref().map(|name| Repo { fork: true, ..Repo::new(name) });
    let head_repository = minimal_repository(state, fork.as_ref().unwrap_or(repo));
    let previous = (run.attempt > 1).then(|| format!("{url}/attempts/{}", run.attempt - 1));
    json!({
        "id": run.id, "name": run.workflow, "node_id": node_id("WorkflowRun", run.id), "head_branch": run.branch,
        "head_sha": run.sha, "path": workflow_path(run), "display_title": run.title, "run_number": run.number,
        "event": run.event, "status": if run.conclusion.is_some() { "completed" } else { "in_progress" },
        "conclusion": run.conclusion, "workflow_id": workflow, "check_suite_id": suite,
        "check_suite_node_id": node_id("CheckSuite", suite), "url": url,
        "html_url": format!("{}/{}/actions/runs/{}", web(state), run.repo, run.id), "pull_requests": [],
        "created_at": iso(run.started_at), "updated_at": iso(run.updated_at), "actor": account(state, &run.actor),
        "run_attempt": run.attempt, "referenced_workflows": [], "run_started_at": iso(run.started_at),
        "triggering_actor": account(state, &run.actor), "jobs_url": format!("{url}/jobs"),
        "logs_url": format!("{url}/logs"),
        "check_suite_url": format!("{}/repos/{}/check-suites/{suite}", state.api_url, run.repo),
        "artifacts_url": format!("{url}/artifacts"), "cancel_url": format!("{url}/cancel"),
        "rerun_url": format!("{url}/rerun"), "previous_attempt_url": previous,
        "workflow_url": format!("{}/repos/{}/actions/workflows/{workflow}", state.api_url, run.repo),
        "head_commit": { "id": run.sha, "tree_id": format!("{:040x}", run.id + 1), "message": format!("{}\n\nDetails follow.", run.title),
            "timestamp": iso(run.started_at), "author": person, "committer": person },
        "repository": minimal_repository(state, repo), "head_repository": head_repository,
    })
}

pub(crate) fn workflow_job(state: &Shared, run: &Run, job: &Job) -> Value {
    let ended = job.conclusion.is_some();
    let completed_at = ended.then(|| iso(job.completed_at));
    let status = if ended { "completed" } else { "in_progress" };
    let steps: Vec<Value> = job
        .steps
        .iter()
        .zip(1..)
        .map(|(step, number)| {
            json!({ "name": step.name, "status": status, "conclusion": ended.then_some(&step.conclusion), "number": number,
                "started_at": iso(job.started_at), "completed_at": completed_at })
        })
        .collect();
    let api = format!("{}/repos/{}", state.api_url, run.repo);
    json!({
        "id": job.id, "run_id": run.id, "workflow_name": run.workflow, "head_branch": run.branch,
        "run_url": format!("{api}/actions/runs/{}", run.id), "run_attempt": run.attempt, "node_id": node_id("CheckRun", job.id),
        "head_sha": run.sha, "url": format!("{api}/actions/jobs/{}", job.id),
        "html_url": format!("{}/{}/actions/runs/{}/job/{}", web(state), run.repo, run.id, job.id), "status": status,
        "conclusion": job.conclusion, "created_at": iso(run.started_at), "started_at": iso(job.started_at),
        "completed_at": completed_at, "name": job.name, "steps": steps,
        "check_run_url": format!("{api}/check-runs/{}", job.id), "labels": ["ubuntu-latest"], "runner_id": 12,
        "runner_name": "GitHub Actions 12", "runner_group_id": 2, "runner_group_name": "GitHub Actions",
    })
}

/// A check within its suite.
pub(crate) fn check_run(state: &Shared, check: &Check, suite: &[Check]) -> Value {
    let api = format!("{}/repos/{}", state.api_url, check.repo);
    let url = format!("{api}/check-runs/{}", check.id);
    let (title, summary, text) = &check.output;
    json!({
        "id": check.id, "name": check.name, "node_id": node_id("CheckRun", check.id), "head_sha": check.sha,
        "external_id": "", "url": url, "html_url": format!("{}/{}/runs/{}", web(state), check.repo, check.id),
        "details_url": "https://ci.example.com/build/7", "status": "completed", "conclusion": check.conclusion,
        "started_at": iso(check.started_at), "completed_at": iso(check.completed_at),
        "output": { "title": title, "summary": summary, "text": text, "annotations_count": 0,
            "annotations_url": format!("{url}/annotations") },
        "check_suite": check_suite(state, check, suite), "app": app(state, check), "pull_requests": [],
    })
}

/// A suite, rolled up: of the checks of one name the last one counts, and the worst of them is the suite's conclusion.
pub(crate) fn check_suite(state: &Shared, check: &Check, suite: &[Check]) -> Value {
    let url = format!("{}/repos/{}/check-suites/{}", state.api_url, check.repo, check.suite);
    let last_of_its_name = |one: &&Check| {
        !suite.iter().any(|other| other.name == one.name && other.completed_at > one.completed_at)
    };
    let counted: Vec<&str> =
        suite.iter().filter(last_of_its_name).map(|one| one.conclusion.as_str()).collect();
    let worst = ["failure", "timed_out", "cancelled", "action_required", "success", "neutral", "skipped"];
    let conclusion = worst.into_iter().find(|word| counted.contains(word));
    let created_at = suite.iter().map(|one| one.started_at).min().map(iso);
    let updated_at = suite.iter().map(|one| one.completed_at).max().map(iso);
    let head_branch = (!check.branch.is_empty()).then_some(&check.branch);
    json!({
        "id": check.suite, "node_id": node_id("CheckSuite", check.suite), "head_branch": head_branch, "head_sha": check.sha,
        "status": "completed", "conclusion": conclusion, "url": url, "before": "0".repeat(40), "after": check.sha,
        "pull_requests": [], "app": app(state, check), "created_at": created_at, "updated_at": updated_at,
    })
}

/// What the REST answer for a suite holds beyond that.
pub(crate) fn check_suite_answer(state: &Shared, checks: &[Check], repo: &Repo) -> Option<Value> {
    let check = checks.first()?;
    let mut suite = check_suite(state, check, checks);
    suite["head_commit"] = json!({ "id": check.sha, "tree_id": check.sha, "message": "Cache price lookups",
        "timestamp": "2026-03-04T10:00:11Z", "author": { "name": "Dana Reyes", "email": "dana@example.com" },
        "committer": { "name": "Dana Reyes", "email": "dana@example.com" } });
    suite["latest_check_runs_count"] = checks.len().into();
    suite["check_runs_url"] =
        format!("{}/repos/{}/check-suites/{}/check-runs", state.api_url, check.repo, check.suite).into();
    suite["repository"] = Value::Object(minimal_repository(state, repo));
    Some(suite)
}

fn app(state: &Shared, check: &Check) -> Value {
    let (slug, name) = &check.app;
    let id = number_of(slug);
    json!({
        "id": id, "slug": slug, "node_id": node_id("App", id), "client_id": format!("Iv1.{id:016x}"),
        "owner": account(state, &Account { login: "acme-ci".to_owned(), kind: "Organization".to_owned() }), "name": name,
        "description": "", "external_url": "https://ci.example.com", "html_url": format!("{}/apps/{slug}", web(state)),
        "created_at": "2024-02-01T09:00:00Z", "updated_at": "2026-03-01T09:00:00Z",
        "permissions": { "checks": "write", "metadata": "read" }, "events": ["check_suite"],
    })
}

pub(crate) fn annotation(state: &Shared, run: &Run, annotation: &Annotation) -> Value {
    json!({
        "path": annotation.path, "blob_href": format!("{}/{}/blob/{}/{}", web(state), run.repo, run.sha, annotation.path),
        "start_line": annotation.line, "start_column": null, "end_line": annotation.line, "end_column": null,
        "annotation_level": annotation.level, "title": annotation.title, "message": annotation.message, "raw_details": null,
    })
}

pub(crate) fn comparison(state: &Shared, repo: &str, range: &str, comparison: &Comparison) -> Value {
    let page = format!("{}/{repo}/compare/{range}", web(state));
    let commits: Vec<Value> = comparison.commits.iter().map(|one| commit(state, repo, one)).collect();
    let files: Vec<Value> = comparison
        .files
        .iter()
        .map(|name| {
            json!({ "sha": format!("{:040x}", number_of(name)), "filename": name, "status": "modified", "additions": 1,
                "deletions": 1, "changes": 2, "blob_url": format!("{}/{repo}/blob/x/{name}", web(state)),
                "raw_url": format!("{}/{repo}/raw/x/{name}", web(state)),
                "contents_url": format!("{}/repos/{repo}/contents/{name}", state.api_url), "patch": "@@ -1 +1 @@" })
        })
        .collect();
    json!({
        "url": format!("{}/repos/{repo}/compare/{range}", state.api_url), "html_url": page,
        "permalink_url": page, "diff_url": format!("{page}.diff"), "patch_url": format!("{page}.patch"),
        "base_commit": commits.first(), "merge_base_commit": commits.first(), "status": "ahead",
        "ahead_by": commits.len(), "behind_by": 0, "total_commits": commits.len(), "commits": commits, "files": files,
    })
}

fn commit(state: &Shared, repo: &str, commit: &Commit) -> Value {
    let (name, email) = &commit.written_by;
    let person = json!({ "name": name, "email": email, "date": "2026-03-04T10:00:11Z" });
    let url = format!("{}/repos/{repo}/commits/{}", state.api_url, commit.sha);
    json!({
        "sha": commit.sha, "node_id": node_id("Commit", number_of(&commit.sha)),
        "commit": { "author": person, "committer": person, "message": commit.message, "url": url, "comment_count": 0,
            "tree": { "sha": commit.sha, "url": url },
            "verification": { "verified": false, "reason": "unsigned", "signature": null, "payload": null, "verified_at": null } },
        "url": url, "html_url": format!("{}/{repo}/commit/{}", web(state), commit.sha),
        "comments_url": format!("{url}/comments"), "author": account(state, &commit.author),
        "committer": account(state, &commit.author), "parents": [],
    })
}
