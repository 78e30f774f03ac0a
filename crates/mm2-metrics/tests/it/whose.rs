//! What one Prometheus has of several chains is not mixed; what is not this chain's is missing.

use std::collections::BTreeMap;

use mm2_evidence::signals::SignalsFound;
use mm2_metrics::{Expected, Prometheus, PrometheusSettings, Reading};
use mm2_slo::finding::{Missing, Outcome, Reason};
use mm2_slo::{Criteria, Observation, Observations, Signal};

use crate::fake::{Fake, ours_ms};
use crate::naming::{found, of};
use crate::site::{KAFKA_3_9, KAFKA_4_1, NODE, Site, expected, other_worker, scraped};

async fn read(site: &Site, seconds: i64) -> Vec<Reading> {
    let fake = Fake::with(site.store.clone()).await;
    fake.prometheus().find(&expected(), ours_ms()).await.unwrap().read(site.last_s(seconds), ours_ms()).await
}

fn reading<'a>(readings: &'a [Reading], signal: &str) -> &'a Reading {
    readings.iter().find(|it| it.signal == *signal).unwrap()
}

#[tokio::test]
async fn metrics_of_another_site_are_not_ours() {
    let mut site = Site::empty();
    site.add("kafka-connect", "elsewhere-1:9404", &scraped("kafka-3.9.1-agent-0.20.0.connect-worker"));
    let found = found(&site).await;
    for it in found.signals.iter().filter(|it| it.signal.as_str().starts_with("mm2.latency")) {
        assert_eq!(it.missing, Some(Missing::OtherSite), "{it:?}");
    }
    let note = &found.notes[0];
    assert!(
        note.contains(
            "a connector of this name on elsewhere-1:9404, but Connect's workers are connect-1, connect-2"
        ),
        "{note}"
    );
}

#[tokio::test]
async fn another_connector_on_the_same_workers_is_not_ours() {
    let mut site = Site::of(KAFKA_4_1);
    for (labels, _) in &mut site.store.series {
        for value in labels.values_mut() {
            *value = value.replace("mm2-source", "mm2-source-2");
        }
    }
    let found = found(&site).await;
    for signal in [Signal::BUFFER_USED, Signal::CONSUMER_LAG, Signal::ACTIVE_RECORDS, Signal::MM2_POLLED] {
        assert_eq!(of(&found, signal).missing, Some(Missing::OtherSite), "{signal}");
    }
}

#[tokio::test]
async fn a_second_connect_cluster_with_the_same_names_is_left_out() {
    let mut site = Site::of(KAFKA_3_9);
    site.add("kafka-connect", "staging-1:9404", &scraped("kafka-3.9.1-agent-0.20.0.connect-worker"));
    // Staging is in trouble; we are not.
    site.change(
        &[("instance", "staging-1:9404"), ("client_id", "connector-producer-mm2-source-0")],
        |labels, samples| {
            if labels["__name__"].ends_with("buffer_available_bytes") {
                for (_, value) in samples {
                    *value = 0.0;
                }
            }
        },
    );
    let found = found(&site).await;
    assert_eq!(of(&found, Signal::BUFFER_USED).series, 4);
    assert_eq!(
        found.notes,
        [
            "a connector mm2-source is also on staging-1:9404, which are no workers of this chain: left out; if they \
             are, set [prometheus.selectors] connect"
        ]
    );
    let used = reading(&read(&site, 100).await, Signal::BUFFER_USED).panel.seen.clone().unwrap();
    assert!(used.max < 2.0, "{used:?}");
}

