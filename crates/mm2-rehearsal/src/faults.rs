//! What the mirror is told to do badly, as text: `delay=1500ms,cap=7200/s`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::fmt::friendly::SpanParser;
use thiserror::Error;

/// What can be asked for, with an example of each: the text of every hint.
const ACCEPTED: &str = "delay=1500ms, cap=7200/s";
const NAMES: [&str; 2] = ["delay", "cap"];
const NOT_YET: [&str; 5] = ["loss", "duplicate", "reorder", "corrupt", "stall"];

const LONGEST_DELAY: Duration = Duration::from_secs(600);
/// The mocks were measured up to 200 000 records/s of 1 KiB; a cap above a million caps nothing.
const HIGHEST_CAP: u32 = 1_000_000;

/// What the mirror does badly; nothing by default. Faults combine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    /// Every record leaves the mirror no earlier than this after it arrived there. 1 ms to 10 min.
    pub delay: Option<Duration>,
    /// Records per second that the mirror lets through, over all topics and partitions. 1 to 1 000 000.
    pub cap_per_sec: Option<u32>,
}

/// Why a text names no faults. Each variant holds the part that is wrong.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum FaultsError {
    /// An empty part, or none at all.
    #[error("a fault is missing in `{0}`; write one or more of {ACCEPTED}, separated by commas")]
    Empty(String),
    /// Not a fault.
    #[error("`{part}` names no fault{}; write one of {ACCEPTED}", did_you_mean(*.near))]
    Unknown {
        /// As written.
        part: String,
        /// What was probably meant.
        near: Option<&'static str>,
    },
    /// A fault that this version has not.
    #[error("`{0}` asks for a fault that this version does not have yet; write one of {ACCEPTED}")]
    NotYet(String),
    /// A name without a value.
    #[error("`{part}` has no value; write it like {example}")]
    NoValue {
        /// As written.
        part: String,
        /// How it would be right.
        example: &'static str,
    },
    /// The same fault twice.
    #[error("`{0}` is given a second time; keep one of them")]
    Twice(String),
    /// Not a length of time, or too short or long.
    #[error("`{0}` is not a delay from 1ms to 10m; write it like delay=1500ms or delay=10s")]
    Delay(String),
    /// Not a rate, or too low or high.
    #[error("`{0}` is not a rate from 1/s to {HIGHEST_CAP}/s; write it like cap=7200/s")]
    Cap(String),
}

fn did_you_mean(name: Option<&'static str>) -> String {
    name.map(|name| format!(" (did you mean {name}?)")).unwrap_or_default()
}

impl Faults {
    fn add(&mut self, part: &str) -> Result<(), FaultsError> {
        let (name, value) = part.split_once('=').map_or((part, ""), |(n, v)| (n.trim(), v.trim()));
        match name {
            "delay" => {
                let value = given(part, value, "delay=1500ms")?;
                let delay = parse_delay(value).ok_or_else(|| FaultsError::Delay(part.to_owned()))?;
                once(&mut self.delay, delay, part)
            }
            "cap" => {
                let value = given(part, value, "cap=7200/s")?;
                let cap = parse_cap(value).ok_or_else(|| FaultsError::Cap(part.to_owned()))?;
                once(&mut self.cap_per_sec, cap, part)
            }
            _ if NOT_YET.contains(&name) => Err(FaultsError::NotYet(part.to_owned())),
            _ => Err(FaultsError::Unknown { part: part.to_owned(), near: nearest(name) }),
        }
    }
}

fn given<'v>(part: &str, value: &'v str, example: &'static str) -> Result<&'v str, FaultsError> {
    if value.is_empty() { Err(FaultsError::NoValue { part: part.to_owned(), example }) } else { Ok(value) }
}

fn once<T>(slot: &mut Option<T>, value: T, part: &str) -> Result<(), FaultsError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(FaultsError::Twice(part.to_owned())),
    }
}

/// Whole milliseconds: the mirror looks no more often than that.
fn parse_delay(text: &str) -> Option<Duration> {
    let parsed = SpanParser::new().parse_unsigned_duration(text).ok()?;
    let whole = Duration::from_millis(u64::try_from(parsed.as_millis()).ok()?);
    (!whole.is_zero() && whole <= LONGEST_DELAY).then_some(whole)
}

fn parse_cap(text: &str) -> Option<u32> {
    let per_sec = text.strip_suffix("/s")?.trim().parse().ok()?;
    (1..=HIGHEST_CAP).contains(&per_sec).then_some(per_sec)
}

