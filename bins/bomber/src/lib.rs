//! `bomber`: puts a known load on the source topics and says what the source took of it. It replaces the
//! runbook's `kafka_producer_bomber.py`, whose flags it keeps.
//!
//! This is glue. What a load is and how it is accounted for live in the crates. Absent from here: reading
//! anything back from the target, judging a chain (`ramp` does), evidence.

mod args;
mod dotenv;
mod given;
mod load;
mod outcome;
mod settings;
mod statistics;
mod topics;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use mm2_cli::{ExitStatus, Failure, Invocation, OrFail, Stop};
use mm2_kafka::{Cluster, ClusterInfo, Side};

pub use crate::args::{Args, Compression};
use crate::dotenv::DotEnv;
use crate::given::Surroundings;
use crate::settings::Settings;

/// How long the source may take to answer: 15 s, of which the last question may take one.
const REACH: Duration = Duration::from_secs(14);

/// Runs one call of `bomber`.
///
/// # Errors
/// When nothing was sent: wrong usage, a source that cannot be reached, or a topic that cannot be created.
pub async fn run(call: Invocation<Args>) -> Result<ExitStatus, Failure> {
    let (args, printer) = (&call.args, &call.printer);
    let settings = settings(args).or_usage()?;
    if args.password.is_some() {
        printer.warn("--password can be read in the process list; hint: set KAFKA_PASSWORD, or give --password-file FILE");
    }
    if args.show_config {
        printer.data(&settings.show()).or_bug()?;
        return Ok(ExitStatus::Go);
    }
    if let Some(assumed) = settings.assumed() {
        printer.line(&assumed);
    }
    let source = Arc::new(Cluster::new(Side::Source, settings.cluster()).or_usage()?);
    let Some(info) = reach(&source, &call.stop).await? else { return Ok(ExitStatus::Interrupted) };
    let slots = topics::prepare(&source, &info, &settings, printer).await?;
    printer.line(&settings.announce());
    let outcome = load::bomb(&source, slots, &settings, &call.stop, printer).await?;
    let summary = if args.json { outcome.json().or_bug()? } else { outcome.text() };
    printer.data(&summary).or_bug()?;
    Ok(outcome.status())
}

fn settings(args: &Args) -> anyhow::Result<Settings> {
    let dotenv = DotEnv::read(Path::new(".env"))?;
    let around = Surroundings { variable: &|name| std::env::var_os(name), dotenv: &dotenv };
    Ok(Settings::resolve(args, &around)?)
}

/// Asks the source who it is; `None` when the person had enough of waiting.
async fn reach(source: &Arc<Cluster>, stop: &Stop) -> Result<Option<ClusterInfo>, Failure> {
    let asked = Arc::clone(source);
    let answer = tokio::task::spawn_blocking(move || asked.reach(REACH));
    tokio::select! {
        answer = answer => Ok(Some(answer.context("asking the source panicked").or_bug()?.or_unavailable()?)),
        () = stop.stopped() => Ok(None),
    }
}
