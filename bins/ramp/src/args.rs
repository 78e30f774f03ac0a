//! The command line. What the values come to is [`crate::settings`]'s business.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use mm2_config::HumanDuration;
use mm2_report::Lang;

/// Phase 4: find the rate that a MirrorMaker 2 chain carries, and 70 % of it for production
///
/// Puts a known load on the source, reads it back from the target, judges each step, measures the recovery
/// between steps, and stops at the first step that fails.
#[derive(Debug, Parser)]
#[command(
    name = "ramp",
    version,
    after_help = "Examples:
  ramp --steps P1..P5                          rehearse: proves the tool, not a chain
  ramp --chain lab --steps P1..P2 --hold 2m    real Kafka and MirrorMaker 2, up and down by the command
  ramp --chain mine.toml                       your chain; each step is held for 5 minutes
  ramp --chain mine.toml --beyond --refine     on until it fails, then the knee to within 5 %

Exit codes: 0 GO, 10 WARN, 20 STOP, 30 INCONCLUSIVE, 64 usage, 69 chain not reachable or not ready,
70 bug, 130 interrupted (the evidence is kept)."
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Args {
    /// rehearsal, lab, or a chain file [default: rehearsal]
    #[arg(long, env = "MM2_CHAIN", value_name = "CHAIN")]
    pub chain: Option<String>,

    /// Faults of the rehearsal, with commas: delay=1500ms, loss=0.001, duplicate=0.001, reorder=0.001,
    /// corrupt=0.001, cap=7200/s, stall=10s; seed=42 draws the shares, from=P3 says which step they
    /// begin in, else the first: warm-up and canaries come through [default: none]
    #[arg(long, value_name = "FAULTS")]
    pub rehearse: Option<String>,

    /// Steps to climb: P1..P5, P3, or P1,P3 [default: all of the plan]
    #[arg(long, env = "MM2_STEPS", value_name = "STEPS")]
    pub steps: Option<String>,

    /// How long to hold each step [default: 5m; rehearsal: 20s]
    #[arg(long, env = "MM2_HOLD", value_name = "DURATION")]
    pub hold: Option<HumanDuration>,

    /// The shortest warm-up, 0s for none [default: 60s; rehearsal: 5s]
    #[arg(long, env = "MM2_WARM_UP", value_name = "DURATION")]
    pub warm_up: Option<HumanDuration>,

    /// How long the backlog may take to come back after a step [default: 2m]
    #[arg(long, env = "MM2_RECOVERY", value_name = "DURATION")]
    pub recovery: Option<HumanDuration>,

    /// After the last step, go on with 1.5 times the rate until a step fails: finds the knee
    #[arg(long, env = "MM2_BEYOND")]
    pub beyond: bool,

    /// After the first step that fails, bisect to within 5 % and hold the winner once more
    #[arg(long, env = "MM2_REFINE")]
    pub refine: bool,

    /// After the climb, pause the connector for this long under the recommended load, and measure the catching up
    ///
    /// On your own chain everything that the connector replicates waits meanwhile: say --yes.
    #[arg(long, env = "MM2_CATCH_UP", value_name = "DURATION")]
    pub catch_up: Option<HumanDuration>,

    /// Yes, pause the connector of my chain for --catch-up
    #[arg(long)]
    pub yes: bool,

    /// Size of a record's value [default: 1024]
    #[arg(long, env = "MM2_RECORD_SIZE", value_name = "BYTES")]
    pub record_size: Option<usize>,

    /// How many test topics to use [default: the chain file's, else 10]
    #[arg(long, env = "MM2_TOPICS", value_name = "COUNT")]
    pub topics: Option<u32>,

    /// A plan: steps, hold, criteria [default: the runbook's]
    #[arg(long, env = "MM2_PLAN", value_name = "FILE")]
    pub plan: Option<PathBuf>,

    /// Where run folders go [default: runs]
    #[arg(long, env = "MM2_OUT", value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Language of the report on the terminal; the folder has both [default: en]
    #[arg(long, env = "MM2_LANG", value_name = "LANG")]
    pub lang: Option<Language>,

    /// Print run.json instead of the report
    #[arg(long)]
    pub json: bool,

    /// Print each setting and where it came from, and do nothing else
    #[arg(long)]
    pub show_config: bool,
}

/// A language of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// English
    En,
    /// Français
    Fr,
}

impl From<Language> for Lang {
    fn from(language: Language) -> Self {
        match language {
            Language::En => Self::En,
            Language::Fr => Self::Fr,
        }
    }
}
