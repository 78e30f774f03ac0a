//! The command line: two vocabularies of one tool, each as its users type it, and what both share. What the values
//! come to is the business of [`crate::settings`] and [`crate::perf`].

mod perf;
mod script;

use clap::Parser;
use thiserror::Error;

pub(crate) use perf::PerfArgs;
pub(crate) use script::ScriptArgs;

/// Put a known load on the source topics, and say what the source took of it
///
/// Takes the command lines of two tools: the runbook's kafka_producer_bomber.py, and kafka-producer-perf-test of
/// Kafka 3.x and 4.x. Each of its flags has the meaning that it has there; flags of both in one call are an error.
#[derive(Debug, Parser)]
#[command(
    name = "bomber",
    version,
    after_help = "Variables, also from a .env file in the current folder (flag over variable over .env). They speak for the
script's flags only:
  KAFKA_BOOTSTRAP_SERVERS KAFKA_USERNAME KAFKA_PASSWORD KAFKA_SECURITY_PROTOCOL
  KAFKA_SASL_MECHANISM KAFKA_SSL_CAFILE; with or without KAFKA_: KAFKA_TOPIC_PREFIX
  KAFKA_NUM_TOPICS KAFKA_MESSAGES_PER_SECOND KAFKA_NUM_THREADS KAFKA_DURATION_MINUTES

Examples:
  bomber --bootstrap-servers b1:9092 --messages-per-second 1000 --duration-minutes 5
  bomber --bootstrap-servers b1:9093 --username mm2 --password-file pw --num-threads 20
  bomber --topic t --num-records 300000 --record-size 1024 --throughput 1000 \\
         --producer-props bootstrap.servers=b1:9092 acks=all
  bomber --topic t --num-records 1000000 --record-size 1024 --throughput -1 \\
         --producer.config client.properties

Exit codes: 0 delivered as asked, 20 the source did not take it, 30 the sender itself was too slow,
64 usage, 69 the source cannot be reached or a topic cannot be created, 70 bug, 130 interrupted
(the summary is printed)."
)]
pub struct Args {
    #[command(flatten, next_help_heading = "As kafka_producer_bomber.py")]
    pub(crate) script: ScriptArgs,

    #[command(flatten, next_help_heading = "As kafka-producer-perf-test")]
    pub(crate) perf: PerfArgs,

    #[command(flatten, next_help_heading = "With both")]
    pub(crate) both: CommonArgs,
}

/// What goes with either vocabulary.
#[derive(Debug, clap::Args)]
pub(crate) struct CommonArgs {
    /// Size of a record's value, bytes; JSON takes at least 400 [default: 1024; perf-test: none]
    #[arg(long, value_name = "BYTES", allow_negative_numbers = true)]
    pub(crate) record_size: Option<String>,

    /// Partitions of a topic that has to be created [default: 12; perf-test: as the broker has it]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) partitions: Option<u32>,

    /// Replicas of a topic that has to be created [default: 3; perf-test: as the broker has it]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=100))]
    pub(crate) replication: Option<u16>,

    /// Print the summary as one JSON object
    #[arg(long)]
    pub(crate) json: bool,

    /// Print each setting and where it came from, and do nothing else
    #[arg(long)]
    pub(crate) show_config: bool,
}

/// Whose command line a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vocabulary {
    /// kafka_producer_bomber.py, also when nothing tells.
    Script,
    /// kafka-producer-perf-test.
    PerfTest,
}

/// Flags of both tools in one call.
#[derive(Debug, PartialEq, Eq, Error)]
#[error(
    "{script} is a flag of kafka_producer_bomber.py and {perf} one of kafka-producer-perf-test; hint: {instead}, or leave out what is not of your tool (`bomber --help` has both lists)"
)]
pub(crate) struct Mixed {
    script: &'static str,
    perf: &'static str,
    instead: String,
}

impl Args {
    /// Tells by the flags whose command line it is.
    ///
    /// # Errors
    /// When flags of both are given.
    pub(crate) fn vocabulary(&self) -> Result<Vocabulary, Mixed> {
        let (script, perf) = (self.script.given(), self.perf.given());
        match (script.first(), perf.first()) {
            (Some((script, theirs)), Some(perf)) => {
                let instead = format!("instead of {script} give {theirs}");
                Err(Mixed { script, perf, instead })
            }
            (_, Some(_)) => Ok(Vocabulary::PerfTest),
            (_, None) => Ok(Vocabulary::Script),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary(words: &str) -> Result<Vocabulary, String> {
        let words = ["bomber"].into_iter().chain(words.split_whitespace());
        Args::try_parse_from(words).unwrap().vocabulary().map_err(|error| error.to_string())
    }

    #[test]
    fn whose_command_line_it_is_is_told_by_its_flags() {
        assert_eq!(vocabulary(""), Ok(Vocabulary::Script));
        assert_eq!(vocabulary("--num-topics 3 --record-size 500 --json"), Ok(Vocabulary::Script));
        assert_eq!(vocabulary("--topic t --record-size 10 --replication 1"), Ok(Vocabulary::PerfTest));
        assert_eq!(vocabulary("--print-metrics"), Ok(Vocabulary::PerfTest));
    }

    #[test]
    fn flags_of_both_are_refused_with_what_to_give_instead() {
        let check = |words: &str, expect: &str| {
            let error = vocabulary(words).unwrap_err();
            assert!(error.contains(expect) && error.contains("; hint: "), "{words}: {error}");
        };
        check("--topic t --num-topics 2", "instead of --num-topics give --topic");
        check("--throughput 5 --messages-per-second 5", "instead of --messages-per-second give --throughput");
        check("--num-records 5 --duration-minutes 5", "instead of --duration-minutes give --num-records");
        check("--topic t --bootstrap-servers b:1", "give --bootstrap-server");
        check("--topic t --password-file p", "give sasl.jaas.config in the file of --producer.config");
        check("--topic t --compression gzip", "give --producer-props compression.type=");
    }

    #[test]
    fn help_has_a_list_for_each_tool() {
        let help = Args::try_parse_from(["bomber", "--help"]).unwrap_err().to_string();
        let at = |text: &str| help.find(text).unwrap_or_else(|| panic!("{text} is not in:\n{help}"));
        let (script, perf) = (at("As kafka_producer_bomber.py:"), at("As kafka-producer-perf-test:"));
        let both = at("With both:");
        assert!((script..perf).contains(&at("--num-threads <")), "{help}");
        assert!((perf..both).contains(&at("--throughput <")), "{help}");
        assert!(both < at("--record-size <"), "{help}");
    }
}
