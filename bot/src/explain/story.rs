//! The facts that a failure message is made from.

use adapters::event::{Changes, Run};
use adapters::message::Mention;
use classifiers::Diagnosis;
use classifiers::flaky::Told;
use jiff::{SignedDuration, Timestamp};

/// Everything that is known about one broken pipeline at one moment.
#[derive(Debug, Clone)]
pub struct FailureStory {
    /// The episode's id: what its buttons hand back.
    pub breakage_id: String,
    /// The latest failed run.
    pub run: Run,
    /// How the episode began.
    pub origin: Origin,
    /// Where in its life the episode is.
    pub phase: Phase,
    /// The failed jobs of that run with what their logs say, the most telling one first.
    pub jobs: Vec<JobReading>,
    /// Failed jobs whose logs were not read, because there are very many.
    pub unread_jobs: usize,
    /// The same fingerprint elsewhere and before.
    pub history: Option<History>,
    /// What the history of its runs proves.
    pub proof: Option<Told>,
    /// What lies between the last green run and this one, once it is known.
    pub changes: Option<Changes>,
    /// What the runbooks say, best first.
    pub passages: Vec<Passage>,
    /// Owners by CODEOWNERS, once they are known.
    pub owners: Vec<String>,
    /// Labels of its pull request, once they were asked for.
    pub labels: Option<Vec<String>>,
    /// Who said "mine".
    pub claimed_by: Option<String>,
    /// The last re-run asked for through us.
    pub rerun: Option<RerunState>,
    /// Whose move it is, by the surface's own id, if they are known there and may be mentioned.
    pub mention: Option<Mention>,
    /// From the end of the run to the first message.
    pub answered_in: Option<SignedDuration>,
}

/// Where in its life an episode of redness is.
#[derive(Debug, Clone)]
pub enum Phase {
    /// One failed run so far.
    Broken,
    /// Several failed runs in a row.
    StillBroken {
        /// How many.
        runs: u64,
    },
    /// Broken and mended in turns.
    Flapping {
        /// How often it broke.
        breaks: u64,
        /// From the first time to the last.
        within: SignedDuration,
        /// The run that is green just now, if it is.
        green: Option<Box<Run>>,
    },
    /// Green again.
    Fixed {
        /// The green run.
        by: Box<Run>,
        /// How long it was red.
        after: SignedDuration,
        /// What made it green.
        cure: Cure,
        /// How often it broke, where it broke and was mended in turns before it stayed green.
        flapped: Option<u64>,
    },
}

/// What made a pipeline green again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cure {
    /// A later run.
    Commit,
    /// A further attempt of the same run: nothing was changed.
    Retry,
    /// The very run whose job failed: the job is allowed to.
    NotNeeded,
}

/// How an episode of redness began.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The run that failed first, if it is another one than the latest.
    pub run: Option<Run>,
    /// Whether that run failed in the same way as the latest.
    pub same_failure: bool,
    /// Whether a green run is known before it: only then is anything known to be new.
    pub green_before: bool,
}

/// One failed job with what its log says.
#[derive(Debug, Clone)]
pub struct JobReading {
    /// Name as people see it.
    pub name: String,
    /// Where its log is.
    pub url: Option<String>,
    /// Where the decisive line is, if the provider has such addresses.
    pub line_url: Option<String>,
    /// The verdict.
    pub diagnosis: Diagnosis,
    /// Why the log could not be read, if it could not; the diagnosis then rests on what else there was.
    pub log_problem: Option<String>,
}

/// The same fingerprint elsewhere and before.
#[derive(Debug, Clone)]
pub struct History {
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// How often it was seen, this time included.
    pub times: u64,
    /// In how many repositories.
    pub repos: u64,
    /// Whether it was seen before this episode began.
    pub before_this: bool,
    /// How often it was seen in the last 24 hours.
    pub recent_times: u64,
    /// In how many repositories in the last 24 hours.
    pub recent_repos: u64,
    /// The known issue somebody linked to it.
    pub known_issue: Option<String>,
}

/// A passage of a runbook.
#[derive(Debug, Clone)]
pub struct Passage {
    /// Document id.
    pub document: String,
    /// Anchor of the heading.
    pub anchor: String,
    /// `Rebuild a lock file › Fix`
    pub label: String,
    /// Where to read it.
    pub url: Option<String>,
    /// The first thing to try, or the words that matched.
    pub quote: String,
    /// 0 to 1: how well it fits.
    pub relevance: f64,
}

/// A re-run that somebody asked for through us.
#[derive(Debug, Clone)]
pub struct RerunState {
    /// Who.
    pub by: String,
    /// `running` until the provider took it, then `done`; or `failed`.
    pub state: String,
    /// Why it failed, if it did.
    pub result: Option<String>,
    /// The attempt that it re-ran.
    pub attempt: u32,
}

impl FailureStory {
    /// The job that explains the failure best.
    pub fn primary(&self) -> Option<&JobReading> {
        self.jobs.first()
    }
}

/// Below this relevance a passage has nothing to do with the matter and is not shown.
pub const RELEVANT: f64 = 0.3;
