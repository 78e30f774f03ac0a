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

mod conclusion;

use crate::ladder::HIGHEST_RATE_PER_SEC;
use crate::level::Level;
use crate::step::Step;
use crate::verdict::Verdict;

pub use conclusion::{Capacity, Conclusion, ConclusionReason, Decided, LimitedBy};

/// How often a step is held before the climb gives up on it.
const ATTEMPTS: u32 = 2;
/// What the runbook leaves for peaks, garbage collection and maintenance: 70 % is recommended, in tenths.
const RECOMMENDED_TENTHS: u64 = 7;
/// Beyond the asked steps each asks for this many times the rate of the one before, in halves: 1.5.
const BEYOND_HALVES: u64 = 3;
/// Refined is a failed rate that is at most this many twentieths above the validated one: 5 %.
const REFINED_TWENTIETHS: u64 = 1;
/// A winner that fails when it is held again makes way for the next lower one; so often, then the climb ends.
const CONFIRMATIONS: u32 = 3;

/// A climb under way.
///
/// The asked steps come first. With [`beyond`](Self::beyond) and all of them validated, steps `B1`, `B2`, … ask for 1.5
/// times the rate of the one before until one fails. With [`refine`](Self::refine), the first STOP above a validated
/// step is followed by steps `R1`, `R2`, … halfway between the two until they are within 5 %, and the winner is held
/// once more as `C1`; should it fail then, the next lower one is refined and held again, three times at most. So a climb
/// of n steps ends after at most n + 24 beyond them and 8 to refine and 1 to confirm, three times over, each held at
/// most twice.
#[derive(Debug, Clone)]
#[must_use]
pub struct Climb {
    asked: Vec<Step>,
    goes_beyond: bool,
    refines: bool,
    need_per_sec: Option<u64>,
    /// The step to hold next, and which hold of it that is, from 1.
    next: Option<(Step, u32)>,
    part: Part,
    /// Those that passed, by rate, without those that failed when they were held again.
    validated: Vec<Validated>,
    /// The lowest rate that failed.
    failed: Option<Failed>,
    first_warning: Option<Decided>,
    /// How the asked steps ended, if not by passing.
    asked_ended_by: Option<(Level, Decided)>,
    /// A step beyond the asked ones, or between, was held in vain.
    gave_up: bool,
    confirmed: Option<bool>,
}

/// Which part of the climb the next step belongs to; the number is that of the step in it, from 1 (asked: from 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Asked(usize),
    Beyond(u32),
    Refine { step: u32, confirmation: u32 },
    Confirm { step: u32, confirmation: u32 },
}

#[derive(Debug, Clone, Copy)]
struct Validated {
    asked_per_sec: u64,
    achieved_per_sec: Option<f64>,
}

#[derive(Debug, Clone)]
struct Failed {
    asked_per_sec: u64,
    limited_by: Option<LimitedBy>,
    /// Its limits are those of the steps between.
    step: Step,
}

impl Climb {
    /// A climb of `steps`, lowest first.
    pub fn new(steps: Vec<Step>) -> Self {
        Self {
            next: steps.first().map(|step| (step.clone(), 1)),
            asked: steps,
            goes_beyond: false,
            refines: false,
            need_per_sec: None,
            part: Part::Asked(0),
            validated: Vec::new(),
            failed: None,
            first_warning: None,
            asked_ended_by: None,
            gave_up: false,
            confirmed: None,
        }
    }

    /// Goes on after the last step, with 1.5 times the rate each, until one fails.
    pub fn beyond(mut self) -> Self {
        self.goes_beyond = true;
        self
    }

    /// Brings the failed and the validated rate within 5 % of each other, and holds the winner once more.
    pub fn refine(mut self) -> Self {
        self.refines = true;
        self
    }

    /// 70 % of the validated rate must be at least this, records per second.
    pub fn requiring(mut self, need_per_sec: u64) -> Self {
        self.need_per_sec = Some(need_per_sec);
        self
    }

