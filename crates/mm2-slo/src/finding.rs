//! The result of one criterion, and what decided it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::level::Level;

/// The criteria of a ramp step, in the order in which a verdict names its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// 99 % of the records arrive within the step's limit. Proved, not read off.
    P99Latency,
    /// The backlog does not grow during the hold.
    Sustained,
    /// Acknowledged by the source, and shown to be missing on the target.
    Lost,
    /// Arrived with other bytes than were sent.
    Corrupt,
    /// First sightings of a partition that arrived in another order than they were sent.
    Reordered,
    /// Still missing when the recovery limit ended the audit.
    Unseen,
    /// Arrived more than once.
    Duplicates,
    /// The share of the due records that was sent in time and acknowledged.
    Delivered,
    /// How late our own sends were.
    Slip,
    /// Acknowledged records that have not been received yet.
    Backlog,
}

impl Criterion {
    /// All of them, in table order.
    pub const ALL: [Self; 10] = [
        Self::P99Latency,
        Self::Sustained,
        Self::Lost,
        Self::Corrupt,
        Self::Reordered,
        Self::Unseen,
        Self::Duplicates,
        Self::Delivered,
        Self::Slip,
        Self::Backlog,
    ];

    /// The name that stands in `run.json`, e.g. `p99_latency`.
    pub fn name(self) -> &'static str {
        match self {
            Self::P99Latency => "p99_latency",
            Self::Sustained => "sustained",
            Self::Lost => "lost",
            Self::Corrupt => "corrupt",
            Self::Reordered => "reordered",
            Self::Unseen => "unseen",
            Self::Duplicates => "duplicates",
            Self::Delivered => "delivered",
            Self::Slip => "slip",
            Self::Backlog => "backlog",
        }
    }

    /// The unit of its value and its limit.
    pub fn unit(self) -> Unit {
        match self {
            Self::P99Latency | Self::Slip => Unit::Ms,
            Self::Sustained | Self::Delivered => Unit::Percent,
            Self::Lost
            | Self::Corrupt
            | Self::Reordered
            | Self::Unseen
            | Self::Duplicates
            | Self::Backlog => Unit::Records,
        }
    }
}

impl fmt::Display for Criterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a criterion came to: a level, or set aside because the chain declares that it has no such thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    /// Shown good.
    Go,
    /// To look at.
    Warn,
    /// Not shown.
    Inconclusive,
    /// Shown bad.
    Stop,
    /// The chain declares that it has no such signal. Reported, never silent, never counted.
    Skipped,
}

impl Outcome {
    /// The level that counts towards the verdict; `None` for a criterion that was set aside.
    pub fn level(self) -> Option<Level> {
        match self {
            Self::Go => Some(Level::Go),
            Self::Warn => Some(Level::Warn),
            Self::Inconclusive => Some(Level::Inconclusive),
            Self::Stop => Some(Level::Stop),
            Self::Skipped => None,
        }
    }
}

/// The unit of a finding's value and limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Milliseconds.
    Ms,
    /// Records.
    Records,
    /// Per cent (0 to 100).
    Percent,
}

/// One criterion's result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// Which criterion.
    pub criterion: Criterion,
    /// What it came to.
    #[serde(rename = "level")]
    pub outcome: Outcome,
    /// The value that decided, in `unit`; `None` when there is none (then `reason` says why).
    pub value: Option<f64>,
    /// The limit that it was held against, in `unit`.
    pub limit: Option<f64>,
    /// The unit of both.
    pub unit: Unit,
    /// Why, from a closed set; renderers translate it.
    #[serde(flatten)]
    pub reason: Reason,
}

impl Finding {
    /// A finding in its criterion's unit. A value or limit that is not a finite number becomes `None`:
    /// JSON has no NaN, and NaN compares false with everything.
    pub fn new(
        criterion: Criterion,
        outcome: Outcome,
        value: Option<f64>,
        limit: Option<f64>,
        reason: Reason,
    ) -> Self {
        let finite = |x: &f64| x.is_finite();
        Self {
            criterion,
            outcome,
            value: value.filter(finite),
            limit: limit.filter(finite),
            unit: criterion.unit(),
            reason,
        }
    }

