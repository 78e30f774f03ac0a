//! What was observed in one window, by signal: the only thing that criteria judge.
//!
//! Times are milliseconds since the window began; there is no clock here. What could not be observed says why
//! ([`Missing`]). Not here: how a value is judged.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::evidence::{Block, ConnectEvidence, LoadEvidence};
use crate::finding::Missing;
use crate::name::{CriterionName, Signal};
use crate::unit::{Quantity, Unit};

/// What was observed of a window, and what its limits depend on.
#[derive(Debug, Clone, Default, PartialEq)]
#[must_use]
pub struct Observations {
    pub(crate) window_s: f64,
    pub(crate) seen: BTreeMap<Signal, Result<Observation, Missing>>,
    pub(crate) setting: Setting,
}

/// What limits may depend on, known before anything is judged.
#[derive(Debug, Clone, Default, PartialEq)]
#[must_use]
pub struct Setting {
    pub(crate) asked_per_sec: Option<f64>,
    pub(crate) known: BTreeMap<String, Quantity>,
    pub(crate) baseline: BTreeMap<CriterionName, Quantity>,
}

impl Setting {
    /// The asked rate, records per second: what growth is held against and what `scale_above` scales by.
    pub fn asked(mut self, per_sec: f64) -> Self {
        self.asked_per_sec = Some(per_sec).filter(|rate| rate.is_finite() && *rate > 0.0);
        self
    }

    /// What `name` stands for in limits, such as `p99_limit`.
    pub fn known(mut self, name: &str, quantity: Quantity) -> Self {
        self.known.insert(name.to_owned(), quantity);
        self
    }

    /// What a criterion came to in the run that this one is compared with: `baseline` in its limits.
    pub fn baseline(mut self, criterion: &str, quantity: Quantity) -> Self {
        self.baseline.insert(criterion.into(), quantity);
        self
    }
}

impl Observations {
    /// Nothing seen yet of a window of this length, seconds.
    pub fn over(window_s: f64) -> Self {
        Self { window_s, ..Self::default() }
    }

    /// With what limits depend on.
    pub fn in_setting(mut self, setting: Setting) -> Self {
        self.setting = setting;
        self
    }

    /// With a signal.
    pub fn with(mut self, signal: impl Into<Signal>, observation: Observation) -> Self {
        self.seen.insert(signal.into(), Ok(observation));
        self
    }

    /// With a signal that could not be observed. One that is not named at all is missing as well.
    pub fn missing(mut self, signal: impl Into<Signal>, why: Missing) -> Self {
        self.seen.insert(signal.into(), Err(why));
        self
    }

    /// With a signal that was observed or not.
    pub fn with_result(mut self, signal: impl Into<Signal>, seen: Result<Observation, Missing>) -> Self {
        self.seen.insert(signal.into(), seen);
        self
    }

    /// The length of the window, seconds.
    pub fn window_s(&self) -> f64 {
        self.window_s
    }

    /// What was seen of a signal.
    ///
    /// # Errors
    /// Why nothing was.
    pub fn get(&self, signal: &str) -> Result<&Observation, Missing> {
        match self.seen.get(signal) {
            None => Err(Missing::NoData),
            Some(Ok(observation)) => Ok(observation),
            Some(Err(why)) => Err(why.clone()),
        }
    }
}

/// What was seen of one signal.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Observation {
    /// Sampled over time, one series or several.
    Sampled(Sampled),
    /// One number for the whole window.
    Total(Total),
    /// Latencies of single records, counted in blocks of time.
    Latency(Latency),
    /// A cumulative histogram, as Prometheus keeps them.
    Histogram(Histogram),
    /// One figure a partition.
    Partitions(Vec<Partition>),
    /// What the load generator did.
    Load(LoadEvidence),
    /// Records that arrived more than once, and what could explain it.
    Duplicates(Duplicates),
}

/// What the values of a series are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A level that goes up and down.
    #[default]
    Gauge,
    /// A count since some start, which begins again at 0 when its process does.
    Counter,
}

/// A signal that was sampled at equal distances.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Sampled {
    pub(crate) source: Source,
    pub(crate) series: Vec<Series>,
}

/// How a signal is sampled: what a stream knows before the first sample.
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct Source {
    pub(crate) unit: Unit,
    pub(crate) kind: Kind,
    pub(crate) every_ms: u64,
    pub(crate) expected: Option<usize>,
    pub(crate) looks_back_ms: u64,
}

impl Source {
    /// A gauge in `unit`, sampled every so many milliseconds (0 counts as 1).
    pub fn gauge(unit: Unit, every_ms: u64) -> Self {
        Self { unit, kind: Kind::Gauge, every_ms: every_ms.max(1), expected: None, looks_back_ms: 0 }
    }

    /// A counter in `unit`, sampled every so many milliseconds.
    pub fn counter(unit: Unit, every_ms: u64) -> Self {
        Self { kind: Kind::Counter, ..Self::gauge(unit, every_ms) }
    }

    /// How many series there must be, such as one a task: fewer withhold GO. Without it, as many as were seen.
    pub fn expect(mut self, series: usize) -> Self {
        // To expect nothing would be to miss nothing.
        self.expected = Some(series.max(1));
        self
    }

    /// How far back a sample looks, milliseconds: a windowed maximum of 30 s tells of what was before the window
    /// for that long, so the window's beginning is left out.
    pub fn looks_back(mut self, ms: u64) -> Self {
        self.looks_back_ms = ms;
        self
    }

    /// With the samples.
    pub fn series(self, series: impl IntoIterator<Item = Series>) -> Sampled {
        let mut series: Vec<Series> = series.into_iter().collect();
        // So that sums do not depend on the order in which series came.
        series.sort_by(|a, b| a.name.cmp(&b.name));
        Sampled { source: self, series }
    }
}

