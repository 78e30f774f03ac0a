//! One sender thread: sends what is due, sleeps until the next is, and never asks how fast it goes.

use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use mm2_kafka::rdkafka::error::{KafkaError, RDKafkaErrorCode};
use mm2_kafka::rdkafka::producer::BaseRecord;
use mm2_kafka::{Producer, TopicPartition};
use mm2_measure::clock::RunClock;
use mm2_measure::histogram::Latency;
use mm2_measure::ledger::SendLedger;
use mm2_measure::payload::{Payloads, key};
use mm2_measure::schedule::Schedule;
use mm2_measure::stamp::{Kind, RunId, Stamp};

use crate::cap::CatchUpCap;
use crate::deliveries::Booking;
use crate::hold::{HoldSpec, Shared};
use crate::loader::Loader;
use crate::tag::Tag;

/// Records are sent in lumps of about this long: often enough for the latency, rare enough for the CPU.
const QUANTUM: Duration = Duration::from_millis(1);
/// Close to the end of the hold the naps get short, so that the last records go out before it.
const LAST_NAP: Duration = Duration::from_micros(200);
/// How often a sleeping sender looks whether it was told to stop.
const LONGEST_NAP: Duration = Duration::from_millis(50);

/// Whether the client refused a record because its queue is full: the source's backpressure.
pub(crate) fn is_queue_full(error: &KafkaError) -> bool {
    error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull)
}

pub(crate) struct Sender {
    run: RunId,
    clock: RunClock,
    step: u16,
    index: u16,
    of: u64,
    schedule: Schedule,
    payloads: Arc<Payloads>,
    slots: Arc<[TopicPartition]>,
    producer: Arc<Producer<Booking>>,
    ledger: Arc<SendLedger>,
    shared: Arc<Shared>,
    value: Vec<u8>,
    key: Vec<u8>,
    slip: Latency,
}

/// What became of one attempt to send.
enum Sent {
    Yes,
    /// Refused for good; the record counts as sent and failed.
    Refused,
    /// The hold ended while the queue was full.
    Abandoned,
}

impl Sender {
    pub(crate) fn new(
        loader: &Loader,
        spec: &HoldSpec,
        index: usize,
        ledger: Arc<SendLedger>,
        shared: Arc<Shared>,
    ) -> Self {
        Self {
            run: loader.run,
            clock: loader.clock,
            step: spec.step,
            index: index as u16,
            of: loader.producers.len() as u64,
            schedule: spec.schedule,
            payloads: Arc::clone(&spec.payloads),
            slots: Arc::clone(&loader.slots),
            producer: Arc::clone(&loader.producers[index]),
            ledger,
            shared,
            value: Vec::new(),
            key: Vec::new(),
            slip: Latency::new(),
        }
    }

    /// Sends this sender's share of the schedule.
    pub(crate) fn run(mut self) {
        let cap = CatchUpCap::new(self.schedule.rate_per_sec);
        let end_us = self.schedule.t0_us + self.schedule.hold_us();
        let mut next = 0;
        while next < self.schedule.total && !self.is_stopped() {
            let now_us = self.clock.now_us();
            if now_us >= end_us {
                break;
            }
            let due = self.schedule.due_by(now_us).saturating_sub(next);
            let permitted = cap.permit(due);
            if permitted == 0 {
                self.nap(next, now_us, end_us, due > 0);
                continue;
            }
            for i in next..next + permitted {
                if self.is_mine(i) && matches!(self.send(i, end_us), Sent::Abandoned) {
                    return self.hand_in();
                }
            }
            next += permitted;
        }
        self.hand_in();
    }

    fn is_mine(&self, i: u64) -> bool {
        u64::from(self.schedule.slot(i)) % self.of == u64::from(self.index)
    }

    fn is_stopped(&self) -> bool {
        self.shared.stop.load(Ordering::Relaxed)
    }

    fn nap(&self, next: u64, now_us: u64, end_us: u64, capped: bool) {
        let left = Duration::from_micros(end_us.saturating_sub(now_us));
        let until_due = Duration::from_micros(self.schedule.due_us(next).saturating_sub(now_us));
        let wanted = if capped { QUANTUM } else { until_due.clamp(QUANTUM, LONGEST_NAP) };
        std::thread::sleep(if left > 4 * QUANTUM { wanted } else { wanted.min(LAST_NAP) });
    }

    fn send(&mut self, i: u64, end_us: u64) -> Sent {
        let (slot, sequence) = (self.schedule.slot(i), self.schedule.sequence(i));
        let intended_us = self.schedule.due_us(i);
        self.payloads.fill(i, &mut self.value);
        key(i, &mut self.key);
        let sent_us = self.clock.now_us();
        let stamp = Stamp {
            run: self.run,
            kind: Kind::Data,
            step: self.step,
            producer: self.index,
            slot,
            sequence,
            intended_us,
            sent_us,
        };
        stamp.write(&mut self.value);
        let sent = self.hand_over(slot, sequence, end_us);
        match sent {
            Sent::Yes => {
                self.ledger.record_sent(slot, sequence);
                self.note_slip(sent_us.saturating_sub(intended_us));
            }
            Sent::Refused => {
                self.ledger.record_sent(slot, sequence);
                self.ledger.record_failed(slot, sequence);
                self.shared.refused.fetch_add(1, Ordering::Relaxed);
            }
            Sent::Abandoned => {}
        }
        sent
    }

    /// Hands the record to the client; waits while the queue is full, but not past the hold's end.
    fn hand_over(&self, slot: u32, sequence: u64, end_us: u64) -> Sent {
        let at = &self.slots[slot as usize];
        let tag = Tag { step: self.step, slot, sequence }.pack();
        let mut record = BaseRecord::with_opaque_to(&at.topic, tag)
            .partition(at.partition)
            .key(self.key.as_slice())
            .payload(self.value.as_slice());
        let mut blocked_since: Option<Instant> = None;
        let sent = loop {
            let Err((error, returned)) = self.producer.send(record) else { break Sent::Yes };
            if !is_queue_full(&error) {
                tracing::warn!(%at, %error, "the client refused a record");
                break Sent::Refused;
            }
            blocked_since.get_or_insert_with(Instant::now);
            if self.is_stopped() || self.clock.now_us() >= end_us {
                break Sent::Abandoned;
            }
            std::thread::sleep(QUANTUM);
            record = returned;
        };
        if let Some(since) = blocked_since {
            self.shared.blocked_us.fetch_add(since.elapsed().as_micros() as u64, Ordering::Relaxed);
        }
        sent
    }

    fn note_slip(&mut self, slip_us: u64) {
        self.slip.record_us(slip_us);
        self.shared.slip_recent_us.fetch_max(slip_us, Ordering::Relaxed);
    }

    fn hand_in(self) {
        self.shared.slip.lock().unwrap_or_else(PoisonError::into_inner).merge(&self.slip);
    }
}
