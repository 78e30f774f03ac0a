//! The lab's Prometheus: what it scrapes, and whether it has.

use std::collections::BTreeSet;

use crate::{
    chain::url,
    ports::Ports,
    rest::{get_json, loopback_agent},
};

/// Six looks at each of the 30 s windows over which Kafka takes its averages and maxima. All targets together
/// take some 0.15 s.
const SCRAPE_INTERVAL: &str = "5s";

/// The arguments of node_exporter, without the address: what a panel asks for.
pub(crate) const NODE_EXPORTER_FLAGS: &[&str] = &[
    "--collector.disable-defaults",
    "--collector.cpu",
    "--collector.meminfo",
    "--collector.diskstats",
    "--collector.netdev",
    "--collector.filesystem",
];

/// The configuration, with the jobs and labels that sites commonly have.
pub(crate) fn prometheus_yml(ports: &Ports) -> String {
    let Ports { source, target, workers: [first, second], node_exporter, .. } = ports;
    format!(
        r#"global:
  scrape_interval: {SCRAPE_INTERVAL}
scrape_configs:
- job_name: kafka-broker
  static_configs:
  - targets: ["127.0.0.1:{}"]
    labels: {{cluster: source}}
  - targets: ["127.0.0.1:{}"]
    labels: {{cluster: target}}
- job_name: kafka-connect
  static_configs:
  - targets: ["127.0.0.1:{}", "127.0.0.1:{}"]
- job_name: node
  static_configs:
  - targets: ["127.0.0.1:{node_exporter}"]
"#,
        source.agent, target.agent, first.agent, second.agent
    )
}

/// A client of it.
pub(crate) struct Prometheus {
    agent: ureq::Agent,
    url: String,
    instances: BTreeSet<String>,
}

impl Prometheus {
    pub(crate) fn of(ports: &Ports) -> Self {
        let Ports { source, target, workers: [first, second], node_exporter, .. } = ports;
        let targets = [source.agent, target.agent, first.agent, second.agent, *node_exporter];
        Self {
            agent: loopback_agent(),
            url: url(ports.prometheus),
            instances: targets.map(|port| format!("127.0.0.1:{port}")).into(),
        }
    }

    /// Each target answered the last time it was asked. A stranger on the port does not know our targets.
    pub(crate) fn has_scraped_all(&self) -> bool {
        self.up().is_some_and(|up| up == self.instances)
    }

    /// The targets that are up; none where nobody answers.
    fn up(&self) -> Option<BTreeSet<String>> {
        // `up == 1`
        let answer = get_json(&self.agent, &format!("{}/api/v1/query?query=up%3D%3D1", self.url))?;
        let series = answer["data"]["result"].as_array()?;
        series.iter().map(|series| series["metric"]["instance"].as_str().map(str::to_owned)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::TEST_PORTS;

    #[test]
    fn every_agent_and_the_machine_are_scraped_under_the_jobs_that_sites_have() {
        let text = prometheus_yml(&TEST_PORTS);
        let (brokers, others) = text.split_once("- job_name: kafka-connect").unwrap();
        assert!(brokers.contains("- targets: [\"127.0.0.1:11\"]\n    labels: {cluster: source}"), "{text}");
        assert!(brokers.contains("- targets: [\"127.0.0.1:13\"]\n    labels: {cluster: target}"), "{text}");
        let (workers, node) = others.split_once("- job_name: node").unwrap();
        assert!(workers.contains("[\"127.0.0.1:15\", \"127.0.0.1:16\"]"), "{text}");
        assert!(node.contains("[\"127.0.0.1:8\"]"), "{text}");
        assert_eq!(Prometheus::of(&TEST_PORTS).instances.len(), 5);
    }
}
