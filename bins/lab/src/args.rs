//! The command line.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, Parser, Subcommand};
use mm2_lab::{AgentVersion, KafkaVersion, LabOptions, MetricNaming};

use crate::{Failure, absolute};

/// A real chain on this machine, to try things on: two Kafka clusters and two Connect workers that run
/// MirrorMaker 2, measured by Prometheus and node_exporter, on free loopback ports. It needs java (17 or
/// later), prometheus and prometheus-node-exporter (or --no-metrics), for each version once mvn and a network,
/// and 3 GB of memory.
#[derive(Debug, Parser)]
#[command(name = "lab", version, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  lab run -- ramp --steps P1..P2     a lab for as long as one command runs
  lab run -- sh -c 'cat $MM2_CHAIN'  MM2_CHAIN is the path of the chain file
  lab up                             one that stays up; prints the path of its chain file
  ramp --chain \"$(lab up)\"
  lab up --kafka 4.1.1               another version of Kafka
  lab run --naming runbook -- CMD    MirrorMaker's metrics as the runbook's dashboards spell them
  lab status --json
  lab down --purge

Exit codes: 0 done, 64 usage, 69 the lab cannot be started or is not up, 70 a bug, 130 interrupted;
`lab run` ends with the exit code of its command.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start a lab that stays up until `lab down`, and print the path of its chain file
    Up {
        #[command(flatten)]
        state: State,
        #[command(flatten)]
        parts: Parts,
    },
    /// Show the lab that is up; exit code 69 when there is none, or when a part of it has ended
    Status {
        #[command(flatten)]
        state: State,
        /// One JSON object instead of a table
        #[arg(long)]
        json: bool,
    },
    /// End the lab that `lab up` started; its logs stay
    Down {
        #[command(flatten)]
        state: State,
        /// Remove the logs too
        #[arg(long)]
        purge: bool,
    },
    /// Start a lab of its own for one command, with MM2_CHAIN set, and end it after
    Run {
        #[command(flatten)]
        parts: Parts,
        /// The command and its arguments, after `--`
        #[arg(last = true, required = true, value_name = "CMD")]
        command: Vec<OsString>,
    },
    /// What `lab up` leaves behind to own the lab
    #[command(hide = true, name = mm2_lab::supervisor::SUBCOMMAND)]
    Supervise {
        #[command(flatten)]
        state: State,
        #[command(flatten)]
        parts: Parts,
    },
}

#[derive(Debug, Args)]
pub(crate) struct State {
    /// Configurations, data and logs of the lab [default: $XDG_STATE_HOME/mm2-lab, ~/.local/state/mm2-lab]
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
}

/// What the lab runs. A flag wins over its environment variable, which `ramp --chain lab` reads too.
#[derive(Debug, Args)]
pub(crate) struct Parts {
    /// Kafka, Connect and MirrorMaker 2; tried: 3.7.2, 3.9.1, 4.1.1, 4.3.0
    /// [env: MM2_LAB_KAFKA] [default: 3.9.1]
    #[arg(long, value_name = "VERSION", conflicts_with = "kafka_home")]
    kafka: Option<KafkaVersion>,
    /// Run the Kafka of this unpacked distribution, whose folder has bin/ and libs/; only the agent is fetched
    /// [env: MM2_LAB_KAFKA_HOME]
    #[arg(long, value_name = "DIR")]
    kafka_home: Option<PathBuf>,
    /// The Prometheus JMX agent in each JVM: 0.20.0, or 1.0.1, which drops the `_total` of Kafka's counters
    /// [env: MM2_LAB_AGENT] [default: 0.20.0 with Kafka 3, 1.0.1 from 4 on]
    #[arg(long, value_name = "VERSION", conflicts_with = "no_metrics")]
    agent: Option<AgentVersion>,
    /// How MirrorMaker's metrics are spelled: plain (kafka_connect_mirror_mirrorsourceconnector_*) or runbook
    /// (kafka_connect_mirror_source_connector_*) [env: MM2_LAB_NAMING] [default: plain]
    #[arg(long, value_name = "NAMING", conflicts_with = "no_metrics")]
    naming: Option<MetricNaming>,
    /// Neither agents nor Prometheus nor node_exporter [env: MM2_LAB_METRICS=off]
    #[arg(long)]
    no_metrics: bool,
    /// The jars of Kafka and the agent, fetched once a version
    /// [default: $XDG_CACHE_HOME/mm2-lab, ~/.cache/mm2-lab]
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
}

impl Parts {
    /// These flags, before the environment.
    pub(crate) fn options(self) -> Result<LabOptions, Failure> {
        let mut options = LabOptions::from_env()?;
        options.cache_dir = self.cache.map(absolute).transpose()?;
        if self.kafka.is_some() || self.kafka_home.is_some() {
            options.kafka = self.kafka;
            options.kafka_home = self.kafka_home;
        }
        options.kafka_home = options.kafka_home.map(absolute).transpose()?;
        if self.no_metrics {
            (options.metrics, options.agent, options.naming) = (Some(false), None, None);
        }
        options.agent = self.agent.or(options.agent);
        options.naming = self.naming.or(options.naming);
        Ok(options)
    }
}

/// The flags that say the same to another run of this program.
pub(crate) fn flags(options: &LabOptions) -> Vec<OsString> {
    let mut flags = Vec::new();
    let mut flag = |name: &str, value: Option<OsString>| {
        if let Some(value) = value {
            flags.extend([name.into(), value]);
        }
    };
    let path = |path: &Option<PathBuf>| path.clone().map(PathBuf::into_os_string);
    flag("--cache", path(&options.cache_dir));
    flag("--kafka", options.kafka.map(|version| version.to_string().into()));
    flag("--kafka-home", path(&options.kafka_home));
    flag("--agent", options.agent.map(|version| version.to_string().into()));
    flag("--naming", options.naming.map(|naming| naming.to_string().into()));
    if options.metrics == Some(false) {
        flags.push("--no-metrics".into());
    }
    flags
}
