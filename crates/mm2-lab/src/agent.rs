//! What the JMX agent in each JVM exports: only what is asked for. With a rule of `.*` for every MBean a
//! worker exports 4 800 samples and a broker 12 200, each scrape takes 0.3 s of a core, and that shows in the
//! chain's p99.

use std::{
    ffi::{OsStr, OsString},
    fmt::Write as _,
    path::{Path, PathBuf},
};

use crate::{AgentVersion, MetricNaming};

/// The agent of every JVM of a lab.
#[derive(Debug, Clone)]
pub(crate) struct Agent {
    pub(crate) jar: PathBuf,
    pub(crate) version: AgentVersion,
    pub(crate) naming: MetricNaming,
}

impl Agent {
    /// The flag of a JVM whose agent answers on that port.
    pub(crate) fn flag(&self, port: u16, configuration: &Path) -> OsString {
        let address = OsString::from(format!("=127.0.0.1:{port}:"));
        [OsStr::new("-javaagent:"), self.jar.as_os_str(), &address, configuration.as_os_str()]
            .into_iter()
            .collect()
    }
}

/// MirrorMaker 2 and its clients. Of the consumers, what a whole client fetched, not each partition.
const WORKER_MBEANS: &[&str] = &[
    "kafka.connect.mirror:*",
    "kafka.connect:type=source-task-metrics,*",
    "kafka.connect:type=connector-task-metrics,*",
    "kafka.connect:type=task-error-metrics,*",
    "kafka.connect:type=connect-worker-metrics,*",
    "kafka.connect:type=connect-worker-rebalance-metrics,*",
    "kafka.producer:type=producer-metrics,*",
    "kafka.consumer:type=consumer-fetch-manager-metrics,client-id=*",
    "java.lang:type=Memory",
];

/// Of the topics' metrics, those of all topics together.
const BROKER_MBEANS: &[&str] = &[
    "kafka.server:type=ReplicaManager,*",
    "kafka.server:type=BrokerTopicMetrics,name=*",
    "kafka.controller:type=KafkaController,*",
    "kafka.network:type=RequestMetrics,name=TotalTimeMs,request=Produce",
    "kafka.network:type=RequestMetrics,name=TotalTimeMs,request=FetchConsumer",
    "java.lang:type=Memory",
];

/// The third spelling of MirrorMaker's metrics. Kafka 3 has no `source` there unless it is told to. Cached
/// by the agent: matched anew each time, a scrape of a worker took 0.09 to 0.11 s, cached 0.04 to 0.05 s.
const RUNBOOK_RULE: &str = r#"- pattern: "kafka.connect.mirror<type=MirrorSourceConnector, (?:source=([^,]+), )?target=([^,]+), topic=([^,]+), partition=([0-9]+)><>([^:]+):"
  name: kafka_connect_mirror_source_connector_$5
  labels: {source: "$1", target: "$2", topic: "$3", partition: "$4"}
  cache: true
"#;

/// The agent's configuration in a broker.
pub(crate) fn broker_yml() -> String {
    yml(BROKER_MBEANS, "")
}

/// The agent's configuration in a worker.
pub(crate) fn worker_yml(naming: MetricNaming) -> String {
    yml(WORKER_MBEANS, if naming == MetricNaming::Runbook { RUNBOOK_RULE } else { "" })
}

/// Rules are tried in turn; what none of the first ones renames is exported as it is called.
fn yml(mbeans: &[&str], rules: &str) -> String {
    let mut text =
        "lowercaseOutputName: true\nlowercaseOutputLabelNames: true\nincludeObjectNames:\n".to_owned();
    for mbean in mbeans {
        // Writing to a string does not fail.
        writeln!(text, "- \"{mbean}\"").ok();
    }
    text + "rules:\n" + rules + "- pattern: \".*\"\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_and_runbook_differ_by_one_rule_before_the_last() {
        let (plain, runbook) = (worker_yml(MetricNaming::Plain), worker_yml(MetricNaming::Runbook));
        assert_eq!(runbook.replace(RUNBOOK_RULE, ""), plain);
        assert!(runbook.ends_with("- pattern: \".*\"\n"));
        assert!(!broker_yml().contains("mirror"));
    }
}
