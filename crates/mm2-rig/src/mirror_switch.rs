//! Pausing and resuming whoever mirrors: the connector by Connect's REST, or the rehearsal's mirror.

use std::time::Duration;

use mm2_connect::Connect;

use crate::error::RigError;
use crate::rig::Rig;
use crate::spec::Keeper;

/// Tasks finish their batches before they are paused; a worker takes seconds for it, under load a few more.
const STATE_LIMIT: Duration = Duration::from_secs(60);

/// How the mirror can be paused.
#[derive(Debug)]
pub(crate) enum MirrorSwitch {
    /// By Connect's REST: this connector.
    Connector(Box<Connect>, String),
    /// In this process.
    Rehearsal,
    /// Not at all, in the words of the chain file.
    None(String),
}

impl Rig<'_> {
    /// Pauses the mirror and waits until it is; the time then, on the run's clock.
    pub(crate) async fn pause_mirror(&self) -> Result<u64, RigError> {
        match (&self.switch, self.keeper) {
            (MirrorSwitch::Connector(connect, connector), _) => {
                let paused = match connect.pause(connector).await {
                    Ok(()) => connect.wait_for_state(connector, "PAUSED", STATE_LIMIT).await.map(drop),
                    refused => refused,
                };
                if let Err(error) = paused {
                    // It may have been paused all the same.
                    self.resume_mirror().await?;
                    return Err(error.into());
                }
            }
            (MirrorSwitch::Rehearsal, Keeper::Rehearsal(rehearsal)) => rehearsal.pause(),
            (MirrorSwitch::None(why), _) => {
                return Err(RigError::Usage(format!(
                    "the mirror cannot be paused: {why}; hint: --catch-up needs Connect's REST ([connect] mode = \"rest\")"
                )));
            }
            (MirrorSwitch::Rehearsal, _) => return Err(RigError::Broken("no rehearsal to pause".into())),
        }
        Ok(self.now_us())
    }

    /// Tells the mirror to go on, and returns the time at which it was told. It drains from then on, while its tasks
    /// are still being started: see [`Rig::check_mirror_runs`].
    pub(crate) async fn resume_mirror(&self) -> Result<u64, RigError> {
        let told_us = self.now_us();
        match (&self.switch, self.keeper) {
            (MirrorSwitch::Connector(connect, connector), _) => {
                let refused = |cause| RigError::StillPaused { connector: connector.clone(), cause };
                connect.resume(connector).await.map_err(refused)?;
            }
            (_, Keeper::Rehearsal(rehearsal)) => rehearsal.resume(),
            _ => {}
        }
        Ok(told_us)
    }

    /// Waits until the resumed mirror is running in all its parts.
    pub(crate) async fn check_mirror_runs(&self) -> Result<(), RigError> {
        if let MirrorSwitch::Connector(connect, connector) = &self.switch {
            connect.wait_for_state(connector, "RUNNING", STATE_LIMIT).await?;
        }
        Ok(())
    }
}
