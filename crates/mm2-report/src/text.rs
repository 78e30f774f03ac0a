//! The one catalogue: every word of a report, in each language. A word that a language lacks does not compile.
//!
//! [`Labels`] are fixed words, [`Text`] the sentences with figures in them. Not for the order in which
//! things are said.

pub(crate) mod attribution;
pub(crate) mod catch_up;
mod en;
mod fr;
mod numbers;
pub(crate) mod outcome;
pub(crate) mod panels;
#[cfg(test)]
mod tests;

use mm2_evidence::event::{ChainKind, Plan};
use mm2_evidence::run::{StepRun, WarmUp};
use mm2_slo::{CriterionName, Finding, Missing, Outcome, Reason, Unit};

pub(crate) use self::attribution::AttributionText;
pub(crate) use self::catch_up::CatchUpText;
pub(crate) use self::numbers::Numbers;
pub(crate) use self::outcome::{NotNextPhase, OutcomeText, Verdict};
pub(crate) use self::panels::PanelText;
use crate::Lang;

pub(crate) fn of(lang: Lang) -> &'static dyn Text {
    match lang {
        Lang::En => &en::English,
        Lang::Fr => &fr::French,
    }
}

/// Fixed words.
#[derive(Debug)]
pub(crate) struct Labels {
    pub(crate) numbers: Numbers,
    pub(crate) colon: &'static str,
    pub(crate) title: &'static str,
    pub(crate) rehearsal: &'static str,

