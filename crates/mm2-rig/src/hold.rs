//! Holding a step: the load on, looked at ten times a second, and off.

use std::sync::Arc;
use std::time::Duration;

use mm2_evidence::RunLog;
use mm2_evidence::event::{Tick, What};
use mm2_load::{LoadReport, RunningHold};
use mm2_measure::{Auditor, Latency, Schedule, SendLedger};
use mm2_slo::step::Step;

use crate::connect_watch::ConnectSeen;
use crate::error::RigError;
use crate::own_cost::Meter;
use crate::rig::Rig;

/// A load that is on, or whose records are still on their way.
#[derive(Debug)]
pub(crate) struct OnLoad {
    pub(crate) name: String,
    pub(crate) number: u16,
    pub(crate) schedule: Schedule,
    pub(crate) ledger: Arc<SendLedger>,
    pub(crate) load: Option<RunningHold>,
    /// Milliseconds since t0, and the backlog then.
    pub(crate) samples: Vec<(u64, u64)>,
    pub(crate) connect: ConnectSeen,
    /// Since the load went on.
    latency: Latency,
    /// Since the last warm-up window was taken.
    window: Latency,
    /// Samples from here on are not in a tick yet.
    untold: usize,
    next_tick_us: u64,
}

impl OnLoad {
    pub(crate) fn new(name: &str, number: u16, schedule: Schedule, load: RunningHold) -> Self {
        Self {
            name: name.to_owned(),
            number,
            schedule,
            ledger: Arc::clone(load.ledger()),
            load: Some(load),
            samples: Vec::new(),
            connect: ConnectSeen::default(),
            latency: Latency::new(),
            window: Latency::new(),
            untold: 0,
            next_tick_us: schedule.t0_us + 1_000_000,
        }
    }

    pub(crate) fn since_t0_ms(&self, now_us: u64) -> u64 {
        now_us.saturating_sub(self.schedule.t0_us) / 1_000
    }

    pub(crate) fn is_over(&self) -> bool {
        self.load.as_ref().is_none_or(RunningHold::is_over)
    }

    /// Notes the backlog, lost records left out.
    pub(crate) fn sample(&mut self, audit: &mut Auditor, now_us: u64) {
        audit.lost_so_far(self.number, &self.ledger, now_us);
        self.samples.push((self.since_t0_ms(now_us), audit.backlog(self.number, &self.ledger)));
    }

    pub(crate) fn tick_is_due(&self, now_us: u64) -> bool {
        now_us >= self.next_tick_us
    }

    /// What happened since the last tick.
    pub(crate) fn tick(&mut self, audit: &mut Auditor, now_us: u64) -> Tick {
        while self.next_tick_us <= now_us {
            self.next_tick_us += 1_000_000;
        }
        let delta = audit.take_delta(self.number);
        self.latency.merge(&delta);
        self.window.merge(&delta);
        let tally = audit.tally(self.number);
        let backlog = self.samples[self.untold..].to_vec();
        self.untold = self.samples.len();
        Tick {
            step: self.name.clone(),
            load_on: self.load.is_some(),
            elapsed_s: self.since_t0_ms(now_us) as f64 / 1_000.0,
            sent: self.ledger.sent(),
            acked: self.ledger.acked(),
            failed: self.ledger.failed(),
            received: tally.received,
            lost: tally.lost,
            duplicates: tally.duplicates,
            reordered: tally.reordered,
            corrupt: tally.corrupt,
            backlog,
            p99_ms: self.latency.quantile_ms(0.99),
            slip_max_ms: self.load.as_ref().map(RunningHold::take_slip_max_ms),
            latency: delta,
        }
    }

    /// p99 of what arrived since the last call; `None` when nothing did.
    pub(crate) fn take_window_p99_ms(&mut self) -> Option<f64> {
        self.window.take().quantile_ms(0.99)
    }

    /// Waits for the senders, which are done or told to be.
    pub(crate) fn take_report(&mut self) -> Option<LoadReport> {
        self.load.take().map(RunningHold::join)
    }
}

/// A step whose load is off and whose audit is still open: it has to [`Rig::recover`].
#[derive(Debug)]
#[must_use = "a held step is evidence only after it was let to recover"]
pub struct Held {
    pub(crate) on: OnLoad,
    pub(crate) attempt: u32,
    pub(crate) report: LoadReport,
    pub(crate) load_off_us: u64,
    pub(crate) own_cores: Option<f64>,
}

impl Rig<'_> {
    /// Puts the step's load on for `hold`, and sends the closing markers behind it.
    ///
    /// # Errors
    /// When the load cannot be put on, the evidence cannot be written, or the run shall end.
    pub async fn hold(
        &mut self,
        step: &Step,
        attempt: u32,
        hold: Duration,
        log: &mut RunLog,
    ) -> Result<Held, RigError> {
        self.wait_until_drained(log).await?;
        let started = What::StepStarted { step: step.clone(), attempt, hold_s: hold.as_secs_f64() };
        self.record(log, started)?;
        // Its mirror begins its faults with a step, and keeps its journal by steps.
        if let Some(rehearsal) = self.keeper.rehearsal() {
            rehearsal.begin_step(&step.name);
        }
        let meter = Meter::start();
        let mut on = self.load_on(&step.name, step.rate_per_sec, hold, step.p99_limit_ms, log)?;
        while !on.is_over() {
            self.look(&mut on, log).await?;
        }
        self.load_off(on, attempt, &meter, log)
    }

    fn load_off(
        &mut self,
        mut on: OnLoad,
        attempt: u32,
        meter: &Meter,
        log: &mut RunLog,
    ) -> Result<Held, RigError> {
        let report = on.take_report().ok_or_else(|| RigError::Broken("the load went off twice".into()))?;
        let own_cores = meter.cores();
        let load_off_us = self.now_us();
        on.sample(&mut self.audit(), load_off_us);
        let backlog = on.samples.last().map_or(0, |(_, backlog)| *backlog);
        self.record(log, What::LoadOff { sent: report.sent, acked: on.ledger.acked(), backlog })?;
        self.close_behind(on.number, log)?;
        Ok(Held { on, attempt, report, load_off_us, own_cores })
    }

    /// Sends the closing markers. Without one, a partition's missing records are *unseen* at the limit
    /// instead of *lost* before it, so a source that refuses markers is no reason to end the run.
    pub(crate) fn close_behind(&self, number: u16, log: &mut RunLog) -> Result<(), RigError> {
        if let Err(error) = self.loader.send_markers(number, &self.options.payloads) {
            let text = format!("not every closing marker was sent: {error}");
            self.record(log, What::Trouble { text })?;
        }
        Ok(())
    }
}
