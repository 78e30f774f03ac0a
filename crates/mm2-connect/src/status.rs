//! What Connect says about a connector, its tasks, and the workers.
//!
//! Beware: after a hard kill Connect keeps saying RUNNING for the dead worker's tasks until they are
//! reassigned, up to `scheduled.rebalance.max.delay.ms`. Only the workers' own silence tells earlier.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Tasks that one line tells of; a connector may have hundreds.
const SHOWN_TASKS: usize = 3;

/// A connector and its tasks, as one worker sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorStatus {
    /// RUNNING, PAUSED, STOPPED, FAILED, UNASSIGNED, RESTARTING or what a later Connect adds.
    pub connector_state: String,
    /// The worker that holds the connector (not its tasks), host:port.
    pub worker_id: String,
    /// A failed connector's Java stack trace; its tasks have their own.
    pub trace: Option<String>,
    /// By task id, ascending.
    pub tasks: Vec<TaskStatus>,
}

/// One task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskStatus {
    /// From 0, within the connector.
    pub id: u32,
    /// As for the connector.
    pub state: String,
    /// The worker that holds it, host:port.
    pub worker_id: String,
    /// A failed task's Java stack trace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}

impl ConnectorStatus {
    /// Whether the connector and all of its tasks run, and there is at least one task.
    pub fn is_running(&self) -> bool {
        self.is_all("RUNNING")
    }

    /// Whether the connector and all of its tasks are in this state, and there is at least one task.
    pub fn is_all(&self, state: &str) -> bool {
        let mut tasks = self.tasks.iter();
        self.connector_state == state && !self.tasks.is_empty() && tasks.all(|task| task.state == state)
    }

    /// Whether the connector or a task has failed: that stays so until somebody restarts it.
    pub fn has_failed(&self) -> bool {
        self.connector_state == "FAILED" || self.tasks.iter().any(|task| task.state == "FAILED")
    }

    /// The workers that hold the connector or a task of it, `host:port` as they advertise themselves. A
    /// worker that holds neither is not among them.
    pub fn worker_ids(&self) -> BTreeSet<&str> {
        let tasks = self.tasks.iter().map(|task| task.worker_id.as_str());
        tasks.chain([self.worker_id.as_str()]).filter(|id| !id.is_empty()).collect()
    }

    /// In one line: the connector's state, and the first three tasks that are in another, or that there are none.
    pub fn summary(&self) -> String {
        let mut others: Vec<String> = self
            .tasks
            .iter()
            .filter(|task| task.state != self.connector_state)
            .map(TaskStatus::described)
            .collect();
        if let Some(more) = others.len().checked_sub(SHOWN_TASKS).filter(|more| *more > 0) {
            others.truncate(SHOWN_TASKS);
            others.push(format!("and {more} more"));
        }
        if let Some(cause) = self.trace.as_deref().and_then(|trace| trace.lines().next()) {
            return format!("it is {}: {cause}", self.connector_state);
        }
        match (self.tasks.len(), others.is_empty()) {
            (0, _) => format!("it is {} and has no tasks", self.connector_state),
            (1, true) => format!("it and its task are {}", self.connector_state),
            (count, true) => format!("it and its {count} tasks are {}", self.connector_state),
            (_, false) => format!("it is {}, {}", self.connector_state, others.join(", ")),
        }
    }
}

impl TaskStatus {
    /// The first line of the trace: exception and message.
    pub fn cause(&self) -> Option<&str> {
        self.trace.as_deref().and_then(|trace| trace.lines().next())
    }

    /// `task 0 FAILED on worker-1:8083: org.apache.kafka…: Not authorized`.
    pub fn described(&self) -> String {
        let cause = self.cause().map_or_else(String::new, |cause| format!(": {cause}"));
        format!("task {} {} on {}{cause}", self.id, self.state, self.worker_id)
    }
}

/// Whether a worker's REST answers, with anything at all (401 and 500 are answers).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerHealth {
    /// As configured, without userinfo.
    pub url: String,
    /// Whether it answered in time.
    pub answered: bool,
}

/// `GET /connectors/NAME/status`.
#[derive(Deserialize)]
pub(crate) struct StatusAnswer {
    connector: ConnectorAnswer,
    tasks: Vec<TaskStatus>,
}

#[derive(Deserialize)]
struct ConnectorAnswer {
    state: String,
    worker_id: String,
    #[serde(default)]
    trace: Option<String>,
}

impl From<StatusAnswer> for ConnectorStatus {
    fn from(answer: StatusAnswer) -> Self {
        let mut tasks = answer.tasks;
        tasks.sort_by_key(|task| task.id);
        let ConnectorAnswer { state, worker_id, trace } = answer.connector;
        Self { connector_state: state, worker_id, trace, tasks }
    }
}
