//! Whose doing a full queue is: the source's, which takes no more, or the client's own.
//!
//! librdkafka puts batches together, compresses and sends them on one thread a broker. Where that thread is the limit
//! (gzip: some 32 000 records of 1 KiB a second), the queue is as full as before a slow source, and the source has
//! nothing to do. The client's statistics, which come once a second, tell the two apart: before a slow source a broker
//! has all the requests that it may have at a time. Whether the thread is busy does not tell: librdkafka's polls
//! without a pause while it waits for an answer. Not for judging a load.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mm2_kafka::{BrokerQueue, ClusterSettings, QueueState};

/// How many requests librdkafka has in flight to one broker when it is idempotent, and when it is not.
const IN_FLIGHT_IDEMPOTENT: u64 = 5;
const IN_FLIGHT: u64 = 1_000_000;
/// Of what was sent, more than this share again: the source refuses records.
const SENT_AGAIN: f64 = 0.1;

/// One producer's.
#[derive(Debug)]
pub(crate) struct Backpressure {
    is_idempotent: bool,
    in_flight_most: u64,
    answered: AtomicU64,
    /// The last [`Whose`].
    verdict: AtomicU8,
    before: Mutex<Counts>,
}

/// Whose doing a full queue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// There were no statistics yet.
    Unknown,
    Sources,
    Clients,
}

/// Records by the last statistics.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    transmitted: u64,
    answered: u64,
    in_requests: u64,
}

/// For how long a full queue held one sender.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Held {
    by_source: Duration,
    pub(crate) by_client: Duration,
    unknown: Duration,
}

impl Backpressure {
    pub(crate) fn new(settings: &ClusterSettings) -> Self {
        let given = |key: &str| settings.client.get(key).map(String::as_str);
        let is_idempotent = given("enable.idempotence") != Some("false");
        let most = given("max.in.flight.requests.per.connection").or_else(|| given("max.in.flight"));
        let most = most.and_then(|text| text.parse().ok()).unwrap_or(IN_FLIGHT);
        Self {
            is_idempotent,
            in_flight_most: if is_idempotent { IN_FLIGHT_IDEMPOTENT.min(most) } else { most },
            answered: AtomicU64::new(0),
            verdict: AtomicU8::new(Whose::Unknown as u8),
            before: Mutex::default(),
        }
    }

    /// A record was acknowledged, or failed for good.
    pub(crate) fn note_answer(&self) {
        self.answered.fetch_add(1, Relaxed);
    }

    /// New statistics: whose doing a full queue is until the next.
    pub(crate) fn look(&self, state: &QueueState) {
        let in_requests = state.brokers.iter().map(|broker| broker.in_requests).sum();
        let now =
            Counts { transmitted: state.transmitted, answered: self.answered.load(Relaxed), in_requests };
        let before = std::mem::replace(&mut *self.before.lock().unwrap_or_else(PoisonError::into_inner), now);
        let is_sources = state.has_leaderless
            || state.brokers.iter().any(|broker| self.has_enough(broker))
            // Without a limit of requests in flight a slow source has most of the queue in them.
            || in_requests * 2 >= state.held
            || now.is_stuck_since(before);
        let verdict = if is_sources { Whose::Sources } else { Whose::Clients };
        self.verdict.store(verdict as u8, Relaxed);
    }

    /// Whose doing it is that the queue is full now.
    pub(crate) fn whose(&self) -> Whose {
        match self.verdict.load(Relaxed) {
            verdict if verdict == Whose::Clients as u8 => Whose::Clients,
            verdict if verdict == Whose::Sources as u8 => Whose::Sources,
            _ => Whose::Unknown,
        }
    }

    /// Whether this broker could not be given more. An idempotent librdkafka makes no further request of a partition
    /// that has five records in flight, which is one batch, but for very large records.
    fn has_enough(&self, broker: &BrokerQueue) -> bool {
        let BrokerQueue { is_up, unsent, awaiting_answer, in_requests, partitions_queued } = *broker;
        let mut most = self.in_flight_most;
        if self.is_idempotent {
            let of_each = (IN_FLIGHT_IDEMPOTENT * awaiting_answer).div_ceil(in_requests.max(1)).max(1);
            most = most.min(partitions_queued.max(1) * of_each);
        }
        !is_up || unsent > 0 || awaiting_answer >= most
    }
}

impl Counts {
    /// Whether nothing went out, or much of it again. What was sent has its answer or is in flight, or else the source
    /// refused it for now.
    fn is_stuck_since(self, before: Self) -> bool {
        let sent = self.transmitted.saturating_sub(before.transmitted);
        let accounted =
            (self.answered - before.answered + self.in_requests).saturating_sub(before.in_requests);
        sent == 0 || sent.saturating_sub(accounted) as f64 > sent as f64 * SENT_AGAIN
    }
}

