//! The command line.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, Parser, Subcommand};

/// A real chain on this machine, to try things on: two Kafka clusters and two Connect workers that run
/// MirrorMaker 2, on free loopback ports. It needs java (17 or later), once mvn and a network, and 3 GB of
/// memory.
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
        cache: Cache,
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
        cache: Cache,
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
        cache: Cache,
    },
}

#[derive(Debug, Args)]
pub(crate) struct State {
    /// Configurations, data and logs of the lab [default: $XDG_STATE_HOME/mm2-lab, ~/.local/state/mm2-lab]
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Cache {
    /// Kafka's jars, fetched once [default: $XDG_CACHE_HOME/mm2-lab, ~/.cache/mm2-lab]
    #[arg(long, value_name = "DIR")]
    pub(crate) cache: Option<PathBuf>,
}
