//! When the next record may leave the mirror: the arithmetic of `delay`, `cap` and `stall`. No waiting, no
//! clock.

use std::time::{Duration, Instant};

use crate::faults::{Faults, STALL_AFTER};
use crate::journal::During;
use crate::mirror::Tag;

/// How much unused capacity a capped mirror may save up. A longer burst would hide the cap in every
/// short window; a shorter one loses capacity whenever the writer's thread is late.
const BURST: Duration = Duration::from_millis(20);

/// Lets records through one after the other, none early, none faster than the cap, none in a stall. Those
/// that came before the faults began go at once.
#[derive(Debug)]
pub(crate) struct Gate {
    delay: Duration,
    cap: Option<Bucket>,
    stall: Option<Stall>,
}

impl Gate {
    pub(crate) fn new(faults: &Faults, now: Instant) -> Self {
        Self {
            delay: faults.delay.unwrap_or_default(),
            cap: faults.cap_per_sec.map(|per_sec| Bucket::new(per_sec, now)),
            stall: faults.stall.map(|lasts| Stall { lasts, latest: None }),
        }
    }

    /// How long a record must still wait; `None` when it may go.
    pub(crate) fn must_wait(&mut self, tag: Tag, now: Instant) -> Option<Duration> {
        if !tag.during.faulty {
            return None;
        }
        let from_cap = self.cap.as_ref().map(|bucket| bucket.next);
        let from_stall = self.stall.as_mut().and_then(|stall| stall.holds_until(tag, now));
        let free = from_cap.into_iter().chain(from_stall).fold(tag.arrived + self.delay, Instant::max);
        free.checked_duration_since(now).filter(|wait| !wait.is_zero())
    }

    /// A record went through.
    pub(crate) fn passed(&mut self, tag: Tag, now: Instant) {
        if let Some(bucket) = self.cap.as_mut().filter(|_| tag.during.faulty) {
            bucket.take(now);
        }
    }

    /// The step with the latest stall, and how long that has lasted; `None` while it has not begun.
    pub(crate) fn stalled(&self, now: Instant) -> Option<(usize, Duration)> {
        let stall = self.stall.as_ref()?;
        let (step, begins) = stall.latest?;
        now.checked_duration_since(begins).map(|since| (step, since.min(stall.lasts)))
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

/// One standstill a hold, some time behind its first record.
#[derive(Debug)]
struct Stall {
    lasts: Duration,
    /// Step and beginning of the latest one; known once that record is there.
    latest: Option<(usize, Instant)>,
}

impl Stall {
    fn holds_until(&mut self, tag: Tag, now: Instant) -> Option<Instant> {
        let During { step, stalls, .. } = tag.during;
        if stalls && self.latest.is_none_or(|(latest, _)| latest != step) {
            self.latest = Some((step, tag.arrived + STALL_AFTER));
        }
        let (_, begins) = self.latest?;
        (now >= begins).then_some(begins + self.lasts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mirror::Part;

    const MS: Duration = Duration::from_millis(1);
    const S: Duration = Duration::from_secs(1);

    fn gate(faults: &str, now: Instant) -> Gate {
        Gate::new(&faults.parse().unwrap(), now)
    }

    fn came(arrived: Instant) -> Tag {
        came_in(1, arrived)
    }

    fn came_in(step: usize, arrived: Instant) -> Tag {
        let during = During { step, faulty: true, stalls: step < 3 };
        Tag { arrived, ..Tag::new(0, Part::First, during) }
    }

    /// How many records pass if there is always one more and the writer looks every `step`.
    fn passes(gate: &mut Gate, start: Instant, step: Duration, steps: u32) -> u32 {
        let record = came(start);
        let mut passed = 0;
        for i in 1..=steps {
            let now = start + step * i;
            while gate.must_wait(record, now).is_none() {
                gate.passed(record, now);
                passed += 1;
            }
        }
        passed
    }

    #[test]
    fn without_faults_nothing_waits() {
        let now = Instant::now();
        assert_eq!(Gate::new(&Faults::default(), now).must_wait(came(now), now), None);
    }

    #[test]
    fn what_came_before_the_faults_waits_for_nothing_and_uses_up_nothing() {
        let now = Instant::now();
        let mut gate = gate("delay=10s,cap=1/s,stall=10s", now);
        let before = Tag { during: During { step: 0, faulty: false, stalls: false }, ..came(now) };
        for _ in 0..100 {
            assert_eq!(gate.must_wait(before, now), None);
            gate.passed(before, now);
        }
        assert_eq!(gate.stalled(now + 60 * S), None);
        assert_eq!(gate.must_wait(came(now), now + 9 * S), Some(6 * S), "the stall, not the cap");
    }

    #[test]
    fn a_delayed_record_waits_out_its_delay_and_no_longer() {
        let now = Instant::now();
        let mut gate = gate("delay=10ms", now);
        assert_eq!(gate.must_wait(came(now), now), Some(10 * MS));
        assert_eq!(gate.must_wait(came(now), now + 9 * MS), Some(MS));
        assert_eq!(gate.must_wait(came(now), now + 10 * MS), None);
    }

    #[test]
    fn a_cap_holds_to_a_record_however_often_the_writer_looks() {
        let now = Instant::now();
        let check = |per_sec: u32, step, steps, expect: u32| {
            let mut gate = gate(&format!("cap={per_sec}/s"), now);
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
        let mut gate = gate("cap=10000/s", start);
        let passed = passes(&mut gate, start, Duration::from_secs(60), 1);
        assert_eq!(passed, 201, "20 ms worth and the one that was there");
    }

    #[test]
    fn a_stall_is_one_standstill_a_hold_that_begins_5_s_after_its_first_record() {
        let start = Instant::now();
        let mut gate = gate("stall=10s", start);
        let late = start + 3600 * S;
        assert_eq!(gate.must_wait(came(late), late), None, "not before the faults");
        let mut at = |after: Duration| {
            let now = late + after;
            (gate.must_wait(came(now), now), gate.stalled(now))
        };
        assert_eq!(at(4999 * MS), (None, None));
        assert_eq!(at(5 * S), (Some(10 * S), Some((1, Duration::ZERO))));
        assert_eq!(at(14_999 * MS), (Some(MS), Some((1, 9999 * MS))));
        assert_eq!(at(15 * S), (None, Some((1, 10 * S))));
        assert_eq!(at(100 * S), (None, Some((1, 10 * S))), "once");
        for (step, expect) in [(2, Some(10 * S)), (3, None)] {
            let later = late + 1000 * S * step as u32;
            gate.must_wait(came_in(step, later), later);
            let in_it = later + STALL_AFTER;
            assert_eq!(gate.must_wait(came_in(step, in_it), in_it), expect, "in step {step}");
        }
    }

    #[test]
    fn delay_and_cap_hold_together() {
        let start = Instant::now();
        let mut gate = gate("delay=500ms,cap=1000/s", start);
        assert_eq!(passes(&mut gate, start, MS, 499), 0, "not before the delay");
        assert_eq!(passes(&mut gate, start, 500 * MS, 1), 21, "then what the idle bucket saved up");
        let wait = gate.must_wait(came(start), start + 500 * MS);
        assert_eq!(wait, Some(MS), "then no faster than the cap");
    }
}
