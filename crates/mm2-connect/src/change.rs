//! The only changes that are ever asked of Connect: pause a connector, resume it, and wait until it obeyed.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::{Connect, ConnectError, ConnectorStatus, http::Request};

/// Between two looks while a change is waited for.
const LOOK_EVERY: Duration = Duration::from_millis(250);

impl Connect {
    /// Asks that the connector and its tasks stop where they are (`PUT …/pause`); it stays paused, also over
    /// restarts, until it is resumed. Returns when Connect has noted it, before the tasks obey: see
    /// [`Connect::wait_for_state`]. Pausing twice does no harm.
    ///
    /// # Errors
    /// As [`Connect::status`], and [`ConnectError::Unauthorized`] for an account that may only read.
    pub async fn pause(&self, connector: &str) -> Result<(), ConnectError> {
        self.change(connector, "pause").await
    }

    /// Asks that the connector and its tasks go on (`PUT …/resume`). As [`Connect::pause`].
    ///
    /// # Errors
    /// As [`Connect::pause`].
    pub async fn resume(&self, connector: &str) -> Result<(), ConnectError> {
        self.change(connector, "resume").await
    }

    /// Waits until the connector and every one of its tasks, of which there must be one, are in `state`
    /// (`RUNNING`, `PAUSED`). Connect out of reach on the way is no failure; the limit is.
    ///
    /// # Errors
    /// [`ConnectError::NotInState`] after `limit`, or at once when the connector or a task has failed, since
    /// neither pausing nor resuming mends that; [`ConnectError::UnknownConnector`].
    pub async fn wait_for_state(
        &self,
        connector: &str,
        state: &str,
        limit: Duration,
    ) -> Result<ConnectorStatus, ConnectError> {
        let begun = Instant::now();
        loop {
            let seen = self.status_now(connector).await;
            let (failed, found) = match seen {
                Ok(status) if status.is_all(state) => return Ok(status),
                Ok(status) => (status.has_failed(), status.summary()),
                Err(error @ ConnectError::UnknownConnector { .. }) => return Err(error),
                Err(error) => (false, error.to_string()),
            };
            if failed || begun.elapsed() + LOOK_EVERY > limit {
                return Err(ConnectError::NotInState {
                    connector: connector.to_owned(),
                    wanted: state.to_owned(),
                    waited_s: begun.elapsed().as_secs(),
                    found,
                });
            }
            sleep(LOOK_EVERY).await;
        }
    }

    async fn change(&self, connector: &str, what: &str) -> Result<(), ConnectError> {
        let request = Request::put(&["connectors", connector, what]);
        self.patiently(async || self.about(connector, &request).await).await?.accepted()
    }
}
