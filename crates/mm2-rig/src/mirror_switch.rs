//! Pausing and resuming whoever mirrors: the connector by Connect's REST, or the rehearsal's mirror.

use std::time::{Duration, Instant};

use mm2_connect::Connect;
use mm2_evidence::RunLog;
use mm2_evidence::event::What;
use tokio::time::sleep;

use crate::error::RigError;
use crate::rig::Rig;
use crate::spec::Keeper;

/// Tasks finish their batches before they are paused; a worker takes seconds for it, under load a few more.
const STATE_LIMIT: Duration = Duration::from_secs(60);
/// How long Connect may refuse or be silent before a connector that we paused is given up on.
const RESUME_LIMIT: Duration = Duration::from_secs(60);
const RESUME_AGAIN: Duration = Duration::from_secs(1);
/// A connector that was told to go on runs within this time, or is told again.
const RUNS_WITHIN: Duration = Duration::from_secs(10);

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
    /// Pauses the mirror and waits until it is; the time then, on the run's clock. Where it does not come to that, it is
    /// seen to run again.
    pub(crate) async fn pause_mirror(&self, log: &mut RunLog) -> Result<u64, RigError> {
        match (&self.switch, self.keeper) {
            (MirrorSwitch::Connector(connect, connector), _) => {
                self.options.owes.set(&format!(
                    "connector {connector} is paused; PUT /connectors/{connector}/resume lets it go on"
                ));
                let paused = tokio::select! {
                    paused = pause(connect, connector) => paused,
                    () = self.options.stopped() => Err(RigError::Interrupted),
                };
                if let Err(error) = paused {
                    self.undo_pause().await?;
                    return Err(error);
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
        let paused_us = self.now_us();
        if let Err(error) = self.record(log, What::Paused) {
            self.undo_pause().await?;
            return Err(error);
        }
        Ok(paused_us)
    }

    /// Tells the mirror to go on, and returns the time at which it was told. It drains from then on, while its tasks
    /// are still being started: see [`Rig::check_mirror_runs`].
    pub(crate) async fn resume_mirror(&self) -> Result<u64, RigError> {
        let begun = Instant::now();
        loop {
            let told_us = self.now_us();
            match (&self.switch, self.keeper) {
                (MirrorSwitch::Connector(connect, connector), _) => match connect.resume(connector).await {
                    Ok(()) => self.options.owes.clear(),
                    Err(cause) if begun.elapsed() >= RESUME_LIMIT => {
                        return Err(RigError::StillPaused { connector: connector.clone(), cause });
                    }
                    Err(_) => {
                        sleep(RESUME_AGAIN).await;
                        continue;
                    }
                },
                (_, Keeper::Rehearsal(rehearsal)) => rehearsal.resume(),
                _ => {}
            }
            return Ok(told_us);
        }
    }

    /// Tells the mirror to go on until it is seen to, and returns the time at which it was last told: a request to
    /// pause that was not answered may still be obeyed after the one to resume.
    pub(crate) async fn undo_pause(&self) -> Result<u64, RigError> {
        let begun = Instant::now();
        loop {
            let told_us = self.resume_mirror().await?;
            let MirrorSwitch::Connector(connect, connector) = &self.switch else { return Ok(told_us) };
            match connect.wait_for_state(connector, "RUNNING", RUNS_WITHIN).await {
                Ok(_) => return Ok(told_us),
                Err(cause) if begun.elapsed() >= RESUME_LIMIT => {
                    return Err(RigError::StillPaused { connector: connector.clone(), cause });
                }
                Err(_) => sleep(RESUME_AGAIN).await,
            }
        }
    }

    /// Waits until the resumed mirror is running in all its parts.
    pub(crate) async fn check_mirror_runs(&self) -> Result<(), RigError> {
        if let MirrorSwitch::Connector(connect, connector) = &self.switch {
            connect.wait_for_state(connector, "RUNNING", STATE_LIMIT).await?;
        }
        Ok(())
    }
}

async fn pause(connect: &Connect, connector: &str) -> Result<(), RigError> {
    connect.pause(connector).await?;
    connect.wait_for_state(connector, "PAUSED", STATE_LIMIT).await?;
    Ok(())
}
