//! French: what a run came to.

use mm2_slo::climb::{Capacity, ConclusionReason, LimitedBy};

use super::French;
use crate::text::catch_up::LeftOpen;
use crate::text::{NotNextPhase, OutcomeText, Text, Verdict};

impl OutcomeText for French {
    fn verdict(&self, verdict: &Verdict<'_>) -> String {
        let n = self.numbers();
        let capacity = &verdict.outcome.capacity;
        let step = verdict.step.map_or("un palier", |step| step.step.name.as_str());
        let why =
            verdict.finding.map_or_else(String::new, |finding| format!(" : {}", self.named_finding(finding)));
        let validated = self.validated(capacity);
        let found = n.count(capacity.validated_per_sec.unwrap_or_default());
        let unsure = capacity.held_again_in_vain || capacity.confirmed == Some(false);
        let unsure = if unsure { ", NON confirmée" } else { "" };
        match &verdict.outcome.reason {
            ConclusionReason::AllValidated => match verdict.held {
                1 => format!("le palier demandé est validé. {validated}"),
                n => format!("les {n} paliers sont validés. {validated}"),
            },
            ConclusionReason::Warned(_) => {
                format!("tous les paliers sont validés, avec un avertissement dès {step}{why}. {validated}")
            }
            ConclusionReason::PassedHeldAgain(_) => format!(
                "tous les paliers sont validés, {step} seulement quand il a été tenu une seconde fois ; la première \
                 fois parlait contre lui, sans preuve{why}. {validated}"
            ),
            ConclusionReason::CapacityFound(_) => {
                format!("la capacité est trouvée, {found} msg/s{unsure}. {step} échoue{why}.")
            }
            ConclusionReason::NoneValidated(_) => format!("aucun palier n'est validé. {step} échoue{why}."),
            ConclusionReason::BelowRequirement { need_per_sec, recommended_per_sec } => {
                let recommended = recommended_per_sec.map_or_else(
                    || "rien ne peut être recommandé".to_owned(),
                    |rate| format!("{} msg/s peuvent être recommandés", n.count(rate)),
                );
                let need = n.count(*need_per_sec);
                format!("{recommended}, et la production demande {need} msg/s en pointe. {validated}")
            }
            ConclusionReason::LostCatchingUp { records } => {
                format!("{} {validated}", self.lost_catching_up(*records))
            }
            ConclusionReason::NotShown(_) => format!(
                "{step} a été tenu deux fois et ne montre rien dans un sens ni dans l'autre{why}. {validated}"
            ),
            ConclusionReason::Interrupted => match verdict.step {
                Some(_) => format!("l'exécution a été interrompue pendant {step}. {validated}"),
                None if verdict.catching_up => format!(
                    "l'exécution a été interrompue après ses paliers, quand la chaîne devait rattraper son retard. \
                     {validated}"
                ),
                None => format!("l'exécution a été interrompue. {validated}"),
            },
            ConclusionReason::Incomplete => match verdict.step {
                Some(_) => format!("l'exécution a été coupée pendant {step}. {validated}"),
                None if verdict.catching_up => format!(
                    "l'exécution a été coupée après ses paliers, quand la chaîne devait rattraper son retard. \
                     {validated}"
                ),
                None => format!("l'exécution a pris fin avant ses paliers. {validated}"),
            },
        }
    }

    fn lost_catching_up(&self, records: u64) -> String {
        let lost = if records < 2 { "message a été perdu" } else { "messages ont été perdus" };
        let records = self.numbers().count(records);
        format!("{records} {lost} pendant que la chaîne rattrapait son retard après une panne.")
    }

    fn climb_itself(&self, level: &str, verdict: &str) -> String {
        format!("La montée elle-même est {level} : {verdict}")
    }

