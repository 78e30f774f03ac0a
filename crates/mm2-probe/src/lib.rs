//! Reads the target cluster and shows every record to the audit.
//!
//! One reader thread, by `assign` from the offsets recorded at the start: no group, no rebalance, no
//! footprint. Absent from here: what a stamp means, what was sent, judging, tokio.

mod reader;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use mm2_kafka::rdkafka::consumer::Consumer as _;
use mm2_kafka::rdkafka::error::KafkaError;
use mm2_kafka::rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use mm2_kafka::{Cluster, KafkaFailure, TopicPartition};
use mm2_measure::audit::Auditor;
use mm2_measure::clock::RunClock;
use thiserror::Error;

use crate::reader::Reader;

/// How the target is read.
#[derive(Debug, Clone, Copy)]
pub struct ProbeOptions {
    /// How long a broker may park an empty fetch, milliseconds. Real brokers answer as soon as there is
    /// data; librdkafka's mock brokers always wait this long.
    pub fetch_wait_ms: u32,
}

impl Default for ProbeOptions {
    fn default() -> Self {
        Self { fetch_wait_ms: 100 }
    }
}

impl ProbeOptions {
    /// The consumer's settings, as librdkafka's keys.
    ///
    /// `fetch.queue.backoff.ms` is 1 000 by default: if the local queue ever filled, the tool itself
    /// would add a second to the latency. `auto.offset.reset=error`: records that were evicted before
    /// they were read must show as that, never as a jump.
    pub fn client_settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("isolation.level", "read_committed".into()),
            ("check.crcs", "true".into()),
            ("fetch.wait.max.ms", self.fetch_wait_ms.to_string()),
            ("fetch.queue.backoff.ms", "5".into()),
            ("queued.max.messages.kbytes", "32768".into()),
            ("queued.min.messages", "10000".into()),
            ("auto.offset.reset", "error".into()),
        ]
    }
}

/// The target could not be read.
#[derive(Debug, Error)]
pub enum ProbeError {
    /// The cluster refused something.
    #[error(transparent)]
    Kafka(#[from] KafkaFailure),
    /// The partitions could not be assigned.
    #[error("cannot read the target's partitions: {0}")]
    Assign(KafkaError),
    /// The reader thread could not be started.
    #[error("cannot start the reader thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// What the reader shares with whoever watches it.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) stop: AtomicBool,
    pub(crate) read: AtomicU64,
    pub(crate) evicted: AtomicBool,
    pub(crate) last_error: Mutex<Option<String>>,
}

/// A running reader.
#[derive(Debug)]
pub struct Probe {
    shared: Arc<Shared>,
    reader: Option<JoinHandle<()>>,
}

impl Probe {
    /// Starts to read `slots` of the target, each from where it ends now. Slot *s* is `slots[s]`, as it
    /// is for the audit.
    ///
    /// # Errors
    /// When the target does not answer or has not all of these partitions.
    pub fn start(
        cluster: &Cluster,
        slots: &[TopicPartition],
        auditor: Arc<Mutex<Auditor>>,
        clock: RunClock,
        options: ProbeOptions,
    ) -> Result<Self, ProbeError> {
        let mut from = TopicPartitionList::with_capacity(slots.len());
        for at in slots {
            let (_, end) = cluster.watermarks(at)?;
            from.add_partition_offset(&at.topic, at.partition, Offset::Offset(end))
                .map_err(ProbeError::Assign)?;
        }
        let settings = options.client_settings();
        let overrides: Vec<(&str, &str)> = settings.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let consumer = cluster.consumer(&overrides)?;
        consumer.assign(&from).map_err(ProbeError::Assign)?;
        let shared = Arc::new(Shared::default());
        let reader = Reader::new(consumer, slots, auditor, clock, Arc::clone(&shared));
        let thread = std::thread::Builder::new().name("probe".into()).spawn(move || reader.run())?;
        Ok(Self { shared, reader: Some(thread) })
    }

    /// Records read so far, whoever wrote them.
    pub fn read(&self) -> u64 {
        self.shared.read.load(Ordering::Relaxed)
    }

    /// Whether records were evicted from the target before they could be read. Their fate is unknown.
    pub fn evicted(&self) -> bool {
        self.shared.evicted.load(Ordering::Relaxed)
    }

    /// Whether the reader thread still runs.
    pub fn is_alive(&self) -> bool {
        self.reader.as_ref().is_some_and(|reader| !reader.is_finished())
    }

    /// What the consumer last complained about.
    pub fn last_error(&self) -> Option<String> {
        self.shared.last_error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Probe {
    /// Stops reading; takes at most the time of one poll.
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        if let Some(reader) = self.reader.take()
            && reader.join().is_err()
        {
            tracing::error!("the reader thread panicked");
        }
    }
}

/// How long one poll of the reader may block.
pub(crate) const POLL: Duration = Duration::from_millis(100);
