//! Warming the chain up: cold JVMs answer in seconds what warm ones answer in tenths of one.

use std::time::Duration;

use mm2_evidence::RunLog;
use mm2_evidence::event::What;

use crate::error::RigError;
use crate::hold::OnLoad;
use crate::rig::Rig;

/// The windows whose p99 are compared.
const WINDOW: Duration = Duration::from_secs(10);
/// A chain is warm when the p99 of a window is no longer this much below that of the one before.
const STILL_FALLING_BELOW: f64 = 0.8;

/// How long to warm up, and at which rate.
#[derive(Debug, Clone, Copy)]
pub struct WarmUp {
    /// Records per second.
    pub rate_per_sec: u64,
    /// For at least this long; zero is none at all.
    pub at_least: Duration,
    /// Until the p99 stops falling, but not longer than this.
    pub at_most: Duration,
}

impl Rig<'_> {
    /// Loads the chain until it is warm, then lets it drain. Nothing of this is judged.
    ///
    /// # Errors
    /// When the load cannot be put on, the evidence cannot be written, or the run shall end.
    pub async fn warm_up(&mut self, warm_up: &WarmUp, log: &mut RunLog) -> Result<(), RigError> {
        if warm_up.at_least.is_zero() {
            return Ok(());
        }
        let (rate_per_sec, at_least_s) = (warm_up.rate_per_sec, warm_up.at_least.as_secs_f64());
        self.record(log, What::WarmUpStarted { rate_per_sec, at_least_s })?;
        let at_most = warm_up.at_most.max(warm_up.at_least);
        let mut on = self.load_on("warm-up", rate_per_sec, at_most, u64::MAX / 1_000, log)?;
        let mut windows = Windows::default();
        while !on.is_over() {
            self.look(&mut on, log).await?;
            let elapsed = Duration::from_millis(on.since_t0_ms(self.now_us()));
            windows.note(elapsed, &mut on);
            if elapsed >= warm_up.at_least && windows.settled() {
                break;
            }
        }
        let seconds = on.since_t0_ms(self.now_us()) as f64 / 1_000.0;
        if let Some(load) = &on.load {
            load.stop();
        }
        on.take_report();
        self.drain(&mut on, log).await?;
        let settled = windows.settled();
        self.record(log, What::WarmUpEnded { seconds, window_p99_ms: windows.p99_ms, settled })
    }

    /// Waits until nothing is under way, at most for the recovery limit.
    async fn drain(&mut self, on: &mut OnLoad, log: &mut RunLog) -> Result<(), RigError> {
        let begun_us = self.now_us();
        let limit_us = self.options.recovery_limit.as_micros() as u64;
        loop {
            self.look(on, log).await?;
            let left = self.audit().backlog(on.number, &on.ledger) + on.ledger.pending();
            let at_limit = self.now_us() - begun_us >= limit_us;
            if left == 0 || at_limit {
                self.undrained = left > 0;
                break;
            }
        }
        let now_us = self.now_us();
        self.quiet_since_us = now_us;
        // Not judged: closing only frees the memory.
        drop(self.audit().close(on.number, &on.ledger, now_us, 0, true));
        Ok(())
    }
}

/// The p99 of consecutive windows.
#[derive(Debug, Default)]
struct Windows {
    p99_ms: Vec<f64>,
}

impl Windows {
    fn note(&mut self, elapsed: Duration, on: &mut OnLoad) {
        let whole = (elapsed.as_secs() / WINDOW.as_secs()) as usize;
        if whole > self.p99_ms.len() {
            self.p99_ms.extend(on.take_window_p99_ms());
        }
    }

    /// Whether the last window's p99 is not clearly below the one before. A single window settles nothing,
    /// unless the warm-up is shorter than two.
    fn settled(&self) -> bool {
        match self.p99_ms.as_slice() {
            [.., before, last] => *last >= before * STILL_FALLING_BELOW,
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_is_warm_when_its_p99_stops_falling_by_a_fifth() {
        let check = |p99_ms: &[f64], expect| {
            assert_eq!(Windows { p99_ms: p99_ms.to_vec() }.settled(), expect, "{p99_ms:?}");
        };
        check(&[10_900.0, 800.0], false);
        check(&[10_900.0, 800.0, 100.0], false);
        check(&[10_900.0, 800.0, 100.0, 95.0], true);
        check(&[100.0, 300.0], true);
        check(&[], true);
    }
}
