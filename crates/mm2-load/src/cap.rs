//! A ceiling on how fast a sender catches up after it was held back.
//!
//! Unlimited catch-up would test a burst that nobody asked for; dropping would test less than was asked.
//! Twice the rate is what wrk2 does. governor is the ceiling, not the clock: its own waiting misses a
//! rate by a third.

use std::num::NonZeroU32;

use governor::clock::{Clock, DefaultClock};
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

/// The longest run of records that may go out at once, as a share of a second.
const BURST_PER_SEC: u32 = 100;

/// Lets through at most twice a sender's rate.
pub(crate) struct CatchUpCap<C: Clock = DefaultClock> {
    bucket: RateLimiter<NotKeyed, InMemoryState, C, governor::middleware::NoOpMiddleware<C::Instant>>,
    burst: NonZeroU32,
}

impl CatchUpCap {
    /// A cap for a sender of `rate_per_sec` records a second.
    pub(crate) fn new(rate_per_sec: u64) -> Self {
        Self::with_clock(rate_per_sec, DefaultClock::default())
    }
}

impl<C: Clock> CatchUpCap<C> {
    fn with_clock(rate_per_sec: u64, clock: C) -> Self {
        let twice = u32::try_from(rate_per_sec.saturating_mul(2)).unwrap_or(u32::MAX);
        let twice = NonZeroU32::new(twice).unwrap_or(NonZeroU32::MIN);
        let burst = NonZeroU32::new(twice.get().div_ceil(BURST_PER_SEC).max(2)).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(twice).allow_burst(burst);
        Self { bucket: RateLimiter::direct_with_clock(quota, clock), burst }
    }

    /// How many of `due` records may go out now; 0 means: a moment later.
    pub(crate) fn permit(&self, due: u64) -> u64 {
        let mut ask = NonZeroU32::new(u32::try_from(due).unwrap_or(u32::MAX)).map(|n| n.min(self.burst));
        // When the whole batch does not fit, a smaller one may.
        while let Some(n) = ask {
            if matches!(self.bucket.check_n(n), Ok(Ok(()))) {
                return u64::from(n.get());
            }
            ask = NonZeroU32::new(n.get() / 2);
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;

    use super::*;

    #[test]
    fn on_schedule_nothing_is_held_back() {
        let clock = FakeRelativeClock::default();
        let cap = CatchUpCap::with_clock(10_000, clock.clone());
        for _ in 0..1_000 {
            clock.advance(Duration::from_millis(1));
            assert_eq!(cap.permit(10), 10);
        }
    }

    #[test]
    fn after_a_stall_the_rest_goes_out_at_twice_the_rate() {
        let clock = FakeRelativeClock::default();
        let cap = CatchUpCap::with_clock(10_000, clock.clone());
        clock.advance(Duration::from_secs(5));
        let mut sent = 0;
        for _ in 0..1_000 {
            sent += cap.permit(50_000);
            clock.advance(Duration::from_millis(1));
        }
        assert!((19_500..=20_400).contains(&sent), "{sent} in one second at 10 000/s");
    }
}
