//! A Java producer's tuning (`ProducerConfig`), in librdkafka's words.
//!
//! Keys as in Kafka 4.1's `ProducerConfig`. What has no equivalent is named and left out, as Java's client names
//! what it does not use and goes on.

use std::collections::BTreeMap;

use super::{JavaError, translate};
use crate::ClusterSettings;

/// What a Java producer's properties come to.
#[derive(Debug, Clone)]
pub struct JavaProducer {
    /// How to reach the cluster, and the tuning among its client keys.
    pub settings: ClusterSettings,
    /// Keys of Java's producer that librdkafka has nothing for.
    pub without_equivalent: Vec<String>,
    /// Values outside of what librdkafka takes: the key, what was given, and what stands for it.
    pub clamped: Vec<(String, String, String)>,
    /// Keys that Java's producer does not know either, each with the key that it looks like.
    pub unknown: Vec<(String, Option<&'static str>)>,
}

/// A key, and what becomes of its value.
type Rule = (&'static str, fn(&str) -> Vec<(&'static str, String)>);

macro_rules! renamed {
    ($java:literal => $ours:literal) => {
        ($java, |value: &str| vec![($ours, value.to_owned())])
    };
    ($same:literal) => {
        ($same, |value: &str| vec![($same, value.to_owned())])
    };
}

/// librdkafka's `queue.buffering.max.kbytes`: KiB, rounded up. A negative number goes on as it is, and is refused.
fn kib(bytes: &str) -> String {
    bytes.parse::<u64>().map_or_else(|_| bytes.to_owned(), |bytes| bytes.div_ceil(1024).max(1).to_string())
}

/// Java's −1 is "as the system has it" or "never", librdkafka's is 0.
fn none_as_zero(value: &str) -> String {
    if value == "-1" { "0".to_owned() } else { value.to_owned() }
}

/// What librdkafka can be told.
const RULES: &[Rule] = &[
    renamed!("acks"),
    renamed!("enable.idempotence"),
    renamed!("linger.ms"),
    renamed!("retries" => "message.send.max.retries"),
    renamed!("retry.backoff.ms"),
    renamed!("retry.backoff.max.ms"),
    renamed!("delivery.timeout.ms" => "message.timeout.ms"),
    // Java waits for an answer for that long, which is librdkafka's socket time-out; its own key of the name is
    // what the broker is asked to keep to.
    renamed!("request.timeout.ms" => "socket.timeout.ms"),
    renamed!("max.in.flight.requests.per.connection"),
    renamed!("max.request.size" => "message.max.bytes"),
    renamed!("compression.type" => "compression.codec"),
    renamed!("metadata.max.age.ms"),
    // Java's −1 is "never", librdkafka's is 0.
    ("connections.max.idle.ms", |value| vec![("connections.max.idle.ms", none_as_zero(value))]),
    renamed!("reconnect.backoff.ms"),
    renamed!("reconnect.backoff.max.ms"),
    renamed!("socket.connection.setup.timeout.ms"),
    renamed!("client.dns.lookup"),
    // Java's 0 turns batching off: a batch then closes after its first record, as it does at 1 byte.
    ("batch.size", |value| {
        vec![("batch.size", if value == "0" { "1".to_owned() } else { value.to_owned() })]
    }),
    ("buffer.memory", |value| vec![("queue.buffering.max.kbytes", kib(value))]),
    ("send.buffer.bytes", |value| vec![("socket.send.buffer.bytes", none_as_zero(value))]),
    ("receive.buffer.bytes", |value| vec![("socket.receive.buffer.bytes", none_as_zero(value))]),
];

/// A whole number: the least that Java takes, and the least and the most that librdkafka takes, in Java's unit. Where
/// Java's −1 has a rule of its own, librdkafka's least is −1 too.
struct Range {
    key: &'static str,
    java_least: i64,
    least: i64,
    most: i64,
}

const fn range(key: &'static str, java_least: i64, least: i64, most: i64) -> Range {
    Range { key, java_least, least, most }
}

