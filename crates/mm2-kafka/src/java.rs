//! A Java client's properties (what Kafka's own tools take with `--command-config`), in librdkafka's words.
//!
//! Reads no file: a store's kind is told by its type or its name, and its path is passed on. Keys and
//! defaults as in Kafka 3.9's `CommonClientConfigs`, `SaslConfigs` and `SslConfigs`.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::ClusterSettings;

mod jaas;
mod producer;
mod stores;
#[cfg(test)]
mod tests;

pub use producer::{JavaProducer, is_java_producer_key, translate_producer};

/// What a Java client's properties come to.
#[derive(Debug, Clone)]
pub struct JavaClient {
    /// What they say of the cluster; `bootstrap_servers` is empty where they do not say it.
    pub settings: ClusterSettings,
    /// Keys without a meaning here, mostly tuning of Java's own client.
    pub ignored: Vec<String>,
}

/// Properties that work in Java and cannot be translated, or do not work in Java either.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JavaError {
    /// What authenticates is Java code, or fetched by it.
    #[error(
        "`{key}` fetches credentials or certificates with Java code; hint: write the values themselves in a copy of the file, without that key"
    )]
    JavaCode {
        /// Which key asks for it.
        key: &'static str,
    },
    /// Java would warn and go on without it, and so perhaps without encryption.
    #[error("`{key}` is no key of a Kafka client; hint: did you mean `{near}`?")]
    Misspelt {
        /// As written.
        key: String,
        /// The one that was probably meant.
        near: &'static str,
    },
    /// Not one of ours.
    #[error("`sasl.mechanism` is {mechanism}, which is not supported; hint: {} are", MECHANISMS.join(", "))]
    Mechanism {
        /// As configured.
        mechanism: String,
    },
    /// Not one of ours.
    #[error(
        "`sasl.jaas.config` names {module}, which is not supported; hint: PlainLoginModule and ScramLoginModule are"
    )]
    LoginModule {
        /// The class.
        module: String,
    },
    /// Not what Java reads, or without what we need.
    #[error(
        "`sasl.jaas.config` {cause}; hint: it reads: org.apache.kafka.common.security.scram.ScramLoginModule required username=\"NAME\" password=\"PASSWORD\";"
    )]
    Jaas {
        /// What is wrong.
        cause: &'static str,
    },
    /// No sender of ours makes them, and a load without them would not be the one that was asked for.
    #[error("`transactional.id` asks for transactions, which are not supported; hint: leave it out")]
    Transactions,
    /// Java's producer refuses it too.
    #[error("`{key}` is `{text}`; hint: give {wanted}, and put blanks between properties, not commas")]
    Value {
        /// As configured.
        key: String,
        /// As configured; no key with rules for its value is secret.
        text: String,
        /// What it takes.
        wanted: String,
    },
    /// Java's producer refuses it too.
    #[error(
        "`{key}` does not go with `enable.idempotence=true`; hint: leave one of them out (it wants acks=all, retries, and at most 5 requests in flight)"
    )]
    Idempotence {
        /// The other one.
        key: &'static str,
    },
    /// Java's own format.
    #[error(
        "`ssl.truststore.location` is a {kind} store ({location}), of which librdkafka reads no authorities; hint: run `{command}`, which asks for the store's password, then set ssl.truststore.location={pem} and ssl.truststore.type=PEM"
    )]
    TrustStore {
        /// `JKS`, `PKCS12` or whatever the type says.
        kind: String,
        /// As configured.
        location: String,
        /// What turns it into PEM.
        command: String,
        /// The file that the command writes.
        pem: String,
    },
    /// Java's own format.
    #[error(
        "`ssl.keystore.location` is a {kind} store ({location}), which librdkafka does not read; hint: run `{command}`, which asks for both stores' passwords, then set ssl.keystore.location={pkcs12} and ssl.keystore.type=PKCS12"
    )]
    KeyStore {
        /// `JKS` or whatever the type says.
        kind: String,
        /// As configured.
        location: String,
        /// What turns it into PKCS12.
        command: String,
        /// The file that the command writes.
        pkcs12: String,
    },
}

/// Keys behind which Java loads a class that has the credentials. Tuning may be left out, these may not.
const JAVA_CODE: [&str; 5] = [
    "config.providers",
    "sasl.client.callback.handler.class",
    "sasl.login.callback.handler.class",
    "sasl.login.class",
    "ssl.engine.factory.class",
];

