//! The four levels that a judgement can have, and how they combine.

use serde::{Deserialize, Serialize};

/// How good something was found to be. Ordered: the worst of several wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Level {
    /// Shown to be good enough.
    Go,
    /// Good enough, with something that a person should look at.
    Warn,
    /// Not shown either way: data missing, too few, too short, or our own generator slipped.
    Inconclusive,
    /// Shown not to be good enough.
    Stop,
}

impl Level {
    /// The word that stands in reports and in `run.json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Go => "GO",
            Self::Warn => "WARN",
            Self::Inconclusive => "INCONCLUSIVE",
            Self::Stop => "STOP",
        }
    }
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}
