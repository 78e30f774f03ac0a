//! From raw samples to figures.

use mm2_metrics::{Reading, Window};
use mm2_slo::finding::{Missing, Outcome, Reason};
use mm2_slo::observations::{Observations, Total};
use mm2_slo::{Criteria, Observation, Signal, Unit};

use crate::fake::{Fake, Labels, ours_ms};
use crate::site::{EVERY_MS, JVM, KAFKA_3_9, KAFKA_4_1, Site, expected};

const ACTIVE: &str = "kafka_connect_source_task_metrics_source_record_active_count";
const EXHAUSTED: &str = "kafka_producer_producer_metrics_buffer_exhausted_total";
const LATENCY: &str = "kafka_connect_mirror_mirrorsourceconnector_replication_latency_ms_max";

async fn read_in(site: &Site, window: Window) -> Vec<Reading> {
    let fake = Fake::with(site.store.clone()).await;
    let signals = fake.prometheus().find(&expected(), ours_ms()).await.unwrap();
    signals.read(window, ours_ms()).await
}

async fn read(site: &Site, seconds: i64, signal: &str) -> Reading {
    let all = read_in(site, site.last_s(seconds)).await;
    all.into_iter().find(|it| it.signal == *signal).unwrap()
}

/// Mean, largest, and of which series.
fn figures(reading: &Reading) -> (f64, f64, &str) {
    let it = reading.panel.seen.as_ref().unwrap();
    (it.mean, it.max, &it.max_series)
}

fn increase(reading: &Reading) -> f64 {
    reading.panel.seen.as_ref().unwrap().increase.unwrap()
}

fn about(seen: f64, expect: f64) {
    assert!((seen - expect).abs() < 1e-6 * expect.abs().max(1.0), "{seen}, not {expect}");
}

/// Sets the values of one producer's metric, by how many seconds before the last scrape they are.
fn set(site: &mut Site, name: &str, label: (&str, &str), value: impl Fn(i64) -> f64) {
    let until_ms = site.until_ms;
    site.change(&[("__name__", name), label], |_, samples| {
        for (at, it) in samples {
            *it = value((until_ms - *at) / 1_000);
        }
    });
}

