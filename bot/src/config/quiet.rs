//! `[[quiet]]`: when conversations are left alone, and what is told all the same.

use adapters::params::Params;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, Zoned};

use super::routes::{Target, targets};
use crate::triage::filter::{Filter, Subject};

/// The days of the week, as they are written.
const DAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

/// A quiet time is followed through at most so many nights and quiet days.
const LONGEST: usize = 21;

/// One `[[quiet]]`.
#[derive(Debug, Clone)]
pub struct Quiet {
    /// Which conversations; empty for all on chat platforms.
    pub to: Vec<Target>,
    /// When.
    pub hours: Hours,
    /// What is told at once all the same.
    pub urgent: Vec<Filter>,
}

/// Hours of the day and days of the week in one place of the world.
#[derive(Debug, Clone)]
pub struct Hours {
    /// From when until when each day; over midnight if the first is the later one.
    pub daily: Option<(Time, Time)>,
    /// Whole days.
    pub days: Vec<Weekday>,
    /// Whose clock counts.
    pub zone: TimeZone,
}

impl Quiet {
    /// Whether a conversation is meant. The console is read when somebody wants to, so it must be named.
    pub fn covers(&self, target: &Target) -> bool {
        if self.to.is_empty() { target.surface != "console" } else { self.to.contains(target) }
    }

    /// Whether something is told all the same.
    pub fn is_broken_by(&self, subject: &Subject<'_>) -> bool {
        self.urgent.iter().any(|filter| filter.admits(subject))
    }
}

impl Hours {
    /// When the quiet time ends that it is now; `None` if it is none.
    pub fn end(&self, now: Timestamp) -> Option<Timestamp> {
        let mut at = now;
        for _ in 0..LONGEST {
            match self.next(&at.to_zoned(self.zone.clone())) {
                Some(next) if next > at => at = next,
                _ => break,
            }
        }
        (at > now).then_some(at)
    }

    /// The end of the quiet night or day that a moment lies in.
    fn next(&self, at: &Zoned) -> Option<Timestamp> {
        let (today, time) = (at.date(), at.time());
        if let Some((from, until)) = self.daily {
            let over_midnight = from > until;
            if over_midnight && time >= from {
                return self.moment(today.tomorrow().ok()?, until, at);
            }
            if (over_midnight || time >= from) && time < until {
                return self.moment(today, until, at);
            }
        }
        if self.days.contains(&today.weekday()) {
            return self.moment(today.tomorrow().ok()?, Time::midnight(), at);
        }
        None
    }

    /// The first moment after another at which the clock shows this, or would if it did not leap over it.
    fn moment(&self, date: Date, time: Time, after: &Zoned) -> Option<Timestamp> {
        let ambiguous = self.zone.to_ambiguous_zoned(date.to_datetime(time));
        if let AmbiguousOffset::Gap { .. } = ambiguous.offset() {
            // The clock leaps over it: it is over when the clock leaps.
            return self.zone.following(after.timestamp()).next().map(|leap| leap.timestamp());
        }
        let earlier = ambiguous.clone().earlier().ok()?.timestamp();
        if earlier > after.timestamp() { Some(earlier) } else { Some(ambiguous.later().ok()?.timestamp()) }
    }
}

pub(super) fn read(root: &Params, surfaces: &[&str]) -> Vec<Quiet> {
    root.list_of_tables("quiet").into_iter().map(|params| quiet(params, surfaces)).collect()
}

fn quiet(params: Params, surfaces: &[&str]) -> Quiet {
    let daily = match (time(&params, "from"), time(&params, "until")) {
        (Some(from), Some(until)) if from != until => Some((from, until)),
        (None, None) => None,
        (Some(_), Some(_)) => {
            params.fault("until", "must be another time than `from`; name whole days in `days`");
            None
        }
        _ => {
            params.fault("until", "`from` and `until` go together: from = \"22:00\", until = \"07:00\"");
            None
        }
    };
    let days = params
        .texts("days")
        .iter()
        .filter_map(|day| {
            let known = DAYS.iter().find(|(name, _)| name.eq_ignore_ascii_case(day));
            if known.is_none() {
                params.fault("days", format!("`{day}` is no day: write for example \"saturday\""));
            }
            known.map(|(_, weekday)| *weekday)
        })
        .collect::<Vec<_>>();
    let name = params.text("zone").unwrap_or_else(|| "UTC".to_owned());
    let zone = TimeZone::get(&name).unwrap_or_else(|_| {
        params.fault("zone", format!("`{name}` is no time zone: write for example \"Europe/Berlin\""));
        TimeZone::UTC
    });
    let urgent = params
        .texts("urgent")
        .iter()
        .filter_map(|text| {
            Filter::parse(text).map_err(|error| params.fault("urgent", error.to_string())).ok()
        })
        .collect();
    let read = Quiet { to: targets(&params, "to", surfaces), hours: Hours { daily, days, zone }, urgent };
    if read.hours.daily.is_none() && read.hours.days.is_empty() {
        params.fault("from", "says when it is quiet: set `from` and `until`, or `days`");
    }
    params.finish();
    read
}

