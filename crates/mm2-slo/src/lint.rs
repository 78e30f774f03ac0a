//! Can each criterion fail, and does none pass on nothing?
//!
//! A criterion that can never be STOP, or that is GO where there is no data, is worse than none: it is believed. So
//! each is tried on observations that are made up for it, sound and spoilt. What it comes to is data; what is wrong
//! with that are sentences. Not here: how the observations are made up (`lint::synthetic`), and whether a limit is a
//! wise one.
//!
//! ```
//! let criteria = mm2_slo::Criteria::from_toml(r#"
//!     [[criterion]]
//!     name = "busy"
//!     signal = "worker.cpu"
//!     unit = "percent"
//!     over_time = "share > 90 %"
//!     go = "<= 5 %"
//!     warn = "otherwise"
//!     stop = "> 150 %"
//! "#)?;
//! let busy = mm2_slo::lint(&criteria).remove(0);
//! assert_eq!(busy.problems(), ["busy (gauge) can never be STOP: no value that it could have is in `> 150 %`"]);
//! # Ok::<(), mm2_slo::Error>(())
//! ```

mod synthetic;

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use self::synthetic::Subject;
use crate::criteria::Criteria;
use crate::criterion::{Criterion, OverTime, Rule};
use crate::finding::Outcome;
use crate::name::CriterionName;
use crate::wire::v1::CriteriaFile;

/// What a criterion came to on made-up observations of one form.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[must_use]
#[non_exhaustive]
pub struct Linted {
    /// Which criterion.
    pub criterion: CriterionName,
    /// The form in which its signal came.
    pub form: Form,
    /// What it came to in each trial; one that does not exist for its rule and form is not there. `advisory` and
    /// `off` are lifted, so an advisory criterion's own STOP is STOP here.
    pub outcomes: BTreeMap<Trial, Outcome>,
    /// Whether any value made it GO.
    pub can_go: bool,
    /// Whether any value made it STOP.
    pub can_stop: bool,
    /// Its STOP band as it was written.
    stop: Option<String>,
}

/// The form in which a signal comes: one that the criterion's rule judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Form {
    /// Sampled, a level.
    Gauge,
    /// Sampled, a count since some start.
    Counter,
    /// One number for the window.
    Total,
    /// Latencies of single records.
    Records,
    /// A cumulative histogram.
    Histogram,
    /// One figure a partition.
    Partitions,
    /// What the load generator did.
    Load,
    /// Records that arrived more than once.
    Duplicates,
}

/// What a criterion is tried on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Trial {
    /// Nobody named the signal.
    Empty,
    /// Nothing but NaN in it. A record whose latency is NaN was not seen in time, which may be STOP.
    Nan,
    /// Good values, in the first 40 % of the window only; for what has no times, not everything was counted.
    Stale,
    /// Good values in half of the shortest window that the criterion asks for; without one, fewer of them than
    /// its rule needs. Not there where one value is enough.
    Short,
    /// Good values, and one of the series that there must be is missing: a series, or a partition without records.
    OneSeriesGone,
    /// The chain declares that it has no such signal: SKIPPED, and nothing else.
    Absent,
    /// A value just on the good side of where GO ends. For a proof, as near as it can tell: half of the allowed
    /// share of late records, nine tenths of the allowed growth of a backlog, half of that of a trend.
    JustUnder,
    /// A value just on the bad side of where GO ends; of our own doing for `delivered` and `slip`, and so
    /// INCONCLUSIVE there.
    JustOver,
    /// A value far beyond all limits, of the two directions the worse one; the source's doing for `delivered` and
    /// `slip`.
    FarOver,
}

impl Trial {
    /// All of them, in order.
    pub const ALL: [Self; 9] = [
        Self::Empty,
        Self::Nan,
        Self::Stale,
        Self::Short,
        Self::OneSeriesGone,
        Self::Absent,
        Self::JustUnder,
        Self::JustOver,
        Self::FarOver,
    ];

    /// Good values, but not all of them: nothing that may pass.
    const MISSING: [(Self, &'static str); 5] = [
        (Self::Empty, "without its signal"),
        (Self::Nan, "where all is NaN"),
        (Self::Stale, "where the end of the window is missing"),
        (Self::Short, "in a window that is too short"),
        (Self::OneSeriesGone, "where a series is missing"),
    ];

    /// As it stands in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Nan => "nan",
            Self::Stale => "stale",
            Self::Short => "short",
            Self::OneSeriesGone => "one_series_gone",
            Self::Absent => "absent",
            Self::JustUnder => "just_under",
            Self::JustOver => "just_over",
            Self::FarOver => "far_over",
        }
    }
}

