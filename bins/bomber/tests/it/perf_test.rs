//! The load of a perf-test command line, against a mock cluster in this process.

use mm2_kafka::rdkafka::ClientConfig;
use mm2_kafka::rdkafka::consumer::{BaseConsumer, Consumer as _};
use mm2_kafka::rdkafka::mocking::MockCluster;
use mm2_kafka::rdkafka::producer::DefaultProducerContext;
use mm2_kafka::rdkafka::{Message as _, Offset, TopicPartitionList};

use super::{bomber, closed_port, empty_folder, ended};

const TOPIC: &str = "perf";

fn cluster() -> MockCluster<'static, DefaultProducerContext> {
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic(TOPIC, 3, 1).unwrap();
    cluster
}

/// Keys and values of the topic.
fn read(brokers: &str, count: usize) -> Vec<(Option<Vec<u8>>, Vec<u8>)> {
    let consumer: BaseConsumer =
        ClientConfig::new().set("bootstrap.servers", brokers).set("group.id", "test").create().unwrap();
    let mut partitions = TopicPartitionList::new();
    for partition in 0..3 {
        partitions.add_partition_offset(TOPIC, partition, Offset::Beginning).unwrap();
    }
    consumer.assign(&partitions).unwrap();
    let mut records = Vec::new();
    while records.len() < count {
        let message = consumer.poll(std::time::Duration::from_secs(10)).unwrap().unwrap();
        records.push((message.key().map(<[u8]>::to_vec), message.payload().unwrap().to_vec()));
    }
    records
}

fn typed<'a>(rest: &[&'a str]) -> Vec<&'a str> {
    [&["--topic", TOPIC], rest].concat()
}

#[test]
fn flat_out_every_record_is_sent_and_the_summary_is_perf_tests() {
    let (cluster, folder) = (cluster(), empty_folder());
    let props = format!("bootstrap.servers={}", cluster.bootstrap_servers());
    let flags = ["--num-records", "20000", "--record-size", "10", "--throughput", "-1"];
    let args = typed(
        &[&flags[..], &["--warmup-records", "5000", "--producer-props", &props, "linger.ms=1"]].concat(),
    );
    let (code, out, err) = ended(&bomber(folder.path(), &args).output().unwrap());
    assert_eq!(code, Some(0), "{out}\n{err}");
    let lines: Vec<&str> = out.lines().filter(|line| line.ends_with("99.9th.")).collect();
    assert!(lines[0].starts_with("20000 records sent, ") && lines[0].contains(" ms 50th, "), "{out}");
    assert!(lines[1].starts_with("15000 steady state records sent, "), "{out}");
    assert_eq!(lines.len(), 2, "{out}");
    assert!(err.contains("20000 records as fast as the source takes them, 1 thread"), "{err}");
    assert!(err.contains("as perf-test counts it") && err.contains("nothing is due"), "{err}");
}

#[test]
fn a_throughput_is_kept_and_both_latencies_are_told() {
    let (cluster, folder) = (cluster(), empty_folder());
    let props = format!("bootstrap.servers={}", cluster.bootstrap_servers());
    let args = typed(&[
        "--num-records",
        "2000",
        "--record-size",
        "100",
        "--throughput",
        "1000",
        "--reporting-interval",
        "500",
        "--print-metrics",
        "--producer-props",
        &props,
    ]);
    // 30: this machine was too busy to send on time, which says nothing of the product.
    let mut attempts = (0..4).map(|_| ended(&bomber(folder.path(), &args).output().unwrap()));
    let (code, out, err) = attempts.find(|(code, ..)| *code != Some(30)).unwrap();
    assert_eq!(code, Some(0), "{out}\n{err}");
    let summary = out.lines().find(|line| line.starts_with("2000 records sent, ")).unwrap();
    let per_sec: f64 = summary.split_whitespace().nth(3).unwrap().parse().unwrap();
    assert!((980.0..=1_020.0).contains(&per_sec), "{summary}");
    let windows = out.lines().filter(|line| line.ends_with(" ms max latency.")).count();
    assert!((3..=4).contains(&windows), "{out}");
    assert!(out.contains("Metric Name") && out.contains("librdkafka:txmsgs"), "{out}");
    assert!(err.contains("latency from when a record was due: "), "{err}");
}

