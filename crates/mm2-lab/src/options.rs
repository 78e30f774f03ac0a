//! What may be asked of a lab, by arguments or by the environment.

use std::{
    env,
    ffi::OsString,
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
};

use crate::{AgentVersion, KafkaVersion, LabError, LabState, MetricNaming};

/// Where a lab lives, what it runs, and how to stop its start. What is left out is the default.
#[derive(Debug, Clone, Default)]
pub struct LabOptions {
    /// Configurations, data and logs; by default a fresh temporary folder, removed with the lab. (Its logs
    /// stay when the lab fails to start.)
    pub state_dir: Option<PathBuf>,
    /// The jars of Kafka and the agent; by default [`crate::default_cache_dir`].
    pub cache_dir: Option<PathBuf>,
    /// By default [`KafkaVersion::DEFAULT`].
    pub kafka: Option<KafkaVersion>,
    /// The folder of an unpacked Kafka distribution, whose `libs` are then run; nothing but the agent is
    /// fetched. Not together with `kafka`.
    pub kafka_home: Option<PathBuf>,
    /// The JMX agent in each JVM; by default [`AgentVersion::usual_for`] the version of Kafka.
    pub agent: Option<AgentVersion>,
    /// By default [`MetricNaming::Plain`].
    pub naming: Option<MetricNaming>,
    /// Agents, Prometheus and node_exporter; by default there are.
    pub metrics: Option<bool>,
    /// Becomes true when somebody wants to give up while the lab is starting.
    pub cancel: Arc<AtomicBool>,
}

impl LabOptions {
    /// What the environment asks for: `MM2_LAB_KAFKA` (a version), `MM2_LAB_KAFKA_HOME` (a folder),
    /// `MM2_LAB_AGENT` (0.20.0, 1.0.1), `MM2_LAB_NAMING` (plain, runbook), `MM2_LAB_METRICS` (on, off). One
    /// that is empty counts as not set.
    ///
    /// # Errors
    /// [`LabError::Environment`] for a value that means nothing.
    pub fn from_env() -> Result<Self, LabError> {
        Self::from_variables(|name| env::var_os(name))
    }

    fn from_variables(get: impl Fn(&str) -> Option<OsString>) -> Result<Self, LabError> {
        let get = |name: &str| get(name).filter(|value| !value.is_empty());
        Ok(Self {
            kafka: parsed("MM2_LAB_KAFKA", &get, str::parse)?,
            kafka_home: get("MM2_LAB_KAFKA_HOME").map(PathBuf::from),
            agent: parsed("MM2_LAB_AGENT", &get, str::parse)?,
            naming: parsed("MM2_LAB_NAMING", &get, str::parse)?,
            metrics: parsed("MM2_LAB_METRICS", &get, on_or_off)?,
            ..Self::default()
        })
    }

    /// Whether there will be metrics.
    pub(crate) fn has_metrics(&self) -> bool {
        self.metrics.unwrap_or(true)
    }

    /// Options that exclude each other.
    pub(crate) fn check(&self) -> Result<(), LabError> {
        let refuse = |first, second| Err(LabError::Contradiction { first, second });
        match self {
            Self { kafka: Some(_), kafka_home: Some(_), .. } => {
                refuse("a version of Kafka", "the folder of a Kafka distribution")
            }
            Self { metrics: Some(false), agent: Some(_), .. } => refuse("no metrics", "an agent"),
            Self { metrics: Some(false), naming: Some(_), .. } => refuse("no metrics", "a naming of them"),
            _ => Ok(()),
        }
    }

    /// Refuses a lab that is up but is not what was asked for. What was not asked for may be anything.
    ///
    /// # Errors
    /// [`LabError::Different`] with the first difference.
    pub fn check_running(&self, state: &LabState) -> Result<(), LabError> {
        let differ = |asked: String, found: String| {
            if asked == found { Ok(()) } else { Err(LabError::Different { asked, found }) }
        };
        if let Some(kafka) = self.kafka {
            differ(format!("Kafka {kafka}"), format!("Kafka {}", state.kafka_version))?;
        }
        if let Some(home) = &self.kafka_home {
            let libs = std::path::absolute(home).unwrap_or_else(|_| home.clone()).join("libs");
            differ(format!("Kafka from {}", libs.display()), format!("Kafka from {}", state.libs.display()))?;
        }
        let found = state.metrics.as_ref();
        if let Some(metrics) = self.metrics {
            let words = |there: bool| if there { "metrics" } else { "no metrics" }.to_owned();
            differ(words(metrics), words(found.is_some()))?;
        }
        if let Some(agent) = self.agent {
            let found = found.map_or("no agent".to_owned(), |found| format!("agent {}", found.agent_version));
            differ(format!("agent {agent}"), found)?;
        }
        if let Some(naming) = self.naming {
            let found = found.map_or("no metrics".to_owned(), |found| format!("naming {}", found.naming));
            differ(format!("naming {naming}"), found)?;
        }
        Ok(())
    }
}

fn parsed<T>(
    name: &'static str,
    get: &impl Fn(&str) -> Option<OsString>,
    parse: impl Fn(&str) -> Result<T, LabError>,
) -> Result<Option<T>, LabError> {
    let read = |value: OsString| {
        parse(&value.to_string_lossy())
            .map_err(|error| LabError::Environment { name, why: error.to_string() })
    };
    get(name).map(read).transpose()
}

