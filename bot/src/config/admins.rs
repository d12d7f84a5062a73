//! `[admins]`: who hears of it when the bot itself is in trouble.

use std::time::Duration;

use adapters::params::Params;

use super::routes::{Target, targets};

/// `[admins]`
#[derive(Debug, Clone)]
pub struct Admins {
    /// Where they are told.
    pub to: Vec<Target>,
    /// How often conversations that were lost are tried again.
    pub retry: Duration,
}

pub(super) fn read(params: Params, surfaces: &[&str]) -> Admins {
    let read = Admins {
        to: targets(&params, "to", surfaces),
        retry: params.duration("retry", Duration::from_mins(5)).max(Duration::from_secs(1)),
    };
    params.finish();
    read
}
