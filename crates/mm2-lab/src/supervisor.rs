//! A lab that stays up after the command that started it: a detached process of the same program owns it.
//!
//! [`start`] runs the program again with a hidden subcommand, which calls [`serve`]; [`end`] ends that one.
//! Until the lab is ready the two hold each other by pipes: the supervisor tells its steps, and gives up
//! when its starter goes away before having said `KEEP`.

use std::{
    ffi::OsStr,
    fs::File,
    io::{self, BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use crate::{Lab, LabError, LabOptions, LabState, ProcessId, home, state::running};

/// The hidden subcommand, by which a supervisor is also known to be one.
pub const SUBCOMMAND: &str = "supervise";
/// The starter has seen that the lab is ready: from now on it stays up alone.
const KEEP: &str = "keep";
const POLL: Duration = Duration::from_millis(200);
/// Longer than a polite end of all JVMs takes at most.
const STOP_LIMIT: Duration = Duration::from_secs(60);
const KILLED_LIMIT: Duration = Duration::from_secs(10);

/// One line of JSON each, on the supervisor's standard output.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Message {
    Progress(String),
    Ready,
    Failed(String),
}

/// Starts a lab that stays up, by running `command` (the program with [`SUBCOMMAND`] and its flags), and
/// returns when it is ready.
///
/// # Errors
/// [`LabError::Busy`] where there is one already; otherwise whatever kept the supervisor from starting it.
pub fn start(
    mut command: Command,
    state_dir: &Path,
    progress: &mut dyn FnMut(&str),
) -> Result<LabState, LabError> {
    home::prepare(state_dir)?;
    let log = state_dir.join(home::SUPERVISOR_LOG);
    if LabState::read(state_dir)?.is_some_and(|state| state.owner.is_alive()) {
        return Err(LabError::Busy { path: state_dir.to_owned() });
    }
    let stderr = File::create(&log);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(stderr.map_err(LabError::io(format!("create {}", log.display())))?);
    let mut supervisor = command.spawn().map_err(LabError::io("start the lab's supervisor"))?;
    let followed = follow(&mut supervisor, progress);
    match followed {
        Ok(true) => running(state_dir).ok_or_else(|| LabError::NotUp { path: state_dir.to_owned() }),
        Ok(false) => {
            let status = supervisor.wait().map_err(LabError::io("wait for the lab's supervisor"))?;
            Err(LabError::SupervisorDied { status: status.to_string(), tail: home::tail(&log), log })
        }
        Err(error) => {
            // It is ending by itself.
            supervisor.wait().ok();
            Err(error)
        }
    }
}

/// Passes its steps on. True when its lab is ready and stays up, false when it fell silent.
fn follow(supervisor: &mut Child, progress: &mut dyn FnMut(&str)) -> Result<bool, LabError> {
    // Held until the end: closing it tells the supervisor that nobody waits any more.
    let mut leash = supervisor.stdin.take();
    let Some(said) = supervisor.stdout.take() else { return Ok(false) };
    for line in BufReader::new(said).lines() {
        let line = line.map_err(LabError::io("listen to the lab's supervisor"))?;
        match serde_json::from_str(&line) {
            Ok(Message::Progress(text)) => progress(&text),
            Ok(Message::Failed(message)) => return Err(LabError::SupervisorFailed { message }),
            Ok(Message::Ready) => {
                let Some(leash) = &mut leash else { return Ok(false) };
                return Ok(writeln!(leash, "{KEEP}").is_ok());
            }
            // Not ours.
            Err(_) => progress(&line),
        }
    }
    Ok(false)
}

/// Owns a lab until `options.cancel` becomes true. For the process that [`start`] runs.
///
/// # Errors
/// What kept the lab from starting, or from ending; the starter has been told the former.
pub fn serve(options: &LabOptions) -> Result<(), LabError> {
    // Out of reach of the terminal's Ctrl-C and hang-up. Fails for a leader of its group, when a person runs
    // it by hand.
    rustix::process::setsid().ok();
    let stop = &options.cancel;
    give_up_with_the_starter(Arc::clone(stop))?;
    // The starter may be gone, and then nobody reads.
    let tell = |message: &Message| {
        let line = serde_json::to_string(message).unwrap_or_default();
        writeln!(io::stdout(), "{line}").ok();
    };
    let mut lab = match Lab::up(options, &mut |text| tell(&Message::Progress(text.to_owned()))) {
        Ok(lab) => lab,
        Err(error) => {
            tell(&Message::Failed(error.to_string()));
            return Err(error);
        }
    };
    tell(&Message::Ready);
    while !stop.load(Ordering::Relaxed) {
        for sentence in lab.newly_ended() {
            writeln!(io::stderr(), "{sentence}").ok();
        }
        thread::sleep(POLL);
    }
    lab.down()
}

/// Whatever ends the starter also closes its end of the pipe.
fn give_up_with_the_starter(stop: Arc<AtomicBool>) -> Result<(), LabError> {
    let wait = move || {
        let mut line = String::new();
        let kept = io::stdin().read_line(&mut line).is_ok() && line.trim_end() == KEEP;
        if !kept {
            stop.store(true, Ordering::Relaxed);
        }
    };
    thread::Builder::new()
        .name("lab-starter".into())
        .spawn(wait)
        .map(drop)
        .map_err(LabError::io("start a thread"))
}

/// Ends the lab that [`start`] left up, or is starting, and waits until all of it is gone. Its data goes, its
/// logs stay.
///
/// # Errors
/// [`LabError::NotUp`], [`LabError::NotASupervisor`], [`LabError::StillThere`].
pub fn end(state_dir: &Path, progress: &mut dyn FnMut(&str)) -> Result<(), LabError> {
    let state = LabState::read(state_dir)?.ok_or_else(|| LabError::NotUp { path: state_dir.to_owned() })?;
    let owner = state.owner;
    if owner.is_alive() {
        if !owner.arguments().iter().any(|argument| argument == OsStr::new(SUBCOMMAND)) {
            return Err(LabError::NotASupervisor { path: state_dir.to_owned(), pid: owner.pid });
        }
        progress("ending the lab");
        owner.terminate();
        if !wait_until_gone(&[owner], STOP_LIMIT) {
            progress("the supervisor does not end: killing it");
            owner.kill();
        }
    }
    end_the_rest(&state)?;
    home::clean(state_dir).map(drop)
}

/// What is left of a lab whose owner was killed: the kernel has ended its JVMs, its files are still there.
/// Says whether there was such a thing.
///
/// # Errors
/// Where files cannot be removed.
pub fn clean_stale(state_dir: &Path) -> Result<bool, LabError> {
    match LabState::read(state_dir) {
        Ok(Some(state)) if !state.owner.is_alive() => {
            end_the_rest(&state)?;
            home::clean(state_dir)
        }
        Ok(_) => Ok(false),
        // A state that cannot be read is of no use to anybody, unless somebody holds the folder.
        Err(_) => home::clean(state_dir),
    }
}

/// Removes a lab's folder, but nothing in it that is not the lab's. Does nothing for a lab that is up.
///
/// # Errors
/// Where files cannot be removed.
pub fn purge(state_dir: &Path) -> Result<(), LabError> {
    home::purge(state_dir)
}

/// The JVMs went with their owner. Should one not have, it goes now.
fn end_the_rest(state: &LabState) -> Result<(), LabError> {
    let all: Vec<_> = state.processes.iter().map(|process| process.id).chain([state.owner]).collect();
    if wait_until_gone(&all, Duration::from_secs(1)) {
        return Ok(());
    }
    for process in state.alive() {
        process.id.kill();
    }
    if wait_until_gone(&all, KILLED_LIMIT) {
        return Ok(());
    }
    let names = state.alive().map(|process| format!("{} (pid {})", process.role, process.id.pid));
    Err(LabError::StillThere { names: names.collect() })
}

fn wait_until_gone(processes: &[ProcessId], limit: Duration) -> bool {
    let started = Instant::now();
    while processes.iter().any(|process| process.is_alive()) {
        if started.elapsed() > limit {
            return false;
        }
        thread::sleep(POLL);
    }
    true
}
