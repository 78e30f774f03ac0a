//! Points in time as exports write them. Not for lengths of time.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// What times are counted from. Times of different clocks cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    /// Points in time.
    Utc,
    /// A clock on a wall whose zone was not written down.
    Local,
    /// The beginning of the window.
    Window,
}

/// How a time is written. One column is written in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `2026-01-31T12:00:00Z`, `2026-01-31 13:00:00+01:00`
    Zoned,
    /// `2026-01-31 12:00:00`
    Local,
    /// `1769860800`, `1769860800.123`
    Seconds,
    /// `1769860800123`
    Millis,
}

impl Style {
    pub(crate) fn clock(self) -> Clock {
        if self == Self::Local { Clock::Local } else { Clock::Utc }
    }
}

/// 1973 in seconds. Below it a number is a count of something else, such as seconds since a test began.
const FIRST_SECOND: f64 = 1e8;
/// The year 5138 in seconds, 1973 in milliseconds.
const FIRST_MILLI: f64 = 1e11;
/// The year 5138 in milliseconds, 1973 in microseconds.
const FIRST_MICRO: f64 = 1e14;

pub(crate) const HINT: &str =
    "write 2026-01-31T12:00:00Z, 2026-01-31 12:00:00, or the seconds or milliseconds since 1970";

/// Reads a time: how it is written, and its milliseconds on its clock. `None` where it is no time.
pub(crate) fn read(text: &str) -> Option<(Style, i64)> {
    let text = text.trim();
    if text.chars().all(|c| c.is_ascii_digit() || c == '.') {
        let number: f64 = text.parse().ok()?;
        return match number {
            n if (FIRST_SECOND..FIRST_MILLI).contains(&n) => Some((Style::Seconds, (n * 1e3).round() as i64)),
            n if (FIRST_MILLI..FIRST_MICRO).contains(&n) => Some((Style::Millis, n.round() as i64)),
            _ => None,
        };
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some((Style::Zoned, at.as_millisecond()));
    }
    // A day without a time of day is no sample's.
    let at: DateTime = text.contains(':').then(|| text.parse().ok())??;
    let at = at.to_zoned(TimeZone::UTC).ok()?;
    Some((Style::Local, at.timestamp().as_millisecond()))
}

/// As it is shown: RFC 3339, with a zone where it is known.
pub(crate) fn show(clock: Clock, ms: i64) -> String {
    match (clock, Timestamp::from_millisecond(ms)) {
        (Clock::Window, _) | (_, Err(_)) => format!("{} s", ms as f64 / 1e3),
        (Clock::Utc, Ok(at)) => at.to_string(),
        (Clock::Local, Ok(at)) => at.to_zoned(TimeZone::UTC).datetime().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_exports_write_them() {
        const NOON: i64 = 1_769_860_800_000;
        let check = |text: &str, expect: Option<(Style, i64)>| assert_eq!(read(text), expect, "{text}");
        check("2026-01-31T12:00:00Z", Some((Style::Zoned, NOON)));
        check("2026-01-31T13:00:00.250+01:00", Some((Style::Zoned, NOON + 250)));
        check("2026-01-31 12:00:00", Some((Style::Local, NOON)));
        check("2026-01-31T12:00:00.5", Some((Style::Local, NOON + 500)));
        check("1769860800", Some((Style::Seconds, NOON)));
        check("1769860800.123", Some((Style::Seconds, NOON + 123)));
        check("1769860800123", Some((Style::Millis, NOON + 123)));
        check("15", None);
        check("1769860800123456", None);
        check("2026-01-31", None);
        check("31.01.2026 12:00", None);
        check("1.7698608E+12", None);
        check("", None);
    }

    #[test]
    fn a_time_is_shown_as_it_can_be_typed() {
        assert_eq!(show(Clock::Utc, 1_769_860_800_000), "2026-01-31T12:00:00Z");
        assert_eq!(show(Clock::Local, 1_769_860_800_000), "2026-01-31T12:00:00");
    }
}
