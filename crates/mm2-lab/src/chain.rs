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
struct Prometheus<'a> {
    absent: &'a str,
}

#[derive(Serialize)]
struct Topics<'a> {
    prefix: &'a str,
    count: u32,
    partitions: u32,
    replication: u16,
}

/// The text of the chain file. Fails for a path that is not Unicode, which TOML cannot hold.
pub(crate) fn chain_toml(ports: &Ports, worker_properties: &Path) -> Result<String, toml::ser::Error> {
    let cluster = |port: u16| Cluster { bootstrap_servers: format!("127.0.0.1:{port}") };
    toml::to_string(&Chain {
        source: cluster(ports.source.clients),
        target: cluster(ports.target.clients),
        connect: Connect {
            mode: "rest",
            urls: ports.workers.iter().map(|port| worker_url(*port)).collect(),
            connector: CONNECTOR,
            worker_properties,
        },
        prometheus: Prometheus { absent: "the lab has no Prometheus yet" },
        topics: Topics {
            prefix: "test-prometheus.generated-data-",
            count: 10,
            partitions: 12,
            replication: 1,
        },
    })
}

/// Where a worker answers.
pub(crate) fn worker_url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::BrokerPorts;

    #[test]
    fn the_chain_file_is_what_a_person_would_write() {
        let ports = Ports {
            source: BrokerPorts { clients: 1, controller: 2 },
            target: BrokerPorts { clients: 3, controller: 4 },
            workers: [5, 6],
        };
        let text = chain_toml(&ports, Path::new("/a \"b\"/worker-1.properties")).unwrap();
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
absent = "the lab has no Prometheus yet"

[topics]
prefix = "test-prometheus.generated-data-"
count = 10
partitions = 12
replication = 1
"#;
        assert_eq!(text, expect);
    }
}
