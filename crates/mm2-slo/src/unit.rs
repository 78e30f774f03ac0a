//! Units, and quantities as people write them: `500 ms`, `1 MB/s`, `70 %`.
//!
//! Not here: what a quantity is compared with ([`crate::bands`]).

use std::fmt;

use serde::{Deserialize, Serialize};

/// The unit of a signal, a limit or a value. Per cent and ratio are two units: Connect's "percentages" are
/// fractions of 1, and a limit of `1 %` must not be held against them as `1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unit {
    /// Milliseconds.
    Ms,
    /// Seconds.
    S,
    /// Bytes.
    Bytes,
    /// Records.
    Records,
    /// Records per second.
    #[serde(rename = "records/s")]
    RecordsPerSec,
    /// Bytes per second.
    #[serde(rename = "bytes/s")]
    BytesPerSec,
    /// Per cent: 0 to 100 for a share.
    Percent,
    /// Ratio: 0 to 1 for a share.
    Ratio,
    /// A plain number of things: tasks, brokers, rebalances.
    Count,
}

/// What units of a kind share: within one, quantities convert.
#[derive(PartialEq, Eq)]
enum Dimension {
    Time,
    Bytes,
    Records,
    RecordRate,
    ByteRate,
    Share,
    Count,
}

/// What may stand behind a number: spelling, unit, and how many of the unit it is.
const SPELLINGS: &[(&str, Unit, f64)] = &[
    ("us", Unit::Ms, 1e-3),
    ("ms", Unit::Ms, 1.0),
    ("s", Unit::S, 1.0),
    ("min", Unit::S, 60.0),
    ("h", Unit::S, 3_600.0),
    ("d", Unit::S, 86_400.0),
    ("B", Unit::Bytes, 1.0),
    ("bytes", Unit::Bytes, 1.0),
    ("kB", Unit::Bytes, 1e3),
    ("MB", Unit::Bytes, 1e6),
    ("GB", Unit::Bytes, 1e9),
    ("KiB", Unit::Bytes, 1_024.0),
    ("MiB", Unit::Bytes, 1_048_576.0),
    ("GiB", Unit::Bytes, 1_073_741_824.0),
    ("records", Unit::Records, 1.0),
    ("records/s", Unit::RecordsPerSec, 1.0),
    ("msg/s", Unit::RecordsPerSec, 1.0),
    ("bytes/s", Unit::BytesPerSec, 1.0),
    ("kB/s", Unit::BytesPerSec, 1e3),
    ("MB/s", Unit::BytesPerSec, 1e6),
    ("GB/s", Unit::BytesPerSec, 1e9),
    ("%", Unit::Percent, 1.0),
];

impl Unit {
    /// The name in files: `ms`, `records/s`, `percent` …
    pub fn name(self) -> &'static str {
        match self {
            Self::Ms => "ms",
            Self::S => "s",
            Self::Bytes => "bytes",
            Self::Records => "records",
            Self::RecordsPerSec => "records/s",
            Self::BytesPerSec => "bytes/s",
            Self::Percent => "percent",
            Self::Ratio => "ratio",
            Self::Count => "count",
        }
    }

    /// What stands behind a number: `%` for per cent, nothing for ratio and count.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Percent => "%",
            Self::Ratio | Self::Count => "",
            named => named.name(),
        }
    }

    /// The unit of a growth of this one per second of time, and by what a growth per second is multiplied
    /// to be in it; `None` where no unit says it.
    pub(crate) fn per_second(self) -> Option<(Self, f64)> {
        match self {
            Self::Records => Some((Self::RecordsPerSec, 1.0)),
            Self::Bytes => Some((Self::BytesPerSec, 1.0)),
            // Processor seconds per second: cores, or the share of the time.
            Self::S => Some((Self::Ratio, 1.0)),
            Self::Ms => Some((Self::Ratio, 1e-3)),
            _ => None,
        }
    }

    fn dimension(self) -> Dimension {
        match self {
            Self::Ms | Self::S => Dimension::Time,
            Self::Bytes => Dimension::Bytes,
            Self::Records => Dimension::Records,
            Self::RecordsPerSec => Dimension::RecordRate,
            Self::BytesPerSec => Dimension::ByteRate,
            Self::Percent | Self::Ratio => Dimension::Share,
            Self::Count => Dimension::Count,
        }
    }

    /// By what a value in this unit is multiplied to be in `other`; `None` where it is another kind of thing.
    pub(crate) fn factor_to(self, other: Self) -> Option<f64> {
        if self.dimension() != other.dimension() {
            return None;
        }
        Some(match (self, other) {
            (Self::S, Self::Ms) => 1e3,
            (Self::Ms, Self::S) => 1e-3,
            (Self::Ratio, Self::Percent) => 100.0,
            (Self::Percent, Self::Ratio) => 0.01,
            _ => 1.0,
        })
    }

    /// A value with its unit, short enough for a sentence: `323 ms`, `10,000 records`, `0.25 %`.
    pub fn show(self, value: f64) -> String {
        let number = short(value);
        match self {
            Self::Ratio | Self::Count => number,
            unit => format!("{number} {}", unit.symbol()),
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A finite number with a unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantity {
    value: f64,
    unit: Unit,
}

impl Quantity {
    /// `None` where `value` is not finite.
    pub fn new(value: f64, unit: Unit) -> Option<Self> {
        value.is_finite().then_some(Self { value, unit })
    }

    /// The number, in [`unit`](Self::unit).
    pub fn value(self) -> f64 {
        self.value
    }

    /// The unit.
    pub fn unit(self) -> Unit {
        self.unit
    }

    /// The number in `unit`; `None` where that is another kind of thing (bytes in seconds).
    pub fn value_in(self, unit: Unit) -> Option<f64> {
        self.unit.factor_to(unit).map(|factor| self.value * factor)
    }

    /// Reads `500 ms`, `1.5 MB/s`, `10_000 records`. A number without a unit is a count, or a ratio where
    /// `bare` says so.
    ///
    /// # Errors
    /// What is wrong, and what may be written instead.
    pub(crate) fn parse(text: &str, bare: Unit) -> Result<Self, String> {
        let text = text.trim();
        let end = text
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '+')))
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let value: f64 = number
            .replace('_', "")
            .parse()
            .map_err(|_| format!("`{text}` does not begin with a number; write for example `500 ms`"))?;
        let unit = unit.trim();
        if unit.is_empty() {
            return match bare {
                Unit::Count | Unit::Ratio => Self::new(value, bare),
                _ => return Err(format!("`{text}` has no unit; write `{text} {}`", bare.symbol())),
            }
            .ok_or_else(|| format!("`{text}` is not a finite number"));
        }
        let (_, unit, factor) =
            SPELLINGS.iter().find(|(spelling, ..)| *spelling == unit).ok_or_else(|| {
                let known: Vec<&str> = SPELLINGS.iter().map(|(spelling, ..)| *spelling).collect();
                format!("`{unit}` is no unit; known are {}", known.join(", "))
            })?;
        Self::new(value * factor, *unit).ok_or_else(|| format!("`{text}` is not a finite number"))
    }
}

