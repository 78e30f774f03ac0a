//! The script's command line: flags over variables over `.env` over defaults, resolved once.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mm2_cli::{Layered, Origin, show_config};
use mm2_kafka::{ClusterSettings, TopicSpec};
use mm2_load::{Compression, LoaderOptions};
use secrecy::{ExposeSecret as _, SecretString};

use crate::args::{CommonArgs, ScriptArgs};
use crate::error::SettingError;
use crate::given::{Given, Key, Surroundings};
use crate::order::{Manner, Order, Rate, Values};

#[cfg(test)]
mod tests;

const BOOTSTRAP: Key = Key { flag: "--bootstrap-servers", variables: &["KAFKA_BOOTSTRAP_SERVERS"] };
const USERNAME: Key = Key { flag: "--username", variables: &["KAFKA_USERNAME"] };
const PASSWORD: Key = Key { flag: "--password", variables: &["KAFKA_PASSWORD"] };
const PROTOCOL: Key = Key { flag: "--security-protocol", variables: &["KAFKA_SECURITY_PROTOCOL"] };
const MECHANISM: Key = Key { flag: "--sasl-mechanism", variables: &["KAFKA_SASL_MECHANISM"] };
const CA_FILE: Key = Key { flag: "--ssl-cafile", variables: &["KAFKA_SSL_CAFILE"] };
const PREFIX: Key = Key { flag: "--topic-prefix", variables: &["KAFKA_TOPIC_PREFIX", "TOPIC_PREFIX"] };
const TOPICS: Key = Key { flag: "--num-topics", variables: &["KAFKA_NUM_TOPICS", "NUM_TOPICS"] };
const THREADS: Key = Key { flag: "--num-threads", variables: &["KAFKA_NUM_THREADS", "NUM_THREADS"] };
const RATE: Key =
    Key { flag: "--messages-per-second", variables: &["KAFKA_MESSAGES_PER_SECOND", "MESSAGES_PER_SECOND"] };
const MINUTES: Key =
    Key { flag: "--duration-minutes", variables: &["KAFKA_DURATION_MINUTES", "DURATION_MINUTES"] };
const RECORD_SIZE: Key = Key { flag: "--record-size", variables: &[] };

const PROTOCOLS: &[&str] = &["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"];
const MECHANISMS: &[&str] = &["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"];

/// More than these is a slip of the hand.
pub(crate) const RATES: RangeInclusive<u64> = 1..=10_000_000;
const THREAD_COUNTS: RangeInclusive<u64> = 1..=256;
const TOPIC_COUNTS: RangeInclusive<u64> = 1..=1_000;
/// Stamped JSON needs room, and a client by default sends at most a megabyte.
const RECORD_SIZES: RangeInclusive<u64> = 400..=900_000;
/// A second to 30 days.
const SECONDS: RangeInclusive<f64> = 1.0..=2_592_000.0;
/// The runbook's shape of a topic.
const PARTITIONS: u32 = 12;
const REPLICATION: u16 = 3;
/// Kafka's limit is 249; `-1000.json` has to fit behind it.
const LONGEST_PREFIX: usize = 239;

/// Everything that a person can set, and where it came from.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) bootstrap_servers: Layered<String>,
    pub(crate) username: Layered<Option<String>>,
    pub(crate) password: Layered<Option<SecretString>>,
    pub(crate) protocol: Layered<String>,
    pub(crate) mechanism: Layered<String>,
    pub(crate) ca: Layered<Option<PathBuf>>,
    pub(crate) topic_prefix: Layered<String>,
    pub(crate) topics: Layered<u64>,
    pub(crate) rate_per_sec: Layered<u64>,
    pub(crate) threads: Layered<u64>,
    pub(crate) hold: Layered<Duration>,
    pub(crate) record_size_bytes: Layered<u64>,
    pub(crate) compression: Layered<Compression>,
    pub(crate) partitions: u32,
    pub(crate) replication: u16,
}

