//! One record on its way through the mirror.

use std::time::Instant;

use mm2_kafka::rdkafka::Message;
use mm2_kafka::rdkafka::message::{BorrowedHeaders, BorrowedMessage, Headers, OwnedHeaders};
use mm2_kafka::rdkafka::producer::BaseRecord;
use mm2_measure::{Kind, SUFFIX_LEN};

use crate::journal::During;

/// What a record costs beside its bytes: this struct, its allocations, librdkafka's headers.
const OVERHEAD_BYTES: usize = 256;

/// A copy, so that the source client's fetch buffers are free at once.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) tag: Tag,
    /// Index in the list of topics.
    pub(crate) topic: usize,
    pub(crate) partition: i32,
    pub(crate) bytes: u64,
    timestamp_ms: Option<i64>,
    key: Option<Box<[u8]>>,
    value: Option<Box<[u8]>>,
    headers: Option<OwnedHeaders>,
}

/// What has to be known of a record to time and to count it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tag {
    pub(crate) arrived: Instant,
    pub(crate) during: During,
    /// Number of its topic-partition.
    pub(crate) slot: usize,
    pub(crate) part: Part,
    pub(crate) corrupted: bool,
}

/// What a record counts as when it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// A marker or a canary: no fault but time may touch it, and it is not counted.
    Spared,
    /// Written for the first time, in order.
    First,
    /// Written for the first time, behind a later one.
    Overtaken,
    /// Written again.
    Second,
}

/// Where a record belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct At {
    /// Index in the list of topics.
    pub(crate) topic: usize,
    /// Number of its topic-partition.
    pub(crate) slot: usize,
}

impl Record {
    pub(crate) fn copy(message: &BorrowedMessage<'_>, at: At, during: During) -> Self {
        let headers = message.headers();
        let headers_bytes: usize = headers
            .map_or(0, |headers| headers.iter().map(|h| h.key.len() + h.value.map_or(0, <[u8]>::len)).sum());
        let bytes = OVERHEAD_BYTES + message.key_len() + message.payload_len() + headers_bytes;
        Self {
            tag: Tag::new(at.slot, part_of(message.payload()), during),
            topic: at.topic,
            partition: message.partition(),
            bytes: bytes as u64,
            timestamp_ms: message.timestamp().to_millis(),
            key: message.key().map(Box::from),
            value: message.payload().map(Box::from),
            headers: headers.map(BorrowedHeaders::detach),
        }
    }

    /// Changes one byte of the value, which one and how by `random`. Not in a stamp: damage there would
    /// make the record somebody else's, and so a lost one. An empty value has no byte to change.
    pub(crate) fn corrupt(&mut self, random: u64) {
        let Some(value) = &mut self.value else { return };
        let stamp = if Kind::of(value).is_some() { SUFFIX_LEN } else { 0 };
        let in_front = value.len() - stamp;
        if in_front > 0 {
            // XOR with anything but 0 is a change.
            value[random as usize % in_front] ^= (random >> 56) as u8 | 1;
            self.tag.corrupted = true;
        }
    }

    /// The same record for the target. The headers move out: librdkafka takes them as they are.
    pub(crate) fn addressed_to<'r>(&'r mut self, topic: &'r str) -> BaseRecord<'r, [u8], [u8], usize> {
        let mut record = BaseRecord::with_opaque_to(topic, 0).partition(self.partition);
        record.timestamp = self.timestamp_ms;
        record.key = self.key.as_deref();
        record.payload = self.value.as_deref();
        record.headers = self.headers.take();
        record
    }

    /// Puts back what a producer that was full returned.
    pub(crate) fn keep(&mut self, headers: Option<OwnedHeaders>) {
        self.headers = headers;
    }
}

impl Tag {
    /// Of a record that arrives now.
    pub(crate) fn new(slot: usize, part: Part, during: During) -> Self {
        Self { arrived: Instant::now(), during, slot, part, corrupted: false }
    }
}

fn part_of(value: Option<&[u8]>) -> Part {
    match value.and_then(Kind::of) {
        Some(Kind::Marker | Kind::Canary) => Part::Spared,
        Some(Kind::Data) | None => Part::First,
    }
}

#[cfg(test)]
impl Record {
    /// A record without Kafka.
    pub(crate) fn made(slot: usize, value: &[u8], during: During) -> Self {
        Self {
            tag: Tag::new(slot, part_of(Some(value)), during),
            topic: 0,
            partition: slot as i32,
            bytes: value.len() as u64,
            timestamp_ms: None,
            key: None,
            value: Some(value.into()),
            headers: None,
        }
    }

    pub(crate) fn value(&self) -> &[u8] {
        self.value.as_deref().unwrap_or_default()
    }
}
