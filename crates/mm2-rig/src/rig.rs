//! The opened chain: what its parts are, and how one load on it is watched.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mm2_evidence::RunLog;
use mm2_evidence::event::What;
use mm2_kafka::Cluster;
use mm2_load::{HoldSpec, Loader, LoaderOptions};
use mm2_measure::{Auditor, Payloads, RunClock, Schedule};
use mm2_probe::Probe;
use mm2_slo::evidence::ConnectEvidence;

use crate::connect_watch::{ConnectSeen, ConnectWatch};
use crate::error::RigError;
use crate::hold::OnLoad;
use crate::mirror_switch::MirrorSwitch;
use crate::panels::Panels;
use crate::spec::Keeper;

/// How often backlog and senders are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How often a wait asks whether the run shall end.
const STOP_EVERY: Duration = Duration::from_millis(50);
/// Time between asking for a load and its first record, so that senders are awake for it.
const LEAD: Duration = Duration::from_millis(200);

/// What must be undone on the chain, in one sentence that says how; empty while there is nothing.
#[derive(Debug, Clone, Default)]
pub struct Owes(pub Arc<Mutex<String>>);

impl Owes {
    pub(crate) fn set(&self, text: &str) {
        text.clone_into(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn clear(&self) {
        self.set("");
    }
}

/// How the chain is measured.
#[derive(Debug, Clone)]
pub struct RigOptions {
    /// The run's clock.
    pub clock: RunClock,
    /// Asked when the run shall end.
    pub stop: Arc<AtomicBool>,
    /// What is changed on the chain for now, for whoever leaves at once.
    pub owes: Owes,
    /// What the records are made of.
    pub payloads: Arc<Payloads>,
    /// How the producers are made.
    pub loader: LoaderOptions,
    /// How long the backlog may take to come back.
    pub recovery_limit: Duration,
}

/// A chain that is reached, complete and seen to replicate.
pub struct Rig<'a> {
    pub(crate) options: RigOptions,
    pub(crate) loader: Loader,
    pub(crate) auditor: Arc<Mutex<Auditor>>,
    pub(crate) probe: Probe,
    pub(crate) connect: Result<ConnectWatch, String>,
    pub(crate) source: Cluster,
    /// Names of the topics on the source.
    pub(crate) topics: Vec<String>,
    pub(crate) slots: u32,
    pub(crate) panels: Panels,
    pub(crate) switch: MirrorSwitch,
    /// Whether an earlier load was given up on before all its records had come.
    pub(crate) undrained: bool,
    /// Until when records of an earlier load were under way, as far as is known, microseconds on the run's clock.
    pub(crate) quiet_since_us: u64,
    pub(crate) next_number: u16,
    /// What the chain stands on; it outlives its use, so that the evidence is whole before a lab is ended.
    pub(crate) keeper: &'a Keeper,
}

impl RigOptions {
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// Ready once the run shall end.
    pub(crate) async fn stopped(&self) {
        while !self.is_stopped() {
            tokio::time::sleep(STOP_EVERY).await;
        }
    }
}

impl Rig<'_> {
    pub(crate) fn now_us(&self) -> u64 {
        self.options.clock.now_us()
    }

    pub(crate) fn record(&self, log: &mut RunLog, what: What) -> Result<(), RigError> {
        Ok(log.record(self.now_us() / 1_000, what)?)
    }

    pub(crate) fn audit(&self) -> MutexGuard<'_, Auditor> {
        self.auditor.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a load on under a new number.
    pub(crate) fn load_on(
        &mut self,
        name: &str,
        rate_per_sec: u64,
        hold: Duration,
        p99_limit_ms: u64,
        log: &mut RunLog,
    ) -> Result<OnLoad, RigError> {
        // A restart from before this load excuses nothing of it.
        self.note_connect_changes(&mut ConnectSeen::default(), log)?;
        let number = self.next_number;
        self.next_number += 1;
        let t0_us = self.now_us() + LEAD.as_micros() as u64;
        let schedule = Schedule::for_hold(t0_us, rate_per_sec, self.slots, hold)
            .map_err(|error| RigError::Usage(error.to_string()))?;
        self.audit().open(number, schedule, p99_limit_ms.saturating_mul(1_000));
        // Forgets what was throttled before this load.
        self.source.health().take_throttle_max_ms();
        let payloads = Arc::clone(&self.options.payloads);
        let load = self.loader.hold(&HoldSpec { step: number, schedule, payloads })?;
        Ok(OnLoad::new(name, number, schedule, load))
    }

    /// Waits a moment, then looks: backlog, Connect's changes, and once a second a tick.
    ///
    /// # Errors
    /// When the evidence cannot be written, or the run shall end.
    pub(crate) async fn look(&mut self, on: &mut OnLoad, log: &mut RunLog) -> Result<(), RigError> {
        tokio::time::sleep(LOOK_EVERY).await;
        let now_us = self.now_us();
        on.sample(&mut self.audit(), now_us);
        self.note_connect_changes(&mut on.connect, log)?;
        if on.tick_is_due(now_us) {
            let tick = on.tick(&mut self.audit(), now_us);
            self.record(log, What::Tick(tick))?;
        }
        if self.options.is_stopped() {
            return Err(RigError::Interrupted);
        }
        Ok(())
    }

    fn note_connect_changes(&mut self, seen: &mut ConnectSeen, log: &mut RunLog) -> Result<(), RigError> {
        let Ok(connect) = &mut self.connect else { return Ok(()) };
        for event in connect.drain(seen) {
            self.record(log, event)?;
        }
        Ok(())
    }

    pub(crate) fn connect_evidence(&self, seen: ConnectSeen) -> ConnectEvidence {
        match &self.connect {
            Ok(watch) => watch.evidence(seen),
            Err(why) => ConnectEvidence::Absent { why: why.clone() },
        }
    }
}

impl std::fmt::Debug for Rig<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rig").field("slots", &self.slots).finish_non_exhaustive()
    }
}
