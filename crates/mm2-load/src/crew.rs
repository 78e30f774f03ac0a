//! The sender threads of one load, and what they share with whoever watches them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use mm2_measure::histogram::Latency;

use crate::backpressure::Held;
use crate::sender::Sender;

/// What the senders share with whoever watches them.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) stop: AtomicBool,
    /// Of the sender that was held longest, microseconds.
    held_by_source_us: AtomicU64,
    held_by_client_us: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) slip: Mutex<Latency>,
    pub(crate) slip_recent_us: AtomicU64,
}

impl Shared {
    /// A sender is done.
    pub(crate) fn hand_in(&self, slip: &Latency, held: Held) {
        self.slip.lock().unwrap_or_else(PoisonError::into_inner).merge(slip);
        self.held_by_source_us.fetch_max(held.by_source_or_unknown().as_micros() as u64, Ordering::Relaxed);
        self.held_by_client_us.fetch_max(held.by_client.as_micros() as u64, Ordering::Relaxed);
    }
}

/// What the senders did.
#[derive(Debug)]
pub struct LoadReport {
    /// Records that were due.
    pub due: u64,
    /// Records handed to the client by the end.
    pub sent: u64,
    /// Actual − intended send time of each; empty when none was ever due.
    pub slip: Latency,
    /// For how long the source held a sender back, milliseconds: the queue was full, and a broker had all
    /// the requests that it may have at a time, or was not there. Of the sender that was held longest, since lateness,
    /// which this is to explain, goes by the clock on the wall.
    pub source_blocked_ms: f64,
    /// For how long the queue was full although every broker could have had more, milliseconds: the client itself, its
    /// codec above all, was the limit. Of the sender that was held longest.
    pub client_blocked_ms: f64,
    /// Records that the client refused for another reason than a full queue.
    pub refused: u64,
}

/// Sender threads at work. One that nobody waits for any more stops.
#[derive(Debug)]
pub(crate) struct Crew {
    pub(crate) shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Crew {
    /// Starts `senders` threads.
    pub(crate) fn start(
        senders: usize,
        sender: impl Fn(usize, Arc<Shared>) -> Sender,
    ) -> std::io::Result<Self> {
        let mut crew = Self { shared: Arc::default(), threads: Vec::new() };
        for index in 0..senders {
            let sender = sender(index, Arc::clone(&crew.shared));
            // On an error the crew is dropped, and those that were started stop.
            let thread = std::thread::Builder::new().name(format!("sender-{index}"));
            crew.threads.push(thread.spawn(move || sender.run())?);
        }
        Ok(crew)
    }

    pub(crate) fn stop(&self) {
        self.shared.stop.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_over(&self) -> bool {
        self.threads.iter().all(JoinHandle::is_finished)
    }

    /// The largest slip since the last call, milliseconds.
    pub(crate) fn take_slip_max_ms(&self) -> f64 {
        self.shared.slip_recent_us.swap(0, Ordering::Relaxed) as f64 / 1_000.0
    }

    /// Waits for all, and says what they did.
    pub(crate) fn join(&mut self, due: u64, sent: impl FnOnce() -> u64) -> LoadReport {
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a sender thread panicked; its unsent records count as not sent");
            }
        }
        let slip = std::mem::take(&mut *self.shared.slip.lock().unwrap_or_else(PoisonError::into_inner));
        let ms = |us: &AtomicU64| us.load(Ordering::Relaxed) as f64 / 1_000.0;
        LoadReport {
            due,
            sent: sent(),
            slip,
            source_blocked_ms: ms(&self.shared.held_by_source_us),
            client_blocked_ms: ms(&self.shared.held_by_client_us),
            refused: self.shared.refused.load(Ordering::Relaxed),
        }
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.stop();
    }
}