const INT_MAX: i64 = i32::MAX as i64;
const HOUR_MS: i64 = 3_600_000;

/// librdkafka 2.12's `rdkafka_conf.c`, Kafka 4.1's `ProducerConfig`.
const RANGES: &[Range] = &[
    range("linger.ms", 0, 0, 900_000),
    range("retries", 0, 0, INT_MAX),
    range("retry.backoff.ms", 0, 1, 300_000),
    range("retry.backoff.max.ms", 0, 1, 300_000),
    range("delivery.timeout.ms", 0, 0, INT_MAX),
    range("request.timeout.ms", 0, 10, 300_000),
    range("max.in.flight.requests.per.connection", 1, 1, 1_000_000),
    range("max.request.size", 0, 1_000, 1_000_000_000),
    range("metadata.max.age.ms", 0, 1, 24 * HOUR_MS),
    range("connections.max.idle.ms", -1, -1, INT_MAX),
    range("reconnect.backoff.ms", 0, 0, HOUR_MS),
    range("reconnect.backoff.max.ms", 0, 0, HOUR_MS),
    range("socket.connection.setup.timeout.ms", 0, 1_000, INT_MAX),
    range("batch.size", 0, 0, INT_MAX),
    range("buffer.memory", 0, 1_024, INT_MAX * 1_024),
    range("send.buffer.bytes", -1, -1, 100_000_000),
    range("receive.buffer.bytes", -1, -1, 100_000_000),
    range("compression.gzip.level", -1, -1, 9),
    range("compression.lz4.level", 1, 0, 12),
    // −1 is librdkafka's word for the codec's own level, and it goes up to 12 for all codecs.
    range("compression.zstd.level", -131_072, 0, 12),
];

/// The level of each codec, all of which are librdkafka's `compression.level`.
const LEVELS: &[(&str, &str)] = &[
    ("compression.gzip.level", "gzip"),
    ("compression.lz4.level", "lz4"),
    ("compression.zstd.level", "zstd"),
];

/// Keys whose values are words; every other one of [`RULES`] takes a whole number of [`RANGES`].
const WORDS: &[(&str, &[&str])] = &[
    ("acks", &["all", "-1", "0", "1"]),
    ("enable.idempotence", &["true", "false"]),
    ("compression.type", &["none", "gzip", "snappy", "lz4", "zstd"]),
    ("client.dns.lookup", &["use_all_dns_ips", "resolve_canonical_bootstrap_servers_only"]),
];

/// What only Java's producer has.
const WITHOUT_EQUIVALENT: &[&str] = &[
    "auto.include.jmx.reporter",
    "enable.metrics.push",
    "interceptor.classes",
    "max.block.ms",
    "metadata.max.idle.ms",
    "metadata.recovery.rebootstrap.trigger.ms",
    "metadata.recovery.strategy",
    "metric.reporters",
    "metrics.num.samples",
    "metrics.recording.level",
    "metrics.sample.window.ms",
    "partitioner.adaptive.partitioning.enable",
    "partitioner.availability.timeout.ms",
    "partitioner.class",
    "partitioner.ignore.keys",
    "sasl.kerberos.service.name",
    "sasl.login.callback.handler.class",
    "sasl.login.class",
    "security.providers",
    "socket.connection.setup.timeout.max.ms",
    "ssl.cipher.suites",
    "ssl.enabled.protocols",
    "ssl.engine.factory.class",
    "ssl.keymanager.algorithm",
    "ssl.protocol",
    "ssl.provider",
    "ssl.secure.random.implementation",
    "ssl.trustmanager.algorithm",
    "transaction.timeout.ms",
];

/// Every tool that sends bytes sets these itself.
const OF_NO_MEANING: &[&str] = &["key.serializer", "value.serializer"];

/// Keys that [`translate`] takes.
const OF_ANY_CLIENT: &[&str] = &[
    "bootstrap.servers",
    "client.id",
    "sasl.jaas.config",
    "sasl.mechanism",
    "security.protocol",
    "ssl.endpoint.identification.algorithm",
    "ssl.keystore.location",
    "ssl.keystore.password",
    "ssl.keystore.type",
    "ssl.truststore.location",
    "ssl.truststore.password",
    "ssl.truststore.type",
];

