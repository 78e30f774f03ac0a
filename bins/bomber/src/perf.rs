//! perf-test's command line, resolved: it reads no variables, as the original reads none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mm2_cli::{Layered, Origin, show_config};
use mm2_config::parse_properties;
use mm2_kafka::{ClusterSettings, JavaProducer, TopicSpec, is_java_producer_key, translate_producer};
use mm2_load::LoaderOptions;
use secrecy::ExposeSecret as _;

use crate::args::{CommonArgs, PerfArgs};
use crate::error::SettingError;
use crate::order::{Manner, Order, Rate, Values};
use crate::settings::{RATES, created_topic};

#[cfg(test)]
mod tests;

/// As many as Java's `long` has; the largest means "until I stop it".
const SEVERAL: std::ops::RangeInclusive<u64> = 1..=i64::MAX as u64;
/// 20 different values are kept in memory.
const RECORD_SIZES: std::ops::RangeInclusive<u64> = 1..=10_485_760;
/// The load is looked at ten times a second.
const INTERVALS_MS: std::ops::RangeInclusive<u64> = 100..=86_400_000;

/// What perf-test calls itself.
const CLIENT_ID: &str = "perf-producer-client";

/// Defaults of Java's producer that decide what is measured: how much may wait, for how long, how large a request.
const BUFFER_KIB: u32 = 32_768;
const DELIVERY_TIMEOUT_MS: u64 = 120_000;
const MAX_REQUEST_BYTES: usize = 1_048_576;
const BATCH_BYTES: usize = 16_384;
/// librdkafka's batches, which hold flat out.
const FLAT_OUT_BATCH_BYTES: usize = 1_000_000;
/// So many batches there is room for in the buffer, so that all brokers have something to do.
const BATCHES_IN_BUFFER: usize = 16;
/// What librdkafka adds to a value before it compares with `message.max.bytes`.
const FRAMING_BYTES: usize = 36;
/// What a record takes in a batch besides its value, at most.
const RECORD_OVERHEAD_BYTES: usize = 50;
/// librdkafka's own limit of records in a batch.
const BATCH_RECORDS: usize = 10_000;

/// A resolved command line of perf-test's. No `Debug`: a property may be a password.
pub(crate) struct PerfSettings {
    rate: Rate,
    values: Layered<Values>,
    warm_up_records: Layered<u64>,
    reporting_interval: Layered<u64>,
    print_metrics: bool,
    /// As given, in Java's words.
    properties: BTreeMap<String, Layered<String>>,
    producer: JavaProducer,
    in_a_row: u32,
    created: TopicSpec,
}

impl PerfSettings {
    /// Resolves one call.
    ///
    /// # Errors
    /// The first value that is missing or cannot be used.
    pub(crate) fn resolve(args: &PerfArgs, both: &CommonArgs) -> Result<Self, SettingError> {
        refuse_unsupported(args)?;
        let topic = required(
            args.topic.as_ref(),
            "--topic",
            "name the topic to send to, for the runbook's first --topic test-prometheus.generated-data-01.json",
        )?;
        let records = required(
            args.num_records.as_ref(),
            "--num-records",
            "say how many records to send: 300000 are 5 minutes at --throughput 1000",
        )?;
        let records = count("--num-records", records, SEVERAL)?;
        let rate = rate(args, records)?;
        let values = values(args, both)?;
        let properties = properties(args)?;
        let plain = properties.iter().map(|(key, given)| (key.clone(), given.value.clone())).collect();
        let mut producer = translate_producer(&plain)?;
        if producer.settings.bootstrap_servers.trim().is_empty() {
            return Err(SettingError::NoBrokers {
                how: "--producer-props bootstrap.servers=HOST:PORT, or --bootstrap-server HOST:PORT",
            });
        }
        let id = producer.settings.client.entry("client.id".to_owned());
        id.or_insert_with(|| CLIENT_ID.to_owned());
        allow_size(&mut producer.settings, &values.value)?;
        let in_a_row = batch_records(&mut producer.settings, rate, &values.value);
        let settings = Self {
            created: created(topic_name(topic)?, both),
            rate,
            values,
            warm_up_records: or_default(args.warmup_records.as_ref(), "--warmup-records", 0..=u64::MAX, 0)?,
            reporting_interval: or_default(
                args.reporting_interval.as_ref(),
                "--reporting-interval",
                INTERVALS_MS,
                5_000,
            )?,
            print_metrics: args.print_metrics,
            properties,
            producer,
            in_a_row,
        };
        if settings.warm_up_records.value >= records {
            return Err(refused(
                "--warmup-records",
                &settings.warm_up_records.value.to_string(),
                format!("fewer than the {records} of --num-records"),
            ));
        }
        Ok(settings)
    }

