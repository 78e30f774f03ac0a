//! A lab that is owned by this process, and ends with it.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    process::Child,
    sync::{Arc, atomic::AtomicBool},
};

use crate::{
    LabError, LabState,
    boot::{Boot, Patience},
    default_cache_dir,
    fleet::{Fleet, Java},
    home::Home,
    jars,
    ports::Ports,
    tied::{OnParentDeath, Tied, tied_command},
    tools,
};

/// A port is rarely taken between choosing and binding it, and hardly ever three times.
const ATTEMPTS: u32 = 3;

/// Where a lab lives, and how to stop its start.
#[derive(Debug, Clone, Default)]
pub struct LabOptions {
    /// Configurations, data and logs; by default a fresh temporary folder, removed with the lab. (Its logs
    /// stay when the lab fails to start.)
    pub state_dir: Option<PathBuf>,
    /// Kafka's jars; by default [`default_cache_dir`].
    pub cache_dir: Option<PathBuf>,
    /// Becomes true when somebody wants to give up while the lab is starting.
    pub cancel: Arc<AtomicBool>,
}

/// A real chain that is up. Dropping it ends it, which takes some 7 s: Connect workers are slow to leave.
#[derive(Debug)]
pub struct Lab {
    // In the order in which they must go: JVMs, the thread that they are tied to, their folder.
    fleet: Fleet,
    tied: Tied,
    home: Home,
    state: LabState,
}

impl Lab {
    /// Starts two clusters, two workers and MirrorMaker 2, and returns when the connector runs: after about
    /// 15 s, and another 15 s the very first time, when Maven fetches Kafka. Each step is told to `progress`.
    ///
    /// # Errors
    /// A missing or old tool, a failed download, a JVM that ended or took too long: see [`LabError`]. Nothing
    /// is left running.
    pub fn up(options: &LabOptions, progress: &mut dyn FnMut(&str)) -> Result<Self, LabError> {
        tools::check()?;
        let tied = Tied::new()?;
        let cache_dir = match &options.cache_dir {
            Some(dir) => dir.clone(),
            None => default_cache_dir()?,
        };
        let libs = jars::ensure(&cache_dir, &tied, &options.cancel, progress)?;
        let mut home = Home::open(options.state_dir.as_deref())?;
        match boot(&home, &libs, &tied, &options.cancel, Ports::free, progress) {
            Ok((fleet, state)) => Ok(Self { fleet, tied, home, state }),
            Err(LabError::Cancelled) => Err(home.end().err().unwrap_or(LabError::Cancelled)),
            Err(error) => {
                home.keep_logs();
                Err(error)
            }
        }
    }

    /// The chain file, for `--chain`.
    pub fn chain_file(&self) -> &Path {
        &self.state.chain_file
    }

    /// Who is who: pids, ports, logs.
    pub fn state(&self) -> &LabState {
        &self.state
    }

    /// Starts somebody's command with `MM2_CHAIN` set to the chain file. Like the JVMs it will not outlive
    /// this process, whatever ends it: the kernel then sends it SIGTERM (and SIGKILL to the JVMs). A command
    /// that does not exist ends with 127, as in a shell.
    ///
    /// # Errors
    /// Where no process can be started.
    pub fn spawn(&self, program: &OsString, arguments: &[OsString]) -> io::Result<Child> {
        let mut command = tied_command(program, OnParentDeath::Terminate);
        command.args(arguments).env("MM2_CHAIN", &self.state.chain_file);
        self.tied.spawn(command)
    }

    /// Sentences about JVMs that ended by themselves since the last look.
    pub fn newly_ended(&mut self) -> Vec<String> {
        let ended = self.fleet.newly_ended().into_iter();
        ended
            .map(|(process, status)| {
                format!(
                    "{} (pid {}) ended: {status}; log: {}",
                    process.role,
                    process.id.pid,
                    process.log.display()
                )
            })
            .collect()
    }

    /// Ends the workers, then the brokers, first politely. The data goes; so does a temporary folder.
    ///
    /// # Errors
    /// A process that is still there after SIGKILL, or files that cannot be removed.
    pub fn down(mut self) -> Result<(), LabError> {
        self.end()
    }

    fn end(&mut self) -> Result<(), LabError> {
        self.fleet.stop()?;
        self.home.end()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // After `down` there is nothing left to do. Nobody is left to tell of a failure.
        self.end().ok();
    }
}

/// Tries again, with other ports, where one was taken meanwhile.
fn boot(
    home: &Home,
    libs: &Path,
    tied: &Tied,
    cancel: &AtomicBool,
    mut choose: impl FnMut() -> Result<Ports, LabError>,
    progress: &mut dyn FnMut(&str),
) -> Result<(Fleet, LabState), LabError> {
    let mut attempt = 1;
    loop {
        let boot = Boot {
            home,
            java: Java { libs, folder: home.path(), tied },
            ports: choose()?,
            patience: Patience { cancel, logs: home.logs() },
            fleet: Fleet::default(),
        };
        match boot.run(progress) {
            Err(error) if error.is_port_taken() && attempt < ATTEMPTS => {
                attempt += 1;
                progress("a port was taken meanwhile: trying others");
                home.reset()?;
            }
            done => return done,
        }
    }
}

#[cfg(all(test, feature = "lab-tests"))]
mod tests;
