//! The thread that reads the source: as fast as it can, whatever the writer does.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use mm2_kafka::rdkafka::consumer::{BaseConsumer, Consumer as _};
use mm2_kafka::rdkafka::message::BorrowedMessage;
use mm2_kafka::rdkafka::{Message as _, Offset, TopicPartitionList};
use mm2_kafka::{Cluster, Context};

use super::disturber::Disturber;
use super::progress::Progress;
use super::record::{At, Record};
use crate::journal::JournalKeeper;
use crate::rehearsal::{RehearsalError, RehearsalOptions};

/// Records handed over at once. Few enough that the writer starts early.
const BATCH: usize = 512;
/// How long the reader sits before it looks whether it should stop.
const IDLE: Duration = Duration::from_millis(20);

const CLIENT: [(&str, &str); 6] = [
    // The mocks park an empty fetch for all of this, data or not.
    ("fetch.wait.max.ms", "5"),
    ("fetch.error.backoff.ms", "5"),
    // librdkafka's own threads may read far ahead of ours: what is in this process cannot be evicted.
    ("queued.min.messages", "1000000"),
    ("queued.max.messages.kbytes", "262144"),
    ("fetch.queue.backoff.ms", "1"),
    // An evicted position goes on with the oldest record there is, and the gap in the offsets shows it.
    ("auto.offset.reset", "earliest"),
];

pub(crate) struct Reader {
    consumer: BaseConsumer<Context>,
    positions: Positions,
    disturber: Disturber,
    writer: Sender<Vec<Record>>,
    progress: Arc<Progress>,
    journal: Arc<JournalKeeper>,
}

impl Reader {
    pub(crate) fn new(
        source: &Cluster,
        options: &RehearsalOptions,
        writer: Sender<Vec<Record>>,
        progress: Arc<Progress>,
        journal: Arc<JournalKeeper>,
    ) -> Result<Self, RehearsalError> {
        let consumer = source.consumer(&CLIENT)?;
        let mut all = TopicPartitionList::new();
        for topic in &options.topics {
            for partition in 0..options.partitions as i32 {
                all.add_partition_offset(topic, partition, Offset::Offset(0))
                    .map_err(|cause| RehearsalError::Assign { cause })?;
            }
        }
        consumer.assign(&all).map_err(|cause| RehearsalError::Assign { cause })?;
        let positions = Positions::new(&options.topics, options.partitions);
        let slots = options.topics.len() * options.partitions as usize;
        let disturber = Disturber::new(&options.faults, &options.topics, slots, Arc::clone(&journal));
        Ok(Self { consumer, positions, disturber, writer, progress, journal })
    }

    pub(crate) fn run(mut self) {
        while self.progress.goes_on() {
            let batch = self.read_batch();
            if batch.is_empty() {
                continue;
            }
            let bytes = batch.iter().map(|record| record.bytes).sum();
            self.progress.took_in(batch.len() as u64, bytes);
            if self.writer.send(batch).is_err() {
                break;
            }
        }
    }

    /// What is to be written of what is there now, or of what comes first within [`IDLE`].
    fn read_batch(&mut self) -> Vec<Record> {
        let mut batch = Vec::new();
        let mut wait = IDLE;
        for _ in 0..BATCH {
            match self.consumer.poll(wait) {
                None => break,
                Some(Ok(message)) => {
                    if let Some(at) = self.positions.take(&message, &self.progress) {
                        self.disturber.take(Record::copy(&message, at, self.journal.now()), &mut batch);
                    }
                }
                Some(Err(error)) => tracing::warn!("the rehearsal's mirror reads on after: {error}"),
            }
            wait = Duration::ZERO;
        }
        batch
    }
}

/// The next offset of every partition. The mocks number without holes, so a hole is an eviction.
struct Positions {
    topics: Vec<String>,
    next: Vec<Vec<i64>>,
}

impl Positions {
    fn new(topics: &[String], partitions: u32) -> Self {
        Self { topics: topics.to_vec(), next: vec![vec![0; partitions as usize]; topics.len()] }
    }

    /// Where a record belongs, unless it is not for us. What is missing before it is noted.
    fn take(&mut self, message: &BorrowedMessage<'_>, progress: &Progress) -> Option<At> {
        let (at, gap) = self.moved(message.topic(), message.partition(), message.offset())?;
        if gap {
            progress.evicted();
        }
        Some(at)
    }

    /// Where a record belongs, and whether records before it were never read. `None` for a record that is
    /// not ours or was read before.
    fn moved(&mut self, topic: &str, partition: i32, offset: i64) -> Option<(At, bool)> {
        let index = self.topics.iter().position(|known| known == topic)?;
        let partition = usize::try_from(partition).ok()?;
        let partitions = self.next.get_mut(index)?;
        let at = At { topic: index, slot: index * partitions.len() + partition };
        let next = partitions.get_mut(partition)?;
        if offset < *next {
            return None;
        }
        let gap = offset > *next;
        *next = offset + 1;
        Some((at, gap))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_hole_in_the_offsets_of_one_partition_is_an_eviction() {
        let mut positions = Positions::new(&["a".into(), "b".into()], 2);
        let (a0, b1) = (At { topic: 0, slot: 0 }, At { topic: 1, slot: 3 });
        assert_eq!(positions.moved("a", 0, 0), Some((a0, false)));
        assert_eq!(positions.moved("b", 1, 0), Some((b1, false)));
        assert_eq!(positions.moved("a", 0, 1), Some((a0, false)));
        assert_eq!(positions.moved("a", 0, 7), Some((a0, true)));
        assert_eq!(positions.moved("a", 0, 8), Some((a0, false)));
        assert_eq!(positions.moved("a", 0, 8), None, "read before");
        assert_eq!(positions.moved("a", 2, 0), None, "no such partition");
    }
}