/// Reads `500 ms`, `1.5 MB/s`, `70 %`; a number without a unit is a count. The error says what may be written instead.
impl std::str::FromStr for Quantity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text, Unit::Count)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.unit.show(self.value))
    }
}

/// Three digits or more, thousands apart, no zeros at the end.
fn short(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 100.0 || size == 0.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        size if size >= 0.01 => 3,
        size if size >= 1e-6 => 6,
        _ => return format!("{value:e}"),
    };
    let digits = format!("{value:.decimals$}");
    let digits = if decimals == 0 { &digits } else { digits.trim_end_matches('0').trim_end_matches('.') };
    let (whole, rest) = digits.find('.').map_or((digits, ""), |at| digits.split_at(at));
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |whole| ("-", whole));
    let mut apart = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            apart.push(',');
        }
        apart.push(digit);
    }
    format!("{sign}{apart}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_with_their_unit() {
        let check =
            |text: &str, bare, expect: Result<(f64, Unit), &str>| match (Quantity::parse(text, bare), expect)
            {
                (Ok(got), Ok((value, unit))) => {
                    assert_eq!((got.unit(), got.value()), (unit, value), "{text}");
                }
                (Err(said), Err(part)) => assert!(said.contains(part), "{text}: {said}"),
                (got, expect) => panic!("{text}: {got:?}, not {expect:?}"),
            };
        check("500 ms", Unit::Ms, Ok((500.0, Unit::Ms)));
        check("1.5s", Unit::Ms, Ok((1.5, Unit::S)));
        check("5 min", Unit::Ms, Ok((300.0, Unit::S)));
        check("10_000 records", Unit::Records, Ok((10_000.0, Unit::Records)));
        check("0.5 MB/s", Unit::BytesPerSec, Ok((500_000.0, Unit::BytesPerSec)));
        check("512 KiB", Unit::Bytes, Ok((524_288.0, Unit::Bytes)));
        check("70 %", Unit::Ratio, Ok((70.0, Unit::Percent)));
        check("0.99", Unit::Ratio, Ok((0.99, Unit::Ratio)));
        check("3", Unit::Count, Ok((3.0, Unit::Count)));
        check("500", Unit::Ms, Err("no unit; write `500 ms`"));
        check("500 mss", Unit::Ms, Err("is no unit"));
        check("inf ms", Unit::Ms, Err("does not begin with a number"));
        check("NaN", Unit::Count, Err("does not begin with a number"));
        check("", Unit::Count, Err("does not begin with a number"));
        check(&format!("{} s", "9".repeat(400)), Unit::S, Err("not a finite number"));
    }

    #[test]
    fn a_share_in_per_cent_is_not_a_ratio() {
        let share = Quantity::parse("1 %", Unit::Ratio).unwrap();
        assert_eq!(share.value_in(Unit::Ratio), Some(0.01));
        assert_eq!(share.value_in(Unit::Count), None);
        assert_eq!(Quantity::new(2.0, Unit::S).unwrap().value_in(Unit::Ms), Some(2_000.0));
    }

    #[test]
    fn values_are_shown_short() {
        let check = |value: f64, unit: Unit, expect: &str| assert_eq!(unit.show(value), expect);
        check(323.4, Unit::Ms, "323 ms");
        check(1_234_567.0, Unit::Records, "1,234,567 records");
        check(0.25, Unit::Percent, "0.25 %");
        check(12.0, Unit::S, "12 s");
        check(-4.5, Unit::Percent, "-4.5 %");
        check(0.0, Unit::Count, "0");
        check(1e-9, Unit::Ratio, "1e-9");
    }
}