/// What is understood; a key that is one or two letters off is one of them misspelt.
const UNDERSTOOD: [&str; 16] = [
    "bootstrap.servers",
    "client.id",
    "sasl.jaas.config",
    "sasl.mechanism",
    "security.protocol",
    "ssl.endpoint.identification.algorithm",
    "ssl.key.password",
    "ssl.keystore.certificate.chain",
    "ssl.keystore.key",
    "ssl.keystore.location",
    "ssl.keystore.password",
    "ssl.keystore.type",
    "ssl.truststore.certificates",
    "ssl.truststore.location",
    "ssl.truststore.password",
    "ssl.truststore.type",
];

const MECHANISMS: [&str; 3] = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"];

/// Says in librdkafka's words what the properties say in Java's. Relative paths stay as they are: like
/// Java, librdkafka starts them at the working directory.
///
/// # Errors
/// When the properties authenticate in a way that is not supported, or keep certificates in Java's own
/// formats. No error shows a secret.
pub fn translate(properties: &BTreeMap<String, String>) -> Result<JavaClient, JavaError> {
    let mut left = Left::of(properties);
    if let Some(key) = JAVA_CODE.into_iter().find(|key| left.take(key).is_some()) {
        return Err(JavaError::JavaCode { key });
    }
    let mut client = BTreeMap::new();
    if let Some(id) = left.take("client.id") {
        client.insert("client.id".to_owned(), id);
    }
    if let Some(algorithm) = left.take_even_empty("ssl.endpoint.identification.algorithm") {
        let algorithm = if algorithm.is_empty() { "none".to_owned() } else { algorithm.to_lowercase() };
        client.insert("ssl.endpoint.identification.algorithm".to_owned(), algorithm);
    }
    let sasl_mechanism = left.take("sasl.mechanism").map(known_mechanism).transpose()?;
    let credentials = left.take("sasl.jaas.config").map(|text| jaas::credentials(&text)).transpose()?;
    let (username, password) = credentials.unzip();
    let ca = stores::trust(&mut left, &mut client)?;
    stores::key(&mut left, &mut client)?;
    let settings = ClusterSettings {
        bootstrap_servers: left.take("bootstrap.servers").unwrap_or_default(),
        security_protocol: left.take("security.protocol"),
        sasl_mechanism,
        username,
        password,
        ca,
        client,
    };
    let ignored = left.keys();
    match ignored.iter().find_map(|key| Some((key, meant_by(key)?))) {
        Some((key, near)) => Err(JavaError::Misspelt { key: key.clone(), near }),
        None => Ok(JavaClient { settings, ignored }),
    }
}

/// The key that this one misspells. No key of Kafka's clients is so near to one that is understood.
fn meant_by(key: &str) -> Option<&'static str> {
    let folded = key.to_lowercase().replace(['_', '-'], ".");
    let near = |known: &&str| strsim::damerau_levenshtein(&folded, known) <= 2;
    UNDERSTOOD.into_iter().filter(|known| *known != key).find(near)
}

fn known_mechanism(mechanism: String) -> Result<String, JavaError> {
    if MECHANISMS.contains(&mechanism.as_str()) {
        Ok(mechanism)
    } else {
        Err(JavaError::Mechanism { mechanism })
    }
}

/// The properties that nobody has asked for yet, trimmed as Kafka's `ConfigDef.parseType` trims.
struct Left<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Left<'a> {
    fn of(properties: &'a BTreeMap<String, String>) -> Self {
        // Java's `String.trim`: up to the blank, not whatever Unicode calls white.
        let trimmed = |value: &'a String| value.trim_matches(|c| c <= ' ');
        Self(properties.iter().map(|(key, value)| (key.as_str(), trimmed(value))).collect())
    }

    fn take_even_empty(&mut self, key: &str) -> Option<String> {
        self.0.remove(key).map(str::to_owned)
    }

    fn take(&mut self, key: &str) -> Option<String> {
        self.take_even_empty(key).filter(|value| !value.is_empty())
    }

    fn keys(&self) -> Vec<String> {
        self.0.keys().map(|key| (*key).to_owned()).collect()
    }
}
