use clap::Parser as _;

use super::*;
use crate::args::{Args, Vocabulary};

const SENTINEL: &str = "s3ntinel-hunter2";
const BASE: &str = "--topic t --num-records 300000 --record-size 1024 --throughput 1000 --producer-props bootstrap.servers=b1:9092";

fn resolve(words: &[&str]) -> Result<PerfSettings, String> {
    let words = ["bomber"].iter().chain(words);
    let args = Args::try_parse_from(words).map_err(|error| error.to_string())?;
    assert_eq!(args.vocabulary(), Ok(Vocabulary::PerfTest));
    PerfSettings::resolve(&args.perf, &args.both).map_err(|error| error.to_string())
}

fn typed(line: &str) -> Result<PerfSettings, String> {
    resolve(&line.split_whitespace().collect::<Vec<_>>())
}

fn order(line: &str) -> Order {
    typed(line).unwrap_or_else(|error| panic!("{line}: {error}")).order()
}

fn refused_with(line: &str) -> String {
    typed(line).err().unwrap_or_else(|| panic!("{line} was taken"))
}

#[test]
fn the_commands_that_people_type_are_understood() {
    let order = order(&format!("{BASE} acks=all linger.ms=10 batch.size=65536 compression.type=lz4"));
    assert_eq!(order.rate, Rate::Until { per_sec: 1_000, records: 300_000 });
    assert_eq!(order.values, Values::Letters { bytes: 1_024 });
    assert_eq!(order.topics[0].name, "t");
    assert_eq!(order.cluster.bootstrap_servers, "b1:9092");
    assert!(!order.keys);
    let client = |key: &str| order.cluster.client.get(key).map(String::as_str);
    assert_eq!(
        (client("acks"), client("linger.ms"), client("batch.size")),
        (Some("all"), Some("10"), Some("65536"))
    );
    assert_eq!(client("compression.codec"), Some("lz4"));
    assert!(
        order.announce().contains("300000 records at 1000 msg/s, 1 thread, 1024 B of letters a record, lz4")
    );
}

#[test]
fn what_is_not_given_is_javas_default_where_it_decides_what_is_measured() {
    let order = order(BASE);
    assert_eq!((order.loader.producers, order.loader.queue_kib), (1, 32_768));
    assert_eq!(order.loader.delivery_timeout_ms, 120_000);
    assert_eq!(order.cluster.client.get("message.max.bytes").map(String::as_str), Some("1048576"));
    let Manner::PerfTest { reporting_interval, warm_up_records, print_metrics } = order.manner else {
        panic!("{:?}", order.manner)
    };
    assert_eq!((reporting_interval, warm_up_records, print_metrics), (Duration::from_secs(5), 0, false));
    let order = self::order(&format!("{BASE} delivery.timeout.ms=30000"));
    assert_eq!(order.loader.delivery_timeout_ms, 30_000);
}

#[test]
fn a_negative_throughput_is_as_fast_as_it_goes() {
    let rate = |throughput: &str| {
        order(&BASE.replace("--throughput 1000", &format!("--throughput {throughput}"))).rate
    };
    assert_eq!(rate("-1"), Rate::FlatOut { records: 300_000 });
    assert_eq!(rate("-1.0"), Rate::FlatOut { records: 300_000 });
    assert_eq!(rate("1000.0"), Rate::Until { per_sec: 1_000, records: 300_000 });
}

#[test]
fn what_perf_test_asks_for_is_asked_for_with_what_to_give() {
    let check = |without: &str, expect: &str| {
        let error = refused_with(&BASE.replace(without, ""));
        assert!(error.contains(expect) && error.contains("; hint: "), "{error}");
    };
    check("--topic t", "--topic is missing");
    check("--num-records 300000", "--num-records is missing");
    check("--throughput 1000", "--throughput is missing; hint: --throughput 1000 sends a thousand");
    check("--record-size 1024", "--record-size is missing; hint: give --record-size 1024, or --payload-file");
    check("--producer-props bootstrap.servers=b1:9092", "no brokers are named; hint: give --producer-props");
}

