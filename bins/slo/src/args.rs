//! The command line. Not here: what the words come to.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};
use mm2_config::HumanDuration;

/// Judge your own figures by criteria: GO, WARN, STOP or INCONCLUSIVE
#[derive(Debug, Parser)]
#[command(
    name = "slo",
    version,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 GO, 10 WARN, 20 STOP, 30 INCONCLUSIVE, 64 usage, wrong criteria or
unreadable data, 70 bug."
)]
pub struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge figures by criteria
    ///
    /// Prints the verdict in one sentence and a table of all findings; the exit code is the verdict's. What is
    /// missing withholds GO.
    Check(Box<CheckArgs>),
    /// Show what each criterion comes to when its data are bad, and what is wrong with it
    ///
    /// Exits with 64 where there is a problem.
    Lint {
        /// A file of criteria, or a built-in set: phase-0 to phase-8
        criteria: String,
    },
    /// Say what decided, worst first
    Explain {
        /// A run folder, its run.json, or what `slo check --json` printed
        run: PathBuf,
    },
    /// Print a built-in set of criteria, to start a file of your own from
    Criteria {
        /// phase-0 to phase-8
        set: String,
    },
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Data: a CSV with the time in its first column, the other columns named by signal;
or JSON: what Prometheus' /api/v1/query_range answered, or the own format.

Examples:
  slo check --criteria lag.toml --data export.csv --window 30m
  slo check --criteria lag.toml --data export.csv --map 'Lag of mm2=consumer.lag'
  slo check --criteria lag.toml --data consumer.lag=answer.json --expect consumer.lag=3

Exit codes: 0 GO, 10 WARN, 20 STOP, 30 INCONCLUSIVE, 64 usage, wrong criteria or
unreadable data, 70 bug.")]
pub(crate) struct CheckArgs {
    /// A file of criteria, or a built-in set: phase-0 to phase-8
    #[arg(long, value_name = "FILE|SET")]
    pub(crate) criteria: String,

    /// A CSV or JSON file; with a name, all of a Prometheus answer is that signal. Repeatable
    #[arg(long, required = true, value_name = "[SIGNAL=]FILE")]
    pub(crate) data: Vec<String>,

    /// Length of the window that is judged [default: from the first to the last sample]
    #[arg(long, value_name = "DURATION")]
    pub(crate) window: Option<HumanDuration>,

    /// Where the window begins, written as in the data [default: the first sample]
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,

    /// How far samples are apart, of all or of one signal [default: the median distance]. Repeatable
    #[arg(long, value_name = "[SIGNAL=]DURATION")]
    pub(crate) every: Vec<String>,

    /// How many series a signal must have; without it, as many as there are. Repeatable
    #[arg(long, value_name = "SIGNAL=COUNT")]
    pub(crate) expect: Vec<String>,

    /// A column (its whole name, its name before {, or a regular expression) and its signal. Repeatable
    #[arg(long, value_name = "COLUMN=SIGNAL")]
    pub(crate) map: Vec<String>,

    /// A TOML file with a table [columns] of the same: "Lag of mm2" = "consumer.lag"
    #[arg(long, value_name = "FILE")]
    pub(crate) columns: Option<PathBuf>,

    /// The rate that was asked for, such as 1000/s
    #[arg(long, value_name = "RATE")]
    pub(crate) asked: Option<String>,

    /// What a name in the limits stands for, such as p99_limit="1 s". Repeatable
    #[arg(long, value_name = "NAME=QUANTITY")]
    pub(crate) known: Vec<String>,

    /// What `baseline` in the limits stands for: a file that --save-baseline wrote
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,

    /// Write what each criterion came to, for --baseline of a later run; not where the verdict is STOP
    #[arg(long, value_name = "FILE")]
    pub(crate) save_baseline: Option<PathBuf>,

    /// Print JSON instead of the table
    #[arg(long)]
    pub(crate) json: bool,
}
