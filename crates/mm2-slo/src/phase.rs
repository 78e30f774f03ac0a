//! The nine phases of the runbook: what opens the next one, and what they come to together.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::level::Level;

/// A phase of the runbook, 0 to 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Phase(u8);

/// Whether the next phase may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum Gate {
    /// It may.
    Open,
    /// It may not; the runbook says what to do.
    Closed(Remedy),
}

/// What the runbook asks for before a phase is run again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remedy {
    /// Fix the infrastructure (French: corriger).
    Fix,
    /// Optimise (optimiser).
    Optimise,
    /// Tune (tuning).
    Tune,
    /// Analyse the degradation (analyser).
    Analyse,
    /// Fix the high availability (corriger HA).
    FixHa,
    /// Measure again: what was measured shows nothing.
    Repeat,
}

impl Phase {
    /// Phase 4, the progressive ramp.
    pub const RAMP: Self = Self(4);
    /// From 0 to 8.
    pub const ALL: [Self; 9] =
        [Self(0), Self(1), Self(2), Self(3), Self(4), Self(5), Self(6), Self(7), Self(8)];

    /// The phase of this number; `None` above 8.
    pub fn new(number: u8) -> Option<Self> {
        (number <= 8).then_some(Self(number))
    }

    /// 0 to 8.
    pub fn number(self) -> u8 {
        self.0
    }

    /// Its name in the runbook.
    pub fn name(self) -> &'static str {
        match self.0 {
            0 => "preparation",
            1 => "smoke test",
            2 => "nominal load",
            3 => "end-to-end latency",
            4 => "ramp",
            5 => "long run",
            6 => "resilience",
            7 => "error behaviour",
            _ => "production validation",
        }
    }

    /// Whether the next phase may begin after this one came to `level`. WARN opens it, but for the long run:
    /// Phase 6 begins only when Phase 5 was stable.
    pub fn gate(self, level: Level) -> Gate {
        match (self.0, level) {
            (_, Level::Go) | (0..=4 | 6..=8, Level::Warn) => Gate::Open,
            (_, Level::Inconclusive) => Gate::Closed(Remedy::Repeat),
            (2 | 4, _) => Gate::Closed(Remedy::Optimise),
            (3, _) => Gate::Closed(Remedy::Tune),
            (5, _) => Gate::Closed(Remedy::Analyse),
            (6, _) => Gate::Closed(Remedy::FixHa),
            _ => Gate::Closed(Remedy::Fix),
        }
    }
}

impl TryFrom<u8> for Phase {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        Self::new(number).ok_or_else(|| format!("the runbook has phases 0 to 8, not {number}"))
    }
}

impl From<Phase> for u8 {
    fn from(phase: Phase) -> Self {
        phase.0
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "phase {} ({})", self.0, self.name())
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fix => "fix",
            Self::Optimise => "optimise",
            Self::Tune => "tune",
            Self::Analyse => "analyse",
            Self::FixHa => "fix the high availability",
            Self::Repeat => "measure again",
        })
    }
}

/// The final checklist, Phase 8: GO PROD only if each of phases 0 to 7 has a valid run. A phase that is missing is
/// STOP, never a blank; one that shows nothing is STOP as well.
#[cfg(feature = "toml")]
pub fn production(came_to: impl IntoIterator<Item = (Phase, Level)>) -> crate::Verdict {
    use crate::{Criteria, Observation, Observations, Total, Unit};

    let levels: std::collections::BTreeMap<Phase, Level> = came_to.into_iter().collect();
    let mut seen = Observations::over(0.0);
    for phase in &Phase::ALL[..8] {
        let rank = match levels.get(phase) {
            Some(Level::Go) => 0.0,
            Some(Level::Warn) => 1.0,
            Some(Level::Inconclusive) => 2.0,
            Some(Level::Stop) => 3.0,
            None => 4.0,
        };
        let signal = format!("phase.{}", phase.number());
        seen = seen.with(signal, Observation::Total(Total::new(rank, Unit::Count)));
    }
    Criteria::of_phase(Phase(8)).judge(&seen)
}
