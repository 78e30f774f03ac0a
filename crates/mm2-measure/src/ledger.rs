//! The ledger of one step: what was sent, what the source acknowledged, what failed for good.
//!
//! Shared by senders, delivery threads and whoever watches. Totals are atomics; the sequences of a slot
//! sit behind that slot's own lock, in [`SequenceSet`]s that cost memory only for what is out of order
//! or not acknowledged. What came back is the audit's affair.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::sequences::SequenceSet;

/// What one step sent, by slot and sequence.
#[derive(Debug)]
pub struct SendLedger {
    slots: Vec<Slot>,
    sent: AtomicU64,
    acked: AtomicU64,
    failed: AtomicU64,
}

#[derive(Debug, Default)]
struct Slot {
    sent: AtomicU64,
    outcomes: Mutex<Outcomes>,
}

/// How the deliveries of one slot ended.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    pub(crate) acked: SequenceSet,
    pub(crate) failed: SequenceSet,
}

impl SendLedger {
    /// An empty ledger for `slots` topic-partitions.
    pub fn new(slots: u32) -> Self {
        Self {
            slots: (0..slots).map(|_| Slot::default()).collect(),
            sent: AtomicU64::new(0),
            acked: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        }
    }

    /// Enters a record that the client has taken.
    ///
    /// # Panics
    /// As all entries: when the ledger has no such slot.
    pub fn record_sent(&self, slot: u32, _sequence: u64) {
        self.slots[slot as usize].sent.fetch_add(1, Relaxed);
        self.sent.fetch_add(1, Relaxed);
    }

    /// Enters an acknowledgement; of the same record it counts once.
    pub fn record_acked(&self, slot: u32, sequence: u64) {
        if self.outcomes(slot).acked.insert(sequence) {
            self.acked.fetch_add(1, Relaxed);
        }
    }

    /// Enters a delivery that failed for good; of the same record it counts once.
    pub fn record_failed(&self, slot: u32, sequence: u64) {
        if self.outcomes(slot).failed.insert(sequence) {
            self.failed.fetch_add(1, Relaxed);
        }
    }

    /// Records that the client has taken.
    pub fn sent(&self) -> u64 {
        self.sent.load(Relaxed)
    }

    /// Records that the source acknowledged.
    pub fn acked(&self) -> u64 {
        self.acked.load(Relaxed)
    }

    /// Records whose delivery failed for good.
    pub fn failed(&self) -> u64 {
        self.failed.load(Relaxed)
    }

    /// Records sent whose outcome is not known yet.
    pub fn pending(&self) -> u64 {
        self.sent().saturating_sub(self.acked() + self.failed())
    }

    /// Records sent to this slot.
    pub fn sent_in(&self, slot: u32) -> u64 {
        self.slots[slot as usize].sent.load(Relaxed)
    }

    /// Whether the source acknowledged this record.
    pub fn is_acked(&self, slot: u32, sequence: u64) -> bool {
        self.outcomes(slot).acked.contains(sequence)
    }

    /// How many slots the ledger has.
    pub fn slots(&self) -> u32 {
        self.slots.len() as u32
    }

    pub(crate) fn outcomes(&self, slot: u32) -> MutexGuard<'_, Outcomes> {
        // A thread that died half way through an insert leaves at worst one record uncounted.
        self.slots[slot as usize].outcomes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