    /// The step to hold next, and which hold of it this is (1, or 2 after an INCONCLUSIVE one); `None`
    /// when the climb is over. The same until it is recorded.
    pub fn next_step(&self) -> Option<(Step, u32)> {
        self.next.clone()
    }

    /// Takes the verdict of the step that [`next_step`](Self::next_step) gave.
    pub fn record(&mut self, step: &Step, verdict: &Verdict, achieved_per_sec: Option<f64>) {
        let Some((_, attempt)) = self.next.take() else { return };
        match verdict.level {
            Level::Inconclusive if attempt < ATTEMPTS => self.next = Some((step.clone(), attempt + 1)),
            Level::Inconclusive => self.give_up(step, verdict),
            Level::Go | Level::Warn => {
                self.passed(step, verdict, achieved_per_sec);
                self.next = self.choose_next().map(|step| (step, 1));
            }
            Level::Stop => {
                self.stopped(step, verdict);
                self.next = self.choose_next().map(|step| (step, 1));
            }
        }
    }

    fn give_up(&mut self, step: &Step, verdict: &Verdict) {
        self.gave_up = true;
        if matches!(self.part, Part::Asked(_)) {
            self.asked_ended_by = Some((Level::Inconclusive, decided(step, verdict)));
        }
    }

    fn passed(&mut self, step: &Step, verdict: &Verdict, achieved_per_sec: Option<f64>) {
        let asked_per_sec = step.rate_per_sec;
        match &mut self.part {
            Part::Confirm { .. } => {
                self.confirmed = Some(true);
                return;
            }
            Part::Asked(at) => {
                *at += 1;
                if verdict.level == Level::Warn {
                    self.first_warning.get_or_insert_with(|| decided(step, verdict));
                }
            }
            Part::Beyond(number) | Part::Refine { step: number, .. } => *number += 1,
        }
        self.validated.push(Validated { asked_per_sec, achieved_per_sec });
        self.validated.sort_by_key(|validated| validated.asked_per_sec);
    }

    fn stopped(&mut self, step: &Step, verdict: &Verdict) {
        let first_stop = self.failed.is_none();
        let failed = Failed {
            asked_per_sec: step.rate_per_sec,
            limited_by: LimitedBy::of(verdict),
            step: step.clone(),
        };
        self.failed = Some(failed);
        match self.part {
            Part::Asked(_) => self.asked_ended_by = Some((Level::Stop, decided(step, verdict))),
            Part::Beyond(_) => {}
            Part::Refine { step, confirmation } => {
                self.part = Part::Refine { step: step + 1, confirmation };
            }
            Part::Confirm { step: number, confirmation } => {
                self.confirmed = Some(false);
                self.validated.retain(|validated| validated.asked_per_sec < step.rate_per_sec);
                self.part = Part::Refine { step: number, confirmation: confirmation + 1 };
                self.refuted(step, verdict);
            }
        }
        if first_stop && self.refines {
            self.part = Part::Refine { step: 1, confirmation: 1 };
        }
    }

    /// An asked step that passed once and failed when it was held again has failed.
    fn refuted(&mut self, step: &Step, verdict: &Verdict) {
        let was_asked = self.asked.iter().any(|asked| asked.rate_per_sec >= step.rate_per_sec);
        if was_asked && self.asked_ended_by.is_none() {
            self.asked_ended_by = Some((Level::Stop, decided(step, verdict)));
        }
    }

    /// After a step passed or failed.
    fn choose_next(&mut self) -> Option<Step> {
        if let Part::Asked(at) = self.part {
            if self.failed.is_some() {
                return None;
            }
            if let Some(step) = self.asked.get(at) {
                return Some(step.clone());
            }
            self.part = Part::Beyond(1);
        }
        match self.part {
            Part::Beyond(number) => self.further(number),
            Part::Refine { step, confirmation } => self.halfway(step, confirmation),
            Part::Asked(_) | Part::Confirm { .. } => None,
        }
    }

    fn further(&self, number: u32) -> Option<Step> {
        if !self.goes_beyond || self.failed.is_some() {
            return None;
        }
        let last = self.validated.last()?.asked_per_sec;
        let rate_per_sec = (last * BEYOND_HALVES).div_ceil(2);
        let like = self.asked.last()?;
        (rate_per_sec <= HIGHEST_RATE_PER_SEC).then(|| self.named("B", number, rate_per_sec, like))
    }

