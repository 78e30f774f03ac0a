//! Children that the kernel kills when this process ends, whatever ended it.
//!
//! `PR_SET_PDEATHSIG` does that, with two traps. It fires when the *thread* that spawned the child ends, so
//! one thread spawns them all and lives as long as [`Tied`]. And a parent that dies between `fork` and
//! `prctl` is missed, so the child looks, after `prctl`, whether its parent is still the right one.
//! `setpriv` and `sh` both `exec`, so the pid stays the same and nothing here needs unsafe code.

use std::{
    ffi::OsStr,
    io,
    process::{self, Child, Command},
    sync::mpsc,
    thread,
};

use crate::LabError;

/// Ends the child at once where the parent has died already; otherwise becomes the program.
const GUARD: &str = r#"[ "$PPID" = "$1" ] || exit 1; shift; exec "$@""#;

/// Which signal the kernel sends to a child whose parent ended.
#[derive(Debug, Clone, Copy)]
pub(crate) enum OnParentDeath {
    Kill,
    Terminate,
}

/// A command whose process will not outlive this one, once spawned by [`Tied::spawn`].
pub(crate) fn tied_command(program: &OsStr, on_parent_death: OnParentDeath) -> Command {
    let signal = match on_parent_death {
        OnParentDeath::Kill => "KILL",
        OnParentDeath::Terminate => "TERM",
    };
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", signal, "sh", "-c", GUARD, "sh"])
        .arg(process::id().to_string())
        .arg(program);
    command
}

struct Request {
    command: Command,
    reply: mpsc::SyncSender<io::Result<Child>>,
}

/// The thread that spawns. Dropping this ends the thread, and with it every child it spawned.
#[derive(Debug)]
pub(crate) struct Tied {
    /// Taken by `drop` only.
    requests: Option<mpsc::Sender<Request>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Tied {
    pub(crate) fn new() -> Result<Self, LabError> {
        let (requests, inbox) = mpsc::channel::<Request>();
        let thread = thread::Builder::new()
            .name("lab-spawner".into())
            .spawn(move || {
                for Request { mut command, reply } in inbox {
                    // The asker waits for this; were it gone, there would be nobody to tell.
                    reply.send(command.spawn()).ok();
                }
            })
            .map_err(LabError::io("start a thread"))?;
        Ok(Self { requests: Some(requests), thread: Some(thread) })
    }

    pub(crate) fn spawn(&self, command: Command) -> io::Result<Child> {
        let gone = || io::Error::other("the spawning thread has ended");
        let (reply, answer) = mpsc::sync_channel(1);
        let requests = self.requests.as_ref().ok_or_else(gone)?;
        requests.send(Request { command, reply }).map_err(|_| gone())?;
        answer.recv().map_err(|_| gone())?
    }
}

impl Drop for Tied {
    fn drop(&mut self) {
        drop(self.requests.take());
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{os::unix::process::ExitStatusExt, process::Stdio};

    use super::*;

    fn sleeper() -> Command {
        let mut command = tied_command("sleep".as_ref(), OnParentDeath::Kill);
        command.arg("60").stdin(Stdio::null());
        command
    }

    #[test]
    fn a_child_outlives_the_asking_thread_but_not_the_spawning_one() {
        let tied = Tied::new().unwrap();
        let mut child = thread::scope(|scope| scope.spawn(|| tied.spawn(sleeper()).unwrap()).join().unwrap());
        thread::sleep(std::time::Duration::from_millis(300));
        assert!(child.try_wait().unwrap().is_none(), "the child ended with the thread that asked for it");
        drop(tied);
        assert_eq!(child.wait().unwrap().signal(), Some(9));
    }

    #[test]
    fn the_program_keeps_the_pid_that_was_spawned() {
        let tied = Tied::new().unwrap();
        let mut command = tied_command("sh".as_ref(), OnParentDeath::Kill);
        command.args(["-c", "echo $$"]).stdout(Stdio::piped());
        let child = tied.spawn(command).unwrap();
        let pid = child.id();
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), pid.to_string());
    }

    #[test]
    fn a_child_whose_parent_died_before_it_could_be_tied_ends_itself() {
        // As seen by the child: the parent is not the process that asked for it.
        let status = Command::new("sh").args(["-c", GUARD, "sh", "1", "echo", "alive"]).output().unwrap();
        assert_eq!(status.status.code(), Some(1));
        assert!(status.stdout.is_empty());
    }
}
