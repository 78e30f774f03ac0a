//! The result of one criterion, and what decided it.

use serde::{Deserialize, Serialize};

use crate::level::Level;
use crate::name::CriterionName;
use crate::unit::Unit;

/// What a criterion came to: a level, or set aside because the chain declares that it has no such thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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

/// One criterion's result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Finding {
    /// Which criterion.
    pub criterion: CriterionName,
    /// What it came to; an advisory criterion's STOP is WARN here.
    #[serde(rename = "level")]
    pub outcome: Outcome,
    /// The value that decided, in `unit`; `None` when there is none (then `reason` says why).
    pub value: Option<f64>,
    /// The limit that it was held against, in `unit`.
    pub limit: Option<f64>,
    /// The unit of both.
    pub unit: Unit,
    /// The band that decided, as it was written; of `otherwise`, what the value is not (`not < 500 ms`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub band: Option<String>,
    /// How far the value is inside the GO band, in `unit`; negative outside of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
    /// How many records, ticks or blocks it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<u64>,
    /// The share of the expected ticks that were there, per cent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage_percent: Option<f64>,
    /// The series or place that decided, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// When the signal was first outside the GO band, seconds since the window began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_breach_s: Option<f64>,
    /// When it was worst, seconds since the window began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst_at_s: Option<f64>,
    /// Whether a STOP of it counts as WARN.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub advisory: bool,
    /// Why, from a closed set; renderers translate it.
    #[serde(flatten)]
    pub reason: Reason,
}

impl Finding {
    /// What this crate's judges say; a value or limit that is not a finite number becomes `None`: JSON has no NaN,
    /// and NaN compares false with everything.
    pub(crate) fn new(
        criterion: &CriterionName,
        unit: Unit,
        outcome: Outcome,
        value: Option<f64>,
        reason: Reason,
    ) -> Self {
        Self {
            criterion: criterion.clone(),
            outcome,
            value: value.filter(|x| x.is_finite()),
            limit: None,
            unit,
            band: None,
            margin: None,
            n: None,
            coverage_percent: None,
            series: None,
            first_breach_s: None,
            worst_at_s: None,
            advisory: false,
            reason,
        }
    }

    /// With the limit that it was held against.
    pub(crate) fn against(mut self, limit: Option<f64>) -> Self {
        self.limit = limit.filter(|x| x.is_finite());
        self
    }

    /// The level that counts towards the verdict; `None` where it was skipped.
    pub fn level(&self) -> Option<Level> {
        self.outcome.level()
    }

    /// The finding in one sentence, without a full stop: `backlog is 53,000 records, which is STOP (> 50000
    /// records)`.
    pub fn sentence(&self) -> String {
        crate::explain::finding(self)
    }
}

/// Why a criterion came to its outcome. Closed: a renderer has a sentence for each.
///
/// In JSON: `"reason": "<code>"` with the figures beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(tag = "reason", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// The value is on the good side of the limit.
    WithinLimit,
    /// The value is over (or, for a share that must be reached, under) the limit.
    BeyondLimit,
    /// The proof of the p99 or of the slope succeeded in the good direction.
    ProvenWithin {
        /// One-sided 95 % lower bound: per cent of the records for a percentile, else in the finding's unit.
        #[serde(alias = "lower_percent")]
        lower: f64,
        /// One-sided 95 % upper bound, likewise.
        #[serde(alias = "upper_percent")]
        upper: f64,
    },
    /// The proof succeeded in the bad direction.
    ProvenBeyond {
        /// One-sided 95 % lower bound: per cent of the records for a percentile, else in the finding's unit.
        #[serde(alias = "lower_percent")]
        lower: f64,
        /// One-sided 95 % upper bound, likewise.
        #[serde(alias = "upper_percent")]
        upper: f64,
    },
    /// Neither direction could be proved; a hold of this length would settle it at the seen shares.
    NotProven {
        /// One-sided 95 % lower bound: per cent of the records for a percentile, else in the finding's unit.
        #[serde(alias = "lower_percent")]
        lower: f64,
        /// One-sided 95 % upper bound, likewise.
        #[serde(alias = "upper_percent")]
        upper: f64,
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
    /// Parts of the window are missing; what is there is not bad.
    LowCoverage {
        /// The share of the expected ticks that were there, per cent. In JSON `seen_percent`: it stands beside the
        /// finding's own `coverage_percent`.
        #[serde(rename = "seen_percent")]
        coverage_percent: f64,
        /// The share that was needed, per cent.
        needed_percent: f64,
        /// The longest time without a tick, seconds.
        longest_gap_s: f64,
    },
    /// Series are missing; what is there is not bad.
    FewerSeries {
        /// How many were seen at once, at least.
        seen: u64,
        /// How many there must be.
        expected: u64,
    },
    /// Several series, and the criterion does not say how they become one.
    SeveralSeries {
        /// How many there were.
        seen: u64,
    },
    /// The value is in none of the bands.
    InNoBand,
    /// A partition is hot: at so many times the median of all, and at or over the least that counts.
    HotPartition {
        /// Which.
        partition: String,
        /// Its figure, milliseconds.
        latency_ms: f64,
        /// The median of all partitions, milliseconds.
        median_ms: f64,
    },
    /// Growth over a day, with its bounds; what kind of growth it is.
    Grows {
        /// `flat`, `growing`, `saturating`, `shrinking` or `unknown`.
        class: String,
        /// Lower bound, per cent a day.
        lower: f64,
        /// Upper bound, per cent a day.
        upper: f64,
        /// The smallest growth that could have been shown, per cent a day; where nothing was.
        detectable_percent: Option<f64>,
    },
    /// There is no measurement.
    NotMeasured {
        /// Why not.
        why: Missing,
    },
}

/// Why something was not measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
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
    /// No sample of it at all.
    NoData,
    /// The newest sample is too old to be of this window.
    Stale,
    /// The query for it failed or timed out.
    QueryFailed,
    /// Prometheus has no metric of it, under no name that is known for it.
    NotExported,
    /// Prometheus has metrics of it, but of other workers, connectors, topics or hosts than the chain's.
    OtherSite,
    /// Its samples look back further than the window is long: all of them tell of what was before, too.
    LooksBack,
    /// It came in another form than the criterion judges (a total for a percentile of records, say).
    OtherForm,
    /// It came in a unit that is another kind of thing.
    OtherUnit,
    /// Two series, or partitions, have one name: which is which, and whether one is missing, cannot be told.
    SameName,
    /// Records were counted against another limit than the criterion's.
    OtherLimit,
    /// The last finite bucket of the histogram is under the limit, so nothing could ever be over it.
    BucketTooCoarse,
    /// Growth in per cent is a share of a level, and the level is not above zero.
    LevelNotAboveZero,
    /// The limit depends on this, and nobody said what it is (a baseline that was never run, say).
    NotKnown(String),
    /// The product does not measure it yet.
    NotYet,
    /// The chain declares that it has no such thing, and says why.
    DeclaredAbsent(String),
}