#[tokio::test]
async fn shares_are_made_of_what_prometheus_has() {
    let mut site = Site::of(KAFKA_3_9);
    site.add("kafka-connect", "connect-1:9404", JVM);
    site.add("kafka-connect", "connect-2:9404", JVM);
    let name = "kafka_producer_producer_metrics_buffer_available_bytes";
    set(&mut site, name, ("client_id", "connector-producer-mm2-source-3"), |_| 33_554_432.0 / 4.0);
    let check = async |signal: &str, mean: f64, max: f64, of: &str| {
        let reading = read(&site, 100, signal).await;
        let (seen_mean, seen_max, seen_of) = figures(&reading);
        about(seen_max, max);
        about(seen_mean, mean);
        assert_eq!(seen_of, of, "{signal}");
    };
    let used = read(&site, 100, Signal::BUFFER_USED).await;
    let (_, max, of) = figures(&used);
    about(max, 75.0);
    assert_eq!(of, r#"{task="3"}"#);
    check(Signal::WORKER_CPU, 30.0, 30.0, r#"{host="connect-2"}"#).await;
    check(Signal::WORKER_MEMORY, 75.0, 75.0, r#"{host="connect-2"}"#).await;
    check(Signal::DISK_BUSY, 10.0, 10.0, r#"{instance="connect-2:9100",device="sda"}"#).await;
    check(Signal::WORKER_PROCESS_CPU, 25.0, 25.0, r#"{instance="connect-2:9404"}"#).await;
    check(Signal::WORKER_GC, 2.0, 2.0, r#"{instance="connect-2:9404"}"#).await;
    check(Signal::WORKER_RSS, 5e8, 5e8, r#"{instance="connect-2:9404"}"#).await;
    check(Signal::WORKER_HEAP_AFTER_GC, 6e7, 6e7, r#"{instance="connect-2:9404"}"#).await;
}

#[tokio::test]
async fn fractions_of_connect_become_per_cent() {
    let mut site = Site::of(KAFKA_4_1);
    let name = "kafka_connect_connector_task_metrics_offset_commit_failure_percentage";
    set(&mut site, name, ("task", "1"), |_| 0.02);
    let reading = read(&site, 200, Signal::OFFSET_COMMIT_FAILURES).await;
    let (_, max, of) = figures(&reading);
    about(max, 2.0);
    assert_eq!((of, reading.raw.unit, reading.panel.unit), (r#"{task="1"}"#, Unit::Ratio, Unit::Percent));
}

#[tokio::test]
async fn the_consumers_two_spellings_of_a_topic_count_once() {
    let mut site = Site::of(KAFKA_4_1);
    let lag = |labels: &Labels| labels["__name__"].ends_with("records_lag_max");
    let dotted =
        site.store.series.iter().filter(|(labels, _)| lag(labels) && labels.contains_key("topic")).count();
    assert!(dotted > 40, "the scrape has both spellings: {dotted}");
    let id = "\"source->target|mm2-source-0|replication-consumer\"";
    set(
        &mut site,
        "kafka_consumer_consumer_fetch_manager_metrics_records_lag_max",
        ("client_id", id),
        |_| 56.0,
    );
    let reading = read(&site, 100, Signal::CONSUMER_LAG).await;
    assert_eq!(reading.panel.seen.as_ref().unwrap().series, 4);
    let task = reading.panel.seen.as_ref().unwrap().max_series.clone();
    assert!(task.starts_with("{task="), "{task}");
}

#[tokio::test]
async fn a_counter_that_began_again_in_the_window_has_lost_nothing() {
    let mut site = Site::of(KAFKA_3_9);
    // 100 a scrape, and at 0 again 50 s before the end.
    let producer = ("client_id", "connector-producer-mm2-source-0");
    set(
        &mut site,
        EXHAUSTED,
        producer,
        |ago_s| if ago_s > 50 { (600 - ago_s) as f64 } else { (50 - ago_s) as f64 },
    );
    let reading = read(&site, 100, Signal::BUFFER_EXHAUSTED).await;
    // The last scrape in the window is 5 s before the end, the one before the window 105 s; the one second in which
    // it began again is lost with the old count.
    about(increase(&reading), 95.0);
    assert_eq!(reading.total, Some(Total::new(95.0, Unit::Count)));
    let of_judging = judged(&reading, "over_series = \"max\"\nover_time = \"increase\"", 100.0);
    about(of_judging.value.unwrap(), 95.0);
}

/// What a criterion comes to that stops above 1e9.
fn judged(reading: &Reading, how: &str, window_s: f64) -> mm2_slo::Finding {
    let (signal, unit) = (&reading.signal, reading.panel.unit);
    let limit = mm2_slo::Quantity::new(1e9, unit).unwrap();
    let symbol = if unit.symbol().is_empty() { String::new() } else { format!(" {}", unit.symbol()) };
    let criteria = Criteria::from_toml(&format!(
        "version = 1\n[[criterion]]\nname = \"it\"\nsignal = \"{signal}\"\nunit = \"{unit}\"\n{how}\n\
         go = \"< {}{symbol}\"\nstop = \"otherwise\"\n",
        limit.value()
    ));
    let seen = reading.observed.clone().map(Observation::Sampled);
    criteria.unwrap().judge(&Observations::over(window_s).with_result(signal.clone(), seen)).findings[0]
        .clone()
}

#[tokio::test]
async fn a_task_that_moves_to_another_worker_stays_one_series() {
    let mut site = Site::of(KAFKA_3_9);
    let until_ms = site.until_ms;
    let fitting = [("client_id", "connector-producer-mm2-source-0"), ("__name__", EXHAUSTED)];
    let mut moved = Vec::new();
    site.change(&fitting, |labels, samples| {
        let after: Vec<(i64, f64)> = samples.iter().filter(|it| it.0 > until_ms - 50_000).copied().collect();
        let begun =
            after.into_iter().enumerate().map(|(n, (at, _))| (at, 7.0 + n as f64)).collect::<Vec<_>>();
        samples.retain(|it| it.0 <= until_ms - 50_000);
        let mut labels = labels.clone();
        labels.insert("instance".to_owned(), "connect-2:9404".to_owned());
        moved.push((labels, begun));
    });
    site.store.series.extend(moved);
    let reading = read(&site, 100, Signal::BUFFER_EXHAUSTED).await;
    assert_eq!(reading.panel.seen.as_ref().unwrap().series, 4);
    // 7 before its first scrape there, 8 more until the last one in the window.
    about(increase(&reading), 15.0);
    assert_eq!(
        judged(&reading, "over_series = \"max\"\nover_time = \"increase\"", 100.0).outcome,
        Outcome::Go
    );
}

#[tokio::test]
async fn what_happened_before_the_first_scrape_of_the_window_is_counted() {
    let mut site = Site::of(KAFKA_3_9);
    let producer = ("client_id", "connector-producer-mm2-source-0");
    set(&mut site, EXHAUSTED, producer, |ago_s| if ago_s > 100 { 0.0 } else { 12.0 });
    let reading = read(&site, 100, Signal::BUFFER_EXHAUSTED).await;
    about(increase(&reading), 12.0);
    about(judged(&reading, "over_series = \"max\"\nover_time = \"increase\"", 100.0).value.unwrap(), 12.0);
}

#[tokio::test]
async fn the_written_share_is_of_the_window() {
    let site = Site::of(KAFKA_3_9);
    let reading = read(&site, 100, Signal::MM2_WRITTEN_SHARE).await;
    assert_eq!(reading.total, Some(Total::new(99.0, Unit::Percent)));
    about(figures(&reading).0, 99.0);
    let polled = read(&site, 100, Signal::MM2_POLLED).await;
    // Four tasks, 100 a scrape, 20 scrapes.
    about(increase(&polled), 8_000.0);
}

#[tokio::test]
async fn tasks_that_failed_are_counted_when_they_do() {
    let mut site = Site::of(KAFKA_3_9);
    let name = "kafka_connect_connect_worker_metrics_connector_failed_task_count";
    // Failed, mended, failed again.
    set(&mut site, name, ("instance", "connect-1:9404"), |ago_s| {
        f64::from(u8::from((20..40).contains(&ago_s) || ago_s < 10))
    });
    let reading = read(&site, 100, Signal::TASK_FAILURES).await;
    assert_eq!(reading.total, Some(Total::new(2.0, Unit::Count)));
}

#[tokio::test]
async fn a_windowed_gauge_is_not_judged_by_what_was_before_the_window() {
    let mut site = Site::of(KAFKA_3_9);
    // The step before was bad, and the maximum shows it for 85 s more.
    for (labels, samples) in &mut site.store.series {
        if labels["__name__"] == LATENCY {
            let until_ms = site.until_ms;
            for (at, it) in samples {
                *it = if until_ms - *at > 120_000 { 9_000.0 } else { 200.0 };
            }
        }
    }
    let reading = read(&site, 200, Signal::MM2_LATENCY_MAX).await;
    about(figures(&reading).1, 200.0);
    let how = "over_series = \"max\"\nover_time = \"max\"";
    about(judged(&reading, how, 200.0).value.unwrap(), 200.0);
    // A window that is shorter than that says nothing,
    let reading = read(&site, 60, Signal::MM2_LATENCY_MAX).await;
    assert_eq!(reading.panel.seen, Err(Missing::LooksBack));
    assert!(matches!(
        judged(&reading, how, 60.0).reason,
        Reason::TooShort { .. } | Reason::NotMeasured { .. }
    ));
    // unless nothing was under way before it.
    let window = Window { quiet_before_ms: 80_000, ..site.last_s(60) };
    let readings = read_in(&site, window).await;
    about(figures(&readings[1]).1, 200.0);
    assert_eq!(judged(&readings[1], how, 60.0).outcome, Outcome::Go);
}

#[tokio::test]
async fn nan_is_missing_and_not_a_number_to_be_judged() {
    let mut site = Site::of(KAFKA_3_9);
    set(&mut site, LATENCY, ("partition", "0"), |_| f64::NAN);
    let reading = read(&site, 200, Signal::MM2_LATENCY_MAX).await;
    let seen = reading.panel.seen.as_ref().unwrap();
    assert_eq!((seen.series, seen.expected), (22, Some(24)));
    let how = "over_series = \"max\"\nover_time = \"max\"";
    assert_eq!(judged(&reading, how, 200.0).reason, Reason::FewerSeries { seen: 22, expected: 24 });
    let raw = serde_json::to_value(&reading.raw).unwrap();
    let series = raw["series"].as_array().unwrap();
    assert_eq!(series.len(), 24);
    assert!(series.iter().any(|it| it["samples"][0][1].is_null()), "NaN stands as null in the evidence");

    for (labels, samples) in &mut site.store.series {
        if labels["__name__"] == LATENCY {
            for (_, it) in samples {
                *it = f64::NAN;
            }
        }
    }
    assert_eq!(read(&site, 200, Signal::MM2_LATENCY_MAX).await.observed, Err(Missing::NotFinite));
}

#[tokio::test]
async fn a_share_or_a_time_below_zero_is_missing() {
    let mut site = Site::of(KAFKA_3_9);
    site.remove(|labels| labels["job"] == "node");
    for instance in ["connect-1:9404", "connect-2:9404"] {
        site.add("kafka-connect", instance, "java_lang_operatingsystem_cpuload 0.4\n");
    }
    let cpu = "java_lang_operatingsystem_cpuload";
    set(&mut site, cpu, ("instance", "connect-2:9404"), |ago_s| if ago_s > 150 { -1.0 } else { 0.5 });
    about(figures(&read(&site, 100, Signal::WORKER_CPU).await).1, 50.0);
    set(&mut site, cpu, ("instance", "connect-2:9404"), |ago_s| if ago_s > 50 { -1.0 } else { 0.5 });
    set(&mut site, LATENCY, ("partition", "1"), |_| -20.0);
    for (signal, why) in [
        (Signal::WORKER_CPU, "connect-2:9404\",job=\"kafka-connect\"} is -1, below zero: a JVM"),
        (Signal::MM2_LATENCY_MAX, "is -20, below zero: the clocks"),
    ] {
        let reading = read(&site, 200, signal).await;
        assert_eq!(reading.observed, Err(Missing::NotFinite), "{signal}");
        assert!(reading.raw.warnings[0].contains(why), "{:?}", reading.raw.warnings);
    }
}

#[tokio::test]
async fn series_that_have_ended_are_stale_and_what_never_was_is_no_data() {
    let mut site = Site::of(KAFKA_3_9);
    let fake = Fake::with(site.store.clone()).await;
    let signals = fake.prometheus().find(&expected(), ours_ms()).await.unwrap();
    let readings = async |window: Window| signals.read(window, ours_ms()).await.swap_remove(6);
    // A window that begins after the last scrape.
    let (until_ms, every_ms) = (u64::try_from(site.until_ms).unwrap(), u64::try_from(EVERY_MS).unwrap());
    let after =
        |ms: u64| Window { from_ms: until_ms + ms, to_ms: until_ms + ms + 60_000, quiet_before_ms: 0 };
    let reading = readings(after(every_ms)).await;
    assert_eq!((reading.signal.as_str(), reading.observed), (Signal::ACTIVE_RECORDS, Err(Missing::Stale)));
    assert_eq!(readings(after(60_000)).await.observed, Err(Missing::NoData));
    assert_eq!(
        readings(Window { from_ms: 5, to_ms: 1, quiet_before_ms: 0 }).await.observed,
        Err(Missing::NoData)
    );

    // One that ends in mid-window is a hole, to whoever judges.
    let end_ms = site.until_ms - 60_000;
    site.change(&[("__name__", ACTIVE), ("task", "0")], |_, samples| samples.retain(|it| it.0 < end_ms));
    let fake = Fake::with(site.store.clone()).await;
    let signals = fake.prometheus().find(&expected(), ours_ms()).await.unwrap();
    let reading = signals.read(site.last_s(100), ours_ms()).await.swap_remove(6);
    let finding = judged(&reading, "over_series = \"sum\"\nover_time = \"max\"", 100.0);
    assert_eq!(finding.outcome, Outcome::Inconclusive, "{finding:?}");
}

#[tokio::test]
async fn readings_come_in_the_order_of_the_catalogue_a_few_questions_at_a_time() {
    let site = Site::of(KAFKA_3_9);
    let fake = Fake::with(site.store.clone()).await;
    let signals = fake.prometheus().find(&expected(), ours_ms()).await.unwrap();
    let before = fake.asked().await.len();
    let readings = signals.read(site.last_s(100), ours_ms()).await;
    let catalogue: Vec<_> = mm2_metrics::catalogue().into_iter().map(|it| it.signal).collect();
    assert_eq!(readings.iter().map(|it| it.signal.clone()).collect::<Vec<_>>(), catalogue);
    let mut asked = fake.asked().await.split_off(before);
    assert_eq!(asked.remove(0), "time()", "the clocks are compared again");
    let there = signals.found().signals.iter().filter(|it| it.missing.is_none()).count();
    assert_eq!(asked.len(), there, "a question a signal");
    assert!(asked.iter().all(|query| query.ends_with("s]")), "raw samples: {asked:?}");
}
