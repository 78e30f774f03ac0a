//! The load itself: on, watched, off, and the last acknowledgements waited for.

use std::sync::Arc;
use std::time::Duration;

use mm2_cli::{Failure, OrFail, Printer, Stop};
use mm2_kafka::{Cluster, TopicPartition};
use mm2_load::{LoadReport, Loader, Pace, TimedLoad, TimedSpec};
use mm2_measure::{RunClock, RunId};

use crate::order::Order;
use crate::outcome::Outcome;
use crate::watch::Watch;

/// From the call to the first record: the sender threads have started by then.
const LEAD: Duration = Duration::from_millis(200);
const LOOK_EVERY: Duration = Duration::from_millis(100);
const SETTLE_LOOK_EVERY: Duration = Duration::from_millis(20);
/// What is acknowledged later than this after the end does not count as achieved.
const IN_TIME_US: u64 = 5_000_000;

/// Puts the load on, and says what became of it. `json`: stdout is for the summary alone.
///
/// # Errors
/// When the settings make no load, or its producers cannot be made.
pub(crate) async fn bomb(
    source: &Cluster,
    slots: Vec<TopicPartition>,
    order: &Order,
    json: bool,
    stop: &Stop,
    printer: &Printer,
) -> Result<Outcome, Failure> {
    let payloads = Arc::new(order.values.payloads().or_usage()?);
    let (clock, partitions) = (RunClock::start(), slots.len() as u32);
    let loader = Loader::new(source, RunId::fresh(), clock, slots, &order.loader).or_unavailable()?;
    source.health().take_throttle_max_ms();

    let t0_us = clock.now_us() + LEAD.as_micros() as u64;
    let pace = order.rate.pace(t0_us, partitions).or_usage()?;
    let value_bytes = payloads.mean_bytes();
    let spec = TimedSpec {
        pace,
        payloads,
        keys: order.keys,
        in_a_row: order.in_a_row,
        warm_up_records: order.warm_up_records(),
    };
    let mut on = On {
        load: loader.time(&spec).or_bug()?,
        pace,
        clock,
        watch: Watch::new(order.manner, json, pace, clock, value_bytes, printer),
        in_time: InTime::of(pace),
        progress: (0, clock.now_us()),
        delivery_timeout_ms: order.loader.delivery_timeout_ms,
    };
    on.send(stop, printer).await;
    let report = on.load.join();
    let off_us = clock.now_us();
    on.settle(off_us, stop, printer).await;
    let throttle_max_ms = source.health().take_throttle_max_ms();
    Ok(on.outcome(&report, off_us, throttle_max_ms, value_bytes, stop.is_stopped()))
}

/// A load that is on, and whoever looks at it.
struct On {
    load: TimedLoad,
    pace: Pace,
    clock: RunClock,
    watch: Watch,
    in_time: InTime,
    /// How many were acknowledged when one last was, and when.
    progress: (u64, u64),
    delivery_timeout_ms: u64,
}

/// What was acknowledged by 5 s after the end of the schedule.
struct InTime {
    until_us: Option<u64>,
    acked: Option<u64>,
}

impl InTime {
    fn of(pace: Pace) -> Self {
        Self { until_us: pace.end_us().map(|end_us| end_us + IN_TIME_US), acked: None }
    }

    fn look(&mut self, now_us: u64, acked: u64) {
        if self.until_us.is_some_and(|until_us| now_us >= until_us) {
            self.acked.get_or_insert(acked);
        }
    }
}

impl On {
    /// Until the senders are done, or the person or the source ends it.
    async fn send(&mut self, stop: &Stop, printer: &Printer) {
        while !self.load.is_over() {
            tokio::time::sleep(LOOK_EVERY).await;
            let now_us = self.look();
            if stop.is_stopped() {
                self.load.stop();
            } else if self.is_hopeless(now_us) {
                printer.warn(&format!(
                    "nothing was acknowledged for {} s and {} records failed: the rest is not sent",
                    self.delivery_timeout_ms / 1_000,
                    self.load.failed()
                ));
                self.load.stop();
            }
        }
    }

    /// Waits until every record has its outcome, or none can have one any more. An interrupted load is not waited
    /// for longer than acknowledgements count as in time.
    async fn settle(&mut self, off_us: u64, stop: &Stop, printer: &Printer) {
        // The client needs a moment to give up what has timed out.
        let at_most_us = IN_TIME_US + self.delivery_timeout_ms * 1_000 + 1_000_000;
        let mut told = false;
        while self.load.pending() > 0 {
            let waited_us = self.look().saturating_sub(off_us);
            if waited_us >= at_most_us || (waited_us >= IN_TIME_US && stop.is_stopped()) {
                return;
            }
            if waited_us >= IN_TIME_US && !told {
                told = true;
                printer.line(&format!(
                    "{} records are not acknowledged {} s after the end; waiting at most {} s for what becomes of them",
                    self.load.pending(),
                    IN_TIME_US / 1_000_000,
                    (at_most_us - IN_TIME_US) / 1_000_000
                ));
            }
            tokio::time::sleep(SETTLE_LOOK_EVERY).await;
        }
    }

    fn look(&mut self) -> u64 {
        let (now_us, acked) = (self.clock.now_us(), self.load.acked());
        if acked > self.progress.0 {
            self.progress = (acked, now_us);
        }
        self.in_time.look(now_us, acked);
        self.watch.look(&self.load);
        now_us
    }

    /// A load that goes on until all is sent would fail record by record for hours on a source that is gone.
    fn is_hopeless(&self, now_us: u64) -> bool {
        let silent_us = now_us.saturating_sub(self.progress.1);
        !matches!(self.pace, Pace::Hold(_))
            && self.load.failed() > 0
            && silent_us >= self.delivery_timeout_ms * 1_000
    }

    fn outcome(
        self,
        report: &LoadReport,
        off_us: u64,
        throttle_max_ms: u64,
        value_bytes: f64,
        interrupted: bool,
    ) -> Outcome {
        let (t0_us, latency) = (self.pace.t0_us(), self.load.latency());
        let end_us = match (self.pace, self.pace.end_us()) {
            // A hold lasts as long as it lasts; a number of records, until the last is acknowledged.
            (Pace::Hold(_), Some(end_us)) => off_us.min(end_us),
            _ => latency.last_us.max(t0_us + 1),
        };
        let steady_us =
            self.load.steady_from_us().map_or(0, |from_us| latency.last_us.saturating_sub(from_us));
        let acked = self.load.acked();
        Outcome {
            asked_per_sec: self.pace.rate_per_sec(),
            is_hold: matches!(self.pace, Pace::Hold(_)),
            duration_s: end_us.saturating_sub(t0_us) as f64 / 1e6,
            steady_s: steady_us.max(1) as f64 / 1e6,
            due: self.pace.due_by(if matches!(self.pace, Pace::Hold(_)) { end_us } else { off_us }),
            sent: report.sent,
            acked,
            acked_in_time: self.in_time.acked.unwrap_or(acked),
            failed: self.load.failed(),
            unacknowledged: self.load.pending(),
            first_failure: self.load.first_failure(),
            slip_p99_ms: report.slip.quantile_ms(0.99),
            slip_max_ms: report.slip.max_ms(),
            source_blocked_ms: report.source_blocked_ms,
            throttle_max_ms,
            value_bytes,
            interrupted,
            latency,
        }
    }
}
