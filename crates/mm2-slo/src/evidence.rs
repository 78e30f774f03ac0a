//! What a step left behind, as plain data: the only thing that can be judged.
//!
//! Whoever measures (the rig, or another team's load tool) fills these in. Times are in the unit of
//! their name; counts are records of this step only, by the step in which they were *sent*.

use serde::{Deserialize, Serialize};

use crate::finding::Missing;
use crate::name::Signal;
use crate::observations::{Duplicates, Latency, Observation, Observations, Sampled, Setting, Source, Total};
use crate::step::Step;
use crate::unit::{Quantity, Unit};

/// Everything that was measured of one held step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepEvidence {
    /// How long the load was on, seconds.
    pub hold_s: f64,
    /// What the generator did.
    pub load: LoadEvidence,
    /// End-to-end latency, or why there is none.
    pub latency: Result<LatencyEvidence, Missing>,
    /// The backlog over the hold, or why there is none.
    pub backlog: Result<BacklogEvidence, Missing>,
    /// What the audit of the stamps came to, or why there is none.
    pub audit: Result<AuditEvidence, Missing>,
    /// How the chain came back after the load went off.
    pub recovery: RecoveryEvidence,
    /// What Connect's status showed during hold and recovery.
    pub connect: ConnectEvidence,
    /// How the source answered. Not judged: it explains.
    #[serde(default)]
    pub source: SourceEvidence,
}

/// The backlog is sampled about this often, milliseconds.
const BACKLOG_EVERY_MS: u64 = 100;

impl StepEvidence {
    /// As what the criteria of Phase 4 judge, with the limits that belong to `step`: `p99_limit`,
    /// `mm2_avg_limit`, `mm2_max_limit`. Whoever measures more adds its signals.
    pub fn observed(&self, step: &Step) -> Observations {
        let audit = |count: fn(&AuditEvidence) -> u64, places: fn(&Located) -> &Vec<(String, u64)>| {
            let audit = self.audit.as_ref().map_err(Clone::clone)?;
            Ok(self
                .accounted(Total::new(count(audit) as f64, Unit::Records).at(places(&audit.located).clone())))
        };
        let unseen = self.audit.as_ref().map_err(Clone::clone).map(|audit| {
            let unseen = Total::new(audit.unseen as f64, Unit::Records).by_deadline(self.recovery.limit_s);
            self.accounted(unseen)
        });
        let duplicates = self.audit.as_ref().map_err(Clone::clone).map(|audit| {
            Observation::Duplicates(Duplicates {
                count: audit.duplicates,
                complete: self.audit_accounts_for_all(),
                connect: self.connect.clone(),
            })
        });
        let latency = self.latency.as_ref().map_err(Clone::clone).map(|latency| {
            let counted = Latency::in_blocks(step.p99_limit_ms as f64, latency.blocks.clone());
            let counted = counted.reading(latency.intended.p99);
            let all = self.latency_accounts_for_all();
            Observation::Latency(if all { counted } else { counted.incomplete() })
        });
        let backlog = self.backlog.as_ref().map_err(Clone::clone).map(|backlog| {
            let samples = backlog.samples.iter().map(|(at_ms, records)| (*at_ms, *records as f64)).collect();
            Observation::Sampled(Sampled::single(Source::gauge(Unit::Records, BACKLOG_EVERY_MS), samples))
        });
        let backlog_max = self.backlog.as_ref().map_err(Clone::clone);
        let backlog_max =
            backlog_max.map(|backlog| Observation::Total(Total::new(backlog.max as f64, Unit::Records)));
        let mut setting = Setting::default().asked(step.rate_per_sec as f64);
        for (name, ms) in [
            ("p99_limit", step.p99_limit_ms),
            ("mm2_avg_limit", step.mm2_avg_limit_ms),
            ("mm2_max_limit", step.mm2_max_limit_ms),
        ] {
            if let Some(limit) = Quantity::new(ms as f64, Unit::Ms) {
                setting = setting.known(name, limit);
            }
        }
        Observations::over(self.hold_s)
            .in_setting(setting)
            .with_result(Signal::E2E_LATENCY, latency)
            .with_result(Signal::BACKLOG, backlog)
            .with_result(Signal::BACKLOG_MAX, backlog_max)
            .with_result(Signal::LOST, audit(|a| a.lost, |at| &at.lost))
            .with_result(Signal::CORRUPT, audit(|a| a.corrupt, |at| &at.corrupt))
            .with_result(Signal::REORDERED, audit(|a| a.reordered, |at| &at.reordered))
            .with_result(Signal::UNSEEN, unseen)
            .with_result(Signal::DUPLICATES, duplicates)
            .with(Signal::LOAD, Observation::Load(self.load.clone()))
    }

    /// A count of records, GO only if every acknowledged record is accounted for.
    fn accounted(&self, count: Total) -> Observation {
        Observation::Total(if self.audit_accounts_for_all() { count } else { count.incomplete() })
    }

    /// Records due in the hold, sent by its end and acknowledged within 5 s after it, per second of it;
    /// `None` where the hold has no length.
    pub fn achieved_per_sec(&self) -> Option<f64> {
        let rate = self.load.acked_in_time as f64 / self.hold_s;
        (self.hold_s > 0.0 && rate.is_finite()).then_some(rate)
    }

    /// Whether each acknowledged record is received, corrupt, lost or unseen.
    pub fn audit_accounts_for_all(&self) -> bool {
        self.audit.as_ref().is_ok_and(|audit| {
            let known = [audit.received, audit.corrupt, audit.lost, audit.unseen];
            known.into_iter().fold(0, u64::saturating_add) >= self.load.acked
        })
    }

