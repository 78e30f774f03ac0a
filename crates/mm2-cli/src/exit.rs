//! How a binary starts and ends: arguments in, exit code out, and the same for every binary. Not for what a
//! verdict means; the run decides that and hands over an [`ExitStatus`].

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::{ArgAction, ArgMatches, Args, Command, FromArgMatches, Parser};

use mm2_config::ConfigError;
use mm2_evidence::exit;
use mm2_slo::Level;

use crate::{Printer, Stop, Volume, logging, signals};

/// What the shell sees. The numbers are [`mm2_evidence::exit`]'s: scripts lean on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitStatus {
    /// Good enough.
    Go = exit::code(Level::Go),
    /// Good enough, with something to look at.
    Warn = exit::code(Level::Warn),
    /// Not good enough (NOGO).
    Stop = exit::code(Level::Stop),
    /// Cannot be said from what was measured.
    Inconclusive = exit::code(Level::Inconclusive),
    /// A fault was injected and could not be undone.
    UndoFailed = exit::UNDO_FAILED,
    /// The command line or a configuration file is wrong.
    Usage = exit::USAGE,
    /// A needed service cannot be reached, or the chain is not ready, before the load.
    Unavailable = exit::UNAVAILABLE,
    /// A bug in this program.
    Software = exit::BUG,
    /// Interrupted; the evidence is kept.
    Interrupted = exit::INTERRUPTED,
}

impl ExitStatus {
    /// The number.
    pub const fn code(self) -> u8 {
        self as u8
    }
}

impl From<Level> for ExitStatus {
    fn from(level: Level) -> Self {
        match level {
            Level::Go => Self::Go,
            Level::Warn => Self::Warn,
            Level::Inconclusive => Self::Inconclusive,
            Level::Stop => Self::Stop,
        }
    }
}

/// Why a binary ends without a verdict.
#[derive(Debug)]
pub enum Failure {
    /// The person can put it right in the command line or a file.
    Usage(anyhow::Error),
    /// Something outside must come up first.
    Unavailable(anyhow::Error),
    /// What we changed could not be changed back.
    UndoFailed(anyhow::Error),
    /// Nobody foresaw it. What `?` makes of an `anyhow::Error`.
    Bug(anyhow::Error),
}

impl Failure {
    /// The code that the binary ends with.
    pub const fn status(&self) -> ExitStatus {
        match self {
            Self::Usage(_) => ExitStatus::Usage,
            Self::Unavailable(_) => ExitStatus::Unavailable,
            Self::UndoFailed(_) => ExitStatus::UndoFailed,
            Self::Bug(_) => ExitStatus::Software,
        }
    }

    /// What went wrong.
    pub const fn error(&self) -> &anyhow::Error {
        match self {
            Self::Usage(error) | Self::Unavailable(error) | Self::UndoFailed(error) | Self::Bug(error) => {
                error
            }
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Usage(error.into())
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Bug(error)
    }
}

/// Says what kind of failure an error is, at the place that knows.
pub trait OrFail<T> {
    /// # Errors
    /// [`Failure::Usage`].
    fn or_usage(self) -> Result<T, Failure>;
    /// # Errors
    /// [`Failure::Unavailable`].
    fn or_unavailable(self) -> Result<T, Failure>;
    /// # Errors
    /// [`Failure::Bug`].
    fn or_bug(self) -> Result<T, Failure>;
}

impl<T, E: Into<anyhow::Error>> OrFail<T> for Result<T, E> {
    fn or_usage(self) -> Result<T, Failure> {
        self.map_err(|e| Failure::Usage(e.into()))
    }
    fn or_unavailable(self) -> Result<T, Failure> {
        self.map_err(|e| Failure::Unavailable(e.into()))
    }
    fn or_bug(self) -> Result<T, Failure> {
        self.map_err(|e| Failure::Bug(e.into()))
    }
}

/// One call of a binary.
#[derive(Debug)]
pub struct Invocation<A> {
    /// The arguments.
    pub args: A,
    /// Where each argument came from, for [`crate::Layers`].
    pub matches: ArgMatches,
    /// Where to print.
    pub printer: Printer,
    /// Asked when the person or the system wants the run to end.
    pub stop: Stop,
}

// The flags that every binary has. (As a doc comment this would become the help of every binary.)
#[derive(Debug, Args)]
struct Loudness {
    /// Print results, warnings and errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Log more to stderr; repeat for more still [MM2_LOG sets it in detail]
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
}

impl Loudness {
    const fn volume(&self) -> Volume {
        if self.quiet { Volume::Quiet } else { Volume::Normal }
    }
}

/// Parses the arguments, starts logging and listening for Ctrl-C, runs `run` on a current-thread runtime, prints
/// what went wrong, and turns all of it into the exit code. A panic is a bug: 70.
pub fn run_main<A: Parser>(run: impl AsyncFnOnce(Invocation<A>) -> Result<ExitStatus, Failure>) -> ExitCode {
    let status = match parse::<A>(std::env::args_os()) {
        Ok((args, matches, loudness)) => {
            let printer = Printer::new(loudness.volume());
            let stop = Stop::new();
            let invocation = Invocation { args, matches, printer: printer.clone(), stop: stop.clone() };
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                logging::init(loudness.volume(), loudness.verbose, printer.clone()).or_usage()?;
                signals::listen(stop, printer.clone()).or_bug()?;
                block_on(run(invocation))
            }));
            outcome.map_or(ExitStatus::Software, |ended| conclude(ended, &printer))
        }
        Err(said) => not_parsed(&said, &Printer::new(Volume::Normal)),
    };
    ExitCode::from(status.code())
}

