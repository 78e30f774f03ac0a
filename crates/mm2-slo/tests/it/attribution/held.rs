//! Steps by hand: a chain that keeps up, and each hop of it made to saturate.

use std::collections::BTreeMap;

use mm2_slo::attribution::{Attribution, attribute};
use mm2_slo::evidence::SourceEvidence;
use mm2_slo::{
    CriterionName as Name, Observation, Observations, Outcome, Reason, Series, Signal, Source, StepEvidence,
    Unit, Verdict,
};

use crate::sample::{finding, healthy, p3};

pub(crate) const HOLD_S: f64 = 180.0;
/// MM2's windows look back so far.
pub(crate) const LOOKS_BACK_MS: u64 = 90_000;

/// A step at P3, everything that was measured of it, and what it came to.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) evidence: StepEvidence,
    pub(crate) panels: BTreeMap<&'static str, (Unit, f64)>,
    pub(crate) tasks: usize,
    pub(crate) verdict: Verdict,
}

/// The figures of a chain that keeps up, from scrapes of one.
pub(crate) fn calm() -> Held {
    let step = p3();
    let mut evidence = StepEvidence { hold_s: HOLD_S, ..healthy(&step) };
    evidence.source =
        SourceEvidence { ack_p99_ms: Some(12.0), ack_max_ms: Some(90.0), throttle_max_ms: Some(0) };
    let panels = BTreeMap::from([
        (Signal::ACTIVE_RECORDS, (Unit::Records, 60.0)),
        (Signal::MM2_RECORD_RATE, (Unit::RecordsPerSec, 208.0)),
        (Signal::BUFFER_USED, (Unit::Percent, 2.0)),
        (Signal::BUFFER_WAIT, (Unit::Percent, 0.0)),
        (Signal::PRODUCER_THROTTLE, (Unit::Ms, 0.0)),
        (Signal::PRODUCER_REQUEST_LATENCY, (Unit::Ms, 3.3)),
        (Signal::PRODUCER_QUEUE_TIME, (Unit::Ms, 135.0)),
        (Signal::PRODUCER_BATCH_SIZE, (Unit::Bytes, 8_406.0)),
        (Signal::CONSUMER_LAG, (Unit::Records, 192.0)),
        (Signal::CONSUMER_FETCH_LATENCY, (Unit::Ms, 6.4)),
        (Signal::CONSUMER_THROTTLE, (Unit::Ms, 0.0)),
        (Signal::WORKER_CPU, (Unit::Percent, 41.0)),
        (Signal::WORKER_GC, (Unit::Percent, 0.7)),
    ]);
    Held { evidence, panels, tasks: 2, verdict: Verdict::of(vec![]) }
}

pub(crate) fn verdict(criterion: &str, outcome: Outcome, reason: &Reason) -> Verdict {
    Verdict::of(vec![finding(criterion, outcome, reason)])
}

pub(crate) fn backlog_grows() -> Verdict {
    verdict(Name::SUSTAINED, Outcome::Stop, &Reason::ProvenBeyond { lower: 2.5, upper: 10.3 })
}

impl Held {
    /// The calm chain with a backlog of so many records and the STOP that it brings.
    pub(crate) fn behind(records: u64) -> Self {
        let mut held = Self { verdict: backlog_grows(), ..calm() };
        held.evidence.backlog.as_mut().unwrap().max = records;
        held
    }