    fn last_go(&self, step: &str, capacity: &Capacity) -> String {
        let n = self.numbers();
        let asked = n.count(capacity.validated_per_sec.unwrap_or_default());
        let achieved = capacity.validated_achieved_per_sec.map_or_else(
            || "débit atteint non mesuré".to_owned(),
            |rate| format!("{} atteints", n.rate(rate)),
        );
        let at_least = match (capacity.at_least, capacity.first_failed_per_sec) {
            (false, _) => "",
            (true, None) => " ; au moins : aucun palier n'a échoué au-dessus",
            (true, Some(_)) => " ; au moins : la montée n'est pas allée à son terme",
        };
        format!("Dernier palier GO : {step} = {asked} msg/s ({achieved}{at_least})")
    }

    fn none_validated(&self) -> &'static str {
        "Aucune : aucun palier n'est validé."
    }

    fn recommended(&self, per_sec: u64) -> String {
        format!("70\u{202f}% de la capacité max = {} msg/s", self.numbers().count(per_sec))
    }

    fn knee(&self, capacity: &Capacity) -> Option<String> {
        let n = self.numbers();
        let (validated, failed) = (capacity.validated_per_sec?, capacity.first_failed_per_sec?);
        let again = match capacity.confirmed {
            Some(true) => "validé, tenu une seconde fois",
            Some(false) => {
                "validé une fois ; des débits plus hauts, validés d'abord, ont échoué la seconde fois"
            }
            None if capacity.held_again_in_vain => "validé une seule fois",
            None => "validé",
        };
        let apart = n.percent((failed as f64 / validated as f64 - 1.0) * 100.0);
        let (validated, failed) = (n.count(validated), n.count(failed));
        Some(format!("{validated} msg/s ({again}) et {failed} msg/s (échoue), à {apart} l'un de l'autre"))
    }

    fn held_again_in_vain(&self, capacity: &Capacity) -> Option<String> {
        let validated = self.numbers().count(capacity.validated_per_sec?);
        capacity.held_again_in_vain.then(|| {
            format!(
                "NON confirmée : {validated} msg/s validés une fois ; tenu encore deux fois, ce débit n'a rien montré \
                 dans un sens ni dans l'autre"
            )
        })
    }

    fn needed(&self, per_sec: u64, met: bool) -> String {
        let met =
            if met { "couvert par le débit recommandé" } else { "NON couvert par le débit recommandé" };
        format!("{} msg/s, {met}", self.numbers().count(per_sec))
    }

    fn limited_by(&self, by: &LimitedBy) -> String {
        match by {
            LimitedBy::Source => "la source, qui n'a pas pris la charge".to_owned(),
            LimitedBy::Criterion(criterion) => self.criterion(criterion).to_owned(),
        }
    }

    fn not_next_phase(&self, why: NotNextPhase) -> &'static str {
        match why {
            NotNextPhase::Rehearsal => "une répétition prouve l'outil, pas une chaîne",
            NotNextPhase::MayBePaused => "le connecteur peut être encore en pause",
            NotNextPhase::LostCatchingUp => "des messages ont été perdus pendant le rattrapage",
            NotNextPhase::NotAllTicked => "la checklist ci-dessus n'est pas toute cochée",
            NotNextPhase::BelowNeed => "la production demande plus que le débit recommandé",
            NotNextPhase::CatchUp(LeftOpen::NoAnswer(_)) => "le rattrapage a été demandé et n'est pas mesuré",
            NotNextPhase::CatchUp(LeftOpen::NotCaughtUp { .. }) => {
                "la chaîne n'a pas rattrapé son retard dans la limite"
            }
            NotNextPhase::CatchUp(LeftOpen::Unseen(_)) => {
                "tous les messages n'ont pas été revus après le rattrapage"
            }
            NotNextPhase::CatchUp(LeftOpen::Blind) => "personne n'a pu voir si des messages ont été perdus",
        }
    }
}

impl French {
    fn validated(&self, capacity: &Capacity) -> String {
        let n = self.numbers();
        let Some(rate) = capacity.validated_per_sec else { return "Aucun palier n'est validé.".to_owned() };
        let at_least = if capacity.at_least { "au moins " } else { "" };
        let failed = capacity.first_failed_per_sec;
        let failed = failed.map_or_else(String::new, |rate| format!(" ; {} msg/s échoue", n.count(rate)));
        format!("Validé : {at_least}{} msg/s{failed}.", n.count(rate))
    }
}
