//! What the Prometheus of a sample has, and what it shows of a step.

use mm2_slo::{Missing, Observation, Series, Signal, Source, Step, Unit};

use crate::signals::ReadFor::{Explaining, Judging, Showing};
use crate::signals::{Panel, PanelFigures, ReadFor, SignalFound, SignalsFound};

const SCRAPE_EVERY_MS: u64 = 5_000;
/// All series but the first show this much of its level, so that one has the maximum.
const NEXT_SERIES: f64 = 0.75;

/// A signal of the sample's catalogue: unit, what it is read for, PromQL, series.
type Known = (&'static str, Unit, ReadFor, &'static str, u64);

const CATALOGUE: [Known; 15] = [
    (
        Signal::MM2_LATENCY_AVG,
        Unit::Ms,
        Judging,
        "kafka_connect_mirror_mirrorsourceconnector_replication_latency_ms_avg{source=\"source\"}",
        120,
    ),
    (
        Signal::MM2_LATENCY_MAX,
        Unit::Ms,
        Judging,
        "kafka_connect_mirror_mirrorsourceconnector_replication_latency_ms_max{source=\"source\"}",
        120,
    ),
    (
        Signal::BUFFER_USED,
        Unit::Percent,
        Judging,
        "(1 - kafka_producer_producer_metrics_buffer_available_bytes / \
         kafka_producer_producer_metrics_buffer_total_bytes) * 100",
        4,
    ),
    (
        Signal::BUFFER_EXHAUSTED,
        Unit::Count,
        Judging,
        "kafka_producer_producer_metrics_buffer_exhausted_total",
        4,
    ),
    (
        Signal::WORKER_CPU,
        Unit::Percent,
        Judging,
        "100 * (1 - avg by (instance) (rate(node_cpu_seconds_total{mode=\"idle\"}[20s])))",
        2,
    ),
    (
        Signal::WORKER_MEMORY,
        Unit::Percent,
        Judging,
        "100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)",
        2,
    ),
    (
        Signal::ACTIVE_RECORDS,
        Unit::Records,
        Showing,
        "kafka_connect_source_task_metrics_source_record_active_count",
        4,
    ),
    (
        Signal::MM2_RECORD_RATE,
        Unit::RecordsPerSec,
        Showing,
        "kafka_connect_mirror_mirrorsourceconnector_record_rate",
        120,
    ),
    (
        Signal::DISK_BUSY,
        Unit::Percent,
        Showing,
        "100 * rate(node_disk_io_time_seconds_total{device!~\"loop.+\"}[20s])",
        2,
    ),
    (
        Signal::PRODUCER_THROTTLE,
        Unit::Ms,
        Explaining,
        "kafka_producer_producer_metrics_produce_throttle_time_max",
        4,
    ),
    (
        Signal::PRODUCER_REQUEST_LATENCY,
        Unit::Ms,
        Explaining,
        "kafka_producer_producer_metrics_request_latency_avg",
        4,
    ),
    (
        Signal::BUFFER_WAIT,
        Unit::Percent,
        Explaining,
        "100 * kafka_producer_producer_metrics_bufferpool_wait_ratio",
        4,
    ),
    (
        Signal::CONSUMER_LAG,
        Unit::Records,
        Explaining,
        "kafka_consumer_consumer_fetch_manager_metrics_records_lag_max",
        4,
    ),
    (
        Signal::WORKER_GC,
        Unit::Percent,
        Explaining,
        "100 * sum by (instance) (rate(jvm_gc_collection_seconds_sum[20s]))",
        2,
    ),
    (Signal::WORKER_RSS, Unit::Bytes, Explaining, "process_resident_memory_bytes", 2),
];

/// What a signal shows during a hold.
#[derive(Debug, Clone)]
pub struct Show {
    signal: &'static str,
    unit: Unit,
    series: u64,
    /// The level of its highest series, of a counter what it is increased by.
    seen: Result<f64, Missing>,
}

/// Everything was found.
pub(super) fn found() -> SignalsFound {
    let found = |&(signal, unit, read_for, query, series): &Known| SignalFound {
        signal: signal.into(),
        unit,
        read_for,
        query: Some(query.to_owned()),
        series,
        expected: Some(series),
        missing: None,
        note: None,
    };
    SignalsFound {
        url: "http://prometheus.preprod:9090".to_owned(),
        profiles: [
            ("mirror", "jmx agent, plain"),
            ("producer", "jmx agent, plain"),
            ("node", "node_exporter"),
        ]
        .map(|(family, profile)| (family.to_owned(), profile.to_owned()))
        .into(),
        scrape_every_ms: Some(SCRAPE_EVERY_MS),
        signals: CATALOGUE.iter().map(found).collect(),
        notes: Vec::new(),
    }
}

