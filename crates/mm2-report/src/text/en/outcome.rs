//! English: what a run came to.

use mm2_slo::climb::{Capacity, ConclusionReason, LimitedBy};

use super::English;
use crate::text::catch_up::LeftOpen;
use crate::text::{NotNextPhase, OutcomeText, Text, Verdict};

impl OutcomeText for English {
    fn verdict(&self, verdict: &Verdict<'_>) -> String {
        let n = self.numbers();
        let capacity = &verdict.outcome.capacity;
        let step = verdict.step.map_or("a step", |step| step.step.name.as_str());
        let why =
            verdict.finding.map_or_else(String::new, |finding| format!(": {}", self.named_finding(finding)));
        let validated = self.validated(capacity);
        let found = n.count(capacity.validated_per_sec.unwrap_or_default());
        let unsure = capacity.held_again_in_vain || capacity.confirmed == Some(false);
        let unsure = if unsure { ", NOT confirmed" } else { "" };
        match &verdict.outcome.reason {
            ConclusionReason::AllValidated => match verdict.held {
                1 => format!("the step passed. {validated}"),
                n => format!("all {n} steps passed. {validated}"),
            },
            ConclusionReason::Warned(_) => {
                format!("every step passed, with a warning first in {step}{why}. {validated}")
            }
            ConclusionReason::PassedHeldAgain(_) => format!(
                "every step passed, {step} only when it was held again; its first hold spoke against it, without proof\
                 {why}. {validated}"
            ),
            ConclusionReason::CapacityFound(_) => {
                format!("the capacity is found, {found} msg/s{unsure}. {step} failed{why}.")
            }
            ConclusionReason::NoneValidated(_) => format!("no step passed. {step} failed{why}."),
            ConclusionReason::BelowRequirement { need_per_sec, recommended_per_sec } => {
                let recommended = recommended_per_sec.map_or_else(
                    || "nothing can be recommended".to_owned(),
                    |rate| format!("{} msg/s is what can be recommended", n.count(rate)),
                );
                let need = n.count(*need_per_sec);
                format!("{recommended}, and production needs {need} msg/s at its peak. {validated}")
            }
            ConclusionReason::LostCatchingUp { records } => {
                format!("{} {validated}", self.lost_catching_up(*records))
            }
            ConclusionReason::NotShown(_) => {
                format!("{step} was held twice and shows nothing either way{why}. {validated}")
            }
            ConclusionReason::Interrupted => match verdict.step {
                Some(_) => format!("the run was interrupted in {step}. {validated}"),
                None if verdict.catching_up => {
                    format!(
                        "the run was interrupted after its steps, as the chain was to catch up. {validated}"
                    )
                }
                None => format!("the run was interrupted. {validated}"),
            },
            ConclusionReason::Incomplete => match verdict.step {
                Some(_) => format!("the run was cut short in {step}. {validated}"),
                None if verdict.catching_up => {
                    format!(
                        "the run was cut short after its steps, as the chain was to catch up. {validated}"
                    )
                }
                None => format!("the run ended before its steps did. {validated}"),
            },
        }
    }

    fn lost_catching_up(&self, records: u64) -> String {
        let were = if records == 1 { "record was" } else { "records were" };
        format!("{} {were} lost while the chain caught up after an outage.", self.numbers().count(records))
    }

    fn climb_itself(&self, level: &str, verdict: &str) -> String {
        format!("The climb itself is {level}: {verdict}")
    }

    fn last_go(&self, step: &str, capacity: &Capacity) -> String {
        let n = self.numbers();
        let asked = n.count(capacity.validated_per_sec.unwrap_or_default());
        let achieved = capacity.validated_achieved_per_sec.map_or_else(
            || "achieved rate not measured".to_owned(),
            |rate| format!("{} achieved", n.rate(rate)),
        );
        let at_least = match (capacity.at_least, capacity.first_failed_per_sec) {
            (false, _) => "",
            (true, None) => "; at least: no step failed above it",
            (true, Some(_)) => "; at least: the climb did not come to its end",
        };
        format!("Last GO step: {step} = {asked} msg/s ({achieved}{at_least})")
    }

    fn none_validated(&self) -> &'static str {
        "None: no step was validated."
    }

    fn recommended(&self, per_sec: u64) -> String {
        format!("70 % of the maximum capacity = {} msg/s", self.numbers().count(per_sec))
    }

    fn knee(&self, capacity: &Capacity) -> Option<String> {
        let n = self.numbers();
        let (validated, failed) = (capacity.validated_per_sec?, capacity.first_failed_per_sec?);
        let again = match capacity.confirmed {
            Some(true) => "validated, held again",
            Some(false) => "validated once; higher rates that had passed failed when they were held again",
            None if capacity.held_again_in_vain => "validated once",
            None => "validated",
        };
        let apart = n.percent((failed as f64 / validated as f64 - 1.0) * 100.0);
        let (validated, failed) = (n.count(validated), n.count(failed));
        Some(format!("{validated} msg/s ({again}) and {failed} msg/s (failed), {apart} apart"))
    }

    fn held_again_in_vain(&self, capacity: &Capacity) -> Option<String> {
        let validated = self.numbers().count(capacity.validated_per_sec?);
        capacity.held_again_in_vain.then(|| {
            format!(
                "NOT confirmed: {validated} msg/s passed once, and showed nothing either way the two times that it was \
                 held again"
            )
        })
    }

    fn needed(&self, per_sec: u64, met: bool) -> String {
        let met = if met { "met by what is recommended" } else { "NOT met by what is recommended" };
        format!("{} msg/s, {met}", self.numbers().count(per_sec))
    }

    fn limited_by(&self, by: &LimitedBy) -> String {
        match by {
            LimitedBy::Source => "the source, which did not take the load".to_owned(),
            LimitedBy::Criterion(criterion) => self.criterion(criterion).to_owned(),
        }
    }

    fn not_next_phase(&self, why: NotNextPhase) -> &'static str {
        match why {
            NotNextPhase::Rehearsal => "a rehearsal proves the tool, not a chain",
            NotNextPhase::MayBePaused => "the connector may still be paused",
            NotNextPhase::LostCatchingUp => "records were lost while the chain caught up",
            NotNextPhase::NotAllTicked => "the checklist above is not all ticked",
            NotNextPhase::BelowNeed => "production needs more than is recommended",
            NotNextPhase::CatchUp(LeftOpen::NoAnswer(_)) => {
                "how the chain catches up was asked for and not measured"
            }
            NotNextPhase::CatchUp(LeftOpen::NotCaughtUp { .. }) => {
                "the chain did not catch up within the limit"
            }
            NotNextPhase::CatchUp(LeftOpen::Unseen(_)) => {
                "not every record was seen again after the chain had caught up"
            }
            NotNextPhase::CatchUp(LeftOpen::Blind) => "nobody could see whether records were lost",
        }
    }
}

impl English {
    fn validated(&self, capacity: &Capacity) -> String {
        let n = self.numbers();
        let Some(rate) = capacity.validated_per_sec else { return "No step is validated.".to_owned() };
        let at_least = if capacity.at_least { "at least " } else { "" };
        let failed = capacity.first_failed_per_sec;
        let failed = failed.map_or_else(String::new, |rate| format!("; {} msg/s failed", n.count(rate)));
        format!("Validated: {at_least}{} msg/s{failed}.", n.count(rate))
    }
}
