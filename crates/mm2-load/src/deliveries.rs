//! Books what became of each record into the ledger of the step that it was sent in.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use mm2_kafka::Deliveries;
use mm2_kafka::rdkafka::error::KafkaError;
use mm2_measure::ledger::SendLedger;

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

    fn note(&self, error: &KafkaError) {
        let mut first = self.first_failure.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert_with(|| error.to_string());
    }
}

/// One producer's way to the books.
#[derive(Debug, Clone)]
pub(crate) struct Booking(pub(crate) Arc<Books>);

impl Deliveries for Booking {
    fn delivered(&self, tag: usize, result: Result<(), KafkaError>) {
        let tag = Tag::unpack(tag);
        if let Err(error) = &result {
            self.0.note(error);
        }
        if tag.step == UNCOUNTED {
            self.0.uncounted_failed.fetch_add(u64::from(result.is_err()), Ordering::Relaxed);
            return;
        }
        let ledgers = self.0.ledgers.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(ledger) = ledgers.get(&tag.step) {
            match result {
                Ok(()) => ledger.record_acked(tag.slot, tag.sequence),
                Err(_) => ledger.record_failed(tag.slot, tag.sequence),
            }
        }
    }
}
