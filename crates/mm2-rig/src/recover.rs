//! Letting the chain recover after a hold, closing the audit, and handing out the evidence.

use std::time::Duration;

use mm2_evidence::RunLog;
use mm2_evidence::event::What;
use mm2_evidence::figures::quantiles;
use mm2_evidence::signals::Panel;
use mm2_measure::StepAudit;
use mm2_measure::audit::SETTLE_US;
use mm2_metrics::Window;
use mm2_slo::evidence::{
    AuditEvidence, BacklogEvidence, Block, LatencyEvidence, LoadEvidence, Located, RecoveryEvidence,
    SourceEvidence, StepEvidence,
};
use mm2_slo::finding::Missing;
use mm2_slo::recovery::{RECOVERED_BELOW, RECOVERED_STAY_MS, recovery_seconds};
use mm2_slo::{Observations, Step};

use crate::error::RigError;
use crate::hold::Held;
use crate::own_cost::OwnCost;
use crate::panels::Shown;
use crate::rig::Rig;

/// Acknowledgements count as achieved up to this long after the hold.
const IN_TIME: Duration = Duration::from_secs(5);

/// A quota makes itself felt from here on, milliseconds: below the slip that is allowed, it explains none.
const THROTTLED_FROM_MS: u64 = 50;

/// A step that was held and let to recover.
#[derive(Debug)]
pub struct Recovered {
    /// What can be judged.
    pub evidence: StepEvidence,
    /// Mean CPU cores that this process used during the hold.
    pub own_cpu_cores: Option<f64>,
    /// Its largest resident set, bytes.
    pub own_rss_max_bytes: Option<u64>,
    /// What Prometheus showed.
    shown: Shown,
}

impl Recovered {
    /// What there is to judge, under the limits of `step`.
    pub fn observed(&self, step: &Step) -> Observations {
        self.shown.added_to(self.evidence.observed(step))
    }

    /// What Prometheus showed, by signal.
    pub fn panels(&self) -> Vec<Panel> {
        self.shown.readings.iter().map(|reading| reading.panel.clone()).collect()
    }
}

impl Rig<'_> {
    /// Waits until every closing marker was read 10 s ago and the backlog is back, or until the recovery
    /// limit; then closes the step's audit.
    ///
    /// # Errors
    /// When the evidence cannot be written, or the run shall end.
    pub async fn recover(&mut self, mut held: Held, log: &mut RunLog) -> Result<Recovered, RigError> {
        let limit_us = self.options.recovery_limit.as_micros() as u64;
        let mut acked_in_time = None;
        let at_limit = loop {
            self.look(&mut held.on, log).await?;
            let now_us = self.now_us();
            let since_off_us = now_us - held.load_off_us;
            if acked_in_time.is_none() && since_off_us >= IN_TIME.as_micros() as u64 {
                acked_in_time = Some(held.on.ledger.acked());
            }
            if since_off_us >= limit_us {
                break true;
            }
            if self.audit().is_settled(held.on.number, now_us, SETTLE_US) && held.recovery_seconds().is_some()
            {
                break false;
            }
        };
        let acked_in_time = acked_in_time.unwrap_or_else(|| held.on.ledger.acked());
        let now_us = self.now_us();
        let tick = held.on.tick(&mut self.audit(), now_us);
        self.record(log, What::Tick(tick))?;
        let audit = self.audit().close(held.on.number, &held.on.ledger, now_us, SETTLE_US, at_limit);
        let audit = audit.map_err(|error| RigError::Broken(error.to_string()))?;
        let shown = self.panels.read(self.window_of(&held), &self.options).await?;
        shown.keep(&held.on.name, held.attempt, log)?;
        self.undrained = at_limit;
        self.quiet_since_us = held.quiet_from_us();
        Ok(Recovered {
            evidence: self.evidence(&held, acked_in_time, &audit),
            own_cpu_cores: held.own_cores,
            own_rss_max_bytes: OwnCost::now().map(|cost| cost.rss_max_bytes),
            shown,
        })
    }

    fn evidence(&self, held: &Held, acked_in_time: u64, audit: &StepAudit) -> StepEvidence {
        let blind = self.blind();
        let seen = |ok: bool, why: Missing| if ok { Ok(()) } else { Err(blind.clone().unwrap_or(why)) };
        let received = seen(blind.is_none(), Missing::ProbeFailed);
        let latency = received.clone().and_then(|()| latency_evidence(audit));
        let throttle_max_ms = self.source.health().take_throttle_max_ms();
        let acks = self.loader.ack_latency(held.on.number);
        StepEvidence {
            hold_s: held.on.schedule.hold_us() as f64 / 1e6,
            load: load_evidence(held, acked_in_time, throttle_max_ms),
            latency,
            backlog: received.clone().map(|()| held.backlog_evidence(audit)),
            audit: received.map(|()| audit_evidence(audit)),
            recovery: self.recovery_evidence(held),
            connect: self.connect_evidence(held.on.connect),
            source: SourceEvidence {
                ack_p99_ms: acks.quantile_ms(0.99),
                ack_max_ms: acks.max_ms(),
                throttle_max_ms: Some(throttle_max_ms),
            },
        }
    }

    /// The hold, by the clock of the day.
    fn window_of(&self, held: &Held) -> Window {
        let from_us = held.on.schedule.t0_us;
        Window {
            from_ms: from_us / 1_000,
            to_ms: held.load_off_us / 1_000,
            quiet_before_ms: from_us.saturating_sub(self.quiet_since_us) / 1_000,
        }
    }

    fn recovery_evidence(&self, held: &Held) -> RecoveryEvidence {
        let seconds = held.recovery_seconds();
        let limit_s = self.options.recovery_limit.as_secs_f64();
        RecoveryEvidence { seconds, recovered: seconds.is_some(), limit_s }
    }

    pub(crate) fn is_blind(&self) -> bool {
        self.blind().is_some()
    }

    /// Why the target could not be seen to the end, if it could not.
    fn blind(&self) -> Option<Missing> {
        if self.probe.evicted() || self.keeper.evicted() {
            Some(Missing::Evicted)
        } else if self.probe.is_alive() {
            None
        } else {
            Some(Missing::ProbeFailed)
        }
    }
}