#[tokio::test]
async fn two_that_cannot_be_told_apart_are_not_read_until_a_selector_tells_them() {
    let mut site = Site::of(KAFKA_3_9);
    // The same chain, scraped by a second job.
    site.add("twice", "connect-1:19404", &scraped("kafka-3.9.1-agent-0.20.0.connect-worker"));
    let fake = Fake::with(site.store.clone()).await;
    let without = Expected { workers: Some(3), ..expected() };
    let found = fake.prometheus().find(&without, ours_ms()).await.unwrap().found().clone();
    assert_eq!(of(&found, Signal::BUFFER_USED).missing, Some(Missing::SameName));
    let selectors = BTreeMap::from([("connect".to_owned(), r#"job="kafka-connect""#.to_owned())]);
    let prometheus = Prometheus::new(PrometheusSettings { selectors, ..fake.settings() }).unwrap();
    let found = prometheus.find(&without, ours_ms()).await.unwrap().found().clone();
    assert_eq!(
        (of(&found, Signal::BUFFER_USED).series, &of(&found, Signal::BUFFER_USED).missing),
        (4, &None)
    );
}

#[tokio::test]
async fn a_worker_without_an_agent_is_a_series_short_and_withholds_go() {
    let mut site = Site::of(KAFKA_3_9);
    site.remove(|labels| labels["instance"] == "connect-2:9404");
    let found = found(&site).await;
    assert_eq!(
        (of(&found, Signal::BUFFER_USED).series, of(&found, Signal::BUFFER_USED).expected),
        (2, Some(4))
    );
    assert!(
        found.notes[0].starts_with("metrics come from 1 of 2 workers (connect-1:9404)"),
        "{:?}",
        found.notes
    );

    let criteria = Criteria::from_toml(
        "version = 1\n[[criterion]]\nname = \"buffer\"\nsignal = \"producer.buffer_used\"\nunit = \"percent\"\n\
         over_series = \"max\"\nover_time = \"max\"\ngo = \"< 70 %\"\nstop = \"otherwise\"\n",
    )
    .unwrap();
    let judge = |readings: &[Reading]| {
        let seen = reading(readings, Signal::BUFFER_USED).observed.clone().map(Observation::Sampled);
        let verdict = criteria.judge(&Observations::over(100.0).with_result(Signal::BUFFER_USED, seen));
        verdict.findings[0].clone()
    };
    let finding = judge(&read(&site, 100).await);
    assert_eq!(finding.outcome, Outcome::Inconclusive);
    assert_eq!(finding.reason, Reason::FewerSeries { seen: 2, expected: 4 });
    assert_eq!(judge(&read(&Site::of(KAFKA_3_9), 100).await).outcome, Outcome::Go);
}

#[tokio::test]
async fn topics_that_are_not_under_load_do_not_count() {
    let mut site = Site::of(KAFKA_4_1);
    let topic = "source.test-prometheus.generated-data-02.json";
    site.change(&[("topic", topic)], |labels, _| {
        labels.insert("topic".to_owned(), "source.old".to_owned());
    });
    assert_eq!(of(&found(&site).await, Signal::MM2_LATENCY_MAX).series, 12);
}

#[tokio::test]
async fn workers_that_prometheus_knows_by_address_are_recognised_by_their_connector_and_said_so() {
    let mut site = Site::of(KAFKA_3_9);
    for (labels, _) in &mut site.store.series {
        let renamed = labels["instance"].replace("connect-", "10.0.0.");
        labels.insert("instance".to_owned(), renamed);
    }
    let found = found(&site).await;
    assert_eq!(of(&found, Signal::BUFFER_USED).series, 4);
    assert_eq!(of(&found, Signal::WORKER_CPU).series, 2);
    assert!(
        found.notes[0].starts_with("workers are recognised by the connector's name only"),
        "{:?}",
        found.notes
    );
}

async fn found_with(site: &Site, selectors: &[(&str, &str)], expected: &Expected) -> SignalsFound {
    let fake = Fake::with(site.store.clone()).await;
    let selectors = selectors.iter().map(|(scope, it)| ((*scope).to_owned(), (*it).to_owned())).collect();
    let prometheus = Prometheus::new(PrometheusSettings { selectors, ..fake.settings() }).unwrap();
    prometheus.find(expected, ours_ms()).await.unwrap().found().clone()
}

const OF_HOSTS: [&str; 2] = [Signal::WORKER_CPU, Signal::WORKER_MEMORY];

fn counted(found: &SignalsFound, signal: &str) -> (u64, Option<u64>, Option<Missing>) {
    let it = of(found, signal);
    (it.series, it.expected, it.missing.clone())
}

#[tokio::test]
async fn other_hosts_of_the_selector_do_not_take_the_place_of_a_worker_that_is_missing() {
    let mut site = Site::of(KAFKA_3_9);
    site.remove(|labels| labels["instance"] == "connect-2:9100");
    // Brokers are in the same job.
    let found = found_with(&site, &[("node", r#"job=~"node.*""#)], &expected()).await;
    for signal in OF_HOSTS {
        assert_eq!(counted(&found, signal), (1, Some(2), None), "{signal}");
    }
}

#[tokio::test]
async fn hosts_that_go_by_other_names_than_the_workers_are_taken_only_as_many_as_there_must_be() {
    let mut site = Site::of(KAFKA_3_9);
    for (labels, _) in &mut site.store.series {
        if labels["job"] == "node" {
            let renamed = labels["instance"].replace("connect-", "10.0.0.").replace("broker-", "10.0.1.");
            labels.insert("instance".to_owned(), renamed);
        }
    }
    let found = found_with(&site, &[("node", r#"instance=~"10.0.0.*""#)], &expected()).await;
    for signal in OF_HOSTS {
        assert_eq!(counted(&found, signal), (2, Some(2), None), "{signal}");
    }
    let found = found_with(&site, &[("node", r#"job="node""#)], &expected()).await;
    for signal in OF_HOSTS {
        assert_eq!(counted(&found, signal), (0, None, Some(Missing::SameName)), "{signal}");
        let note = of(&found, signal).note.as_deref().unwrap();
        assert!(
            note.starts_with("3 hosts, none by the name of one of the 2 of the workers; narrow"),
            "{note}"
        );
    }
}

#[tokio::test]
async fn a_worker_that_is_dead_is_expected_though_its_tasks_are_on_another() {
    let mut site = Site::of(KAFKA_3_9);
    site.remove(|labels| labels["instance"].starts_with("connect-2:"));
    let one_host = Expected { worker_hosts: vec!["connect-1:8083".to_owned()], ..expected() };
    let found = found_with(&site, &[], &one_host).await;
    for signal in OF_HOSTS {
        assert_eq!(counted(&found, signal), (1, Some(2), None), "{signal}");
    }
    // Two workers on one host have one host.
    let shared = ["connect-1:8083", "connect-1:8084"].map(str::to_owned).to_vec();
    let found = found_with(&site, &[], &Expected { worker_hosts: shared, ..expected() }).await;
    assert_eq!(counted(&found, Signal::WORKER_CPU), (1, Some(1), None));
}

#[tokio::test]
async fn where_nobody_says_how_many_workers_there_are_those_with_tasks_are_expected() {
    let mut site = Site::of(KAFKA_3_9);
    site.remove(|labels| labels["instance"].starts_with("connect-2:"));
    let found = found_with(&site, &[], &Expected { workers: None, ..expected() }).await;
    for signal in [Signal::WORKER_PROCESS_CPU, Signal::REBALANCES, Signal::WORKER_CPU] {
        assert_eq!(counted(&found, signal), (1, Some(2), None), "{signal}");
    }
}

#[tokio::test]
async fn a_short_name_that_is_in_two_domains_is_nobodys() {
    let mut site = Site::of(KAFKA_3_9);
    for (labels, _) in &mut site.store.series {
        let renamed = labels["instance"]
            .replace("connect-1:", "connect-1.paris:")
            .replace("connect-2:", "connect-2.paris:");
        labels.insert("instance".to_owned(), renamed);
    }
    assert_eq!(counted(&found(&site).await, Signal::WORKER_CPU), (2, Some(2), None));
    // Lyon has a host of this name, and it is no worker: only hosts are in doubt.
    site.add("node", "connect-1.lyon:9100", NODE);
    let both = found(&site).await;
    for signal in OF_HOSTS {
        assert_eq!(counted(&both, signal), (0, None, Some(Missing::SameName)), "{signal}");
    }
    assert_eq!(counted(&both, Signal::BUFFER_USED), (4, Some(4), None));
    // Nor is it known whose tasks these are, where Lyon's worker has just those that are missing in Paris.
    site.remove(|labels| labels["instance"] == "connect-2.paris:9404");
    for (labels, _) in &mut site.store.series {
        if labels["instance"] == "connect-2.paris:9100" {
            labels.insert("instance".to_owned(), "connect-2:9100".to_owned());
        }
    }
    site.add(
        "kafka-connect",
        "connect-1.lyon:9404",
        &other_worker(&scraped("kafka-3.9.1-agent-0.20.0.connect-worker")),
    );
    let tasks = found(&site).await;
    for signal in [Signal::BUFFER_USED, Signal::MM2_LATENCY_MAX, Signal::WORKER_PROCESS_CPU] {
        assert_eq!(of(&tasks, signal).missing, Some(Missing::SameName), "{signal}");
        let note = of(&tasks, signal).note.as_deref().unwrap();
        assert!(
            note.starts_with("Connect's worker connect-1 may be any of connect-1.lyon, connect-1.paris"),
            "{note}"
        );
    }
}

#[tokio::test]
async fn a_workers_jvm_tells_of_its_host_and_two_on_one_host_tell_of_one() {
    let mut site = Site::of(KAFKA_3_9);
    site.remove(|labels| labels["job"] == "node" || labels["instance"] == "connect-2:9404");
    site.add("kafka-connect", "connect-1:9404", "java_lang_operatingsystem_systemcpuload 0.4\n");
    // The same worker, scraped twice.
    site.add("kafka-connect", "connect-1:19404", "java_lang_operatingsystem_systemcpuload 0.4\n");
    site.add(
        "kafka-connect",
        "connect-1:19404",
        "kafka_connect_connect_worker_metrics_connector_failed_task_count{connector=\"mm2-source\"} 0\n",
    );
    assert_eq!(counted(&found(&site).await, Signal::WORKER_CPU), (1, Some(2), None));
    let readings = read(&site, 100).await;
    assert_eq!(
        reading(&readings, Signal::WORKER_CPU).panel.seen.as_ref().map(|it| (it.series, it.max)),
        Ok((1, 40.0))
    );
}

#[tokio::test]
async fn the_number_of_workers_brings_in_no_worker_of_another_site() {
    let mut site = Site::of(KAFKA_3_9);
    // All tasks are on worker 1; another site has a connector of the same name.
    site.remove(|labels| labels["instance"].starts_with("connect-2:"));
    site.add(
        "kafka-connect",
        "staging-1:9404",
        &other_worker(&scraped("kafka-3.9.1-agent-0.20.0.connect-worker")),
    );
    site.add("node", "staging-1:9100", NODE);
    let one_host = Expected { worker_hosts: vec!["connect-1:8083".to_owned()], ..expected() };
    let found = found_with(&site, &[], &one_host).await;
    assert_eq!(counted(&found, Signal::BUFFER_USED), (2, Some(4), None));
    assert_eq!(counted(&found, Signal::WORKER_CPU), (1, Some(2), None));
    assert!(
        found.notes[0].starts_with("a connector mm2-source is also on staging-1:9404"),
        "{:?}",
        found.notes
    );
}

#[tokio::test]
async fn of_a_job_that_two_clusters_share_only_what_may_be_ours_fills_the_number_of_workers() {
    let mut site = Site::of(KAFKA_3_9);
    site.remove(|labels| labels["instance"].starts_with("connect-2:"));
    for (labels, _) in &mut site.store.series {
        let renamed = labels["instance"].replace("connect-", "10.0.0.");
        labels.insert("instance".to_owned(), renamed);
    }
    let staging = scraped("kafka-3.9.1-agent-0.20.0.connect-worker").replace("mm2-source", "mm2-staging");
    site.add("kafka-connect", "10.0.9.1:9404", &staging);
    site.add("node", "10.0.9.1:9100", NODE);
    let one_host = Expected { worker_hosts: vec!["connect-1:8083".to_owned()], ..expected() };
    let found = found_with(&site, &[], &one_host).await;
    assert_eq!(counted(&found, Signal::WORKER_PROCESS_CPU), (1, Some(2), None));
    assert_eq!(counted(&found, Signal::WORKER_CPU), (1, Some(2), None));
}

#[tokio::test]
async fn an_unnamed_connector_is_the_only_one_there_is() {
    let site = Site::of(KAFKA_3_9);
    let fake = Fake::with(site.store.clone()).await;
    let unnamed = Expected { connector: None, worker_hosts: Vec::new(), ..expected() };
    let found = fake.prometheus().find(&unnamed, ours_ms()).await.unwrap().found().clone();
    assert_eq!(of(&found, Signal::BUFFER_USED).series, 4);
    assert_eq!(found.notes, ["the connector is not named; taken is mm2-source, the only one in Prometheus"]);
}

#[tokio::test]
async fn brokers_are_read_only_where_it_is_said_which() {
    let mut site = Site::of(KAFKA_3_9);
    site.add("source", "broker-1:7071", &scraped("kafka-3.9.1-agent-0.20.0.broker"));
    let brokers = found(&site).await;
    let it = of(&brokers, Signal::SOURCE_UNDER_REPLICATED);
    assert_eq!(it.missing, Some(Missing::OtherSite));
    assert_eq!(
        it.note.as_deref(),
        Some("which brokers are meant is not known; set [prometheus.selectors] source")
    );
    let fake = Fake::with(site.store.clone()).await;
    let selectors = BTreeMap::from([("source".to_owned(), r#"job="source""#.to_owned())]);
    let prometheus = Prometheus::new(PrometheusSettings { selectors, ..fake.settings() }).unwrap();
    let found = prometheus.find(&expected(), ours_ms()).await.unwrap().found().clone();
    for signal in [Signal::SOURCE_UNDER_REPLICATED, Signal::SOURCE_OFFLINE] {
        assert_eq!((of(&found, signal).series, &of(&found, signal).missing), (1, &None), "{signal}");
    }
    // Another JVM on the same Prometheus: none of the workers' metrics come from it.
    assert_eq!(of(&found, Signal::WORKER_PROCESS_CPU).series, 2);
}
