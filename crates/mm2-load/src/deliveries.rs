//! Books what became of each record: into the ledger of the step that it was sent in, or, when the load is only
//! timed, into the acknowledgements of its producer.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use mm2_kafka::rdkafka::error::KafkaError;
use mm2_kafka::{Deliveries, QueueState};
use mm2_measure::ledger::SendLedger;
use mm2_measure::stamp::Stamp;

use crate::acks::Acks;
use crate::backpressure::Backpressure;
use crate::tag::{Tag, UNCOUNTED};

/// The ledgers of all open steps, and the first refusal in words. Shared by all producers of a loader.
#[derive(Debug, Default)]
pub(crate) struct Books {
    ledgers: RwLock<HashMap<u16, Arc<SendLedger>>>,
    uncounted_failed: AtomicU64,
    first_failure: Mutex<Option<String>>,
}

impl Books {
    pub(crate) fn open(&self, step: u16, ledger: Arc<SendLedger>) {
        self.ledgers.write().unwrap_or_else(PoisonError::into_inner).insert(step, ledger);
    }

    /// Why the first failed record failed, in the client's words.
    pub(crate) fn first_failure(&self) -> Option<String> {
        self.first_failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Markers and canaries that could not be delivered.
    pub(crate) fn uncounted_failed(&self) -> u64 {
        self.uncounted_failed.load(Ordering::Relaxed)
    }

    pub(crate) fn note(&self, error: &KafkaError) {
        let mut first = self.first_failure.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert_with(|| error.to_string());
    }

    fn enter(&self, step: u16, slot: u32, sequence: u64, is_acked: bool) {
        if step == UNCOUNTED {
            self.uncounted_failed.fetch_add(u64::from(!is_acked), Ordering::Relaxed);
            return;
        }
        let ledgers = self.ledgers.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(ledger) = ledgers.get(&step) {
            if is_acked {
                ledger.record_acked(slot, sequence);
            } else {
                ledger.record_failed(slot, sequence);
            }
        }
    }
}

/// One producer's way to the books.
#[derive(Debug, Clone)]
pub(crate) struct Booking {
    pub(crate) books: Arc<Books>,
    /// This producer's own: a lock that all shared would be waited for.
    pub(crate) acks: Arc<Acks>,
    pub(crate) backpressure: Arc<Backpressure>,
}

impl Deliveries for Booking {
    fn delivered(&self, tag: usize, value: &[u8], result: Result<(), KafkaError>) {
        self.backpressure.note_answer();
        if let Err(error) = &result {
            self.books.note(error);
        }
        match (Tag::unpack(tag), result) {
            (Tag::Numbered { step, slot, sequence }, result) => {
                if let (Ok(()), Some(sent_us)) = (&result, Stamp::sent_us_of(value)) {
                    self.acks.record_acked_in(step, sent_us);
                }
                self.books.enter(step, slot, sequence, result.is_ok());
            }
            (Tag::Timed(times), Ok(())) => self.acks.record_acked(times),
            (Tag::Timed(_), Err(_)) => self.acks.record_failed(),
        }
    }

    fn queue_is(&self, state: &QueueState) {
        self.backpressure.look(state);
    }
}
