//! The command line: the flags of the script that this replaces, and a few more. Values stay text where a
//! variable may give them too; what they come to is [`crate::settings`]'s business.

use std::convert::Infallible;
use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use secrecy::SecretString;

/// Put a known load on the source topics, and say what the source took of it
///
/// Records are due on an absolute schedule, whatever the source does, and each delivery is accounted for.
#[derive(Debug, Parser)]
#[command(
    name = "bomber",
    version,
    after_help = "Variables, also from a .env file in the current folder (flag over variable over .env):
  KAFKA_BOOTSTRAP_SERVERS KAFKA_USERNAME KAFKA_PASSWORD KAFKA_SECURITY_PROTOCOL
  KAFKA_SASL_MECHANISM KAFKA_SSL_CAFILE; with or without KAFKA_: KAFKA_TOPIC_PREFIX
  KAFKA_NUM_TOPICS KAFKA_MESSAGES_PER_SECOND KAFKA_NUM_THREADS KAFKA_DURATION_MINUTES

Examples:
  bomber --bootstrap-servers b1:9092 --messages-per-second 1000 --duration-minutes 5
  bomber --bootstrap-servers b1:9093 --username mm2 --password-file pw --num-threads 20

Exit codes: 0 delivered as asked, 20 the source did not take it, 30 the sender itself was too slow,
64 usage, 69 the source cannot be reached or a topic cannot be created, 70 bug, 130 interrupted
(the summary is printed)."
)]
pub struct Args {
    /// Brokers of the source: host:port,host:port
    #[arg(long, value_name = "BROKERS")]
    pub bootstrap_servers: Option<String>,

    /// SASL user name
    #[arg(long, value_name = "USER")]
    pub username: Option<String>,

    /// SASL password, visible in the process list: prefer KAFKA_PASSWORD or --password-file
    #[arg(long, value_name = "PASSWORD", value_parser = secret, allow_hyphen_values = true)]
    pub password: Option<SecretString>,

    /// File that holds the SASL password
    #[arg(long, value_name = "FILE", conflicts_with = "password")]
    pub password_file: Option<PathBuf>,

    /// PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL [default: SASL_SSL with a user name, else PLAINTEXT]
    #[arg(long, value_name = "PROTOCOL")]
    pub security_protocol: Option<String>,

    /// PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512 [default: PLAIN]
    #[arg(long, value_name = "MECHANISM")]
    pub sasl_mechanism: Option<String>,

    /// PEM file of the certificate authority
    #[arg(long, value_name = "FILE")]
    pub ssl_cafile: Option<String>,

    /// Topics are PREFIX-01.json, PREFIX-02.json, … [default: test-prometheus.generated-data]
    #[arg(long, value_name = "PREFIX")]
    pub topic_prefix: Option<String>,

    /// How many topics to send to [default: 10]
    #[arg(long, value_name = "COUNT", allow_negative_numbers = true)]
    pub num_topics: Option<String>,

    /// Records a second, over all threads and topics [default: 1000]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub messages_per_second: Option<String>,

    /// Threads that share the rate, each with a producer of its own [default: 5]
    #[arg(long, value_name = "COUNT", allow_negative_numbers = true)]
    pub num_threads: Option<String>,

    /// How long, in minutes; 0.5 is 30 s [default: 5]
    #[arg(long, value_name = "MINUTES", allow_negative_numbers = true)]
    pub duration_minutes: Option<String>,

    /// Size of a record's value: stamped JSON takes 400 bytes, a client by default at most a megabyte
    #[arg(long, value_name = "BYTES", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(400..=900_000))]
    pub record_size: u32,

    /// Codec of the producers
    #[arg(long, value_name = "CODEC", default_value = "gzip")]
    pub compression: Compression,

    /// Partitions of a topic that has to be created
    #[arg(long, value_name = "COUNT", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub partitions: u32,

    /// Replicas of a topic that has to be created
    #[arg(long, value_name = "COUNT", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub replication: u16,

    /// Print the summary as one JSON object
    #[arg(long)]
    pub json: bool,

    /// Print each setting and where it came from, and do nothing else
    #[arg(long)]
    pub show_config: bool,
}

/// librdkafka's `compression.codec`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "the codecs' own names")]
pub enum Compression {
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

impl Compression {
    /// As librdkafka spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }
}

/// Takes every text: clap quotes what it refuses.
#[expect(clippy::unnecessary_wraps, reason = "the shape that clap asks for")]
fn secret(text: &str) -> Result<SecretString, Infallible> {
    Ok(text.into())
}
