//! How far back, or for how long: `today`, `2h`, `the last 3 days`.

use jiff::SignedDuration;
/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// In minutes; never 0.
    pub minutes: u32,
}

/// Nobody means more than this.
const LONGEST_DAYS: u32 = 90;
const HOUR: u32 = 60;
const DAY: u32 = 24 * HOUR;

pattern!(
    COUNTED,
    r"\b(\d{1,4}|an?|one|two|three|few|couple\s+of)?\s*(m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|months?)\b"
);

/// Words for a length of time, the longer ones before those that they contain.
const NAMED: &[(&str, u32)] = &[
    ("day before yesterday", 3 * DAY),
    ("yesterday", 2 * DAY),
    ("today", DAY),
    ("tonight", DAY),
    ("overnight", DAY),
    ("last night", DAY),
    ("this morning", DAY),
    ("this afternoon", DAY),
    ("lately", 7 * DAY),
    ("recently", 7 * DAY),
    ("weekend", 4 * DAY),
    ("since monday", 7 * DAY),
    ("since tuesday", 7 * DAY),
    ("since wednesday", 7 * DAY),
    ("since thursday", 7 * DAY),
    ("since friday", 7 * DAY),
];

impl Window {
    /// So many days.
    pub const fn days(days: u32) -> Self {
        Self { minutes: days * DAY }
    }

    /// As a duration.
    pub fn duration(self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.minutes))
    }

    /// The window that a question names, in lower case.
    pub(super) fn of(lower: &str) -> Option<Self> {
        if let Some((_, minutes)) = NAMED.iter().find(|(name, _)| lower.contains(name)) {
            return Some(Self { minutes: *minutes });
        }
        COUNTED.captures_iter(lower).find_map(|found| {
            let number = match found.get(1).map(|number| number.as_str()) {
                // "this week", "last day": one. A single letter alone is no time.
                None if found[2].len() > 2 => 1,
                None => return None,
                Some("a" | "an" | "one") => 1,
                Some("two") => 2,
                Some("three" | "few") => 3,
                Some(couple) if couple.starts_with("couple") => 2,
                Some(digits) => digits.parse().ok()?,
            };
            let unit = match &found[2] {
                unit if unit.starts_with("mo") => 30 * DAY,
                unit if unit.starts_with('m') => 1,
                unit if unit.starts_with('h') => HOUR,
                unit if unit.starts_with('d') => DAY,
                _ => 7 * DAY,
            };
            let minutes = u32::checked_mul(number, unit)?.min(LONGEST_DAYS * DAY);
            (minutes > 0).then_some(Self { minutes })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let hours = |text| Window::of(text).map(|window| f64::from(window.minutes) / 60.0);
        for (text, expected) in [
            ("what broke today", Some(24.0)),
            ("mute 2h", Some(2.0)),
            ("mute for 90 minutes", Some(1.5)),
            ("mute 30m", Some(0.5)),
            ("in the last 3 days", Some(72.0)),
            ("this week", Some(168.0)),
            ("in the past hour", Some(1.0)),
            ("within an hour", Some(1.0)),
            ("the last couple of days", Some(48.0)),
            ("the day before yesterday", Some(72.0)),
            ("9999 weeks", Some(90.0 * 24.0)),
            ("0h", None),
            ("exit code 2 in step d", None),
            ("what is broken", None),
        ] {
            assert_eq!(hours(text), expected, "{text}");
        }
    }
}
