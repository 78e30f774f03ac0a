//! The load itself: on, watched, off, and the last acknowledgements waited for.

use std::sync::Arc;
use std::time::Duration;

use mm2_cli::{Failure, OrFail, Printer, Stop};
use mm2_kafka::{Cluster, TopicPartition};
use mm2_load::{HoldSpec, Loader, LoaderOptions};
use mm2_measure::{Payloads, RunClock, RunId, Schedule, SendLedger};

use crate::outcome::Outcome;
use crate::settings::Settings;
use crate::statistics::Statistics;

/// Payloads are made from this, so that two runs send the same bytes.
const PAYLOAD_SEED: u64 = 0x6d6d_3200;
/// From the call to the first record: the sender threads have started by then.
const LEAD: Duration = Duration::from_millis(200);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// What is acknowledged later than this after the end does not count as achieved.
const IN_TIME: Duration = Duration::from_secs(5);

/// Puts the load on, and says what became of it.
///
/// # Errors
/// When the settings make no load, or its producers cannot be made.
pub(crate) async fn bomb(
    source: &Cluster,
    slots: Vec<TopicPartition>,
    settings: &Settings,
    stop: &Stop,
    printer: &Printer,
) -> Result<Outcome, Failure> {
    let payloads = Arc::new(Payloads::json(settings.record_size_bytes as usize, PAYLOAD_SEED).or_usage()?);
    let (clock, partitions) = (RunClock::start(), slots.len() as u32);
    let options = LoaderOptions {
        producers: settings.threads.value as u16,
        compression: settings.compression.name().to_owned(),
        ..LoaderOptions::default()
    };
    let loader = Loader::new(source, RunId::fresh(), clock, slots, &options).or_unavailable()?;
    source.health().take_throttle_max_ms();

    let t0_us = clock.now_us() + LEAD.as_micros() as u64;
    let schedule =
        Schedule::for_hold(t0_us, settings.rate_per_sec.value, partitions, settings.hold.value).or_usage()?;
    let value_bytes = payloads.mean_bytes();
    let hold = loader.hold(&HoldSpec { step: 0, schedule, payloads }).or_bug()?;
    let ledger = Arc::clone(hold.ledger());
    let mut statistics = Statistics::new(printer, schedule, clock);
    while !hold.is_over() {
        tokio::time::sleep(LOOK_EVERY).await;
        if stop.is_stopped() {
            hold.stop();
        }
        statistics.look(&ledger, hold.take_slip_max_ms());
    }
    let report = hold.join();
    drop(statistics);

    let end_us = clock.now_us().min(t0_us + schedule.hold_us());
    let interrupted = stop.is_stopped();
    let acked_in_time = settle(&ledger, &options, stop, printer).await;
    Ok(Outcome {
        asked_per_sec: schedule.rate_per_sec,
        duration_s: end_us.saturating_sub(t0_us) as f64 / 1e6,
        due: schedule.due_by(end_us),
        sent: report.sent,
        acked: ledger.acked(),
        acked_in_time,
        failed: ledger.failed(),
        unacknowledged: ledger.pending(),
        first_failure: loader.first_failure(),
        slip_p99_ms: report.slip.quantile_ms(0.99),
        slip_max_ms: report.slip.max_ms(),
        source_blocked_ms: report.source_blocked_ms,
        throttle_max_ms: source.health().take_throttle_max_ms(),
        value_bytes,
        interrupted,
    })
}

/// Waits until every record has its outcome, or none can have one any more; says how many were
/// acknowledged in time. An interrupted load is not waited for longer than that.
async fn settle(ledger: &SendLedger, options: &LoaderOptions, stop: &Stop, printer: &Printer) -> u64 {
    wait(ledger, IN_TIME, || false).await;
    let in_time = ledger.acked();
    // The client needs a moment to give up what has timed out.
    let at_most = Duration::from_millis(options.delivery_timeout_ms) + Duration::from_secs(1);
    if ledger.pending() > 0 && !stop.is_stopped() {
        printer.line(&format!(
            "{} records are not acknowledged {} s after the end; waiting at most {} s for what becomes of them",
            ledger.pending(),
            IN_TIME.as_secs(),
            at_most.as_secs()
        ));
        wait(ledger, at_most, || stop.is_stopped()).await;
    }
    in_time
}

async fn wait(ledger: &SendLedger, at_most: Duration, enough: impl Fn() -> bool) {
    let begun = tokio::time::Instant::now();
    while ledger.pending() > 0 && begun.elapsed() < at_most && !enough() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