/// Hosts and producers are not there, and one of two workers has no agent.
pub(super) fn half_found() -> SignalsFound {
    let mut found = found();
    for signal in &mut found.signals {
        let name = signal.signal.as_str();
        if name.starts_with("producer.") || name == Signal::WORKER_MEMORY || name == Signal::DISK_BUSY {
            signal.missing = Some(Missing::NotExported);
            signal.query = None;
            signal.expected = None;
            signal.series = 0;
        } else {
            signal.series = signal.series.div_ceil(2);
        }
    }
    found.notes.push("scrape targets that are down: 127.0.0.1:9404".to_owned());
    found
}

/// What a chain with room left shows in a step.
pub(super) fn calm(step: &Step) -> Vec<Show> {
    let rate = step.rate_per_sec as f64;
    CATALOGUE
        .iter()
        .map(|&(signal, unit, _, _, series)| {
            let level = match signal {
                Signal::MM2_LATENCY_AVG => 20.0 + rate / 50.0,
                Signal::MM2_LATENCY_MAX => 80.0 + rate / 10.0,
                Signal::ACTIVE_RECORDS => rate / 20.0,
                Signal::MM2_RECORD_RATE => rate / 120.0,
                Signal::BUFFER_USED => 2.0 + rate / 1_000.0,
                Signal::WORKER_CPU => 15.0 + rate / 200.0,
                Signal::WORKER_MEMORY => 61.0,
                Signal::DISK_BUSY => 8.5 + rate / 1_000.0,
                Signal::PRODUCER_REQUEST_LATENCY => 6.0,
                Signal::CONSUMER_LAG => 20.0,
                Signal::WORKER_GC => 1.2,
                Signal::WORKER_RSS => 900e6,
                // Exhausted, throttled, waited: never.
                _ => 0.0,
            };
            Show { signal, unit, series, seen: Ok(level) }
        })
        .collect()
}

/// The same with another level of a signal.
pub(super) fn with(mut shows: Vec<Show>, signal: &str, level: f64) -> Vec<Show> {
    for show in shows.iter_mut().filter(|show| show.signal == signal) {
        show.seen = Ok(level);
    }
    shows
}

/// What is left of it where only `found` can be read.
pub(super) fn only(mut shows: Vec<Show>, found: &SignalsFound) -> Vec<Show> {
    for show in &mut shows {
        if let Some(known) = found.signals.iter().find(|known| known.signal.as_str() == show.signal) {
            show.series = known.series;
            show.seen = match &known.missing {
                Some(why) => Err(why.clone()),
                None => show.seen.clone(),
            };
        }
    }
    shows
}

impl Show {
    /// The signal.
    pub(super) fn signal(&self) -> &'static str {
        self.signal
    }

    /// What there is to judge.
    pub(super) fn observed(&self, hold_s: u64) -> Result<Observation, Missing> {
        let level = self.seen.clone()?;
        let counter = self.is_counter();
        let of = if counter { Source::counter } else { Source::gauge };
        let source = of(self.unit, SCRAPE_EVERY_MS).expect(self.expected() as usize);
        let at = |ms: u64, level: f64| {
            if counter { level * ms as f64 / (hold_s * 1_000) as f64 } else { level }
        };
        let samples = |level: f64| {
            let times = (0..=hold_s * 1_000 / SCRAPE_EVERY_MS).map(|i| i * SCRAPE_EVERY_MS);
            times.map(|ms| (ms, at(ms, level))).collect::<Vec<_>>()
        };
        let series = (0..self.series).map(|i| {
            Series::new(series_name(i), samples(if i == 0 { level } else { self.next_series(level) }))
        });
        Ok(Observation::Sampled(source.series(series)))
    }

    /// What the report shows.
    pub(super) fn panel(&self) -> Panel {
        let figures = |max: f64| {
            let sum = max + (self.series - 1) as f64 * self.next_series(max);
            PanelFigures {
                mean: sum / self.series as f64,
                max,
                max_series: series_name(0),
                increase: self.is_counter().then_some(sum),
                series: self.series,
                expected: Some(self.expected()),
            }
        };
        Panel { signal: self.signal.into(), unit: self.unit, seen: self.seen.clone().map(figures) }
    }

    fn is_counter(&self) -> bool {
        self.signal == Signal::BUFFER_EXHAUSTED
    }

    /// What the other series show.
    fn next_series(&self, level: f64) -> f64 {
        let next = level * NEXT_SERIES;
        if self.is_counter() { next.floor() } else { next }
    }

    fn expected(&self) -> u64 {
        CATALOGUE.iter().find(|known| known.0 == self.signal).map_or(self.series, |known| known.4)
    }
}

fn series_name(i: u64) -> String {
    format!("{{instance=\"127.0.0.1:{}\"}}", 9_404 + i)
}
