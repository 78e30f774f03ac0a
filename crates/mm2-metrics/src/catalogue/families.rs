//! Families of metrics: what exports them, how sites spell them, and how a series shows whose it is.

use crate::Scope;

/// Metrics that are spelled alike and tell whose they are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Family {
    /// `kafka.connect.mirror:type=MirrorSourceConnector`.
    Mirror,
    /// `kafka.connect:type=source-task-metrics`.
    SourceTask,
    /// `kafka.connect:type=connector-task-metrics`.
    ConnectorTask,
    /// `kafka.connect:type=connect-worker-metrics`.
    Worker,
    /// `kafka.connect:type=connect-worker-rebalance-metrics`.
    Rebalance,
    /// `kafka.producer:type=producer-metrics`, of Connect's data producers.
    Producer,
    /// `kafka.consumer:type=consumer-fetch-manager-metrics`, of MM2's replication consumers.
    Consumer,
    /// The JMX agent's own metrics of its JVM and process.
    Jvm,
    /// `java.lang:type=OperatingSystem`.
    JavaOs,
    /// node_exporter.
    Node,
    /// Brokers of the source.
    SourceBroker,
    /// Brokers of the target.
    TargetBroker,
}

/// One way of spelling a family's metrics.
#[derive(Debug)]
pub(crate) struct Spelling {
    pub(crate) name: &'static str,
    /// Before the metric's own name.
    pub(crate) prefix: &'static str,
}

/// How a series shows whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Belongs {
    /// By its target-side topic, and the worker that it comes from.
    Topic,
    /// By its connector.
    Connector,
    /// By a client id of `connector-producer-<connector>-<task>`.
    Producer,
    /// By a client id of `<source>-><target>|<connector>-<task>|replication-consumer`.
    Consumer,
    /// By the worker that it comes from.
    Worker,
    /// By the host that it tells of.
    Host,
    /// By the selector of its scope only.
    Scope,
}

impl Family {
    pub(crate) const EVERY: [Self; 12] = [
        Self::Mirror,
        Self::SourceTask,
        Self::ConnectorTask,
        Self::Worker,
        Self::Rebalance,
        Self::Producer,
        Self::Consumer,
        Self::Jvm,
        Self::JavaOs,
        Self::Node,
        Self::SourceBroker,
        Self::TargetBroker,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Mirror => "mirror",
            Self::SourceTask => "source task",
            Self::ConnectorTask => "connector task",
            Self::Worker => "worker",
            Self::Rebalance => "rebalance",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
            Self::Jvm => "jvm",
            Self::JavaOs => "java os",
            Self::Node => "node",
            Self::SourceBroker => "source broker",
            Self::TargetBroker => "target broker",
        }
    }

    /// Best first. A site may have several: one is read, never a sum of them.
    pub(crate) fn spellings(self) -> &'static [Spelling] {
        const PLAIN: &str = "plain rules, Confluent, runbook";
        const STRIMZI: &str = "Strimzi, AWS";
        match self {
            Self::Mirror => &[
                Spelling {
                    name: "plain rules, Strimzi",
                    prefix: "kafka_connect_mirror_mirrorsourceconnector_",
                },
                Spelling { name: "runbook, AWS, Redpanda", prefix: "kafka_connect_mirror_source_connector_" },
                Spelling { name: "Red Hat", prefix: "connect_mirror_mirrorsourceconnector_" },
                Spelling { name: "Kafka 4.3 plugins", prefix: "kafka_connect_plugins_" },
            ],
            Self::SourceTask => &[
                Spelling { name: PLAIN, prefix: "kafka_connect_source_task_metrics_" },
                Spelling { name: STRIMZI, prefix: "kafka_connect_source_task_" },
            ],
            Self::ConnectorTask => &[
                Spelling { name: PLAIN, prefix: "kafka_connect_connector_task_metrics_" },
                Spelling { name: STRIMZI, prefix: "kafka_connect_connector_task_" },
            ],
            Self::Worker => &[
                Spelling { name: PLAIN, prefix: "kafka_connect_connect_worker_metrics_" },
                Spelling { name: STRIMZI, prefix: "kafka_connect_worker_" },
            ],
            Self::Rebalance => &[
                Spelling { name: PLAIN, prefix: "kafka_connect_connect_worker_rebalance_metrics_" },
                Spelling { name: STRIMZI, prefix: "kafka_connect_worker_rebalance_" },
            ],
            Self::Producer => &[
                Spelling { name: PLAIN, prefix: "kafka_producer_producer_metrics_" },
                Spelling { name: STRIMZI, prefix: "kafka_producer_" },
            ],
            Self::Consumer => &[
                Spelling { name: PLAIN, prefix: "kafka_consumer_consumer_fetch_manager_metrics_" },
                Spelling { name: STRIMZI, prefix: "kafka_consumer_fetch_manager_" },
            ],
            Self::Jvm => &[Spelling { name: "JMX agent", prefix: "" }],
            Self::JavaOs => &[Spelling { name: "plain rules", prefix: "java_lang_operatingsystem_" }],
            Self::Node => &[Spelling { name: "node_exporter", prefix: "node_" }],
            Self::SourceBroker | Self::TargetBroker => {
                &[Spelling { name: "plain rules, lower case", prefix: "kafka_" }]
            }
        }
    }

    pub(crate) fn scope(self) -> Scope {
        match self {
            Self::Node => Scope::Node,
            Self::SourceBroker => Scope::Source,
            Self::TargetBroker => Scope::Target,
            _ => Scope::Connect,
        }
    }

    pub(crate) fn belongs(self) -> Belongs {
        match self {
            Self::Mirror => Belongs::Topic,
            Self::SourceTask | Self::ConnectorTask => Belongs::Connector,
            Self::Producer => Belongs::Producer,
            Self::Consumer => Belongs::Consumer,
            Self::Worker | Self::Rebalance | Self::Jvm | Self::JavaOs => Belongs::Worker,
            Self::Node => Belongs::Host,
            Self::SourceBroker | Self::TargetBroker => Belongs::Scope,
        }
    }
}
