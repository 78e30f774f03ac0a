//! The one factory for every Kafka client: settings, authentication, logs to `tracing`, failures as types.
//!
//! Also what is asked of a cluster from outside: is it there, which topics and partitions has it, where
//! do they end. Absent from here: load, probing, stamps, judgement.

mod cluster;
mod context;
mod failure;
mod java;
mod log_fold;
mod queue_state;
mod retention;
mod settings;
mod topics;

pub use cluster::{BrokerInfo, Cluster, ClusterInfo, Producer, Side};
pub use context::{Context, Deliveries, Health, NoDeliveries};
pub use failure::{Failure, KafkaFailure};
pub use java::{JavaClient, JavaError, JavaProducer, is_java_producer_key, translate, translate_producer};
pub use queue_state::{BrokerQueue, QueueState};
pub use rdkafka;
pub use retention::Retention;
pub use settings::{ClusterSettings, SettingsError};
pub use topics::{TopicPartition, TopicSpec};
