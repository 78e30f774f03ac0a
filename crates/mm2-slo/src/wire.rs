//! Criteria as they are written in files, by version of the format. Checked into [`Criteria`](crate::Criteria);
//! nothing here judges.

/// The first version of the format.
pub mod v1 {
    use serde::{Deserialize, Serialize};

    use crate::name::{CriterionName, Signal};
    use crate::unit::Unit;

    /// The number of this version, as `version` in a file.
    pub const VERSION: u32 = 1;

    /// A file of criteria.
    #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct CriteriaFile {
        /// The version of the format; 1 where it is left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub version: Option<u32>,
        /// Built-in sets to begin with (`phase-0` … `phase-8`); what follows overrides them by name.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub extends: Vec<String>,
        /// In the order in which a verdict names its reason.
        #[serde(default, rename = "criterion")]
        pub criteria: Vec<Criterion>,
    }

    /// One criterion. Where it overrides another of the same name, what is left out stays as it was.
    #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    pub struct Criterion {
        /// Its name, unique in the set: lower case, digits, `_`.
        pub name: CriterionName,
        /// What a person calls it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub title: Option<String>,
        /// The phase of the runbook, 0 to 8.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub phase: Option<u8>,
        /// The step or row of that phase.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub step: Option<String>,
        /// The signal that it judges.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub signal: Option<Signal>,
        /// The unit of the signal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub unit: Option<Unit>,
        /// How it judges; `measure` where it is left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub rule: Option<Rule>,
        /// How several series become one: `each`, `max`, `min`, `sum`, `avg`. Without it there must be just one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub over_series: Option<OverSeries>,
        /// How a window becomes one value: `avg`, `max`, `min`, `last`, `p50`, `p95`, `p99`, `rate`, `increase`,
        /// `slope`, or a share of the time such as `share > 80 %`. A claim takes `p90`, `p95`, `p99`, `p99.9`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub over_time: Option<String>,
        /// The values that are good, such as `< 500 ms`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub go: Option<String>,
        /// The values that a person should look at.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub warn: Option<String>,
        /// The values that are bad.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub stop: Option<String>,
        /// With `max` or `min`: how many ticks in a row a value must hold to count. 1 where it is left out.
        #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
        pub for_ticks: Option<u32>,
        /// The beginning of the window that does not count, such as `60 s`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub settle: Option<String>,
        /// The share of the ticks that must be there for GO or WARN; `90 %` where it is left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub coverage: Option<String>,
        /// How many series (for `uniform`: partitions) there must be; else what the evidence says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub series: Option<u32>,
        /// The shortest window that can be judged, such as `24 h`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub not_before: Option<String>,
        /// Limits grow with the asked rate above this one, such as `10000 records/s`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub scale_above: Option<String>,
        /// Its STOP counts as WARN. Missing data counts as it does everywhere.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub advisory: Option<bool>,
        /// Its STOP shows nothing while our own generator slipped.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub void_if_slip: Option<bool>,
        /// Not judged, and why. Reported as skipped.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub off: Option<String>,
        /// For `trend`: the blocks that the window is cut into; `15 min` where it is left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub block: Option<String>,
        /// For `trend`: what a block is told by; `middle` where it is left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub block_by: Option<BlockBy>,
        /// For `uniform`: below this no partition is hot; `500 ms` where it is left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub at_least: Option<String>,
        /// For `uniform`: the records that a partition must have; 300 where it is left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub min_records: Option<u64>,
        /// For `duplicates`: the offset flush interval where it cannot be read; `60 s` where it is left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub flush_interval: Option<String>,
        /// For `duplicates`: what a restart may replay beyond it; `10 s` where it is left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub replay_grace: Option<String>,
    }

    impl Criterion {
        /// Takes over what `other` says; what it leaves out stays.
        pub(crate) fn override_with(&mut self, other: Self) {
            macro_rules! take {
                ($($field:ident)*) => { $(if other.$field.is_some() { self.$field = other.$field; })* };
            }
            take! {
                title phase step signal unit rule over_series over_time
                go warn stop for_ticks settle coverage series not_before
                scale_above advisory void_if_slip off block block_by at_least min_records
                flush_interval replay_grace
            }
        }
    }

    /// How a criterion judges.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(rename_all = "snake_case")]
    #[non_exhaustive]
    pub enum Rule {
        /// A value, from series or as a total, in its bands.
        Measure,
        /// A percentile of records that is proved to be under a limit.
        Claim,
        /// Growth of a backlog that is proved to be within a share of the asked rate, or within records a window.
        Growth,
        /// Growth over a day, per cent of the level, proved.
        Trend,
        /// No partition is much slower than the others.
        Uniform,
        /// Duplicates, unless a restart explains them.
        Duplicates,
        /// The share of the due records that was delivered; whose doing it was if it was too small.
        Delivered,
        /// How late our own sends were; whose doing it was if they were too late.
        Slip,
    }

    /// How several series become one.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(rename_all = "snake_case")]
    pub enum OverSeries {
        /// Each is judged; the worst decides.
        Each,
        /// The largest value of each tick.
        Max,
        /// The smallest value of each tick.
        Min,
        /// The sum of each tick.
        Sum,
        /// The mean of each tick.
        Avg,
    }

    /// What a block of a trend is told by.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
    #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    #[serde(rename_all = "snake_case")]
    pub enum BlockBy {
        /// Its smallest value: for a sawtooth, such as a heap between collections.
        Floor,
        /// Its median.
        Middle,
    }
}
