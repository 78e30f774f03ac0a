//! Catching up: the connector is paused under load for a while and resumed, and the drain is measured with the load
//! still on. Not judged: it answers "after so long an outage, how long does the chain need?"

use std::time::Duration;

use mm2_evidence::RunLog;
use mm2_evidence::event::{CatchUp, What};
use mm2_measure::StepAudit;
use mm2_measure::audit::SETTLE_US;
use mm2_slo::recovery::{RECOVERED_BELOW, RECOVERED_STAY_MS, recovery_seconds};

use crate::error::{RigError, RigErrorKind};
use crate::hold::OnLoad;
use crate::rig::Rig;

/// The load is on for this long before the outage: what is under way then is what a chain that keeps up has.
const BEFORE: Duration = Duration::from_secs(20);
/// Of these, the part that is looked at: the beginning still fills the pipe.
const LOOKED_AT: Duration = Duration::from_secs(10);
/// The curve keeps about one sample in this time, milliseconds.
const CURVE_EVERY_MS: u64 = 1_000;

/// What its load is called beside the steps' loads.
const NAME: &str = "catch-up";

/// What to find out.
#[derive(Debug, Clone, Copy)]
pub struct CatchUpPlan {
    /// The load before, during and after the outage, records per second.
    pub rate_per_sec: u64,
    /// How long the connector is paused.
    pub outage: Duration,
    /// How long the drain is waited for.
    pub drain_limit: Duration,
}

impl Rig<'_> {
    /// Pauses the connector under load, resumes it, and waits until the chain has caught up.
    ///
    /// Whatever happens in between, also an interruption, the connector is resumed before this returns. What cannot be
    /// measured is told as trouble: the climb before it stands.
    ///
    /// # Errors
    /// [`RigError::StillPaused`] when the connector cannot be resumed; when the evidence cannot be written, the chain
    /// does not drain, or the run shall end.
    pub async fn catch_up(&mut self, plan: &CatchUpPlan, log: &mut RunLog) -> Result<(), RigError> {
        self.wait_until_drained(log).await?;
        match self.measure_catch_up(plan, log).await {
            Err(error)
                if error.kind() == RigErrorKind::Unavailable || error.kind() == RigErrorKind::Usage =>
            {
                let text = format!("how the chain catches up was not measured: {error}");
                self.record(log, What::Trouble { text })
            }
            ended => ended,
        }
    }

    async fn measure_catch_up(&mut self, plan: &CatchUpPlan, log: &mut RunLog) -> Result<(), RigError> {
        let CatchUpPlan { rate_per_sec, outage, drain_limit } = *plan;
        if let Some(rehearsal) = self.keeper.rehearsal() {
            rehearsal.begin_step(NAME);
        }
        self.record(log, What::CatchUpStarted { rate_per_sec, outage_s: outage.as_secs_f64() })?;
        let at_most = BEFORE + outage + drain_limit;
        let mut on = self.load_on(NAME, rate_per_sec, at_most, u64::MAX / 1_000, log)?;
        self.look_for(&mut on, BEFORE, log).await?;
        let caught_up_below = caught_up_below(&on);

        let paused_us = self.pause_mirror(log).await?;
        let outage_ended = self.look_for(&mut on, outage, log).await;
        let resumed_us = match &outage_ended {
            Ok(()) => self.resume_mirror().await?,
            Err(_) => self.undo_pause().await?,
        };
        let backlog_at_resume = on.samples.last().map_or(0, |(_, backlog)| *backlog);
        self.record(log, What::Resumed { backlog: backlog_at_resume })?;
        outage_ended?;

        let drain_s = self.drained(&mut on, resumed_us, caught_up_below, drain_limit, log).await?;
        self.check_mirror_runs().await?;
        let since_resume = samples_since(&on, resumed_us);
        let seen = self.end_load(&mut on, log).await?;
        let ended = CatchUp {
            rate_per_sec,
            outage_s: resumed_us.saturating_sub(paused_us) as f64 / 1e6,
            backlog_at_resume,
            backlog_max: on.samples.iter().map(|(_, backlog)| *backlog).max().unwrap_or(0),
            caught_up_below,
            drain_s,
            limit_s: drain_limit.as_secs_f64(),
            drain_per_sec: drain_s.and_then(|seconds| drain_per_sec(rate_per_sec, &since_resume, seconds)),
            curve: thinned(&since_resume, CURVE_EVERY_MS),
            lost: seen.as_ref().map(|audit| audit.lost),
            unseen: seen.as_ref().map(|audit| audit.unseen + audit.undecided),
            duplicates: seen.as_ref().map(|audit| audit.duplicates),
            retention_s: self.retention_s(rate_per_sec, log).await?,
        };
        self.record(log, What::CatchUpEnded(Box::new(ended)))
    }

    async fn look_for(&mut self, on: &mut OnLoad, time: Duration, log: &mut RunLog) -> Result<(), RigError> {
        let until_us = self.now_us() + time.as_micros() as u64;
        while self.now_us() < until_us {
            self.look(on, log).await?;
        }
        Ok(())
    }

    /// Seconds from the resumption until the backlog was back to stay; `None` when the limit came first.
    async fn drained(
        &mut self,
        on: &mut OnLoad,
        resumed_us: u64,
        below: u64,
        limit: Duration,
        log: &mut RunLog,
    ) -> Result<Option<f64>, RigError> {
        let until_us = resumed_us + limit.as_micros() as u64;
        loop {
            self.look(on, log).await?;
            let drained = recovery_seconds(&samples_since(on, resumed_us), below, RECOVERED_STAY_MS);
            if drained.is_some() || self.now_us() >= until_us || on.is_over() {
                return Ok(drained);
            }
        }
    }

    /// Takes the load off, lets the rest arrive, and closes the audit; `None` when nobody could see.
    async fn end_load(&mut self, on: &mut OnLoad, log: &mut RunLog) -> Result<Option<StepAudit>, RigError> {
        if let Some(load) = &on.load {
            load.stop();
        }
        on.take_report();
        self.close_behind(on.number, log)?;
        let until_us = self.now_us() + self.options.recovery_limit.as_micros() as u64;
        while self.now_us() < until_us && !self.audit().is_settled(on.number, self.now_us(), SETTLE_US) {
            self.look(on, log).await?;
        }
        let now_us = self.now_us();
        let tick = on.tick(&mut self.audit(), now_us);
        self.record(log, What::Tick(tick))?;
        let audit = self.audit().close(on.number, &on.ledger, now_us, SETTLE_US, true);
        let audit = audit.map_err(|error| RigError::Broken(error.to_string()))?;
        Ok((!self.is_blind()).then_some(audit))
    }

    /// How long the source keeps a record at this load, seconds: by time, and by the bytes that fill a partition
    /// meanwhile. `None` where it keeps them for ever, or does not say.
    async fn retention_s(&self, rate_per_sec: u64, log: &mut RunLog) -> Result<Option<f64>, RigError> {
        if self.keeper.rehearsal().is_some() {
            return Ok(None);
        }
        let bytes_per_sec = rate_per_sec as f64 * self.options.payloads.mean_bytes();
        let per_partition = bytes_per_sec / f64::from(self.slots.max(1));
        match self.source.retention(&self.topics).await {
            Ok(kept) => {
                Ok(kept.into_iter().filter_map(|kept| kept.seconds_at(per_partition)).min_by(f64::total_cmp))
            }
            Err(error) => {
                let text = format!("the retention of the source's topics could not be read: {error}");
                self.record(log, What::Trouble { text })?;
                Ok(None)
            }
        }
    }
}

