//! The same signals are found whatever a site calls them.

use std::collections::BTreeMap;

use mm2_evidence::signals::{SignalFound, SignalsFound};
use mm2_metrics::{MetricsError, NameOverride, Prometheus, PrometheusSettings};
use mm2_slo::finding::Missing;
use mm2_slo::{Signal, Unit};

use crate::fake::{Fake, ours_ms};
use crate::site::{JVM, KAFKA_3_9, KAFKA_4_1, Site, expected, scraped};

/// With how many series, where that is what there must be.
const OF_CONNECT: [(&str, u64); 24] = [
    (Signal::MM2_LATENCY_AVG, 24),
    (Signal::MM2_LATENCY_MAX, 24),
    (Signal::BUFFER_USED, 4),
    (Signal::BUFFER_EXHAUSTED, 4),
    (Signal::ACTIVE_RECORDS, 4),
    (Signal::MM2_RECORD_RATE, 24),
    (Signal::MM2_BYTE_RATE, 24),
    (Signal::MM2_RECORD_AGE_AVG, 24),
    (Signal::MM2_RECORD_AGE_MAX, 24),
    (Signal::BUFFER_WAIT, 4),
    (Signal::PRODUCER_THROTTLE, 4),
    (Signal::PRODUCER_REQUEST_LATENCY, 4),
    (Signal::PRODUCER_QUEUE_TIME, 4),
    (Signal::PRODUCER_BATCH_SIZE, 4),
    (Signal::CONSUMER_LAG, 4),
    (Signal::CONSUMER_FETCH_LATENCY, 4),
    (Signal::CONSUMER_THROTTLE, 4),
    (Signal::WORKER_PROCESS_CPU, 2),
    (Signal::MM2_POLLED, 4),
    (Signal::MM2_WRITTEN, 4),
    (Signal::MM2_WRITTEN_SHARE, 4),
    (Signal::OFFSET_COMMIT_MAX, 4),
    (Signal::OFFSET_COMMIT_FAILURES, 4),
    (Signal::REBALANCES, 2),
];

pub(crate) async fn found(site: &Site) -> SignalsFound {
    let fake = Fake::with(site.store.clone()).await;
    fake.prometheus().find(&expected(), ours_ms()).await.unwrap().found().clone()
}

pub(crate) fn of<'a>(found: &'a SignalsFound, signal: &str) -> &'a SignalFound {
    found.signals.iter().find(|it| it.signal == *signal).unwrap()
}

fn all_of_connect_are_there(found: &SignalsFound) {
    for (signal, series) in OF_CONNECT {
        let it = of(found, signal);
        assert_eq!((it.missing.as_ref(), it.series, it.expected), (None, series, Some(series)), "{it:#?}");
    }
}

fn profile<'a>(found: &'a SignalsFound, family: &str) -> &'a str {
    found.profiles.iter().find(|(name, _)| name == family).map_or("none", |(_, profile)| profile)
}

#[tokio::test]
async fn kafka_3_9_with_an_agent_before_1_0() {
    let found = found(&Site::of(KAFKA_3_9)).await;
    all_of_connect_are_there(&found);
    assert_eq!(profile(&found, "mirror"), "plain rules, Strimzi");
    assert_eq!(profile(&found, "producer"), "plain rules, Confluent, runbook");
    assert_eq!(profile(&found, "counters"), "with _total");
    assert_eq!(profile(&found, "agent"), "JMX agent before 1.0");
    assert_eq!(found.scrape_every_ms, Some(5_000));
    assert_eq!(found.notes, [""; 0]);
    assert_eq!(
        of(&found, Signal::MM2_LATENCY_MAX).query.as_deref().unwrap(),
        concat!(
            "kafka_connect_mirror_mirrorsourceconnector_replication_latency_ms_max{topic=~\"",
            r"source\\.test-prometheus\\.generated-data-01\\.json|source\\.test-prometheus\\.generated-data-02\\.json",
            "\",instance=~\"connect-1:9404|connect-2:9404\"}"
        )
    );
    assert_eq!(
        of(&found, Signal::BUFFER_USED).query.as_deref().unwrap(),
        concat!(
            "{__name__=~\"kafka_producer_producer_metrics_buffer_total_bytes|",
            "kafka_producer_producer_metrics_buffer_available_bytes\",",
            r#"client_id=~"\"?connector-producer-mm2-source-[0-9]+\"?",instance=~"connect-1:9404|connect-2:9404"}"#
        )
    );
}

