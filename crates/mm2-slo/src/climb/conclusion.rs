//! What a climb came to, as plain data. Not here: how it got there ([`Climb`](super::Climb)).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::finding::Reason;
use crate::level::Level;
use crate::name::CriterionName;
use crate::verdict::Verdict;

/// A step and the criterion that decided it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// The step's name.
    pub step: String,
    /// The criterion; `None` where nothing was judged.
    pub criterion: Option<CriterionName>,
}

/// What a ramp came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conclusion {
    /// The ramp's level.
    pub level: Level,
    /// Why, from a closed set.
    pub reason: ConclusionReason,
    /// What the chain was shown to carry.
    pub capacity: Capacity,
}

/// Why a ramp came to its level. `Display` is the phrase for `run.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum ConclusionReason {
    /// GO: each asked step is validated, none with a warning.
    AllValidated,
    /// WARN: each asked step is validated, this one first with a warning.
    Warned(Decided),
    /// WARN: each asked step is validated, but this one only when it was held again. Its first hold showed nothing, and
    /// read this criterion beyond its limit.
    PassedHeldAgain(Decided),
    /// WARN: this step failed, at a rate that was asked for, and at least one is validated below it.
    CapacityFound(Decided),
    /// STOP: this step failed, and none is validated below it.
    NoneValidated(Decided),
    /// STOP: what is recommended is less than what production needs.
    BelowRequirement {
        /// What production needs at its peak, records per second.
        need_per_sec: u64,
        /// What is recommended; `None` when no step was validated.
        recommended_per_sec: Option<u64>,
    },
    /// STOP: whatever the climb came to, records were lost while the chain caught up after an outage.
    LostCatchingUp {
        /// How many.
        records: u64,
    },
    /// INCONCLUSIVE: this step was held twice and showed nothing.
    NotShown(Decided),
    /// INCONCLUSIVE: interrupted.
    Interrupted,
    /// INCONCLUSIVE: the run ended before its steps did.
    Incomplete,
}

impl fmt::Display for ConclusionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AllValidated => f.write_str("all steps validated"),
            Self::Warned(by) => write!(f, "all steps validated, warning at {by}"),
            Self::PassedHeldAgain(by) => {
                write!(f, "all steps validated, {by} only when it was held again")
            }
            Self::CapacityFound(by) => write!(f, "capacity found, {by} failed"),
            Self::NoneValidated(by) => write!(f, "no step validated, {by} failed"),
            Self::BelowRequirement { need_per_sec, recommended_per_sec: Some(recommended) } => {
                write!(f, "{recommended}/s recommended, {need_per_sec}/s needed")
            }
            Self::BelowRequirement { need_per_sec, recommended_per_sec: None } => {
                write!(f, "nothing recommended, {need_per_sec}/s needed")
            }
            Self::LostCatchingUp { records } => write!(f, "{records} records lost while the chain caught up"),
            Self::NotShown(by) => write!(f, "{by} not shown either way"),
            Self::Interrupted => f.write_str("interrupted"),
            Self::Incomplete => f.write_str("incomplete"),
        }
    }
}

impl fmt::Display for Decided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.criterion {
            Some(criterion) => write!(f, "{}: {criterion}", self.step),
            None => f.write_str(&self.step),
        }
    }
}

/// What a chain was shown to carry, records per second. Serialised as `run.json` has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Capacity {
    /// The highest rate that a step was asked for and validated at, and that did not fail when it was held again; `None`
    /// when there is none.
    pub validated_per_sec: Option<u64>,
    /// What was achieved in that step, the first time that it passed.
    pub validated_achieved_per_sec: Option<f64>,
    /// Whether the capacity may be higher: no step failed above it, or the climb did not come to its own end (interrupted,
    /// or a step above it held twice in vain).
    pub at_least: bool,
    /// 70 % of the validated rate, rounded down (runbook: margin for peaks, GC and maintenance).
    pub recommended_per_sec: Option<u64>,
    /// What the step at `first_failed_per_sec` failed by; `None` when none failed.
    pub limited_by: Option<LimitedBy>,
    /// The lowest rate above the validated one that failed; `None` when none failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_failed_per_sec: Option<u64>,
    /// `true`: the validated rate passed again when it was held once more. `false`: it was not held again, and higher rates
    /// that had passed failed when they were. `None`: it was not held again, or [in vain](Self::held_again_in_vain).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<bool>,
    /// Whether the validated rate was held again and showed nothing, twice: it passed once, and nobody knows whether it
    /// would again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held_again_in_vain: bool,
}

/// What keeps a chain from carrying more. In JSON a name: `"source"`, or a criterion's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitedBy {
    /// The source did not take the load.
    Source,
    /// The chain failed this criterion.
    #[serde(untagged)]
    Criterion(CriterionName),
}

impl LimitedBy {
    /// The name that stands in `run.json`.
    pub fn name(&self) -> &str {
        match self {
            Self::Source => "source",
            Self::Criterion(criterion) => criterion.as_str(),
        }
    }

    pub(super) fn of(verdict: &Verdict) -> Option<Self> {
        // A source that holds the sender back makes late records too: it stands before what it caused.
        if verdict.findings.iter().any(|finding| finding.reason == Reason::SourceLimited) {
            return Some(Self::Source);
        }
        verdict.reason.clone().map(Self::Criterion)
    }
}
