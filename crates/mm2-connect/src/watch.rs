//! Was a restart seen? A pure machine that is fed one poll after the other and tells what changed.
//! It asks nobody and knows no clock: see `poll` for that.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{ConnectError, ConnectorStatus, TaskStatus, WorkerHealth};

/// Polls in a row without an answer before something counts as silent. One alone may be a pause of
/// the garbage collector; a JVM takes longer than two polls to come back.
const SILENT_AFTER_POLLS: u32 = 2;

/// What changed between two polls. Times are those of the polls: 1 s coarse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum ConnectChange {
    /// The connector itself; its tasks have their own.
    ConnectorStateChanged {
        /// State before.
        from: String,
        /// State now.
        to: String,
    },
    /// A task changed its state where it was.
    TaskStateChanged {
        /// Task id.
        task: u32,
        /// State before.
        from: String,
        /// State now.
        to: String,
        /// The worker that holds it now.
        worker: String,
        /// First line of its trace, when it failed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cause: Option<String>,
    },
    /// A task is held by another worker.
    TaskMoved {
        /// Task id.
        task: u32,
        /// Worker before.
        from_worker: String,
        /// Worker now.
        to_worker: String,
    },
    /// A task that was not there before: the connector was reconfigured.
    TaskAppeared {
        /// Task id.
        task: u32,
        /// Its state.
        state: String,
        /// Its worker.
        worker: String,
    },
    /// A task that is no longer listed.
    TaskGone {
        /// Task id.
        task: u32,
        /// The worker that last held it.
        worker: String,
    },
    /// A worker that answered before does not answer now, two polls in a row.
    WorkerSilent {
        /// Its URL, without userinfo.
        url: String,
    },
    /// A worker that was silent answers.
    WorkerBack {
        /// Its URL, without userinfo.
        url: String,
        /// Since its last answer; since the first poll if it had none.
        silent_ms: u64,
    },
    /// Behind one URL for all workers: one that held the connector or a task holds neither now.
    WorkerLeft {
        /// As it advertises itself, host:port.
        worker: String,
    },
    /// Behind one URL for all workers: one holds the connector or a task that held neither before.
    WorkerJoined {
        /// As it advertises itself, host:port.
        worker: String,
    },
    /// No worker gave the connector's status, two polls in a row.
    RestSilent {
        /// The last refusal.
        cause: String,
    },
    /// The status can be read again.
    RestBack {
        /// Since the last status; since the first poll if there was none.
        silent_ms: u64,
    },
}

impl ConnectChange {
    /// Whether this shows a restart, which excuses duplicates: task state or worker changed, or a worker
    /// silent. A status that could not be read is none.
    pub fn is_restart(&self) -> bool {
        match self {
            Self::TaskStateChanged { .. }
            | Self::TaskMoved { .. }
            | Self::TaskAppeared { .. }
            | Self::TaskGone { .. }
            | Self::WorkerSilent { .. }
            | Self::WorkerBack { .. }
            | Self::WorkerLeft { .. }
            | Self::WorkerJoined { .. } => true,
            Self::ConnectorStateChanged { .. } | Self::RestSilent { .. } | Self::RestBack { .. } => false,
        }
    }
}

/// Compares each poll with the one before. The first is the baseline: it changes nothing.
#[derive(Debug, Default)]
pub struct Watcher {
    last: Option<ConnectorStatus>,
    rest: Option<Pulse>,
    workers: BTreeMap<String, Pulse>,
    /// Every worker that a status has named so far.
    named: BTreeSet<String>,
}

impl Watcher {
    /// Takes one poll in; `at_ms` is any clock that does not run backwards.
    ///
    /// A worker silent from the very first poll is not reported until it answers: a URL that never
    /// answers must not pass for a restart.
    pub fn observe(
        &mut self,
        at_ms: u64,
        status: Result<&ConnectorStatus, &ConnectError>,
        workers: &[WorkerHealth],
    ) -> Vec<ConnectChange> {
        let mut changes = Vec::new();
        if let Ok(status) = status {
            self.named.extend(status.worker_ids().into_iter().map(str::to_owned));
        }
        let one_for_all = self.is_one_url_for_all(workers);
        if !one_for_all {
            changes.extend(workers.iter().filter_map(|worker| self.worker_changed(at_ms, worker)));
        }
        let rest = self.rest.get_or_insert(Pulse::first(at_ms, true));
        match (rest.beat(at_ms, status.is_ok()), status) {
            (Some(Beat::Back { silent_ms }), _) => changes.push(ConnectChange::RestBack { silent_ms }),
            (Some(Beat::Silent), Err(error)) => {
                changes.push(ConnectChange::RestSilent { cause: error.to_string() });
            }
            _ => {}
        }
        if let Ok(status) = status {
            if let Some(last) = &self.last {
                changes.extend(compare(last, status));
                changes.extend(one_for_all.then(|| compare_workers(last, status)).into_iter().flatten());
            }
            self.last = Some(status.clone());
        }
        changes
    }

