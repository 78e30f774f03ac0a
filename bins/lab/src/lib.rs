//! `lab`: starts, shows and ends a real Kafka and MirrorMaker 2 chain on this machine.

mod args;
mod output;
mod run;

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    sync::Arc,
};

use args::{Cli, State};
use clap::{Parser as _, error::ErrorKind};
use mm2_lab::{LabError, LabOptions, default_state_dir, running, supervisor};
use output::{data, say, table};
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};

/// The whole command, for the arguments of `main`.
pub fn main_with(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let done = match Cli::try_parse_from(arguments) {
        Ok(cli) => obey(cli.command),
        Err(error) => {
            // Nobody reads: nothing to do.
            error.print().ok();
            let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            return ExitCode::from(if asked { 0 } else { 64 });
        }
    };
    done.unwrap_or_else(|failure| {
        say(&failure.message);
        ExitCode::from(failure.code)
    })
}

fn obey(command: args::Command) -> Result<ExitCode, Failure> {
    match command {
        args::Command::Up { state, parts } => up(&folder(state)?, &parts.options()?),
        args::Command::Status { state, json } => status(&folder(state)?, json),
        args::Command::Down { state, purge } => down(&folder(state)?, purge),
        args::Command::Run { parts, command } => run::run(parts.options()?, &command),
        args::Command::Supervise { state, parts } => {
            supervise(&LabOptions { state_dir: Some(folder(state)?), ..parts.options()? })
        }
    }
}

fn up(state_dir: &Path, options: &LabOptions) -> Result<ExitCode, Failure> {
    say_if_stale(state_dir)?;
    let state = if let Some(state) = running(state_dir) {
        options.check_running(&state)?;
        say("already up");
        state
    } else {
        supervisor::start(supervise_command(state_dir, options)?, state_dir, &mut |text| say(text))?
    };
    data(state.chain_file.display());
    Ok(ExitCode::SUCCESS)
}

fn status(state_dir: &Path, json: bool) -> Result<ExitCode, Failure> {
    say_if_stale(state_dir)?;
    let state = running(state_dir).ok_or_else(|| LabError::NotUp { path: state_dir.to_owned() })?;
    if json {
        data(serde_json::to_string(&state).map_err(|error| Failure::bug(error.to_string()))?);
    } else {
        data(table(&state));
    }
    let ended = state.processes.len() - state.alive().count();
    if ended == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    Err(Failure::unavailable(format!("{ended} of its processes ended; `lab down` and `lab up` start afresh")))
}

fn down(state_dir: &Path, purge: bool) -> Result<ExitCode, Failure> {
    let ended = supervisor::end(state_dir, &mut |text| say(text));
    if !(purge && matches!(ended, Err(LabError::NotUp { .. }))) {
        ended?;
    }
    if purge {
        supervisor::purge(state_dir)?;
    }
    say("the lab is down");
    Ok(ExitCode::SUCCESS)
}

fn supervise(options: &LabOptions) -> Result<ExitCode, Failure> {
    for signal in [SIGINT, SIGTERM] {
        flag::register(signal, Arc::clone(&options.cancel))
            .map_err(|error| Failure::bug(error.to_string()))?;
    }
    supervisor::serve(options)?;
    Ok(ExitCode::SUCCESS)
}

/// This program again, as the supervisor.
fn supervise_command(state_dir: &Path, options: &LabOptions) -> Result<Command, Failure> {
    let program = env::current_exe().map_err(|error| Failure::bug(format!("who am I? {error}")))?;
    let mut command = Command::new(program);
    // It stays for long, and is not to hold the folder of whoever started it.
    command.current_dir("/").arg(supervisor::SUBCOMMAND).arg("--state").arg(state_dir);
    command.args(args::flags(options));
    Ok(command)
}

fn say_if_stale(state_dir: &Path) -> Result<(), Failure> {
    if supervisor::clean_stale(state_dir)? {
        say("the supervisor of an earlier lab was killed: cleaned up after it");
    }
    Ok(())
}

fn folder(state: State) -> Result<PathBuf, Failure> {
    Ok(match state.state {
        Some(folder) => absolute(folder)?,
        None => default_state_dir()?,
    })
}

fn absolute(folder: PathBuf) -> Result<PathBuf, Failure> {
    std::path::absolute(folder).map_err(|error| Failure::usage(format!("not a folder's name: {error}")))
}

/// What goes to standard error, and how the process ends.
#[derive(Debug)]
struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 64 }
    }

    fn unavailable(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 69 }
    }

    fn bug(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 70 }
    }
}

impl From<LabError> for Failure {
    fn from(error: LabError) -> Self {
        let code = match &error {
            LabError::Cancelled => 130,
            error if error.is_usage() => 64,
            _ => 69,
        };
        Self { message: error.to_string(), code }
    }
}