/// Says in librdkafka's words what a Java producer's properties say in Java's, tuning included.
///
/// # Errors
/// As [`translate`]; and for transactions, which no sender of ours makes.
pub fn translate_producer(properties: &BTreeMap<String, String>) -> Result<JavaProducer, JavaError> {
    if properties.get("transactional.id").is_some_and(|id| !id.trim().is_empty()) {
        return Err(JavaError::Transactions);
    }
    let client = translate(properties)?;
    let mut producer = JavaProducer {
        settings: client.settings,
        without_equivalent: Vec::new(),
        clamped: Vec::new(),
        unknown: Vec::new(),
    };
    let codec = properties.get("compression.type").map_or("none", |codec| codec.trim()).to_lowercase();
    for key in client.ignored {
        let value = properties.get(&key).map_or("", |value| value.trim());
        if let Some((_, in_our_words)) = RULES.iter().find(|(java, _)| *java == key) {
            let value = producer.taken(&key, value)?;
            let words = in_our_words(&value).into_iter().map(|(key, value)| (key.to_owned(), value));
            producer.settings.client.extend(words);
        } else if let Some((_, of)) = LEVELS.iter().find(|(java, _)| *java == key) {
            // As in Java, the level of a codec that is not in use says nothing.
            if *of == codec {
                let level = producer.taken(&key, value)?;
                producer.settings.client.insert("compression.level".to_owned(), level);
            }
        } else if WITHOUT_EQUIVALENT.contains(&key.as_str()) {
            producer.without_equivalent.push(key);
        } else if !OF_NO_MEANING.contains(&key.as_str()) && key != "transactional.id" {
            let near = nearest(&key);
            producer.unknown.push((key, near));
        }
    }
    settle_idempotence(properties, &mut producer.settings.client)?;
    Ok(producer)
}

impl JavaProducer {
    /// The value as librdkafka takes it. librdkafka reads `-1,linger.ms=5` as −1 and says nothing; people who put a
    /// comma between properties write that.
    fn taken(&mut self, key: &str, value: &str) -> Result<String, JavaError> {
        let refused = |wanted| Err(JavaError::Value { key: key.to_owned(), text: value.to_owned(), wanted });
        if let Some((_, words)) = WORDS.iter().find(|(with_words, _)| *with_words == key) {
            let is_right = words.contains(&value.to_lowercase().as_str());
            return if is_right {
                Ok(value.to_owned())
            } else {
                refused(format!("one of {}", words.join(", ")))
            };
        }
        let Ok(number) = value.parse::<i64>() else { return refused("a whole number".to_owned()) };
        let Some(range) = RANGES.iter().find(|range| range.key == key) else { return Ok(value.to_owned()) };
        if number < range.java_least {
            return refused(format!("a whole number from {} on", range.java_least));
        }
        let taken = number.clamp(range.least, range.most);
        if taken != number {
            self.clamped.push((key.to_owned(), value.to_owned(), taken.to_string()));
        }
        Ok(taken.to_string())
    }
}

/// Whether Kafka's documentation of its producer has this key, so that it is known what its value is.
pub fn is_java_producer_key(key: &str) -> bool {
    let rules = RULES.iter().map(|(java, _)| *java);
    let levels = LEVELS.iter().map(|(java, _)| *java);
    let others = [WITHOUT_EQUIVALENT, OF_NO_MEANING, OF_ANY_CLIENT].concat();
    rules.chain(levels).chain(others).any(|known| known == key)
}