#[test]
fn what_cannot_be_is_refused_by_its_name() {
    let check = |from: &str, to: &str, expect: &str| {
        let error = refused_with(&BASE.replace(from, to));
        assert!(error.contains(expect), "{to}: {error}");
    };
    check("--throughput 1000", "--throughput 0", "--throughput is `0`; hint: give a whole number");
    check("--throughput 1000", "--throughput 0.5", "--throughput is `0.5`");
    check("--throughput 1000", "--throughput fast", "--throughput is `fast`");
    check("--throughput 1000", "--throughput NaN", "--throughput is `NaN`");
    check("--num-records 300000", "--num-records 0", "--num-records is `0`");
    check("--num-records 300000", "--num-records -5", "--num-records is `-5`");
    check("--record-size 1024", "--record-size 0", "--record-size is `0`");
    check(
        "--record-size 1024",
        "--record-size 1048577",
        "larger than the client may send (1048576 bytes, of which 36 are its own); hint: ",
    );
    check("--record-size 1024", "--record-size 1048541", "larger than the client may send");
    check(
        "--record-size 1024",
        "--record-size 70000 --producer-props buffer.memory=65536",
        "larger than the buffer that it waits in (65536 bytes); hint: give --producer-props buffer.memory=",
    );
    check("--topic t", "--topic a/b", "--topic is `a/b`");
    check(
        "--topic t",
        "--topic t --warmup-records 300000",
        "--warmup-records is `300000`; hint: give fewer than",
    );
    check("--topic t", "--topic t --reporting-interval 0", "--reporting-interval is `0`");
    check("--topic t", "--topic t --payload-monotonic", "--payload-monotonic is not supported; hint: ");
    check("--topic t", "--topic t --transactional-id x", "--transactional-id is not supported; hint: ");
    check("=b1:9092", "=b1:9092 transactional.id=x", "asks for transactions");
    check(
        "=b1:9092",
        "=b1:9092 acks=1 enable.idempotence=true",
        "does not go with `enable.idempotence=true`",
    );
    check("--topic t", "--topic t --payload-file f", "cannot be used with");
}

#[test]
fn a_larger_request_may_be_allowed() {
    let line = BASE.replace("--record-size 1024", "--record-size 2000000");
    assert!(typed(&format!("{line} max.request.size=2000200")).is_ok());
}

#[test]
fn a_batch_closes_when_it_is_full_by_the_size_that_java_would_have() {
    let check = |line: &str, in_a_row: u32| {
        let order = order(line);
        assert_eq!(order.in_a_row, in_a_row, "{line}");
        assert_eq!(order.cluster.client["batch.num.messages"], in_a_row.to_string(), "{line}");
    };
    let flat_out = BASE.replace("--throughput 1000", "--throughput -1");
    check(BASE, 15);
    check(&format!("{BASE} batch.size=65536"), 61);
    check(&flat_out, 931);
    check(&format!("{flat_out} buffer.memory=1048576"), 61);
    check(&format!("{flat_out} batch.size=65536"), 61);
    check(&BASE.replace("--record-size 1024", "--record-size 100000"), 1);
}

#[test]
fn the_largest_record_that_librdkafka_takes_is_taken() {
    assert!(typed(&BASE.replace("--record-size 1024", "--record-size 1048540")).is_ok());
}

#[test]
fn one_large_value_does_not_make_every_batch_small() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("values");
    std::fs::write(&path, format!("{}\n{}", "small\n".repeat(999), "x".repeat(100_000))).unwrap();
    let line = BASE.replace("--record-size 1024", &format!("--payload-file {}", path.display()));
    let order = order(&line);
    // 999 values of 5 bytes and one of 100 000: 105 on the average, 50 more in a batch of 16 384.
    assert_eq!(order.in_a_row, 105);
    assert_eq!(order.cluster.client.get("batch.num.messages"), None);
    assert_eq!(order.cluster.client["batch.size"], "16384");
}

#[test]
fn an_absent_topic_is_created_as_the_broker_would_unless_a_shape_is_given() {
    let check = |more: &str, partitions: u32, replication: u16, config: usize| {
        let topic = order(&format!("{more} {BASE}")).topics.remove(0);
        assert_eq!(
            (topic.partitions, topic.replication, topic.config.len()),
            (partitions, replication, config)
        );
    };
    check("", 0, 0, 0);
    check("--partitions 6", 6, 0, 1);
    check("--replication 1", 0, 1, 1);
    check("--partitions 6 --replication 3", 6, 3, 2);
}

#[test]
fn it_calls_itself_as_perf_test_does() {
    let id = |line: &str| order(line).cluster.client["client.id"].clone();
    assert_eq!(id(BASE), "perf-producer-client");
    assert_eq!(id(&format!("{BASE} client.id=mine")), "mine");
}

#[test]
fn no_end_can_be_asked_for_as_it_is_with_perf_test() {
    let line = BASE.replace("--num-records 300000", "--num-records 9223372036854775807");
    assert_eq!(order(&line).rate, Rate::Until { per_sec: 1_000, records: i64::MAX as u64 });
}

#[test]
fn secrets_of_every_kind_are_kept_and_warned_of() {
    for key in
        ["ssl.keystore.key", "basic.auth.user.info", "schema.registry.basic.auth.user.info", "my.credential"]
    {
        let settings = typed(&format!("{BASE} {key}={SENTINEL}")).unwrap();
        let (shown, warnings) = (settings.show(), settings.warnings().join("\n"));
        assert!(!shown.contains(SENTINEL) && shown.contains("<redacted>"), "{shown}");
        assert!(warnings.contains(&format!("{key} in --producer-props can be read")), "{warnings}");
    }
    let shown = typed(&format!("{BASE} my.own.key={SENTINEL} linger.ms=7")).unwrap().show();
    assert!(!shown.contains(SENTINEL) && shown.contains("<not shown>"), "{shown}");
    assert!(shown.lines().any(|line| line.starts_with("linger.ms") && line.contains('7')), "{shown}");
}

