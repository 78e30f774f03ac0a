//! The producers of a run: made once, so that no step pays for connecting, and shared by all its holds.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mm2_kafka::rdkafka::producer::{BaseRecord, Producer as _};
use mm2_kafka::{Cluster, KafkaFailure, Producer, TopicPartition};
use mm2_measure::clock::RunClock;
use mm2_measure::histogram::Latency;
use mm2_measure::payload::Payloads;
use mm2_measure::stamp::{Kind, RunId, SUFFIX_LEN, Stamp};
use thiserror::Error;

use crate::acks::Acks;
use crate::backpressure::Backpressure;
use crate::compression::Compression;
use crate::deliveries::{Booking, Books};
use crate::hold::{HoldSpec, RunningHold};
use crate::tag::{MAX_RECORDS, Tag, UNCOUNTED};
use crate::timed::{TimedLoad, TimedSpec};

/// How long markers and canaries may wait for room in the client's queue, all together.
const QUEUE_WAIT: Duration = Duration::from_secs(10);

/// How the producers are made.
#[derive(Debug, Clone)]
pub struct LoaderOptions {
    /// Producers that share the rate; each has its own connection and sender thread.
    pub producers: u16,
    /// What batches are compressed with.
    pub compression: Compression,
    /// How long a record may stay unacknowledged before it fails, milliseconds. Shorter than the
    /// recovery limit, or a late success would land in another step.
    pub delivery_timeout_ms: u64,
    /// How much a producer may hold that is not acknowledged yet, KiB.
    pub queue_kib: u32,
}

impl Default for LoaderOptions {
    fn default() -> Self {
        Self { producers: 1, compression: Compression::None, delivery_timeout_ms: 60_000, queue_kib: 131_072 }
    }
}

impl LoaderOptions {
    /// The producers' settings, as librdkafka's keys.
    ///
    /// `enable.idempotence` keeps retries from duplicating or reordering: what is duplicated or out of
    /// order on the target is then the chain's doing. Whose doing a full queue is, is
    /// told by the statistics.
    pub fn client_settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("acks", "all".into()),
            ("enable.idempotence", "true".into()),
            ("linger.ms", "5".into()),
            ("compression.codec", self.compression.name().into()),
            ("message.timeout.ms", self.delivery_timeout_ms.to_string()),
            ("queue.buffering.max.messages", "1000000".into()),
            ("queue.buffering.max.kbytes", self.queue_kib.to_string()),
            ("statistics.interval.ms", "1000".into()),
        ]
    }
}

/// The load could not be put on.
#[derive(Debug, Error)]
pub enum LoadError {
    /// A client could not be made.
    #[error(transparent)]
    Kafka(#[from] KafkaFailure),
    /// No partitions to send to.
    #[error("there are no partitions to send to; check [topics] of the chain")]
    NoPartitions,
    /// A partition would get more records than a delivery report can number.
    #[error(
        "{records} records to one partition in one hold are more than can be told apart; hint: shorten the hold or spread it over more partitions"
    )]
    TooManyRecords {
        /// Records to the fullest partition.
        records: u64,
    },
    /// A sender thread could not be started.
    #[error("cannot start a sender thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// The producers of a run.
pub struct Loader {
    pub(crate) run: RunId,
    pub(crate) clock: RunClock,
    pub(crate) slots: Arc<[TopicPartition]>,
    pub(crate) producers: Vec<Arc<Producer<Booking>>>,
    /// One a producer.
    pub(crate) acks: Vec<Arc<Acks>>,
    /// One a producer.
    pub(crate) backpressure: Vec<Arc<Backpressure>>,
    pub(crate) books: Arc<Books>,
}

impl Loader {
    /// Makes the producers. Slot *s* is `slots[s]`, and belongs to producer *s* mod `producers`.
    ///
    /// # Errors
    /// When there are no slots or a client cannot be made.
    pub fn new(
        cluster: &Cluster,
        run: RunId,
        clock: RunClock,
        slots: Vec<TopicPartition>,
        options: &LoaderOptions,
    ) -> Result<Self, LoadError> {
        if slots.is_empty() {
            return Err(LoadError::NoPartitions);
        }
        let settings = options.client_settings();
        let overrides: Vec<(&str, &str)> = settings.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let books = Arc::new(Books::default());
        let every = || 0..options.producers.max(1);
        let acks: Vec<Arc<Acks>> = every().map(|_| Arc::new(Acks::new(clock))).collect();
        let backpressure: Vec<Arc<Backpressure>> =
            every().map(|_| Arc::new(Backpressure::new(cluster.settings()))).collect();
        let producer = |(acks, backpressure): (&Arc<Acks>, &Arc<Backpressure>)| {
            let (acks, backpressure) = (Arc::clone(acks), Arc::clone(backpressure));
            let booking = Booking { books: Arc::clone(&books), acks, backpressure };
            Ok(Arc::new(cluster.producer(&overrides, booking)?))
        };
        let producers = acks.iter().zip(&backpressure).map(producer).collect::<Result<_, KafkaFailure>>()?;
        Ok(Self { run, clock, slots: slots.into(), producers, acks, backpressure, books })
    }

