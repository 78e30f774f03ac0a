//! Real processes: needs java, prometheus and prometheus-node-exporter, and mvn with a network or a filled
//! cache. Asked for by the feature `lab-tests`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod prometheus;

use std::{fs, path::Path, sync::Mutex};

use mm2_lab::{Lab, LabError, LabOptions, LabState, MetricNaming, Role, running};
use serde_json::Value;

/// One lab at a time: each is four JVMs.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn get(url: &str) -> Value {
    ureq::get(url).call().unwrap().body_mut().read_json().unwrap()
}

fn without_metrics() -> LabOptions {
    LabOptions { metrics: Some(false), ..LabOptions::default() }
}

fn assert_all_gone(state: &LabState) {
    let alive: Vec<_> = state.alive().collect();
    assert!(alive.is_empty(), "still there: {alive:?}");
}

#[test]
fn a_lab_runs_its_connector_on_two_workers_is_measured_and_leaves_nothing_behind() {
    let _turn = ONE_AT_A_TIME.lock();
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("a lab");
    let options = LabOptions { state_dir: Some(folder.clone()), ..LabOptions::default() };
    let mut steps = Vec::new();
    let mut lab = Lab::up(&options, &mut |step| steps.push(step.to_owned())).unwrap();
    assert!(steps.len() >= 4, "{steps:?}");
    assert!(lab.newly_ended().is_empty());

    let state = lab.state().clone();
    assert_eq!(running(&folder), Some(state.clone()));
    assert_eq!(state.alive().count(), 6);
    let port = |role| state.process(role).unwrap().port;
    for worker in [Role::Worker1, Role::Worker2] {
        let status = get(&format!("http://127.0.0.1:{}/connectors/mm2-source/status", port(worker)));
        assert_eq!(status["connector"]["state"], "RUNNING", "{status}");
    }
    prometheus::assert_every_process_is_scraped(&state);
    assert_chain_file(lab.chain_file(), port(Role::Source), port(Role::Target));

    let busy = Lab::up(&options, &mut |_| ()).unwrap_err();
    assert!(matches!(busy, LabError::Busy { .. }), "{busy}");

    lab.down().unwrap();
    assert_all_gone(&state);
    assert_eq!(running(&folder), None);
    let left: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name == "data"), "{left:?}");
    assert!(folder.join("logs/worker-2.log").exists());
}

fn assert_chain_file(path: &Path, source: u16, target: u16) {
    let chain: toml::Table = fs::read_to_string(path).unwrap().parse().unwrap();
    let bootstrap = |side: &str| chain[side]["bootstrap_servers"].as_str().unwrap().to_owned();
    assert_eq!(bootstrap("source"), format!("127.0.0.1:{source}"));
    assert_eq!(bootstrap("target"), format!("127.0.0.1:{target}"));
    let url = chain["prometheus"]["url"].as_str().unwrap();
    assert_eq!(get(&format!("{url}/api/v1/query?query=up"))["status"], "success");
    let worker_properties = chain["connect"]["worker_properties"].as_str().unwrap();
    assert!(fs::read_to_string(worker_properties).unwrap().contains("group.id="));
}

#[test]
fn a_dropped_lab_is_gone_with_its_temporary_folder() {
    let _turn = ONE_AT_A_TIME.lock();
    let lab = Lab::up(&LabOptions::default(), &mut |_| ()).unwrap();
    let state = lab.state().clone();
    assert_eq!(state.alive().count(), 6);
    drop(lab);
    assert_all_gone(&state);
    assert!(!state.state_dir.exists());
}

#[test]
fn in_a_lab_without_metrics_a_worker_that_was_killed_is_told_once_and_does_not_hinder_the_end() {
    let _turn = ONE_AT_A_TIME.lock();
    let mut lab = Lab::up(&without_metrics(), &mut |_| ()).unwrap();
    let state = lab.state().clone();
    assert_eq!((state.alive().count(), &state.metrics), (4, &None));
    assert!(fs::read_to_string(lab.chain_file()).unwrap().contains("[prometheus]\nabsent = "));
    let worker = state.process(Role::Worker1).unwrap();
    let killed =
        std::process::Command::new("kill").args(["-9", &worker.id.pid.to_string()]).status().unwrap();
    assert!(killed.success());
    let told = (0..100).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        lab.newly_ended().pop()
    });
    assert!(told.is_some_and(|told| told.contains("worker-1") && told.contains("signal: 9")));
    assert!(lab.newly_ended().is_empty());
    lab.down().unwrap();
    assert_all_gone(&state);
}

#[test]
fn kafka_4_with_the_runbooks_naming_has_the_third_spelling_and_no_total() {
    let _turn = ONE_AT_A_TIME.lock();
    let options = LabOptions {
        kafka: Some("4.1.1".parse().unwrap()),
        naming: Some(MetricNaming::Runbook),
        ..LabOptions::default()
    };
    let lab = Lab::up(&options, &mut |_| ()).unwrap();
    let state = lab.state().clone();
    assert_eq!(state.kafka_version, "4.1.1");
    assert_eq!(state.metrics.as_ref().unwrap().agent_version, "1.0.1");
    prometheus::assert_every_process_is_scraped(&state);

    create_topic(&state, "test-prometheus.generated-data-01.json");
    prometheus::wait_for(&state, "kafka_connect_mirror_source_connector_replication_latency_ms_max");
    let names = prometheus::metric_names(&state);
    let has = |name: &str| names.iter().any(|found| found == name);
    for name in [
        "kafka_connect_mirror_source_connector_record_count",
        "kafka_producer_producer_metrics_record_error",
        "kafka_connect_connect_worker_metrics_task_count",
        "kafka_consumer_consumer_fetch_manager_metrics_records_lag_max",
        "kafka_server_replicamanager_value",
        "kafka_server_brokertopicmetrics_count",
        "kafka_controller_kafkacontroller_value",
        "kafka_network_requestmetrics_99thpercentile",
        "jvm_memory_used_bytes",
        "jvm_memory_pool_collection_used_bytes",
        "jvm_gc_collection_seconds_sum",
        "process_cpu_seconds_total",
        "process_resident_memory_bytes",
        "node_cpu_seconds_total",
        "node_memory_MemAvailable_bytes",
        "node_disk_io_time_seconds_total",
        "node_network_receive_bytes_total",
        "node_filesystem_avail_bytes",
    ] {
        assert!(has(name), "{name} is not in {names:?}");
    }
    assert!(!has("kafka_producer_producer_metrics_record_error_total"));
    assert!(!names.iter().any(|name| name.starts_with("kafka_connect_mirror_mirrorsourceconnector")));
    // Of either worker: the other one's may not have been scraped yet.
    let series = prometheus::query(&state, "kafka_connect_mirror_source_connector_record_count");
    let labels = &series[0]["metric"];
    assert_eq!((&labels["source"], &labels["target"]), (&"source".into(), &"target".into()));
    assert_eq!(labels["topic"], "source.test-prometheus.generated-data-01.json");
    lab.down().unwrap();
    assert_all_gone(&state);
}

/// By Kafka's own command, since the lab itself does not speak Kafka's protocol.
fn create_topic(state: &LabState, topic: &str) {
    let source = format!("127.0.0.1:{}", state.process(Role::Source).unwrap().port);
    let created = std::process::Command::new("java")
        .arg("-cp")
        .arg(state.libs.join("*"))
        .args(["org.apache.kafka.tools.TopicCommand", "--bootstrap-server", &source])
        .args(["--create", "--topic", topic, "--partitions", "2", "--replication-factor", "1"])
        .output()
        .unwrap();
    assert!(created.status.success(), "{created:?}");
}
