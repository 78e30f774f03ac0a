//! The chain file, as a person writes it, and what each of its sections may not say. What the values mean together
//! is [`crate::spec`]'s business.

use std::collections::BTreeMap;
use std::path::PathBuf;

use mm2_config::{ConfigError, Secret, TomlFile};
use serde::de::IntoDeserializer as _;
use serde::{Deserialize, Deserializer};
use toml::Spanned;

mod login;
mod needs;
mod prometheus;
#[cfg(test)]
mod tests;

pub use needs::{ExpectSection, RequirementSection, WorkerHosts};
pub use prometheus::{NameValue, PrometheusSection, SelectorsSection};

use login::{Login, check_url};

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
    /// Who measures besides us, or why nobody does.
    pub prometheus: Spanned<PrometheusSection>,
    /// What is mirrored.
    #[serde(default)]
    pub topics: TopicsSection,
    /// What production needs.
    pub requirement: Option<Spanned<RequirementSection>>,
    /// What the chain is made of.
    #[serde(default)]
    pub expect: ExpectSection,
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
    pub mode: Spanned<ConnectMode>,
    /// Why there is no REST to ask; for the other two modes.
    pub absent: Option<Spanned<String>>,
    /// One URL a worker, or one for all.
    #[serde(default)]
    pub urls: Vec<Spanned<String>>,
    /// Basic authentication.
    pub username: Option<Spanned<String>>,
    /// `env:NAME` or `file:PATH`.
    pub password: Option<Spanned<Secret>>,
    /// A token for `Authorization: Bearer`: `env:NAME` or `file:PATH`.
    pub bearer: Option<Spanned<Secret>>,
    /// PEM file; relative to the chain file.
    pub ca: Option<Spanned<PathBuf>>,
    /// The connector's name, where several could match.
    pub connector: Option<Spanned<String>>,
    /// A properties file, for what REST does not tell: a worker's (`rest`), or MM2's own (`dedicated`);
    /// relative to the chain file.
    pub worker_properties: Option<Spanned<PathBuf>>,
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

impl ConnectMode {
    fn name(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::Dedicated => "dedicated",
            Self::None => "none",
        }
    }
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

impl ChainFile {
    /// Reads it, and refuses what contradicts itself within a section.
    ///
    /// # Errors
    /// With the place that is wrong, and what to write there.
    pub fn read(file: &TomlFile) -> Result<Self, ConfigError> {
        let chain: Self = file.parse()?;
        chain.connect.check(file)?;
        chain.prometheus.get_ref().check(file, chain.prometheus.span())?;
        if let Some(requirement) = &chain.requirement {
            requirement.get_ref().check(file, requirement.span())?;
        }
        chain.expect.check(file)?;
        Ok(chain)
    }
}

impl ConnectSection {
    fn check(&self, file: &TomlFile) -> Result<(), ConfigError> {
        let mode = *self.mode.get_ref();
        if mode == ConnectMode::Rest {
            if self.urls.is_empty() {
                let hint = "add urls = [\"http://host:8083\"], or choose \"dedicated\" or \"none\"";
                return Err(file.error(self.mode.span(), "[connect] has no urls", Some(hint)));
            }
        } else if let Some((span, key)) = self.only_for_rest() {
            let message =
                format!("`{key}` is read in mode = \"rest\" only, and the mode is \"{}\"", mode.name());
            return Err(file.error(span, &message, Some("choose that mode, or leave it out")));
        }
        match (&self.absent, &self.worker_properties) {
            (Some(absent), _) if mode == ConnectMode::Rest => {
                let message = "[connect] says both where it is and why there is none";
                return Err(file.error(
                    absent.span(),
                    message,
                    Some("keep one of absent and mode = \"rest\""),
                ));
            }
            (_, Some(path)) if mode == ConnectMode::None => {
                let message = "`worker_properties` is not read in mode = \"none\"";
                let hint = "choose \"rest\" or \"dedicated\", or leave it out";
                return Err(file.error(path.span(), message, Some(hint)));
            }
            _ => {}
        }
        self.urls.iter().try_for_each(|url| check_url(file, url))?;
        Login { username: &self.username, password: &self.password, bearer: &self.bearer }.check(file)
    }

    /// The first key that means nothing without REST.
    fn only_for_rest(&self) -> Option<(std::ops::Range<usize>, &'static str)> {
        fn at<T>(
            key: &'static str,
            value: Option<&Spanned<T>>,
        ) -> Option<(std::ops::Range<usize>, &'static str)> {
            value.map(|value| (value.span(), key))
        }
        at("urls", self.urls.first())
            .or_else(|| at("username", self.username.as_ref()))
            .or_else(|| at("password", self.password.as_ref()))
            .or_else(|| at("bearer", self.bearer.as_ref()))
            .or_else(|| at("ca", self.ca.as_ref()))
            .or_else(|| at("connector", self.connector.as_ref()))
    }
}
