//! `/api/v1`: the same facts as JSON, for programs.

pub(super) mod ask;
pub(super) mod failures;
pub(super) mod posts;
pub(super) mod runs;

use jiff::Timestamp;

/// Items in an answer if the caller names no number.
const USUAL_LIMIT: u32 = 50;
/// Items in an answer at most.
const MAX_LIMIT: u32 = 200;

/// The number of items asked for, within bounds.
fn limit(asked: Option<u32>) -> u32 {
    asked.unwrap_or(USUAL_LIMIT).clamp(1, MAX_LIMIT)
}

/// A moment as JSON has it: RFC 3339 with milliseconds.
fn instant(ms: i64) -> Timestamp {
    crate::store::moment(ms)
}
