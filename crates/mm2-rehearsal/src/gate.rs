//! When the next record may leave the mirror: the arithmetic of `delay` and `cap`. No waiting, no clock.

use std::time::{Duration, Instant};

use crate::faults::Faults;

/// How much unused capacity a capped mirror may save up. A longer burst would hide the cap in every
/// short window; a shorter one loses capacity whenever the writer's thread is late.
const BURST: Duration = Duration::from_millis(20);

/// Lets records through one after the other, none early and none faster than the cap.
#[derive(Debug)]
pub(crate) struct Gate {
    delay: Duration,
    cap: Option<Bucket>,
}

impl Gate {
    pub(crate) fn new(faults: &Faults, now: Instant) -> Self {
        Self { delay: faults.delay.unwrap_or_default(), cap: faults.cap_per_sec.map(|r| Bucket::new(r, now)) }
    }

    /// How long a record that came at `arrived` must still wait; `None` when it may go.
    pub(crate) fn must_wait(&self, arrived: Instant, now: Instant) -> Option<Duration> {
        let from_cap = self.cap.as_ref().map(|bucket| bucket.next);
        let free = from_cap.into_iter().fold(arrived + self.delay, Instant::max);
        free.checked_duration_since(now).filter(|wait| !wait.is_zero())
    }

    /// A record went through.
    pub(crate) fn passed(&mut self, now: Instant) {
        if let Some(bucket) = &mut self.cap {
            bucket.take(now);
        }
    }
}

/// A token bucket kept as one point in time: when the next token is there.
#[derive(Debug)]
struct Bucket {
    every: Duration,
    next: Instant,
}

impl Bucket {
    fn new(per_sec: u32, now: Instant) -> Self {
        Self { every: Duration::from_secs(1) / per_sec, next: now }
    }

    fn take(&mut self, now: Instant) {
        let oldest = now.checked_sub(BURST).unwrap_or(now);
        self.next = self.next.max(oldest) + self.every;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// How many records pass if there is always one more and the writer looks every `step`.
    fn passes(gate: &mut Gate, start: Instant, step: Duration, steps: u32) -> u32 {
        let mut passed = 0;
        for i in 1..=steps {
            let now = start + step * i;
            while gate.must_wait(start, now).is_none() {
                gate.passed(now);
                passed += 1;
            }
        }
        passed
    }

    #[test]
    fn without_faults_nothing_waits() {
        let now = Instant::now();
        assert_eq!(Gate::new(&Faults::default(), now).must_wait(now, now), None);
    }

    #[test]
    fn a_delayed_record_waits_out_its_delay_and_no_longer() {
        let now = Instant::now();
        let gate = Gate::new(&Faults { delay: Some(10 * MS), cap_per_sec: None }, now);
        assert_eq!(gate.must_wait(now, now), Some(10 * MS));
        assert_eq!(gate.must_wait(now, now + 9 * MS), Some(MS));
        assert_eq!(gate.must_wait(now, now + 10 * MS), None);
    }

    #[test]
    fn a_cap_holds_to_a_record_however_often_the_writer_looks() {
        let now = Instant::now();
        let check = |per_sec, step, steps, expect: u32| {
            let mut gate = Gate::new(&Faults { delay: None, cap_per_sec: Some(per_sec) }, now);
            let passed = passes(&mut gate, now, step, steps);
            // An interval is a whole number of nanoseconds.
            assert!(passed.abs_diff(expect) <= 1 + expect / 5000, "{passed} passed, not {expect}");
        };
        check(7200, MS, 3000, 21_600);
        check(7200, 20 * MS, 150, 21_600);
        check(300_000, MS, 1000, 300_000);
        check(3, MS, 10_000, 30);
    }

    #[test]
    fn an_idle_bucket_saves_up_no_more_than_its_burst() {
        let start = Instant::now();
        let mut gate = Gate::new(&Faults { delay: None, cap_per_sec: Some(10_000) }, start);
        let passed = passes(&mut gate, start, Duration::from_secs(60), 1);
        assert_eq!(passed, 201, "20 ms worth and the one that was there");
    }

    #[test]
    fn delay_and_cap_hold_together() {
        let start = Instant::now();
        let mut gate = Gate::new(&Faults { delay: Some(500 * MS), cap_per_sec: Some(1000) }, start);
        assert_eq!(passes(&mut gate, start, MS, 499), 0, "not before the delay");
        assert_eq!(passes(&mut gate, start, 500 * MS, 1), 21, "then what the idle bucket saved up");
        assert_eq!(gate.must_wait(start, start + 500 * MS), Some(MS), "then no faster than the cap");
    }
}
