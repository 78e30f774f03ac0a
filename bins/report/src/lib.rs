//! `report render DIR`: a run's report, rebuilt from its events alone, also after its writer was killed.
//!
//! This is glue. What a run is lives in `mm2-evidence`, how it reads in `mm2-report`.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Parser, Subcommand, ValueEnum};
use mm2_cli::{ExitStatus, Failure, Invocation, OrFail};
use mm2_evidence::{EvidenceError, RUN_JSON, Run, RunDocument, write_whole};
use mm2_report::{markdown, terminal};

/// Rebuild the report of a run
#[derive(Debug, Parser)]
#[command(name = "report", version, arg_required_else_help = true)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the report of a run, or write all its reports anew
    ///
    /// Everything is rebuilt from events.ndjson in the run folder, so this works for a run that was killed, too.
    /// Exits with 0 when the report was made, whatever the run came to.
    Render {
        /// Run folder, such as runs/20250131T120000Z-ramp
        dir: PathBuf,
        /// Language
        #[arg(long, value_enum, default_value_t = Lang::En)]
        lang: Lang,
        /// Form; json is run.json, in no language
        #[arg(long, value_enum, default_value_t = Format::Markdown)]
        format: Format,
        /// Write report.en.md, report.fr.md and run.json into the run folder instead of printing
        #[arg(long, conflicts_with_all = ["lang", "format"])]
        write: bool,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Lang {
    En,
    Fr,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Markdown,
    Terminal,
    Json,
}

/// Runs one call of `report`.
///
/// # Errors
/// When the folder is not a run's, its events are broken, or it cannot be written.
#[expect(clippy::unused_async, reason = "every binary is run the same way")]
pub async fn run(call: Invocation<Args>) -> Result<ExitStatus, Failure> {
    let Command::Render { dir, lang, format, write } = call.args.command;
    let run = Run::from_dir(&dir)
        .with_context(|| format!("no run can be read from {}", dir.display()))
        .or_usage()?;
    if write {
        write_all(&dir, &run).or_usage()?;
        call.printer.line(&format!("reports written to {}", dir.display()));
    } else {
        call.printer.data(&rendered(&run, lang, format).or_bug()?).or_bug()?;
    }
    Ok(ExitStatus::Go)
}

fn rendered(run: &Run, lang: Lang, format: Format) -> Result<String, EvidenceError> {
    let lang = match lang {
        Lang::En => mm2_report::Lang::En,
        Lang::Fr => mm2_report::Lang::Fr,
    };
    match format {
        Format::Markdown => Ok(markdown(run, lang)),
        Format::Terminal => Ok(terminal(run, lang)),
        Format::Json => RunDocument::of(run).to_json(),
    }
}

fn write_all(dir: &Path, run: &Run) -> Result<(), EvidenceError> {
    for lang in mm2_report::Lang::ALL {
        write_whole(dir, &format!("report.{}.md", lang.code()), &markdown(run, lang))?;
    }
    write_whole(dir, RUN_JSON, &RunDocument::of(run).to_json()?)
}
