//! The figures of one step, each measured or with the reason why not: from its evidence where it ended,
//! from its ticks where it was cut short.

use mm2_measure::Latency;
use mm2_slo::evidence::{Quantiles, StepEvidence};
use mm2_slo::finding::Missing;
use serde::Serialize;

use crate::event::CatchUp;
use crate::run::{Progress, StepRun};

/// What was measured of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// How long the load was on, seconds.
    pub hold_s: f64,
    /// Records due, sent and acknowledged in time, per second of the hold.
    pub achieved_per_sec: Result<f64, Missing>,
    /// What the generator did.
    pub load: Result<Load, Missing>,
    /// Latency from the intended send time, milliseconds.
    pub e2e_ms: Result<Quantiles, Missing>,
    /// The same from the actual send time, milliseconds.
    pub e2e_from_actual_ms: Result<Quantiles, Missing>,
    /// How late our own sends were.
    pub slip: Result<Slip, Missing>,
    /// What became of the records.
    pub audit: Result<Audit, Missing>,
    /// Acknowledged and not yet received.
    pub backlog: Result<Backlog, Missing>,
    /// Seconds from load-off until the backlog was under 1 000 to stay.
    pub recovery_s: Result<f64, NotRecovered>,
}

/// What the generator did, records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Handed to the client.
    pub sent: u64,
    /// Of these, acknowledged.
    pub acked: u64,
    /// Failed for good.
    pub failed: u64,
}

/// Delay of our own sends, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slip {
    /// 99th percentile; `None` for a step that was cut short.
    pub p99_ms: Option<f64>,
    /// The largest.
    pub max_ms: f64,
}

/// What became of the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Audit {
    /// Distinct records received.
    pub received: u64,
    /// Shown to be lost.
    pub lost: u64,
    /// Missing at the recovery limit; `None` when the audit was cut short before it.
    pub unseen: Option<u64>,
    /// Sightings beyond the first.
    pub duplicates: u64,
    /// First sightings behind a later one.
    pub reordered: u64,
    /// Arrived changed.
    pub corrupt: u64,
}

/// Acknowledged and not yet received, records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// The most, recovery included.
    pub max: u64,
    /// When the load went off; `None` when it did not.
    pub at_load_off: Option<u64>,
    /// When the audit closed; `None` when it was cut short.
    pub end: Option<u64>,
}

/// Why there is no recovery time.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NotRecovered {
    /// The chain did not come back within this many seconds.
    WithinLimit {
        /// The limit, seconds.
        limit_s: f64,
    },
    /// Nobody could see.
    #[serde(untagged)]
    Missing(Missing),
}

/// The figures of a distribution; `None` when it is empty.
pub fn quantiles(latency: &Latency) -> Option<Quantiles> {
    Some(Quantiles {
        p50: latency.quantile_ms(0.5)?,
        p90: latency.quantile_ms(0.9)?,
        p99: latency.quantile_ms(0.99)?,
        p999: latency.quantile_ms(0.999)?,
        max: latency.max_ms()?,
        mean: latency.mean_ms()?,
        count: latency.count(),
    })
}

impl StepRun {
    /// What was measured of this step.
    pub fn figures(&self) -> Figures {
        match &self.ended {
            Some(ended) => of_evidence(&ended.evidence),
            None => of_progress(&self.progress),
        }
    }
}

impl CatchUp {
    /// The age of the oldest record that waits, at its worst: outage and drain together, seconds. At least so much
    /// where the chain did not catch up.
    pub fn behind_s(&self) -> f64 {
        self.outage_s + self.drain_s.unwrap_or(self.limit_s)
    }

    /// How many times over the source keeps its records for as long as outage and drain take: under 1, records are
    /// deleted before MM2 reads them. `None` where the source keeps them for ever, or does not say.
    pub fn retention_factor(&self) -> Option<f64> {
        let factor = self.retention_s? / self.behind_s();
        factor.is_finite().then_some(factor)
    }
}

fn of_evidence(evidence: &StepEvidence) -> Figures {
    let load = &evidence.load;
    let slip = load.slip_max_ms.map(|max_ms| Slip { p99_ms: load.slip_p99_ms, max_ms });
    let recovery = &evidence.recovery;
    Figures {
        hold_s: evidence.hold_s,
        achieved_per_sec: evidence.achieved_per_sec().ok_or(Missing::NothingSent),
        load: Ok(Load { sent: load.sent, acked: load.acked, failed: load.failed }),
        e2e_ms: evidence.latency.as_ref().map(|l| l.intended).map_err(Clone::clone),
        e2e_from_actual_ms: evidence.latency.as_ref().map(|l| l.actual).map_err(Clone::clone),
        slip: slip.ok_or(Missing::NothingSent),
        audit: evidence.audit.as_ref().map_err(Clone::clone).map(|audit| Audit {
            received: audit.received,
            lost: audit.lost,
            unseen: Some(audit.unseen),
            duplicates: audit.duplicates,
            reordered: audit.reordered,
            corrupt: audit.corrupt,
        }),
        backlog: evidence.backlog.as_ref().map_err(Clone::clone).map(|backlog| Backlog {
            max: backlog.max,
            at_load_off: Some(backlog.at_load_off),
            end: Some(backlog.end),
        }),
        recovery_s: recovery.seconds.ok_or_else(|| match &evidence.backlog {
            Ok(_) => NotRecovered::WithinLimit { limit_s: recovery.limit_s },
            Err(why) => NotRecovered::Missing(why.clone()),
        }),
    }
}

/// Without an end there are counts and latencies so far, and no figure that needs the whole step.
fn of_progress(progress: &Progress) -> Figures {
    let missing = Missing::Interrupted;
    let counts = progress.counts.ok_or(Missing::Interrupted);
    let slip = progress.slip_max_ms.map(|max_ms| Slip { p99_ms: None, max_ms });
    let backlog = progress.backlog_max().map(|max| Backlog {
        max,
        at_load_off: progress.load_off.map(|off| off.backlog),
        end: None,
    });
    Figures {
        hold_s: progress.loaded_s,
        achieved_per_sec: Err(missing.clone()),
        load: counts.clone().map(|c| Load { sent: c.sent, acked: c.acked, failed: c.failed }),
        e2e_ms: quantiles(&progress.latency).ok_or(Missing::Interrupted),
        e2e_from_actual_ms: Err(missing.clone()),
        slip: slip.ok_or(Missing::Interrupted),
        audit: counts.map(|c| Audit {
            received: c.received,
            lost: c.lost,
            unseen: None,
            duplicates: c.duplicates,
            reordered: c.reordered,
            corrupt: c.corrupt,
        }),
        backlog: backlog.ok_or(Missing::Interrupted),
        recovery_s: Err(NotRecovered::Missing(missing)),
    }
}
