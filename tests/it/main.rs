//! The one integration binary: the real process, real sockets, real databases, a real browser.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails by panicking"
)]

mod architecture;
mod bad_input;
mod baselines;
mod bot;
mod command_line;
mod console;
mod follow_ups;
mod history;
mod kill;
mod load;
mod main_job;
mod outage;
mod privacy;
mod questions;
mod room;
mod samples;
mod slack_install;
mod slack_pages;
mod sources;
mod subscriptions;
mod telling;
