//! The flags of `kafka_producer_bomber.py`, and a few more. Values stay text: a variable may give them too.

use std::convert::Infallible;
use std::path::PathBuf;

use mm2_load::Compression;
use secrecy::SecretString;

/// As the script's users type them.
#[derive(Debug, clap::Args)]
pub(crate) struct ScriptArgs {
    /// Brokers of the source: host:port,host:port
    #[arg(long, value_name = "BROKERS")]
    pub(crate) bootstrap_servers: Option<String>,

    /// SASL user name
    #[arg(long, value_name = "USER")]
    pub(crate) username: Option<String>,

    /// SASL password, visible in the process list: prefer KAFKA_PASSWORD or --password-file
    #[arg(long, value_name = "PASSWORD", value_parser = secret, allow_hyphen_values = true)]
    pub(crate) password: Option<SecretString>,

    /// File that holds the SASL password
    #[arg(long, value_name = "FILE", conflicts_with = "password")]
    pub(crate) password_file: Option<PathBuf>,

    /// PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL [default: SASL_SSL with a user name, else PLAINTEXT]
    #[arg(long, value_name = "PROTOCOL")]
    pub(crate) security_protocol: Option<String>,

    /// PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512 [default: PLAIN]
    #[arg(long, value_name = "MECHANISM")]
    pub(crate) sasl_mechanism: Option<String>,

    /// PEM file of the certificate authority
    #[arg(long, value_name = "FILE")]
    pub(crate) ssl_cafile: Option<String>,

    /// Topics are PREFIX-01.json, PREFIX-02.json, … [default: test-prometheus.generated-data]
    #[arg(long, value_name = "PREFIX")]
    pub(crate) topic_prefix: Option<String>,

    /// How many topics to send to [default: 10]
    #[arg(long, value_name = "COUNT", allow_negative_numbers = true)]
    pub(crate) num_topics: Option<String>,

    /// Records a second, over all threads and topics [default: 1000]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub(crate) messages_per_second: Option<String>,

    /// Threads that share the rate, each with a producer of its own [default: 5]
    #[arg(long, value_name = "COUNT", allow_negative_numbers = true)]
    pub(crate) num_threads: Option<String>,

    /// How long, in minutes; 0.5 is 30 s [default: 5]
    #[arg(long, value_name = "MINUTES", allow_negative_numbers = true)]
    pub(crate) duration_minutes: Option<String>,

    /// Codec of the producers: none, gzip, snappy, lz4 or zstd [default: gzip]
    #[arg(long, value_name = "CODEC")]
    pub(crate) compression: Option<Compression>,
}

const IN_PROPERTIES: &str = "sasl.jaas.config in the file of --producer.config";
const SECURITY: &str = "security.protocol and sasl.mechanism in the file of --producer.config";

impl ScriptArgs {
    /// The flags that are given, each with what perf-test has for it.
    pub(crate) fn given(&self) -> Vec<(&'static str, &'static str)> {
        let all = [
            (
                self.bootstrap_servers.is_some(),
                "--bootstrap-servers",
                "--bootstrap-server, or --producer-props bootstrap.servers=…",
            ),
            (self.username.is_some(), "--username", IN_PROPERTIES),
            (self.password.is_some(), "--password", IN_PROPERTIES),
            (self.password_file.is_some(), "--password-file", IN_PROPERTIES),
            (self.security_protocol.is_some(), "--security-protocol", SECURITY),
            (self.sasl_mechanism.is_some(), "--sasl-mechanism", SECURITY),
            (
                self.ssl_cafile.is_some(),
                "--ssl-cafile",
                "--producer-props ssl.truststore.type=PEM ssl.truststore.location=FILE",
            ),
            (self.topic_prefix.is_some(), "--topic-prefix", "--topic"),
            (self.num_topics.is_some(), "--num-topics", "--topic, of which there is one"),
            (self.messages_per_second.is_some(), "--messages-per-second", "--throughput"),
            (self.num_threads.is_some(), "--num-threads", "nothing: perf-test has one producer"),
            (
                self.duration_minutes.is_some(),
                "--duration-minutes",
                "--num-records, which is minutes × 60 × --throughput",
            ),
            (self.compression.is_some(), "--compression", "--producer-props compression.type=CODEC"),
        ];
        all.into_iter().filter(|(given, ..)| *given).map(|(_, flag, instead)| (flag, instead)).collect()
    }
}

/// Takes every text: clap quotes what it refuses.
#[expect(clippy::unnecessary_wraps, reason = "the shape that clap asks for")]
fn secret(text: &str) -> Result<SecretString, Infallible> {
    Ok(text.into())
}
