//! What the mirror is told to do badly, as text: `delay=1500ms,loss=0.001,from=P3`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::fmt::friendly::SpanParser;
use thiserror::Error;

#[cfg(test)]
mod tests;

/// What can be asked for, with an example of each: the text of every hint.
const ACCEPTED: &str = "delay=1500ms, loss=0.001, duplicate=0.001, reorder=0.001, corrupt=0.001, cap=7200/s, stall=10s; with them seed=42, from=P3";
/// Every name, and how it is written with a value.
const EXAMPLES: [(&str, &str); 9] = [
    ("delay", "delay=1500ms"),
    ("loss", "loss=0.001"),
    ("duplicate", "duplicate=0.001"),
    ("reorder", "reorder=0.001"),
    ("corrupt", "corrupt=0.001"),
    ("cap", "cap=7200/s"),
    ("stall", "stall=10s"),
    ("seed", "seed=42"),
    ("from", "from=P3"),
];

const LONGEST: Duration = Duration::from_secs(600);
/// The mocks were measured up to 200 000 records/s of 1 KiB; a cap above a million caps nothing.
const HIGHEST_CAP: u32 = 1_000_000;
/// Fixed, so that two rehearsals do the same unless they are told not to.
const DEFAULT_SEED: u64 = 42;

/// What the mirror does badly, and from when on; nothing by default. Faults combine.
///
/// Until the step in which they begin the mirror is perfect, so that warm-up and canaries come through.
/// A share is the chance of each record, 0 to 1, drawn from the seed and the record's place.
#[derive(Debug, Clone, PartialEq)]
pub struct Faults {
    /// Every record leaves the mirror no earlier than this after it arrived there. 1 ms to 10 min.
    pub delay: Option<Duration>,
    /// Share of the records that are never written.
    pub loss: Option<f64>,
    /// Share of the records that are written twice.
    pub duplicate: Option<f64>,
    /// Share of the records that are held back until the next one of their partition was written. Never
    /// two of a partition at once, so a large share reorders at most every second record.
    pub reorder: Option<f64>,
    /// Share of the records of which a byte changes, in front of the stamp that tells which record it is.
    pub corrupt: Option<f64>,
    /// Records per second that the mirror lets through, over all topics and partitions. 1 to 1 000 000.
    pub cap_per_sec: Option<u32>,
    /// How long the mirror stops writing, once in each hold of the step in which the faults begin,
    /// [`STALL_AFTER`] after its first record. 1 ms to 10 min.
    pub stall: Option<Duration>,
    /// What the chances are drawn from: the same seed does the same to the same records.
    pub seed: u64,
    /// The step in which the faults begin; `None` is the first.
    pub from: Option<String>,
}

/// How far into the step a stall begins: after what an ordinary step needs to settle.
pub const STALL_AFTER: Duration = Duration::from_secs(5);

/// Why a text names no faults. Each variant holds the part that is wrong.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum FaultsError {
    /// An empty part, or none at all.
    #[error("a fault is missing in `{0}`; write one or more of {ACCEPTED}, separated by commas")]
    Empty(String),
    /// Only when and from which seed, but not what.
    #[error("`{0}` says nothing that goes wrong; write it with one or more of {ACCEPTED}")]
    NoFault(String),
    /// Not a fault.
    #[error("`{part}` names no fault{}; write one of {ACCEPTED}", did_you_mean(*.near))]
    Unknown {
        /// As written.
        part: String,
        /// What was probably meant.
        near: Option<&'static str>,
    },
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
    #[error("`{part}` is not a time from 1ms to 10m; write it like {example}")]
    Time {
        /// As written.
        part: String,
        /// How it would be right.
        example: &'static str,
    },
    /// Not a share.
    #[error(
        "`{part}` is not a share from 0 to 1; write it like {example}, which is one record in a thousand"
    )]
    Share {
        /// As written.
        part: String,
        /// How it would be right.
        example: &'static str,
    },
    /// Not a rate, or too low or high.
    #[error("`{0}` is not a rate from 1/s to {HIGHEST_CAP}/s; write it like cap=7200/s")]
    Cap(String),
    /// Not a seed.
    #[error("`{0}` is not a whole number; write it like seed=42")]
    Seed(String),
}

fn did_you_mean(name: Option<&'static str>) -> String {
    name.map(|name| format!(" (did you mean {name}?)")).unwrap_or_default()
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            delay: None,
            loss: None,
            duplicate: None,
            reorder: None,
            corrupt: None,
            cap_per_sec: None,
            stall: None,
            seed: DEFAULT_SEED,
            from: None,
        }
    }
}

