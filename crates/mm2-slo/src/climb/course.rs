//! Which step comes next. Not here: what the steps came to ([`outcome`](super::outcome)).

use super::{Climb, Failed};
use crate::ladder::HIGHEST_RATE_PER_SEC;
use crate::step::Step;

/// The failed rate is close enough to the validated one when it is at most this part of that above it: 5 %.
const CLOSE_IS_ONE_IN: u64 = 20;
/// How many winners are held again, at most: each but the last makes way for a lower one.
const CONFIRMATIONS: usize = 3;

/// A part of the climb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Asked,
    Beyond,
    Refine,
    Confirm,
}

impl Climb {
    /// The step to hold next and the part of the climb that it belongs to; `None` when the climb is over.
    pub(super) fn due(&self) -> Option<(Part, Step)> {
        match &self.failed {
            _ if self.not_shown.is_some() => None,
            None => self.higher(),
            Some(failed) => self.between(failed),
        }
    }

    /// Nothing failed yet.
    fn higher(&self) -> Option<(Part, Step)> {
        if let Some(step) = self.asked.get(self.held(Part::Asked)) {
            return Some((Part::Asked, step.clone()));
        }
        let last = self.asked.last().filter(|_| self.goes_beyond)?;
        let reached_per_sec = self.validated.last()?.step.rate_per_sec;
        let rate_per_sec = reached_per_sec.saturating_mul(3).div_ceil(2).min(HIGHEST_RATE_PER_SEC);
        if rate_per_sec > reached_per_sec { self.made(Part::Beyond, rate_per_sec, last) } else { None }
    }

    /// Something failed: where the climb refines, a step halfway down to the highest validated one or, when they are
    /// close, that one again.
    fn between(&self, failed: &Failed) -> Option<(Part, Step)> {
        let best = &self.validated.last().filter(|_| self.refines)?.step;
        if self.confirmed_per_sec == Some(best.rate_per_sec) || self.held(Part::Confirm) >= CONFIRMATIONS {
            return None;
        }
        let apart = failed.step.rate_per_sec - best.rate_per_sec;
        if apart <= 1 || apart <= best.rate_per_sec / CLOSE_IS_ONE_IN {
            self.made(Part::Confirm, best.rate_per_sec, best)
        } else {
            self.made(Part::Refine, best.rate_per_sec + apart / 2, &failed.step)
        }
    }

    /// How many steps of that part were validated or failed.
    pub(super) fn held(&self, part: Part) -> usize {
        self.settled.iter().filter(|settled| **settled == part).count()
    }

    /// The next step of `part` at that rate, with the limits of another. Its name is the next one that no asked step has.
    fn made(&self, part: Part, rate_per_sec: u64, like: &Step) -> Option<(Part, Step)> {
        let letter = match part {
            Part::Asked => "P",
            Part::Beyond => "B",
            Part::Refine => "R",
            Part::Confirm => "C",
        };
        let mut names = (1_u64..)
            .map(|number| format!("{letter}{number}"))
            .filter(|name| !self.asked.iter().any(|step| step.name == *name));
        let name = names.nth(self.held(part))?;
        Some((part, Step { name, rate_per_sec, ..like.clone() }))
    }
}
