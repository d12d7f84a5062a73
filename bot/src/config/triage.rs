//! `[triage]`: how failures are read.

use std::path::PathBuf;
use std::time::Duration;

use adapters::params::Params;

/// `[triage]`
#[derive(Debug, Clone)]
pub struct Triage {
    /// How long a failure may be taken back by an automatic retry before it is posted.
    pub settle: Duration,
    /// The longest wait for a retry that comes by itself in a pipeline where one usually does; zero for none.
    pub retry_wait: Duration,
    /// So many repositories that fail alike are one incident; zero for never.
    pub incident_repos: usize,
    /// Within this time.
    pub incident_window: Duration,
    /// A pipeline that breaks for the third time within this time is flapping; zero for never.
    pub flapping: Duration,
    /// Most bytes that are read of one log; the rest is left out and the message says so.
    pub max_log_bytes: u64,
    /// How many failed jobs of one run are read.
    pub max_jobs: usize,
    /// Rule packs of your own; they win over the built-in ones.
    pub rules: Vec<PathBuf>,
}

pub(super) fn read(params: Params) -> Triage {
    let rules: Vec<PathBuf> = params.texts("rules").into_iter().map(PathBuf::from).collect();
    for (position, file) in rules.iter().enumerate().filter(|(_, file)| !file.exists()) {
        params.fault(
            &format!("rules[{position}]"),
            format!("{} is not there: name a .toml file or a folder of them", file.display()),
        );
    }
    let megabytes = params.number("max_log_megabytes", 500, 1..=4096);
    let read = Triage {
        settle: params.duration("settle", Duration::ZERO),
        retry_wait: params.duration("retry_wait", Duration::from_mins(3)),
        incident_repos: usize::try_from(params.number("incident_repos", 3, 0..=1000)).unwrap_or(3),
        incident_window: params.duration("incident_window", Duration::from_mins(30)),
        flapping: params.duration("flapping", Duration::from_hours(2)),
        max_log_bytes: u64::try_from(megabytes).unwrap_or(500) * 1024 * 1024,
        max_jobs: usize::try_from(params.number("max_jobs", 20, 1..=256)).unwrap_or(20),
        rules,
    };
    params.finish();
    read
}
