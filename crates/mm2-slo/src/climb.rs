//! The ramp's course: which step is next, when to stop, and what the climb came to.
//!
//! ```
//! use mm2_slo::{Climb, Ladder, Level};
//! # use mm2_slo::{Criteria, Observation, Observations, Total, Unit};
//! # let lost = Criteria::from_toml("[[criterion]]\nname = 'lost'\nsignal = 'lost'\nunit = 'records'\ngo = '= 0 records'\nstop = '> 0 records'").unwrap();
//! # let judged = |rate| {
//! #     let lost_records = if rate <= 6_000 { 0.0 } else { 3.0 };
//! #     let seen = Total::new(lost_records, Unit::Records);
//! #     lost.judge(&Observations::over(60.0).with("lost", Observation::Total(seen)))
//! # };
//! let climbed = |mut climb: Climb| {
//!     while let Some((step, _attempt)) = climb.next_step() {
//!         let verdict = judged(step.rate_per_sec); // hold it, let the chain recover, judge
//!         climb.record(&step, &verdict, Some(step.rate_per_sec as f64));
//!     }
//!     climb.conclude(false)
//! };
//! // The runbook's steps, on a chain that carries 6 000 records a second:
//! let conclusion = climbed(Climb::new(Ladder::runbook().steps));
//! assert_eq!(conclusion.level, Level::Warn); // P3 passed, P4 failed: a capacity was found
//! assert_eq!(conclusion.capacity.validated_per_sec, Some(5_000));
//! assert_eq!(conclusion.capacity.recommended_per_sec, Some(3_500));
//! assert_eq!(conclusion.capacity.first_failed_per_sec, Some(7_500));
//!
//! // The same, narrowed to within 5 %, and the winner held once more:
//! let refined = climbed(Climb::new(Ladder::runbook().steps).refine()).capacity;
//! assert_eq!(refined.validated_per_sec, Some(5_937));
//! assert_eq!(refined.first_failed_per_sec, Some(6_093));
//! assert_eq!(refined.confirmed, Some(true));
//! ```

mod conclusion;
mod course;
mod outcome;

use crate::finding::{Finding, Outcome, Reason};
use crate::level::Level;
use crate::step::Step;
use crate::verdict::Verdict;

pub use conclusion::{Capacity, Conclusion, ConclusionReason, Decided, LimitedBy};
use course::Part;

/// How often a step is held before the climb gives up on it.
const ATTEMPTS: u32 = 2;

/// A climb under way. Its parts, in their order:
///
/// - **Asked**: the given steps, lowest first, until one fails.
/// - **Beyond**, with [`beyond`](Self::beyond), once each asked step is validated: `B1`, `B2`, … until one fails.
/// - **Refining**, with [`refine`](Self::refine), once a step failed above a validated one: `R1`, `R2`, … between the
///   two until they are within 5 %, then `C1`, the winner held again. Should it fail, it is refuted, and the next lower
///   validated rate is refined and held again in its turn (`C2`, `C3`).
///
/// A name that an asked step has is passed over: the next number is taken. A step that shows nothing is held once more,
/// and then ends the climb, in whichever part. One that passes the second time, after a first hold that read something
/// beyond its limit without proving it, passes with a warning.
///
/// # It ends
/// `n` steps of a [`Ladder`](crate::Ladder) that [validates](crate::Ladder::validate) are followed by at most 40 beyond
/// them, and by at most 3 rounds of 24 steps between and one confirmation: `n` + 115 steps, each held at most twice.
/// That is for a ladder which asks for 1 record per second and then for 10 million. Beyond the runbook's P5 they are 18,
/// and a round between steps that are × 1.5 apart is 4. Whoever refutes three winners has a chain that does not give the
/// same answer twice: the climb then ends with the highest rate that is still validated, and says
/// [`confirmed`](Capacity::confirmed): `false`.
#[derive(Debug, Clone)]
#[must_use]
pub struct Climb {
    asked: Vec<Step>,
    goes_beyond: bool,
    refines: bool,
    need_per_sec: Option<u64>,
    /// Which hold of the next step it would be, from 1.
    attempt: u32,
    /// The part of each step that was validated or failed, in their order.
    settled: Vec<Part>,
    /// From the lowest rate to the highest, all of them below [`failed`](Self::failed): a validated rate that fails when
    /// it is held again, or lies above one that failed, is none.
    validated: Vec<Validated>,
    /// The lowest rate that failed.
    failed: Option<Failed>,
    /// The winner that passed again.
    confirmed_per_sec: Option<u64>,
    /// The first STOP, and the first warning, at a rate that was asked for or below it: what lowers the level.
    first_stop: Option<Decided>,
    first_warning: Option<ConclusionReason>,
    /// What the first hold of the next step read beyond its limit, and could not prove.
    doubt: Option<Decided>,
    /// Held twice in vain: the end.
    not_shown: Option<NotShown>,
}

#[derive(Debug, Clone)]
struct NotShown {
    part: Part,
    rate_per_sec: u64,
    by: Decided,
}

#[derive(Debug, Clone)]
struct Validated {
    step: Step,
    achieved_per_sec: Option<f64>,
}

#[derive(Debug, Clone)]
struct Failed {
    step: Step,
    by: Decided,
    limited_by: Option<LimitedBy>,
}