/// Java's rule (since 3.0.1): settings that idempotence cannot live with switch it off, unless it was asked for by
/// name; then they are an error. Without it at most 5 requests are in flight, as with it.
fn settle_idempotence(
    properties: &BTreeMap<String, String>,
    client: &mut BTreeMap<String, String>,
) -> Result<(), JavaError> {
    let given = |key: &str| properties.get(key).map(|value| value.trim());
    let number = |key: &str| given(key).and_then(|value| value.parse::<i64>().ok());
    let against = if given("acks").is_some_and(|acks| !matches!(acks, "all" | "-1")) {
        Some("acks")
    } else if number("retries") == Some(0) {
        Some("retries")
    } else if number("max.in.flight.requests.per.connection").is_some_and(|most| most > 5) {
        Some("max.in.flight.requests.per.connection")
    } else {
        None
    };
    match (given("enable.idempotence").map(str::to_lowercase).as_deref(), against) {
        (Some("true"), Some(key)) => return Err(JavaError::Idempotence { key }),
        (Some("false"), _) | (None, Some(_)) => {
            client.insert("enable.idempotence".to_owned(), "false".to_owned());
            client
                .entry("max.in.flight.requests.per.connection".to_owned())
                .or_insert_with(|| "5".to_owned());
        }
        _ => {}
    }
    Ok(())
}

