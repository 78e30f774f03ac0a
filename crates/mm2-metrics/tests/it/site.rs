//! Sites to be found: real scrapes of a Connect worker, made into a Prometheus that has scraped two of them for ten
//! minutes.

use std::path::Path;

use mm2_metrics::{Expected, Window};
use regex::Regex;

use crate::fake::{Labels, Store, now_ms};

pub(crate) const EVERY_MS: i64 = 5_000;
pub(crate) const KAFKA_3_9: &str = "kafka-3.9.1-agent-0.20.0";
pub(crate) const KAFKA_4_1: &str = "kafka-4.1.1-agent-1.0.1";
const SCRAPED_MS: i64 = 600_000;

/// A site in the making: series with a value at each scrape.
pub(crate) struct Site {
    pub(crate) store: Store,
    /// The last scrape.
    pub(crate) until_ms: i64,
}

impl Site {
    pub(crate) fn empty() -> Self {
        Self { store: Store::default(), until_ms: now_ms() - 1_000 }
    }

    /// Two workers of one Connect cluster, on two hosts, with node_exporter.
    pub(crate) fn of(kafka: &str) -> Self {
        let mut site = Self::empty();
        let scraped = scraped(&format!("{kafka}.connect-worker"));
        site.add("kafka-connect", "connect-1:9404", &scraped);
        site.add("kafka-connect", "connect-2:9404", &other_worker(&scraped));
        for host in ["connect-1:9100", "connect-2:9100", "broker-1:9100"] {
            site.add("node", host, NODE);
        }
        site
    }

    /// A target whose metrics have been as in this exposition all the time; counters rise.
    pub(crate) fn add(&mut self, job: &str, instance: &str, exposition: &str) {
        for (mut labels, value) in parse(exposition) {
            labels.insert("job".to_owned(), job.to_owned());
            labels.insert("instance".to_owned(), instance.to_owned());
            let rise = rise(&labels["__name__"], &labels);
            let samples = self.scrapes().into_iter().enumerate();
            let samples = samples.map(|(n, at)| (at, value + rise * n as f64)).collect();
            self.store.series.push((labels, samples));
        }
        let up = Labels::from(
            [("__name__", "up"), ("job", job), ("instance", instance)]
                .map(|(k, v)| (k.to_owned(), v.to_owned())),
        );
        self.store.series.push((up, self.scrapes().into_iter().map(|at| (at, 1.0)).collect()));
    }

    pub(crate) fn scrapes(&self) -> Vec<i64> {
        (0..=SCRAPED_MS / EVERY_MS).map(|n| self.until_ms - SCRAPED_MS + n * EVERY_MS).collect()
    }

    /// Changes the series that hold all of these `label=value` (`__name__` among them); says how many.
    pub(crate) fn change(
        &mut self,
        fitting: &[(&str, &str)],
        mut with: impl FnMut(&mut Labels, &mut Vec<(i64, f64)>),
    ) {
        let mut changed = 0;
        for (labels, samples) in &mut self.store.series {
            if fitting.iter().all(|(label, value)| labels.get(*label).is_some_and(|it| it == value)) {
                with(labels, samples);
                changed += 1;
            }
        }
        assert!(changed > 0, "no series fits {fitting:?}");
    }

    pub(crate) fn rename(&mut self, pattern: &str, to: &str) {
        let pattern = Regex::new(pattern).unwrap();
        let mut renamed = 0;
        for (labels, _) in &mut self.store.series {
            let name = labels.get_mut("__name__").unwrap();
            let new = pattern.replace(name, to).into_owned();
            renamed += usize::from(new != *name);
            *name = new;
        }
        assert!(renamed > 0, "no metric fits {pattern}");
    }

    pub(crate) fn remove(&mut self, unwanted: impl Fn(&Labels) -> bool) {
        let before = self.store.series.len();
        self.store.series.retain(|(labels, _)| !unwanted(labels));
        assert!(self.store.series.len() < before, "nothing was removed");
    }

    /// The last so many seconds, ending with the last scrape but one.
    pub(crate) fn last_s(&self, seconds: i64) -> Window {
        let to_ms = self.until_ms - EVERY_MS / 2;
        let unsigned = |ms: i64| u64::try_from(ms).unwrap();
        Window { from_ms: unsigned(to_ms - seconds * 1_000), to_ms: unsigned(to_ms), quiet_before_ms: 0 }
    }
}

