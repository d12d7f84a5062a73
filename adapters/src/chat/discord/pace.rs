//! Pace: Discord says with each answer how many more calls of its kind it takes, and when it takes the next.
//!
//! A call that would be refused is not made: refused calls count against the address, and 10,000 of them in ten minutes shut
//! it out. Whoever wanted it is told how long to wait, as if Discord had said so.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::{HeaderMap, Method};
use serenity::http::RatelimitingBucket;

/// Kinds of calls that are remembered; past that all that are over are forgotten.
const REMEMBERED: usize = 4096;

/// Calls that Discord counts together, as the SDK knows them, by method.
pub(super) type Kind = (Method, RatelimitingBucket);

/// When calls may be made again.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<Waits>);

#[derive(Debug, Default)]
struct Waits {
    everything: Option<Instant>,
    by_kind: HashMap<Kind, Instant>,
}

impl Pace {
    /// How long calls of this kind have to wait.
    pub(super) fn wait(&self, kind: &Kind, now: Instant) -> Option<Duration> {
        let waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let until = waits.everything.max(waits.by_kind.get(kind).copied())?;
        until.checked_duration_since(now).filter(|wait| !wait.is_zero())
    }

    /// Notes what an answer says. `refused_for` is set if it is a refusal for haste.
    pub(super) fn note(&self, kind: &Kind, headers: &HeaderMap, refused_for: Option<Duration>, now: Instant) {
        let mut waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let word = |name: &str| headers.get(name)?.to_str().ok();
        if let Some(after) = refused_for {
            if word("x-ratelimit-global").is_some() || word("x-ratelimit-scope") == Some("global") {
                waits.everything = Some(now + after);
                return;
            }
            waits.remember(kind, now + after, now);
        } else if word("x-ratelimit-remaining") == Some("0")
            && let Some(after) = word("x-ratelimit-reset-after")
                .and_then(|seconds| Duration::try_from_secs_f64(seconds.parse().ok()?).ok())
        {
            waits.remember(kind, now + after, now);
        }
    }
}

impl Waits {
    fn remember(&mut self, kind: &Kind, until: Instant, now: Instant) {
        if self.by_kind.len() >= REMEMBERED {
            self.by_kind.retain(|_, until| *until > now);
        }
        self.by_kind.insert(kind.clone(), until);
    }
}

#[cfg(test)]
mod tests {
    use serenity::all::{ChannelId, MessageId};
    use serenity::http::Route;

    use super::*;

    fn kind(channel: u64, message: u64) -> Kind {
        let route = Route::ChannelMessage {
            channel_id: ChannelId::new(channel),
            message_id: MessageId::new(message),
        };
        (Method::PATCH, route.ratelimiting_bucket())
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| ((*name).parse().unwrap(), (*value).parse().unwrap())).collect()
    }

    #[test]
    fn a_used_up_kind_waits_and_others_do_not() {
        let (pace, now) = (Pace::default(), Instant::now());
        let (a, b) = (kind(1, 5), kind(2, 5));
        assert_eq!(a, kind(1, 6), "edits of one channel are counted together");
        pace.note(
            &a,
            &headers(&[("x-ratelimit-remaining", "1"), ("x-ratelimit-reset-after", "9")]),
            None,
            now,
        );
        assert_eq!(pace.wait(&a, now), None);
        pace.note(
            &a,
            &headers(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset-after", "1.5")]),
            None,
            now,
        );
        assert_eq!(pace.wait(&a, now), Some(Duration::from_millis(1500)));
        assert_eq!(pace.wait(&b, now), None);
        assert_eq!(pace.wait(&a, now + Duration::from_secs(2)), None);
    }

    #[test]
    fn a_global_refusal_stops_everything() {
        let (pace, now) = (Pace::default(), Instant::now());
        let (a, b) = (kind(1, 5), kind(2, 5));
        pace.note(&a, &headers(&[("x-ratelimit-global", "true")]), Some(Duration::from_secs(3)), now);
        assert_eq!(pace.wait(&b, now), Some(Duration::from_secs(3)));
        pace.note(&b, &headers(&[]), Some(Duration::from_secs(7)), now);
        assert_eq!(pace.wait(&b, now), Some(Duration::from_secs(7)));
        assert_eq!(pace.wait(&a, now), Some(Duration::from_secs(3)));
    }
}