fn on_or_off(text: &str) -> Result<bool, LabError> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(LabError::Unknown { what: "a switch", text: text.to_owned(), expected: "on or off" }),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{LabMetrics, ProcessId};

    fn from(variables: &[(&str, &str)]) -> Result<LabOptions, LabError> {
        LabOptions::from_variables(|name| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into())
        })
    }

    #[test]
    fn the_environment_says_what_to_run() {
        let asked = from(&[
            ("MM2_LAB_KAFKA", "4.1.1"),
            ("MM2_LAB_AGENT", "0.20.0"),
            ("MM2_LAB_NAMING", "runbook"),
            ("MM2_LAB_METRICS", "on"),
        ]);
        let asked = asked.unwrap();
        assert_eq!(asked.kafka.unwrap().to_string(), "4.1.1");
        assert_eq!(asked.agent, Some(AgentVersion::V0_20_0));
        assert_eq!(asked.naming, Some(MetricNaming::Runbook));
        assert_eq!(asked.metrics, Some(true));
        let home = from(&[("MM2_LAB_KAFKA_HOME", "/opt/kafka"), ("MM2_LAB_METRICS", "off")]).unwrap();
        assert_eq!(home.kafka_home.as_deref(), Some(Path::new("/opt/kafka")));
        assert!(!home.has_metrics());
    }

    #[test]
    fn without_a_word_there_are_metrics() {
        for variables in [&[][..], &[("MM2_LAB_METRICS", ""), ("MM2_LAB_KAFKA", "")]] {
            let asked = from(variables).unwrap();
            assert!(asked.kafka.is_none() && asked.has_metrics());
        }
    }

    #[test]
    fn a_value_that_means_nothing_is_refused_with_its_variable() {
        for (name, value) in [
            ("MM2_LAB_KAFKA", "latest"),
            ("MM2_LAB_AGENT", "2"),
            ("MM2_LAB_NAMING", "strimzi"),
            ("MM2_LAB_METRICS", "no"),
        ] {
            let refused = from(&[(name, value)]).unwrap_err();
            assert!(refused.is_usage());
            let text = refused.to_string();
            assert!(text.contains(name) && text.contains(value), "{text}");
        }
    }

    #[test]
    fn what_excludes_each_other_is_refused() {
        let check = |asked: &[(&str, &str)], ok: bool| {
            assert_eq!(from(asked).unwrap().check().is_ok(), ok, "{asked:?}");
        };
        check(&[("MM2_LAB_KAFKA", "4.1.1"), ("MM2_LAB_NAMING", "runbook"), ("MM2_LAB_AGENT", "1.0.1")], true);
        check(&[("MM2_LAB_KAFKA", "4.1.1"), ("MM2_LAB_METRICS", "off")], true);
        check(&[("MM2_LAB_KAFKA", "4.1.1"), ("MM2_LAB_KAFKA_HOME", "/k")], false);
        check(&[("MM2_LAB_METRICS", "off"), ("MM2_LAB_AGENT", "1.0.1")], false);
        check(&[("MM2_LAB_METRICS", "off"), ("MM2_LAB_NAMING", "plain")], false);
    }

    #[test]
    fn a_lab_that_is_up_must_be_what_was_asked_for_and_may_be_more() {
        let up = |metrics| LabState {
            kafka_version: "4.1.1".into(),
            libs: "/k/libs".into(),
            metrics,
            owner: ProcessId { pid: 1, started_ticks: 2 },
            ready: true,
            state_dir: "/s".into(),
            chain_file: "/s/chain.toml".into(),
            processes: Vec::new(),
        };
        let metrics = LabMetrics {
            agent_version: "1.0.1".into(),
            naming: MetricNaming::Plain,
            prometheus_url: "http://127.0.0.1:9".into(),
        };
        let (with, without) = (up(Some(metrics)), up(None));
        let check = |asked: &[(&str, &str)], state: &LabState, expect: Option<&str>| {
            let said = from(asked).unwrap().check_running(state).err().map(|error| error.to_string());
            assert_eq!(said.is_some(), expect.is_some(), "{asked:?}: {said:?}");
            assert!(said.unwrap_or_default().contains(expect.unwrap_or("")), "{asked:?}");
        };
        check(&[], &with, None);
        check(&[], &without, None);
        check(&[("MM2_LAB_KAFKA", "4.1.1"), ("MM2_LAB_KAFKA_HOME", "/k")], &with, None);
        check(&[("MM2_LAB_KAFKA", "3.9.1")], &with, Some("Kafka 4.1.1, not Kafka 3.9.1"));
        check(&[("MM2_LAB_KAFKA_HOME", "/other")], &with, Some("/other/libs"));
        check(&[("MM2_LAB_METRICS", "on"), ("MM2_LAB_AGENT", "1.0.1")], &with, None);
        check(&[("MM2_LAB_METRICS", "off")], &with, Some("has metrics, not no metrics"));
        check(&[("MM2_LAB_METRICS", "on")], &without, Some("has no metrics, not metrics"));
        check(&[("MM2_LAB_AGENT", "0.20.0")], &with, Some("agent 1.0.1, not agent 0.20.0"));
        check(&[("MM2_LAB_NAMING", "runbook")], &with, Some("naming plain, not naming runbook"));
        check(&[("MM2_LAB_NAMING", "plain")], &without, Some("no metrics"));
    }
}