#[tokio::test]
async fn kafka_4_1_with_an_agent_that_drops_total() {
    let found = found(&Site::of(KAFKA_4_1)).await;
    all_of_connect_are_there(&found);
    assert_eq!(profile(&found, "counters"), "without _total");
    assert_eq!(profile(&found, "agent"), "JMX agent 1.0 or later");
    let exhausted = of(&found, Signal::BUFFER_EXHAUSTED).query.as_deref().unwrap();
    assert!(exhausted.starts_with("kafka_producer_producer_metrics_buffer_exhausted{"), "{exhausted}");
}

#[tokio::test]
async fn the_names_of_the_runbooks_dashboards() {
    let mut site = Site::of(KAFKA_3_9);
    site.rename("^kafka_connect_mirror_mirrorsourceconnector_", "kafka_connect_mirror_source_connector_");
    let found = found(&site).await;
    all_of_connect_are_there(&found);
    assert_eq!(profile(&found, "mirror"), "runbook, AWS, Redpanda");
}

#[tokio::test]
async fn strimzi_spells_connect_and_clients_otherwise_and_leaves_some_out() {
    let mut site = Site::of(KAFKA_4_1);
    site.rename("^kafka_connect_source_task_metrics_", "kafka_connect_source_task_");
    site.rename("^kafka_connect_connector_task_metrics_", "kafka_connect_connector_task_");
    site.rename("^kafka_connect_connect_worker_rebalance_metrics_", "kafka_connect_worker_rebalance_");
    site.rename("^kafka_connect_connect_worker_metrics_", "kafka_connect_worker_");
    site.rename("^kafka_producer_producer_metrics_", "kafka_producer_");
    site.rename("^kafka_consumer_consumer_fetch_manager_metrics_", "kafka_consumer_fetch_manager_");
    site.remove(|labels| {
        labels["__name__"].contains("throttle") || labels["__name__"].contains("commit_failure")
    });
    for (labels, _) in &mut site.store.series {
        let id = labels.remove("client_id");
        labels.extend(id.map(|id| ("clientid".to_owned(), id)));
    }
    let found = found(&site).await;
    assert_eq!(profile(&found, "producer"), "Strimzi, AWS");
    assert_eq!(profile(&found, "source task"), "Strimzi, AWS");
    let not_exported = [Signal::PRODUCER_THROTTLE, Signal::CONSUMER_THROTTLE, Signal::OFFSET_COMMIT_FAILURES];
    for (signal, series) in OF_CONNECT {
        let it = of(&found, signal);
        let (missing, series) =
            if not_exported.contains(&signal) { (Some(Missing::NotExported), 0) } else { (None, series) };
        assert_eq!((&it.missing, it.series), (&missing, series), "{it:#?}");
    }
    let lag = of(&found, Signal::CONSUMER_LAG).query.as_deref().unwrap();
    assert!(lag.contains("clientid=~"), "{lag}");
}

#[tokio::test]
async fn of_two_formats_of_mm2s_metrics_one_is_read() {
    let mut site = Site::of(KAFKA_4_1);
    let mut both = site.store.series.clone();
    both.retain(|(labels, _)| labels["__name__"].contains("_mirrorsourceconnector_"));
    for (labels, _) in &mut both {
        let name = labels["__name__"].replace("_mirror_mirrorsourceconnector_", "_plugins_");
        labels.insert("__name__".to_owned(), name);
        labels.insert("connector".to_owned(), "mm2-source".to_owned());
    }
    site.store.series.extend(both);
    let found = found(&site).await;
    all_of_connect_are_there(&found);
    assert_eq!(profile(&found, "mirror"), "plain rules, Strimzi");

    site.remove(|labels| labels["__name__"].contains("_mirrorsourceconnector_"));
    let found = self::found(&site).await;
    all_of_connect_are_there(&found);
    assert_eq!(profile(&found, "mirror"), "Kafka 4.3 plugins");
}

#[tokio::test]
async fn hosts_and_jvms_are_found_where_they_are_exported() {
    let mut site = Site::of(KAFKA_3_9);
    let gc = [Signal::WORKER_GC, Signal::WORKER_RSS, Signal::WORKER_HEAP_AFTER_GC];
    for signal in gc {
        assert_eq!(of(&found(&site).await, signal).missing, Some(Missing::NotExported));
    }
    site.add("kafka-connect", "connect-1:9404", JVM);
    site.add("kafka-connect", "connect-2:9404", JVM);
    let found = found(&site).await;
    for signal in gc {
        assert_eq!((of(&found, signal).series, of(&found, signal).expected), (2, Some(2)));
    }
    for signal in [Signal::WORKER_CPU, Signal::WORKER_MEMORY] {
        let it = of(&found, signal);
        assert_eq!((it.series, it.expected), (2, Some(2)), "{it:?}");
    }
    // Whole disks of the workers' hosts: neither partitions, nor what stands for other disks, nor the broker's.
    assert_eq!(of(&found, Signal::DISK_BUSY).series, 4);
}