impl Settings {
    /// Resolves one call.
    ///
    /// # Errors
    /// The first value that cannot be used, by the name of the place where it was given.
    pub(crate) fn resolve(
        args: &ScriptArgs,
        both: &CommonArgs,
        around: &Surroundings<'_>,
    ) -> Result<Self, SettingError> {
        let find = |key, flag: &Option<String>| around.find(key, flag.as_deref());
        let bootstrap = find(&BOOTSTRAP, &args.bootstrap_servers)?.ok_or(SettingError::NoBrokers {
            how: "--bootstrap-servers HOST:PORT, or set KAFKA_BOOTSTRAP_SERVERS",
        })?;
        let username = or_default(
            find(&USERNAME, &args.username)?.as_ref(),
            |given| Ok(Some(given.text.clone())),
            None,
        )?;
        let ca = or_default(find(&CA_FILE, &args.ssl_cafile)?.as_ref(), ca_file, None)?;
        let password = password(args, around)?;
        let by_the_rest = default_protocol(username.value.is_some(), ca.value.is_some());
        let settings = Self {
            bootstrap_servers: bootstrap.layered(bootstrap.text.trim().to_owned()),
            protocol: or_default(
                find(&PROTOCOL, &args.security_protocol)?.as_ref(),
                |given| one_of(given, PROTOCOLS),
                by_the_rest.to_owned(),
            )?,
            mechanism: or_default(
                find(&MECHANISM, &args.sasl_mechanism)?.as_ref(),
                |given| one_of(given, MECHANISMS),
                "PLAIN".to_owned(),
            )?,
            password: or_default(password.as_ref(), |given| Ok(Some(given.text.as_str().into())), None)?,
            topic_prefix: or_default(
                find(&PREFIX, &args.topic_prefix)?.as_ref(),
                topic_prefix,
                "test-prometheus.generated-data".to_owned(),
            )?,
            topics: or_default(
                find(&TOPICS, &args.num_topics)?.as_ref(),
                |given| count(given, TOPIC_COUNTS),
                10,
            )?,
            rate_per_sec: or_default(
                find(&RATE, &args.messages_per_second)?.as_ref(),
                |given| count(given, RATES),
                1_000,
            )?,
            threads: or_default(
                find(&THREADS, &args.num_threads)?.as_ref(),
                |given| count(given, THREAD_COUNTS),
                5,
            )?,
            hold: or_default(
                find(&MINUTES, &args.duration_minutes)?.as_ref(),
                minutes,
                Duration::from_secs(300),
            )?,
            record_size_bytes: or_default(
                find(&RECORD_SIZE, &both.record_size)?.as_ref(),
                |given| count(given, RECORD_SIZES),
                1_024,
            )?,
            compression: flag_or(args.compression, Compression::Gzip),
            partitions: both.partitions.unwrap_or(PARTITIONS),
            replication: both.replication.unwrap_or(REPLICATION),
            username,
            ca,
        };
        settings.check_credentials(password.as_ref())?;
        Ok(settings)
    }

    /// The source, as its clients are made.
    pub(crate) fn cluster(&self) -> ClusterSettings {
        let sasl = self.uses_sasl();
        ClusterSettings {
            security_protocol: Some(self.protocol.value.clone()),
            sasl_mechanism: sasl.then(|| self.mechanism.value.clone()),
            username: self.username.value.clone().filter(|_| sasl),
            password: self.password.value.clone().filter(|_| sasl),
            ca: self.ca.value.clone(),
            ..ClusterSettings::plaintext(&self.bootstrap_servers.value)
        }
    }

    /// `PREFIX-01.json`, `PREFIX-02.json`, …: the names of the runbook's script.
    pub(crate) fn topic_names(&self) -> Vec<String> {
        (1..=self.topics.value).map(|i| format!("{}-{i:02}.json", self.topic_prefix.value)).collect()
    }

    /// What was assumed of the security and should be said.
    pub(crate) fn assumed(&self) -> Option<String> {
        let assumed = self.protocol.origin == Origin::Default && self.protocol.value != "PLAINTEXT";
        let with = if self.uses_sasl() { format!(" with {}", self.mechanism.value) } else { String::new() };
        let because = if self.uses_sasl() { "a user name is" } else { "a CA file is" };
        assumed.then(|| {
            let protocol = &self.protocol.value;
            format!("security: {protocol}{with}, since {because} given and no --security-protocol")
        })
    }

    /// The load.
    pub(crate) fn order(&self) -> Order {
        let topic = |name| created_topic(name, self.partitions, self.replication);
        Order {
            cluster: self.cluster(),
            topics: self.topic_names().into_iter().map(topic).collect(),
            rate: Rate::For { per_sec: self.rate_per_sec.value, hold: self.hold.value },
            values: Values::Json { bytes: self.record_size_bytes.value as usize },
            keys: true,
            in_a_row: 1,
            loader: LoaderOptions {
                producers: self.threads.value as u16,
                compression: self.compression.value,
                ..LoaderOptions::default()
            },
            manner: Manner::Script,
        }
    }

    /// The table of `--show-config`.
    pub(crate) fn show(&self) -> String {
        let or_none = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        let password = self.password.value.as_ref().map(|_| "<redacted>".to_owned());
        let ca = self.ca.value.as_ref().map(|path| path.display().to_string());
        show_config(&[
            (
                "bootstrap-servers",
                self.bootstrap_servers.value.clone(),
                self.bootstrap_servers.origin.clone(),
            ),
            ("username", or_none(self.username.value.clone()), self.username.origin.clone()),
            ("password", or_none(password), self.password.origin.clone()),
            ("security-protocol", self.protocol.value.clone(), self.protocol.origin.clone()),
            ("sasl-mechanism", self.mechanism.value.clone(), self.mechanism.origin.clone()),
            ("ssl-cafile", or_none(ca), self.ca.origin.clone()),
            ("topic-prefix", self.topic_prefix.value.clone(), self.topic_prefix.origin.clone()),
            ("num-topics", self.topics.value.to_string(), self.topics.origin.clone()),
            ("messages-per-second", self.rate_per_sec.value.to_string(), self.rate_per_sec.origin.clone()),
            ("num-threads", self.threads.value.to_string(), self.threads.origin.clone()),
            (
                "duration-minutes",
                (self.hold.value.as_secs_f64() / 60.0).to_string(),
                self.hold.origin.clone(),
            ),
            ("record-size", self.record_size_bytes.value.to_string(), self.record_size_bytes.origin.clone()),
            ("compression", self.compression.value.to_string(), self.compression.origin.clone()),
        ])
    }

