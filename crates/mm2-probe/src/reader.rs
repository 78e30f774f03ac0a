//! The reader thread: poll, find the slot, show it to the audit.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mm2_kafka::rdkafka::consumer::BaseConsumer;
use mm2_kafka::rdkafka::error::{KafkaError, RDKafkaErrorCode};
use mm2_kafka::rdkafka::message::{BorrowedMessage, Message as _};
use mm2_kafka::{Context, TopicPartition};
use mm2_measure::audit::Auditor;
use mm2_measure::clock::RunClock;

use crate::{POLL, Shared};

pub(crate) struct Reader {
    consumer: BaseConsumer<Context>,
    /// By topic, then by partition: a look-up allocates nothing.
    slots: HashMap<String, Vec<Option<u32>>>,
    auditor: Arc<Mutex<Auditor>>,
    clock: RunClock,
    shared: Arc<Shared>,
}

impl Reader {
    pub(crate) fn new(
        consumer: BaseConsumer<Context>,
        slots: &[TopicPartition],
        auditor: Arc<Mutex<Auditor>>,
        clock: RunClock,
        shared: Arc<Shared>,
    ) -> Self {
        let mut by_topic: HashMap<String, Vec<Option<u32>>> = HashMap::new();
        for (slot, at) in slots.iter().enumerate() {
            let partitions = by_topic.entry(at.topic.clone()).or_default();
            let index = at.partition as usize;
            if partitions.len() <= index {
                partitions.resize(index + 1, None);
            }
            partitions[index] = Some(slot as u32);
        }
        Self { consumer, slots: by_topic, auditor, clock, shared }
    }

    pub(crate) fn run(self) {
        let mut wait = POLL;
        while !self.shared.stop.load(Ordering::Relaxed) {
            match self.consumer.poll(wait) {
                // Nothing more at hand: wait for the next.
                None => wait = POLL,
                Some(Ok(message)) => {
                    self.show(&message);
                    // Whatever is at hand already is taken without waiting.
                    wait = Duration::ZERO;
                }
                Some(Err(error)) => self.note(&error),
            }
        }
    }

    fn show(&self, message: &BorrowedMessage<'_>) {
        let now_us = self.clock.now_us();
        self.shared.read.fetch_add(1, Ordering::Relaxed);
        let slot = self.slots.get(message.topic()).and_then(|partitions| {
            partitions.get(usize::try_from(message.partition()).ok()?).copied().flatten()
        });
        if let Some(slot) = slot {
            let mut auditor = self.auditor.lock().unwrap_or_else(PoisonError::into_inner);
            auditor.observe(message.payload(), slot, now_us);
        }
    }

    fn note(&self, error: &KafkaError) {
        let code = error.rdkafka_error_code();
        if matches!(code, Some(RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange)) {
            self.shared.evicted.store(true, Ordering::Relaxed);
        }
        *self.shared.last_error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
    }
}