/// What the rig knows of such a site.
pub(crate) fn expected() -> Expected {
    Expected {
        connector: Some("mm2-source".to_owned()),
        tasks: Some(4),
        workers: Some(2),
        partitions: Some(24),
        target_topics: ["01", "02"]
            .map(|n| format!("source.test-prometheus.generated-data-{n}.json"))
            .to_vec(),
        worker_hosts: vec!["connect-1:8083".to_owned(), "connect-2:8083".to_owned()],
    }
}

pub(crate) fn scraped(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../fixtures/metrics/{name}.prom"));
    std::fs::read_to_string(path).unwrap()
}

/// The scraped worker had tasks 0 and 2 and the even partitions: this is the one with the rest.
pub(crate) fn other_worker(exposition: &str) -> String {
    let odd = Regex::new(r#"(task="|mm2-source-|partition=")(\d+)"#).unwrap();
    let plus_one =
        |found: &regex::Captures<'_>| format!("{}{}", &found[1], found[2].parse::<u32>().unwrap() + 1);
    odd.replace_all(exposition, plus_one).into_owned()
}

/// What a counter rises by from scrape to scrape.
fn rise(name: &str, labels: &Labels) -> f64 {
    let seconds = EVERY_MS as f64 / 1e3;
    match name {
        // A quarter of a core.
        "process_cpu_seconds_total" => 0.25 * seconds,
        // Both cores idle for 0.6 and 0.8 of the time: 30 % in use.
        "node_cpu_seconds_total" if labels["cpu"] == "0" => 0.6 * seconds,
        "node_cpu_seconds_total" => 0.8 * seconds,
        "node_disk_io_time_seconds_total" => 0.1 * seconds,
        "jvm_gc_collection_seconds_sum" => 0.01 * seconds,
        name if name.contains("source_record_poll") && !name.contains("rate") => 100.0,
        name if name.contains("source_record_write") && !name.contains("rate") => 99.0,
        _ => 0.0,
    }
}

pub(crate) const NODE: &str = r#"
node_cpu_seconds_total{cpu="0",mode="idle"} 1000
node_cpu_seconds_total{cpu="1",mode="idle"} 1000
node_cpu_seconds_total{cpu="0",mode="user"} 500
node_memory_MemTotal_bytes 8e9
node_memory_MemAvailable_bytes 2e9
node_memory_MemFree_bytes 1e8
node_disk_io_time_seconds_total{device="sda"} 50
node_disk_io_time_seconds_total{device="sda1"} 50
node_disk_io_time_seconds_total{device="nvme0n1"} 50
node_disk_io_time_seconds_total{device="nvme0n1p2"} 50
node_disk_io_time_seconds_total{device="loop0"} 50
node_disk_io_time_seconds_total{device="dm-0"} 50
"#;

/// What an agent says of its JVM beyond what was kept in the scrapes.
pub(crate) const JVM: &str = r#"
jvm_gc_collection_seconds_sum{gc="G1 Young Generation"} 3
jvm_gc_collection_seconds_sum{gc="G1 Old Generation"} 1
jvm_memory_pool_collection_used_bytes{pool="G1 Old Gen"} 6e7
jvm_memory_pool_collection_used_bytes{pool="G1 Eden Space"} 0
process_resident_memory_bytes 5e8
"#;

/// Samples of the text exposition format.
fn parse(exposition: &str) -> Vec<(Labels, f64)> {
    let line = Regex::new(r"^(\w+)(?:\{(.*)\})? (\S+)$").unwrap();
    let label = Regex::new(r#"(\w+)="((?:[^"\\]|\\.)*)""#).unwrap();
    let samples = exposition.lines().filter(|it| !it.starts_with('#') && !it.trim().is_empty()).map(|text| {
        let parts = line.captures(text).unwrap_or_else(|| panic!("no sample: {text}"));
        let inside = parts.get(2).map_or("", |it| it.as_str());
        let labels = label.captures_iter(inside);
        let labels = labels.map(|it| (it[1].to_owned(), it[2].replace("\\\"", "\"").replace("\\\\", "\\")));
        let mut labels: Labels = labels.collect();
        labels.insert("__name__".to_owned(), parts[1].to_owned());
        (labels, parts[3].parse().unwrap())
    });
    samples.collect()
}
