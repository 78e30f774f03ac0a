//! A chain with a client on each end.

use std::time::{Duration, Instant};

use mm2_kafka::rdkafka::consumer::{BaseConsumer, Consumer as _};
use mm2_kafka::rdkafka::error::{KafkaError, RDKafkaErrorCode};
use mm2_kafka::rdkafka::message::{BorrowedMessage, OwnedMessage};
use mm2_kafka::rdkafka::producer::BaseRecord;
use mm2_kafka::rdkafka::{Offset, TopicPartitionList};
use mm2_kafka::{Cluster, ClusterSettings, Context, NoDeliveries, Producer, Side};
use mm2_rehearsal::{MirrorHealth, Rehearsal, RehearsalOptions};

pub(crate) const TOPIC: &str = "orders";

pub(crate) struct Chain {
    pub(crate) sender: Sender,
    pub(crate) probe: Probe,
    pub(crate) rehearsal: Rehearsal,
}

impl Chain {
    /// The mirror's health once it counts this many: a record may be read before it is acknowledged.
    pub(crate) fn health_at(&self, mirrored: u64) -> MirrorHealth {
        let deadline = Instant::now() + Duration::from_secs(5);
        while self.rehearsal.health().mirrored < mirrored && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
        self.rehearsal.health()
    }
}

/// What a mirror says that has done all this and has nothing to complain of.
pub(crate) fn done(mirrored: u64) -> MirrorHealth {
    MirrorHealth { mirrored, held: 0, evicted: false, failed: None }
}

/// A chain whose first step has begun.
pub(crate) fn chain(partitions: u32, faults: &str) -> Chain {
    let chain = chain_before_any_step(partitions, faults);
    chain.rehearsal.begin_step("P1");
    chain
}

pub(crate) fn chain_before_any_step(partitions: u32, faults: &str) -> Chain {
    let faults = if faults.is_empty() { mm2_rehearsal::Faults::default() } else { faults.parse().unwrap() };
    let options = RehearsalOptions { topics: vec![TOPIC.into()], partitions, faults };
    let rehearsal = Rehearsal::start(&options).unwrap();
    let sender = Sender::new(&cluster(Side::Source, &rehearsal));
    let probe = Probe::new(&cluster(Side::Target, &rehearsal), partitions);
    Chain { sender, probe, rehearsal }
}

pub(crate) fn cluster(side: Side, rehearsal: &Rehearsal) -> Cluster {
    let address = match side {
        Side::Source => rehearsal.source_bootstrap(),
        Side::Target => rehearsal.target_bootstrap(),
    };
    assert!(address.starts_with("127.0.0.1:"), "{address} is not on loopback");
    Cluster::new(side, ClusterSettings::plaintext(address)).unwrap()
}

/// Produces to the source.
pub(crate) struct Sender(Producer<NoDeliveries>);

impl Sender {
    fn new(source: &Cluster) -> Self {
        let settings = [("enable.idempotence", "true"), ("linger.ms", "5")];
        Self(source.producer(&settings, NoDeliveries).unwrap())
    }

    pub(crate) fn send(&self, mut record: BaseRecord<'_, [u8], [u8], usize>) {
        while let Err((error, returned)) = self.0.send(record) {
            assert_eq!(error, KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull));
            record = returned;
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    pub(crate) fn send_value(&self, partition: i32, value: &[u8]) {
        self.send(BaseRecord::with_opaque_to(TOPIC, 0).partition(partition).payload(value));
    }
}

/// Reads the target from its beginning.
pub(crate) struct Probe(BaseConsumer<Context>);

impl Probe {
    fn new(target: &Cluster, partitions: u32) -> Self {
        let settings = [
            ("fetch.wait.max.ms", "5"),
            ("fetch.queue.backoff.ms", "1"),
            ("queued.min.messages", "1000000"),
            ("auto.offset.reset", "error"),
        ];
        let consumer = target.consumer(&settings).unwrap();
        let mut all = TopicPartitionList::new();
        for partition in 0..partitions as i32 {
            let topic = Rehearsal::target_topic(TOPIC);
            all.add_partition_offset(&topic, partition, Offset::Offset(0)).unwrap();
        }
        consumer.assign(&all).unwrap();
        Self(consumer)
    }

    pub(crate) fn poll(&self, wait: Duration) -> Option<BorrowedMessage<'_>> {
        self.0.poll(wait).map(|answer| answer.expect("the target is readable from its beginning"))
    }

    /// Reads `count` records or what there is when `limit` is over.
    pub(crate) fn read(&self, count: usize, limit: Duration) -> Vec<OwnedMessage> {
        let (mut seen, deadline) = (Vec::new(), Instant::now() + limit);
        while seen.len() < count && Instant::now() < deadline {
            seen.extend(self.poll(Duration::from_millis(20)).map(|message| message.detach()));
        }
        seen
    }
}