    /// Whether the only URL is a load balancer's: more workers than it have been named, and it is none of them.
    /// Its silence is then no worker's; which workers there are, the status tells.
    fn is_one_url_for_all(&self, workers: &[WorkerHealth]) -> bool {
        let [WorkerHealth { url, .. }] = workers else { return false };
        self.named.len() > 1 && !self.named.contains(authority(url))
    }

    fn worker_changed(&mut self, at_ms: u64, worker: &WorkerHealth) -> Option<ConnectChange> {
        let WorkerHealth { url, answered } = worker;
        let pulse = self.workers.entry(url.clone()).or_insert(Pulse::first(at_ms, *answered));
        let url = url.clone();
        Some(match pulse.beat(at_ms, *answered)? {
            Beat::Silent => ConnectChange::WorkerSilent { url },
            Beat::Back { silent_ms } => ConnectChange::WorkerBack { url, silent_ms },
        })
    }
}

/// `host:port` of a URL.
fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

/// Whether something answers, and since when not.
#[derive(Debug)]
struct Pulse {
    last_answer_ms: u64,
    missed: u32,
    silent: bool,
}

enum Beat {
    Silent,
    Back { silent_ms: u64 },
}

impl Pulse {
    fn first(at_ms: u64, answered: bool) -> Self {
        Self { last_answer_ms: at_ms, missed: 0, silent: !answered }
    }

    fn beat(&mut self, at_ms: u64, answered: bool) -> Option<Beat> {
        if answered {
            let silent_ms = at_ms.saturating_sub(self.last_answer_ms);
            let was_silent = std::mem::replace(&mut self.silent, false);
            (self.last_answer_ms, self.missed) = (at_ms, 0);
            return was_silent.then_some(Beat::Back { silent_ms });
        }
        self.missed = self.missed.saturating_add(1);
        let falls_silent = !self.silent && self.missed >= SILENT_AFTER_POLLS;
        self.silent |= falls_silent;
        falls_silent.then_some(Beat::Silent)
    }
}

fn compare(last: &ConnectorStatus, now: &ConnectorStatus) -> Vec<ConnectChange> {
    let mut changes = Vec::new();
    if last.connector_state != now.connector_state {
        let (from, to) = (last.connector_state.clone(), now.connector_state.clone());
        changes.push(ConnectChange::ConnectorStateChanged { from, to });
    }
    let find = |tasks: &[TaskStatus], id| tasks.iter().position(|task| task.id == id);
    for task in &now.tasks {
        match find(&last.tasks, task.id) {
            Some(index) => compare_task(&last.tasks[index], task, &mut changes),
            None => changes.push(ConnectChange::TaskAppeared {
                task: task.id,
                state: task.state.clone(),
                worker: task.worker_id.clone(),
            }),
        }
    }
    for gone in last.tasks.iter().filter(|task| find(&now.tasks, task.id).is_none()) {
        changes.push(ConnectChange::TaskGone { task: gone.id, worker: gone.worker_id.clone() });
    }
    changes
}

fn compare_workers(last: &ConnectorStatus, now: &ConnectorStatus) -> Vec<ConnectChange> {
    let (before, after) = (last.worker_ids(), now.worker_ids());
    let left =
        before.difference(&after).map(|worker| ConnectChange::WorkerLeft { worker: (*worker).to_owned() });
    let joined =
        after.difference(&before).map(|worker| ConnectChange::WorkerJoined { worker: (*worker).to_owned() });
    left.chain(joined).collect()
}

fn compare_task(last: &TaskStatus, now: &TaskStatus, changes: &mut Vec<ConnectChange>) {
    if last.worker_id != now.worker_id {
        changes.push(ConnectChange::TaskMoved {
            task: now.id,
            from_worker: last.worker_id.clone(),
            to_worker: now.worker_id.clone(),
        });
    }
    if last.state != now.state {
        changes.push(ConnectChange::TaskStateChanged {
            task: now.id,
            from: last.state.clone(),
            to: now.state.clone(),
            worker: now.worker_id.clone(),
            cause: now.cause().map(str::to_owned),
        });
    }
}

#[cfg(test)]
mod tests;
