//! The figures, and from where on each of them says yes to the question that it is asked by.
//!
//! Orders of magnitude come from scrapes of real workers (Kafka 3.9 and 4.1, records of 1 KiB) and from a chain under
//! a quota: 5 000/s into a target that took 4.9 MB/s, where each panel was calm and only the throttle, 1 381 ms, and
//! 15 768 records in flight of a backlog of 18 823 told.
//! A worker's memory is asked for only where nothing but it was found bad: it is high in chains that keep up, too.

use super::figure::{Case, Figure, OverSeries, OverTime, panel};
use super::{Hop, Sign, is_of_load};
use crate::evidence::ConnectEvidence;
use crate::name::{CriterionName, Signal};
use crate::recovery::RECOVERED_BELOW;
use crate::unit::Unit;

/// A figure, and from where on it says yes.
pub(super) struct Rule {
    pub(super) signal: &'static str,
    unit: Unit,
    read: fn(&Case<'_>, &Self) -> Option<Figure>,
    /// `None` where it cannot be told.
    from: fn(&Case<'_>) -> Option<f64>,
    /// Above this it says no again: what it is held against is no longer known to be the limit.
    until: f64,
    /// From here on, where it does not say yes, it does not say no either.
    unsure_from: f64,
}

/// What a figure came to.
pub(super) struct Read {
    pub(super) sign: Sign,
    /// Whether all of it was seen.
    pub(super) is_whole: bool,
    /// Whether it says neither yes nor no.
    pub(super) is_unsure: bool,
}

impl Rule {
    const fn new(
        signal: &'static str,
        unit: Unit,
        read: fn(&Case<'_>, &Self) -> Option<Figure>,
        from: fn(&Case<'_>) -> Option<f64>,
    ) -> Self {
        Self { signal, unit, read, from, until: f64::INFINITY, unsure_from: f64::INFINITY }
    }

    /// The figure; `None` where it was not seen.
    pub(super) fn read(&self, case: &Case<'_>, hop: Hop) -> Option<Read> {
        let Figure { value, is_whole } = (self.read)(case, self)?;
        let from = (self.from)(case).filter(|from| from.is_finite())?;
        let points = (from..=self.until).contains(&value);
        let signal = self.signal.into();
        let sign = Sign { hop, signal, value, from, unit: self.unit, points };
        Some(Read { sign, is_whole, is_unsure: !points && value >= self.unsure_from })
    }
}

fn mean(case: &Case<'_>, rule: &Rule) -> Option<Figure> {
    panel(case.seen, rule.signal, rule.unit, OverTime::Mean, OverSeries::Max)
}

fn max(case: &Case<'_>, rule: &Rule) -> Option<Figure> {
    panel(case.seen, rule.signal, rule.unit, OverTime::Max, OverSeries::Max)
}

fn held(case: &Case<'_>, rule: &Rule) -> Option<Figure> {
    panel(case.seen, rule.signal, rule.unit, OverTime::Held, OverSeries::Max)
}

fn held_by_all(case: &Case<'_>, rule: &Rule) -> Option<Figure> {
    panel(case.seen, rule.signal, rule.unit, OverTime::Held, OverSeries::Sum)
}

/// A figure of our own is always of all records.
fn own(value: Option<f64>) -> Option<Figure> {
    value.filter(|value| value.is_finite()).map(|value| Figure { value, is_whole: true })
}

/// What the criterion of our own slip was held against; the runbook's where it is not among the findings.
fn slip_limit(case: &Case<'_>) -> f64 {
    let finding = case.verdict.findings.iter().find(|finding| finding.criterion == *CriterionName::SLIP);
    finding.and_then(|finding| finding.limit).unwrap_or(50.0)
}

/// They point only where the judge says that it was us: it tells our own lateness from what the source made of it.
pub(super) const LATE: &[Rule] = &[
    Rule::new(
        Signal::LOAD_SLIP,
        Unit::Ms,
        |case, _| own(case.evidence.load.slip_p99_ms),
        |case| Some(slip_limit(case)),
    ),
    // What `delivered`, 99 %, leaves.
    Rule::new(
        Signal::LOAD_UNSENT,
        Unit::Percent,
        |case, _| {
            let load = &case.evidence.load;
            let unsent = load.due.saturating_sub(load.sent) as f64 * 100.0 / load.due as f64;
            own(Some(unsent))
        },
        |_| Some(1.0),
    ),
];

pub(super) const SOURCE_HOLDS_US: &[Rule] = &[
    // Below the 50 ms that our own sends may be late, a quota explains nothing.
    Rule::new(
        Signal::SOURCE_THROTTLE,
        Unit::Ms,
        |case, _| own(case.evidence.source.throttle_max_ms.map(|ms| ms as f64)),
        |_| Some(50.0),
    ),
    // The share of the hold that `delivered`, 99 %, lets the source take.
    Rule::new(
        Signal::SOURCE_BLOCKED,
        Unit::Ms,
        |case, _| own(Some(case.evidence.load.source_blocked_ms)),
        |case| Some(case.evidence.hold_s * 1e3 * 0.01),
    ),
    Rule::new(
        Signal::LOAD_FAILED,
        Unit::Records,
        |case, _| own(Some(case.evidence.load.failed as f64)),
        // Where the judge does not blame the source, one in a million is an accident: what `delivered`, 99 %, leaves.
        |case| {
            let share = if case.is_source_limited() { 0.0 } else { 0.01 };
            Some((case.evidence.load.due as f64 * share).max(1.0))
        },
    ),
];

/// 0 where there is no quota. A connection of MM2's producers has one request under way, and a throttle comes on top
/// of its 3 ms (seen). It points from where a slow answer does; from 10 ms on it is the larger part of the round trip, so
/// that a quota is not excluded. One scrape is none: its figure is a maximum, and one request makes it.
const fn quota(signal: &'static str) -> Rule {
    Rule { unsure_from: 10.0, ..Rule::new(signal, Unit::Ms, held, |_| Some(SLOW_ANSWER_MS)) }
}

pub(super) const FETCH_QUOTA: &[Rule] = &[quota(Signal::CONSUMER_THROTTLE)];

pub(super) const TARGET_QUOTA: &[Rule] = &[quota(Signal::PRODUCER_THROTTLE)];

/// Between the panel's WARN, 80 %, and its STOP, 95 %; read as its criterion reads it, so that a STOP of it points. A
/// WARN of it does where no other criterion of load decided.
pub(super) const PROCESSORS: &[Rule] = &[Rule::new(Signal::WORKER_CPU, Unit::Percent, held, |case| {
    let decided = case.decided_by(CriterionName::WORKER_CPU).filter(|cpu| {
        case.deciding().filter(|finding| is_of_load(finding)).all(|other| other.criterion == cpu.criterion)
    });
    let limit = decided.and_then(|cpu| cpu.limit).unwrap_or(f64::INFINITY);
    Some(limit.min(90.0))
})];

/// From its criterion's limit on, and read as that reads it.
pub(super) const MEMORY: &[Rule] = &[Rule::new(Signal::WORKER_MEMORY, Unit::Percent, max, |case| {
    case.decided_by(CriterionName::WORKER_MEMORY)?.limit
})];

/// G1 grows the heap to keep its share under 1/13 = 7.7 % (`GCTimeRatio` 12): over 10 % there was nothing to grow.
pub(super) const GARBAGE: &[Rule] = &[Rule::new(Signal::WORKER_GC, Unit::Percent, held, |_| Some(10.0))];

pub(super) const RESTARTED: &[Rule] = &[Rule::new(
    Signal::CONNECT_RESTART,
    Unit::Count,
    |case, _| match case.evidence.connect {
        ConnectEvidence::Absent { .. } | ConnectEvidence::Polled { answered: 0, .. } => None,
        ConnectEvidence::Polled { answered, unanswered, restart_seen, .. } => {
            let is_whole = answered >= unanswered;
            Some(Figure { value: f64::from(u8::from(restart_seen)), is_whole })
        }
    },
    |_| Some(1.0),
)];

/// Half of what the step allows from end to end, at the first hop.
pub(super) const SOURCE_ACKS: &[Rule] = &[Rule::new(
    Signal::SOURCE_ACK,
    Unit::Ms,
    |case, _| own(case.evidence.source.ack_p99_ms),
    |case| Some(case.step.p99_limit_ms as f64 * 0.5),
)];

/// A fetch that finds nothing waits for `fetch.max.wait.ms`, 500: slow is what takes twice as long. Seen: 6 ms under
/// load, 514 ms idle.
pub(super) const SOURCE_FETCHES: &[Rule] =
    &[Rule::new(Signal::CONSUMER_FETCH_LATENCY, Unit::Ms, mean, |_| Some(1_000.0))];

/// 15 times what was seen (3 ms), and half of the round trip, 100 ms, at which one request at a time with batches of
/// 16 KiB caps a connection hard.
const SLOW_ANSWER_MS: f64 = 50.0;

pub(super) const TARGET_ACKS: &[Rule] =
    &[Rule::new(Signal::PRODUCER_REQUEST_LATENCY, Unit::Ms, mean, |_| Some(SLOW_ANSWER_MS))];

pub(super) const BLOCKED: &[Rule] = &[
    // Our choice: a task that stands still a tenth of the time has no room left. 0 in a chain that keeps up, and
    // also where only a quota holds it back.
    Rule::new(Signal::BUFFER_WAIT, Unit::Percent, mean, |_| Some(10.0)),
    // The panel's STOP, and read as its criterion reads it.
    Rule::new(Signal::BUFFER_USED, Unit::Percent, max, |_| Some(90.0)),
];

pub(super) const IN_PRODUCERS: &[Rule] = &[
    // Most of the backlog, and twice what a chain that keeps up has under way: of a small backlog most is in flight in
    // any chain. One under 1 000 records counts as none (recovery).
    Rule::new(Signal::ACTIVE_RECORDS, Unit::Records, held_by_all, |case| {
        let backlog = case.evidence.backlog.as_ref().ok()?;
        let most = backlog.max.max(RECOVERED_BELOW) as f64 * 0.5;
        Some(most.max(under_way(case) * 2.0))
    }),
    Rule::new(Signal::PRODUCER_QUEUE_TIME, Unit::Ms, mean, |case| Some(mm2_is_late_from_ms(case))),
];

/// Half of what MM2's own latency may be on average, ms.
pub(super) fn mm2_is_late_from_ms(case: &Case<'_>) -> f64 {
    case.step.mm2_avg_limit_ms as f64 * 0.5
}

/// Records that a chain which keeps up has under way at this rate: rate × median latency (Little). Where the median is
/// beyond what MM2 needs in such a chain, this one does not keep up, and its median tells of its backlog.
fn under_way(case: &Case<'_>) -> f64 {
    let p50_ms = case.evidence.latency.as_ref().map_or(f64::INFINITY, |latency| latency.intended.p50);
    case.step.rate_per_sec as f64 * p50_ms.min(mm2_is_late_from_ms(case)) / 1e3
}

/// Two polls of the default `max.poll.records`, 500, in one partition: reading does not reach its end any more. Seen
/// while keeping up: 20 at 5 000/s, 504 right after a start.
pub(super) const UNREAD: &[Rule] = &[Rule::new(Signal::CONSUMER_LAG, Unit::Records, held, |_| Some(1_000.0))];

/// Four fifths of the default `batch.size`, 16 KiB: a batch closes with the record that has no more room in it, and
/// batches of 1 KiB records reach 15.2 KiB (seen). Over 16 KiB the default is not in force, and what is, is not known.
pub(super) const FULL_BATCHES: &[Rule] = &[Rule {
    until: 16_384.0,
    ..Rule::new(Signal::PRODUCER_BATCH_SIZE, Unit::Bytes, mean, |_| Some(16_384.0 * 0.8))
}];
