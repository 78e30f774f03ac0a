//! One sender thread: sends what is due, sleeps until the next is, and never asks how fast it goes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mm2_kafka::rdkafka::error::{KafkaError, RDKafkaErrorCode};
use mm2_kafka::rdkafka::producer::BaseRecord;
use mm2_kafka::{Producer, TopicPartition};
use mm2_measure::clock::RunClock;
use mm2_measure::histogram::Latency;
use mm2_measure::ledger::SendLedger;
use mm2_measure::payload::{Payloads, key};
use mm2_measure::stamp::{Kind, RunId, Stamp};

use crate::acks::Acks;
use crate::backpressure::{Backpressure, Held};
use crate::cap::CatchUpCap;
use crate::crew::Shared;
use crate::deliveries::{Booking, Books};
use crate::loader::Loader;
use crate::pace::{Deal, Pace};
use crate::tag::{Tag, Times};

/// Records are sent in lumps of about this long: often enough for the latency, rare enough for the CPU.
const QUANTUM: Duration = Duration::from_millis(1);
/// Close to the end of the hold the naps get short, so that the last records go out before it.
const LAST_NAP: Duration = Duration::from_micros(200);
/// Without a rate: how many records go out between two looks at the clock.
const LUMP: u64 = 1_000;
/// How often a sleeping sender looks whether it was told to stop.
const LONGEST_NAP: Duration = Duration::from_millis(50);

/// Whether the client refused a record because its queue is full: [`crate::backpressure`] tells whose doing that is.
pub(crate) fn is_queue_full(error: &KafkaError) -> bool {
    error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull)
}

/// How a record is entered when it is sent, and known again when its delivery report comes.
pub(crate) enum Entry {
    /// By its number, for the audit of what came back.
    Numbered { step: u16, ledger: Arc<SendLedger> },
    /// By its times. Everybody's acknowledgements, since whoever sends record `steady_from` ends the warm-up.
    Timed { sent: Arc<AtomicU64>, acks: Vec<Arc<Acks>>, keys: bool, steady_from: u64, in_a_row: u32 },
}

impl Entry {
    fn in_a_row(&self) -> u32 {
        match self {
            Self::Numbered { .. } => 1,
            Self::Timed { in_a_row, .. } => (*in_a_row).max(1),
        }
    }
}

pub(crate) struct Sender {
    run: RunId,
    clock: RunClock,
    index: u16,
    of: u64,
    pace: Pace,
    deal: Deal,
    payloads: Arc<Payloads>,
    slots: Arc<[TopicPartition]>,
    producer: Arc<Producer<Booking>>,
    backpressure: Arc<Backpressure>,
    entry: Entry,
    shared: Arc<Shared>,
    books: Arc<Books>,
    value: Vec<u8>,
    key: Vec<u8>,
    slip: Latency,
    held: Held,
}

