//! How the script's load goes: a live block on a terminal, elsewhere a line every 10 s.

use std::io::IsTerminal as _;

use mm2_cli::{Printer, Progress, ProgressView};
use mm2_load::{Pace, TimedLoad};
use mm2_measure::RunClock;

/// Between two plain lines.
const LINE_EVERY_US: u64 = 10_000_000;
/// Between two pictures of the live block.
const LIVE_EVERY_US: u64 = 1_000_000;

/// Watches one load.
pub(crate) struct Statistics {
    progress: Progress,
    /// `Progress` alone would print a plain line every 30 s; the script's users are used to 10.
    live: bool,
    pace: Pace,
    clock: RunClock,
    next_us: u64,
    /// When the last interval ended and what was acknowledged by then.
    last: (u64, u64),
    slip_max_ms: f64,
}

/// The figures of one moment.
#[derive(Debug, Clone, Copy)]
struct Figures {
    elapsed_s: f64,
    hold_s: f64,
    asked_per_sec: u64,
    interval_per_sec: f64,
    overall_per_sec: f64,
    acked: u64,
    failed: u64,
    pending: u64,
    slip_max_ms: f64,
}

impl Statistics {
    pub(crate) fn new(printer: &Printer, pace: Pace, clock: RunClock) -> Self {
        let mut statistics = Self {
            progress: Progress::new(printer),
            live: std::io::stderr().is_terminal(),
            pace,
            clock,
            next_us: pace.t0_us(),
            last: (pace.t0_us(), 0),
            slip_max_ms: 0.0,
        };
        statistics.next_us += statistics.every_us();
        statistics
    }

    /// Looks at the load, and shows it when it is time.
    pub(crate) fn look(&mut self, load: &TimedLoad) {
        self.slip_max_ms = self.slip_max_ms.max(load.take_slip_max_ms());
        let now_us = self.clock.now_us();
        if now_us < self.next_us {
            return;
        }
        while self.next_us <= now_us {
            self.next_us += self.every_us();
        }
        let figures = self.figures(load, now_us);
        self.last = (now_us, figures.acked);
        self.slip_max_ms = 0.0;
        if self.live {
            self.progress.live(&figures.view());
        } else {
            self.progress.event(&figures.line());
        }
    }

    fn every_us(&self) -> u64 {
        if self.live { LIVE_EVERY_US } else { LINE_EVERY_US }
    }

    fn figures(&self, load: &TimedLoad, now_us: u64) -> Figures {
        let seconds_since = |us: u64| now_us.saturating_sub(us).max(1) as f64 / 1e6;
        let (acked, elapsed_s) = (load.acked(), seconds_since(self.pace.t0_us()));
        Figures {
            elapsed_s,
            hold_s: self.pace.end_us().unwrap_or(0).saturating_sub(self.pace.t0_us()) as f64 / 1e6,
            asked_per_sec: self.pace.rate_per_sec().unwrap_or(0),
            interval_per_sec: acked.saturating_sub(self.last.1) as f64 / seconds_since(self.last.0),
            overall_per_sec: acked as f64 / elapsed_s,
            acked,
            failed: load.failed(),
            pending: load.pending(),
            slip_max_ms: self.slip_max_ms,
        }
    }
}

impl Figures {
    fn view(&self) -> ProgressView {
        let Self { elapsed_s, hold_s, asked_per_sec, interval_per_sec, overall_per_sec, .. } = self;
        let Self { acked, failed, pending, slip_max_ms, .. } = self;
        ProgressView {
            headline: format!("{:.0} s of {hold_s:.0} s   asked {asked_per_sec}/s", elapsed_s.min(*hold_s)),
            lines: vec![
                format!("achieved {interval_per_sec:.1}/s now, {overall_per_sec:.1}/s overall"),
                format!(
                    "acknowledged {acked}   failed {failed}   pending {pending}   slip max {slip_max_ms:.0} ms"
                ),
            ],
        }
    }

    fn line(&self) -> String {
        let view = self.view();
        let all: Vec<String> = std::iter::once(view.headline).chain(view.lines).collect();
        all.join("   ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_every_figure() {
        let figures = Figures {
            elapsed_s: 20.04,
            hold_s: 300.0,
            asked_per_sec: 1_000,
            interval_per_sec: 999.96,
            overall_per_sec: 998.0,
            acked: 19_998,
            failed: 1,
            pending: 41,
            slip_max_ms: 3.4,
        };
        assert_eq!(
            figures.line(),
            "20 s of 300 s   asked 1000/s   achieved 1000.0/s now, 998.0/s overall   \
             acknowledged 19998   failed 1   pending 41   slip max 3 ms"
        );
    }
}