impl Form {
    /// As it stands in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Counter => "counter",
            Self::Total => "total",
            Self::Records => "records",
            Self::Histogram => "histogram",
            Self::Partitions => "partitions",
            Self::Load => "load",
            Self::Duplicates => "duplicates",
        }
    }

    /// The forms that a criterion's rule is meant for.
    fn of(criterion: &Criterion) -> &'static [Self] {
        match &criterion.rule {
            Rule::Measure(measure) => match measure.over_time {
                None => &[Self::Total],
                Some(OverTime::Rate | OverTime::Increase) => &[Self::Counter],
                Some(_) => &[Self::Gauge],
            },
            Rule::Claim { .. } => &[Self::Records, Self::Histogram],
            Rule::Growth | Rule::Trend { .. } => &[Self::Gauge],
            Rule::Uniform { .. } => &[Self::Partitions],
            Rule::Duplicates { .. } => &[Self::Duplicates],
            Rule::Delivered | Rule::Slip => &[Self::Load],
        }
    }
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Linted {
    /// What it came to in a trial; `None` where there is no such trial for its rule and form.
    pub fn outcome(&self, trial: Trial) -> Option<Outcome> {
        self.outcomes.get(&trial).copied()
    }

    /// What is wrong with the criterion, a sentence without a full stop each; nothing where it is sound.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut say = |what: String| problems.push(format!("{} ({}) {what}", self.criterion, self.form));
        if !self.can_go {
            say("can never be GO".to_owned());
        }
        match &self.stop {
            None => say("can never be STOP: it has no `stop` band".to_owned()),
            Some(stop) if !self.can_stop => {
                say(format!("can never be STOP: no value that it could have is in `{stop}`"));
            }
            Some(_) => {}
        }
        for (trial, when) in Trial::MISSING {
            if let Some(passes @ (Outcome::Go | Outcome::Warn)) = self.outcome(trial) {
                let passes = if passes == Outcome::Go { "GO" } else { "WARN" };
                say(format!("is {passes} {when}"));
            }
        }
        if self.outcome(Trial::Absent) != Some(Outcome::Skipped) {
            say("is not skipped where the chain declares that it has no such signal".to_owned());
        }
        if self.outcome(Trial::JustOver) == Some(Outcome::Go) {
            say("is GO just beyond its own limit".to_owned());
        }
        problems
    }
}

/// Tries each criterion, in order, on each form in which its signal can come.
///
/// What limits depend on (`baseline`, `p99_limit`, the asked rate …) is made up as well.
pub fn lint(criteria: &Criteria) -> Vec<Linted> {
    criteria
        .iter()
        .flat_map(|criterion| Form::of(criterion).iter().map(|form| one(criterion, *form)))
        .collect()
}

fn one(criterion: &Criterion, form: Form) -> Linted {
    let mut linted = Linted {
        criterion: criterion.name().clone(),
        form,
        outcomes: BTreeMap::new(),
        can_go: false,
        can_stop: false,
        stop: criterion.bands().stop().map(|stop| stop.written().to_owned()),
    };
    let mut lifted = criterion.to_wire().clone();
    (lifted.advisory, lifted.off) = (None, None);
    // It is one already, so it makes one again.
    let file = CriteriaFile { criteria: vec![lifted], ..CriteriaFile::default() };
    let Ok(alone) = Criteria::from_wire(file) else { return linted };
    let Some(subject) = alone.iter().next().and_then(|lifted| Subject::new(lifted, form)) else {
        return linted;
    };
    for trial in Trial::ALL {
        let worst =
            subject.observations(trial).iter().map(|seen| outcome(&alone, seen)).max_by_key(|o| o.level());
        if let Some(worst) = worst {
            linted.outcomes.insert(trial, worst);
        }
    }
    for seen in subject.sound() {
        match outcome(&alone, &seen) {
            Outcome::Go => linted.can_go = true,
            Outcome::Stop => linted.can_stop = true,
            _ => {}
        }
    }
    linted
}

fn outcome(alone: &Criteria, seen: &crate::Observations) -> Outcome {
    alone.judge(seen).findings.first().map_or(Outcome::Inconclusive, |finding| finding.outcome)
}
