//! The plan file: steps, how long, made of what, judged by which criteria.

use mm2_config::{ConfigError, HumanDuration, TomlFile};
use mm2_load::Compression;
use mm2_slo::wire::v1::Criterion;
use mm2_slo::{Criteria, CriterionName, Ladder, Phase, Step};
use serde::Deserialize;
use toml::Spanned;

/// The plan that is built in: the runbook's.
const RUNBOOK: &str = include_str!("../plans/runbook.toml");

/// A plan as it is written. Everything may be left out.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanFile {
    pub(crate) hold: Option<HumanDuration>,
    pub(crate) recovery: Option<HumanDuration>,
    pub(crate) warm_up: Option<HumanDuration>,
    pub(crate) record_size: Option<usize>,
    pub(crate) payload: Option<Payload>,
    pub(crate) compression: Option<Compression>,
    pub(crate) producers: Option<u16>,
    /// On top of those of Phase 4, by name.
    #[serde(default, rename = "criterion")]
    criteria: Vec<Spanned<Criterion>>,
    #[serde(default, rename = "step")]
    steps: Vec<Spanned<Step>>,
}

/// A plan that makes sense.
#[derive(Debug)]
pub(crate) struct CheckedPlan {
    pub(crate) file: PlanFile,
    pub(crate) ladder: Ladder,
    pub(crate) criteria: Criteria,
}

/// What the values are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Payload {
    /// The runbook's five kinds of JSON.
    Json,
    /// Bytes that do not compress.
    Random,
}

impl Payload {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Random => "random",
        }
    }
}

impl PlanFile {
    /// The criteria that this plan has a word on.
    pub(crate) fn own_criteria(&self) -> Vec<CriterionName> {
        self.criteria.iter().map(|criterion| criterion.get_ref().name.clone()).collect()
    }

    /// Without steps of its own a plan climbs the runbook's.
    fn ladder(&self, file: &TomlFile) -> Result<Ladder, ConfigError> {
        if self.steps.is_empty() {
            return Ok(Ladder::runbook());
        }
        // Step by step, so that the caret points at the first one that breaks the ladder.
        let mut ladder = Ladder { steps: Vec::new() };
        for step in &self.steps {
            ladder.steps.push(step.get_ref().clone());
            ladder.validate().map_err(|error| {
                let message = error.to_string();
                let (message, hint) = message.split_once("; ").unwrap_or((&message, ""));
                file.error(step.span(), message, Some(hint).filter(|hint| !hint.is_empty()))
            })?;
        }
        Ok(ladder)
    }

    /// Those of the runbook's Phase 4, with the plan's on top.
    fn criteria(&self, file: &TomlFile) -> Result<Criteria, ConfigError> {
        let own = self.criteria.iter().map(|criterion| criterion.get_ref().clone()).collect();
        Criteria::of_phase(Phase::RAMP).overridden_with(own).map_err(|error| {
            let named = |criterion: &&Spanned<Criterion>| {
                error.criterion() == Some(criterion.get_ref().name.as_str())
            };
            // The last of a name: where one stands twice, that is the one too many.
            let span = self.criteria.iter().rfind(named).map_or(0..0, Spanned::span);
            file.error(span, &error.to_string(), None)
        })
    }
}

impl CheckedPlan {
    /// The runbook's plan.
    pub(crate) fn runbook() -> Result<Self, ConfigError> {
        Self::read(&TomlFile::in_memory("plans/runbook.toml", RUNBOOK))
    }

    /// Reads and checks a plan.
    pub(crate) fn read(file: &TomlFile) -> Result<Self, ConfigError> {
        let plan: PlanFile = file.parse()?;
        Ok(Self { ladder: plan.ladder(file)?, criteria: plan.criteria(file)?, file: plan })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_that_is_built_in_is_the_runbooks() {
        let plan = CheckedPlan::runbook().unwrap();
        assert_eq!(plan.ladder, Ladder::runbook());
        assert_eq!(plan.file.hold.unwrap().to_string(), "5m");
        assert_eq!(plan.file.recovery.unwrap().to_string(), "2m");
        assert_eq!(plan.criteria, Criteria::of_phase(Phase::RAMP));
    }

    #[test]
    fn a_plans_criteria_come_on_top_of_the_runbooks() {
        let text = "
            [[criterion]]
            name = 'slip'
            go = '<= 5 s'
            stop = '> 5 s'
            [[criterion]]
            name = 'tight'
            signal = 'backlog.max'
            unit = 'records'
            go = '<= 30 records'
            stop = '> 30 records'";
        let plan = CheckedPlan::read(&TomlFile::in_memory("plan.toml", text)).unwrap();
        let go = |name: &str| plan.criteria.get(name).map(|criterion| criterion.bands().go().written());
        assert_eq!((go("slip"), go("tight")), (Some("<= 5 s"), Some("<= 30 records")));
        assert_eq!(go("delivered"), Some(">= 99 %"), "what the plan does not name stays");
        assert_eq!(plan.criteria.iter().len(), Criteria::of_phase(Phase::RAMP).iter().len() + 1);
        assert_eq!(plan.file.own_criteria(), ["slip", "tight"]);
    }

    #[test]
    fn a_broken_plan_is_shown_where_it_breaks() {
        let check = |text: &str, expect: &[&str]| {
            let error = CheckedPlan::read(&TomlFile::in_memory("plan.toml", text)).unwrap_err().to_string();
            for part in expect {
                assert!(error.contains(part), "{part:?} is not in\n{error}");
            }
        };
        let step = |name: &str, rate: &str| {
            format!(
                "[[step]]\nname = \"{name}\"\nrate_per_sec = {rate}\np99_limit_ms = 1\nmm2_avg_limit_ms = 1\nmm2_max_limit_ms = 1\n"
            )
        };
        check("holt = \"5m\"", &["unknown key `holt`", "plan.toml:1:1", "did you mean `hold`"]);
        check("hold = 5", &["plan.toml:1"]);
        check(&step("P1", "0"), &["0 records/s", "plan.toml:1"]);
        check(&step("P1", "-5"), &["plan.toml:3"]);
        check(&step("P1", "99999999999"), &["more than any chain takes"]);
        check(&(step("P1", "2000") + &step("P2", "1000")), &["not more than P1", "plan.toml:7"]);
        let criterion = |name: &str, rest: &str| format!("[[criterion]]\nname = \"{name}\"\n{rest}\n");
        let slip = |rest| criterion("slip", rest);
        let good = || slip("go = \"<= 1 s\"\nstop = \"> 1 s\"");
        check(&slip("go = \"<= 100 ms\""), &["criterion `slip`: its bands overlap", "plan.toml:1"]);
        check(&slip("go = \"<= 1 MB\""), &["bytes", "plan.toml:1"]);
        check(&slip("goo = \"<= 1 s\""), &["unknown key `goo`", "plan.toml:3", "did you mean `go`"]);
        check(&(good() + &criterion("mine", "go = \"< 1 ms\"")), &["`mine`", "no `signal`", "plan.toml:5"]);
        check(&(good() + &good()), &["two criteria have this name", "plan.toml:5"]);
    }
}
