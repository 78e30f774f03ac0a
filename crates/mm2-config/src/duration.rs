//! A length of time as people write it: `30s`, `5m`, `1h30m`, `500ms`. Not for points in time, and not for
//! PromQL windows, which know days and weeks.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::fmt::friendly::{Spacing, SpanParser, SpanPrinter};
use serde::de::{Deserialize, Deserializer, Visitor};
use thiserror::Error;

/// Nothing in this product lasts longer; a larger value is a slip of the pen (`500000s` for `500000ms`).
const LONGEST: Duration = Duration::from_secs(30 * 24 * 3600);

/// A duration with its unit written out, in TOML (a string) and on the command line. From 0 to 30 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HumanDuration(Duration);

/// Why a text is not a duration.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum DurationError {
    /// A bare number: seconds to one reader, milliseconds to another.
    #[error("duration `{0}` has no unit; hint: write {0}s, {0}ms or {0}m")]
    NoUnit(String),
    /// Below zero.
    #[error("duration `{0}` is negative; hint: write zero or more")]
    Negative(String),
    /// Above 30 days.
    #[error("duration `{0}` is over 30 days; hint: check its unit")]
    TooLong(String),
    /// Anything else.
    #[error("`{0}` is not a duration; hint: write it like 500ms, 30s, 5m or 1h30m")]
    Malformed(String),
}

impl HumanDuration {
    /// From a length in code, for defaults. Not checked against 30 days.
    pub const fn new(length: Duration) -> Self {
        Self(length)
    }

    /// The length.
    pub const fn get(self) -> Duration {
        self.0
    }
}

impl From<HumanDuration> for Duration {
    fn from(human: HumanDuration) -> Self {
        human.0
    }
}

impl FromStr for HumanDuration {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, DurationError> {
        let trimmed = text.trim();
        if trimmed.parse::<f64>().is_ok() {
            return Err(DurationError::NoUnit(trimmed.to_owned()));
        }
        if trimmed.starts_with('-') || trimmed.ends_with("ago") {
            return Err(DurationError::Negative(trimmed.to_owned()));
        }
        match SpanParser::new().parse_unsigned_duration(trimmed) {
            Ok(length) if length <= LONGEST => Ok(Self(length)),
            Ok(_) => Err(DurationError::TooLong(trimmed.to_owned())),
            Err(_) => Err(DurationError::Malformed(trimmed.to_owned())),
        }
    }
}

impl fmt::Display for HumanDuration {
    /// Prints what [`FromStr`] reads back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&SpanPrinter::new().spacing(Spacing::None).unsigned_duration_to_string(&self.0))
    }
}

impl<'de> Deserialize<'de> for HumanDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DurationVisitor)
    }
}

struct DurationVisitor;

impl Visitor<'_> for DurationVisitor {
    type Value = HumanDuration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration like \"500ms\", \"30s\" or \"1h30m\"")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<HumanDuration, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<HumanDuration, E> {
        Err(E::custom(DurationError::NoUnit(number.to_string())))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<HumanDuration, E> {
        Err(E::custom(DurationError::NoUnit(number.to_string())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_read_and_printed_back() {
        let check = |text: &str, millis: u64, printed: &str| {
            let read: HumanDuration = text.parse().unwrap();
            assert_eq!(read.get(), Duration::from_millis(millis), "{text}");
            assert_eq!(read.to_string(), printed);
            assert_eq!(printed.parse(), Ok(read), "what is printed is read back");
        };
        check("30s", 30_000, "30s");
        check("5m", 300_000, "5m");
        check("1h30m", 5_400_000, "1h30m");
        check("1h 30m", 5_400_000, "1h30m");
        check("1.5h", 5_400_000, "1h30m");
        check("500ms", 500, "500ms");
        check("90s", 90_000, "1m30s");
        check("0s", 0, "0s");
        check("720h", 2_592_000_000, "720h");
    }

    #[test]
    fn is_refused_with_the_remedy() {
        let check = |text: &str, expect: &str| {
            let refused = text.parse::<HumanDuration>().unwrap_err().to_string();
            assert_eq!(refused, expect);
        };
        check("30", "duration `30` has no unit; hint: write 30s, 30ms or 30m");
        check("0", "duration `0` has no unit; hint: write 0s, 0ms or 0m");
        check("-5s", "duration `-5s` is negative; hint: write zero or more");
        check("5s ago", "duration `5s ago` is negative; hint: write zero or more");
        check("721h", "duration `721h` is over 30 days; hint: check its unit");
        check("soon", "`soon` is not a duration; hint: write it like 500ms, 30s, 5m or 1h30m");
        check("", "`` is not a duration; hint: write it like 500ms, 30s, 5m or 1h30m");
        check("1d", "`1d` is not a duration; hint: write it like 500ms, 30s, 5m or 1h30m");
    }
}