fn parse<A: Parser>(
    words: impl IntoIterator<Item: Into<std::ffi::OsString> + Clone>,
) -> Result<(A, ArgMatches, Loudness), clap::Error> {
    let mut command = without_env_values(Loudness::augment_args(A::command()));
    let matches = command.try_get_matches_from_mut(words)?;
    let args = A::from_arg_matches(&matches).map_err(|e| e.format(&mut command))?;
    let loudness = Loudness::from_arg_matches(&matches).map_err(|e| e.format(&mut command))?;
    Ok((args, matches, loudness))
}

/// `--help` names the variables and does not show what is in them: help is pasted into tickets.
fn without_env_values(command: Command) -> Command {
    command.mut_args(|arg| arg.hide_env_values(true)).mut_subcommands(without_env_values)
}

fn block_on(run: impl Future<Output = Result<ExitStatus, Failure>>) -> Result<ExitStatus, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().or_bug()?;
    let ended = runtime.block_on(run);
    // A name lookup that hangs must not hold up the exit.
    runtime.shutdown_background();
    ended
}

fn conclude(ended: Result<ExitStatus, Failure>, printer: &Printer) -> ExitStatus {
    ended.unwrap_or_else(|failure| {
        printer.error(failure.error().as_ref());
        failure.status()
    })
}

/// `--help` and `--version` are data; anything else is a wrong command line, which clap would end with 2.
fn not_parsed(said: &clap::Error, printer: &Printer) -> ExitStatus {
    let text = said.render().ansi().to_string();
    if said.use_stderr() {
        printer.to_stderr(&text);
        ExitStatus::Usage
    } else {
        printer.data(&text).map_or(ExitStatus::Software, |()| ExitStatus::Go)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printer::tests::captured;

    #[derive(Debug, Parser)]
    #[command(name = "ramp", version)]
    struct Args {
        #[arg(long)]
        hold: Option<mm2_config::HumanDuration>,
    }

    #[test]
    fn the_numbers_are_the_published_ones() {
        use ExitStatus::{
            Go, Inconclusive, Interrupted, Software, Stop, Unavailable, UndoFailed, Usage, Warn,
        };
        let all = [Go, Warn, Stop, Inconclusive, UndoFailed, Usage, Unavailable, Software, Interrupted];
        assert_eq!(all.map(ExitStatus::code), [0, 10, 20, 30, 40, 64, 69, 70, 130]);
    }

    #[test]
    fn a_failure_is_printed_and_becomes_its_code() {
        let check = |failure: Failure, status: ExitStatus| {
            let (printer, _, err) = captured(Volume::Normal);
            assert_eq!(conclude(Err(failure), &printer), status);
            assert_eq!(err.text(), "error: it broke\n");
        };
        let broken = || Err::<(), _>(anyhow::anyhow!("it broke"));
        check(broken().or_usage().unwrap_err(), ExitStatus::Usage);
        check(broken().or_unavailable().unwrap_err(), ExitStatus::Unavailable);
        check(broken().or_bug().unwrap_err(), ExitStatus::Software);
        check(broken().unwrap_err().into(), ExitStatus::Software);
    }

    #[test]
    fn a_wrong_command_line_is_usage_and_help_is_data() {
        let check = |argv: &[&str], status: ExitStatus, out_has: &str, err_has: &str| {
            let (printer, out, err) = captured(Volume::Normal);
            let said = parse::<Args>(argv.iter().copied()).unwrap_err();
            assert_eq!(not_parsed(&said, &printer), status);
            assert!(out.text().contains(out_has), "{}", out.text());
            assert!(err.text().contains(err_has), "{}", err.text());
            assert!(out.text().is_empty() || err.text().is_empty(), "one stream, not both");
        };
        check(&["ramp", "--help"], ExitStatus::Go, "--verbose", "");
        check(&["ramp", "--version"], ExitStatus::Go, "ramp 0.1.0", "");
        check(&["ramp", "--hodl", "5s"], ExitStatus::Usage, "", "exists: '--hold'");
        check(&["ramp", "--hold", "5"], ExitStatus::Usage, "", "has no unit");
        check(&["ramp", "-q", "-v"], ExitStatus::Usage, "", "cannot be used with");
    }

    #[test]
    fn every_binary_can_be_quiet_or_verbose() {
        let (_, _, loudness) = parse::<Args>(["ramp", "-vv"]).unwrap();
        assert_eq!((loudness.volume(), loudness.verbose), (Volume::Normal, 2));
        let (_, _, loudness) = parse::<Args>(["ramp", "--quiet"]).unwrap();
        assert_eq!(loudness.volume(), Volume::Quiet);
    }
}
