//! The signals that Prometheus may have of a chain, and how each may be spelled: data, and its types.
//!
//! Not here: what a site has ([`crate::find`]).

mod families;
mod table;

use mm2_evidence::signals::ReadFor;
use mm2_slo::{Signal, Unit};

pub(crate) use families::{Belongs, Family};
pub(crate) use table::SIGNALS;

/// How far back the windowed gauges of MM2, Connect and Kafka's clients look: 2 samples of 30 s and the one that is
/// being filled, so a maximum is seen until 30 to 90 s after it was.
pub(crate) const WINDOWED_MS: u64 = 90_000;

/// A signal: what it is, and the ways to read it, best first.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) signal: &'static str,
    pub(crate) unit: Unit,
    /// In Phase 4.
    pub(crate) read_for: ReadFor,
    pub(crate) per: Per,
    /// Whether its samples look back [`WINDOWED_MS`].
    pub(crate) windowed: bool,
    pub(crate) meaning: &'static str,
    pub(crate) ways: &'static [Way],
}

/// What there is one series for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Per {
    Partition,
    Task,
    Worker,
    Host,
    Disk,
    Broker,
}

/// One way to read a signal: which metrics, and what becomes of them.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) family: Family,
    pub(crate) read: Read,
    /// The metrics, without the family's prefix. Counters are spelled with `_total`: without it they are tried too.
    pub(crate) of: &'static [&'static str],
    /// Matchers that belong to the metric.
    pub(crate) matching: &'static str,
    /// What values are multiplied by to be in the signal's unit.
    pub(crate) factor: f64,
    /// Labels that tell apart several series of what there is one for, and how they become one.
    pub(crate) apart: &'static [&'static str],
    pub(crate) combine: Combine,
    /// What it is, where that is not quite what the signal says.
    pub(crate) says: Option<&'static str>,
}

/// What becomes of samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    /// A gauge as it is.
    Value,
    /// A counter as it is.
    Counter,
    /// A gauge whose rises are counted.
    Rises,
    /// From a counter of seconds: the share of the time between two scrapes.
    Busy,
    /// From a counter of idle seconds: the rest of that share.
    NotIdle,
    /// From two gauges, `[total, available]`: the used share of the total.
    UsedShare,
    /// From two counters, `[part, whole]`: the share of their increases since the window began.
    ShareOfIncrease,
}

/// How several series become one, at each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Combine {
    Max,
    Sum,
    Mean,
}

impl Way {
    pub(crate) const fn new(family: Family, read: Read, of: &'static [&'static str]) -> Self {
        Self { family, read, of, matching: "", factor: 1.0, apart: &[], combine: Combine::Max, says: None }
    }

    const fn matching(self, matching: &'static str) -> Self {
        Self { matching, ..self }
    }

    const fn times(self, factor: f64) -> Self {
        Self { factor, ..self }
    }

    const fn over(self, combine: Combine, apart: &'static [&'static str]) -> Self {
        Self { apart, combine, ..self }
    }

    const fn says(self, says: &'static str) -> Self {
        Self { says: Some(says), ..self }
    }

    /// The metric names in the spelling of this prefix; `kept`: with `_total`, as agents before 1.0 have it.
    pub(crate) fn names(&self, prefix: &str, kept: bool) -> Vec<String> {
        let spelled = |name: &&str| match name.strip_suffix("_total") {
            Some(without) if !kept => format!("{prefix}{without}"),
            _ => format!("{prefix}{name}"),
        };
        self.of.iter().map(spelled).collect()
    }

    /// Whether agents of 1.0 and later spell it otherwise. Prometheus' own counters keep `_total` everywhere.
    pub(crate) fn loses_total(&self) -> bool {
        !matches!(self.family, Family::Jvm | Family::Node)
            && self.of.iter().any(|name| name.ends_with("_total"))
    }

    /// Unit of the samples as Prometheus has them.
    pub(crate) fn raw_unit(&self, unit: Unit) -> Unit {
        match self.read {
            Read::Busy | Read::NotIdle => Unit::S,
            Read::UsedShare => Unit::Bytes,
            Read::ShareOfIncrease => Unit::Records,
            Read::Value | Read::Counter | Read::Rises if unit == Unit::Percent && self.factor > 1.0 => {
                Unit::Ratio
            }
            Read::Value | Read::Counter | Read::Rises => unit,
        }
    }
}

