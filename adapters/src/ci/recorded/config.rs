//! Parameters of a `[ci.NAME]` table with `kind = "recorded"`.

use std::path::PathBuf;

use super::Files;
use crate::params::Params;
use crate::secret::Secret;

/// A scenario to be played by somebody who knows the secret.
#[derive(Debug, Clone)]
pub struct Config {
    /// The configured name.
    pub name: String,
    /// Where the scenario lies.
    pub files: Files,
    /// Signs the webhooks; made at random if not given.
    pub webhook_secret: Option<Secret>,
}

impl Config {
    /// Reads the table. Faults are noted there; then there is no configuration.
    pub fn read(params: &Params) -> Option<Self> {
        let already = params.faults().len();
        let folder = params.required_text("folder", "/var/lib/whyred/recorded");
        let webhook_secret = params.secret("webhook_secret");
        let config = Self {
            name: params.name().to_owned(),
            files: Files::Folder(PathBuf::from(folder)),
            webhook_secret,
        };
        (params.faults().len() == already).then_some(config)
    }
}