impl Climb {
    /// A climb of `steps`, lowest first.
    pub fn new(steps: Vec<Step>) -> Self {
        Self {
            asked: steps,
            goes_beyond: false,
            refines: false,
            need_per_sec: None,
            attempt: 1,
            settled: Vec::new(),
            validated: Vec::new(),
            failed: None,
            confirmed_per_sec: None,
            first_stop: None,
            first_warning: None,
            doubt: None,
            not_shown: None,
        }
    }

    /// Goes on when each asked step is validated: each further step asks for 1.5 times the rate of the one before, in
    /// whole records per second, with the limits of the last asked step. Until one fails, or until
    /// [`HIGHEST_RATE_PER_SEC`](crate::ladder::HIGHEST_RATE_PER_SEC) was held.
    pub fn beyond(mut self) -> Self {
        self.goes_beyond = true;
        self
    }

    /// After the first STOP above a validated step, narrows the two down until the failed rate is at most 5 % (or
    /// 1 record per second) above the validated one, and holds that one once more.
    ///
    /// A step between has the limits of the failed one above it; the winner is held again with its own. Does nothing
    /// where no step failed, or none was validated.
    pub fn refine(mut self) -> Self {
        self.refines = true;
        self
    }

    /// What production needs at its peak, records per second: less than that recommended is STOP.
    pub fn requiring(mut self, need_per_sec: u64) -> Self {
        self.need_per_sec = Some(need_per_sec);
        self
    }

    /// The step to hold next, and which hold of it this is (1, or 2 after an INCONCLUSIVE one); `None`
    /// when the climb is over. The same until it is recorded.
    pub fn next_step(&self) -> Option<(Step, u32)> {
        self.due().map(|(_, step)| (step, self.attempt))
    }

    /// Takes the verdict of the step that [`next_step`](Self::next_step) gave, at the rate and with the limits that
    /// it was held with. The same verdicts in the same order always lead to the same conclusion. When the climb is
    /// over, nothing more is taken.
    pub fn record(&mut self, step: &Step, verdict: &Verdict, achieved_per_sec: Option<f64>) {
        let Some((part, _)) = self.due() else { return };
        let by = Decided { step: step.name.clone(), criterion: verdict.reason.clone() };
        let doubt = self.doubt.take();
        match verdict.level {
            Level::Inconclusive if self.attempt < ATTEMPTS => {
                self.attempt += 1;
                let beyond = verdict.findings.iter().find(|finding| reads_beyond(finding));
                self.doubt = beyond.map(|finding| Decided {
                    step: step.name.clone(),
                    criterion: Some(finding.criterion.clone()),
                });
                return;
            }
            Level::Inconclusive => {
                self.not_shown = Some(NotShown { part, rate_per_sec: step.rate_per_sec, by });
                return;
            }
            Level::Go | Level::Warn => {
                let warning = match (verdict.level, doubt) {
                    (Level::Warn, _) => Some(ConclusionReason::Warned(by)),
                    (_, doubt) => doubt.map(ConclusionReason::PassedHeldAgain),
                };
                self.passed(part, Validated { step: step.clone(), achieved_per_sec }, warning);
            }
            Level::Stop => {
                let limited_by = LimitedBy::of(verdict);
                self.stopped(Failed { step: step.clone(), by, limited_by });
            }
        }
        self.settled.push(part);
        self.attempt = 1;
    }

    fn passed(&mut self, part: Part, passed: Validated, warning: Option<ConclusionReason>) {
        let rate_per_sec = passed.step.rate_per_sec;
        if rate_per_sec <= self.highest_asked_per_sec() && self.first_warning.is_none() {
            self.first_warning = warning;
        }
        if part == Part::Confirm {
            self.confirmed_per_sec = Some(rate_per_sec);
        } else {
            self.validated.push(passed);
            self.hold_to_what_failed();
        }
    }

    fn stopped(&mut self, stopped: Failed) {
        let rate_per_sec = stopped.step.rate_per_sec;
        if rate_per_sec <= self.highest_asked_per_sec() && self.first_stop.is_none() {
            self.first_stop = Some(stopped.by.clone());
        }
        if self.failed.as_ref().is_none_or(|failed| rate_per_sec <= failed.step.rate_per_sec) {
            self.failed = Some(stopped);
        }
        self.hold_to_what_failed();
    }

    /// What failed once is not validated, nor is anything above it.
    fn hold_to_what_failed(&mut self) {
        let limit = self.failed.as_ref().map_or(u64::MAX, |failed| failed.step.rate_per_sec);
        self.validated.retain(|validated| validated.step.rate_per_sec < limit);
        self.validated.sort_by_key(|validated| validated.step.rate_per_sec);
    }

    fn highest_asked_per_sec(&self) -> u64 {
        self.asked.iter().map(|step| step.rate_per_sec).max().unwrap_or(0)
    }
}

/// Whether a finding of an INCONCLUSIVE hold speaks against the chain: what is to look at, or a reading beyond its limit
/// that was not proved. While our own generator slipped, a reading tells of us.
fn reads_beyond(finding: &Finding) -> bool {
    match finding.outcome {
        Outcome::Warn => true,
        Outcome::Inconclusive => {
            let is_ours = matches!(finding.reason, Reason::GeneratorSlip | Reason::MaskedByGeneratorSlip);
            !is_ours && finding.margin.is_some_and(|margin| margin < 0.0)
        }
        _ => false,
    }
}
