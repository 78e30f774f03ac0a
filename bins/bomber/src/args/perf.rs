//! The flags of `kafka-producer-perf-test`, of Kafka 3.x and 4.x. Values stay text: what is refused says the remedy.

use std::convert::Infallible;
use std::path::PathBuf;

use secrecy::SecretString;

/// As perf-test's users type them.
#[derive(Debug, clap::Args)]
pub(crate) struct PerfArgs {
    /// Send to this topic
    #[arg(long, value_name = "TOPIC")]
    pub(crate) topic: Option<String>,

    /// How many records to send
    #[arg(long, value_name = "COUNT", allow_negative_numbers = true)]
    pub(crate) num_records: Option<String>,

    /// Records a second; -1: as fast as the source takes them
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub(crate) throughput: Option<String>,

    /// Brokers: host:port,host:port; over bootstrap.servers in the properties
    #[arg(long, value_name = "BROKERS")]
    pub(crate) bootstrap_server: Option<String>,

    /// Properties of Java's producer, in words of their own; over those of the file
    // Not parsed here: clap quotes what it refuses, and it may be a password.
    #[arg(long, visible_alias = "command-property", value_name = "NAME=VALUE", num_args = 1.., value_parser = secret)]
    pub(crate) producer_props: Vec<SecretString>,

    /// File of such properties
    #[arg(long = "producer.config", visible_alias = "command-config", value_name = "FILE")]
    pub(crate) producer_config: Option<PathBuf>,

    /// File of values to send in turn, instead of --record-size
    #[arg(long, value_name = "FILE", conflicts_with = "record_size")]
    pub(crate) payload_file: Option<PathBuf>,

    /// What stands between the values of that file; \n and \t are understood [default: \n]
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) payload_delimiter: Option<String>,

    /// Print the client's own statistics behind the summary
    #[arg(long)]
    pub(crate) print_metrics: bool,

    /// How many records go before a second summary begins to count [default: 0]
    #[arg(long, value_name = "COUNT", allow_negative_numbers = true)]
    pub(crate) warmup_records: Option<String>,

    /// Between two lines of progress, milliseconds [default: 5000]
    #[arg(long, value_name = "MS", allow_negative_numbers = true)]
    pub(crate) reporting_interval: Option<String>,

    /// Not supported: see the guide
    #[arg(long, hide = true)]
    pub(crate) payload_monotonic: bool,

    /// Not supported: see the guide
    #[arg(long, hide = true)]
    pub(crate) transactional_id: Option<String>,

    /// Not supported: see the guide
    #[arg(long, hide = true, allow_negative_numbers = true)]
    pub(crate) transaction_duration_ms: Option<String>,
}

impl PerfArgs {
    /// The flags that are given.
    pub(crate) fn given(&self) -> Vec<&'static str> {
        let all = [
            (self.topic.is_some(), "--topic"),
            (self.num_records.is_some(), "--num-records"),
            (self.throughput.is_some(), "--throughput"),
            (self.bootstrap_server.is_some(), "--bootstrap-server"),
            (!self.producer_props.is_empty(), "--producer-props"),
            (self.producer_config.is_some(), "--producer.config"),
            (self.payload_file.is_some(), "--payload-file"),
            (self.payload_delimiter.is_some(), "--payload-delimiter"),
            (self.print_metrics, "--print-metrics"),
            (self.warmup_records.is_some(), "--warmup-records"),
            (self.reporting_interval.is_some(), "--reporting-interval"),
            (self.payload_monotonic, "--payload-monotonic"),
            (self.transactional_id.is_some(), "--transactional-id"),
            (self.transaction_duration_ms.is_some(), "--transaction-duration-ms"),
        ];
        all.into_iter().filter(|(given, _)| *given).map(|(_, flag)| flag).collect()
    }
}

/// Takes every text.
#[expect(clippy::unnecessary_wraps, reason = "the shape that clap asks for")]
fn secret(text: &str) -> Result<SecretString, Infallible> {
    Ok(text.into())
}
