//! How soon one producer's records were acknowledged: of a load that is only timed, and step by step of one that is
//! audited.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use mm2_measure::clock::RunClock;
use mm2_measure::histogram::Latency;

use crate::tag::Times;

/// Acknowledgement latencies of a load, over all its producers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AckLatency {
    /// From handing the record to the client; a wait for room in its queue counts.
    pub since_sent: Latency,
    /// From when the record was due. Of a load without due times the same as `since_sent`.
    pub since_due: Latency,
    /// From the sending, of what was sent after the warm-up; empty without one.
    pub steady: Latency,
    /// When the last of them came, microseconds since the Unix epoch; 0 before the first.
    pub last_us: u64,
}

/// What was acknowledged since the last look; latencies from the sending.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AckWindow {
    /// How many records.
    pub acked: u64,
    /// The sum of their latencies, microseconds.
    pub sum_us: u64,
    /// The largest, microseconds.
    pub max_us: u64,
}

impl AckWindow {
    fn record_us(&mut self, us: u64) {
        self.acked += 1;
        self.sum_us += us;
        self.max_us = self.max_us.max(us);
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.acked += other.acked;
        self.sum_us += other.sum_us;
        self.max_us = self.max_us.max(other.max_us);
    }
}

/// One producer's. Written by its delivery thread.
#[derive(Debug)]
pub(crate) struct Acks {
    clock: RunClock,
    acked: AtomicU64,
    failed: AtomicU64,
    /// When the last of them failed; 0 before the first.
    last_failed_us: AtomicU64,
    /// From when on what is sent counts as steady; 0 when not yet.
    steady_from_us: AtomicU64,
    seen: Mutex<(AckLatency, AckWindow)>,
    /// Of the step that was begun last; one that is judged takes no more.
    of_step: Mutex<Option<(u16, Latency)>>,
}

impl Acks {
    pub(crate) fn new(clock: RunClock) -> Self {
        let (acked, failed, last_failed_us, steady_from_us) = Default::default();
        let (seen, of_step) = Default::default();
        Self { clock, acked, failed, last_failed_us, steady_from_us, seen, of_step }
    }

    pub(crate) fn record_acked(&self, times: Times) {
        let now_us = self.clock.now_us();
        let since_sent_us = times.since_sent_us(now_us);
        let steady_from_us = self.steady_from_us.load(Relaxed);
        let mut seen = self.seen();
        let (latency, window) = &mut *seen;
        latency.since_sent.record_us(since_sent_us);
        latency.since_due.record_us(times.since_due_us(now_us));
        if steady_from_us > 0 && now_us - since_sent_us >= steady_from_us {
            latency.steady.record_us(since_sent_us);
        }
        latency.last_us = now_us;
        window.record_us(since_sent_us);
        drop(seen);
        self.acked.fetch_add(1, Relaxed);
    }

    /// A step begins.
    pub(crate) fn open(&self, step: u16) {
        *self.of_step() = Some((step, Latency::new()));
    }

    /// A record of `step` was acknowledged. What is of another step than the last one begun is left out.
    pub(crate) fn record_acked_in(&self, step: u16, sent_us: u64) {
        let took_us = self.clock.now_us().saturating_sub(sent_us);
        if let Some((_, latency)) = self.of_step().as_mut().filter(|(open, _)| *open == step) {
            latency.record_us(took_us);
        }
    }

    /// Adds what was acknowledged of `step`.
    pub(crate) fn add_step_to(&self, step: u16, all: &mut Latency) {
        if let Some((_, latency)) = self.of_step().as_ref().filter(|(open, _)| *open == step) {
            all.merge(latency);
        }
    }

    pub(crate) fn record_failed(&self) {
        self.failed.fetch_add(1, Relaxed);
        self.last_failed_us.store(self.clock.now_us(), Relaxed);
    }

    /// When the last record failed, microseconds since the Unix epoch; 0 before the first.
    pub(crate) fn last_failed_us(&self) -> u64 {
        self.last_failed_us.load(Relaxed)
    }

    /// The warm-up is over: what is sent from `now_us` on is steady.
    pub(crate) fn set_steady(&self, now_us: u64) {
        self.steady_from_us.store(now_us, Relaxed);
    }

    pub(crate) fn steady_from_us(&self) -> Option<u64> {
        Some(self.steady_from_us.load(Relaxed)).filter(|us| *us > 0)
    }

    pub(crate) fn acked(&self) -> u64 {
        self.acked.load(Relaxed)
    }

    pub(crate) fn failed(&self) -> u64 {
        self.failed.load(Relaxed)
    }

    pub(crate) fn take_window(&self) -> AckWindow {
        std::mem::take(&mut self.seen().1)
    }

    pub(crate) fn add_to(&self, all: &mut AckLatency) {
        let seen = self.seen();
        all.since_sent.merge(&seen.0.since_sent);
        all.since_due.merge(&seen.0.since_due);
        all.steady.merge(&seen.0.steady);
        all.last_us = all.last_us.max(seen.0.last_us);
    }

    fn of_step(&self) -> MutexGuard<'_, Option<(u16, Latency)>> {
        self.of_step.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seen(&self) -> MutexGuard<'_, (AckLatency, AckWindow)> {
        // A thread that died in between leaves at worst one record uncounted.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audited_load_is_told_step_by_step() {
        let clock = RunClock::start();
        let acks = Acks::new(clock);
        let of_step = |step| {
            let mut all = Latency::new();
            acks.add_step_to(step, &mut all);
            (all.count(), all.max_ms())
        };
        acks.record_acked_in(3, clock.now_us());
        assert_eq!(of_step(3), (0, None), "it was not begun");
        acks.open(3);
        acks.record_acked_in(3, clock.now_us() - 250_000);
        acks.record_acked_in(2, clock.now_us() - 9_000_000);
        let (count, max_ms) = of_step(3);
        assert!(count == 1 && (250.0..650.0).contains(&max_ms.unwrap()), "{max_ms:?}");
        acks.open(4);
        acks.record_acked_in(3, clock.now_us());
        assert_eq!((of_step(3), of_step(4)), ((0, None), (0, None)));
    }

    #[test]
    fn latency_is_told_from_the_sending_from_the_due_time_and_for_what_came_after_the_warm_up() {
        let clock = RunClock::start();
        let acks = Acks::new(clock);
        acks.record_acked(Times::of(clock.now_us() - 3_000, 2_000_000));
        acks.set_steady(clock.now_us() - 1_000_000);
        acks.record_acked(Times::of(clock.now_us() - 500_000, 0));
        acks.record_acked(Times::of(clock.now_us() - 2_000_000, 0));
        acks.record_failed();
        let mut all = AckLatency::default();
        acks.add_to(&mut all);
        assert_eq!((acks.acked(), acks.failed(), all.since_sent.count(), all.steady.count()), (3, 1, 3, 1));
        let within = |ms: Option<f64>, low: f64| assert!((low..low + 400.0).contains(&ms.unwrap()), "{ms:?}");
        within(all.since_sent.quantile_ms(0.3), 3.0);
        within(all.since_due.max_ms(), 2_000.0);
        within(all.steady.max_ms(), 500.0);
        let window = acks.take_window();
        assert_eq!(window.acked, 3);
        assert!(window.max_us >= 2_000_000 && window.sum_us >= 2_503_000, "{window:?}");
        assert_eq!(acks.take_window(), AckWindow::default());
    }
}