impl Entry {
    /// How far back a sample tells of, when nothing was under way for `quiet_ms` before the window.
    pub(crate) fn looks_back_ms(&self, quiet_ms: u64) -> u64 {
        if self.windowed { WINDOWED_MS.saturating_sub(quiet_ms) } else { 0 }
    }
}

/// A signal of the catalogue, for people.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Described {
    /// Its name.
    pub signal: Signal,
    /// Unit of its values, after conversion.
    pub unit: Unit,
    /// What it is read for in Phase 4.
    pub read_for: ReadFor,
    /// What it is, in one English sentence without a full stop.
    pub meaning: &'static str,
    /// What there is one series for: `partition`, `task`, `worker`, `host`, `disk` or `broker`.
    pub one_per: &'static str,
    /// How far back a sample looks, milliseconds.
    pub looks_back_ms: u64,
    /// Where it is, best first.
    pub ways: Vec<DescribedWay>,
}

/// One way to read a signal, in one spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribedWay {
    /// Family of metrics.
    pub family: &'static str,
    /// Which sites spell it so.
    pub spelling: &'static str,
    /// The selectors, without those of the chain.
    pub metrics: Vec<String>,
    /// What becomes of the samples.
    pub made: String,
}

/// Every signal that may be read from Prometheus, in the order of reports.
pub fn catalogue() -> Vec<Described> {
    SIGNALS.iter().map(describe).collect()
}

fn describe(entry: &Entry) -> Described {
    let ways = entry.ways.iter().flat_map(|way| {
        way.family.spellings().iter().map(|spelling| DescribedWay {
            family: way.family.name(),
            spelling: spelling.name,
            metrics: way
                .names(spelling.prefix, true)
                .into_iter()
                .map(|name| with(&name, way.matching))
                .collect(),
            made: way.made(),
        })
    });
    Described {
        signal: entry.signal.into(),
        unit: entry.unit,
        read_for: entry.read_for,
        meaning: entry.meaning,
        one_per: entry.per.name(),
        looks_back_ms: entry.looks_back_ms(0),
        ways: ways.collect(),
    }
}

fn with(name: &str, matching: &str) -> String {
    if matching.is_empty() { name.to_owned() } else { format!("{name}{{{matching}}}") }
}

impl Way {
    fn made(&self) -> String {
        let made = match self.read {
            Read::Value if self.factor > 1.0 => format!("× {}", self.factor),
            Read::Value => "as it is".to_owned(),
            Read::Counter => "counter, resets taken into account".to_owned(),
            Read::Rises => "rises counted".to_owned(),
            Read::Busy => format!("seconds per second × {}", self.factor),
            Read::NotIdle => format!("(1 − seconds per second) × {}", self.factor),
            Read::UsedShare => format!("(first − second) ÷ first × {}", self.factor),
            Read::ShareOfIncrease => {
                format!("increase of the first ÷ increase of the second × {}", self.factor)
            }
        };
        let by = match self.combine {
            Combine::Max => "largest",
            Combine::Sum => "sum",
            Combine::Mean => "mean",
        };
        let over = if self.apart.is_empty() {
            String::new()
        } else {
            format!(", {by} over {}", self.apart.join(", "))
        };
        let says = self.says.map_or_else(String::new, |says| format!("; {says}"));
        format!("{made}{over}{says}")
    }
}

impl Per {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Partition => "partition",
            Self::Task => "task",
            Self::Worker => "worker",
            Self::Host => "host",
            Self::Disk => "disk",
            Self::Broker => "broker",
        }
    }
}
