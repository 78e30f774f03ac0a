//! A lab that is owned by this process, and ends with it.

use std::{ffi::OsString, io, path::Path, process::Child, sync::atomic::AtomicBool};

use crate::{
    AgentVersion, LabError, LabState,
    agent::Agent,
    boot::{Boot, Patience},
    default_cache_dir,
    distribution::Distribution,
    fleet::{Fleet, Java, Starter},
    home::Home,
    jars::Cache,
    options::LabOptions,
    ports::Ports,
    tied::{OnParentDeath, Tied, tied_command},
    tools,
};

/// A port is rarely taken between choosing and binding it, and hardly ever three times.
const ATTEMPTS: u32 = 3;

/// A real chain that is up. Dropping it ends it, which takes some 7 s: Connect workers are slow to leave.
#[derive(Debug)]
pub struct Lab {
    // In the order in which they must go: processes, the thread that they are tied to, their folder.
    fleet: Fleet,
    tied: Tied,
    home: Home,
    state: LabState,
}

impl Lab {
    /// Starts two clusters, two workers, MirrorMaker 2 and what measures them, and returns when the connector
    /// runs and Prometheus has scraped every process once: after about 20 s, and another 15 s the very first
    /// time, when Maven fetches Kafka. Each step is told to `progress`.
    ///
    /// # Errors
    /// A missing or old tool, a failed download, a process that ended or took too long: see [`LabError`].
    /// Nothing is left running.
    pub fn up(options: &LabOptions, progress: &mut dyn FnMut(&str)) -> Result<Self, LabError> {
        let tied = Tied::new()?;
        let parts = Parts::find(options, &tied, progress)?;
        let mut home = Home::open(options.state_dir.as_deref())?;
        match boot(&home, &parts, &tied, &options.cancel, Ports::free, progress) {
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

    /// Sentences about processes that ended by themselves since the last look.
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

/// What the processes are made of.
struct Parts {
    kafka: Distribution,
    /// None in a lab without metrics.
    agent: Option<Agent>,
}

impl Parts {
    /// Checks the tools, and fetches what is not in the cache yet.
    fn find(options: &LabOptions, tied: &Tied, progress: &mut dyn FnMut(&str)) -> Result<Self, LabError> {
        options.check()?;
        let unpacked = options.kafka_home.as_deref().map(Distribution::unpacked).transpose()?;
        tools::check()?;
        if options.has_metrics() {
            tools::check_metrics()?;
        }
        let cache_dir = match &options.cache_dir {
            Some(dir) => dir.clone(),
            None => default_cache_dir()?,
        };
        let cache = Cache::new(&cache_dir, tied, &options.cancel)?;
        let kafka = if let Some(kafka) = unpacked {
            kafka
        } else {
            let version = options.kafka.unwrap_or_default();
            Distribution::of(cache.kafka(version, progress)?, version)
        };
        let agent = if options.has_metrics() {
            let version = options.agent.unwrap_or(AgentVersion::usual_for(kafka.version));
            let jar = cache.agent(version, progress)?;
            Some(Agent { jar, version, naming: options.naming.unwrap_or_default() })
        } else {
            None
        };
        Ok(Self { kafka, agent })
    }
}

/// Tries again, with other ports, where one was taken meanwhile.
fn boot(
    home: &Home,
    parts: &Parts,
    tied: &Tied,
    cancel: &AtomicBool,
    mut choose: impl FnMut() -> Result<Ports, LabError>,
    progress: &mut dyn FnMut(&str),
) -> Result<(Fleet, LabState), LabError> {
    let mut attempt = 1;
    loop {
        let boot = Boot {
            home,
            java: Java { kafka: &parts.kafka, starter: Starter { folder: home.path(), tied } },
            agent: parts.agent.as_ref(),
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