impl Sampled {
    /// One series without a name.
    pub fn single(source: Source, samples: Vec<(u64, f64)>) -> Self {
        source.series([Series::new("", samples)])
    }
}

/// One series: milliseconds since the window began, and the value then. NaN and infinite values are missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    pub(crate) name: String,
    pub(crate) samples: Vec<(u64, f64)>,
}

impl Series {
    /// `name` tells it from the others, such as `{task="0"}`. Samples are put in order of time.
    pub fn new(name: impl Into<String>, mut samples: Vec<(u64, f64)>) -> Self {
        if !samples.windows(2).all(|pair| pair[0].0 <= pair[1].0) {
            samples.sort_by_key(|(at_ms, _)| *at_ms);
        }
        Self { name: name.into(), samples }
    }
}

/// One number for the whole window.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Total {
    pub(crate) value: f64,
    pub(crate) unit: Unit,
    pub(crate) complete: bool,
    pub(crate) places: Vec<(String, u64)>,
    pub(crate) deadline_s: Option<f64>,
}

impl Total {
    /// A number in `unit`.
    pub fn new(value: f64, unit: Unit) -> Self {
        Self { value, unit, complete: true, places: Vec::new(), deadline_s: None }
    }

    /// Not everything was counted: it cannot be GO, and stays STOP if it is.
    pub fn incomplete(mut self) -> Self {
        self.complete = false;
        self
    }

    /// Where it happened, worst first, and how often.
    pub fn at(mut self, places: Vec<(String, u64)>) -> Self {
        self.places = places;
        self
    }

    /// What was waited for until then, seconds.
    pub fn by_deadline(mut self, seconds: f64) -> Self {
        self.deadline_s = Some(seconds);
        self
    }
}

/// Latencies of single records, counted in blocks of time against one limit.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Latency {
    pub(crate) limit_ms: f64,
    pub(crate) blocks: Vec<Block>,
    pub(crate) p_ms: Option<f64>,
    pub(crate) complete: bool,
    /// Whether block i is second i of the window, so that a time without records shows.
    pub(crate) in_seconds: bool,
}

impl Latency {
    /// Blocks (best of 1 s each) whose `over` counts records at or over `limit_ms`. They do not say when they were:
    /// where a part of the window is not in them, say that they are [`incomplete`](Self::incomplete).
    pub fn in_blocks(limit_ms: f64, blocks: Vec<Block>) -> Self {
        Self { limit_ms, blocks, p_ms: None, complete: true, in_seconds: false }
    }

    /// Counts records, by when each was due (milliseconds since the window began) and how long it took
    /// (milliseconds), in blocks of 1 s against `limit_ms`. A latency that is no time (NaN, infinite,
    /// negative) counts as over: nobody saw the record arrive in time. A part of the window in which none was due withholds GO. Records due after a
    /// week are left out, and then it is not complete.
    pub fn of_records(limit_ms: f64, records: impl IntoIterator<Item = (u64, f64)>) -> Self {
        const LONGEST_S: u64 = 7 * 86_400;
        let mut latency = Self { in_seconds: true, ..Self::in_blocks(limit_ms, Vec::new()) };
        for (due_ms, took_ms) in records {
            let second = due_ms / 1_000;
            if second >= LONGEST_S {
                latency.complete = false;
                continue;
            }
            let second = usize::try_from(second).unwrap_or(usize::MAX);
            if latency.blocks.len() <= second {
                latency.blocks.resize(second + 1, Block::default());
            }
            let block = &mut latency.blocks[second];
            block.records += 1;
            block.over += u64::from(!(0.0..limit_ms).contains(&took_ms));
        }
        latency
    }

    /// The percentile that is claimed, as it was read off, milliseconds: shown, not judged.
    pub fn reading(mut self, ms: f64) -> Self {
        self.p_ms = Some(ms).filter(|ms| ms.is_finite());
        self
    }

    /// Records are missing from the blocks: it cannot be GO.
    pub fn incomplete(mut self) -> Self {
        self.complete = false;
        self
    }
}

/// A histogram of latencies as Prometheus keeps it: how many records fell in each bucket, scrape by scrape.
///
/// A limit between two bounds is judged by the bound below it, which is the strict side. A limit above the last
/// finite bound cannot be judged at all: `histogram_quantile` would answer with that bound and pass for ever.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Histogram {
    pub(crate) unit: Unit,
    pub(crate) bounds: Vec<f64>,
    pub(crate) scrapes: Vec<(u64, Vec<f64>)>,
}

impl Histogram {
    /// Upper bounds of the finite buckets, ascending, in `unit`; and for each scrape its time (milliseconds) and
    /// the cumulative counts: one a bound, and `+Inf` last.
    pub fn new(unit: Unit, bounds: Vec<f64>, scrapes: Vec<(u64, Vec<f64>)>) -> Self {
        Self { unit, bounds, scrapes }
    }
}

/// What one topic-partition showed.
#[derive(Debug, Clone, PartialEq)]
pub struct Partition {
    /// Its name, such as `source.topic-3`.
    pub name: String,
    /// Its latency, milliseconds: the same figure for each (a median or a mean).
    pub latency_ms: f64,
    /// The records that it is made of.
    pub records: u64,
}

/// Records that arrived more than once.
#[derive(Debug, Clone, PartialEq)]
pub struct Duplicates {
    /// Sightings beyond the first, records.
    pub count: u64,
    /// Whether each acknowledged record is accounted for.
    pub complete: bool,
    /// What could explain them.
    pub connect: ConnectEvidence,
}
