//! The settings of the lab's brokers, workers and connector, as text. Only what differs from Kafka's
//! defaults, and why. Paths are relative to the state folder, in which every JVM runs.

use serde_json::{Value, json};

use crate::ports::{BrokerPorts, Ports};

/// The connector's name in Connect.
pub(crate) const CONNECTOR: &str = "mm2-source";

/// Everything to the console, which the lab writes to one log a process. For Kafka 3.
pub(crate) const LOG4J: &str = "\
log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=[%d] %p %m (%c)%n
";

/// The same for Kafka 4.
pub(crate) const LOG4J2: &str = "\
rootLogger.level=WARN
rootLogger.appenderRef.out.ref=out
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=[%d] %p %m (%c)%n
";

/// A single node that is broker and controller. `partitions` differs between the clusters, so that a topic
/// which a cluster created by itself is told apart from one that was replicated.
pub(crate) fn broker(name: &str, ports: BrokerPorts, partitions: u16) -> String {
    let BrokerPorts { clients, controller, .. } = ports;
    format!(
        "\
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:{clients},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{clients}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
controller.quorum.voters=1@127.0.0.1:{controller}
log.dirs=data/{name}
num.partitions={partitions}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
# Bounds the disk: 120 partitions stay under 20 GB a cluster, and a partition that takes 400 KB/s (a
# climb to 50 000 records/s of 1 KiB) still keeps five minutes. A deleted segment stays for a minute by
# default: at 75 000 records/s that was 5 GB more, and filled a disk.
log.retention.bytes=134217728
log.segment.bytes=16777216
log.retention.check.interval.ms=5000
log.segment.delete.delay.ms=1000
"
    )
}

/// One of two Connect workers of the same group. They keep their topics on the target, as MirrorMaker 2
/// wants it. The converters leave key, value and headers untouched.
pub(crate) fn worker(ports: &Ports, index: usize) -> String {
    let target = ports.target.clients;
    let port = ports.workers[index].rest;
    format!(
        "\
bootstrap.servers=127.0.0.1:{target}
group.id=connect-mm2
config.storage.topic=connect-configs
offset.storage.topic=connect-offsets
status.storage.topic=connect-status
config.storage.replication.factor=1
offset.storage.replication.factor=1
status.storage.replication.factor=1
offset.storage.partitions=3
status.storage.partitions=1
key.converter=org.apache.kafka.connect.converters.ByteArrayConverter
value.converter=org.apache.kafka.connect.converters.ByteArrayConverter
header.converter=org.apache.kafka.connect.converters.ByteArrayConverter
# Duplicates after a hard stop reach back this far; the default is a minute.
offset.flush.interval.ms=5000
# How long the tasks of a lost worker wait for its return; the default of five minutes is no test.
scheduled.rebalance.max.delay.ms=10000
connector.client.config.override.policy=All
listeners=http://127.0.0.1:{port}
rest.advertised.host.name=127.0.0.1
rest.advertised.port={port}
# Without a scan of the class path a worker starts in 5 s.
plugin.discovery=SERVICE_LOAD
"
    )
}

/// The source connector of MirrorMaker 2, for the topics of the load.
pub(crate) fn connector(ports: &Ports) -> Value {
    json!({
        "connector.class": "org.apache.kafka.connect.mirror.MirrorSourceConnector",
        "source.cluster.alias": "source",
        "target.cluster.alias": "target",
        "source.cluster.bootstrap.servers": format!("127.0.0.1:{}", ports.source.clients),
        "target.cluster.bootstrap.servers": format!("127.0.0.1:{}", ports.target.clients),
        "topics": "test-prometheus.*",
        "tasks.max": "4",
        "replication.factor": "1",
        "offset-syncs.topic.replication.factor": "1",
        "checkpoints.topic.replication.factor": "1",
        "heartbeats.topic.replication.factor": "1",
        "refresh.topics.interval.seconds": "5",
        "sync.topic.acls.enabled": "false",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::TEST_PORTS as PORTS;

    /// The value of a key that must be there exactly once.
    fn value<'a>(text: &'a str, key: &str) -> &'a str {
        let values: Vec<_> =
            text.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('=')).collect();
        assert_eq!(values.len(), 1, "{key} in {text}");
        values[0]
    }

    #[test]
    fn a_broker_listens_on_loopback_only_and_keeps_its_data_under_its_name() {
        let text = broker("target", PORTS.target, 5);
        assert_eq!(value(&text, "listeners"), "PLAINTEXT://127.0.0.1:3,CONTROLLER://127.0.0.1:4");
        assert_eq!(value(&text, "controller.quorum.voters"), "1@127.0.0.1:4");
        assert_eq!(value(&text, "log.dirs"), "data/target");
        assert_eq!(value(&text, "num.partitions"), "5");
    }

    #[test]
    fn workers_share_the_target_and_a_group_but_not_a_port() {
        let (first, second) = (worker(&PORTS, 0), worker(&PORTS, 1));
        assert_eq!(value(&first, "listeners"), "http://127.0.0.1:5");
        assert_eq!(value(&second, "listeners"), "http://127.0.0.1:6");
        assert_eq!(value(&second, "rest.advertised.port"), "6");
        for key in ["bootstrap.servers", "group.id", "config.storage.topic"] {
            assert_eq!(value(&first, key), value(&second, key));
        }
        assert_eq!(value(&first, "bootstrap.servers"), "127.0.0.1:3");
    }

    #[test]
    fn the_connector_reads_the_source_and_writes_the_target() {
        let connector = connector(&PORTS);
        assert_eq!(connector["source.cluster.bootstrap.servers"], "127.0.0.1:1");
        assert_eq!(connector["target.cluster.bootstrap.servers"], "127.0.0.1:3");
    }
}
