//! Which Kafka, which agent, and how the agent spells MirrorMaker's metrics.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::LabError;

/// A release of Kafka, Connect and MirrorMaker 2, as three numbers. Those of [`KafkaVersion::TRIED`] were
/// brought up with metrics; any other is tried all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KafkaVersion {
    /// 3 or 4; metrics changed their names between the two.
    pub major: u16,
    /// Features.
    pub minor: u16,
    /// Fixes.
    pub patch: u16,
}

impl KafkaVersion {
    /// What a lab runs when nothing else is asked.
    pub const DEFAULT: Self = Self::new(3, 9, 1);
    /// Brought up with both clusters, MirrorMaker 2 and metrics.
    pub const TRIED: [Self; 4] = [Self::new(3, 7, 2), Self::DEFAULT, Self::new(4, 1, 1), Self::new(4, 3, 0)];

    const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self { major, minor, patch }
    }
}

impl Default for KafkaVersion {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl fmt::Display for KafkaVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for KafkaVersion {
    type Err = LabError;

    fn from_str(text: &str) -> Result<Self, LabError> {
        // A parsed number may start with a plus, a version may not.
        let is_number = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
        let number = |part: &str| Some(part).filter(is_number)?.parse().ok();
        let parts: Vec<u16> = text.split('.').map_while(number).collect();
        match (parts.as_slice(), text.split('.').count()) {
            (&[major, minor, patch], 3) => Ok(Self { major, minor, patch }),
            _ => Err(unknown("a version of Kafka", text, "three numbers, such as 3.9.1")),
        }
    }
}

/// A release of the Prometheus JMX agent. 0.20.0 keeps the `_total` of Kafka's counters, 1.0.1 drops it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgentVersion {
    /// The last of the 0 series, and the spelling of most dashboards for Kafka 3.
    V0_20_0,
    /// The last that Maven Central has.
    V1_0_1,
}

impl AgentVersion {
    /// What sites run with that Kafka, as far as their published dashboards tell.
    pub fn usual_for(kafka: KafkaVersion) -> Self {
        if kafka.major >= 4 { Self::V1_0_1 } else { Self::V0_20_0 }
    }

    fn text(self) -> &'static str {
        match self {
            Self::V0_20_0 => "0.20.0",
            Self::V1_0_1 => "1.0.1",
        }
    }
}

impl fmt::Display for AgentVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

impl FromStr for AgentVersion {
    type Err = LabError;

    fn from_str(text: &str) -> Result<Self, LabError> {
        let known = [Self::V0_20_0, Self::V1_0_1].into_iter().find(|version| version.text() == text);
        known.ok_or_else(|| unknown("a version of the JMX agent", text, "0.20.0 or 1.0.1"))
    }
}

/// How the agent spells the metrics of MirrorMaker's connector. All others are spelled plainly either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetricNaming {
    /// What a rule of `.*` gives: `kafka_connect_mirror_mirrorsourceconnector_record_count`.
    #[default]
    Plain,
    /// What the runbook's dashboards ask for, by renaming rules:
    /// `kafka_connect_mirror_source_connector_record_count`.
    Runbook,
}

impl MetricNaming {
    fn text(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Runbook => "runbook",
        }
    }
}

impl fmt::Display for MetricNaming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

impl FromStr for MetricNaming {
    type Err = LabError;

    fn from_str(text: &str) -> Result<Self, LabError> {
        let known = [Self::Plain, Self::Runbook].into_iter().find(|naming| naming.text() == text);
        known.ok_or_else(|| unknown("a naming of metrics", text, "plain or runbook"))
    }
}

fn unknown(what: &'static str, text: &str, expected: &'static str) -> LabError {
    LabError::Unknown { what, text: text.to_owned(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_three_numbers_and_nothing_else() {
        for text in ["3.9.1", "4.10.0"] {
            assert_eq!(text.parse::<KafkaVersion>().unwrap().to_string(), text);
        }
        for text in
            ["", "4", "4.1", "4.1.1.1", "4.1.1-rc2", "v4.1.1", "4.+1.1", "4..1", "4.1.1/..", "4.1.99999"]
        {
            let refused = text.parse::<KafkaVersion>().unwrap_err();
            assert!(refused.is_usage() && refused.to_string().contains("such as 3.9.1"), "{text}: {refused}");
        }
    }

    #[test]
    fn ten_comes_after_nine() {
        assert!(KafkaVersion::new(4, 10, 0) > KafkaVersion::new(4, 9, 1));
    }

    #[test]
    fn the_agent_that_is_usual_follows_the_major_version() {
        let usual = KafkaVersion::TRIED.map(|kafka| AgentVersion::usual_for(kafka).to_string());
        assert_eq!(usual, ["0.20.0", "0.20.0", "1.0.1", "1.0.1"]);
    }

    #[test]
    fn agents_and_namings_are_read_as_they_are_written_and_others_are_refused_with_the_choice() {
        for text in ["0.20.0", "1.0.1"] {
            assert_eq!(text.parse::<AgentVersion>().unwrap().to_string(), text);
        }
        for text in ["plain", "runbook"] {
            assert_eq!(text.parse::<MetricNaming>().unwrap().to_string(), text);
        }
        let refused = "1.1.0".parse::<AgentVersion>().unwrap_err().to_string();
        assert!(refused.contains("1.1.0") && refused.contains("0.20.0 or 1.0.1"), "{refused}");
        let refused = "grafana".parse::<MetricNaming>().unwrap_err().to_string();
        assert!(refused.contains("grafana") && refused.contains("plain or runbook"), "{refused}");
    }
}
