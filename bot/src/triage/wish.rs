//! What a conversation may ask for: failures that fit a filter, or each day what comes and goes.

use std::fmt;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};

use super::filter::{Filter, FilterError};

/// A list that was not posted on time is posted at most so many hours late.
const LATEST_HOURS: i64 = 6;

/// What a conversation asked for.
#[derive(Debug, Clone)]
pub enum Wish {
    /// Failures, and what becomes of them.
    Failures(Filter),
    /// Each day, what came and went.
    Flakiest(Daily),
}

/// A list once a day.
#[derive(Debug, Clone)]
pub struct Daily {
    /// At what time of day.
    pub at: Time,
    /// On whose clock.
    pub zone: TimeZone,
    /// Of which pipelines; of all if nothing is said.
    pub filter: Option<Filter>,
}

/// Why a wish cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WishError {
    /// The filter cannot.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// There is no time in it, or none that can be read.
    #[error(
        "say at what time, for example `flakiest daily 09:00`, and on whose clock: `flakiest daily 09:00 Europe/Berlin`"
    )]
    Time,
    /// The list knows less than failures do.
    #[error("the daily list can be narrowed by repository, `branch:` and `workflow:`")]
    TooNarrow,
}

impl Wish {
    /// Reads it.
    ///
    /// # Errors
    /// The filter cannot be read, or the time of day.
    pub fn parse(text: &str) -> Result<Self, WishError> {
        let mut words = text.split_whitespace().map(|word| word.trim_matches('`'));
        let is_daily = words.next().is_some_and(|word| word.eq_ignore_ascii_case("flakiest"));
        if !is_daily {
            return Ok(Self::Failures(Filter::parse(text)?));
        }
        let mut words: Vec<&str> = words
            .filter(|word| !["daily", "at", "every", "day"].contains(&word.to_lowercase().as_str()))
            .collect();
        let time = words.first().and_then(|word| Time::strptime("%H:%M", word).ok());
        let at = time.ok_or(WishError::Time)?;
        words.remove(0);
        let zone = words.first().and_then(|word| TimeZone::get(word).ok());
        if zone.is_some() {
            words.remove(0);
        }
        let filter = if words.is_empty() { None } else { Some(Filter::parse(&words.join(" "))?) };
        if filter.as_ref().is_some_and(|filter| !filter.names_pipelines_only()) {
            return Err(WishError::TooNarrow);
        }
        Ok(Self::Flakiest(Daily { at, zone: zone.unwrap_or(TimeZone::UTC), filter }))
    }

    /// The filter for failures.
    pub fn failures(&self) -> Option<&Filter> {
        match self {
            Self::Failures(filter) => Some(filter),
            Self::Flakiest(_) => None,
        }
    }

    /// Whether it may have to do with a repository.
    pub fn admits_repo(&self, repo: &str) -> bool {
        match self {
            Self::Failures(filter) => filter.admits_repo(repo),
            Self::Flakiest(daily) => daily.filter.as_ref().is_none_or(|filter| filter.admits_repo(repo)),
        }
    }

    /// Whether it names exactly one repository.
    pub fn names_one_repo(&self) -> bool {
        match self {
            Self::Failures(filter) => filter.names_one_repo(),
            Self::Flakiest(daily) => daily.filter.as_ref().is_some_and(Filter::names_one_repo),
        }
    }
}

impl fmt::Display for Wish {
    /// The same wish always reads alike, however it was typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failures(filter) => filter.fmt(f),
            Self::Flakiest(daily) => {
                let zone = daily.zone.iana_name().unwrap_or("UTC");
                write!(f, "flakiest daily {} {zone}", daily.at.strftime("%H:%M"))?;
                daily.filter.as_ref().map_or(Ok(()), |filter| write!(f, " {filter}"))
            }
        }
    }
}

impl Daily {
    /// The day whose list is due now, if one is: the last time of day that has passed, not too long ago.
    pub fn due(&self, now: Timestamp) -> Option<Date> {
        let today: Zoned = now.to_zoned(self.zone.clone());
        let date = if today.time() < self.at { today.date().yesterday().ok()? } else { today.date() };
        let moment = self.zone.to_zoned(date.to_datetime(self.at)).ok()?.timestamp();
        let latest = moment.checked_add(LATEST_HOURS.hours()).ok()?;
        (moment <= now && now < latest).then_some(date)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> String {
        Wish::parse(text).map_or_else(|error| error.to_string(), |wish| wish.to_string())
    }

    #[test]
    fn a_daily_list_is_asked_for_in_few_words() {
        for (typed, read) in [
            ("flakiest daily 09:00", "flakiest daily 09:00 UTC"),
            ("Flakiest at 9:30 europe/berlin", "flakiest daily 09:30 Europe/Berlin"),
            (
                "flakiest every day 17:00 utc acme/* branch:main",
                "flakiest daily 17:00 UTC acme/* branch:main",
            ),
            ("flakiest daily 09:00 payments", "flakiest daily 09:00 UTC payments"),
            ("acme/* fixed", "acme/* fixed"),
        ] {
            assert_eq!(shown(typed), read, "{typed}");
        }
        for unclear in ["flakiest", "flakiest daily", "flakiest daily noon", "flakiest 25:00"] {
            assert_eq!(Wish::parse(unclear).unwrap_err(), WishError::Time, "{unclear}");
        }
        assert_eq!(Wish::parse("flakiest 09:00 actor:bots").unwrap_err(), WishError::TooNarrow);
    }

    #[test]
    fn a_list_is_due_once_its_time_has_come_and_not_much_later() {
        let Wish::Flakiest(daily) = Wish::parse("flakiest daily 09:00 Europe/Berlin").unwrap() else {
            panic!("it is a daily list");
        };
        let due = |now: &str| daily.due(now.parse().unwrap()).map(|date| date.to_string());
        assert_eq!(due("2026-06-10T06:59:59Z"), None);
        assert_eq!(due("2026-06-10T07:00:00Z").as_deref(), Some("2026-06-10"), "summer");
        assert_eq!(due("2026-01-10T07:30:00Z"), None);
        assert_eq!(due("2026-01-10T08:00:00Z").as_deref(), Some("2026-01-10"), "winter");
        assert_eq!(due("2026-06-10T13:00:00Z"), None, "too late");
        let Wish::Flakiest(late) = Wish::parse("flakiest daily 23:30").unwrap() else { panic!() };
        assert_eq!(late.due("2026-06-11T01:00:00Z".parse().unwrap()).unwrap().to_string(), "2026-06-10");
    }

    proptest! {
        #[test]
        fn any_wish_is_read_or_refused_and_reads_back(text in "(flakiest (daily )?[0-9:]{4,5} )?\\PC{0,60}") {
            if let Ok(wish) = Wish::parse(&text) {
                let shown = wish.to_string();
                prop_assert_eq!(Wish::parse(&shown).map(|again| again.to_string()), Ok(shown));
            }
        }
    }
}
