//! `bomber`: puts a known load on the source topics and says what the source took of it. It replaces the
//! runbook's `kafka_producer_bomber.py` and Kafka's `kafka-producer-perf-test`, whose flags it keeps.
//!
//! This is glue. What a load is and how it is accounted for live in the crates. Absent from here: reading
//! anything back from the target, judging a chain (`ramp` does), evidence.

mod args;
mod dotenv;
mod error;
mod given;
mod load;
mod order;
mod outcome;
mod perf;
mod perf_lines;
mod settings;
mod statistics;
mod topics;
mod watch;
mod windows;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use mm2_cli::{ExitStatus, Failure, Invocation, OrFail, Printer, Stop};
use mm2_kafka::{Cluster, ClusterInfo, Side};

pub use crate::args::Args;
use crate::args::Vocabulary;
use crate::dotenv::DotEnv;
use crate::given::Surroundings;
use crate::order::{Manner, Order};
use crate::outcome::Outcome;
use crate::perf::PerfSettings;
use crate::settings::Settings;

/// How long the source may take to answer: 15 s, of which the last question may take one.
const REACH: Duration = Duration::from_secs(14);

/// Runs one call of `bomber`.
///
/// # Errors
/// When nothing was sent: wrong usage, a source that cannot be reached, or a topic that cannot be created.
pub async fn run(call: Invocation<Args>) -> Result<ExitStatus, Failure> {
    let (args, printer) = (&call.args, &call.printer);
    let order = match args.vocabulary().or_usage()? {
        Vocabulary::Script => as_the_script(args, printer)?,
        Vocabulary::PerfTest => as_perf_test(args, printer)?,
    };
    let Some(order) = order else { return Ok(ExitStatus::Go) };
    let source = Arc::new(Cluster::new(Side::Source, order.cluster.clone()).or_usage()?);
    let Some(info) = reach(&source, &call.stop).await? else { return Ok(ExitStatus::Interrupted) };
    let slots = topics::prepare(&source, &info, &order.topics, printer).await?;
    printer.line(&order.announce());
    let outcome = load::bomb(&source, slots, &order, args.both.json, &call.stop, printer).await?;
    conclude(&outcome, &order, &source, args.both.json, printer)
}

/// `None` when the settings were all that was asked for.
fn as_the_script(args: &Args, printer: &Printer) -> Result<Option<Order>, Failure> {
    let dotenv = DotEnv::read(Path::new(".env"), &|name| std::env::var(name).ok()).or_usage()?;
    for warning in dotenv.warnings() {
        printer.warn(&warning);
    }
    let around = Surroundings { variable: &|name| std::env::var_os(name), dotenv: &dotenv };
    let settings = Settings::resolve(&args.script, &args.both, &around).or_usage()?;
    if args.script.password.is_some() {
        printer.warn("--password can be read in the process list; hint: set KAFKA_PASSWORD, or give --password-file FILE");
    }
    if args.both.show_config {
        printer.data(&settings.show()).or_bug()?;
        return Ok(None);
    }
    if let Some(assumed) = settings.assumed() {
        printer.line(&assumed);
    }
    Ok(Some(settings.order()))
}

/// `None` when the settings were all that was asked for.
fn as_perf_test(args: &Args, printer: &Printer) -> Result<Option<Order>, Failure> {
    let settings = PerfSettings::resolve(&args.perf, &args.both).or_usage()?;
    for warning in settings.warnings() {
        printer.warn(&warning);
    }
    if args.both.show_config {
        printer.data(&settings.show()).or_bug()?;
        return Ok(None);
    }
    Ok(Some(settings.order()))
}

/// Prints what became of the load.
fn conclude(
    outcome: &Outcome,
    order: &Order,
    source: &Cluster,
    json: bool,
    printer: &Printer,
) -> Result<ExitStatus, Failure> {
    match order.manner {
        _ if json => tell(&outcome.json().or_bug()?, printer),
        Manner::Script => tell(&outcome.text(), printer),
        Manner::PerfTest { print_metrics, .. } => {
            let mut lines = perf_lines::summary(outcome);
            if print_metrics {
                lines.push(perf_lines::metrics(outcome, source.health().last_statistics().as_ref()));
            }
            if !lines.is_empty() {
                tell(&lines.join("\n"), printer);
            }
            for line in perf_lines::remarks(outcome) {
                printer.line(&line);
            }
        }
    }
    Ok(outcome.status())
}

/// The summary on stdout. Where that takes nothing (a full disk) it goes to stderr: the load is over, and what became
/// of it must neither be lost nor change the exit code.
fn tell(summary: &str, printer: &Printer) {
    if let Err(error) = printer.data(summary) {
        printer.warn(&format!("stdout does not take the summary ({error}); it reads:\n{summary}"));
    }
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