    /// A step between the validated and the failed rate; once they are close, the validated one again.
    fn halfway(&mut self, step: u32, confirmation: u32) -> Option<Step> {
        let (good, bad) = (self.validated.last()?.asked_per_sec, self.failed.as_ref()?);
        let like = bad.step.clone();
        let apart = bad.asked_per_sec - good;
        if apart > 1 && apart * 20 > good * REFINED_TWENTIETHS {
            return Some(self.named("R", step, good + apart / 2, &like));
        }
        if confirmation > CONFIRMATIONS {
            return None;
        }
        self.part = Part::Confirm { step, confirmation };
        Some(self.named("C", confirmation, good, &like))
    }

    /// A step of ours, with the limits of another; its name is no asked step's.
    fn named(&self, letter: &str, number: u32, rate_per_sec: u64, like: &Step) -> Step {
        let mut name = format!("{letter}{number}");
        while self.asked.iter().any(|step| step.name == name) {
            name.push('x');
        }
        Step { name, rate_per_sec, ..like.clone() }
    }

    /// What the climb came to. `interrupted`: a person or a failure ended it early.
    pub fn conclude(self, interrupted: bool) -> Conclusion {
        let capacity = self.capacity(interrupted);
        let (level, reason) = self.outcome(interrupted);
        let below = self.need_per_sec.filter(|need| capacity.recommended_per_sec.unwrap_or(0) < *need);
        let (level, reason) = match below {
            Some(need_per_sec) if level != Level::Inconclusive => {
                let recommended_per_sec = capacity.recommended_per_sec;
                (Level::Stop, ConclusionReason::BelowRequirement { need_per_sec, recommended_per_sec })
            }
            _ => (level, reason),
        };
        Conclusion { level, reason, capacity }
    }

    fn capacity(&self, interrupted: bool) -> Capacity {
        let validated = self.validated.last();
        let validated_per_sec = validated.map(|validated| validated.asked_per_sec);
        Capacity {
            validated_per_sec,
            validated_achieved_per_sec: validated.and_then(|validated| validated.achieved_per_sec),
            at_least: interrupted || self.gave_up || self.failed.is_none(),
            recommended_per_sec: validated_per_sec.map(recommended),
            limited_by: self.failed.as_ref().and_then(|failed| failed.limited_by.clone()),
            first_failed_per_sec: self.failed.as_ref().map(|failed| failed.asked_per_sec),
            confirmed: self.confirmed,
        }
    }

    fn outcome(&self, interrupted: bool) -> (Level, ConclusionReason) {
        if interrupted {
            return (Level::Inconclusive, ConclusionReason::Interrupted);
        }
        match (&self.asked_ended_by, &self.first_warning) {
            (Some((Level::Inconclusive, by)), _) => {
                (Level::Inconclusive, ConclusionReason::NotShown(by.clone()))
            }
            (Some((_, by)), _) if !self.validated.is_empty() => {
                (Level::Warn, ConclusionReason::CapacityFound(by.clone()))
            }
            (Some((_, by)), _) => (Level::Stop, ConclusionReason::NoneValidated(by.clone())),
            (None, _)
                if self.asked.is_empty() || matches!(self.part, Part::Asked(at) if at < self.asked.len()) =>
            {
                (Level::Inconclusive, ConclusionReason::Incomplete)
            }
            (None, Some(warned)) => (Level::Warn, ConclusionReason::Warned(warned.clone())),
            (None, None) => (Level::Go, ConclusionReason::AllValidated),
        }
    }
}

fn decided(step: &Step, verdict: &Verdict) -> Decided {
    Decided { step: step.name.clone(), criterion: verdict.reason.clone() }
}

/// 70 %, rounded down.
fn recommended(per_sec: u64) -> u64 {
    per_sec / 10 * RECOMMENDED_TENTHS + per_sec % 10 * RECOMMENDED_TENTHS / 10
}
