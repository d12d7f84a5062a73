//! The scenario file, as it is written. [`super`] documents the format.

use std::time::Duration;

use serde::{Deserialize, Deserializer};

use crate::params::parse_duration;

/// `scenario.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scenario {
    /// Address of the pages that people would see; links are made from it.
    #[serde(default)]
    pub(super) web_url: String,
    /// How long a re-run takes. Not scaled: a visitor waits for it.
    #[serde(default = "six_seconds", deserialize_with = "duration")]
    pub(super) rerun: Duration,
    /// The runs; `[[run]]`.
    #[serde(default, rename = "run")]
    pub(super) runs: Vec<Run>,
    /// Files of the repositories; `[[file]]`.
    #[serde(default, rename = "file")]
    pub(super) files: Vec<File>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Run {
    #[serde(deserialize_with = "duration")]
    pub(super) at: Duration,
    #[serde(default = "ten_seconds", deserialize_with = "duration")]
    pub(super) lasts: Duration,
    pub(super) repo: String,
    pub(super) workflow: String,
    pub(super) branch: String,
    pub(super) sha: String,
    pub(super) title: String,
    #[serde(default = "push")]
    pub(super) trigger: String,
    pub(super) author: Author,
    #[serde(default)]
    pub(super) private: bool,
    #[serde(default)]
    pub(super) changed: Vec<String>,
    #[serde(default = "success")]
    pub(super) after_rerun: String,
    #[serde(rename = "job")]
    pub(super) jobs: Vec<Job>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Author {
    pub(super) login: String,
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    #[serde(default)]
    pub(super) bot: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Job {
    pub(super) name: String,
    #[serde(default = "success")]
    pub(super) conclusion: String,
    pub(super) log: Option<String>,
    pub(super) rerun_log: Option<String>,
    pub(super) runner: Option<String>,
    #[serde(default)]
    pub(super) steps: Vec<Step>,
    #[serde(default, rename = "annotation")]
    pub(super) annotations: Vec<Annotation>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub(super) name: String,
    #[serde(default = "success")]
    pub(super) conclusion: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Annotation {
    #[serde(default = "failure")]
    pub(super) level: String,
    #[serde(default)]
    pub(super) path: String,
    #[serde(default)]
    pub(super) line: u32,
    #[serde(default)]
    pub(super) title: String,
    pub(super) message: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) repo: String,
    pub(super) path: String,
    pub(super) from: String,
}

fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_duration(&text).ok_or_else(|| {
        serde::de::Error::custom(format!(
            "`{text}` is not a span of time: write for example \"90s\", \"5m\" or \"2h\""
        ))
    })
}

fn six_seconds() -> Duration {
    Duration::from_secs(6)
}

fn ten_seconds() -> Duration {
    Duration::from_secs(10)
}

fn push() -> String {
    "push".to_owned()
}

fn success() -> String {
    "success".to_owned()
}

fn failure() -> String {
    "failure".to_owned()
}
