//! `[baseline]`: what is learned from green runs.

use std::time::Duration;

use adapters::params::Params;

/// `[baseline]`
#[derive(Debug, Clone)]
pub struct Baseline {
    /// Whether green runs are learned at all.
    pub learn: bool,
    /// The branches whose green runs are learned: those that everybody starts from.
    pub branches: Vec<String>,
    /// A job is learned at most this often.
    pub every: Duration,
    /// Most bytes that are learned of one log.
    pub max_log_bytes: u64,
    /// How many jobs of one run are learned.
    pub max_jobs: usize,
}

/// What the main branch is called nearly everywhere.
const BRANCHES: [&str; 4] = ["main", "master", "trunk", "develop"];

pub(super) fn read(params: Params) -> Baseline {
    let mut branches = params.texts("branches");
    if !params.has("branches") {
        branches = BRANCHES.map(str::to_owned).to_vec();
    }
    let megabytes = params.number("max_log_megabytes", 50, 1..=4096);
    let read = Baseline {
        learn: params.flag("learn", true),
        branches,
        every: params.duration("every", Duration::from_hours(6)),
        max_log_bytes: u64::try_from(megabytes).unwrap_or(50) * 1024 * 1024,
        max_jobs: usize::try_from(params.number("max_jobs", 20, 1..=256)).unwrap_or(20),
    };
    params.finish();
    read
}
