//! From GitHub's words to ours. Pure.

use std::collections::BTreeSet;

use super::wire;
use crate::event::{
    Annotation, Changes, Commit, Conclusion, Event, EventKind, Job, Person, Run, RunRef, Step,
};

/// Runs of other apps' checks are named by their check suite: `suite-118578147`.
const SUITE: &str = "suite-";

/// What a run's id stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunId<'a> {
    /// A workflow run of GitHub Actions.
    Workflow(&'a str),
    /// A check suite of another app.
    Suite(&'a str),
}

impl<'a> RunId<'a> {
    pub(super) fn of(run: &'a RunRef) -> Self {
        match run.id.strip_prefix(SUITE) {
            Some(suite) => Self::Suite(suite),
            None => Self::Workflow(&run.id),
        }
    }
}

/// What a `workflow_run` webhook says, if it is of use.
pub(super) fn workflow_run_event(source: &str, event: wire::WorkflowRunEvent) -> Option<Event> {
    let finished = match event.action.as_str() {
        "completed" => true,
        "requested" | "in_progress" => false,
        _ => return None,
    };
    let at = if finished { event.workflow_run.updated_at } else { started(&event.workflow_run) };
    let workflow = event.workflow.map(|workflow| workflow.name);
    let repo = event.repository;
    let run = run(source, &repo.full_name, repo.private, &event.workflow_run, workflow);
    let word = if finished { "finished" } else { "started" };
    let id = format!("run/{}/{}.{}/{word}", run.at.repo, run.at.id, run.at.attempt);
    let kind =
        if finished { EventKind::PipelineRunFinished { run } } else { EventKind::PipelineRunStarted { run } };
    Some(Event { id, source: source.to_owned(), at, kind })
}

/// What a `workflow_job` webhook says, if it is of use.
pub(super) fn workflow_job_event(
    source: &str,
    web_url: &str,
    event: wire::WorkflowJobEvent,
) -> Option<Event> {
    if event.action != "completed" {
        return None;
    }
    let wire::WorkflowJobEvent { workflow_job: given, repository, sender, .. } = event;
    let at = given.completed_at.or(given.started_at)?;
    let run = Run {
        at: RunRef {
            source: source.to_owned(),
            repo: repository.full_name.clone(),
            id: given.run_id.to_string(),
            attempt: given.run_attempt,
        },
        number: 0,
        workflow: given.workflow_name.clone().unwrap_or_default(),
        branch: given.head_branch.clone().unwrap_or_default(),
        sha: given.head_sha.clone(),
        title: String::new(),
        trigger: String::new(),
        author: sender.as_ref().map(account).unwrap_or_default(),
        url: format!("{web_url}/{}/actions/runs/{}", repository.full_name, given.run_id),
        private: repository.private,
        conclusion: None,
        started_at: None,
        finished_at: None,
    };
    let id = format!("job/{}/{}/finished", repository.full_name, given.id);
    let kind = EventKind::TaskRunFinished { run, job: job(given) };
    Some(Event { id, source: source.to_owned(), at, kind })
}

/// What a `check_run` webhook says, if it is of use: checks made by GitHub Actions have their own webhooks.
pub(super) fn check_run_event(source: &str, web_url: &str, event: wire::CheckRunEvent) -> Option<Event> {
    let wire::CheckRunEvent { action, check_run: check, repository } = event;
    let app = check.app.as_ref()?;
    if action != "completed" || app.slug.as_deref() == Some("github-actions") {
        return None;
    }
    let at = check.completed_at?;
    let given = &check.check_suite;
    let suite = given.id;
    // The last check of a green suite tells all that there is to tell. A red suite is asked about, because only the answer
    // names the author.
    let green = given
        .conclusion
        .as_deref()
        .filter(|_| given.status.as_deref() == Some("completed"))
        .map(conclusion)
        .filter(Conclusion::is_success);
    let run = Run {
        at: RunRef {
            source: source.to_owned(),
            repo: repository.full_name.clone(),
            id: format!("{SUITE}{suite}"),
            attempt: 1,
        },
        number: 0,
        workflow: app.name.clone(),
        branch: branch_of_suite(given.head_branch.as_deref(), &check.head_sha),
        sha: check.head_sha.clone(),
        title: String::new(),
        trigger: "check_run".to_owned(),
        // The sender is the app, and the change is not the app's.
        author: Person::default(),
        url: suite_url(web_url, &repository.full_name, &check.head_sha, suite),
        private: repository.private,
        started_at: given.created_at,
        finished_at: given.updated_at.filter(|_| green.is_some()),
        conclusion: green,
    };
    let id = format!("check/{}/{}/finished/{at}", repository.full_name, check.id);
    let kind = EventKind::TaskRunFinished { run, job: check_job(check) };
    Some(Event { id, source: source.to_owned(), at, kind })
}

/// One attempt of a workflow run.
pub(super) fn run(
    source: &str,
    repo: &str,
    private: bool,
    given: &wire::WorkflowRun,
    workflow: Option<String>,
) -> Run {
    let finished = given.status.as_deref() == Some("completed") || given.conclusion.is_some();
    let names = [given.name.clone(), workflow].into_iter().flatten().find(|name| !name.is_empty());
    let message = given.head_commit.as_ref().map(|commit| commit.message.as_str()).unwrap_or_default();
    let title = given.display_title.as_deref().filter(|title| !title.is_empty()).unwrap_or(message);
    Run {
        at: RunRef {
            source: source.to_owned(),
            repo: repo.to_owned(),
            id: given.id.to_string(),
            attempt: given.run_attempt,
        },
        number: given.run_number,
        // A workflow file without a name is known by its path.
        workflow: names.unwrap_or_else(|| given.path.clone()),
        branch: branch_of_run(given, repo),
        sha: given.head_sha.clone(),
        title: first_line(title),
        trigger: given.event.clone(),
        author: author(given),
        url: given.html_url.clone(),
        private,
        conclusion: given.conclusion.as_deref().map(conclusion),
        started_at: Some(started(given)),
        finished_at: finished.then_some(given.updated_at),
    }
}

/// A branch of a fork is told with the fork's owner, `mallory:main`, as GitHub itself writes it: it is not the branch of that
/// name here. No branch's own name holds a colon (git-check-ref-format).
fn branch_of_run(run: &wire::WorkflowRun, repo: &str) -> String {
    let branch = run.head_branch.clone().unwrap_or_default();
    let owner = match &run.head_repository {
        Some(head) if head.full_name.eq_ignore_ascii_case(repo) => None,
        Some(head) => head.full_name.split('/').next(),
        // Only a fork can be gone while its run is told of.
        None => run.event.starts_with("pull_request").then_some("unknown"),
    };
    match owner {
        Some(owner) if !branch.is_empty() => format!("{owner}:{branch}"),
        _ => branch,
    }
}

/// Of a fork's commit GitHub tells no branch (<https://docs.github.com/en/rest/checks/suites>): it then stands for itself.
fn branch_of_suite(branch: Option<&str>, sha: &str) -> String {
    match branch.filter(|branch| !branch.is_empty()) {
        Some(branch) => branch.to_owned(),
        None => sha.chars().take(7).collect(),
    }
}

fn started(run: &wire::WorkflowRun) -> jiff::Timestamp {
    run.run_started_at.unwrap_or(run.created_at)
}

/// One job of GitHub Actions.
pub(super) fn job(given: wire::WorkflowJob) -> Job {
    let runner = given.runner_name.filter(|name| !name.is_empty());
    let labels = given.labels.join(", ");
    Job {
        id: given.id.to_string(),
        name: given.name,
        url: given.html_url.unwrap_or_default(),
        conclusion: given.conclusion.as_deref().map(conclusion),
        steps: given.steps.into_iter().map(step).collect(),
        runner: match (runner, labels.is_empty()) {
            (Some(name), false) => Some(format!("{name} ({labels})")),
            (Some(name), true) => Some(name),
            (None, false) => Some(labels),
            (None, true) => None,
        },
        started_at: given.started_at,
        finished_at: given.completed_at,
    }
}

fn step(given: wire::Step) -> Step {
    Step { name: given.name, conclusion: given.conclusion.as_deref().map(conclusion) }
}

/// The suite of another app's checks, as a run.
pub(super) fn suite(source: &str, web_url: &str, given: wire::CheckSuite) -> Run {
    let finished = given.status.as_deref() == Some("completed");
    let commit = given.head_commit;
    let (message, author) = commit.map_or_else(Default::default, |commit| (commit.message, commit.author));
    let author = author.map(|author| git_person(&author)).unwrap_or_default();
    Run {
        url: suite_url(web_url, &given.repository.full_name, &given.head_sha, given.id),
        at: RunRef {
            source: source.to_owned(),
            repo: given.repository.full_name,
            id: format!("{SUITE}{}", given.id),
            attempt: 1,
        },
        number: 0,
        workflow: given.app.map(|app| app.name).unwrap_or_default(),
        branch: branch_of_suite(given.head_branch.as_deref(), &given.head_sha),
        sha: given.head_sha,
        title: first_line(&message),
        trigger: "check_run".to_owned(),
        author,
        private: given.repository.private,
        conclusion: given.conclusion.as_deref().map(conclusion),
        started_at: given.created_at,
        finished_at: given.updated_at.filter(|_| finished),
    }
}

/// Another app's check, as a job.
pub(super) fn check_job(given: wire::CheckRun) -> Job {
    Job {
        id: given.id.to_string(),
        name: given.name,
        url: given.html_url.or(given.details_url).unwrap_or_default(),
        conclusion: given.conclusion.as_deref().map(conclusion),
        steps: Vec::new(),
        runner: None,
        started_at: given.started_at,
        finished_at: given.completed_at,
    }
}

/// What another app said about its check: the nearest thing to a log.
pub(super) fn check_log(output: &wire::CheckOutput) -> String {
    let parts = [&output.title, &output.summary, &output.text];
    let said: Vec<&str> =
        parts.into_iter().flatten().map(|part| part.trim_end()).filter(|part| !part.is_empty()).collect();
    if said.is_empty() { String::new() } else { said.join("\n\n") + "\n" }
}

/// A remark on a job.
pub(super) fn annotation(given: wire::Annotation) -> Annotation {
    // The runner files remarks that are about no file under this path.
    let about_no_file = given.path == ".github";
    Annotation {
        level: given.level.unwrap_or_default(),
        line: if about_no_file { 0 } else { given.start_line.unwrap_or(0) },
        path: if about_no_file { String::new() } else { given.path },
        title: given.title.unwrap_or_default(),
        message: given.message.unwrap_or_default(),
    }
}

/// A comparison of two revisions.
pub(super) fn changes(given: wire::Comparison) -> Changes {
    Changes {
        commits: given.commits.into_iter().take(250).map(commit).collect(),
        total_commits: given.total_commits,
        files: given.files.into_iter().take(300).map(|file| file.filename).collect(),
        url: given.html_url,
    }
}

/// The labels of pull requests, each once.
pub(super) fn labels(pulls: Vec<wire::PullRequest>) -> Vec<String> {
    let labels = pulls.into_iter().flat_map(|pull| pull.labels);
    labels.map(|label| label.name).collect::<BTreeSet<_>>().into_iter().take(100).collect()
}

fn commit(given: wire::ComparedCommit) -> Commit {
    let written_by = given.commit.author.map(|author| git_person(&author)).unwrap_or_default();
    let author = match given.author.as_ref().map(account) {
        Some(account) => Person { name: written_by.name, email: written_by.email, ..account },
        None => written_by,
    };
    Commit { sha: given.sha, title: first_line(&given.commit.message), author, url: given.html_url }
}

/// Whose change it is. Name and address are those of the commit; the account is the one that GitHub itself saw acting, since
/// anybody can write any address into a commit. A machine that acts for a person (a merge queue) does not hide the person.
fn author(run: &wire::WorkflowRun) -> Person {
    let written_by = run.head_commit.as_ref().and_then(|commit| commit.author.as_ref()).map(git_person);
    let acting = run.actor.as_ref().or(run.triggering_actor.as_ref()).map(account);
    match (written_by, acting) {
        (Some(person), Some(actor)) if actor.bot == person.bot => {
            Person { name: person.name, email: person.email, ..actor }
        }
        (Some(person), _) => person,
        (None, acting) => acting.unwrap_or_default(),
    }
}

fn account(given: &wire::Account) -> Person {
    let bot = given.kind == "Bot" || given.login.ends_with("[bot]");
    Person { login: given.login.clone(), name: None, email: None, bot }
}

/// The author line of a commit. GitHub's own no-reply addresses tell the account (`1234+dana@users.noreply.github.com`).
fn git_person(given: &wire::GitPerson) -> Person {
    let email = given.email.clone().filter(|email| !email.is_empty());
    let hidden =
        email.as_deref().and_then(|email| email.split_once("@users.noreply.")).map(|(local, _)| local);
    let login =
        hidden.map(|local| local.split_once('+').map_or(local, |(_, login)| login)).unwrap_or_default();
    let name = given.name.clone().filter(|name| !name.is_empty());
    let bot = login.ends_with("[bot]") || name.as_deref().is_some_and(|name| name.ends_with("[bot]"));
    let reachable = if hidden.is_some() { None } else { email.clone() };
    Person { login: login.to_owned(), email: reachable, name, bot }
}

fn conclusion(word: &str) -> Conclusion {
    match word {
        "success" => Conclusion::Success,
        "neutral" => Conclusion::Neutral,
        "failure" => Conclusion::Failure,
        "timed_out" => Conclusion::TimedOut,
        "startup_failure" => Conclusion::StartupFailure,
        "cancelled" => Conclusion::Cancelled,
        "skipped" => Conclusion::Skipped,
        other => Conclusion::Other(other.to_owned()),
    }
}

fn suite_url(web_url: &str, repo: &str, sha: &str, suite: u64) -> String {
    format!("{web_url}/{repo}/commit/{sha}/checks?check_suite_id={suite}")
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn author_of(actor: &str, kind: &str, name: &str, email: &str) -> Person {
        let sample = include_str!("samples/workflow_run.completed.failure.json");
        let mut event: serde_json::Value = serde_json::from_str(sample).unwrap();
        let run = &mut event["workflow_run"];
        run["actor"] = serde_json::json!({ "login": actor, "type": kind });
        run["head_commit"]["author"] = serde_json::json!({ "name": name, "email": email });
        author(&serde_json::from_value(run.take()).unwrap())
    }

    fn person(login: &str, name: &str, email: Option<&str>, bot: bool) -> Person {
        Person { login: login.to_owned(), name: Some(name.to_owned()), email: email.map(str::to_owned), bot }
    }

    #[test]
    fn the_author_is_whoever_wrote_the_change() {
        let dana = "dana@example.com";
        assert_eq!(
            author_of("dana-reyes", "User", "Dana", dana),
            person("dana-reyes", "Dana", Some(dana), false)
        );
        // A merge queue acts for a person.
        assert_eq!(author_of("merge-queue[bot]", "Bot", "Dana", dana), person("", "Dana", Some(dana), false));
        assert_eq!(
            author_of("merge-queue[bot]", "Bot", "Dana", "42+dana-reyes@users.noreply.github.com"),
            person("dana-reyes", "Dana", None, false)
        );
        // A person lets a machine's change run again.
        let machine = "49699333+dependabot[bot]@users.noreply.github.com";
        assert_eq!(
            author_of("dana-reyes", "User", "dependabot[bot]", machine),
            person("dependabot[bot]", "dependabot[bot]", None, true)
        );
        // Anybody can write any address into a commit: the account that GitHub saw acting counts.
        assert_eq!(
            author_of("mallory", "User", "Dana", "42+dana-reyes@users.noreply.github.com").login,
            "mallory"
        );
    }

    fn branch_of(head_repository: serde_json::Value, event: &str) -> String {
        let sample = include_str!("samples/workflow_run.completed.failure.json");
        let mut sample: serde_json::Value = serde_json::from_str(sample).unwrap();
        let run = &mut sample["workflow_run"];
        run["head_branch"] = "main".into();
        run["head_repository"] = head_repository;
        run["event"] = event.into();
        branch_of_run(&serde_json::from_value(run.take()).unwrap(), "acme/checkout")
    }

    #[test]
    fn a_branch_of_a_fork_is_told_with_its_owner() {
        let named = |name: &str| serde_json::json!({ "full_name": name });
        assert_eq!(branch_of(named("acme/checkout"), "pull_request"), "main");
        assert_eq!(
            branch_of(named("Acme/Checkout"), "push"),
            "main",
            "GitHub's names do not tell cases apart"
        );
        assert_eq!(branch_of(named("mallory/checkout"), "pull_request_target"), "mallory:main");
        assert_eq!(branch_of(named("acme/checkout-copy"), "pull_request"), "acme:main");
        assert_eq!(
            branch_of(serde_json::Value::Null, "pull_request"),
            "unknown:main",
            "the fork was deleted"
        );
        assert_eq!(branch_of(serde_json::Value::Null, "push"), "main");
        assert_eq!(branch_of_suite(None, "9f2c1e7b6a5d"), "9f2c1e7");
        assert_eq!(branch_of_suite(Some("main"), "9f2c1e7b6a5d"), "main");
    }

    fn suite_of(status: &str, conclusion: serde_json::Value) -> Run {
        let sample = include_str!("samples/check_run.completed.failure.json");
        let mut sample: serde_json::Value = serde_json::from_str(sample).unwrap();
        let suite = &mut sample["check_run"]["check_suite"];
        suite["status"] = status.into();
        suite["conclusion"] = conclusion;
        suite["updated_at"] = "2026-03-04T10:39:11Z".into();
        let event = check_run_event("github", "https://github.com", serde_json::from_value(sample).unwrap());
        event.unwrap().kind.run().clone()
    }

    #[test]
    fn a_green_suite_is_told_by_its_last_check_and_no_other_suite_is() {
        let green = suite_of("completed", "success".into());
        assert_eq!(green.conclusion, Some(Conclusion::Success));
        assert_eq!(green.finished_at.unwrap().to_string(), "2026-03-04T10:39:11Z");
        for open in
            [suite_of("in_progress", serde_json::Value::Null), suite_of("completed", "failure".into())]
        {
            assert_eq!((open.conclusion, open.finished_at), (None, None));
        }
    }

    #[test]
    fn a_job_that_a_published_answer_shows_is_understood() {
        let sample =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/payloads/github/rest.job.failure.json");
        let Ok(text) = std::fs::read_to_string(sample) else { return };
        let job = job(serde_json::from_str(&text).unwrap());
        assert_eq!(job.conclusion, Some(Conclusion::Failure));
        // A failed job whose steps all went well: what providers say about steps is to be distrusted.
        assert_eq!((job.steps.len(), job.failed_step()), (6, None));
    }

    #[test]
    fn a_check_without_words_has_an_empty_log() {
        assert_eq!(check_log(&wire::CheckOutput::default()), "");
    }
}