    /// Whether each acknowledged record stands in the latencies, but for corrupt ones, whose stamp
    /// cannot be trusted.
    pub fn latency_accounts_for_all(&self) -> bool {
        let corrupt = self.audit.as_ref().map_or(0, |audit| audit.corrupt);
        self.latency.as_ref().is_ok_and(|latency| {
            let known = latency.blocks.iter().map(|block| block.records);
            known.fold(corrupt, u64::saturating_add) >= self.load.acked
        })
    }
}

/// What the generator was asked and what it did, records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadEvidence {
    /// Records due within the hold.
    pub due: u64,
    /// Records handed to the client by the hold's end.
    pub sent: u64,
    /// Of these, acknowledged by all in-sync replicas until the audit closed.
    pub acked: u64,
    /// Of these, acknowledged by 5 s after the hold's end: what counts as achieved.
    pub acked_in_time: u64,
    /// Deliveries that failed for good.
    pub failed: u64,
    /// 99th percentile of (actual − intended send time), milliseconds; `None` when nothing was sent.
    pub slip_p99_ms: Option<f64>,
    /// The largest of them, milliseconds.
    pub slip_max_ms: Option<f64>,
    /// Time during which the source held the sender back (client queue full), milliseconds.
    pub source_blocked_ms: f64,
    /// Whether the source's broker throttled the producer or refused records.
    pub source_refused: bool,
}

/// How the source took our own records. What was not measured is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct SourceEvidence {
    /// 99th percentile of the time from the actual send to the acknowledgement, milliseconds.
    pub ack_p99_ms: Option<f64>,
    /// The largest of them, milliseconds.
    pub ack_max_ms: Option<f64>,
    /// The longest that the source's quota held us back, milliseconds.
    pub throttle_max_ms: Option<u64>,
}

/// End-to-end latency from the *intended* send time, which is free of coordinated omission.
///
/// A record that never arrived stands in it with its age at the audit's end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LatencyEvidence {
    /// Percentiles from the intended send time.
    pub intended: Quantiles,
    /// The same records from the actual send time, shown beside it.
    pub actual: Quantiles,
    /// One entry a second of the hold, by intended send time.
    pub blocks: Vec<Block>,
}

/// Percentiles of a distribution, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// Median.
    pub p50: f64,
    /// 90th percentile.
    pub p90: f64,
    /// 99th percentile.
    pub p99: f64,
    /// 99.9th percentile.
    pub p999: f64,
    /// Largest value.
    pub max: f64,
    /// Mean.
    pub mean: f64,
    /// How many records.
    pub count: u64,
}

/// One second of a hold: how many records, and how many of them at or over the step's p99 limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Records whose intended send time lies in this second.
    pub records: u64,
    /// Of these, with a latency at or over the limit.
    pub over: u64,
}

/// Backlog = acknowledged − distinct received, records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BacklogEvidence {
    /// Milliseconds since the load went on, and the backlog then; one about every 100 ms until load-off.
    pub samples: Vec<(u64, u64)>,
    /// Largest sample, recovery included.
    pub max: u64,
    /// At load-off.
    pub at_load_off: u64,
    /// When the audit closed.
    pub end: u64,
}

/// What became of the acknowledged records.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AuditEvidence {
    /// Distinct records of this step that were received.
    pub received: u64,
    /// Acknowledged, and missing in a partition whose closing marker was read 10 s ago.
    pub lost: u64,
    /// Acknowledged, and still missing when the recovery limit ended the audit.
    pub unseen: u64,
    /// Sightings beyond the first.
    pub duplicates: u64,
    /// First sightings behind a later one of the same partition.
    pub reordered: u64,
    /// Arrived with another checksum than they were sent with.
    pub corrupt: u64,
    /// Records of others on the same topics; not judged.
    pub foreign: u64,
    /// Where lost, corrupt, reordered and unseen records were: worst first, at most ten each.
    pub located: Located,
}

/// Where something happened: topic-partition and count, worst first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Located {
    /// Lost records.
    pub lost: Vec<(String, u64)>,
    /// Unseen records.
    pub unseen: Vec<(String, u64)>,
    /// Reordered first sightings.
    pub reordered: Vec<(String, u64)>,
    /// Corrupt records.
    pub corrupt: Vec<(String, u64)>,
}

/// How the backlog came back after load-off.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RecoveryEvidence {
    /// Seconds from load-off until the backlog was under 1 000 and stayed there for 10 s (the 10 s left
    /// out); `None` when it did not within the limit, or nobody could see.
    pub seconds: Option<f64>,
    /// Whether it did within the limit.
    pub recovered: bool,
    /// The limit, seconds.
    pub limit_s: f64,
}

/// What Connect's status, polled every second, showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum ConnectEvidence {
    /// The chain declares that it has no Connect REST to ask.
    Absent {
        /// In the words of the chain file.
        why: String,
    },
    /// It was polled.
    Polled {
        /// Polls that answered.
        answered: u64,
        /// Polls that did not.
        unanswered: u64,
        /// Whether a task's state or worker changed, or a worker fell silent.
        restart_seen: bool,
        /// `offset.flush.interval.ms`, milliseconds, where it can be read.
        flush_interval_ms: Option<u64>,
        /// Whether the chain is configured for exactly once.
        exactly_once: bool,
    },
}