    /// What the person should know although the load goes on.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let mut warnings: Vec<String> = self
            .properties
            .iter()
            .filter(|(key, given)| given.origin == Origin::Flag && ClusterSettings::looks_secret(key))
            .map(|(key, _)| {
                format!(
                    "{key} in --producer-props can be read in the process list; hint: put it in a file that only you can read, and give --producer.config FILE"
                )
            })
            .collect();
        if !self.producer.without_equivalent.is_empty() {
            let keys = self.producer.without_equivalent.join(", ");
            warnings.push(format!("without an equivalent in librdkafka, and left out: {keys}"));
        }
        warnings.extend(self.producer.clamped.iter().map(|(key, given, taken)| {
            format!("{key}={given} is more or less than librdkafka takes, {taken} stands for it")
        }));
        warnings.extend(self.producer.unknown.iter().map(|(key, near)| {
            let hint = near.map(|near| format!("; hint: did you mean {near}?")).unwrap_or_default();
            format!("{key} is no property of Kafka's producer, and left out{hint}")
        }));
        warnings
    }

    /// The load.
    pub(crate) fn order(self) -> Order {
        let timeout_ms = self.producer.settings.client.get("message.timeout.ms");
        let delivery_timeout_ms =
            timeout_ms.and_then(|text| text.parse().ok()).unwrap_or(DELIVERY_TIMEOUT_MS);
        Order {
            cluster: self.producer.settings,
            topics: vec![self.created],
            rate: self.rate,
            values: self.values.value,
            keys: false,
            in_a_row: self.in_a_row,
            loader: LoaderOptions { delivery_timeout_ms, queue_kib: BUFFER_KIB, ..LoaderOptions::default() },
            manner: Manner::PerfTest {
                reporting_interval: Duration::from_millis(self.reporting_interval.value),
                warm_up_records: self.warm_up_records.value,
                print_metrics: self.print_metrics,
            },
        }
    }

    /// The table of `--show-config`.
    pub(crate) fn show(&self) -> String {
        let (records, throughput) = match self.rate {
            Rate::For { per_sec, .. } => (0, per_sec.to_string()),
            Rate::Until { per_sec, records } => (records, per_sec.to_string()),
            Rate::FlatOut { records } => (records, "-1".to_owned()),
        };
        let values = match &self.values.value {
            Values::Given(values) => ("payload-file", format!("{} values", values.len())),
            other => ("record-size", other.largest_bytes().to_string()),
        };
        let mut rows = vec![
            ("topic", self.created.name.clone(), Origin::Flag),
            ("num-records", records.to_string(), Origin::Flag),
            ("throughput", throughput, Origin::Flag),
            (values.0, values.1, self.values.origin.clone()),
            ("warmup-records", self.warm_up_records.value.to_string(), self.warm_up_records.origin.clone()),
            (
                "reporting-interval",
                self.reporting_interval.value.to_string(),
                self.reporting_interval.origin.clone(),
            ),
        ];
        rows.extend(self.properties.iter().map(|(key, given)| {
            let shown = ClusterSettings::shown(key, &given.value, is_java_producer_key(key));
            (key.as_str(), shown.to_owned(), given.origin.clone())
        }));
        show_config(&rows)
    }
}

/// As it is created where it is missing: as the broker would by itself, unless a shape is given.
fn created(name: String, both: &CommonArgs) -> TopicSpec {
    match (both.partitions, both.replication) {
        (None, None) => TopicSpec { name, partitions: 0, replication: 0, config: Vec::new() },
        (partitions, replication) => created_topic(name, partitions.unwrap_or(0), replication.unwrap_or(0)),
    }
}