impl Held {
    /// A wait of `time`; what nobody knew the cause of is put down to the one that is known next.
    pub(crate) fn add(&mut self, time: Duration, whose: Whose) {
        let time = time + std::mem::take(&mut self.unknown);
        let side = match whose {
            Whose::Unknown => &mut self.unknown,
            Whose::Sources => &mut self.by_source,
            Whose::Clients => &mut self.by_client,
        };
        *side += time;
    }

    /// The source's part, and what nobody came to know the cause of.
    pub(crate) fn by_source_or_unknown(&self) -> Duration {
        self.by_source + self.unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A broker whose thread compresses: it answers at once.
    const IDLE: BrokerQueue =
        BrokerQueue { is_up: true, unsent: 0, awaiting_answer: 1, in_requests: 900, partitions_queued: 12 };

    fn second(broker: BrokerQueue) -> QueueState {
        QueueState { held: 100_000, transmitted: 32_000, has_leaderless: false, brokers: vec![IDLE, broker] }
    }

    fn whose(client: &[(&str, &str)], answered: u64, state: &QueueState) -> Whose {
        let mut settings = ClusterSettings::plaintext("b:1");
        settings.client = client.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let backpressure = Backpressure::new(&settings);
        assert_eq!(backpressure.whose(), Whose::Unknown);
        (0..answered).for_each(|_| backpressure.note_answer());
        backpressure.look(state);
        backpressure.whose()
    }

    #[test]
    fn a_queue_that_is_full_before_an_idle_source_is_the_clients_own_limit() {
        assert_eq!(whose(&[], 31_000, &second(IDLE)), Whose::Clients);
        let some = BrokerQueue { awaiting_answer: 4, ..IDLE };
        assert_eq!(whose(&[], 31_000, &second(some)), Whose::Clients);
        let one_partition = BrokerQueue { awaiting_answer: 0, partitions_queued: 1, ..IDLE };
        assert_eq!(whose(&[], 31_000, &second(one_partition)), Whose::Clients);
        let record_by_record =
            BrokerQueue { awaiting_answer: 4, in_requests: 4, partitions_queued: 1, ..IDLE };
        assert_eq!(whose(&[], 31_500, &second(record_by_record)), Whose::Clients);
    }

    #[test]
    fn a_queue_that_is_full_before_a_slow_source_is_the_sources() {
        let check = |case: &str, broker: BrokerQueue| {
            assert_eq!(whose(&[], 31_000, &second(broker)), Whose::Sources, "{case}");
        };
        check("as much in flight as may be", BrokerQueue { awaiting_answer: 5, ..IDLE });
        check("all its partitions", BrokerQueue { awaiting_answer: 3, partitions_queued: 3, ..IDLE });
        check("a slow line", BrokerQueue { unsent: 1, ..IDLE });
        check("a broker that is gone", BrokerQueue { is_up: false, ..IDLE });
        check("most of it in flight", BrokerQueue { in_requests: 60_000, ..IDLE });
    }

    #[test]
    fn a_source_that_refuses_for_a_while_or_has_no_leader_is_slow_too() {
        let idle = second(IDLE);
        assert_eq!(whose(&[], 20_000, &idle), Whose::Sources, "a third was sent again");
        assert_eq!(whose(&[], 0, &QueueState { transmitted: 0, ..idle.clone() }), Whose::Sources);
        assert_eq!(whose(&[], 31_000, &QueueState { has_leaderless: true, ..idle }), Whose::Sources);
    }

    #[test]
    fn the_limit_in_flight_is_the_clients_setting() {
        let with = |client, awaiting_answer| {
            whose(client, 31_000, &second(BrokerQueue { awaiting_answer, partitions_queued: 1, ..IDLE }))
        };
        let many = [("enable.idempotence", "false"), ("max.in.flight", "12")];
        assert_eq!((with(&many, 11), with(&many, 12)), (Whose::Clients, Whose::Sources));
        let one = [("max.in.flight.requests.per.connection", "1")];
        assert_eq!(with(&one, 1), Whose::Sources);
    }

    #[test]
    fn what_was_not_known_is_put_down_to_what_is_known_next() {
        let ms = Duration::from_millis;
        let mut held = Held::default();
        for (time, whose) in [(400, Whose::Unknown), (5, Whose::Clients), (7, Whose::Sources)] {
            held.add(ms(time), whose);
        }
        assert_eq!((held.by_client, held.by_source_or_unknown()), (ms(405), ms(7)));
        held.add(ms(50), Whose::Unknown);
        assert_eq!(held.by_source_or_unknown(), ms(57));
    }
}
