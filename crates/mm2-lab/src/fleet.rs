//! The processes of a lab: started, watched, ended.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    LabError, LabProcess, ProcessId, Role,
    distribution::{Distribution, Logging},
    home::{Home, tail},
    tied::{OnParentDeath, Tied, tied_command},
};

/// A worker takes more than 5 s to leave its group and close its clients.
const POLITE_STOP: Duration = Duration::from_secs(20);
const KILLED_STOP: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(50);

/// Starts the programs of a lab, in its folder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Starter<'a> {
    /// The state folder, to which all their paths are relative.
    pub(crate) folder: &'a Path,
    pub(crate) tied: &'a Tied,
}

impl Starter<'_> {
    /// Its output goes to `logs/NAME.log`.
    pub(crate) fn start<I: AsRef<OsStr>>(
        &self,
        name: &str,
        program: &str,
        arguments: impl IntoIterator<Item = I>,
    ) -> Result<Child, LabError> {
        let log = self.log(name);
        let open = || {
            let out = File::create(&log)?;
            Ok((out.try_clone()?, out))
        };
        let (out, err) = open().map_err(LabError::io(format!("create {}", log.display())))?;
        let mut command: Command = tied_command(program.as_ref(), OnParentDeath::Kill);
        command
            .args(arguments)
            .current_dir(self.folder)
            // Ctrl-C in a terminal is for the owner, which decides when its processes end.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err);
        self.tied.spawn(command).map_err(LabError::io(format!("start {name}")))
    }

    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.folder.join("logs").join(name).with_extension("log")
    }
}

/// Starts the JVMs of a lab.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Java<'a> {
    pub(crate) kafka: &'a Distribution,
    pub(crate) starter: Starter<'a>,
}

impl Java<'_> {
    /// Its output goes to `logs/NAME.log`.
    pub(crate) fn start(
        &self,
        name: &str,
        flags: &[OsString],
        main: &str,
        arguments: &[&str],
    ) -> Result<Child, LabError> {
        let (key, file) = match self.kafka.logging {
            Logging::Log4j1 => ("log4j.configuration", "log4j"),
            Logging::Log4j2 => ("log4j2.configurationFile", "log4j2"),
        };
        let logging = format!("-D{key}=file:{}", Home::properties(file).display());
        // The name tells the JVMs apart in `ps`.
        let name_flag = format!("-Dmm2.lab={name}");
        let class_path = self.kafka.libs.join("*");
        let own = ["-Xmx512m", "-XX:+UseSerialGC", &logging, &name_flag].into_iter().map(OsStr::new);
        let flags = flags.iter().map(OsString::as_os_str);
        let main = [OsStr::new("-cp"), class_path.as_os_str(), OsStr::new(main)];
        let arguments = arguments.iter().map(OsStr::new);
        self.starter.start(name, "java", own.chain(flags).chain(main).chain(arguments))
    }
}

/// The running processes. Dropping this kills what was not ended before.
#[derive(Debug, Default)]
pub(crate) struct Fleet {
    members: Vec<Member>,
}

#[derive(Debug)]
struct Member {
    process: LabProcess,
    child: Child,
    ended: bool,
}

impl Fleet {
    /// Takes charge of a process that was just started.
    pub(crate) fn add(
        &mut self,
        role: Role,
        port: u16,
        agent_port: Option<u16>,
        log: PathBuf,
        mut child: Child,
    ) -> Result<(), LabError> {
        match ProcessId::of(child.id()) {
            Ok(id) => {
                self.members.push(Member {
                    process: LabProcess { role, id, port, agent_port, log },
                    child,
                    ended: false,
                });
                Ok(())
            }
            Err(error) => {
                child.kill().ok();
                child.wait().ok();
                Err(LabError::io(format!("read /proc/{}/stat", child.id()))(error))
            }
        }
    }

    pub(crate) fn processes(&self) -> Vec<LabProcess> {
        self.members.iter().map(|member| member.process.clone()).collect()
    }

    /// Those that ended by themselves since the last look, and how.
    pub(crate) fn newly_ended(&mut self) -> Vec<(LabProcess, ExitStatus)> {
        let mut ended = Vec::new();
        for member in self.members.iter_mut().filter(|member| !member.ended) {
            if let Ok(Some(status)) = member.child.try_wait() {
                member.ended = true;
                ended.push((member.process.clone(), status));
            }
        }
        ended
    }

    /// Workers first, while their brokers still answer; then all others.
    pub(crate) fn stop(&mut self) -> Result<(), LabError> {
        self.stop_where(Role::is_worker);
        self.stop_where(|_| true);
        self.kill()
    }

    fn stop_where(&mut self, chosen: impl Fn(Role) -> bool) {
        let mut chosen: Vec<_> =
            self.members.iter_mut().filter(|member| chosen(member.process.role)).collect();
        for member in &chosen {
            member.process.id.terminate();
        }
        wait_for_all(&mut chosen, POLITE_STOP);
    }

    /// At once. Fails when one is still there all the same.
    pub(crate) fn kill(&mut self) -> Result<(), LabError> {
        for member in self.members.iter_mut().filter(|member| !member.ended) {
            // Fails only for one that has ended.
            member.child.kill().ok();
        }
        let mut all: Vec<_> = self.members.iter_mut().collect();
        let gone = wait_for_all(&mut all, KILLED_STOP);
        let names = all
            .iter()
            .filter(|member| !member.ended)
            .map(|member| format!("{} (pid {})", member.process.role, member.process.id.pid));
        if gone { Ok(()) } else { Err(LabError::StillThere { names: names.collect() }) }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        // Nobody is left to tell; the kernel ends the rest with the spawning thread.
        self.kill().ok();
    }
}

/// Whether all have ended within the limit.
fn wait_for_all(members: &mut [&mut Member], limit: Duration) -> bool {
    let started = Instant::now();
    loop {
        for member in members.iter_mut().filter(|member| !member.ended) {
            member.ended = matches!(member.child.try_wait(), Ok(Some(_)));
        }
        if members.iter().all(|member| member.ended) {
            return true;
        }
        if started.elapsed() > limit {
            return false;
        }
        thread::sleep(POLL);
    }
}

/// The error for a process that ended when it should have started.
pub(crate) fn died(name: &str, status: ExitStatus, log: PathBuf) -> LabError {
    let text = File::open(&log).and_then(io::read_to_string).unwrap_or_default();
    let port_taken = says_that_a_port_is_taken(&text);
    LabError::Died { name: name.to_owned(), status: status.to_string(), tail: tail(&log), port_taken, log }
}

/// In the words of a JVM, of Kafka and Jetty, and of Prometheus and node_exporter.
fn says_that_a_port_is_taken(log: &str) -> bool {
    ["Address already in use", "Failed to bind", "address already in use"]
        .iter()
        .any(|words| log.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_recognized_in_the_words_of_every_program() {
        for words in [
            "java.net.BindException: Address already in use",
            "org.apache.kafka.common.KafkaException: Socket server failed to bind to 127.0.0.1:23456: Address already in use.",
            "java.io.IOException: Failed to bind to /127.0.0.1:23456",
            "level=error msg=\"Unable to start web listener\" err=\"listen tcp 127.0.0.1:23456: bind: address already in use\"",
            "level=error err=\"listen tcp 127.0.0.1:23456: bind: address already in use\"",
        ] {
            assert!(says_that_a_port_is_taken(words), "{words}");
        }
        assert!(!says_that_a_port_is_taken("java.lang.OutOfMemoryError: Java heap space"));
    }
}
