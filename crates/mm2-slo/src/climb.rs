//! The ramp's course: which step is next, when to stop, and what the climb came to.
//!
//! ```
//! use mm2_slo::{Climb, Ladder, Level};
//! # use mm2_slo::{Criteria, Observation, Observations, Total, Unit};
//! # let lost = Criteria::from_toml("[[criterion]]\nname = 'lost'\nsignal = 'lost'\nunit = 'records'\ngo = '= 0 records'\nstop = '> 0 records'").unwrap();
//! # let judged = |rate| {
//! #     let lost_records = if rate < 7_500 { 0.0 } else { 3.0 };
//! #     let seen = Total::new(lost_records, Unit::Records);
//! #     lost.judge(&Observations::over(60.0).with("lost", Observation::Total(seen)))
//! # };
//! let mut climb = Climb::new(Ladder::runbook().steps);
//! while let Some((step, _attempt)) = climb.next_step() {
//!     let verdict = judged(step.rate_per_sec); // hold it, let the chain recover, judge
//!     climb.record(&step, &verdict, Some(step.rate_per_sec as f64));
//! }
//! let conclusion = climb.conclude(false);
//! assert_eq!(conclusion.level, Level::Warn); // a capacity was found
//! assert_eq!(conclusion.capacity.validated_per_sec, Some(5_000));
//! assert_eq!(conclusion.capacity.recommended_per_sec, Some(3_500));
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::finding::Reason;
use crate::level::Level;
use crate::name::CriterionName;
use crate::step::Step;
use crate::verdict::Verdict;

/// How often a step is held before the climb gives up on it.
const ATTEMPTS: u32 = 2;
/// What the runbook leaves for peaks, garbage collection and maintenance: 70 % is recommended, in tenths.
const RECOMMENDED_TENTHS: u64 = 7;

/// A climb under way.
#[derive(Debug, Clone)]
pub struct Climb {
    steps: Vec<Step>,
    /// Index of the step to hold next.
    at: usize,
    /// Which hold of that step it would be, from 1.
    attempt: u32,
    validated: Option<Validated>,
    first_warning: Option<Decided>,
    ended_by: Option<Ended>,
}

#[derive(Debug, Clone, Copy)]
struct Validated {
    asked_per_sec: u64,
    achieved_per_sec: Option<f64>,
}

#[derive(Debug, Clone)]
struct Ended {
    level: Level,
    by: Decided,
    limited_by: Option<LimitedBy>,
}

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
    /// WARN: this step failed after at least one was validated.
    CapacityFound(Decided),
    /// STOP: this step failed, and none was validated before it.
    NoneValidated(Decided),
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
            Self::CapacityFound(by) => write!(f, "capacity found, {by} failed"),
            Self::NoneValidated(by) => write!(f, "no step validated, {by} failed"),
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
    /// Asked rate of the last validated step; `None` when none was.
    pub validated_per_sec: Option<u64>,
    /// What was achieved in that step.
    pub validated_achieved_per_sec: Option<f64>,
    /// Whether the capacity may be higher: the climb ended before a step failed.
    pub at_least: bool,
    /// 70 % of the validated rate, rounded down (runbook: margin for peaks, GC and maintenance).
    pub recommended_per_sec: Option<u64>,
    /// What the failed step failed by; `None` when none failed.
    pub limited_by: Option<LimitedBy>,
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

    fn of(verdict: &Verdict) -> Option<Self> {
        // A source that holds the sender back makes late records too: it stands before what it caused.
        if verdict.findings.iter().any(|finding| finding.reason == Reason::SourceLimited) {
            return Some(Self::Source);
        }
        verdict.reason.clone().map(Self::Criterion)
    }
}

impl Climb {
    /// A climb of `steps`, lowest first.
    pub fn new(steps: Vec<Step>) -> Self {
        Self { steps, at: 0, attempt: 1, validated: None, first_warning: None, ended_by: None }
    }

    /// The step to hold next, and which hold of it this is (1, or 2 after an INCONCLUSIVE one); `None`
    /// when the climb is over. The same until it is recorded.
    pub fn next_step(&self) -> Option<(Step, u32)> {
        if self.ended_by.is_some() {
            return None;
        }
        self.steps.get(self.at).map(|step| (step.clone(), self.attempt))
    }

    /// Takes the verdict of the step that [`next_step`](Self::next_step) gave.
    pub fn record(&mut self, step: &Step, verdict: &Verdict, achieved_per_sec: Option<f64>) {
        let by = Decided { step: step.name.clone(), criterion: verdict.reason.clone() };
        match verdict.level {
            Level::Go | Level::Warn => {
                self.validated = Some(Validated { asked_per_sec: step.rate_per_sec, achieved_per_sec });
                if verdict.level == Level::Warn {
                    self.first_warning.get_or_insert(by);
                }
                self.at += 1;
                self.attempt = 1;
            }
            Level::Inconclusive if self.attempt < ATTEMPTS => self.attempt += 1,
            Level::Inconclusive => {
                self.ended_by = Some(Ended { level: Level::Inconclusive, by, limited_by: None });
            }
            Level::Stop => {
                let limited_by = LimitedBy::of(verdict);
                self.ended_by = Some(Ended { level: Level::Stop, by, limited_by });
            }
        }
    }

    /// What the climb came to. `interrupted`: a person or a failure ended it early.
    pub fn conclude(self, interrupted: bool) -> Conclusion {
        let (level, reason) = self.outcome(interrupted);
        let failed = self.ended_by.filter(|end| end.level == Level::Stop);
        let validated_per_sec = self.validated.map(|validated| validated.asked_per_sec);
        let capacity = Capacity {
            validated_per_sec,
            validated_achieved_per_sec: self.validated.and_then(|validated| validated.achieved_per_sec),
            at_least: interrupted || failed.is_none(),
            recommended_per_sec: validated_per_sec.map(recommended),
            limited_by: failed.and_then(|end| end.limited_by),
        };
        Conclusion { level, reason, capacity }
    }

    fn outcome(&self, interrupted: bool) -> (Level, ConclusionReason) {
        if interrupted {
            return (Level::Inconclusive, ConclusionReason::Interrupted);
        }
        match (&self.ended_by, &self.first_warning) {
            (Some(end), _) if end.level == Level::Inconclusive => {
                (Level::Inconclusive, ConclusionReason::NotShown(end.by.clone()))
            }
            (Some(end), _) if self.validated.is_some() => {
                (Level::Warn, ConclusionReason::CapacityFound(end.by.clone()))
            }
            (Some(end), _) => (Level::Stop, ConclusionReason::NoneValidated(end.by.clone())),
            (None, _) if self.at < self.steps.len() || self.steps.is_empty() => {
                (Level::Inconclusive, ConclusionReason::Incomplete)
            }
            (None, Some(warned)) => (Level::Warn, ConclusionReason::Warned(warned.clone())),
            (None, None) => (Level::Go, ConclusionReason::AllValidated),
        }
    }
}

/// 70 %, rounded down.
fn recommended(per_sec: u64) -> u64 {
    per_sec / 10 * RECOMMENDED_TENTHS + per_sec % 10 * RECOMMENDED_TENTHS / 10
}
