//! What a run came to, also when it did not come to its end. Judging steps is not done here.

use mm2_slo::climb::{Climb, Conclusion, ConclusionReason};
use mm2_slo::evidence::StepEvidence;
use mm2_slo::finding::Missing;
use mm2_slo::level::Level;
use mm2_slo::{Observations, Signal, Step};

use crate::event::{Chain, Plan};
use crate::run::{Run, StepRun};
use crate::signals::PanelFigures;

impl Run {
    /// Whether the run came to its own end and said so.
    pub fn complete(&self) -> bool {
        self.ended.is_some()
    }

    /// What the run came to. A climb that was interrupted or cut short is INCONCLUSIVE, and its capacity is "at
    /// least" what the steps that ended validated. One that was concluded stands, also where the catching up after it
    /// was cut short; records that were lost in that are STOP.
    pub fn outcome(&self) -> Conclusion {
        // A climb that an error ended says interrupted too; only a person or a signal interrupts a run.
        let concluded = |known: &&Conclusion| known.reason != ConclusionReason::Interrupted;
        if let Some(concluded) = self.conclusion.as_ref().filter(concluded) {
            return self.held_to_what_was_lost(concluded.clone());
        }
        let reason = match &self.ended {
            Some(ended) if ended.interrupted => ConclusionReason::Interrupted,
            _ => ConclusionReason::Incomplete,
        };
        let mut climb = climb_of(&self.started.plan);
        for held in self.steps.iter().flat_map(|held| self.attempts(held)) {
            if let Some(ended) = &held.ended {
                climb.record(&held.step, &ended.verdict, ended.evidence.achieved_per_sec());
            }
        }
        Conclusion { reason, ..climb.conclude(true) }
    }

    fn held_to_what_was_lost(&self, climbed: Conclusion) -> Conclusion {
        let caught_up = self.catch_up.as_ref().and_then(|catch_up| catch_up.ended.as_ref());
        match caught_up.and_then(|ended| ended.lost) {
            Some(records) if records > 0 => Conclusion {
                level: Level::Stop,
                reason: ConclusionReason::LostCatchingUp { records },
                ..climbed
            },
            _ => climbed,
        }
    }

    /// A step's holds: what it replaced, and itself.
    fn attempts<'a>(&'a self, held: &'a StepRun) -> impl Iterator<Item = &'a StepRun> {
        self.replaced.iter().filter(|first| first.step.name == held.step.name).chain([held])
    }

    /// Names of the planned steps that were never begun.
    pub fn not_held(&self) -> impl Iterator<Item = &str> {
        let held = |name: &str| self.steps.iter().any(|step| step.step.name == name);
        self.started.plan.steps.iter().map(|step| step.name.as_str()).filter(move |name| !held(name))
    }

    /// Whether any figure of Prometheus is in the evidence.
    pub fn has_panels(&self) -> bool {
        let ended = self.steps.iter().filter_map(|held| held.ended.as_ref());
        ended.flat_map(|ended| &ended.panels).any(|panel| panel.seen.is_ok())
    }

    /// Why no figure of Prometheus is in the evidence.
    pub fn without_prometheus(&self) -> Missing {
        match (self.started.chain.without_prometheus(), &self.signals) {
            (Missing::NotYet, Some(_)) => Missing::NoData,
            // Signals are found before the first step: whoever asked Prometheus and has no step was cut short.
            (Missing::NotYet, None) if self.steps.is_empty() => Missing::Interrupted,
            (why, _) => why,
        }
    }

    /// What Prometheus showed of a signal while `held` was under load.
    ///
    /// # Errors
    /// Why there is no figure.
    pub fn panel<'a>(&self, held: &'a StepRun, signal: &str) -> Result<&'a PanelFigures, Missing> {
        let panels = held.ended.iter().flat_map(|ended| &ended.panels);
        if let Some(panel) = panels.into_iter().find(|panel| panel.signal.as_str() == signal) {
            return panel.seen.as_ref().map_err(Clone::clone);
        }
        let found = self.signals.as_ref();
        let known =
            found.and_then(|found| found.signals.iter().find(|known| known.signal.as_str() == signal));
        Err(match known.and_then(|known| known.missing.clone()) {
            Some(why) => why,
            None if found.is_some() && held.ended.is_none() => Missing::Interrupted,
            None => self.without_prometheus(),
        })
    }
}

/// The climb that a plan asks for, before its first step.
pub(crate) fn climb_of(plan: &Plan) -> Climb {
    let mut climb = Climb::new(plan.steps.clone());
    if plan.beyond {
        climb = climb.beyond();
    }
    if plan.refine {
        climb = climb.refine();
    }
    match plan.need_per_sec {
        Some(need_per_sec) => climb.requiring(need_per_sec),
        None => climb,
    }
}

impl Chain {
    /// Why no figure of Prometheus is in the evidence.
    pub fn without_prometheus(&self) -> Missing {
        match self.absent.get("prometheus") {
            Some(why) => Missing::DeclaredAbsent(why.clone()),
            None => Missing::NotYet,
        }
    }
}

/// What there is to judge of a held step: its evidence, and for each panel why there is none. A panel that the chain
/// declares absent is skipped; one that nobody read withholds GO.
pub fn observed(evidence: &StepEvidence, step: &Step, without_prometheus: &Missing) -> Observations {
    let panels = Signal::PANELS.into_iter();
    panels.fold(evidence.observed(step), |seen, panel| seen.missing(panel, without_prometheus.clone()))
}

impl StepRun {
    /// What the step came to; INCONCLUSIVE when it was cut short.
    pub fn level(&self) -> Level {
        self.ended.as_ref().map_or(Level::Inconclusive, |ended| ended.verdict.level)
    }

    /// Why, as `run.json` names it.
    pub fn reason_name(&self) -> &str {
        self.ended.as_ref().map_or("interrupted", |ended| ended.verdict.reason_name())
    }
}
