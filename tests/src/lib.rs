//! The outside world, simulated on the wire: one module a system, each strict about what it is asked, and real services
//! where they can be started. Tests fake the wire, never a client of ours.

#[path = "world/github/mod.rs"]
pub mod github;

#[path = "world/slack.rs"]
pub mod slack;

#[path = "world/postgres.rs"]
pub mod postgres;

#[path = "world/browser.rs"]
pub mod browser;

#[path = "world/discord.rs"]
pub mod discord;

#[path = "world/weather.rs"]
mod weather;

pub use weather::Forecast;
