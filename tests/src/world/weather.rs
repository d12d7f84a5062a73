//! Bad weather: calls that go wrong at random, as they do at a busy platform. The same seed brings the same weather.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// How calls go wrong, as shares of all calls that are exposed to it.
#[derive(Debug, Clone, Copy)]
pub struct Forecast {
    /// HTTP 429, asking to wait for one second.
    pub limited: f64,
    /// HTTP 503, without anything done.
    pub refused: f64,
    /// The connection breaks before anything is done.
    pub lost_before: f64,
    /// It is done, and the answer is lost.
    pub lost_after: f64,
    /// The longest that an answer takes.
    pub slowest: Duration,
}

/// What meets one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spell {
    Limited,
    Refused,
    LostBefore,
    LostAfter,
    Slow(Duration),
}

/// A forecast coming true.
pub(crate) struct Weather {
    forecast: Forecast,
    random: StdRng,
}

impl Weather {
    pub(crate) fn new(forecast: Forecast, seed: u64) -> Self {
        Self { forecast, random: StdRng::seed_from_u64(seed) }
    }

    /// What meets the next call.
    pub(crate) fn next(&mut self) -> Spell {
        let Forecast { limited, refused, lost_before, lost_after, slowest } = self.forecast;
        let mut left: f64 = self.random.random();
        for (share, spell) in [
            (limited, Spell::Limited),
            (refused, Spell::Refused),
            (lost_before, Spell::LostBefore),
            (lost_after, Spell::LostAfter),
        ] {
            if left < share {
                return spell;
            }
            left -= share;
        }
        Spell::Slow(slowest.mul_f64(self.random.random()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_as_bad_as_forecast_and_the_same_each_time() {
        let forecast = Forecast {
            limited: 0.3,
            refused: 0.1,
            lost_before: 0.1,
            lost_after: 0.1,
            slowest: Duration::from_millis(9),
        };
        let days = |seed| {
            let mut weather = Weather::new(forecast, seed);
            std::iter::repeat_with(|| weather.next()).take(10_000).collect::<Vec<_>>()
        };
        let week = days(1);
        assert_eq!(week, days(1));
        assert_ne!(week, days(2));
        let count = |wanted| week.iter().filter(|spell| **spell == wanted).count();
        assert!((2700..3300).contains(&count(Spell::Limited)));
        for rare in [Spell::Refused, Spell::LostBefore, Spell::LostAfter] {
            assert!((800..1200).contains(&count(rare)), "{rare:?}");
        }
    }
}