fn nearest(key: &str) -> Option<&'static str> {
    RULES
        .iter()
        .map(|(java, _)| *java)
        .chain(LEVELS.iter().map(|(java, _)| *java))
        .chain(WITHOUT_EQUIVALENT.iter().copied())
        .chain(OF_ANY_CLIENT.iter().copied())
        .map(|known| (strsim::normalized_damerau_levenshtein(&key.to_lowercase(), known), known))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(properties: &[(&str, &str)]) -> Result<JavaProducer, JavaError> {
        let properties = properties.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        translate_producer(&properties)
    }

    fn client(properties: &[(&str, &str)]) -> Vec<(String, String)> {
        translated(properties).unwrap().settings.client.into_iter().collect()
    }

    #[test]
    fn tuning_is_said_in_librdkafkas_words() {
        let check = |java: (&str, &str), ours: (&str, &str)| {
            assert_eq!(client(&[java]), [(ours.0.to_owned(), ours.1.to_owned())], "{java:?}");
        };
        check(("acks", "all"), ("acks", "all"));
        check(("linger.ms", " 5 "), ("linger.ms", "5"));
        check(("batch.size", "16384"), ("batch.size", "16384"));
        check(("batch.size", "0"), ("batch.size", "1"));
        check(("buffer.memory", "33554432"), ("queue.buffering.max.kbytes", "32768"));
        check(("compression.type", "lz4"), ("compression.codec", "lz4"));
        check(("max.request.size", "1048576"), ("message.max.bytes", "1048576"));
        check(("delivery.timeout.ms", "120000"), ("message.timeout.ms", "120000"));
        check(("send.buffer.bytes", "-1"), ("socket.send.buffer.bytes", "0"));
    }

    #[test]
    fn every_rule_ends_in_a_key_that_librdkafka_takes() {
        let numbers = |java: &str| match java {
            "acks" => "all",
            "enable.idempotence" => "true",
            "compression.type" => "zstd",
            "client.dns.lookup" => "use_all_dns_ips",
            "max.in.flight.requests.per.connection" => "5",
            "socket.connection.setup.timeout.ms" => "10000",
            "max.request.size" => "1048576",
            "reconnect.backoff.max.ms" => "1000",
            _ => "12",
        };
        for (java, _) in RULES {
            let settings =
                translated(&[(java, numbers(java)), ("bootstrap.servers", "b:1")]).unwrap().settings;
            let cluster = crate::Cluster::new(crate::Side::Source, settings);
            assert!(cluster.is_ok(), "{java}: {:?}", cluster.err());
        }
    }

    #[test]
    fn only_the_chosen_codecs_level_counts() {
        let level = |properties: &[(&str, &str)]| {
            translated(properties).unwrap().settings.client.get("compression.level").cloned()
        };
        let levels = [("compression.gzip.level", "9"), ("compression.zstd.level", "3")];
        assert_eq!(level(&levels), None);
        for (codec, expect) in [("gzip", "9"), ("zstd", "3")] {
            assert_eq!(
                level(&[&levels[..], &[("compression.type", codec)]].concat()).as_deref(),
                Some(expect)
            );
        }
    }

    #[test]
    fn a_value_that_java_takes_and_librdkafka_does_not_is_clamped_and_named() {
        let check = |java: (&str, &str), ours: (&str, &str), is_told: bool| {
            let producer = translated(&[java, ("compression.type", "zstd")]).unwrap();
            assert_eq!(producer.settings.client.get(ours.0).map(String::as_str), Some(ours.1), "{java:?}");
            let told = (java.0.to_owned(), java.1.to_owned(), ours.1.to_owned());
            assert_eq!(producer.clamped, if is_told { vec![told] } else { Vec::new() });
            let cluster = ClusterSettings { bootstrap_servers: "b:1".into(), ..producer.settings };
            assert!(crate::Cluster::new(crate::Side::Source, cluster).is_ok(), "{java:?}");
        };
        check(("request.timeout.ms", "600000"), ("socket.timeout.ms", "300000"), true);
        check(("retry.backoff.ms", "0"), ("retry.backoff.ms", "1"), true);
        check(("connections.max.idle.ms", "-1"), ("connections.max.idle.ms", "0"), false);
        check(("compression.zstd.level", "19"), ("compression.level", "12"), true);
        check(("linger.ms", "5"), ("linger.ms", "5"), false);
    }

    #[test]
    fn what_has_no_equivalent_is_told_from_what_is_misspelt() {
        let producer = translated(&[
            ("partitioner.class", "x.Y"),
            ("key.serializer", "x.Y"),
            ("liger.ms", "5"),
            ("queue.of.no.kind", "1"),
        ])
        .unwrap();
        assert_eq!(producer.without_equivalent, ["partitioner.class"]);
        let unknown = [("liger.ms".to_owned(), Some("linger.ms")), ("queue.of.no.kind".to_owned(), None)];
        assert_eq!(producer.unknown, unknown);
        assert!(producer.settings.client.is_empty());
    }

    #[test]
    fn idempotence_is_off_where_java_would_switch_it_off_and_an_error_where_it_was_asked_for() {
        let off = |key: &str, value: &str| {
            let client = translated(&[(key, value)]).unwrap().settings.client;
            client.get("enable.idempotence").map(String::as_str) == Some("false")
        };
        assert!(off("acks", "1") && off("acks", "0") && off("retries", "0"));
        assert!(off("max.in.flight.requests.per.connection", "6"));
        assert!(!off("acks", "all") && !off("acks", "-1") && !off("retries", "3"));
        assert_eq!(
            translated(&[("acks", "1"), ("enable.idempotence", "true")]).unwrap_err(),
            JavaError::Idempotence { key: "acks" }
        );
        let in_flight = ("max.in.flight.requests.per.connection".to_owned(), "5".to_owned());
        assert!(client(&[("acks", "1")]).contains(&in_flight));
    }

    #[test]
    fn a_value_that_java_would_not_take_is_refused_by_its_name() {
        let check = |key: &str, value: &str, expect: &str| {
            let error = translated(&[(key, value)]).unwrap_err().to_string();
            assert!(error.contains(expect) && error.contains("; hint: "), "{error}");
        };
        check("acks", "-1,linger.ms=5", "`acks` is `-1,linger.ms=5`; hint: give one of all, -1, 0, 1");
        check("linger.ms", "-5", "`linger.ms` is `-5`; hint: give a whole number from 0 on");
        check("linger.ms", "5ms", "`linger.ms` is `5ms`; hint: give a whole number");
        check("compression.type", "brotli", "`compression.type` is `brotli`");
        check("enable.idempotence", "yes", "`enable.idempotence` is `yes`");
    }

    #[test]
    fn transactions_are_refused() {
        let error = translated(&[("transactional.id", "t1")]).unwrap_err().to_string();
        assert!(error.contains("; hint: "), "{error}");
        assert!(translated(&[("transactional.id", "")]).unwrap().unknown.is_empty());
    }
}
