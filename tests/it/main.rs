//! The one integration binary: the real process, real sockets, real databases, a real browser.

mod architecture;
mod bad_input;
mod bot;
mod command_line;
mod kill;
mod main_job;
mod outage;
mod samples;
