//! What can go wrong with a lab, each with its remedy.

use std::{io, path::PathBuf, time::Duration};

/// Why a lab could not be started, found or ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LabError {
    /// The environment does not say where the user's files live.
    #[error("no place for {what}: neither {variable} nor HOME is an absolute path; set one of them")]
    NoPlace {
        /// What was to be kept there.
        what: &'static str,
        /// The XDG variable that would say it.
        variable: &'static str,
    },
    /// A program that the lab runs is not installed.
    #[error("`{tool}` is not installed; on Debian: apt install {package}")]
    MissingTool {
        /// The program.
        tool: &'static str,
        /// The Debian package that brings it.
        package: &'static str,
    },
    /// A program that measures the lab is not installed.
    #[error(
        "`{tool}` is not installed; on Debian: apt install {package}; or do without metrics: --no-metrics, \
         MM2_LAB_METRICS=off"
    )]
    MissingMetricsTool {
        /// The program.
        tool: &'static str,
        /// The Debian package that brings it.
        package: &'static str,
    },
    /// The Java on the PATH is too old for Kafka and its Connect workers.
    #[error(
        "java {found} is too old, the lab needs 17 or later; on Debian: apt install openjdk-17-jre-headless"
    )]
    OldJava {
        /// What `java -version` said.
        found: String,
    },
    /// There is a `setpriv`, but not one that ties a child's life to its parent's.
    #[error(
        "`setpriv --pdeathsig` does not work here ({why}); on Debian: apt install util-linux (2.33 or later)"
    )]
    UnfitSetpriv {
        /// What it said.
        why: String,
    },
    /// A word that is none of those that are known.
    #[error("{text:?} is not {what}: expected {expected}")]
    Unknown {
        /// What it was taken for.
        what: &'static str,
        /// The word.
        text: String,
        /// What would have been understood.
        expected: &'static str,
    },
    /// A variable of the environment holds a word that is not known.
    #[error("environment variable {name}: {why}")]
    Environment {
        /// The variable.
        name: &'static str,
        /// What is wrong with its value.
        why: String,
    },
    /// Options that exclude each other.
    #[error("{first} and {second} cannot be asked for at once; leave one of them out")]
    Contradiction {
        /// One of them.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// The folder holds no Kafka that could run the lab.
    #[error(
        "no Kafka to run in {}: {why}; give the folder of an unpacked Kafka distribution, \
         the one with bin/ and libs/", .path.display()
    )]
    NotAKafka {
        /// The folder where the jars were looked for.
        path: PathBuf,
        /// What is missing.
        why: String,
    },
    /// The lab that is up is not what was asked for.
    #[error("the lab that is up has {found}, not {asked}; `lab down` ends it")]
    Different {
        /// What was asked for.
        asked: String,
        /// What the lab has.
        found: String,
    },
    /// Jars could not be fetched.
    #[error(
        "cannot fetch jars by Maven ({why}); this one time the lab needs a network: \
         see Maven's settings for mirrors and proxies, then try again\n{tail}"
    )]
    Fetch {
        /// How Maven ended.
        why: String,
        /// Its last lines.
        tail: String,
    },
    /// Reading or writing failed.
    #[error("cannot {doing}: {source}")]
    Io {
        /// What was being done, with the path.
        doing: String,
        /// The system's answer.
        source: io::Error,
    },
    /// The state folder holds somebody's files.
    #[error("{} is not empty and is not a lab's folder; choose another one", .path.display())]
    NotALabFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The state folder belongs to a lab that is up, or is starting.
    #[error("a lab is already up, or starting, in {}; `lab status` shows it, `lab down` ends it", .path.display())]
    Busy {
        /// The state folder.
        path: PathBuf,
    },
    /// A process of the lab ended while the lab was starting.
    #[error("{name} ended while the lab was starting ({status}); its log is {}\n{tail}", .log.display())]
    Died {
        /// Which one.
        name: String,
        /// Exit code or signal.
        status: String,
        /// Its whole log.
        log: PathBuf,
        /// The log's last lines.
        tail: String,
        /// Its port belonged to somebody else: worth another try with other ports.
        port_taken: bool,
    },
    /// The lab did not get ready in time.
    #[error("{what} took more than {} s; is this machine very busy? logs: {}", .limit.as_secs(), .logs.display())]
    TimedOut {
        /// What was being waited for.
        what: String,
        /// How long.
        limit: Duration,
        /// The folder of the logs.
        logs: PathBuf,
    },
    /// Connect refused the lab's connector.
    #[error("Connect refused the connector: {why}")]
    Refused {
        /// Connect's status and message.
        why: String,
    },
    /// Somebody asked to give up while the lab was starting.
    #[error("interrupted while the lab was starting")]
    Cancelled,
    /// There is nothing to end.
    #[error("no lab is up in {}; `lab up` starts one", .path.display())]
    NotUp {
        /// The state folder.
        path: PathBuf,
    },
    /// The lab in the folder belongs to a process that is no supervisor, and is not ended from outside.
    #[error("the lab in {} belongs to process {pid}, which is no lab supervisor; end that process instead", .path.display())]
    NotASupervisor {
        /// The state folder.
        path: PathBuf,
        /// The owner.
        pid: u32,
    },
    /// The detached supervisor ended before its lab was ready, without saying why.
    #[error("the lab's supervisor ended too early ({status}); its log is {}\n{tail}", .log.display())]
    SupervisorDied {
        /// How it ended.
        status: String,
        /// Its log.
        log: PathBuf,
        /// The log's last lines.
        tail: String,
    },
    /// The detached supervisor could not start the lab; the words are those of its own error.
    #[error("{message}")]
    SupervisorFailed {
        /// Its error.
        message: String,
    },
    /// A process of the lab is still there, even after SIGKILL.
    #[error("still running after SIGKILL: {}; look at it with `ps`", .names.join(", "))]
    StillThere {
        /// Names and pids.
        names: Vec<String>,
    },
}

impl LabError {
    /// The user's environment or arguments are at fault, rather than a service that did not start.
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::NoPlace { .. }
                | Self::NotALabFolder { .. }
                | Self::Unknown { .. }
                | Self::Environment { .. }
                | Self::Contradiction { .. }
                | Self::NotAKafka { .. }
        )
    }

    /// A port was taken between choosing and binding it.
    pub(crate) fn is_port_taken(&self) -> bool {
        matches!(self, Self::Died { port_taken: true, .. })
    }

    /// For `map_err`: the system's answer, with what was being done.
    pub(crate) fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Io { doing, source }
    }
}
