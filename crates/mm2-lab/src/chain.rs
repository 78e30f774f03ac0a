//! The lab as a chain file: what a person would write to have the lab measured.

use std::path::Path;

use serde::Serialize;

use crate::{ports::Ports, settings::CONNECTOR};

#[derive(Serialize)]
struct Chain<'a> {
    source: Cluster,
    target: Cluster,
    connect: Connect<'a>,
    prometheus: Prometheus<'a>,
    topics: Topics<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expect: Option<Expect<'a>>,
}

#[derive(Serialize)]
struct Cluster {
    bootstrap_servers: String,
}

#[derive(Serialize)]
struct Connect<'a> {
    mode: &'a str,
    urls: Vec<String>,
    connector: &'a str,
    worker_properties: &'a Path,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Prometheus<'a> {
    There { url: String, selectors: Selectors<'a> },
    Absent { absent: &'a str },
}

/// Which brokers are whose: Prometheus is configured to label them so.
#[derive(Serialize)]
struct Selectors<'a> {
    source: &'a str,
    target: &'a str,
}

/// What a Prometheus must see for its answers to be whole, and what its figures of the hosts tell of.
#[derive(Serialize)]
struct Expect<'a> {
    /// On each side.
    brokers: u32,
    workers: u32,
    worker_hosts: &'a str,
}

#[derive(Serialize)]
struct Topics<'a> {
    prefix: &'a str,
    count: u32,
    partitions: u32,
    replication: u16,
}

/// The text of the chain file. Fails for a path that is not Unicode, which TOML cannot hold.
pub(crate) fn chain_toml(
    ports: &Ports,
    worker_properties: &Path,
    metrics: bool,
) -> Result<String, toml::ser::Error> {
    let cluster = |port: u16| Cluster { bootstrap_servers: format!("127.0.0.1:{port}") };
    toml::to_string(&Chain {
        source: cluster(ports.source.clients),
        target: cluster(ports.target.clients),
        connect: Connect {
            mode: "rest",
            urls: ports.workers.iter().map(|worker| url(worker.rest)).collect(),
            connector: CONNECTOR,
            worker_properties,
        },
        prometheus: if metrics {
            Prometheus::There {
                url: url(ports.prometheus),
                selectors: Selectors { source: r#"cluster="source""#, target: r#"cluster="target""# },
            }
        } else {
            Prometheus::Absent { absent: "the lab was started without metrics" }
        },
        topics: Topics {
            prefix: "test-prometheus.generated-data-",
            count: 10,
            partitions: 12,
            replication: 1,
        },
        // One machine has it all, the load too.
        expect: metrics.then_some(Expect { brokers: 1, workers: 2, worker_hosts: "shared" }),
    })
}

/// Where an HTTP server of the lab answers.
pub(crate) fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::TEST_PORTS;

    #[test]
    fn the_chain_file_is_what_a_person_would_write() {
        let text = chain_toml(&TEST_PORTS, Path::new("/a \"b\"/worker-1.properties"), true).unwrap();
        let expect = r#"[source]
bootstrap_servers = "127.0.0.1:1"

[target]
bootstrap_servers = "127.0.0.1:3"

[connect]
mode = "rest"
urls = ["http://127.0.0.1:5", "http://127.0.0.1:6"]
connector = "mm2-source"
worker_properties = '/a "b"/worker-1.properties'

[prometheus]
url = "http://127.0.0.1:7"

[prometheus.selectors]
source = 'cluster="source"'
target = 'cluster="target"'

[topics]
prefix = "test-prometheus.generated-data-"
count = 10
partitions = 12
replication = 1

[expect]
brokers = 1
workers = 2
worker_hosts = "shared"
"#;
        assert_eq!(text, expect);
    }

    #[test]
    fn without_metrics_the_chain_file_says_that_there_are_none() {
        let text = chain_toml(&TEST_PORTS, Path::new("/w.properties"), false).unwrap();
        assert!(text.contains("[prometheus]\nabsent = \"the lab was started without metrics\"\n"), "{text}");
        assert!(!text.contains("[expect]") && !text.contains("http://127.0.0.1:7"), "{text}");
    }
}
