//! Connect's status, polled every second beside the load: what a restart would show in.

use std::time::Duration;

use mm2_connect::{Connect, ConnectChange, ExactlyOnce, Poll, poll_status};
use mm2_evidence::event::What;
use mm2_slo::evidence::ConnectEvidence;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;

const EVERY: Duration = Duration::from_secs(1);

/// What is known of the connector before any load.
#[derive(Debug, Clone)]
pub(crate) struct ConnectFacts {
    pub(crate) connector: String,
    pub(crate) flush_interval: Option<Duration>,
    pub(crate) exactly_once: ExactlyOnce,
}

/// The polling task. Ends with this value.
#[derive(Debug)]
pub(crate) struct ConnectWatch {
    facts: ConnectFacts,
    polls: UnboundedReceiver<Poll>,
    task: JoinHandle<()>,
}

/// What the polls of one step showed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ConnectSeen {
    answered: u64,
    unanswered: u64,
    restart_seen: bool,
}

impl ConnectWatch {
    /// Starts to poll.
    pub(crate) fn start(connect: Connect, facts: ConnectFacts) -> Self {
        let (sender, polls) = unbounded_channel();
        let name = facts.connector.clone();
        let task = tokio::spawn(async move {
            let on_poll = |poll| drop(sender.send(poll));
            poll_status(&connect, &name, EVERY, std::future::pending(), on_poll).await;
        });
        Self { facts, polls, task }
    }

    /// Takes in the polls since the last call and returns the changes as events.
    pub(crate) fn drain(&mut self, seen: &mut ConnectSeen) -> Vec<What> {
        let mut events = Vec::new();
        while let Ok(poll) = self.polls.try_recv() {
            seen.answered += u64::from(poll.answered);
            seen.unanswered += u64::from(!poll.answered);
            seen.restart_seen |= poll.changes.iter().any(ConnectChange::is_restart);
            events.extend(poll.changes.into_iter().map(as_event));
        }
        events
    }

    /// What a step's polls came to, as evidence.
    pub(crate) fn evidence(&self, seen: ConnectSeen) -> ConnectEvidence {
        ConnectEvidence::Polled {
            answered: seen.answered,
            unanswered: seen.unanswered,
            restart_seen: seen.restart_seen,
            flush_interval_ms: self.facts.flush_interval.map(|d| d.as_millis() as u64),
            exactly_once: self.facts.exactly_once == ExactlyOnce::Yes,
        }
    }
}

impl Drop for ConnectWatch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn as_event(change: ConnectChange) -> What {
    use ConnectChange as C;
    let task = |id: u32| format!("task {id}");
    let (code, subject, from, to) = match change {
        C::ConnectorStateChanged { from, to } => {
            ("connector_state", "connector".to_owned(), Some(from), Some(to))
        }
        C::TaskStateChanged { task: id, from, to, worker, cause } => {
            let to = cause
                .map_or_else(|| format!("{to} on {worker}"), |cause| format!("{to} on {worker}: {cause}"));
            ("task_state", task(id), Some(from), Some(to))
        }
        C::TaskMoved { task: id, from_worker, to_worker } => {
            ("task_moved", task(id), Some(from_worker), Some(to_worker))
        }
        C::TaskAppeared { task: id, state, worker } => {
            ("task_appeared", task(id), None, Some(format!("{state} on {worker}")))
        }
        C::TaskGone { task: id, worker } => ("task_gone", task(id), Some(worker), None),
        C::WorkerSilent { url } => ("worker_silent", url, None, None),
        C::WorkerBack { url, silent_ms } => ("worker_back", url, None, Some(format!("after {silent_ms} ms"))),
        C::WorkerLeft { worker } => ("worker_left", worker, None, None),
        C::WorkerJoined { worker } => ("worker_joined", worker, None, None),
        C::RestSilent { cause } => ("rest_silent", "Connect's REST".to_owned(), None, Some(cause)),
        C::RestBack { silent_ms } => {
            ("rest_back", "Connect's REST".to_owned(), None, Some(format!("after {silent_ms} ms")))
        }
    };
    What::ConnectChanged { change: code.to_owned(), subject, from, to }
}