/// One record on its way out.
#[derive(Clone, Copy)]
struct Outgoing {
    i: u64,
    slot: u32,
    sequence: u64,
    sent_us: u64,
    /// Actual − intended send time; `None` when it was never due.
    slip_us: Option<u64>,
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
        pace: Pace,
        payloads: &Arc<Payloads>,
        entry: Entry,
        index: usize,
        shared: Arc<Shared>,
    ) -> Self {
        debug_assert!(payloads.are_stamped() || matches!(entry, Entry::Timed { .. }), "cannot be audited");
        Self {
            run: loader.run,
            clock: loader.clock,
            index: index as u16,
            of: loader.producers.len() as u64,
            pace,
            deal: Deal { slots: pace.schedule().slots, in_a_row: entry.in_a_row() },
            payloads: Arc::clone(payloads),
            slots: Arc::clone(&loader.slots),
            producer: Arc::clone(&loader.producers[index]),
            backpressure: Arc::clone(&loader.backpressure[index]),
            entry,
            shared,
            books: Arc::clone(&loader.books),
            value: Vec::new(),
            key: Vec::new(),
            slip: Latency::new(),
            held: Held::default(),
        }
    }

    /// Sends this sender's share of the load.
    pub(crate) fn run(mut self) {
        let cap = self.pace.rate_per_sec().map(CatchUpCap::new);
        let end_us = self.pace.abandoned_us();
        let mut next = 0;
        while next < self.pace.total() && !self.is_stopped() {
            let now_us = self.clock.now_us();
            if now_us >= end_us {
                break;
            }
            let due = self.pace.due_by(now_us).saturating_sub(next);
            let permitted = cap.as_ref().map_or(due.min(LUMP), |cap| cap.permit(due));
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
        u64::from(self.deal.place(i).0) % self.of == u64::from(self.index)
    }

    fn is_stopped(&self) -> bool {
        self.shared.stop.load(Ordering::Relaxed)
    }

    fn nap(&self, next: u64, now_us: u64, end_us: u64, capped: bool) {
        let left = Duration::from_micros(end_us.saturating_sub(now_us));
        let until_due = Duration::from_micros(self.pace.schedule().due_us(next).saturating_sub(now_us));
        let wanted = if capped { QUANTUM } else { until_due.clamp(QUANTUM, LONGEST_NAP) };
        std::thread::sleep(if left > 4 * QUANTUM { wanted } else { wanted.min(LAST_NAP) });
    }

    fn send(&mut self, i: u64, end_us: u64) -> Sent {
        self.end_warm_up(i);
        let sent_us = self.clock.now_us();
        let (slot, sequence) = self.deal.place(i);
        let record = Outgoing {
            i,
            slot,
            sequence,
            sent_us,
            slip_us: self.pace.due_us(i).map(|due_us| sent_us.saturating_sub(due_us)),
        };
        self.compose(record);
        let sent = self.hand_over(record, end_us);
        match sent {
            Sent::Yes => {
                self.enter(record);
                if let Some(slip_us) = record.slip_us {
                    self.note_slip(slip_us);
                }
            }
            Sent::Refused => {
                self.enter(record);
                if let Entry::Numbered { ledger, .. } = &self.entry {
                    ledger.record_failed(record.slot, record.sequence);
                }
                self.shared.refused.fetch_add(1, Ordering::Relaxed);
            }
            Sent::Abandoned => {}
        }
        sent
    }

    /// Writes key and stamped value into their buffers. A value without a stamp goes out from the pool.
    fn compose(&mut self, record: Outgoing) {
        let step = match &self.entry {
            Entry::Numbered { step, .. } => *step,
            Entry::Timed { .. } => 0,
        };
        if self.payloads.are_stamped() {
            self.payloads.fill(record.i, &mut self.value);
            let stamp = Stamp {
                run: self.run,
                kind: Kind::Data,
                step,
                producer: self.index,
                slot: record.slot,
                sequence: record.sequence,
                intended_us: record.sent_us - record.slip_us.unwrap_or(0),
                sent_us: record.sent_us,
            };
            stamp.write(&mut self.value);
        }
        if self.has_keys() {
            key(record.i, &mut self.key);
        }
    }

    fn has_keys(&self) -> bool {
        !matches!(self.entry, Entry::Timed { keys: false, .. })
    }

    fn enter(&self, record: Outgoing) {
        match &self.entry {
            Entry::Numbered { ledger, .. } => ledger.record_sent(record.slot, record.sequence),
            Entry::Timed { sent, .. } => {
                sent.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// What is sent from now on is steady, when record `i` is the first behind the warm-up.
    fn end_warm_up(&self, i: u64) {
        if let Entry::Timed { acks, steady_from, .. } = &self.entry
            && *steady_from > 0
            && i == *steady_from
        {
            // Two records may go out in one microsecond; the last of the warm-up shall not be in this one.
            std::thread::sleep(Duration::from_micros(2));
            let now_us = self.clock.now_us();
            for acks in acks {
                acks.set_steady(now_us);
            }
        }
    }

    fn tag(&self, record: Outgoing) -> usize {
        let Outgoing { slot, sequence, sent_us, slip_us, .. } = record;
        match &self.entry {
            Entry::Numbered { step, .. } => Tag::Numbered { step: *step, slot, sequence }.pack(),
            Entry::Timed { .. } => Tag::Timed(Times::of(sent_us, slip_us.unwrap_or(0))).pack(),
        }
    }

    /// Hands the record to the client; waits while the queue is full, but not past the hold's end.
    fn hand_over(&mut self, outgoing: Outgoing, end_us: u64) -> Sent {
        let at = &self.slots[outgoing.slot as usize];
        let value =
            if self.payloads.are_stamped() { self.value.as_slice() } else { self.payloads.value(outgoing.i) };
        let mut record =
            BaseRecord::with_opaque_to(&at.topic, self.tag(outgoing)).partition(at.partition).payload(value);
        record.key = self.has_keys().then_some(self.key.as_slice());
        loop {
            let Err((error, returned)) = self.producer.send(record) else { break Sent::Yes };
            if !is_queue_full(&error) {
                // All of a load are refused for the same reason; the report counts them.
                if self.shared.refused.load(Ordering::Relaxed) == 0 {
                    tracing::warn!(%at, %error, "the client refused a record");
                }
                self.books.note(&error);
                break Sent::Refused;
            }
            if self.is_stopped() || self.clock.now_us() >= end_us {
                break Sent::Abandoned;
            }
            let since = Instant::now();
            std::thread::sleep(QUANTUM);
            self.held.add(since.elapsed(), self.backpressure.whose());
            record = returned;
        }
    }

    fn note_slip(&mut self, slip_us: u64) {
        self.slip.record_us(slip_us);
        self.shared.slip_recent_us.fetch_max(slip_us, Ordering::Relaxed);
    }

    fn hand_in(self) {
        self.shared.hand_in(&self.slip, self.held);
    }
}
