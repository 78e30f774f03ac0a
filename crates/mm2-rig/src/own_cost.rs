//! What measuring cost this process. A measurement that eats the machine that it measures must show it.

use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// CPU and memory of this process, all threads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OwnCost {
    /// CPU time since the process began, seconds.
    pub cpu_s: f64,
    /// Largest resident set since the process began, bytes.
    pub rss_max_bytes: u64,
}

impl OwnCost {
    /// The cost so far; `None` where the system does not tell.
    pub fn now() -> Option<Self> {
        let usage = getrusage(UsageWho::RUSAGE_SELF).ok()?;
        let cpu_us = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
        // Linux counts `ru_maxrss` in KiB.
        let rss_max_bytes = u64::try_from(usage.max_rss()).ok()? * 1024;
        Some(Self { cpu_s: cpu_us as f64 / 1e6, rss_max_bytes })
    }
}

/// Measures a stretch of time.
#[derive(Debug)]
pub(crate) struct Meter {
    begun: Instant,
    before: Option<OwnCost>,
}

impl Meter {
    pub(crate) fn start() -> Self {
        Self { begun: Instant::now(), before: OwnCost::now() }
    }

    /// Mean CPU cores in use since the start.
    pub(crate) fn cores(&self) -> Option<f64> {
        Some((OwnCost::now()?.cpu_s - self.before?.cpu_s) / self.begun.elapsed().as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_shows_as_cpu_time_over_wall_time_however_busy_the_machine_is() {
        let meter = Meter::start();
        let before = OwnCost::now().unwrap();
        while OwnCost::now().unwrap().cpu_s - before.cpu_s < 0.05 {
            std::hint::black_box(&before);
        }
        let used_s = meter.cores().unwrap() * meter.begun.elapsed().as_secs_f64();
        assert!(used_s >= 0.05, "{used_s}");
        assert!(OwnCost::now().unwrap().rss_max_bytes > 1 << 20);
    }
}