fn nearest(name: &str) -> Option<&'static str> {
    NAMES.into_iter().find(|known| strsim::damerau_levenshtein(known, &name.to_lowercase()) <= 2)
}

impl FromStr for Faults {
    type Err = FaultsError;

    fn from_str(text: &str) -> Result<Self, FaultsError> {
        let mut faults = Self::default();
        for part in text.split(',').map(str::trim) {
            if part.is_empty() {
                return Err(FaultsError::Empty(text.to_owned()));
            }
            faults.add(part)?;
        }
        Ok(faults)
    }
}

impl fmt::Display for Faults {
    /// Prints what [`FromStr`] reads back; nothing when there are no faults.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let delay = self.delay.map(|delay| match delay.subsec_millis() {
            0 => format!("delay={}s", delay.as_secs()),
            _ => format!("delay={}ms", delay.as_millis()),
        });
        let cap = self.cap_per_sec.map(|per_sec| format!("cap={per_sec}/s"));
        let parts: Vec<String> = delay.into_iter().chain(cap).collect();
        f.write_str(&parts.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_read_and_printed_back() {
        let check = |text: &str, delay_ms: Option<u64>, cap_per_sec, printed: &str| {
            let read: Faults = text.parse().unwrap();
            assert_eq!(read, Faults { delay: delay_ms.map(Duration::from_millis), cap_per_sec }, "{text}");
            assert_eq!(read.to_string(), printed);
            assert_eq!(printed.parse(), Ok(read), "what is printed is read back");
        };
        check("delay=1500ms,cap=7200/s", Some(1500), Some(7200), "delay=1500ms,cap=7200/s");
        check("cap=7200/s , delay = 10s", Some(10_000), Some(7200), "delay=10s,cap=7200/s");
        check("delay=1.5s", Some(1500), None, "delay=1500ms");
        check("delay=10m", Some(600_000), None, "delay=600s");
        check("cap=1/s", None, Some(1), "cap=1/s");
        check("cap=1000000/s", None, Some(1_000_000), "cap=1000000/s");
    }

    #[test]
    fn a_wrong_fault_is_refused_with_its_part_and_the_remedy() {
        let check = |text: &str, expect: &str| {
            assert_eq!(text.parse::<Faults>().unwrap_err().to_string(), expect, "{text}");
        };
        let accepted = "write one of delay=1500ms, cap=7200/s";
        check("dealy=1s", &format!("`dealy=1s` names no fault (did you mean delay?); {accepted}"));
        check("delay=1s,kap=5/s", &format!("`kap=5/s` names no fault (did you mean cap?); {accepted}"));
        check("speed=1s", &format!("`speed=1s` names no fault; {accepted}"));
        check("1500ms", &format!("`1500ms` names no fault; {accepted}"));
        check("cap", "`cap` has no value; write it like cap=7200/s");
        check("delay=", "`delay=` has no value; write it like delay=1500ms");
        check("cap=5/s,cap=6/s", "`cap=6/s` is given a second time; keep one of them");
        let empty = "separated by commas";
        check(
            "",
            &format!("a fault is missing in ``; write one or more of delay=1500ms, cap=7200/s, {empty}"),
        );
        check(
            "cap=5/s,",
            &format!(
                "a fault is missing in `cap=5/s,`; write one or more of delay=1500ms, cap=7200/s, {empty}"
            ),
        );
    }

    #[test]
    fn zero_negative_and_absurd_values_are_refused() {
        for value in ["0ms", "0.4ms", "-5s", "5s ago", "11m", "1500", "soon", "9999999999h", "nan"] {
            let part = format!("delay={value}");
            assert_eq!(part.parse::<Faults>(), Err(FaultsError::Delay(part)));
        }
        for value in ["0/s", "-5/s", "1000001/s", "99999999999/s", "7200", "7200/m", "0.5/s", "inf/s", "/s"] {
            let part = format!("cap={value}");
            assert_eq!(part.parse::<Faults>(), Err(FaultsError::Cap(part)));
        }
    }

    #[test]
    fn a_fault_of_a_later_version_is_told_from_a_slip_of_the_pen() {
        for name in NOT_YET {
            let part = format!("{name}=0.001");
            assert_eq!(part.parse::<Faults>(), Err(FaultsError::NotYet(part)));
        }
    }
}