fn refuse_unsupported(args: &PerfArgs) -> Result<(), SettingError> {
    let no = |flag, remedy| Err(SettingError::Unsupported { flag, remedy });
    if args.payload_monotonic {
        return no("--payload-monotonic", "give --record-size, or --payload-file with numbers in it");
    }
    for (given, flag) in [
        (&args.transactional_id, "--transactional-id"),
        (&args.transaction_duration_ms, "--transaction-duration-ms"),
    ] {
        if given.is_some() {
            return no(flag, "leave it out: no load of bomber's is transactional");
        }
    }
    Ok(())
}

fn required<'a>(
    given: Option<&'a String>,
    flag: &'static str,
    remedy: &'static str,
) -> Result<&'a String, SettingError> {
    given.ok_or(SettingError::Missing { flag, remedy })
}

fn rate(args: &PerfArgs, records: u64) -> Result<Rate, SettingError> {
    let text = required(
        args.throughput.as_ref(),
        "--throughput",
        "--throughput 1000 sends a thousand records a second, --throughput -1 as fast as the source takes them",
    )?;
    // Java reads a double.
    let value = text.trim().parse::<f64>().ok().filter(|value| value.is_finite());
    match value {
        Some(value) if value < 0.0 => Ok(Rate::FlatOut { records }),
        Some(value) if value.fract() == 0.0 && RATES.contains(&(value as u64)) => {
            Ok(Rate::Until { per_sec: value as u64, records })
        }
        _ => Err(refused(
            "--throughput",
            text,
            format!(
                "a whole number of records a second from {} to {}, or -1 for as fast as the source takes them",
                RATES.start(),
                RATES.end()
            ),
        )),
    }
}

fn values(args: &PerfArgs, both: &CommonArgs) -> Result<Layered<Values>, SettingError> {
    if let Some(path) = &args.payload_file {
        let values = payload_file(path, args.payload_delimiter.as_deref().unwrap_or("\\n"))?;
        return Ok(Layered { value: Values::Given(values), origin: Origin::File(path.clone()) });
    }
    let text = required(
        both.record_size.as_ref(),
        "--record-size",
        "give --record-size 1024, or --payload-file FILE with values of your own",
    )?;
    let bytes = count("--record-size", text, RECORD_SIZES)? as usize;
    Ok(Layered { value: Values::Letters { bytes }, origin: Origin::Flag })
}

/// The values of a file, without an empty one at its end. The delimiter is text: Java reads it as a pattern.
fn payload_file(path: &Path, delimiter: &str) -> Result<Vec<Vec<u8>>, SettingError> {
    let unreadable =
        |cause| SettingError::Unreadable { what: "the payload file", path: path.to_owned(), cause };
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let delimiter = delimiter.replace("\\n", "\n").replace("\\t", "\t");
    if delimiter.is_empty() {
        return Err(refused("--payload-delimiter", "", "at least one character".to_owned()));
    }
    let mut values = split(&bytes, delimiter.as_bytes());
    if values.last().is_some_and(Vec::is_empty) {
        values.pop();
    }
    if values.is_empty() {
        return Err(SettingError::NoValues { path: path.to_owned() });
    }
    Ok(values)
}

fn split(bytes: &[u8], delimiter: &[u8]) -> Vec<Vec<u8>> {
    let (mut values, mut begin, mut at) = (Vec::new(), 0, 0);
    while at < bytes.len() {
        if bytes[at..].starts_with(delimiter) {
            values.push(bytes[begin..at].to_vec());
            at += delimiter.len();
            begin = at;
        } else {
            at += 1;
        }
    }
    values.push(bytes[begin..].to_vec());
    values
}

/// The flag's brokers over the words over the file.
fn properties(args: &PerfArgs) -> Result<BTreeMap<String, Layered<String>>, SettingError> {
    let mut all = BTreeMap::new();
    if let Some(path) = &args.producer_config {
        for (key, value) in properties_file(path)? {
            all.insert(key, Layered { value, origin: Origin::File(path.clone()) });
        }
    }
    for (index, word) in args.producer_props.iter().enumerate() {
        let named = word.expose_secret().split_once('=').filter(|(key, _)| !key.trim().is_empty());
        let (key, value) = named.ok_or(SettingError::Property { nth: index + 1 })?;
        all.insert(key.trim().to_owned(), Layered { value: value.to_owned(), origin: Origin::Flag });
    }
    if let Some(brokers) = &args.bootstrap_server {
        let given = Layered { value: brokers.clone(), origin: Origin::Flag };
        all.insert("bootstrap.servers".to_owned(), given);
    }
    Ok(all)
}

