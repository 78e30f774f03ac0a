//! What a lab is made of, as kept in `lab.json` for other commands to find.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{LabError, MetricNaming, ProcessId, home};

/// A process's part in the lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Role {
    /// The broker and controller of the source cluster.
    Source,
    /// The broker and controller of the target cluster.
    Target,
    /// The first Connect worker.
    #[serde(rename = "worker-1")]
    Worker1,
    /// The second Connect worker.
    #[serde(rename = "worker-2")]
    Worker2,
    /// What scrapes the agents and node_exporter.
    Prometheus,
    /// CPU, memory, disks and network of this machine.
    NodeExporter,
}

impl Role {
    /// The name in logs, file names and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Target => "target",
            Self::Worker1 => "worker-1",
            Self::Worker2 => "worker-2",
            Self::Prometheus => "prometheus",
            Self::NodeExporter => "node-exporter",
        }
    }

    /// A Connect worker, as opposed to a broker.
    pub fn is_worker(self) -> bool {
        matches!(self, Self::Worker1 | Self::Worker2)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One process of the lab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabProcess {
    /// Its part.
    pub role: Role,
    /// Its pid, and when it started.
    #[serde(flatten)]
    pub id: ProcessId,
    /// Where it listens on 127.0.0.1: Kafka's protocol for a broker, HTTP for all others.
    pub port: u16,
    /// Where a JVM's agent answers, by HTTP on 127.0.0.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_port: Option<u16>,
    /// Its log.
    pub log: PathBuf,
}

/// What measures the lab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabMetrics {
    /// The version of the JMX agent in each JVM.
    pub agent_version: String,
    /// How it spells MirrorMaker's metrics.
    pub naming: MetricNaming,
    /// Where Prometheus answers.
    pub prometheus_url: String,
}

/// A lab as seen from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabState {
    /// The version of Kafka.
    pub kafka_version: String,
    /// The folder of Kafka's jars.
    pub libs: PathBuf,
    /// None in a lab without metrics.
    pub metrics: Option<LabMetrics>,
    /// The process with which the lab ends.
    pub owner: ProcessId,
    /// False while the lab is starting.
    pub ready: bool,
    /// The folder of configurations, data and logs.
    pub state_dir: PathBuf,
    /// The chain file, for `--chain`.
    pub chain_file: PathBuf,
    /// Brokers first, then workers, then what measures them.
    pub processes: Vec<LabProcess>,
}

impl LabState {
    /// The process with that part.
    pub fn process(&self, role: Role) -> Option<&LabProcess> {
        self.processes.iter().find(|process| process.role == role)
    }

    /// What `lab.json` says, however old it is; none where there is no such file.
    pub(crate) fn read(state_dir: &Path) -> Result<Option<Self>, LabError> {
        let path = file(state_dir);
        let doing = format!("read {}", path.display());
        match fs::read(&path) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map(Some).map_err(|error| LabError::io(doing)(error.into()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(LabError::io(doing)(error)),
        }
    }

    pub(crate) fn write(&self) -> Result<(), LabError> {
        let path = file(&self.state_dir);
        let json = serde_json::to_string_pretty(self)
            .map_err(|error| LabError::io("write the lab's state")(error.into()))?;
        home::write_atomically(&path, &(json + "\n"))
    }

    /// Processes that still run: all of them while the lab is well.
    pub fn alive(&self) -> impl Iterator<Item = &LabProcess> {
        self.processes.iter().filter(|process| process.id.is_alive())
    }
}

fn file(state_dir: &Path) -> PathBuf {
    state_dir.join(home::STATE_FILE)
}

/// The lab that is up and ready in this state folder. One whose owner is gone is not up, and one that is
/// still starting is not ready. Single processes may have ended since: see [`LabState::alive`].
pub fn running(state_dir: &Path) -> Option<LabState> {
    let state = LabState::read(state_dir).ok()??;
    (state.ready && state.owner.is_alive()).then_some(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(state_dir: &Path, ready: bool, owner: ProcessId) -> LabState {
        LabState {
            kafka_version: "3.9.1".into(),
            libs: "/k/libs".into(),
            metrics: None,
            owner,
            ready,
            state_dir: state_dir.into(),
            chain_file: state_dir.join("chain.toml"),
            processes: vec![LabProcess {
                role: Role::Worker1,
                id: ProcessId { pid: 7, started_ticks: 8 },
                port: 9,
                agent_port: None,
                log: "worker-1.log".into(),
            }],
        }
    }

    #[test]
    fn a_lab_is_running_when_ready_and_its_owner_lives() {
        let dir = tempfile::tempdir().unwrap();
        let me = ProcessId::of(std::process::id()).unwrap();
        let gone = ProcessId { started_ticks: me.started_ticks - 1, ..me };
        assert_eq!(running(dir.path()), None, "no file");
        for (ready, owner, expect) in [(true, me, true), (false, me, false), (true, gone, false)] {
            let written = state(dir.path(), ready, owner);
            written.write().unwrap();
            assert_eq!(running(dir.path()), expect.then_some(written));
        }
        fs::write(file(dir.path()), "{").unwrap();
        assert_eq!(running(dir.path()), None, "a file that is no state");
    }

    #[test]
    fn the_json_names_roles_and_pids_flatly() {
        let json = serde_json::to_value(state(Path::new("/s"), true, ProcessId { pid: 1, started_ticks: 2 }))
            .unwrap();
        assert_eq!(json["processes"][0]["role"], "worker-1");
        assert_eq!(json["processes"][0]["pid"], 7);
        assert_eq!(json["owner"]["pid"], 1);
    }

    #[test]
    fn every_role_is_written_as_it_is_named() {
        let roles =
            [Role::Source, Role::Target, Role::Worker1, Role::Worker2, Role::Prometheus, Role::NodeExporter];
        for role in roles {
            assert_eq!(serde_json::to_value(role).unwrap(), role.name());
        }
    }
}
