//! What a climb came to, so far or at its end. Not here: which step comes next ([`course`](super::course)).

use super::{Capacity, Climb, Conclusion, ConclusionReason, Part};
use crate::level::Level;

/// What the runbook leaves for peaks, garbage collection and maintenance: 70 % is recommended, in tenths.
const RECOMMENDED_TENTHS: u64 = 7;

impl Climb {
    /// What the climb came to. `interrupted`: a person or a failure ended it early. Before its end it is incomplete.
    ///
    /// What failed or showed nothing above the asked rates bounds the capacity and leaves the level alone. An asked rate
    /// that fails when it is held again counts as one that failed, and one that then shows nothing as not shown.
    pub fn conclude(self, interrupted: bool) -> Conclusion {
        let capacity = self.capacity(interrupted);
        let (level, reason) = self.outcome(interrupted);
        let below =
            self.need_per_sec.filter(|need| capacity.recommended_per_sec.is_none_or(|rate| rate < *need));
        match below {
            // What was not shown may still suffice; a winner that is in doubt can only carry less.
            Some(need_per_sec) if level != Level::Inconclusive || capacity.held_again_in_vain => {
                let recommended_per_sec = capacity.recommended_per_sec;
                let reason = ConclusionReason::BelowRequirement { need_per_sec, recommended_per_sec };
                Conclusion { level: Level::Stop, reason, capacity }
            }
            _ => Conclusion { level, reason, capacity },
        }
    }

    fn capacity(&self, interrupted: bool) -> Capacity {
        let best = self.validated.last();
        let validated_per_sec = best.map(|best| best.step.rate_per_sec);
        let came_to_its_end = !interrupted && self.due().is_none() && self.not_shown.is_none();
        let held_again_in_vain =
            self.not_shown.as_ref().is_some_and(|not_shown| not_shown.part == Part::Confirm);
        let held_again = self.held(Part::Confirm) > 0 && !held_again_in_vain;
        Capacity {
            validated_per_sec,
            validated_achieved_per_sec: best.and_then(|best| best.achieved_per_sec),
            at_least: !came_to_its_end || self.failed.is_none(),
            recommended_per_sec: validated_per_sec.map(recommended),
            limited_by: self.failed.as_ref().and_then(|failed| failed.limited_by.clone()),
            first_failed_per_sec: self.failed.as_ref().map(|failed| failed.step.rate_per_sec),
            confirmed: validated_per_sec
                .filter(|_| held_again)
                .map(|rate| self.confirmed_per_sec == Some(rate)),
            held_again_in_vain,
        }
    }

    fn outcome(&self, interrupted: bool) -> (Level, ConclusionReason) {
        if interrupted {
            return (Level::Inconclusive, ConclusionReason::Interrupted);
        }
        if self.due().is_some() || self.asked.is_empty() {
            return (Level::Inconclusive, ConclusionReason::Incomplete);
        }
        if let (Some(not_shown), None) = (&self.not_shown, &self.first_stop) {
            if not_shown.rate_per_sec <= self.highest_asked_per_sec() {
                return (Level::Inconclusive, ConclusionReason::NotShown(not_shown.by.clone()));
            }
        }
        match (&self.failed, &self.first_stop, &self.first_warning) {
            (Some(failed), ..) if self.validated.is_empty() => {
                (Level::Stop, ConclusionReason::NoneValidated(failed.by.clone()))
            }
            (_, Some(by), _) => (Level::Warn, ConclusionReason::CapacityFound(by.clone())),
            (_, None, Some(warning)) => (Level::Warn, warning.clone()),
            (_, None, None) => (Level::Go, ConclusionReason::AllValidated),
        }
    }
}

/// 70 %, rounded down.
fn recommended(per_sec: u64) -> u64 {
    per_sec / 10 * RECOMMENDED_TENTHS + per_sec % 10 * RECOMMENDED_TENTHS / 10
}
