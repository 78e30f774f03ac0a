//! One hold: the senders at work, what can be seen of them meanwhile, and their report.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use mm2_measure::histogram::Latency;
use mm2_measure::ledger::SendLedger;
use mm2_measure::payload::Payloads;
use mm2_measure::schedule::Schedule;

use crate::loader::{LoadError, Loader};
use crate::sender::Sender;

/// What to put on.
#[derive(Debug, Clone)]
pub struct HoldSpec {
    /// Number of the step, below 4 095; stamps and ledgers go by it.
    pub step: u16,
    /// When each record is due. Its slots must be the loader's.
    pub schedule: Schedule,
    /// What the records are made of.
    pub payloads: Arc<Payloads>,
}

/// What the senders share with whoever watches them.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) stop: AtomicBool,
    pub(crate) blocked_us: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) slip: Mutex<Latency>,
    pub(crate) slip_recent_us: AtomicU64,
}

/// A load that is on.
#[derive(Debug)]
pub struct RunningHold {
    ledger: Arc<SendLedger>,
    schedule: Schedule,
    shared: Arc<Shared>,
    senders: Vec<JoinHandle<()>>,
}

/// What the senders did.
#[derive(Debug)]
pub struct LoadReport {
    /// Records that were due.
    pub due: u64,
    /// Records handed to the client by the end.
    pub sent: u64,
    /// Actual − intended send time of each.
    pub slip: Latency,
    /// Time during which a full queue held the senders back, milliseconds (all senders together).
    pub source_blocked_ms: f64,
    /// Records that the client refused for another reason than a full queue.
    pub refused: u64,
}

impl RunningHold {
    pub(crate) fn start(loader: &Loader, spec: &HoldSpec) -> Result<Self, LoadError> {
        let ledger = Arc::new(SendLedger::new(spec.schedule.slots));
        loader.books.open(spec.step, Arc::clone(&ledger));
        let shared = Arc::new(Shared::default());
        let mut hold = Self { ledger, schedule: spec.schedule, shared, senders: Vec::new() };
        for index in 0..loader.producers.len() {
            let sender = Sender::new(loader, spec, index, Arc::clone(&hold.ledger), Arc::clone(&hold.shared));
            let thread =
                std::thread::Builder::new().name(format!("sender-{index}")).spawn(move || sender.run());
            match thread {
                Ok(thread) => hold.senders.push(thread),
                Err(error) => {
                    hold.stop();
                    return Err(error.into());
                }
            }
        }
        Ok(hold)
    }

    /// The ledger that senders and deliveries write.
    pub fn ledger(&self) -> &Arc<SendLedger> {
        &self.ledger
    }

    /// Takes the load off before its time.
    pub fn stop(&self) {
        self.shared.stop.store(true, Ordering::Relaxed);
    }

    /// Whether the senders are done.
    pub fn is_over(&self) -> bool {
        self.senders.iter().all(JoinHandle::is_finished)
    }

    /// The largest slip since the last call, milliseconds.
    pub fn take_slip_max_ms(&self) -> f64 {
        self.shared.slip_recent_us.swap(0, Ordering::Relaxed) as f64 / 1_000.0
    }

    /// Waits for the senders and says what they did.
    pub fn join(mut self) -> LoadReport {
        for sender in self.senders.drain(..) {
            if sender.join().is_err() {
                tracing::error!("a sender thread panicked; its unsent records count as not sent");
            }
        }
        let slip = std::mem::take(&mut *self.shared.slip.lock().unwrap_or_else(PoisonError::into_inner));
        LoadReport {
            due: self.schedule.total,
            sent: self.ledger.sent(),
            slip,
            source_blocked_ms: self.shared.blocked_us.load(Ordering::Relaxed) as f64 / 1_000.0,
            refused: self.shared.refused.load(Ordering::Relaxed),
        }
    }
}

impl Drop for RunningHold {
    /// A hold that nobody waits for any more goes off.
    fn drop(&mut self) {
        self.stop();
    }
}