impl Faults {
    /// Whether nothing goes wrong.
    pub fn is_none(&self) -> bool {
        *self == Self { seed: self.seed, from: self.from.clone(), ..Self::default() }
    }

    /// Whether anything depends on the seed.
    fn has_chances(&self) -> bool {
        [self.loss, self.duplicate, self.reorder, self.corrupt].iter().any(Option::is_some)
    }

    /// Takes in `name=value`, which is written as `part` and would be right as `example`.
    fn set(&mut self, name: &str, value: &str, part: &str, example: &'static str) -> Result<(), FaultsError> {
        let time = || {
            let wrong = || FaultsError::Time { part: part.to_owned(), example };
            parse_time(value).ok_or_else(wrong).map(Some)
        };
        let share = || {
            let wrong = || FaultsError::Share { part: part.to_owned(), example };
            parse_share(value).ok_or_else(wrong).map(Some)
        };
        match name {
            "delay" => self.delay = time()?,
            "stall" => self.stall = time()?,
            "loss" => self.loss = share()?,
            "duplicate" => self.duplicate = share()?,
            "reorder" => self.reorder = share()?,
            "corrupt" => self.corrupt = share()?,
            "cap" => {
                self.cap_per_sec = Some(parse_cap(value).ok_or_else(|| FaultsError::Cap(part.to_owned()))?);
            }
            "seed" => self.seed = value.parse().map_err(|_| FaultsError::Seed(part.to_owned()))?,
            _ => self.from = Some(value.to_owned()),
        }
        Ok(())
    }
}

/// Whole milliseconds: the mirror looks no more often than that.
fn parse_time(text: &str) -> Option<Duration> {
    let parsed = SpanParser::new().parse_unsigned_duration(text).ok()?;
    let whole = Duration::from_millis(u64::try_from(parsed.as_millis()).ok()?);
    (!whole.is_zero() && whole <= LONGEST).then_some(whole)
}

fn parse_share(text: &str) -> Option<f64> {
    // NaN is in no range.
    text.parse().ok().filter(|share| (0.0..=1.0).contains(share))
}

fn parse_cap(text: &str) -> Option<u32> {
    let per_sec = text.strip_suffix("/s")?.trim().parse().ok()?;
    (1..=HIGHEST_CAP).contains(&per_sec).then_some(per_sec)
}

fn nearest(name: &str) -> Option<&'static str> {
    let distance = |known: &str| strsim::damerau_levenshtein(known, &name.to_lowercase());
    let names = EXAMPLES.into_iter().map(|(known, _)| known);
    names.min_by_key(|known| distance(known)).filter(|known| distance(known) <= 2)
}

impl FromStr for Faults {
    type Err = FaultsError;

    fn from_str(text: &str) -> Result<Self, FaultsError> {
        let mut faults = Self::default();
        let mut seen = Vec::new();
        for part in text.split(',').map(str::trim) {
            if part.is_empty() {
                return Err(FaultsError::Empty(text.to_owned()));
            }
            let (name, value) = part.split_once('=').map_or((part, ""), |(n, v)| (n.trim(), v.trim()));
            let Some((known, example)) = EXAMPLES.into_iter().find(|(known, _)| *known == name) else {
                return Err(FaultsError::Unknown { part: part.to_owned(), near: nearest(name) });
            };
            if value.is_empty() {
                return Err(FaultsError::NoValue { part: part.to_owned(), example });
            }
            if seen.contains(&known) {
                return Err(FaultsError::Twice(part.to_owned()));
            }
            seen.push(known);
            faults.set(known, value, part, example)?;
        }
        if faults.is_none() { Err(FaultsError::NoFault(text.to_owned())) } else { Ok(faults) }
    }
}

impl fmt::Display for Faults {
    /// Prints what [`FromStr`] reads back; nothing when there are no faults. The seed is said where
    /// something depends on it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |name: &str, time: Option<Duration>| {
            time.map(|time| match time.subsec_millis() {
                0 => format!("{name}={}s", time.as_secs()),
                _ => format!("{name}={}ms", time.as_millis()),
            })
        };
        let share = |name: &str, share: Option<f64>| share.map(|share| format!("{name}={share}"));
        let parts = [
            time("delay", self.delay),
            share("loss", self.loss),
            share("duplicate", self.duplicate),
            share("reorder", self.reorder),
            share("corrupt", self.corrupt),
            self.cap_per_sec.map(|per_sec| format!("cap={per_sec}/s")),
            time("stall", self.stall),
            self.has_chances().then(|| format!("seed={}", self.seed)),
            self.from.as_ref().map(|step| format!("from={step}")),
        ];
        f.write_str(&parts.into_iter().flatten().collect::<Vec<_>>().join(","))
    }
}
