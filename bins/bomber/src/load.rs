//! The load itself: on, watched, off, and the last acknowledgements waited for.

use std::sync::Arc;
use std::time::Duration;

use mm2_cli::{Failure, OrFail, Printer, Stop};
use mm2_kafka::{Cluster, TopicPartition};
use mm2_load::{LoadReport, Loader, Pace, TimedLoad, TimedSpec};
use mm2_measure::{RunClock, RunId};

use crate::order::{Manner, Order};
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
        manner: order.manner,
        progress: (0, clock.now_us()),
        delivery_timeout_ms: order.loader.delivery_timeout_ms,
    };
    on.send(stop, printer).await;
    let report = on.load.join();
    let off_us = clock.now_us();
    on.settle(off_us, stop, printer).await;
    let throttle_max_ms = source.health().take_throttle_max_ms();
    let ended = Ended { off_us, settled_us: clock.now_us(), interrupted: stop.is_stopped() };
    Ok(on.outcome(&report, ended, throttle_max_ms, value_bytes))
}

/// A load that is on, and whoever looks at it.
struct On {
    load: TimedLoad,
    pace: Pace,
    clock: RunClock,
    watch: Watch,
    in_time: InTime,
    manner: Manner,
    /// How many were acknowledged when one last was, and when.
    progress: (u64, u64),
    delivery_timeout_ms: u64,
}

/// What was sent by the end of the schedule, and what was acknowledged by 5 s later.
struct InTime {
    end_us: Option<u64>,
    sent: Option<u64>,
    acked: Option<u64>,
}

impl InTime {
    fn of(pace: Pace) -> Self {
        Self { end_us: pace.end_us(), sent: None, acked: None }
    }

    fn look(&mut self, now_us: u64, sent: u64, acked: u64) {
        let Some(end_us) = self.end_us else { return };
        if now_us >= end_us {
            self.sent.get_or_insert(sent);
        }
        if now_us >= end_us + IN_TIME_US {
            self.acked.get_or_insert(acked);
        }
    }

    /// Until the next look: not past the end of the schedule, since a sender that is late goes on sending.
    fn nap(&self, now_us: u64) -> Duration {
        let to_end_us = self.end_us.map_or(u64::MAX, |end_us| end_us.saturating_sub(now_us));
        if to_end_us == 0 { LOOK_EVERY } else { LOOK_EVERY.min(Duration::from_micros(to_end_us)) }
    }
}

/// When a load came to its end, microseconds since the Unix epoch.
#[derive(Debug, Clone, Copy)]
struct Ended {
    /// The senders were done.
    off_us: u64,
    /// Nothing more was waited for.
    settled_us: u64,
    interrupted: bool,
}

impl Ended {
    /// Up to when a rate counts that has no end by its schedule: the last acknowledgement, when all have come. What
    /// failed, is unknown or was cut off took its time too, or a source that hangs would have been fast.
    fn counted_to_us(
        self,
        last_acked_us: u64,
        last_failed_us: Option<u64>,
        failed: u64,
        pending: u64,
    ) -> u64 {
        if pending > 0 {
            self.settled_us
        } else if failed > 0 || self.interrupted {
            last_acked_us.max(last_failed_us.unwrap_or(0)).max(self.off_us)
        } else {
            last_acked_us
        }
    }
}

impl On {
    /// Until the senders are done, or the person or the source ends it.
    async fn send(&mut self, stop: &Stop, printer: &Printer) {
        while !self.load.is_over() {
            tokio::time::sleep(self.in_time.nap(self.clock.now_us())).await;
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
        self.in_time.look(now_us, self.load.sent(), acked);
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

    fn outcome(self, report: &LoadReport, ended: Ended, throttle_max_ms: u64, value_bytes: f64) -> Outcome {
        let (t0_us, latency, off_us) = (self.pace.t0_us(), self.load.latency(), ended.off_us);
        let (acked, failed, pending) = (self.load.acked(), self.load.failed(), self.load.pending());
        let counted_to_us =
            ended.counted_to_us(latency.last_us, self.load.last_failed_us(), failed, pending).max(t0_us + 1);
        let end_us = match (self.pace, self.pace.end_us()) {
            // A hold lasts as long as it lasts; a number of records, until the last has its outcome.
            (Pace::Hold(_), Some(end_us)) => off_us.min(end_us),
            _ => counted_to_us,
        };
        let steady_us = self.load.steady_from_us().map_or(0, |from_us| counted_to_us.saturating_sub(from_us));
        Outcome {
            manner: self.manner,
            asked_per_sec: self.pace.rate_per_sec(),
            is_hold: matches!(self.pace, Pace::Hold(_)),
            duration_s: end_us.saturating_sub(t0_us) as f64 / 1e6,
            steady_s: steady_us.max(1) as f64 / 1e6,
            due: self.pace.due_by(if matches!(self.pace, Pace::Hold(_)) { end_us } else { off_us }),
            sent: report.sent,
            sent_in_time: self.in_time.sent.unwrap_or(report.sent),
            acked,
            acked_in_time: self.in_time.acked.unwrap_or(acked),
            failed,
            unacknowledged: pending,
            first_failure: self.load.first_failure(),
            slip_p99_ms: report.slip.quantile_ms(0.99),
            slip_max_ms: report.slip.max_ms(),
            source_blocked_ms: report.source_blocked_ms,
            client_blocked_ms: report.client_blocked_ms,
            throttle_max_ms,
            value_bytes,
            interrupted: ended.interrupted,
            latency,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_behind_the_schedule_is_not_sent_in_time() {
        let mut in_time = InTime { end_us: Some(30_000_000), sent: None, acked: None };
        for (now_us, sent) in [(29_999_999, 19_000), (30_000_010, 20_000), (34_000_000, 29_000)] {
            in_time.look(now_us, sent, sent - 100);
        }
        assert_eq!((in_time.sent, in_time.acked), (Some(20_000), None));
        in_time.look(35_000_000, 30_000, 30_000);
        assert_eq!((in_time.sent, in_time.acked), (Some(20_000), Some(30_000)));
    }

    #[test]
    fn the_end_of_the_schedule_is_not_slept_through() {
        let in_time = InTime { end_us: Some(30_000_000), sent: None, acked: None };
        assert_eq!(in_time.nap(1_000_000), LOOK_EVERY);
        assert_eq!(in_time.nap(29_960_000), Duration::from_millis(40));
        assert_eq!(in_time.nap(30_000_000), LOOK_EVERY);
        assert_eq!(InTime { end_us: None, ..in_time }.nap(0), LOOK_EVERY);
    }

    #[test]
    fn a_tail_that_fails_hangs_or_is_cut_off_counts_towards_the_rate() {
        let check = |case: &str, interrupted: bool, failed: u64, pending: u64, expect: u64| {
            let ended = Ended { off_us: 40, settled_us: 160, interrupted };
            let last_failed_us = (failed > 0).then_some(120);
            assert_eq!(ended.counted_to_us(30, last_failed_us, failed, pending), expect, "{case}");
        };
        check("all acknowledged", false, 0, 0, 30);
        check("the tail failed", false, 7, 0, 120);
        check("the tail hangs", false, 0, 7, 160);
        check("some failed, some hang", false, 7, 7, 160);
        check("cut off, and all that was sent is acknowledged", true, 0, 0, 40);
    }
}