    fn uses_sasl(&self) -> bool {
        self.protocol.value.starts_with("SASL")
    }

    /// SASL wants both; told here, since the client's own words name no remedy.
    fn check_credentials(&self, password: Option<&Given>) -> Result<(), SettingError> {
        if !self.uses_sasl() {
            return Ok(());
        }
        let Some(username) = self.username.value.clone() else {
            return Err(SettingError::NoUsername { protocol: self.protocol.value.clone() });
        };
        match password {
            None => Err(SettingError::NoPassword { username, why: "none is given".to_owned() }),
            Some(given) if given.text.is_empty() => {
                Err(SettingError::NoPassword { username, why: format!("{} is empty", given.named) })
            }
            Some(_) => Ok(()),
        }
    }
}

/// A topic as it is created where it is missing: the runbook's shape, kept for a day.
pub(crate) fn created_topic(name: String, partitions: u32, replication: u16) -> TopicSpec {
    let mut config = vec![("retention.ms".to_owned(), "86400000".to_owned())];
    if replication >= 3 {
        config.push(("min.insync.replicas".to_owned(), "2".to_owned()));
    }
    TopicSpec { name, partitions, replication, config }
}

/// What the script's users have: a user name means SASL over TLS.
fn default_protocol(has_username: bool, has_ca: bool) -> &'static str {
    match (has_username, has_ca) {
        (true, _) => "SASL_SSL",
        (false, true) => "SSL",
        (false, false) => "PLAINTEXT",
    }
}

fn or_default<T>(
    given: Option<&Given>,
    read: impl FnOnce(&Given) -> Result<T, SettingError>,
    default: T,
) -> Result<Layered<T>, SettingError> {
    match given {
        Some(given) => Ok(given.layered(read(given)?)),
        None => Ok(Layered { value: default, origin: Origin::Default }),
    }
}

fn flag_or<T>(given: Option<T>, default: T) -> Layered<T> {
    match given {
        Some(value) => Layered { value, origin: Origin::Flag },
        None => Layered { value: default, origin: Origin::Default },
    }
}

fn refused(given: &Given, wanted: String) -> SettingError {
    SettingError::Value { named: given.named.clone(), text: given.text.clone(), wanted }
}

fn count(given: &Given, range: RangeInclusive<u64>) -> Result<u64, SettingError> {
    let read = given.text.trim().parse().ok().filter(|value| range.contains(value));
    read.ok_or_else(|| refused(given, format!("a whole number from {} to {}", range.start(), range.end())))
}

fn minutes(given: &Given) -> Result<Duration, SettingError> {
    let seconds = given.text.trim().parse::<f64>().ok().map(|minutes| minutes * 60.0);
    let seconds = seconds.filter(|seconds| SECONDS.contains(seconds));
    let wanted = || refused(given, "minutes, from 0.02 (a second) to 43200 (30 days)".to_owned());
    seconds.map(Duration::from_secs_f64).ok_or_else(wanted)
}

fn one_of(given: &Given, known: &[&str]) -> Result<String, SettingError> {
    let text = given.text.trim().to_uppercase();
    if known.contains(&text.as_str()) {
        return Ok(text);
    }
    Err(refused(given, format!("one of {}", known.join(", "))))
}

/// Takes the prefix with or without its dash.
fn topic_prefix(given: &Given) -> Result<String, SettingError> {
    let prefix = given.text.trim().trim_end_matches('-');
    let legal = prefix.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    if prefix.is_empty() || !legal || prefix.len() > LONGEST_PREFIX {
        let wanted = format!("1 to {LONGEST_PREFIX} letters, digits, '.', '_' and '-'");
        return Err(refused(given, wanted));
    }
    Ok(prefix.to_owned())
}

fn ca_file(given: &Given) -> Result<Option<PathBuf>, SettingError> {
    let path = PathBuf::from(&given.text);
    read_file("the CA file", &path)?;
    Ok(Some(path))
}

/// The password as it is given, also an empty one.
fn password(args: &ScriptArgs, around: &Surroundings<'_>) -> Result<Option<Given>, SettingError> {
    let (text, named, origin) = match (&args.password_file, &args.password) {
        (Some(path), _) => {
            let text = read_file("the password file", path)?.trim_end_matches(['\r', '\n']).to_owned();
            (text, path.display().to_string(), Origin::File(path.clone()))
        }
        (None, Some(secret)) => (secret.expose_secret().to_owned(), PASSWORD.flag.to_owned(), Origin::Flag),
        (None, None) => return around.outside(&PASSWORD),
    };
    Ok(Some(Given { text, named, origin }))
}

fn read_file(what: &'static str, path: &Path) -> Result<String, SettingError> {
    std::fs::read_to_string(path).map_err(|cause| SettingError::Unreadable {
        what,
        path: path.to_owned(),
        cause,
    })
}
