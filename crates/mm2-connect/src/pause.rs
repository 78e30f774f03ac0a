//! Pausing a connector and resuming it: the only two things that are asked of Connect beside reading.

use std::time::{Duration, Instant};

use crate::{Connect, ConnectError};

/// Connect refuses with 409 while it rebalances, which takes seconds.
const REBALANCE_LIMIT: Duration = Duration::from_secs(30);
const ASK_AGAIN: Duration = Duration::from_millis(500);

impl Connect {
    /// Pauses a connector and its tasks. Connect says yes at once and does it later: see
    /// [`wait_for_state`](Self::wait_for_state). Waits up to 30 s for a rebalance to end.
    ///
    /// # Errors
    /// As [`Connect::status`].
    pub async fn pause(&self, name: &str) -> Result<(), ConnectError> {
        self.told(name, "pause").await
    }

    /// Resumes a connector and its tasks; the opposite of [`pause`](Self::pause).
    ///
    /// # Errors
    /// As [`Connect::status`].
    pub async fn resume(&self, name: &str) -> Result<(), ConnectError> {
        self.told(name, "resume").await
    }

    /// Waits until the connector and every task are in this state, such as `PAUSED`.
    ///
    /// # Errors
    /// As [`Connect::status`]; [`ConnectError::NotInState`] when the limit came first.
    pub async fn wait_for_state(&self, name: &str, state: &str, limit: Duration) -> Result<(), ConnectError> {
        let begun = Instant::now();
        loop {
            let seen = self.status(name).await;
            let elsewhere = match &seen {
                Ok(status) => status.first_not(state),
                Err(error) if !error.is_passing() => return Err(error.clone()),
                Err(error) => Some(error.to_string()),
            };
            let Some(found) = elsewhere else { return Ok(()) };
            if begun.elapsed() >= limit {
                let (name, state) = (name.to_owned(), state.to_owned());
                return Err(ConnectError::NotInState { name, state, found, waited_s: limit.as_secs() });
            }
            tokio::time::sleep(ASK_AGAIN).await;
        }
    }

    async fn told(&self, name: &str, verb: &str) -> Result<(), ConnectError> {
        let begun = Instant::now();
        loop {
            let answer = self.put(&["connectors", name, verb]).await;
            match self.or_unknown(name, answer).await {
                Err(ConnectError::Status { code: 409, .. }) if begun.elapsed() < REBALANCE_LIMIT => {
                    tokio::time::sleep(ASK_AGAIN).await;
                }
                done => return done,
            }
        }
    }
}