    pub(crate) results: &'static str,
    pub(crate) results_head: [&'static str; 9],
    pub(crate) recovery: &'static str,
    pub(crate) recovery_head: [&'static str; 3],
    pub(crate) records: &'static str,
    pub(crate) records_head: [&'static str; 9],
    pub(crate) findings: &'static str,
    pub(crate) findings_head: [&'static str; 5],
    pub(crate) every_step: &'static str,
    pub(crate) deciding: &'static str,
    pub(crate) connect: &'static str,
    pub(crate) troubles: &'static str,
    pub(crate) result: &'static str,
    pub(crate) capacity: &'static str,
    /// Between which rates the capacity lies.
    pub(crate) knee: &'static str,
    pub(crate) recommended: &'static str,
    pub(crate) needed: &'static str,
    pub(crate) margin: &'static str,
    pub(crate) limited_by: &'static str,
    pub(crate) checklist: &'static str,
    pub(crate) checklist_head: [&'static str; 2],
    /// All steps documented, capacity identified, 70 % computed, recovery measured, and the decision.
    pub(crate) checks: [&'static str; 4],
    pub(crate) decision: &'static str,
    pub(crate) next_phase: &'static str,
    pub(crate) method: &'static str,
    pub(crate) settings: &'static str,

    pub(crate) not_measured: &'static str,
    /// Behind the name of what nobody translates.
    pub(crate) in_english: &'static str,
    pub(crate) no_trouble: &'static str,
    pub(crate) torn: &'static str,
    pub(crate) none: &'static str,
    /// The symbol of bytes.
    pub(crate) bytes: &'static str,
}

/// What stands at the top of a report.
pub(crate) struct Head<'a> {
    pub(crate) run_id: &'a str,
    pub(crate) started_at: &'a str,
    pub(crate) chain: ChainKind,
    pub(crate) description: &'a str,
    pub(crate) tool_version: &'a str,
    pub(crate) exit_code: Option<u8>,
}

/// What Connect's status showed over the whole run.
pub(crate) struct Polls {
    pub(crate) answered: u64,
    pub(crate) unanswered: u64,
    pub(crate) restarts: usize,
}

/// Sentences: lower case at the start and no final dot where they stand inside others.
pub(crate) trait Text: AttributionText + CatchUpText + OutcomeText + PanelText + Sync {
    fn labels(&self) -> &'static Labels;

    fn level(&self, outcome: Outcome) -> &'static str;
    /// What the runbook's criteria are called; another one shows its own name.
    fn criterion<'a>(&self, criterion: &'a CriterionName) -> &'a str;
    fn missing(&self, why: &Missing) -> String;
    /// Why a figure that Prometheus would give is missing.
    fn without_prometheus(&self, why: &Missing) -> String;
    /// A finding in one sentence, with its figures.
    fn finding(&self, finding: &Finding) -> String;

    fn head(&self, head: &Head<'_>) -> Vec<String>;

    fn not_held(&self) -> &'static str;
    /// Why a step was never begun; `last` is the last one that was.
    fn not_held_because(&self, last: Option<&str>, cut_short: bool) -> String;
    fn not_recovered(&self, limit_s: f64) -> String;
    fn part_of_step(&self, step: &StepRun) -> String;
    fn replaced(&self, step: &StepRun, why: Option<&Finding>) -> String;
    fn cut_short(&self, step: &StepRun) -> String;

    fn polls(&self, polls: &Polls) -> String;
    fn no_connect(&self, why: &str) -> String;
    /// `after_s` is since the run's beginning.
    fn at(&self, after_s: f64, step: Option<&str>, what: &str) -> String;

    /// Latency, achieved, p99, sustained, backlog, recovery, duplicates.
    fn definitions(&self, plan: &Plan) -> [String; 7];
    /// What steps are that were not planned: beyond the plan, between its steps, held again.
    fn unplanned_steps(&self, plan: &Plan) -> Vec<String>;
    fn load(&self, plan: &Plan) -> String;
    fn warm_up(&self, warm_up: Option<&WarmUp>) -> String;
    fn own_cost(&self, cores: f64, rss_bytes: u64) -> String;

    /// The marks that the language sets differently from how its catalogue is typed.
    fn typeset(&self, sentence: &str) -> String {
        sentence.to_owned()
    }

    fn numbers(&self) -> &'static Numbers {
        &self.labels().numbers
    }

    /// A finding in one sentence that says what it is of.
    fn named_finding(&self, finding: &Finding) -> String {
        let sentence = self.finding(finding);
        if is_nameless(finding) {
            return format!("{}, {sentence}", self.criterion(&finding.criterion));
        }
        sentence
    }

    /// Large ones in millions.
    fn bytes(&self, value: f64, per: &str) -> String {
        const MILLION: f64 = 1e6;
        let (numbers, bytes) = (self.numbers(), self.labels().bytes);
        if value.abs() < 10.0 * MILLION {
            return numbers.with_unit(&numbers.decimal(value, 0), &format!("{bytes}{per}"));
        }
        numbers.with_unit(&numbers.decimal(value / MILLION, 1), &format!("M{bytes}{per}"))
    }

    /// A finding's value or limit; `None` says that there is none.
    fn quantity(&self, value: Option<f64>, unit: Unit) -> String {
        let numbers = self.numbers();
        match value {
            None => self.labels().none.to_owned(),
            Some(value) => match unit {
                Unit::Ms => numbers.ms(value),
                Unit::S => numbers.seconds(value),
                Unit::Percent => numbers.percent(value),
                Unit::Records => numbers.decimal(value, 0),
                Unit::RecordsPerSec => numbers.with_unit(&numbers.rate(value), "msg/s"),
                Unit::Bytes => self.bytes(value, ""),
                Unit::BytesPerSec => self.bytes(value, "/s"),
                // Ratio, count, and what a later version may bring.
                unit => format!("{} {}", numbers.decimal(value, 3), unit.symbol()).trim_end().to_owned(),
            },
        }
    }
}

/// Whether a finding's sentence is about samples or series, and does not say of what.
fn is_nameless(finding: &Finding) -> bool {
    matches!(
        finding.reason,
        Reason::NotMeasured { .. }
            | Reason::FewerSeries { .. }
            | Reason::LowCoverage { .. }
            | Reason::InNoBand
    )
}

/// Whether its bounds are of the share of records at or over the limit; else they are of growth.
pub(crate) fn is_claim(finding: &Finding) -> bool {
    matches!(finding.unit, Unit::Ms | Unit::S)
}

pub(crate) fn value(text: &dyn Text, finding: &Finding) -> String {
    text.quantity(finding.value, finding.unit)
}

pub(crate) fn limit(text: &dyn Text, finding: &Finding) -> String {
    text.quantity(finding.limit, finding.unit)
}
