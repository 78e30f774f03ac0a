//! The steps that a ramp climbs, and what makes them a ladder.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::step::Step;

/// The runbook's hold of a step, seconds.
pub const RUNBOOK_HOLD_S: u64 = 300;
/// No chain takes more than this, records per second; a larger rate is a slip of the hand.
pub const HIGHEST_RATE_PER_SEC: u64 = 10_000_000;

/// Steps of rising rate. In TOML: one `[[step]]` each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ladder {
    /// From the lowest rate to the highest.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

/// Why steps are no ladder.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LadderError {
    /// No step at all.
    #[error("the ladder has no steps; give at least one [[step]]")]
    Empty,
    /// `--steps` could not name it.
    #[error("step name \"{name}\" cannot be selected; use letters, digits, '-' and '_' only")]
    UnusableName {
        /// As written.
        name: String,
    },
    /// Two of one name.
    #[error("two steps are named {name}; rename one of them")]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// Asks for nothing.
    #[error("step {name} asks for 0 records/s; give a rate_per_sec of at least 1")]
    RateZero {
        /// The step.
        name: String,
    },
    /// More than any chain takes.
    #[error(
        "step {name} asks for {rate_per_sec} records/s, more than any chain takes; \
         rate_per_sec goes up to {HIGHEST_RATE_PER_SEC}"
    )]
    RateAbsurd {
        /// The step.
        name: String,
        /// What it asks for.
        rate_per_sec: u64,
    },
    /// Not above the step before it.
    #[error(
        "step {name} asks for {rate_per_sec} records/s, not more than {before} with {before_per_sec}; \
         put the steps in order of rising rate"
    )]
    RateNotRising {
        /// The step.
        name: String,
        /// What it asks for.
        rate_per_sec: u64,
        /// The step before it.
        before: String,
        /// What that asks for.
        before_per_sec: u64,
    },
    /// A limit that nothing can meet.
    #[error("step {name} has {limit} = 0, which no chain can meet; give it in milliseconds")]
    LimitZero {
        /// The step.
        name: String,
        /// The field.
        limit: &'static str,
    },
}

impl Ladder {
    /// The runbook's five steps, P1 to P5.
    pub fn runbook() -> Self {
        let step =
            |(name, rate_per_sec, p99_limit_ms, mm2_avg_limit_ms, mm2_max_limit_ms): (&str, _, _, _, _)| {
                Step { name: name.to_owned(), rate_per_sec, p99_limit_ms, mm2_avg_limit_ms, mm2_max_limit_ms }
            };
        let steps = [
            ("P1", 1_000, 1_000, 200, 1_000),
            ("P2", 2_500, 2_000, 500, 2_000),
            ("P3", 5_000, 3_000, 1_000, 3_000),
            ("P4", 7_500, 4_000, 2_000, 4_000),
            ("P5", 10_000, 5_000, 3_000, 5_000),
        ];
        Self { steps: steps.into_iter().map(step).collect() }
    }

    /// Checks what serde cannot.
    ///
    /// # Errors
    /// The first step that does not fit.
    pub fn validate(&self) -> Result<(), LadderError> {
        if self.steps.is_empty() {
            return Err(LadderError::Empty);
        }
        let mut names = HashSet::new();
        for step in &self.steps {
            step_alone(step)?;
            if !names.insert(&step.name) {
                return Err(LadderError::DuplicateName { name: step.name.clone() });
            }
        }
        for pair in self.steps.windows(2) {
            let [before, step] = pair else { continue };
            if step.rate_per_sec <= before.rate_per_sec {
                return Err(LadderError::RateNotRising {
                    name: step.name.clone(),
                    rate_per_sec: step.rate_per_sec,
                    before: before.name.clone(),
                    before_per_sec: before.rate_per_sec,
                });
            }
        }
        Ok(())
    }
}

fn step_alone(step: &Step) -> Result<(), LadderError> {
    let name = step.name.clone();
    let usable = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || !name.chars().all(usable) {
        return Err(LadderError::UnusableName { name });
    }
    if step.rate_per_sec == 0 {
        return Err(LadderError::RateZero { name });
    }
    if step.rate_per_sec > HIGHEST_RATE_PER_SEC {
        return Err(LadderError::RateAbsurd { name, rate_per_sec: step.rate_per_sec });
    }
    let limits = [
        ("p99_limit_ms", step.p99_limit_ms),
        ("mm2_avg_limit_ms", step.mm2_avg_limit_ms),
        ("mm2_max_limit_ms", step.mm2_max_limit_ms),
    ];
    match limits.into_iter().find(|(_, ms)| *ms == 0) {
        Some((limit, _)) => Err(LadderError::LimitZero { name, limit }),
        None => Ok(()),
    }
}
