//! perf-test's lines while the load is on: what was acknowledged in each interval.

use std::time::Duration;

use mm2_cli::Printer;
use mm2_load::{AckWindow, Pace, TimedLoad};
use mm2_measure::RunClock;

use crate::perf_lines::MIB;

pub(crate) struct Windows {
    printer: Printer,
    to_stdout: bool,
    every_us: u64,
    clock: RunClock,
    begun_us: u64,
    value_bytes: f64,
    is_steady: bool,
}

impl Windows {
    pub(crate) fn new(
        printer: &Printer,
        to_stdout: bool,
        every: Duration,
        pace: Pace,
        clock: RunClock,
        value_bytes: f64,
    ) -> Self {
        Self {
            printer: printer.clone(),
            to_stdout,
            every_us: every.as_micros() as u64,
            clock,
            begun_us: pace.t0_us(),
            value_bytes,
            is_steady: false,
        }
    }

    pub(crate) fn look(&mut self, load: &TimedLoad) {
        let now_us = self.clock.now_us();
        if now_us.saturating_sub(self.begun_us) < self.every_us {
            return;
        }
        let seconds = (now_us - self.begun_us) as f64 / 1e6;
        self.begun_us = now_us;
        if !self.is_steady && load.steady_from_us().is_some() {
            self.is_steady = true;
            self.say("In steady state.");
        }
        match line(load.take_window(), seconds, self.value_bytes) {
            Some(line) => self.say(&line),
            // perf-test says nothing then; a line of its kind would need a latency that there is not.
            None => self.printer.line(&format!("nothing was acknowledged in the last {seconds:.1} s")),
        }
    }

    fn say(&self, line: &str) {
        if self.to_stdout {
            // A full disk shows at the summary, which is what counts.
            self.printer.data(line).ok();
        } else {
            self.printer.line(line);
        }
    }
}

/// One interval in perf-test's words; `None` when nothing was acknowledged in it.
fn line(window: AckWindow, seconds: f64, value_bytes: f64) -> Option<String> {
    let AckWindow { acked, sum_us, max_us } = window;
    (acked > 0).then(|| {
        let per_sec = acked as f64 / seconds;
        format!(
            "{acked} records sent, {per_sec:.1} records/sec ({:.2} MB/sec), {:.1} ms avg latency, {:.1} ms max latency.",
            per_sec * value_bytes / MIB,
            sum_us as f64 / acked as f64 / 1_000.0,
            max_us as f64 / 1_000.0
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_reads_as_perf_tests() {
        let window = AckWindow { acked: 5_000, sum_us: 10_000_000, max_us: 41_260 };
        assert_eq!(
            line(window, 5.0, 1_024.0).unwrap(),
            "5000 records sent, 1000.0 records/sec (0.98 MB/sec), 2.0 ms avg latency, 41.3 ms max latency."
        );
        assert_eq!(line(AckWindow::default(), 5.0, 1_024.0), None);
    }
}
