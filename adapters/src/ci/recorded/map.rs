//! From a scenario to our words: checked once, then pure.

use jiff::Timestamp;

use super::Files;
use super::wire;
use crate::event::{Annotation, Changes, Commit, Conclusion, Job, Person, Run, RunRef, Step};

/// Run ids start after this number.
const FIRST_ID: usize = 1001;

/// A scenario whose words and files have been checked.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) scenario: wire::Scenario,
}

impl Script {
    /// Reads `scenario.toml` and checks everything that it names. The text says what to mend.
    pub(super) fn read(files: &Files) -> Result<Self, String> {
        let text =
            String::from_utf8(files.read("scenario.toml")?).map_err(|_| "it is not UTF-8 text".to_owned())?;
        let scenario: wire::Scenario = toml::from_str(&text).map_err(|error| error.to_string())?;
        for (number, run) in scenario.runs.iter().enumerate() {
            check_run(run, files).map_err(|what| format!("run {} ({}): {what}", number + 1, run.title))?;
        }
        for file in &scenario.files {
            files.read(&file.from).map_err(|what| format!("file {}: {what}", file.path))?;
        }
        if scenario.runs.is_empty() {
            return Err("it holds no `[[run]]`".to_owned());
        }
        Ok(Self { scenario })
    }

    /// The run with this id, and its place in the scenario.
    pub(super) fn find(&self, repo: &str, id: &str) -> Option<usize> {
        let index = id.parse::<usize>().ok()?.checked_sub(FIRST_ID)?;
        self.scenario.runs.get(index).filter(|run| run.repo == repo).map(|_| index)
    }

    /// What lies between two revisions: the commits that the scenario's runs on the newer one's branch are about.
    pub(super) fn changes(&self, repo: &str, from_sha: &str, to_sha: &str) -> Option<Changes> {
        let runs: Vec<&wire::Run> = self.scenario.runs.iter().filter(|run| run.repo == repo).collect();
        let from = runs.iter().rposition(|run| run.sha == from_sha)?;
        let to = runs.iter().position(|run| run.sha == to_sha)?;
        let between = runs.get(from + 1..=to).unwrap_or_default();
        let mut changes = Changes {
            url: format!("{}/{repo}/compare/{from_sha}...{to_sha}", self.scenario.web_url),
            ..Changes::default()
        };
        for run in between.iter().filter(|run| run.branch == runs[to].branch && run.sha != from_sha) {
            if changes.commits.iter().any(|commit| commit.sha == run.sha) {
                continue;
            }
            changes.commits.push(Commit {
                sha: run.sha.clone(),
                title: run.title.clone(),
                author: person(&run.author),
                url: format!("{}/{repo}/commit/{}", self.scenario.web_url, run.sha),
            });
            let unseen: Vec<String> =
                run.changed.iter().filter(|file| !changes.files.contains(file)).cloned().collect();
            changes.files.extend(unseen);
        }
        changes.total_commits = changes.commits.len() as u64;
        Some(changes)
    }
}

/// One attempt of a run, as far as it has come.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    pub(super) number: u32,
    pub(super) started_at: Timestamp,
    pub(super) finished_at: Option<Timestamp>,
    pub(super) jobs: Vec<JobState>,
}

/// One job of an attempt.
#[derive(Debug, Clone)]
pub(super) struct JobState {
    /// When it ended, and how.
    pub(super) ended: Option<(Timestamp, Conclusion)>,
    /// The attempt that runs it; later ones take it over.
    pub(super) ran_in: u32,
}

impl Attempt {
    /// The first attempt, just started.
    pub(super) fn first(run: &wire::Run, now: Timestamp) -> Self {
        let jobs = run.jobs.iter().map(|_| JobState { ended: None, ran_in: 1 }).collect();
        Self { number: 1, started_at: now, finished_at: None, jobs }
    }

    /// The attempt after this one: jobs that went well are taken over, the others run again.
    pub(super) fn next(&self, now: Timestamp) -> Self {
        let number = self.number + 1;
        let again = |job: &JobState| {
            let failed = job.ended.as_ref().is_some_and(|(_, conclusion)| !conclusion.is_success());
            if failed { JobState { ended: None, ran_in: number } } else { job.clone() }
        };
        let jobs = self.jobs.iter().map(again).collect();
        Self { number, started_at: now, finished_at: None, jobs }
    }

    /// How it ended: as its worst job.
    fn conclusion(&self) -> Option<Conclusion> {
        self.finished_at?;
        let endings =
            || self.jobs.iter().filter_map(|job| job.ended.as_ref().map(|(_, conclusion)| conclusion));
        let worst = endings()
            .find(|ending| ending.is_failure())
            .or_else(|| endings().find(|ending| !ending.is_success()));
        Some(match worst {
            Some(worst) if worst.is_failure() => Conclusion::Failure,
            Some(Conclusion::Skipped) | None => Conclusion::Success,
            Some(other) => other.clone(),
        })
    }
}