impl Held {
    fn recovery_seconds(&self) -> Option<f64> {
        recovery_seconds(&self.since_load_off(), RECOVERED_BELOW, RECOVERED_STAY_MS)
    }

    /// From when on nothing of this load was under way: after the last sample with a backlog.
    fn quiet_from_us(&self) -> u64 {
        let last = self.on.samples.iter().rfind(|(_, backlog)| *backlog > 0);
        let last_us = last.map_or(0, |(at_ms, _)| self.on.schedule.t0_us + at_ms * 1_000);
        last_us.max(self.load_off_us)
    }

    fn since_load_off(&self) -> Vec<(u64, u64)> {
        let off_ms = self.on.since_t0_ms(self.load_off_us);
        self.on
            .samples
            .iter()
            .filter(|(at, _)| *at >= off_ms)
            .map(|(at, backlog)| (at - off_ms, *backlog))
            .collect()
    }

    fn backlog_evidence(&self, audit: &StepAudit) -> BacklogEvidence {
        let off_ms = self.on.since_t0_ms(self.load_off_us);
        let until_off: Vec<(u64, u64)> =
            self.on.samples.iter().filter(|(at, _)| *at <= off_ms).copied().collect();
        BacklogEvidence {
            max: self.on.samples.iter().map(|(_, backlog)| *backlog).max().unwrap_or(0),
            at_load_off: until_off.last().map_or(0, |(_, backlog)| *backlog),
            end: audit.unseen + audit.undecided,
            samples: until_off,
        }
    }
}

fn load_evidence(held: &Held, acked_in_time: u64, throttle_max_ms: u64) -> LoadEvidence {
    let (ledger, report) = (&held.on.ledger, &held.report);
    let throttled = throttle_max_ms >= THROTTLED_FROM_MS;
    LoadEvidence {
        due: report.due,
        sent: report.sent,
        acked: ledger.acked(),
        acked_in_time,
        failed: ledger.failed(),
        slip_p99_ms: report.slip.quantile_ms(0.99),
        slip_max_ms: report.slip.max_ms(),
        source_blocked_ms: report.source_blocked_ms,
        source_refused: throttled || report.refused > 0 || ledger.failed() > 0,
    }
}

fn latency_evidence(audit: &StepAudit) -> Result<LatencyEvidence, Missing> {
    Ok(LatencyEvidence {
        intended: quantiles(&audit.latency_intended).ok_or(Missing::NothingReceived)?,
        actual: quantiles(&audit.latency_sent).ok_or(Missing::NothingReceived)?,
        blocks: audit.blocks.iter().map(|b| Block { records: b.records, over: b.over }).collect(),
    })
}

fn audit_evidence(audit: &StepAudit) -> AuditEvidence {
    AuditEvidence {
        received: audit.received,
        lost: audit.lost,
        unseen: audit.unseen + audit.undecided,
        duplicates: audit.duplicates,
        reordered: audit.reordered,
        corrupt: audit.corrupt,
        foreign: audit.foreign,
        located: Located {
            lost: audit.located.lost.clone(),
            unseen: audit.located.unseen.clone(),
            reordered: audit.located.reordered.clone(),
            corrupt: audit.located.corrupt.clone(),
        },
    }
}
