//! What every webhook receiver shares: how a refusal is worded, signatures over the raw body in constant time, replay windows.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use crate::secret::Secret;

/// The largest webhook body that is read: GitHub's own cap on what it sends.
pub const MAX_BODY_BYTES: usize = 25 * 1024 * 1024;

/// How far a signed time stamp may be from now: Slack's rule, and the common one elsewhere.
pub const REPLAY_WINDOW_SECONDS: i64 = 5 * 60;

/// Why a webhook was not accepted. Each variant is one HTTP status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// 401: it does not prove where it comes from. Nothing is stored.
    #[error("not verified: {0}")]
    Unverified(String),
    /// 400: verified, but not what it should be.
    #[error("malformed: {0}")]
    Malformed(String),
    /// 202: verified, and an event that we have no use for. Counted, not stored.
    #[error("ignored: {0}")]
    Ignored(String),
}

/// Whether `given_hex` (either case) is the HMAC-SHA256 of `parts`, joined, under `key`. Constant time in the digest.
pub fn hmac_sha256_matches(key: &Secret, parts: &[&[u8]], given_hex: &str) -> bool {
    let Ok(given) = hex::decode(given_hex.trim()) else { return false };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.reveal().as_bytes()) else { return false };
    for part in parts {
        mac.update(part);
    }
    mac.verify_slice(&given).is_ok()
}

/// Whether `seconds` (Unix time) lies within [`REPLAY_WINDOW_SECONDS`] of `now`, either way.
pub fn within_replay_window(seconds: i64, now: Timestamp) -> bool {
    now.as_second().abs_diff(seconds) <= REPLAY_WINDOW_SECONDS.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of GitHub's documentation page "Validating webhook deliveries".
    #[test]
    fn documented_github_example_verifies() {
        let key = Secret::new("It's a Secret to Everybody");
        let digest = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert!(hmac_sha256_matches(&key, &[b"Hello, World!"], digest));
        assert!(hmac_sha256_matches(&key, &[b"Hello, ", b"World!"], &digest.to_uppercase()));
        assert!(!hmac_sha256_matches(&key, &[b"Hello, World?"], digest));
    }

    #[test]
    fn short_long_and_foreign_digests_are_refused() {
        let key = Secret::new("k");
        for digest in ["", "00", "zz", &"0".repeat(64), &"0".repeat(128)] {
            assert!(!hmac_sha256_matches(&key, &[b"body"], digest), "{digest:?}");
        }
    }

    #[test]
    fn replay_window_is_five_minutes_either_way() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        assert!(within_replay_window(1_800_000_000 - 300, now));
        assert!(within_replay_window(1_800_000_000 + 300, now));
        assert!(!within_replay_window(1_800_000_000 - 301, now));
        assert!(!within_replay_window(1_800_000_000 + 301, now));
        assert!(!within_replay_window(i64::MIN, now));
    }
}