#[test]
fn values_of_a_file_arrive_to_the_byte_and_without_keys() {
    let (cluster, folder) = (cluster(), empty_folder());
    std::fs::write(folder.path().join("values"), "{\"a\":1}\nplain\n").unwrap();
    let brokers = cluster.bootstrap_servers();
    let args = typed(&[
        "--num-records",
        "6",
        "--payload-file",
        "values",
        "--throughput",
        "-1",
        "--bootstrap-server",
        &brokers,
        "--json",
    ]);
    let (code, out, err) = ended(&bomber(folder.path(), &args).output().unwrap());
    assert_eq!(code, Some(0), "{out}\n{err}");
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&json["acked"], &json["ack_since_sent_ms"]["count"]), (&6.into(), &6.into()));
    let records = read(&brokers, 6);
    assert!(records.iter().all(|(key, _)| key.is_none()));
    for value in [b"{\"a\":1}".as_slice(), b"plain"] {
        assert_eq!(records.iter().filter(|(_, found)| found == value).count(), 3, "{records:?}");
    }
}

#[test]
fn a_property_that_the_client_refuses_ends_with_64_and_its_name() {
    let folder = empty_folder();
    let props = format!("bootstrap.servers={}", closed_port());
    let flags =
        ["--num-records", "6", "--record-size", "10", "--throughput", "-1", "--producer-props", &props];
    let args = typed(&[&flags[..], &["acks=-1,linger.ms=5"]].concat());
    let (code, out, err) = ended(&bomber(folder.path(), &args).output().unwrap());
    assert_eq!((code, out.as_str()), (Some(64), ""), "{err}");
    assert!(err.contains("`acks` is `-1,linger.ms=5`") && err.contains("not commas"), "{err}");
}

#[test]
fn flags_of_both_tools_end_with_64_and_what_to_give() {
    let folder = empty_folder();
    let args = typed(&["--num-topics", "2"]);
    let (code, _, err) = ended(&bomber(folder.path(), &args).output().unwrap());
    assert_eq!(code, Some(64));
    assert!(err.contains("hint: instead of --num-topics give --topic"), "{err}");
}

#[test]
fn a_full_disk_behind_stdout_loses_neither_the_summary_nor_the_exit_code() {
    let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") else { return };
    let (cluster, folder) = (cluster(), empty_folder());
    let brokers = cluster.bootstrap_servers();
    let flags = ["--num-records", "10", "--record-size", "10", "--throughput", "-1", "--bootstrap-server"];
    let args = typed(&[&flags[..], &[&brokers]].concat());
    let output = bomber(folder.path(), &args).stdout(full).output().unwrap();
    let (code, _, err) = ended(&output);
    assert_eq!(code, Some(0), "{err}");
    assert!(
        err.contains("warning: stdout does not take the summary") && err.contains("10 records sent, "),
        "{err}"
    );
}

/// What became of so many records of 1 000 bytes that are all due within a second.
fn too_much(brokers: &str, records: &str, props: &[&str]) -> (Option<i32>, serde_json::Value) {
    let flags = ["--num-records", records, "--record-size", "1000", "--throughput", records, "--json"];
    let rest = ["--bootstrap-server", brokers, "--producer-props"];
    let args = typed(&[&flags[..], &rest, props].concat());
    let (code, out, err) = ended(&bomber(empty_folder().path(), &args).output().unwrap());
    let json = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}\n{err}"));
    (code, json)
}

#[test]
fn a_codec_that_cannot_keep_up_is_not_blamed_on_the_source() {
    let cluster = cluster();
    let props = ["batch.size=200000", "compression.type=gzip", "compression.gzip.level=9"];
    let (code, json) = too_much(&cluster.bootstrap_servers(), "200000", &props);
    assert_eq!(code, Some(30), "{json}");
    assert!(json["verdict"]["reason"].as_str().unwrap().contains("although the source had room"), "{json}");
}

#[test]
fn a_source_that_answers_slowly_is_told_from_a_slow_sender() {
    let cluster = cluster();
    cluster.broker_round_trip_time(1, std::time::Duration::from_millis(200)).unwrap();
    let props = ["buffer.memory=1048576", "batch.size=200000"];
    let (code, json) = too_much(&cluster.bootstrap_servers(), "10000", &props);
    assert_eq!(code, Some(20), "{json}");
    assert!(json["source_blocked_ms"].as_f64().unwrap() > 1_000.0, "{json}");
    assert_eq!(json["client_blocked_ms"], 0.0, "{json}");
}
