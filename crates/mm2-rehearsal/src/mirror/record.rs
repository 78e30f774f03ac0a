//! One record on its way through the mirror.

use std::time::Instant;

use mm2_kafka::rdkafka::Message;
use mm2_kafka::rdkafka::message::{BorrowedHeaders, BorrowedMessage, Headers, OwnedHeaders};
use mm2_kafka::rdkafka::producer::BaseRecord;

/// What a record costs beside its bytes: this struct, its allocations, librdkafka's headers.
const OVERHEAD_BYTES: usize = 256;

/// A copy, so that the source client's fetch buffers are free at once.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) arrived: Instant,
    /// Index in the list of topics.
    pub(crate) topic: usize,
    pub(crate) bytes: u64,
    partition: i32,
    timestamp_ms: Option<i64>,
    key: Option<Box<[u8]>>,
    value: Option<Box<[u8]>>,
    headers: Option<OwnedHeaders>,
}

impl Record {
    pub(crate) fn copy(message: &BorrowedMessage<'_>, topic: usize, arrived: Instant) -> Self {
        let headers = message.headers();
        let headers_bytes: usize = headers
            .map_or(0, |headers| headers.iter().map(|h| h.key.len() + h.value.map_or(0, <[u8]>::len)).sum());
        let bytes = OVERHEAD_BYTES + message.key_len() + message.payload_len() + headers_bytes;
        Self {
            arrived,
            topic,
            bytes: bytes as u64,
            partition: message.partition(),
            timestamp_ms: message.timestamp().to_millis(),
            key: message.key().map(Box::from),
            value: message.payload().map(Box::from),
            headers: headers.map(BorrowedHeaders::detach),
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
