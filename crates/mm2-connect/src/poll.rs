//! The loop around the watcher: one look a second until told to stop.

use std::{
    future::Future,
    pin::pin,
    time::{Duration, Instant},
};

use tokio::time::{MissedTickBehavior, interval};

use crate::{Connect, ConnectChange, Watcher};

/// What a worker is given to answer a poll. Below the second between polls, so that none delays the next.
const PROBE_TIMEOUT: Duration = Duration::from_millis(800);

/// One poll.
#[derive(Debug)]
pub struct Poll {
    /// When it was sent, since the loop began.
    pub at_ms: u64,
    /// Whether the connector's status could be read.
    pub answered: bool,
    /// What it changed; usually nothing.
    pub changes: Vec<ConnectChange>,
}

/// How many polls there were. None answered means "Connect was not seen", not "nothing happened".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PollCounts {
    /// Polls that gave a status.
    pub answered: u64,
    /// Polls that gave none.
    pub failed: u64,
}

impl PollCounts {
    /// Counts one poll in.
    pub fn add(&mut self, poll: &Poll) {
        if poll.answered {
            self.answered += 1;
        } else {
            self.failed += 1;
        }
    }
}

/// Polls the status of `name` and the life of every worker, first at once and then every `every`, until
/// `shutdown` is ready; `on_poll` gets each poll. A poll under way at shutdown is dropped.
pub async fn poll_status(
    connect: &Connect,
    name: &str,
    every: Duration,
    shutdown: impl Future<Output = ()>,
    mut on_poll: impl FnMut(Poll),
) -> PollCounts {
    let mut shutdown = pin!(shutdown);
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let started = Instant::now();
    let mut watcher = Watcher::default();
    let mut counts = PollCounts::default();
    loop {
        let look = async {
            ticks.tick().await;
            let at_ms = started.elapsed().as_millis() as u64;
            (at_ms, connect.look(name, PROBE_TIMEOUT.min(every)).await)
        };
        let (at_ms, (status, workers)) = tokio::select! {
            biased;
            () = &mut shutdown => return counts,
            seen = look => seen,
        };
        let changes = watcher.observe(at_ms, status.as_ref(), &workers);
        let poll = Poll { at_ms, answered: status.is_ok(), changes };
        counts.add(&poll);
        on_poll(poll);
    }
}
