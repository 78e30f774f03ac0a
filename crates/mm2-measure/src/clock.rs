//! The one clock of a run: wall time once, monotonic ever after.
//!
//! Sender and probe of one process share it, so a latency is never negative and a step of NTP in the
//! middle of a run moves nothing.

use std::time::{Duration, Instant, SystemTime};

/// Microseconds since the Unix epoch, anchored to wall time when started and monotonic from there.
#[derive(Debug, Clone, Copy)]
pub struct RunClock {
    started: Instant,
    started_us: u64,
}

impl RunClock {
    /// Starts the clock: reads wall time, for the only time.
    pub fn start() -> Self {
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self { started: Instant::now(), started_us: since_epoch.as_micros() as u64 }
    }

    /// Now, microseconds since the Unix epoch; never less than an earlier answer.
    pub fn now_us(&self) -> u64 {
        self.started_us + self.started.elapsed().as_micros() as u64
    }

    /// The instant at which [`now_us`](Self::now_us) becomes `us`, to sleep until; a time before the
    /// clock's start is the start.
    pub fn instant_of(&self, us: u64) -> Instant {
        self.started + Duration::from_micros(us.saturating_sub(self.started_us))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_at_wall_time_and_never_steps_back() {
        let wall_us = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_micros() as u64;
        let clock = RunClock::start();
        let mut last = clock.now_us();
        assert!(last.abs_diff(wall_us) < 1_000_000, "{last} is not within a second of {wall_us}");
        for _ in 0..10_000 {
            let now = clock.now_us();
            assert!(now >= last);
            last = now;
        }
    }

    #[test]
    fn sleeping_until_an_instant_reaches_its_time() {
        let clock = RunClock::start();
        let due = clock.now_us() + 2_000;
        std::thread::sleep(clock.instant_of(due).saturating_duration_since(Instant::now()));
        assert!(clock.now_us() >= due);
        assert!(clock.now_us() < due + 1_000_000);
    }

    #[test]
    fn a_time_before_the_start_is_the_start() {
        let clock = RunClock::start();
        assert_eq!(clock.instant_of(0), clock.started);
    }
}
