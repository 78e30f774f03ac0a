//! One hold: a load on a schedule whose records are numbered, so that they can be audited.

use std::sync::Arc;

use mm2_measure::ledger::SendLedger;
use mm2_measure::payload::Payloads;
use mm2_measure::schedule::Schedule;

use crate::crew::{Crew, LoadReport};
use crate::loader::{LoadError, Loader};
use crate::pace::Pace;
use crate::sender::{Entry, Sender};

/// What to put on.
#[derive(Debug, Clone)]
pub struct HoldSpec {
    /// Number of the step, below 2 047; stamps and ledgers go by it.
    pub step: u16,
    /// When each record is due. Its slots must be the loader's.
    pub schedule: Schedule,
    /// What the records are made of.
    pub payloads: Arc<Payloads>,
}

/// A load that is on.
#[derive(Debug)]
pub struct RunningHold {
    ledger: Arc<SendLedger>,
    schedule: Schedule,
    crew: Crew,
}

impl RunningHold {
    pub(crate) fn start(loader: &Loader, spec: &HoldSpec) -> Result<Self, LoadError> {
        let ledger = Arc::new(SendLedger::new(spec.schedule.slots));
        loader.books.open(spec.step, Arc::clone(&ledger));
        loader.acks.iter().for_each(|acks| acks.open(spec.step));
        let crew = Crew::start(loader.producers.len(), |index, shared| {
            let entry = Entry::Numbered { step: spec.step, ledger: Arc::clone(&ledger) };
            Sender::new(loader, Pace::Hold(spec.schedule), &spec.payloads, entry, index, shared)
        })?;
        Ok(Self { ledger, schedule: spec.schedule, crew })
    }

    /// The ledger that senders and deliveries write.
    pub fn ledger(&self) -> &Arc<SendLedger> {
        &self.ledger
    }

    /// Takes the load off before its time.
    pub fn stop(&self) {
        self.crew.stop();
    }

    /// Whether the senders are done.
    pub fn is_over(&self) -> bool {
        self.crew.is_over()
    }

    /// The largest slip since the last call, milliseconds.
    pub fn take_slip_max_ms(&self) -> f64 {
        self.crew.take_slip_max_ms()
    }

    /// Waits for the senders and says what they did.
    pub fn join(mut self) -> LoadReport {
        self.crew.join(self.schedule.total, || self.ledger.sent())
    }
}
