//! The plan file: steps, how long, made of what, judged by which thresholds.

use mm2_config::{ConfigError, HumanDuration, TomlFile};
use mm2_slo::{Ladder, Step, Thresholds};
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
    #[serde(default)]
    pub(crate) thresholds: Option<Spanned<Thresholds>>,
    #[serde(default, rename = "step")]
    steps: Vec<Spanned<Step>>,
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

/// The producer's codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Compression {
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

impl Payload {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Random => "random",
        }
    }
}

impl Compression {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }
}

impl PlanFile {
    /// The runbook's plan.
    pub(crate) fn runbook() -> Result<(Self, Ladder), ConfigError> {
        let file = TomlFile::in_memory("plans/runbook.toml", RUNBOOK);
        Self::checked(&file)
    }

    /// Reads and checks a plan. Without steps of its own it climbs the runbook's.
    pub(crate) fn checked(file: &TomlFile) -> Result<(Self, Ladder), ConfigError> {
        let plan: Self = file.parse()?;
        if let Some(thresholds) = &plan.thresholds {
            let checked = thresholds.get_ref().validate();
            checked.map_err(|error| file.error(thresholds.span(), &error.to_string(), None))?;
        }
        if plan.steps.is_empty() {
            return Ok((plan, Ladder::runbook()));
        }
        // Step by step, so that the caret points at the first one that breaks the ladder.
        let mut ladder = Ladder { steps: Vec::new() };
        for step in &plan.steps {
            ladder.steps.push(step.get_ref().clone());
            ladder.validate().map_err(|error| {
                let message = error.to_string();
                let (message, hint) = message.split_once("; ").unwrap_or((&message, ""));
                file.error(step.span(), message, Some(hint).filter(|hint| !hint.is_empty()))
            })?;
        }
        Ok((plan, ladder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_that_is_built_in_is_the_runbooks() {
        let (plan, ladder) = PlanFile::runbook().unwrap();
        assert_eq!(ladder, Ladder::runbook());
        assert_eq!(plan.hold.unwrap().to_string(), "5m");
        assert_eq!(plan.recovery.unwrap().to_string(), "2m");
        assert!(plan.thresholds.is_none());
    }

    #[test]
    fn a_broken_plan_is_shown_where_it_breaks() {
        let check = |text: &str, expect: &[&str]| {
            let error = PlanFile::checked(&TomlFile::in_memory("plan.toml", text)).unwrap_err().to_string();
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
        check("[thresholds]\nslip_p99_ms = nan", &["not finite", "plan.toml:2"]);
        check("[thresholds]\nslip_p99_ms = -1.0", &["slip_p99_ms", "plan.toml:1"]);
    }
}
