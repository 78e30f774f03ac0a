//! What the caller knows: where Prometheus is, what the chain is made of, which window to read.

use std::collections::BTreeMap;
use std::fmt;

use mm2_slo::Unit;
use secrecy::SecretString;

use crate::MetricsError;
use crate::client::without_secrets;

/// Where Prometheus is, who we are there, and what to read. `Debug` shows no secret.
#[derive(Clone, Default)]
pub struct PrometheusSettings {
    /// Where it is: `http://host:9090`, with a path prefix if it has one (`https://host/prometheus`). Userinfo does
    /// the same as `username` and `password`.
    pub url: String,
    /// For HTTP Basic authentication.
    pub username: Option<String>,
    /// With the user name.
    pub password: Option<SecretString>,
    /// For `Authorization: Bearer`; wins over the user name.
    pub bearer: Option<SecretString>,
    /// PEM of a CA to trust beside the system's.
    pub ca_pem: Option<Vec<u8>>,
    /// Label matchers that are added to every selector of a [`Scope`], as PromQL: `"connect"` → `env="prod"`.
    pub selectors: BTreeMap<String, String>,
    /// Signal name → where it is, for what the catalogue does not know or does not get right.
    pub names: BTreeMap<String, NameOverride>,
}

/// Where a signal is on this site; wins over detection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameOverride {
    /// A metric name (`mm2_latency_ms_max`), to which the scope's matchers and those of this chain are added; or an
    /// instant-vector selector with braces (`mm2_latency_ms_max{env="prod"}`), which is taken as it stands.
    pub query: String,
    /// The unit of its values; `None`: the catalogue's. A signal in per cent must say whether they are of 1 or of 100.
    pub unit: Option<Unit>,
}

/// What a selector of [`PrometheusSettings::selectors`] is added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Everything.
    All,
    /// Metrics of the Connect workers: MM2, Connect, their clients and JVMs.
    Connect,
    /// Metrics of the source's brokers.
    Source,
    /// Metrics of the target's brokers.
    Target,
    /// Metrics of hosts (node_exporter).
    Node,
}

impl Scope {
    /// Every scope.
    pub const EVERY: [Self; 5] = [Self::All, Self::Connect, Self::Source, Self::Target, Self::Node];

    /// As it stands in [`PrometheusSettings::selectors`].
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Connect => "connect",
            Self::Source => "source",
            Self::Target => "target",
            Self::Node => "node",
        }
    }
}

/// What the chain is made of, as far as it is known: tells its series from those of others, and how many there must be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// Name of the MirrorSourceConnector.
    pub connector: Option<String>,
    /// Tasks that it has.
    pub tasks: Option<usize>,
    /// Connect workers.
    pub workers: Option<usize>,
    /// Partitions of all `target_topics` together.
    pub partitions: Option<usize>,
    /// Names on the target of the topics under load: MM2's own metrics go by these.
    pub target_topics: Vec<String>,
    /// `host:port` of the workers, as Connect's REST tells them.
    pub worker_hosts: Vec<String>,
}

/// What to read. Unix milliseconds, on our clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its beginning: load on.
    pub from_ms: u64,
    /// Its end: load off.
    pub to_ms: u64,
    /// How long before `from_ms` nothing was under way: a windowed gauge that looks back 90 s tells of the window
    /// before for only 90 s less this.
    pub quiet_before_ms: u64,
}

/// The selectors by scope, checked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selectors(BTreeMap<Scope, String>);

impl Selectors {
    pub(crate) fn new(given: &BTreeMap<String, String>) -> Result<Self, MetricsError> {
        let known = |(scope, selector): (&String, &String)| {
            let known = Scope::EVERY.into_iter().find(|known| known.name() == scope);
            let known = known.ok_or_else(|| MetricsError::UnknownScope { scope: scope.clone() })?;
            Ok((known, selector.clone()))
        };
        let all = given.iter().map(known).collect::<Result<BTreeMap<_, _>, _>>()?;
        Ok(Self(all.into_iter().filter(|(_, selector)| !selector.trim().is_empty()).collect()))
    }

    /// What is added to a selector in this scope: that of everything, and its own.
    pub(crate) fn of(&self, scope: Scope) -> [&str; 2] {
        let own = if scope == Scope::All { "" } else { self.given(scope).unwrap_or_default() };
        [self.given(Scope::All).unwrap_or_default(), own]
    }

    /// The scope's own, where there is one.
    pub(crate) fn given(&self, scope: Scope) -> Option<&str> {
        self.0.get(&scope).map(String::as_str)
    }
}

impl fmt::Debug for PrometheusSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrometheusSettings")
            .field("url", &without_secrets(&self.url))
            .field("username", &self.username)
            .field("selectors", &self.selectors)
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}
