//! The smallest binary of the product: it "holds" for a while and ends. The integration tests run it.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{CommandFactory, Parser};
use mm2_cli::{
    ExitStatus, Failure, Invocation, Layers, OrFail, Progress, ProgressView, run_main, show_config,
};
use mm2_config::{HumanDuration, Secret, TomlFile};
use serde::Deserialize;

/// Holds for a while
#[derive(Debug, Parser)]
#[command(name = "edge", version)]
struct Args {
    /// The chain file
    #[arg(long, value_name = "FILE")]
    chain: Option<PathBuf>,
    /// How long to hold
    #[arg(long, env = "EDGE_HOLD")]
    hold: Option<HumanDuration>,
    /// Print every value with its origin, and end
    #[arg(long)]
    show_config: bool,
    /// Misbehave
    #[arg(long)]
    misbehave: Option<Misbehaviour>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Misbehaviour {
    Hang,
    Panic,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChainFile {
    hold: Option<HumanDuration>,
    password: Option<Secret>,
}

fn main() -> ExitCode {
    run_main(run)
}

async fn run(Invocation { args, matches, printer, stop }: Invocation<Args>) -> Result<ExitStatus, Failure> {
    let file = match &args.chain {
        Some(path) => TomlFile::read(path)?.parse()?,
        None => ChainFile::default(),
    };
    let layers = Layers { command: &Args::command(), matches: &matches, file: args.chain.as_deref() };
    let hold = layers.pick("hold", args.hold, file.hold, || HumanDuration::new(Duration::from_millis(20)));
    if args.show_config {
        let password = layers.file_or(file.password.map(Some), || None);
        let redacted = if password.value.is_some() { "<redacted>" } else { "none" };
        let rows = [
            ("hold", hold.value.to_string(), hold.origin),
            ("password", redacted.to_owned(), password.origin),
        ];
        printer.data(&show_config(&rows)).or_bug()?;
        return Ok(ExitStatus::Go);
    }

    tracing::info!(hold = %hold.value, "plan is read");
    let mut progress = Progress::new(&printer);
    progress.event("load on");
    match args.misbehave {
        Some(Misbehaviour::Hang) => std::thread::sleep(Duration::from_secs(60)),
        Some(Misbehaviour::Panic) => panic!("as asked"),
        None => {}
    }
    let started = Instant::now();
    while started.elapsed() < hold.value.get() && !stop.is_stopped() {
        let headline = format!("hold {} of {}", started.elapsed().as_secs(), hold.value);
        progress.live(&ProgressView { headline, lines: vec!["backlog 0".to_owned()] });
        tokio::select! {
            () = stop.stopped() => {}
            () = tokio::time::sleep(Duration::from_millis(10)) => {}
        }
    }
    progress.event("load off");
    progress.finish();
    Ok(if stop.is_stopped() { ExitStatus::Interrupted } else { ExitStatus::Go })
}