/// A chain that keeps up has records under way too, the more the higher the load: it has caught up when there are no
/// more than half again of the most that were seen before the outage, and at any rate when it has recovered in the
/// runbook's sense.
fn caught_up_below(on: &OnLoad) -> u64 {
    let looked_at_ms = LOOKED_AT.as_millis() as u64;
    let last_ms = on.samples.last().map_or(0, |(at_ms, _)| *at_ms);
    let recent = on.samples.iter().filter(|(at_ms, _)| at_ms + looked_at_ms >= last_ms);
    let most = recent.map(|(_, backlog)| *backlog).max().unwrap_or(0);
    RECOVERED_BELOW.max(most + most / 2)
}

/// Records replicated per second while the backlog was drained: those that came meanwhile, and those that had waited.
fn drain_per_sec(rate_per_sec: u64, since_resume: &[(u64, u64)], drain_s: f64) -> Option<f64> {
    let (_, at_resume) = since_resume.first()?;
    let (_, left) = since_resume.iter().find(|(at_ms, _)| *at_ms as f64 / 1_000.0 >= drain_s)?;
    let rate = rate_per_sec as f64 + at_resume.saturating_sub(*left) as f64 / drain_s;
    rate.is_finite().then_some(rate)
}

/// Milliseconds since the resumption, and the backlog then.
fn samples_since(on: &OnLoad, resumed_us: u64) -> Vec<(u64, u64)> {
    let from_ms = on.since_t0_ms(resumed_us);
    let since = on.samples.iter().filter(|(at_ms, _)| *at_ms >= from_ms);
    since.map(|(at_ms, backlog)| (at_ms - from_ms, *backlog)).collect()
}

/// The first sample of every so many milliseconds, and the last.
fn thinned(samples: &[(u64, u64)], every_ms: u64) -> Vec<(u64, u64)> {
    let mut kept: Vec<(u64, u64)> = Vec::new();
    for sample in samples {
        if kept.last().is_none_or(|last| sample.0 / every_ms > last.0 / every_ms) {
            kept.push(*sample);
        }
    }
    kept.extend(samples.last().filter(|last| kept.last() != Some(*last)));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drain_replicates_what_comes_and_what_had_waited() {
        let curve = [(0, 30_000), (5_000, 15_500), (10_000, 1_000), (20_000, 900)];
        assert_eq!(drain_per_sec(7_000, &curve, 10.0), Some(7_000.0 + 2_900.0));
        assert_eq!(drain_per_sec(7_000, &curve, 0.0), None, "there was nothing to drain");
        assert_eq!(drain_per_sec(7_000, &[], 10.0), None);
    }

    #[test]
    fn the_curve_keeps_one_sample_a_second_and_the_last() {
        let samples: Vec<(u64, u64)> = (0..=34).map(|i| (i * 100, 1_000 - i)).collect();
        assert_eq!(
            thinned(&samples, 1_000),
            [(0, 1_000), (1_000, 990), (2_000, 980), (3_000, 970), (3_400, 966)]
        );
        assert_eq!(thinned(&[], 1_000), []);
        assert_eq!(thinned(&[(5, 7)], 1_000), [(5, 7)]);
    }
}