    /// A criterion for which there is no measurement: INCONCLUSIVE, never GO.
    pub fn not_measured(criterion: Criterion, limit: Option<f64>, why: Missing) -> Self {
        Self::new(criterion, Outcome::Inconclusive, None, limit, Reason::NotMeasured { why })
    }
}

/// Why a criterion came to its outcome. Closed: a renderer has a sentence for each.
///
/// In JSON: `"reason": "<code>"` with the figures beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// The value is on the good side of the limit.
    WithinLimit,
    /// The value is over (or, for a share that must be reached, under) the limit.
    BeyondLimit,
    /// The proof of the p99 or of the slope succeeded in the good direction; bounds in per cent.
    ProvenWithin {
        /// One-sided 95 % lower bound, per cent.
        lower_percent: f64,
        /// One-sided 95 % upper bound, per cent.
        upper_percent: f64,
    },
    /// The proof succeeded in the bad direction; bounds in per cent.
    ProvenBeyond {
        /// One-sided 95 % lower bound, per cent.
        lower_percent: f64,
        /// One-sided 95 % upper bound, per cent.
        upper_percent: f64,
    },
    /// Neither direction could be proved; a hold of this length would settle it at the seen shares.
    NotProven {
        /// One-sided 95 % lower bound, per cent.
        lower_percent: f64,
        /// One-sided 95 % upper bound, per cent.
        upper_percent: f64,
        /// Hold that would settle it, seconds; `None` when no length would (the value sits on the limit).
        hold_needed_s: Option<u64>,
    },
    /// Too few records or too short a window to test at all.
    TooShort {
        /// Hold that would do, seconds.
        hold_needed_s: u64,
    },
    /// There were fewer records than the test needs.
    TooFew {
        /// How many there were.
        have: u64,
        /// How many it needs.
        need: u64,
        /// Hold that would settle it at the seen shares, seconds; `None` when no length would.
        hold_needed_s: Option<u64>,
    },
    /// Nothing of the kind happened.
    None,
    /// It happened at these places ("topic-partition: count", at most a few).
    Located {
        /// Where, worst first.
        places: Vec<String>,
    },
    /// Duplicates, explained by a restart that Connect's status showed, within what a restart can replay.
    ExplainedByRestart {
        /// What a restart may replay at most: rate × (flush interval + 10 s), records.
        allowed: u64,
        /// Whether the flush interval was read; else 60 s was taken.
        flush_interval_known: bool,
    },
    /// Duplicates with no restart seen, or more than a restart can replay, or on an exactly-once chain.
    Unexplained {
        /// What a restart may replay at most, records; 0 on an exactly-once chain.
        allowed: u64,
        /// Whether a restart was seen.
        restart_seen: bool,
    },
    /// The backlog did not come back within the limit.
    NotRecovered {
        /// The limit, seconds.
        limit_s: f64,
    },
    /// Our own generator slipped: what was measured is not what was asked. Not the chain's fault.
    GeneratorSlip,
    /// The source slowed the generator down (full queue, throttle, refusal).
    SourceLimited,
    /// This criterion failed, but while our own generator slipped; so nothing is shown.
    MaskedByGeneratorSlip,
    /// There is no measurement.
    NotMeasured {
        /// Why not.
        why: Missing,
    },
}

/// Why something was not measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// The run ended before it could be.
    Interrupted,
    /// The probe could not read the target to the end.
    ProbeFailed,
    /// Records were evicted from where they had to be read before they were.
    Evicted,
    /// Connect's REST was declared but did not answer.
    ConnectSilent,
    /// No record of this step arrived.
    NothingReceived,
    /// No record of this step was due, or sent.
    NothingSent,
    /// A part of the window has no samples.
    Gap,
    /// The figures do not account for every acknowledged record, so what is absent may be bad.
    Unaccounted,
    /// A figure is not a finite number.
    NotFinite,
    /// The product does not measure it yet.
    NotYet,
    /// The chain declares that it has no such thing, and says why.
    DeclaredAbsent(String),
}