/// How a job ends in this attempt, by the scenario.
pub(super) fn scripted_ending(run: &wire::Run, job: usize, attempt: u32) -> Conclusion {
    let word = if attempt == 1 { &run.jobs[job].conclusion } else { &run.after_rerun };
    conclusion(word).unwrap_or(Conclusion::Success)
}

/// The file with the log of a job that ran in this attempt. One that fails the same way again says the same again.
pub(super) fn log_file(run: &wire::Run, job: usize, ran_in: u32) -> Option<&str> {
    let given = &run.jobs[job];
    let same_again = scripted_ending(run, job, ran_in) == scripted_ending(run, job, 1);
    let log = if ran_in == 1 || same_again { given.log.as_deref() } else { None };
    given.rerun_log.as_deref().filter(|_| ran_in > 1).or(log)
}

/// The run as it stands in this attempt.
pub(super) fn run(source: &str, script: &Script, index: usize, attempt: &Attempt) -> Run {
    let given = &script.scenario.runs[index];
    let id = (FIRST_ID + index).to_string();
    Run {
        url: format!("{}/{}/runs/{id}", script.scenario.web_url, given.repo),
        at: RunRef { source: source.to_owned(), repo: given.repo.clone(), id, attempt: attempt.number },
        number: (index + 1) as u64,
        workflow: given.workflow.clone(),
        branch: given.branch.clone(),
        sha: given.sha.clone(),
        title: given.title.clone(),
        trigger: given.trigger.clone(),
        author: person(&given.author),
        private: given.private,
        conclusion: attempt.conclusion(),
        started_at: Some(attempt.started_at),
        finished_at: attempt.finished_at,
    }
}

/// A job as it stands in this attempt.
pub(super) fn job(script: &Script, index: usize, attempt: &Attempt, job: usize) -> Job {
    let run = &script.scenario.runs[index];
    let (given, state) = (&run.jobs[job], &attempt.jobs[job]);
    let ending = state.ended.as_ref().map(|(_, conclusion)| conclusion.clone());
    let id = format!("{}-{}-{job}", FIRST_ID + index, attempt.number);
    Job {
        url: format!("{}/{}/runs/{}/job/{id}", script.scenario.web_url, run.repo, FIRST_ID + index),
        id,
        name: given.name.clone(),
        steps: given.steps.iter().map(|given| step(given, ending.as_ref())).collect(),
        conclusion: ending,
        runner: given.runner.clone(),
        started_at: Some(attempt.started_at),
        finished_at: state.ended.as_ref().map(|(at, _)| *at),
    }
}

/// The place of a job in its run, by its id.
pub(super) fn job_index(run: &wire::Run, id: &str) -> Option<usize> {
    let index = id.rsplit('-').next()?.parse().ok()?;
    (index < run.jobs.len()).then_some(index)
}

/// A step as scripted; in a job that went well, every step did.
fn step(given: &wire::Step, ending: Option<&Conclusion>) -> Step {
    let conclusion = match ending {
        None => None,
        Some(ending) if ending.is_success() => Some(Conclusion::Success),
        Some(_) => conclusion(&given.conclusion),
    };
    Step { name: given.name.clone(), conclusion }
}

/// The remarks on a job.
pub(super) fn annotations(given: &wire::Job) -> Vec<Annotation> {
    let one = |given: &wire::Annotation| Annotation {
        level: given.level.clone(),
        path: given.path.clone(),
        line: given.line,
        title: given.title.clone(),
        message: given.message.clone(),
    };
    given.annotations.iter().map(one).collect()
}

fn person(given: &wire::Author) -> Person {
    Person {
        login: given.login.clone(),
        name: given.name.clone(),
        email: given.email.clone(),
        bot: given.bot,
    }
}

fn check_run(run: &wire::Run, files: &Files) -> Result<(), String> {
    if run.jobs.is_empty() {
        return Err("it has no `[[run.job]]`".to_owned());
    }
    if run.repo.split('/').count() != 2 {
        return Err(format!("`repo = \"{}\"` is not `owner/name`", run.repo));
    }
    check_word("after_rerun", &run.after_rerun)?;
    for job in &run.jobs {
        check_word("conclusion", &job.conclusion)?;
        for step in &job.steps {
            check_word("conclusion", &step.conclusion)?;
        }
        for log in [&job.log, &job.rerun_log].into_iter().flatten() {
            files.read(log)?;
        }
    }
    Ok(())
}

fn check_word(key: &str, word: &str) -> Result<(), String> {
    match conclusion(word) {
        Some(_) => Ok(()),
        None => Err(format!(
            "`{key} = \"{word}\"` is none of: success, neutral, failure, timed_out, startup_failure, cancelled, skipped"
        )),
    }
}

fn conclusion(word: &str) -> Option<Conclusion> {
    match word {
        "success" => Some(Conclusion::Success),
        "neutral" => Some(Conclusion::Neutral),
        "failure" => Some(Conclusion::Failure),
        "timed_out" => Some(Conclusion::TimedOut),
        "startup_failure" => Some(Conclusion::StartupFailure),
        "cancelled" => Some(Conclusion::Cancelled),
        "skipped" => Some(Conclusion::Skipped),
        _ => None,
    }
}