    /// Puts a load on. Returns at once; the senders run until the hold is over or is ended.
    ///
    /// # Errors
    /// When a partition would get 2³² records or more, or a sender thread cannot be started.
    pub fn hold(&self, spec: &HoldSpec) -> Result<RunningHold, LoadError> {
        let records = spec.schedule.records_in(0);
        if records > MAX_RECORDS {
            return Err(LoadError::TooManyRecords { records });
        }
        RunningHold::start(self, spec)
    }

    /// Puts a load on that is timed and not audited. Returns at once; a loader makes one such load, so that no
    /// acknowledgement of another is counted.
    ///
    /// # Errors
    /// When a sender thread cannot be started.
    pub fn time(self, spec: &TimedSpec) -> Result<TimedLoad, LoadError> {
        TimedLoad::start(self, spec)
    }

    /// Sends one canary to every slot: the proof, before any load, that the chain carries them all.
    ///
    /// # Errors
    /// When the client refuses one.
    pub fn send_canaries(&self, payloads: &Payloads) -> Result<(), KafkaFailure> {
        self.send_to_every_slot(Kind::Canary, 0, payloads)
    }

    /// Sends the closing marker of a step behind the last record of every slot.
    ///
    /// # Errors
    /// When the client refuses one.
    pub fn send_markers(&self, step: u16, payloads: &Payloads) -> Result<(), KafkaFailure> {
        self.send_to_every_slot(Kind::Marker, step, payloads)
    }

    /// From handing a record to the client to its acknowledgement: of all that have come of `step`, which must be the
    /// last one held. Empty for any other.
    pub fn ack_latency(&self, step: u16) -> Latency {
        let mut all = Latency::new();
        self.acks.iter().for_each(|acks| acks.add_step_to(step, &mut all));
        all
    }

    /// Markers and canaries that could not be delivered.
    pub fn markers_failed(&self) -> u64 {
        self.books.uncounted_failed()
    }

    /// Why the first failed record failed, in the client's words.
    pub fn first_failure(&self) -> Option<String> {
        self.books.first_failure()
    }

    /// Waits until nothing is under way any more, at most for `limit`; says whether that was reached.
    pub fn flush(&self, limit: Duration) -> bool {
        self.producers.iter().all(|producer| producer.flush(limit).is_ok())
    }

    fn send_to_every_slot(&self, kind: Kind, step: u16, payloads: &Payloads) -> Result<(), KafkaFailure> {
        let begun = Instant::now();
        let mut value = Vec::new();
        for (slot, at) in self.slots.iter().enumerate() {
            payloads.fill(slot as u64, &mut value);
            debug_assert!(value.len() >= SUFFIX_LEN);
            let now_us = self.clock.now_us();
            let producer = slot % self.producers.len();
            Stamp {
                run: self.run,
                kind,
                step,
                producer: producer as u16,
                slot: slot as u32,
                sequence: 0,
                intended_us: now_us,
                sent_us: now_us,
            }
            .write(&mut value);
            let tag = Tag::Numbered { step: UNCOUNTED, slot: slot as u32, sequence: 0 }.pack();
            let mut record = BaseRecord::<str, [u8], usize>::with_opaque_to(&at.topic, tag)
                .partition(at.partition)
                .payload(&value);
            // A full queue is the source's backpressure: it is waited for, but a dead source is not.
            while let Err((cause, returned)) = self.producers[producer].send(record) {
                if !crate::sender::is_queue_full(&cause) || begun.elapsed() >= QUEUE_WAIT {
                    let what = format!("send to {at}");
                    return Err(KafkaFailure::Call { what, side: "source", cause: Box::new(cause) });
                }
                std::thread::sleep(Duration::from_millis(5));
                record = returned;
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for Loader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Loader")
            .field("run", &self.run)
            .field("slots", &self.slots.len())
            .finish_non_exhaustive()
    }
}