fn properties_file(path: &PathBuf) -> Result<BTreeMap<String, String>, SettingError> {
    let what = "the properties file";
    let bytes =
        std::fs::read(path).map_err(|cause| SettingError::Unreadable { what, path: path.clone(), cause })?;
    // Kafka's tools read it as Latin-1 (`Properties.load` of a stream), so the same bytes mean the same.
    let text: String = bytes.into_iter().map(char::from).collect();
    parse_properties(&text).map_err(|cause| SettingError::PropertiesFile { path: path.clone(), cause })
}

/// Every send would be refused otherwise, one by one.
fn allow_size(settings: &mut ClusterSettings, values: &Values) -> Result<(), SettingError> {
    let limit = settings.client.entry("message.max.bytes".to_owned());
    let limit = limit.or_insert_with(|| MAX_REQUEST_BYTES.to_string());
    let limit = limit.parse().unwrap_or(MAX_REQUEST_BYTES);
    let bytes = values.largest_bytes();
    if bytes + FRAMING_BYTES > limit {
        return Err(SettingError::TooLarge { bytes, limit });
    }
    // A record that never fits would be waited for without an end.
    let buffer_bytes = buffer_bytes(settings);
    if bytes > buffer_bytes { Err(SettingError::LargerThanBuffer { bytes, buffer_bytes }) } else { Ok(()) }
}

fn buffer_bytes(settings: &ClusterSettings) -> usize {
    number(settings, "queue.buffering.max.kbytes").unwrap_or(BUFFER_KIB as usize) * 1024
}

fn number(settings: &ClusterSettings, key: &str) -> Option<usize> {
    settings.client.get(key).and_then(|text| text.parse().ok())
}

/// Makes batches close when they are full, as Java's do, instead of when they have lingered: one partition gets a
/// batch's worth of records before it is the next one's turn. Says how many those are.
///
/// Flat out and without a `batch.size`, batches are librdkafka's: it sends each in a request of its own, and what the
/// source takes is asked, not what small requests cost. Row by row instead of in turn takes a third off the CPU.
fn batch_records(settings: &mut ClusterSettings, rate: Rate, values: &Values) -> u32 {
    let bytes = match (number(settings, "batch.size"), rate) {
        (Some(bytes), _) => bytes,
        (None, Rate::FlatOut { .. }) => FLAT_OUT_BATCH_BYTES.min(buffer_bytes(settings) / BATCHES_IN_BUFFER),
        (None, _) => BATCH_BYTES,
    };
    let records = (bytes / (values.mean_bytes() + RECORD_OVERHEAD_BYTES)).clamp(1, BATCH_RECORDS);
    // Values of one size fill a batch by their number, which closes it at once; others only by their bytes.
    let (key, most) = if matches!(values, Values::Given(_)) {
        ("batch.size", bytes)
    } else {
        ("batch.num.messages", records)
    };
    settings.client.insert(key.to_owned(), most.to_string());
    records as u32
}

fn topic_name(text: &str) -> Result<String, SettingError> {
    let legal = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    if text.is_empty() || !legal || text.len() > 249 {
        return Err(refused("--topic", text, "1 to 249 letters, digits, '.', '_' and '-'".to_owned()));
    }
    Ok(text.to_owned())
}

fn or_default(
    given: Option<&String>,
    flag: &'static str,
    range: std::ops::RangeInclusive<u64>,
    default: u64,
) -> Result<Layered<u64>, SettingError> {
    match given {
        Some(text) => Ok(Layered { value: count(flag, text, range)?, origin: Origin::Flag }),
        None => Ok(Layered { value: default, origin: Origin::Default }),
    }
}

fn count(flag: &str, text: &str, range: std::ops::RangeInclusive<u64>) -> Result<u64, SettingError> {
    let read = text.trim().parse().ok().filter(|value| range.contains(value));
    read.ok_or_else(|| {
        refused(flag, text, format!("a whole number from {} to {}", range.start(), range.end()))
    })
}

fn refused(flag: &str, text: &str, wanted: String) -> SettingError {
    SettingError::Value { named: flag.to_owned(), text: text.to_owned(), wanted }
}