fn time(params: &Params, key: &str) -> Option<Time> {
    let given = params.text(key)?;
    let read = ["%H:%M", "%H:%M:%S"].iter().find_map(|form| Time::strptime(form, &given).ok());
    if read.is_none() {
        params.fault(key, format!("`{given}` is no time of day: write for example \"22:00\""));
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        Time::strptime("%H:%M", text).unwrap()
    }

    /// When it ends, on the clock of Berlin.
    fn ends(from: &str, until: &str, days: &[Weekday], now: &str) -> String {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let hours = Hours { daily: Some((at(from), at(until))), days: days.to_vec(), zone: zone.clone() };
        let now: Timestamp = now.parse().unwrap();
        let end = hours.end(now);
        end.map_or("not quiet".to_owned(), |end| end.to_zoned(zone).strftime("%a %H:%M %:z").to_string())
    }

    #[test]
    fn nights_go_over_midnight() {
        let night = |now| ends("22:00", "07:00", &[], now);
        assert_eq!(night("2026-06-10T19:59:59Z"), "not quiet");
        assert_eq!(night("2026-06-10T20:00:00Z"), "Thu 07:00 +02:00");
        assert_eq!(night("2026-06-11T04:59:59Z"), "Thu 07:00 +02:00");
        assert_eq!(night("2026-06-11T05:00:00Z"), "not quiet");
        assert_eq!(ends("12:00", "13:00", &[], "2026-06-11T10:30:00Z"), "Thu 13:00 +02:00");
        assert_eq!(ends("12:00", "13:00", &[], "2026-06-11T20:30:00Z"), "not quiet");
    }

    #[test]
    fn quiet_days_join_the_nights_around_them() {
        let weekend = [Weekday::Saturday, Weekday::Sunday];
        let friday_night = ends("22:00", "07:00", &weekend, "2026-06-12T20:30:00Z");
        assert_eq!(friday_night, "Mon 07:00 +02:00");
        assert_eq!(ends("22:00", "07:00", &weekend, "2026-06-14T10:00:00Z"), "Mon 07:00 +02:00");
    }

    /// 2026-03-29 02:00 became 03:00, and 2026-10-25 03:00 became 02:00.
    #[test]
    fn clocks_that_leap_end_it_once() {
        assert_eq!(ends("22:00", "07:00", &[], "2026-03-28T22:00:00Z"), "Sun 07:00 +02:00");
        assert_eq!(
            ends("22:00", "02:30", &[], "2026-03-28T22:00:00Z"),
            "Sun 03:00 +02:00",
            "there is no 02:30"
        );
        assert_eq!(ends("22:00", "02:30", &[], "2026-03-29T01:00:00Z"), "not quiet");
        assert_eq!(ends("22:00", "07:00", &[], "2026-10-24T21:00:00Z"), "Sun 07:00 +01:00");
        assert_eq!(
            ends("22:00", "02:30", &[], "2026-10-24T21:00:00Z"),
            "Sun 02:30 +02:00",
            "the first 02:30"
        );
        let second_time = ends("22:00", "02:30", &[], "2026-10-25T01:10:00Z");
        assert_eq!(second_time, "Sun 02:30 +01:00", "02:10 came once more");
    }

    #[test]
    fn every_day_quiet_ends_somewhere() {
        let all: Vec<Weekday> = DAYS.iter().map(|(_, day)| *day).collect();
        assert_ne!(ends("22:00", "07:00", &all, "2026-06-12T20:30:00Z"), "not quiet");
    }
}