#[test]
fn a_value_that_is_clamped_is_told_by_its_java_name() {
    let settings = typed(&format!("{BASE} request.timeout.ms=600000")).unwrap();
    assert_eq!(
        settings.warnings(),
        ["request.timeout.ms=600000 is more or less than librdkafka takes, 300000 stands for it"]
    );
}

#[test]
fn a_small_record_has_no_stamp() {
    let order = order(&BASE.replace("--record-size 1024", "--record-size 10"));
    let payloads = order.values.payloads().unwrap();
    assert_eq!((payloads.are_stamped(), payloads.value(0).len()), (false, 10));
}

#[test]
fn words_win_over_the_file_and_the_brokers_flag_over_both() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("client.properties");
    std::fs::write(&path, "bootstrap.servers=file:1\nlinger.ms=1\nacks = 1\n").unwrap();
    let base = ["--topic", "t", "--num-records", "5", "--record-size", "9", "--throughput", "-1"];
    let file = ["--producer.config", path.to_str().unwrap()];
    let words = ["--producer-props", "bootstrap.servers=word:1", "linger.ms=2"];
    let flag = ["--bootstrap-server", "flag:1"];
    let resolved = |parts: &[&[&str]]| {
        let order = resolve(&parts.concat()).unwrap().order();
        (order.cluster.bootstrap_servers.clone(), order.cluster.client["linger.ms"].clone())
    };
    assert_eq!(resolved(&[&base, &file]), ("file:1".into(), "1".into()));
    assert_eq!(resolved(&[&base, &words, &file]), ("word:1".into(), "2".into()));
    assert_eq!(resolved(&[&base, &flag, &words, &file]), ("flag:1".into(), "2".into()));
    let newer =
        ["--command-config", file[1], "--command-property", "linger.ms=3", "--command-property", "acks=all"];
    assert_eq!(resolved(&[&base, &newer]), ("file:1".into(), "3".into()));
}

#[test]
fn a_secured_cluster_is_reached_as_java_reaches_it() {
    let jaas = format!(
        "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username=\"mm2\" password=\"{SENTINEL}=\";"
    );
    let mut words: Vec<&str> = BASE.split_whitespace().collect();
    words.extend(["security.protocol=SASL_SSL", "sasl.mechanism=PLAIN", &jaas]);
    let settings = resolve(&words).unwrap();
    let shown = settings.show();
    assert!(!shown.contains(SENTINEL) && shown.contains("<redacted>"), "{shown}");
    let warnings = settings.warnings().join("\n");
    assert!(
        warnings.starts_with("sasl.jaas.config in --producer-props can be read in the process list"),
        "{warnings}"
    );
    assert!(!warnings.contains(SENTINEL) && warnings.contains("--producer.config FILE"), "{warnings}");
    let order = settings.order();
    assert!(!format!("{order:?}").contains(SENTINEL));
    assert_eq!(order.cluster.username.as_deref(), Some("mm2"));
    assert_eq!(order.cluster.password.unwrap().expose_secret(), format!("{SENTINEL}="));
    let args = Args::try_parse_from(["bomber", "--producer-props", &jaas]).unwrap();
    assert!(!format!("{args:?}").contains(SENTINEL));
}

#[test]
fn a_word_that_is_no_property_is_counted_and_not_quoted() {
    let error = refused_with(&format!("{BASE} {SENTINEL}"));
    assert_eq!(
        error,
        "word 2 of --producer-props is not NAME=VALUE; hint: put a value with blanks in quotes"
    );
}

#[test]
fn what_has_no_meaning_here_is_warned_of() {
    let warnings =
        typed(&format!("{BASE} max.block.ms=1 partitioner.class=x liger.ms=5")).unwrap().warnings();
    assert_eq!(
        warnings,
        [
            "without an equivalent in librdkafka, and left out: max.block.ms, partitioner.class",
            "liger.ms is no property of Kafka's producer, and left out; hint: did you mean linger.ms?",
        ]
    );
}

#[test]
fn values_of_a_file_are_split_at_the_delimiter() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("values");
    let check = |text: &str, delimiter: &str, expect: &[&str]| {
        std::fs::write(&path, text).unwrap();
        let values = payload_file(&path, delimiter).unwrap();
        assert_eq!(
            values,
            expect.iter().map(|value| value.as_bytes().to_vec()).collect::<Vec<_>>(),
            "{text:?}"
        );
    };
    check("one\ntwo\n", "\\n", &["one", "two"]);
    check("one\n\ntwo", "\n", &["one", "", "two"]);
    check("a||b||c|", "||", &["a", "b", "c|"]);
    check("a\tb", "\\t", &["a", "b"]);
    std::fs::write(&path, "").unwrap();
    let error = payload_file(&path, "\n").unwrap_err().to_string();
    assert!(error.contains("has no values; hint: "), "{error}");
    assert!(payload_file(&path, "").is_err());
    assert!(payload_file(Path::new("/not/there"), "\n").is_err());
}
