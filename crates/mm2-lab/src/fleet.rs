//! The JVMs of a lab: started, watched, ended.

use std::{
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
    home::tail,
    tied::{OnParentDeath, Tied, tied_command},
};

/// A worker takes more than 5 s to leave its group and close its clients.
const POLITE_STOP: Duration = Duration::from_secs(20);
const KILLED_STOP: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(50);

/// A Java program: where it runs and from which jars.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Java<'a> {
    pub(crate) libs: &'a Path,
    /// The state folder, to which all its paths are relative.
    pub(crate) folder: &'a Path,
    pub(crate) tied: &'a Tied,
}

impl Java<'_> {
    /// Its output goes to `logs/NAME.log`.
    pub(crate) fn start(
        &self,
        name: &str,
        flags: &[&str],
        main: &str,
        arguments: &[&str],
    ) -> Result<Child, LabError> {
        let log = self.log(name);
        let open = || {
            let out = File::create(&log)?;
            Ok((out.try_clone()?, out))
        };
        let (out, err) = open().map_err(LabError::io(format!("create {}", log.display())))?;
        let mut command: Command = tied_command("java".as_ref(), OnParentDeath::Kill);
        command
            .args(["-Xmx512m", "-XX:+UseSerialGC", "-Dlog4j.configuration=file:conf/log4j.properties"])
            .args(flags)
            // Tells the JVMs apart in `ps`.
            .arg(format!("-Dmm2.lab={name}"))
            .arg("-cp")
            .arg(self.libs.join("*"))
            .arg(main)
            .args(arguments)
            .current_dir(self.folder)
            // Ctrl-C in a terminal is for the owner, which decides when its JVMs end.
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

/// The running JVMs. Dropping this kills what was not ended before.
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
    /// Takes charge of a JVM that was just started.
    pub(crate) fn add(
        &mut self,
        role: Role,
        port: u16,
        log: PathBuf,
        mut child: Child,
    ) -> Result<(), LabError> {
        match ProcessId::of(child.id()) {
            Ok(id) => {
                self.members.push(Member {
                    process: LabProcess { role, id, port, log },
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

    /// Workers first, while their brokers still answer; then brokers.
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
    let says = |words: &str| io::read_to_string(File::open(&log)?).map(|text| text.contains(words));
    let port_taken =
        ["Address already in use", "Failed to bind"].iter().any(|words| says(words).unwrap_or(false));
    LabError::Died { name: name.to_owned(), status: status.to_string(), tail: tail(&log), port_taken, log }
}
