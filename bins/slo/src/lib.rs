//! `slo`: judges a table of figures by criteria, for people without Rust code and without a run of ours.
//!
//! This is glue. What is good enough is `mm2-slo`'s business; here data are read, nothing is guessed silently,
//! and what is missing is handed on as missing.

mod args;
mod baseline;
mod check;
mod columns;
mod criteria;
mod data;
mod explain;
mod lint;
mod notes;
mod observe;
mod quantity;
mod table;
mod time;
mod window;

use anyhow::anyhow;
use mm2_cli::{ExitStatus, Failure, Invocation, OrFail, Printer};

pub use args::Args;

use args::{CheckArgs, Command};
use notes::{Note, Notes};

/// Runs one call of `slo`.
///
/// # Errors
/// When the command line, the criteria or the data are wrong.
#[expect(clippy::unused_async, reason = "every binary is run the same way")]
pub async fn run(call: Invocation<Args>) -> Result<ExitStatus, Failure> {
    let printer = &call.printer;
    match call.args.command {
        Command::Check(args) => check_and_print(&args, printer),
        Command::Lint { criteria } => {
            let report = lint::lint(&criteria::load(&criteria).or_usage()?);
            printer.data(&report.text).or_bug()?;
            match report.problems {
                0 => Ok(ExitStatus::Go),
                1 => Err(anyhow!("{criteria} has 1 problem")).or_usage(),
                n => Err(anyhow!("{criteria} has {n} problems")).or_usage(),
            }
        }
        Command::Explain { run } => {
            printer.data(&explain::explain(&run).or_usage()?).or_bug()?;
            Ok(ExitStatus::Go)
        }
        Command::Criteria { set } => {
            printer.data(&criteria::starter(&set).or_usage()?).or_bug()?;
            Ok(ExitStatus::Go)
        }
    }
}

fn check_and_print(args: &CheckArgs, printer: &Printer) -> Result<ExitStatus, Failure> {
    let mut notes = Notes::default();
    let checked = check::check(args, &mut notes);
    // Also where it failed: what was read until then may say why.
    for note in notes.iter() {
        match note {
            Note::Line(text) => printer.line(text),
            Note::Warning(text) => printer.warn(text),
        }
    }
    let checked = checked.or_usage()?;
    let status = ExitStatus::from(checked.verdict.level);
    let text = if args.json {
        checked.to_json(args, status.code(), &notes).or_bug()?
    } else {
        table::verdict(&checked.verdict)
    };
    printer.data(&text).or_bug()?;
    Ok(status)
}
