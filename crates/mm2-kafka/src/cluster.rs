//! One cluster of the chain, and the clients that are made for it.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::admin::AdminClient;
use rdkafka::consumer::BaseConsumer;
use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseProducer, Producer as _, ThreadedProducer};

use crate::context::{Context, Deliveries, Health, NoDeliveries};
use crate::failure::{Failure, KafkaFailure};
use crate::settings::ClusterSettings;

/// A producer whose deliveries are served by a thread of its own: one thread that both sends and polls
/// lets reports queue up, and acknowledgements read seconds instead of milliseconds.
pub type Producer<D> = ThreadedProducer<Context<D>>;

/// Which end of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Where records are produced.
    Source,
    /// Where MM2 writes them.
    Target,
}

impl Side {
    /// `source` or `target`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Target => "target",
        }
    }
}

/// One broker as the cluster names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerInfo {
    /// Its id.
    pub id: i32,
    /// `host:port`.
    pub address: String,
}

/// What a cluster says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterInfo {
    /// Its id, when it tells one.
    pub cluster_id: Option<String>,
    /// Its live brokers.
    pub brokers: Vec<BrokerInfo>,
}

/// One end of the chain. Cheap questions are asked through a client of its own; load and probe make theirs.
pub struct Cluster {
    side: Side,
    settings: ClusterSettings,
    config: ClientConfig,
    health: Arc<Health>,
    asker: BaseProducer<Context>,
}

impl Cluster {
    /// Prepares a cluster; connects to nothing yet.
    ///
    /// # Errors
    /// When the settings contradict each other or librdkafka refuses one of them.
    pub fn new(side: Side, settings: ClusterSettings) -> Result<Self, KafkaFailure> {
        let config = settings.client_config(side.name())?;
        let health = Arc::new(Health::default());
        let context = Context::new(side.name(), Arc::clone(&health), NoDeliveries);
        let asker = config.create_with_context(context).map_err(|cause| KafkaFailure::Call {
            what: "make a client".into(),
            side: side.name(),
            cause: Box::new(cause),
        })?;
        Ok(Self { side, settings, config, health, asker })
    }

    /// Which end this is.
    pub fn side(&self) -> Side {
        self.side
    }

    /// What it was configured with.
    pub fn settings(&self) -> &ClusterSettings {
        &self.settings
    }

    /// What went wrong lately, over all clients of this cluster.
    pub fn health(&self) -> &Arc<Health> {
        &self.health
    }

    /// Asks the cluster who it is, for at most `limit`. Ends early on trouble that waiting cannot mend.
    ///
    /// # Errors
    /// When nothing answers within `limit`, or authentication or TLS fails.
    pub fn reach(&self, limit: Duration) -> Result<ClusterInfo, KafkaFailure> {
        let begun = Instant::now();
        self.health.forget();
        loop {
            // The error callback speaks only while the client is polled.
            self.asker.poll(Duration::from_millis(50));
            let cause = match self.asker.client().fetch_metadata(None, Duration::from_millis(800)) {
                Ok(metadata) => return Ok(self.describe(&metadata)),
                Err(error) => error,
            };
            self.asker.poll(Duration::from_millis(50));
            let told = self.health.last_failure();
            let waited = begun.elapsed();
            if waited >= limit || told.as_ref().is_some_and(|(kind, _)| kind.is_final()) {
                let (kind, cause) = told.unwrap_or((Failure::AllBrokersDown, cause.to_string()));
                let brokers = self.settings.bootstrap_servers.clone();
                return Err(KafkaFailure::Unreachable {
                    side: self.side.name(),
                    brokers,
                    kind,
                    cause,
                    waited,
                });
            }
        }
    }

    /// Makes a producer; `overrides` are librdkafka keys on top of the cluster's own.
    ///
    /// # Errors
    /// When librdkafka refuses a setting.
    pub fn producer<D: Deliveries + 'static>(
        &self,
        overrides: &[(&str, &str)],
        deliveries: D,
    ) -> Result<Producer<D>, KafkaFailure> {
        let context = Context::new(self.side.name(), Arc::clone(&self.health), deliveries);
        self.with(overrides)
            .create_with_context(context)
            .map_err(|cause| self.call_failed("make a producer", cause))
    }

    /// Makes a consumer that is meant for `assign`: it joins no group and commits nothing.
    ///
    /// # Errors
    /// When librdkafka refuses a setting.
    pub fn consumer(&self, overrides: &[(&str, &str)]) -> Result<BaseConsumer<Context>, KafkaFailure> {
        let mut config = self.with(overrides);
        // librdkafka wants a name to poll by; with `assign` and no commits nothing is registered under it.
        if config.get("group.id").is_none() {
            config.set("group.id", "mm2-runbook");
        }
        config.set("enable.auto.commit", "false");
        config.set("enable.auto.offset.store", "false");
        let context = Context::new(self.side.name(), Arc::clone(&self.health), NoDeliveries);
        config.create_with_context(context).map_err(|cause| self.call_failed("make a consumer", cause))
    }

    pub(crate) fn admin(&self) -> Result<AdminClient<Context>, KafkaFailure> {
        let context = Context::new(self.side.name(), Arc::clone(&self.health), NoDeliveries);
        self.config
            .create_with_context(context)
            .map_err(|cause| self.call_failed("make an admin client", cause))
    }

    pub(crate) fn asker(&self) -> &BaseProducer<Context> {
        &self.asker
    }

    pub(crate) fn call_failed(&self, what: &str, cause: KafkaError) -> KafkaFailure {
        KafkaFailure::Call { what: what.to_owned(), side: self.side.name(), cause: Box::new(cause) }
    }

    fn with(&self, overrides: &[(&str, &str)]) -> ClientConfig {
        let mut config = self.config.clone();
        for (key, value) in overrides {
            // What the user set by hand for this cluster wins over our choice.
            if !self.settings.client.contains_key(*key) {
                config.set(*key, *value);
            }
        }
        config
    }

    fn describe(&self, metadata: &rdkafka::metadata::Metadata) -> ClusterInfo {
        let brokers = metadata
            .brokers()
            .iter()
            .map(|b| BrokerInfo { id: b.id(), address: format!("{}:{}", b.host(), b.port()) })
            .collect();
        ClusterInfo { cluster_id: self.asker.client().fetch_cluster_id(Duration::from_secs(2)), brokers }
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("side", &self.side)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
