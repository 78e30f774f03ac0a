//! What Connect says about a connector, its tasks, and the workers.
//!
//! Beware: after a hard kill Connect keeps saying RUNNING for the dead worker's tasks until they are
//! reassigned, up to `scheduled.rebalance.max.delay.ms`. Only the workers' own silence tells earlier.

use serde::{Deserialize, Serialize};

/// A connector and its tasks, as one worker sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorStatus {
    /// RUNNING, PAUSED, STOPPED, FAILED, UNASSIGNED, RESTARTING or what a later Connect adds.
    pub connector_state: String,
    /// The worker that holds the connector (not its tasks), host:port.
    pub worker_id: String,
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
        let mut tasks = self.tasks.iter();
        self.connector_state == "RUNNING" && !self.tasks.is_empty() && tasks.all(|t| t.state == "RUNNING")
    }
}

impl ConnectorStatus {
    /// The connector or the first task that is in another state than this, in words; `None` when all are in it. A
    /// connector without tasks is in none.
    pub(crate) fn first_not(&self, state: &str) -> Option<String> {
        if self.connector_state != state {
            return Some(format!("it is {}", self.connector_state));
        }
        if self.tasks.is_empty() {
            return Some("it has no tasks".to_owned());
        }
        let task = self.tasks.iter().find(|task| task.state != state)?;
        Some(format!("task {} is {} on {}", task.id, task.state, task.worker_id))
    }
}

impl TaskStatus {
    /// The first line of the trace: exception and message.
    pub fn cause(&self) -> Option<&str> {
        self.trace.as_deref().and_then(|trace| trace.lines().next())
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
}

impl From<StatusAnswer> for ConnectorStatus {
    fn from(answer: StatusAnswer) -> Self {
        let mut tasks = answer.tasks;
        tasks.sort_by_key(|task| task.id);
        Self { connector_state: answer.connector.state, worker_id: answer.connector.worker_id, tasks }
    }
}
