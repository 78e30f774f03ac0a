//! A load of its own: timed, and not audited. Its records need no stamp, so their values can be anybody's.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mm2_kafka::Producer;
use mm2_measure::payload::Payloads;

use crate::acks::{AckLatency, AckWindow, Acks};
use crate::crew::{Crew, LoadReport};
use crate::deliveries::{Booking, Books};
use crate::loader::{LoadError, Loader};
use crate::pace::Pace;
use crate::sender::{Entry, Sender};

/// What to put on.
#[derive(Debug, Clone)]
pub struct TimedSpec {
    /// How fast, and how many. Its slots must be the loader's.
    pub pace: Pace,
    /// What the values are made of; stamped where they have room for a stamp.
    pub payloads: Arc<Payloads>,
    /// Whether records have the keys `key_1` … `key_1000` in turn, or none.
    pub keys: bool,
    /// How many records in a row go to one slot before it is the next one's turn: with 1 batches of all slots fill
    /// side by side, with a batch's worth one after the other, as those of Java's client do.
    pub in_a_row: u32,
    /// So many records go before those that count as steady; 0: there is no such phase.
    pub warm_up_records: u64,
}

/// A load that is on.
pub struct TimedLoad {
    crew: Crew,
    pace: Pace,
    sent: Arc<AtomicU64>,
    acks: Vec<Arc<Acks>>,
    books: Arc<Books>,
    /// Deliveries come only while the producers live.
    _producers: Vec<Arc<Producer<Booking>>>,
}

impl TimedLoad {
    pub(crate) fn start(loader: Loader, spec: &TimedSpec) -> Result<Self, LoadError> {
        let sent = Arc::new(AtomicU64::new(0));
        let crew = Crew::start(loader.producers.len(), |index, shared| {
            let entry = Entry::Timed {
                sent: Arc::clone(&sent),
                acks: loader.acks.clone(),
                keys: spec.keys,
                steady_from: spec.warm_up_records,
                in_a_row: spec.in_a_row,
            };
            Sender::new(&loader, spec.pace, &spec.payloads, entry, index, shared)
        })?;
        let Loader { acks, books, producers, .. } = loader;
        Ok(Self { crew, pace: spec.pace, sent, acks, books, _producers: producers })
    }

    /// Takes the load off before its time.
    pub fn stop(&self) {
        self.crew.stop();
    }

    /// Whether the senders are done. What they sent may still be on its way.
    pub fn is_over(&self) -> bool {
        self.crew.is_over()
    }

    /// Records that the client has taken.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Records that the source acknowledged.
    pub fn acked(&self) -> u64 {
        self.acks.iter().map(|acks| acks.acked()).sum()
    }

    /// Records whose delivery failed for good, or that the client refused.
    pub fn failed(&self) -> u64 {
        let refused = self.crew.shared.refused.load(Ordering::Relaxed);
        self.acks.iter().map(|acks| acks.failed()).sum::<u64>() + refused
    }

    /// Records sent whose outcome is not known yet.
    pub fn pending(&self) -> u64 {
        self.sent().saturating_sub(self.acked() + self.failed())
    }

    /// The largest slip since the last call, milliseconds.
    pub fn take_slip_max_ms(&self) -> f64 {
        self.crew.take_slip_max_ms()
    }

    /// What was acknowledged since the last call.
    pub fn take_window(&self) -> AckWindow {
        let mut window = AckWindow::default();
        self.acks.iter().for_each(|acks| window.merge(acks.take_window()));
        window
    }

    /// When the warm-up was over, microseconds since the Unix epoch; `None` before, and without one.
    pub fn steady_from_us(&self) -> Option<u64> {
        self.acks.iter().find_map(|acks| acks.steady_from_us())
    }

    /// The latencies of all acknowledgements so far.
    pub fn latency(&self) -> AckLatency {
        let mut all = AckLatency::default();
        self.acks.iter().for_each(|acks| acks.add_to(&mut all));
        all
    }

    /// When the last record failed, microseconds since the Unix epoch; `None` while none has. What the client itself
    /// refused is not counted: that was while the senders were at work.
    pub fn last_failed_us(&self) -> Option<u64> {
        self.acks.iter().map(|acks| acks.last_failed_us()).max().filter(|us| *us > 0)
    }

    /// Why the first failed record failed, in the client's words.
    pub fn first_failure(&self) -> Option<String> {
        self.books.first_failure()
    }

    /// Waits for the senders and says what they did.
    pub fn join(&mut self) -> LoadReport {
        let sent = Arc::clone(&self.sent);
        self.crew.join(self.pace.total(), || sent.load(Ordering::Relaxed))
    }
}

impl std::fmt::Debug for TimedLoad {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TimedLoad")
            .field("pace", &self.pace)
            .field("sent", &self.sent())
            .finish_non_exhaustive()
    }
}