    /// With other values of these panels.
    pub(crate) fn with(mut self, panels: &[(&'static str, f64)]) -> Self {
        for (signal, value) in panels {
            self.panels.get_mut(signal).unwrap().1 = *value;
        }
        self
    }

    pub(crate) fn without(mut self, signals: &[&str]) -> Self {
        self.panels.retain(|signal, _| !signals.contains(signal));
        self
    }

    pub(crate) fn seen(&self) -> Observations {
        let mut seen = self.evidence.observed(&p3());
        for (signal, (unit, value)) in &self.panels {
            let source = Source::gauge(*unit, 15_000).looks_back(LOOKS_BACK_MS);
            let ticks = || (0..=12).map(|tick| (tick * 15_000, *value)).collect();
            // One a task or worker but for rates, of which there is one a partition.
            let series = if *signal == Signal::MM2_RECORD_RATE { 24 } else { self.tasks };
            let series = (0..series).map(|i| Series::new(format!("{i}"), ticks()));
            seen = seen.with(*signal, Observation::Sampled(source.expect(1).series(series)));
        }
        seen
    }

    pub(crate) fn attributed(&self) -> Attribution {
        attribute(&p3(), &self.evidence, &self.seen(), &self.verdict).expect("an attribution")
    }
}

/// The step that was really held under a quota: 5 000/s into 4.9 MB/s. No panel of the runbook showed it.
pub(crate) fn under_a_quota() -> Held {
    Held::behind(18_823).with(&[
        (Signal::PRODUCER_THROTTLE, 1_381.0),
        (Signal::ACTIVE_RECORDS, 7_884.0),
        (Signal::BUFFER_USED, 16.0),
        (Signal::CONSUMER_LAG, 20.0),
        (Signal::PRODUCER_QUEUE_TIME, 1_700.0),
        (Signal::PRODUCER_BATCH_SIZE, 15_400.0),
    ])
}

/// Batches of the default size, one under way a connection: 15 KiB in 4 ms and the queue before it.
pub(crate) fn small_batches() -> Held {
    Held::behind(40_000).with(&[
        (Signal::ACTIVE_RECORDS, 19_000.0),
        (Signal::BUFFER_USED, 62.0),
        (Signal::PRODUCER_QUEUE_TIME, 2_900.0),
        (Signal::PRODUCER_REQUEST_LATENCY, 4.0),
        (Signal::PRODUCER_BATCH_SIZE, 15_570.0),
    ])
}

pub(crate) fn full_buffers() -> Held {
    small_batches().with(&[
        (Signal::BUFFER_USED, 99.0),
        (Signal::BUFFER_WAIT, 71.0),
        (Signal::CONSUMER_LAG, 40_000.0),
        // Each task holds 32 MiB at most.
        (Signal::ACTIVE_RECORDS, 8_000.0),
    ])
}

pub(crate) fn slow_target() -> Held {
    small_batches().with(&[(Signal::PRODUCER_REQUEST_LATENCY, 210.0)])
}

pub(crate) fn busy_workers() -> Held {
    small_batches().with(&[(Signal::WORKER_CPU, 99.0), (Signal::PRODUCER_REQUEST_LATENCY, 80.0)])
}

pub(crate) fn little_heap() -> Held {
    small_batches().with(&[(Signal::WORKER_GC, 34.0)])
}

pub(crate) fn slow_reading() -> Held {
    Held::behind(60_000).with(&[(Signal::CONSUMER_LAG, 5_000.0)])
}

pub(crate) fn throttled_reading() -> Held {
    slow_reading().with(&[(Signal::CONSUMER_THROTTLE, 850.0)])
}

pub(crate) fn slow_fetches() -> Held {
    slow_reading().with(&[(Signal::CONSUMER_FETCH_LATENCY, 2_400.0)])
}

pub(crate) fn throttled_source() -> Held {
    let mut held =
        Held { verdict: verdict(Name::DELIVERED, Outcome::Stop, &Reason::SourceLimited), ..calm() };
    held.evidence.source.throttle_max_ms = Some(980);
    held.evidence.load.source_blocked_ms = 31_000.0;
    held
}

pub(crate) fn slow_source() -> Held {
    let mut held = calm();
    held.evidence.source.ack_p99_ms = Some(2_600.0);
    Held { verdict: verdict(Name::P99_LATENCY, Outcome::Stop, &Reason::BeyondLimit), ..held }
}

pub(crate) fn late_generator() -> Held {
    let mut held = busy_workers();
    held.evidence.load.slip_p99_ms = Some(640.0);
    Held { verdict: verdict(Name::SLIP, Outcome::Inconclusive, &Reason::GeneratorSlip), ..held }
}
