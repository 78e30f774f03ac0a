//! The chain file, as a person writes it. What the values mean together is [`crate::spec`]'s business.

use std::collections::BTreeMap;
use std::path::PathBuf;

use mm2_config::Secret;
use serde::de::IntoDeserializer as _;
use serde::{Deserialize, Deserializer};
use toml::Spanned;

/// A whole chain file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainFile {
    /// Where the load goes.
    pub source: ClusterSection,
    /// Where it is read back.
    pub target: ClusterSection,
    /// Who mirrors.
    pub connect: ConnectSection,
    /// Who measures besides us; must be declared absent for now.
    pub prometheus: PrometheusSection,
    /// What is mirrored.
    #[serde(default)]
    pub topics: TopicsSection,
    /// How many of what there should be.
    #[serde(default)]
    pub expect: Expect,
    /// What production needs.
    pub requirement: Option<Requirement>,
}

/// `[expect]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Brokers of each cluster.
    pub brokers: Option<usize>,
    /// Connect workers.
    pub workers: Option<usize>,
}

/// `[requirement]`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Records per second at the peak.
    pub peak_per_sec: Option<u64>,
    /// Megabytes (10^6 bytes of values) per second at the peak.
    pub peak_mb_per_sec: Option<f64>,
}

impl Requirement {
    /// The larger of both needs, in records per second of this size.
    pub fn records_per_sec(&self, record_size_bytes: u64) -> u64 {
        let by_bytes = self.peak_mb_per_sec.map_or(0.0, |mb| mb * 1e6 / record_size_bytes.max(1) as f64);
        self.peak_per_sec.unwrap_or(0).max(by_bytes.ceil() as u64)
    }
}

/// `[source]` and `[target]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterSection {
    /// `host:port,host:port`; may be left to `client_properties`.
    pub bootstrap_servers: Option<String>,
    /// A Java client's properties file, as Kafka's tools take it with `--command-config`; relative to the
    /// chain file. Paths inside it mean what they mean to Java: they start at the working directory.
    pub client_properties: Option<PathBuf>,
    /// `PLAINTEXT`, `SSL`, `SASL_PLAINTEXT`, `SASL_SSL`.
    pub security_protocol: Option<String>,
    /// `PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512`.
    pub sasl_mechanism: Option<String>,
    /// SASL user.
    pub username: Option<String>,
    /// `env:NAME` or `file:PATH`.
    pub password: Option<Secret>,
    /// PEM file; relative to the chain file.
    pub ca: Option<PathBuf>,
    /// Raw librdkafka keys. A secret among them is `env:NAME` or `file:PATH` as well.
    #[serde(default)]
    pub client: BTreeMap<String, ClientValue>,
}

/// The value of a raw client key: a secret where it is written as a reference, else the text itself.
#[derive(Debug)]
pub enum ClientValue {
    /// As written.
    Plain(String),
    /// Behind `env:` or `file:`.
    Secret(Secret),
}

impl<'de> Deserialize<'de> for ClientValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if !(text.starts_with("env:") || text.starts_with("file:")) {
            return Ok(Self::Plain(text));
        }
        Secret::deserialize(text.into_deserializer()).map(Self::Secret)
    }
}

/// `[connect]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectSection {
    /// `rest`, `dedicated` or `none`.
    pub mode: ConnectMode,
    /// Why there is no REST to ask; for the other two modes.
    pub absent: Option<String>,
    /// One URL a worker.
    #[serde(default)]
    pub urls: Vec<String>,
    /// Basic authentication.
    pub username: Option<String>,
    /// `env:NAME` or `file:PATH`.
    pub password: Option<Secret>,
    /// PEM file; relative to the chain file.
    pub ca: Option<PathBuf>,
    /// The connector's name, where several could match.
    pub connector: Option<String>,
    /// A worker's properties file, for what REST does not tell; relative to the chain file.
    pub worker_properties: Option<PathBuf>,
}

/// Whether Connect's REST can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectMode {
    /// MM2 runs on a Connect cluster with REST.
    Rest,
    /// MM2 runs by itself, without REST.
    Dedicated,
    /// Something else mirrors, or REST is out of reach.
    None,
}

/// `[prometheus]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrometheusSection {
    /// Why there is none.
    pub absent: Option<String>,
    /// Refused for now; kept with its place so that the refusal can point at it.
    pub url: Option<Spanned<String>>,
}

/// `[topics]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TopicsSection {
    /// Names are `<prefix>01.json`, `<prefix>02.json`, …
    pub prefix: String,
    /// How many.
    pub count: u32,
    /// Partitions of those that have to be created.
    pub partitions: u32,
    /// Replicas of those that have to be created.
    pub replication: u16,
    /// How they are called on the target, with `{topic}` in it; read from Connect where it can be.
    pub target_pattern: Option<String>,
}

/// The shape of the runbook's test topics.
impl Default for TopicsSection {
    fn default() -> Self {
        Self {
            prefix: "test-prometheus.generated-data-".into(),
            count: 10,
            partitions: 12,
            replication: 3,
            target_pattern: None,
        }
    }
}
