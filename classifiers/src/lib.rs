//! A log in, a diagnosis out: what broke, where it says so, what kind of failure it is, and whose move it is.
//!
//! Pure and synchronous: no network, no clock, no database. A log is read as a stream in bounded memory, cleaned
//! ([`log`]), cut into steps, matched against all rules in one pass ([`rule`]), read as the output of the tools that it
//! knows, ranked, and told as a [`Diagnosis`] in which nothing secret is left ([`redact`]).

mod anomaly;
pub mod baseline;
pub mod category;
pub mod check;
mod classifier;
mod diagnosis;
pub mod draft;
mod envelope;
mod excerpt;
mod fingerprint;
pub mod flaky;
pub mod junit;
mod lines;
pub mod log;
mod matcher;
mod origin;
mod pair;
mod rank;
pub mod redact;
pub mod rule;
mod sentence;
mod session;
mod shape;
mod tell;
mod verdict;
pub mod window;

pub use baseline::Baseline;
pub use category::{Category, Owner};
pub use classifier::{Classifier, Provisional};
pub use diagnosis::{
    AnnotationHint, Diagnosis, ExcerptLine, Failure, Finding, Hints, KeyLine, Note, SURE, Shadowed, Verdict,
};
pub use rule::{PackSource, Rule, RuleError, RuleErrors};
pub use session::Session;

#[cfg(test)]
mod tests;
