//! Logs for these tests, as GitHub's runner prints them. Printed by real tools on small projects of ours.

use std::fmt::Write;

/// `cargo test` with one failing test.
pub(crate) const CARGO_TEST: &str = include_str!("../../bot/demo/logs/payments-test.log");

/// `npm install` against a registry that answers 429.
pub(crate) const NPM_429: &str = include_str!("../../bot/demo/logs/checkout-install.log");

/// `pytest` in a job that prints its environment, secrets and all.
pub(crate) const SECRETS: &str = include_str!("../../bot/demo/logs/loyalty-test.log");

/// A log of about `bytes`: a green build's chatter in front of the failing test.
pub(crate) fn long_log(bytes: usize) -> String {
    let mut log = String::with_capacity(bytes + CARGO_TEST.len());
    let mut number = 0_u64;
    while log.len() + CARGO_TEST.len() < bytes {
        number += 1;
        let _ = writeln!(
            log,
            "2026-11-23T14:06:{:02}.{:07}Z    Compiling crate-{number} v1.{}.{} (registry)",
            number % 60,
            number % 10_000_000,
            number % 17,
            number % 9
        );
    }
    log.push_str(CARGO_TEST);
    log
}