#[tokio::test]
async fn without_node_exporter_the_workers_jvm_may_know_the_hosts_processors() {
    let mut site = Site::of(KAFKA_3_9);
    site.remove(|labels| labels["job"] == "node");
    assert_eq!(of(&found(&site).await, Signal::WORKER_CPU).missing, Some(Missing::NotExported));
    for instance in ["connect-1:9404", "connect-2:9404"] {
        site.add("kafka-connect", instance, "java_lang_operatingsystem_systemcpuload 0.4\n");
    }
    let found = found(&site).await;
    let it = of(&found, Signal::WORKER_CPU);
    assert_eq!((it.series, it.missing.as_ref()), (2, None));
    assert_eq!(it.note.as_deref(), Some("the host's processor use as the worker's JVM sees it"));
}

#[tokio::test]
async fn a_metric_under_a_name_of_its_own_is_suggested_and_read_when_told() {
    let mut site = Site::of(KAFKA_3_9);
    site.rename(
        "^kafka_connect_mirror_mirrorsourceconnector_replication_latency_ms_max$",
        "acme_replication_latency_ms_max",
    );
    let fake = Fake::with(site.store.clone()).await;
    let found = fake.prometheus().find(&expected(), ours_ms()).await.unwrap().found().clone();
    let it = of(&found, Signal::MM2_LATENCY_MAX);
    assert_eq!(it.missing, Some(Missing::NotExported));
    let note = it.note.as_deref().unwrap();
    assert!(note.starts_with("near: acme_replication_latency_ms_max; if that is it, set"), "{note}");

    let read = async |query: &str, unit: Option<Unit>| {
        let given = NameOverride { query: query.to_owned(), unit };
        let names = BTreeMap::from([(Signal::MM2_LATENCY_MAX.to_owned(), given)]);
        let prometheus = Prometheus::new(PrometheusSettings { names, ..fake.settings() }).unwrap();
        let signals = prometheus.find(&expected(), ours_ms()).await.unwrap();
        let readings = signals.read(site.last_s(200), ours_ms()).await;
        let figures = readings[1].panel.seen.clone();
        (of(signals.found(), Signal::MM2_LATENCY_MAX).clone(), figures.map(|it| (it.series, it.max)))
    };
    let (it, seen) = read("acme_replication_latency_ms_max", None).await;
    assert_eq!((it.series, it.missing), (24, None));
    let (_, max) = seen.unwrap();
    assert!(max > 1_000.0, "{max}");
    // A selector is taken as it stands, and its unit as it is said to be.
    let (it, seen) = read(r#"acme_replication_latency_ms_max{partition="0"}"#, Some(Unit::S)).await;
    assert_eq!((it.series, seen.clone().unwrap().0), (2, 2));
    assert!(seen.unwrap().1 > 1_000_000.0);
    let (it, seen) = read("acme_replication_latency_ms_max", Some(Unit::Bytes)).await;
    assert_eq!((it.missing, seen), (Some(Missing::OtherUnit), Err(Missing::OtherUnit)));
    let (it, _) = read("no_such_metric", None).await;
    assert_eq!(it.missing, Some(Missing::NoData));
    assert_eq!(it.note.as_deref(), Some("no_such_metric, from [prometheus.names], has no series now"));
}

#[tokio::test]
async fn a_metric_of_another_site_is_not_taken_because_it_is_named() {
    let mut site = Site::of(KAFKA_3_9);
    let staging = scraped("kafka-3.9.1-agent-0.20.0.connect-worker");
    site.add("kafka-connect", "staging-1:9404", &staging);
    let name = "kafka_connect_mirror_mirrorsourceconnector_replication_latency_ms_max";
    site.rename(&format!("^{name}$"), "acme_mirror_latency_ms_max");
    site.remove(|labels| {
        labels["__name__"].starts_with("acme_") && !labels["instance"].starts_with("staging")
    });
    let check = async |site: &Site, signal: &str, query: &str, unit, expect: (u64, Option<Missing>)| {
        let fake = Fake::with(site.store.clone()).await;
        let names = BTreeMap::from([(signal.to_owned(), NameOverride { query: query.to_owned(), unit })]);
        let prometheus = Prometheus::new(PrometheusSettings { names, ..fake.settings() }).unwrap();
        let found = prometheus.find(&expected(), ours_ms()).await.unwrap().found().clone();
        let it = of(&found, signal);
        assert_eq!((it.series, it.missing.clone()), expect, "{it:?}");
        it.note.clone().unwrap_or_default()
    };
    let (latency, name) = (Signal::MM2_LATENCY_MAX, "acme_mirror_latency_ms_max");
    let note = check(&site, latency, name, None, (0, Some(Missing::OtherSite))).await;
    assert!(note.contains("is of others, such as {") && note.contains("staging-1:9404"), "{note}");
    // Without the label of a topic it comes from another site's worker all the same.
    site.change(&[("__name__", name)], |labels, _| {
        let topic = labels.remove("topic").unwrap();
        labels.insert("mirrored".to_owned(), topic);
    });
    check(&site, latency, name, None, (0, Some(Missing::OtherSite))).await;
    // A selector is somebody's word that it is ours.
    check(&site, latency, "acme_mirror_latency_ms_max{}", None, (12, None)).await;
    // What does not tell whose it is, is taken by its name.
    site.change(&[("__name__", name)], |labels, _| {
        labels.insert("instance".to_owned(), "latencies:80".to_owned());
    });
    check(&site, latency, name, None, (12, None)).await;
    // A host tells it by its name.
    site.add("own", "staging-1:9100", "acme_cpu 0.1\n");
    let unit = Some(Unit::Ratio);
    check(&site, Signal::WORKER_CPU, "acme_cpu", unit, (0, Some(Missing::OtherSite))).await;
    site.add("own", "connect-1:9100", "acme_cpu 0.1\n");
    check(&site, Signal::WORKER_CPU, "acme_cpu", unit, (1, None)).await;
}

#[tokio::test]
async fn the_override_that_is_suggested_reads_what_the_metric_says() {
    let mut site = Site::of(KAFKA_3_9);
    site.remove(|labels| labels["job"] == "node");
    for instance in ["connect-1:9404", "connect-2:9404"] {
        site.add("kafka-connect", instance, "acme_systemcpuload 0.97\n");
    }
    let fake = Fake::with(site.store.clone()).await;
    let found = fake.prometheus().find(&expected(), ours_ms()).await.unwrap().found().clone();
    assert_eq!(
        of(&found, Signal::WORKER_CPU).note.as_deref(),
        Some(
            "near: acme_systemcpuload; if that is it, set [prometheus.names] \"worker.cpu\" = \
             { query = \"acme_systemcpuload\", unit = \"ratio\" }"
        )
    );
    let given = NameOverride { query: "acme_systemcpuload".to_owned(), unit: Some(Unit::Ratio) };
    let names = BTreeMap::from([(Signal::WORKER_CPU.to_owned(), given)]);
    let prometheus = Prometheus::new(PrometheusSettings { names, ..fake.settings() }).unwrap();
    let readings =
        prometheus.find(&expected(), ours_ms()).await.unwrap().read(site.last_s(100), ours_ms()).await;
    let cpu = readings.iter().find(|it| it.signal == *Signal::WORKER_CPU).unwrap();
    assert_eq!(cpu.panel.seen.as_ref().map(|it| it.max), Ok(97.0));
}

#[tokio::test]
async fn what_a_signal_is_made_of_is_not_suggested_in_its_place() {
    let mut site = Site::of(KAFKA_3_9);
    site.rename("^kafka_producer_producer_metrics_buffer_(total|available)_bytes$", "acme_buffer_${1}_bytes");
    let found = found(&site).await;
    let it = of(&found, Signal::BUFFER_USED);
    assert_eq!((&it.missing, &it.note), (&Some(Missing::NotExported), &None));
}

#[test]
fn an_override_that_cannot_be_one_is_refused_before_anything_is_asked() {
    let new = |signal: &str, query: &str| {
        let names =
            BTreeMap::from([(signal.to_owned(), NameOverride { query: query.to_owned(), unit: None })]);
        let settings = PrometheusSettings {
            url: "http://127.0.0.1:1".to_owned(),
            names,
            ..PrometheusSettings::default()
        };
        Prometheus::new(settings).unwrap_err()
    };
    let no_unit = new("worker.cpu", "acme_cpu");
    assert!(no_unit.is_settings());
    assert_eq!(
        no_unit.to_string(),
        "[prometheus.names] `worker.cpu` = 'acme_cpu' does not say its unit; write { query = \"acme_cpu\", \
         unit = \"ratio\" } where 1 is the whole, or unit = \"percent\" where 100 is"
    );
    let unknown = new("mm2.latency_mx", "x");
    assert!(
        matches!(&unknown, MetricsError::UnknownSignal { near: Some(near), .. } if near == "mm2.latency_max")
    );
    assert!(unknown.to_string().ends_with("did you mean `mm2.latency_max`?"), "{unknown}");
    assert!(unknown.is_settings());
    let expression = new("mm2.latency_max", "max(x)").to_string();
    assert!(expression.contains("`mm2.latency_max` = 'max(x)' cannot be read"), "{expression}");
}
