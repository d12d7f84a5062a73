//! The outside world, one folder a system, found by what it is for.
//!
//! A foreign payload comes in at an adapter's `wire.rs`, leaves its `map.rs` as one of our own words ([`event`],
//! [`message`]), and nobody behind that door knows the payload. [`registry`] is the table of contents.

pub mod chat;
pub mod ci;
pub mod contract;
pub mod event;
pub mod form;
pub mod http;
pub mod message;
pub mod owners;
pub mod params;
pub mod registry;
pub mod seal;
pub mod secret;
pub mod webhook;
