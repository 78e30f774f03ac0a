//! A rehearsal from start to stop: the clusters, then the mirror; ended in the other order.

use mm2_kafka::rdkafka::error::KafkaError;
use mm2_kafka::{Cluster, ClusterSettings, KafkaFailure, Side};
use thiserror::Error;

use crate::clusters::Clusters;
use crate::faults::Faults;
use crate::journal::Journal;
use crate::mirror::{Mirror, MirrorHealth};

/// What the mirror may hold in memory, bytes. A mirror that is capped at half of 50 000/s × 1 KiB reaches
/// it after 80 s.
pub(crate) const HELD_LIMIT_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// What to rehearse with.
#[derive(Debug, Clone, PartialEq)]
pub struct RehearsalOptions {
    /// Source topics. Each is mirrored to [`Rehearsal::target_topic`].
    pub topics: Vec<String>,
    /// Partitions of each topic, on both clusters.
    pub partitions: u32,
    /// What the mirror does badly.
    pub faults: Faults,
}

/// A rehearsal cannot start.
#[derive(Debug, Error)]
pub enum RehearsalError {
    /// Nothing to mirror.
    #[error(
        "a rehearsal needs at least one topic and one partition; {topics} topics of {partitions} partitions were asked"
    )]
    Nothing {
        /// Topics asked for.
        topics: usize,
        /// Partitions of each asked for.
        partitions: u32,
    },
    /// A mock cluster did not come up.
    #[error("cannot start a mock cluster: {cause}; check that this process may listen on 127.0.0.1")]
    Mock {
        /// librdkafka's words.
        cause: KafkaError,
    },
    /// A topic was refused.
    #[error(
        "cannot create topic {topic} on a mock cluster: {cause}; name each topic once, as Kafka allows names"
    )]
    Topic {
        /// Which.
        topic: String,
        /// librdkafka's words.
        cause: KafkaError,
    },
    /// A client could not be made, or did not reach its mock.
    #[error(transparent)]
    Client(#[from] KafkaFailure),
    /// The mirror could not be pointed at its topics.
    #[error("cannot assign the source topics to the mirror: {cause}; this is a bug, please report it")]
    Assign {
        /// librdkafka's words.
        cause: KafkaError,
    },
    /// The system refused a thread.
    #[error("cannot start thread {name}: {cause}; check the limit on threads (ulimit -u)")]
    Thread {
        /// Its name.
        name: &'static str,
        /// The system's words.
        cause: std::io::Error,
    },
    /// The thread that owns the clusters ended before it said how they are reached.
    #[error("the mock clusters' thread ended early; this is a bug, please report it")]
    Ended,
}

/// A running chain. Dropping it stops it.
#[derive(Debug)]
pub struct Rehearsal {
    // In the order of their end: the mirror's clients must be gone before the clusters they talk to.
    mirror: Mirror,
    clusters: Clusters,
}

impl Rehearsal {
    /// Starts both clusters, creates the topics on both sides, and mirrors from offset 0.
    ///
    /// # Errors
    /// When nothing is to be mirrored, a topic is named twice, or the system refuses sockets or threads.
    pub fn start(options: &RehearsalOptions) -> Result<Self, RehearsalError> {
        let (topics, partitions) = (options.topics.len(), options.partitions);
        if topics == 0 || partitions == 0 {
            return Err(RehearsalError::Nothing { topics, partitions });
        }
        let clusters = Clusters::start(options)?;
        let source = Cluster::new(Side::Source, ClusterSettings::plaintext(clusters.source()))?;
        let target = Cluster::new(Side::Target, ClusterSettings::plaintext(clusters.target()))?;
        let mirror = Mirror::start(&source, &target, options, HELD_LIMIT_BYTES)?;
        Ok(Self { mirror, clusters })
    }

    /// `host:port` of the source cluster.
    pub fn source_bootstrap(&self) -> &str {
        self.clusters.source()
    }

    /// `host:port` of the target cluster.
    pub fn target_bootstrap(&self) -> &str {
        self.clusters.target()
    }

    /// What a topic is called on the target: `source.` before its name, MM2's default naming.
    pub fn target_topic(topic: &str) -> String {
        format!("source.{topic}")
    }

    /// How the mirror is doing. Cheap, from any thread, also after [`Self::stop`].
    pub fn health(&self) -> MirrorHealth {
        self.mirror.health()
    }

    /// Says which step runs from now on. The faults begin with the first record that arrives in the mirror
    /// after this is said of the step that they name, or of any where they name none. Cheap, from any
    /// thread.
    pub fn begin_step(&self, name: &str) {
        self.mirror.begin_step(name);
    }

    /// What the mirror has done so far. From any thread, also after [`Self::stop`].
    pub fn journal(&self) -> Journal {
        self.mirror.journal()
    }

    /// Stops writing to the target until [`Self::resume`], as a paused connector does. The source is read
    /// on, into memory. What was handed to the target's client before still arrives.
    pub fn pause(&self) {
        self.mirror.pause(true);
    }

    /// Writes again, beginning with what was held.
    pub fn resume(&self) {
        self.mirror.pause(false);
    }

    /// Ends all threads within a second. What the mirror still holds is dropped.
    pub fn stop(&mut self) {
        self.mirror.stop();
        self.clusters.stop();
    }
}

impl Drop for Rehearsal {
    fn drop(&mut self) {
        self.stop();
    }
}
