//! `lab run`: a lab for as long as one command runs.

use std::{
    ffi::OsString,
    io,
    os::unix::process::ExitStatusExt as _,
    process::{Child, ExitCode, ExitStatus},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use mm2_lab::{Lab, LabOptions};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    flag,
};

use crate::{Failure, output::say};

/// How long a command that was asked to end may take.
const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(50);

pub(crate) fn run(mut options: LabOptions, command: &[OsString]) -> Result<ExitCode, Failure> {
    let (program, arguments) = command.split_first().ok_or_else(|| Failure::bug("no command after `--`"))?;
    let signals =
        Signals::listen().map_err(|error| Failure::bug(format!("cannot listen to signals: {error}")))?;
    options.cancel = Arc::clone(&signals.any);
    let mut lab = Lab::up(&options, &mut |text| say(text))?;
    let spawned = lab.spawn(program, arguments);
    let ended = spawned.and_then(|child| wait(child, &signals, || lab.newly_ended().iter().for_each(say)));
    signals.stop_listening();
    say("ending the lab");
    lab.down()?;
    match ended {
        Ok(status) => Ok(exit_code(status)),
        Err(error) => Err(Failure::unavailable(format!("cannot run {}: {error}", program.display()))),
    }
}

/// A terminal's Ctrl-C reaches the command by itself; a request to end that was meant for us is passed on.
fn wait(mut child: Child, signals: &Signals, mut meanwhile: impl FnMut()) -> io::Result<ExitStatus> {
    let mut asked_at: Option<Instant> = None;
    loop {
        meanwhile();
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        match asked_at {
            None if signals.end.load(Ordering::Relaxed) => {
                mm2_lab::ProcessId::of(child.id())?.terminate();
                asked_at = Some(Instant::now());
            }
            Some(asked_at) if asked_at.elapsed() > PATIENCE => child.kill()?,
            _ => {}
        }
        thread::sleep(POLL);
    }
}

/// The command's own exit code, or as a shell tells a signal.
fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

/// What was asked of this process while it could not be interrupted.
#[derive(Default)]
struct Signals {
    /// Any of them: the start is given up.
    any: Arc<AtomicBool>,
    /// A request to end, from outside the terminal's foreground group.
    end: Arc<AtomicBool>,
    /// From now on a signal ends this process, and with it the lab, at once.
    default: Arc<AtomicBool>,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        let signals = Self::default();
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            flag::register_conditional_default(signal, Arc::clone(&signals.default))?;
            flag::register(signal, Arc::clone(&signals.any))?;
        }
        for signal in [SIGTERM, SIGHUP] {
            flag::register(signal, Arc::clone(&signals.end))?;
        }
        Ok(signals)
    }

    fn stop_listening(&self) {
        self.default.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn child(script: &str) -> Child {
        Command::new("sh").args(["-c", script]).spawn().unwrap()
    }

    #[test]
    fn a_command_that_is_asked_to_end_may_do_so_in_its_own_way() {
        let signals = Signals::default();
        let mut looks = 0;
        let child = child("trap 'exit 5' TERM; while :; do sleep 0.05; done");
        let status = wait(child, &signals, || {
            looks += 1;
            // By then the trap is set.
            signals.end.store(looks > 10, Ordering::Relaxed);
        });
        assert_eq!(status.unwrap().code(), Some(5));
    }

    #[test]
    fn an_exit_code_is_the_commands_own_or_as_a_shell_tells_a_signal() {
        let check = |script: &str, expect: u8| {
            let status = child(script).wait().unwrap();
            assert_eq!(exit_code(status), ExitCode::from(expect), "{script}");
        };
        check("exit 0", 0);
        check("exit 20", 20);
        check("kill -TERM $$", 143);
    }
}
