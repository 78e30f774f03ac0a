//! Processes known by pid and start time, so that a pid which the kernel gave to somebody else is never
//! taken for ours, nor signalled.

use std::{ffi::OsString, fs, io, os::unix::ffi::OsStringExt};

use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};

/// One process of this machine, for as long as the machine is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessId {
    /// The process id.
    pub pid: u32,
    /// When it was started, in clock ticks since boot (field 22 of `/proc/PID/stat`).
    pub started_ticks: u64,
}

impl ProcessId {
    /// The process that now has this pid.
    ///
    /// # Errors
    /// Where there is none.
    pub fn of(pid: u32) -> io::Result<Self> {
        let (_, started_ticks) = stat(pid)?;
        Ok(Self { pid, started_ticks })
    }

    /// Whether it still runs. One that has ended and waits to be reaped does not.
    pub fn is_alive(self) -> bool {
        stat(self.pid)
            .is_ok_and(|(state, started)| started == self.started_ticks && !matches!(state, 'Z' | 'X'))
    }

    /// Its arguments, the program first; empty when it is gone.
    pub(crate) fn arguments(self) -> Vec<OsString> {
        if !self.is_alive() {
            return Vec::new();
        }
        let bytes = fs::read(format!("/proc/{}/cmdline", self.pid)).unwrap_or_default();
        bytes.split(|byte| *byte == 0).map(|argument| OsString::from_vec(argument.to_vec())).collect()
    }

    /// Asks it to end. One that is gone is fine.
    pub fn terminate(self) {
        self.signal(Signal::TERM);
    }

    /// Ends it. One that is gone is fine.
    pub(crate) fn kill(self) {
        self.signal(Signal::KILL);
    }

    fn signal(self, signal: Signal) {
        if let Some(pid) = i32::try_from(self.pid).ok().and_then(Pid::from_raw)
            && self.is_alive()
        {
            // The only failures left are "gone by now" and "not ours", and then there is nothing to do.
            kill_process(pid, signal).ok();
        }
    }
}

/// State letter and start time. The second field is the program's name in parentheses, and may itself hold
/// spaces and parentheses: count from the last one.
fn stat(pid: u32) -> io::Result<(char, u64)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    parse_stat(&text)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, format!("/proc/{pid}/stat: {text}")))
}

fn parse_stat(text: &str) -> Option<(char, u64)> {
    let mut fields = text.get(text.rfind(')')? + 1..)?.split_ascii_whitespace();
    let state = fields.next()?.chars().next()?;
    // State is field 3, the start time field 22.
    let started = fields.nth(18)?.parse().ok()?;
    Some((state, started))
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_name_with_parentheses_does_not_shift_the_fields() {
        let line = "42 (a) (b) S 1 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 98765 1 1";
        assert_eq!(parse_stat(line), Some(('S', 98765)));
        assert_eq!(parse_stat("42 (short) S 1"), None);
    }

    #[test]
    fn this_process_is_alive_and_knows_its_arguments() {
        let me = ProcessId::of(std::process::id()).unwrap();
        assert!(me.is_alive());
        assert_eq!(me.arguments().first(), std::env::args_os().next().as_ref());
    }

    #[test]
    fn another_process_with_the_same_pid_is_neither_alive_nor_signalled() {
        let me = ProcessId::of(std::process::id()).unwrap();
        let predecessor = ProcessId { started_ticks: me.started_ticks - 1, ..me };
        assert!(!predecessor.is_alive());
        predecessor.kill();
    }

    #[test]
    fn an_ended_process_is_not_alive_even_before_it_is_reaped() {
        let mut child = Command::new("sleep").arg("60").stdin(Stdio::null()).spawn().unwrap();
        let id = ProcessId::of(child.id()).unwrap();
        assert!(id.is_alive());
        id.kill();
        let gone = (0..100).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            !id.is_alive()
        });
        assert!(gone, "the zombie was taken for a living process");
        child.wait().unwrap();
    }
}
