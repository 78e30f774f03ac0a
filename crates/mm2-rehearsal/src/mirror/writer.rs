//! The thread that writes the target, and holds in order what may not go yet.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use mm2_kafka::rdkafka::error::{KafkaError, RDKafkaErrorCode};
use mm2_kafka::{Cluster, Deliveries, Producer};

use super::progress::Progress;
use super::record::Record;
use crate::gate::Gate;
use crate::journal::JournalKeeper;
use crate::rehearsal::{Rehearsal, RehearsalError, RehearsalOptions};

/// The shortest sleep. Held records go out in lots of this: a wake-up for each would cost more than it.
const QUANTUM: Duration = Duration::from_millis(1);
/// How long the writer sits before it looks whether it should stop.
const IDLE: Duration = Duration::from_millis(20);

const CLIENT: [(&str, &str); 6] = [
    ("acks", "all"),
    ("enable.idempotence", "true"),
    ("linger.ms", "1"),
    // Beyond this, records wait in the mirror's own memory, which is counted.
    ("queue.buffering.max.messages", "100000"),
    ("queue.buffering.max.kbytes", "131072"),
    // Whatever the source took is passed on.
    ("message.max.bytes", "16777216"),
];

pub(crate) struct Writer {
    producer: Producer<Acknowledged>,
    topics: Vec<String>,
    arrivals: Receiver<Vec<Record>>,
    held: VecDeque<Record>,
    gate: Gate,
    /// When it was last looked at what may go.
    looked: Instant,
    progress: Arc<Progress>,
    journal: Arc<JournalKeeper>,
}

impl Writer {
    pub(crate) fn new(
        target: &Cluster,
        options: &RehearsalOptions,
        arrivals: Receiver<Vec<Record>>,
        progress: Arc<Progress>,
        journal: Arc<JournalKeeper>,
    ) -> Result<Self, RehearsalError> {
        let now = Instant::now();
        Ok(Self {
            producer: target.producer(&CLIENT, Acknowledged(Arc::clone(&progress)))?,
            topics: options.topics.iter().map(|topic| Rehearsal::target_topic(topic)).collect(),
            arrivals,
            held: VecDeque::new(),
            gate: Gate::new(&options.faults, now),
            looked: now,
            progress,
            journal,
        })
    }

    pub(crate) fn run(mut self) {
        while self.progress.goes_on() {
            let wait = self.write_what_may_go();
            match self.arrivals.recv_timeout(wait) {
                Ok(batch) => self.held.extend(batch),
                Err(RecvTimeoutError::Timeout) => {}
                // The reader gave up, and has said why.
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.held.extend(self.arrivals.try_iter().flatten());
        }
    }

    /// Hands over what is due, and says how long until it is worth looking again.
    fn write_what_may_go(&mut self) -> Duration {
        let now = Instant::now();
        self.note_standstill(now);
        while self.progress.may_write()
            && let Some(mut record) = self.held.pop_front()
        {
            let wait = self.gate.must_wait(record.tag, now).or_else(|| self.write(&mut record));
            if let Some(wait) = wait {
                self.held.push_front(record);
                return wait.clamp(QUANTUM, IDLE);
            }
            self.gate.passed(record.tag, now);
            self.progress.handed_on(record.bytes);
            self.journal.written(record.tag, now.saturating_duration_since(record.tag.arrived));
        }
        IDLE
    }

    /// Notes how long nothing was written on purpose.
    fn note_standstill(&mut self, now: Instant) {
        if self.progress.is_paused() {
            self.journal.paused(now.saturating_duration_since(self.looked));
        }
        if let Some((step, so_far)) = self.gate.stalled(now) {
            self.journal.stalled(step, so_far);
        }
        self.looked = now;
    }

    /// Hands one record to the producer, or says how long to wait until there is room for it.
    fn write(&self, record: &mut Record) -> Option<Duration> {
        let topic = self.topics.get(record.topic)?;
        let refused = self.producer.send(record.addressed_to(topic)).err()?;
        match refused {
            (KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), returned) => {
                let headers = returned.headers;
                record.keep(headers);
                Some(QUANTUM)
            }
            (error, _) => {
                self.progress.fail(not_taken(&error));
                None
            }
        }
    }
}

fn not_taken(error: &KafkaError) -> String {
    format!("the rehearsal's mirror lost a record: its target did not take it: {error}")
}

/// Counts what the target acknowledged.
struct Acknowledged(Arc<Progress>);

impl Deliveries for Acknowledged {
    fn delivered(&self, _tag: usize, _value: &[u8], result: Result<(), KafkaError>) {
        match result {
            Ok(()) => self.0.mirrored(),
            // Stopping purges what is under way.
            Err(_) if self.0.stopping() => {}
            Err(error) => self.0.fail(not_taken(&error)),
        }
    }
}
