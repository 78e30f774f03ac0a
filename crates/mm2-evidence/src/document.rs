//! `run.json`: a run for scripts. Names here are a contract; a change of meaning is a new
//! [`SCHEMA`]. A value that was not measured is `null` with a `why` beside it.

mod catch_up;
mod panels;

use jiff::Timestamp;
use mm2_slo::attribution::Attribution;
use mm2_slo::climb::{Capacity, ConclusionReason};
use mm2_slo::evidence::{ConnectEvidence, Quantiles, SourceEvidence};
use mm2_slo::finding::{Finding, Missing};
use mm2_slo::level::Level;
use serde::Serialize;

pub use self::catch_up::{CatchUpDocument, NotCaughtUp};
pub use self::panels::{PanelDocument, PrometheusDocument, SignalDocument, SignalsDocument};
use crate::error::EvidenceError;
use crate::event::{Chain, Plan, SCHEMA};
use crate::figures::{Backlog, Figures, NotRecovered, Slip};
use crate::run::{Run, StepRun};

/// A run for scripts.
#[derive(Debug, Clone, Serialize)]
pub struct RunDocument {
    /// Version of these names.
    pub schema: u32,
    /// The run folder's name.
    pub run_id: String,
    /// `ramp`.
    pub phase: String,
    /// Version of the tool that made the run.
    pub tool_version: String,
    /// The chain.
    pub chain: Chain,
    /// What was to be done to it.
    pub plan: Plan,
    /// RFC 3339, UTC.
    pub started_at: String,
    /// RFC 3339, UTC; `null` when `complete` is false.
    pub ended_at: Option<String>,
    /// Whether the run came to its end. False while it runs, and when its writer was killed.
    pub complete: bool,
    /// What the run came to.
    pub verdict: Verdict,
    /// What the process ended with; `null` when `complete` is false.
    pub exit_code: Option<u8>,
    /// The steps that were held, in order.
    pub steps: Vec<StepDocument>,
    /// Names of the planned steps that were not held.
    pub not_held: Vec<String>,
    /// What the chain was shown to carry.
    pub capacity: CapacityDocument,
    /// Whether figures of Prometheus are here, and why not.
    pub prometheus: PrometheusDocument,
    /// Which signals Prometheus has; `null` where it was not asked.
    pub signals: Option<SignalsDocument>,
    /// How the chain catches up after an outage; `null` where that was not tried.
    pub catch_up: Option<CatchUpDocument>,
    /// What went wrong without ending the run.
    pub troubles: Vec<String>,
}

/// A level and what decided it.
#[derive(Debug, Clone, Serialize)]
pub struct Verdict {
    /// `GO`, `WARN`, `INCONCLUSIVE` or `STOP`.
    pub level: Level,
    /// In a phrase.
    pub reason: String,
    /// The same as a code, with step and criterion.
    #[serde(flatten)]
    pub code: ConclusionReason,
}

/// A step for scripts.
#[derive(Debug, Clone, Serialize)]
pub struct StepDocument {
    /// `P1` …
    pub name: String,
    /// 1, or 2 for the repeat of an inconclusive hold.
    pub attempt: u32,
    /// Records per second.
    pub asked_per_sec: u64,
    /// Records per second that were due, sent and acknowledged in time.
    pub achieved_per_sec: Option<f64>,
    /// Limit of the p99, milliseconds.
    pub p99_limit_ms: u64,
    /// How long the load was on, seconds.
    pub hold_s: f64,
    /// What the step came to.
    pub verdict: StepVerdictDocument,
    /// Latency from the intended send time.
    pub e2e_ms: QuantilesDocument,
    /// The same from the actual send time.
    pub e2e_from_actual_ms: QuantilesDocument,
    /// How late our own sends were.
    pub slip_ms: SlipDocument,
    /// Counts of records.
    #[serde(flatten)]
    pub counts: CountsDocument,
    /// Acknowledged and not yet received.
    pub backlog: BacklogDocument,
    /// How the chain came back.
    pub recovery: RecoveryDocument,
    /// What Connect's status showed; `null` for a step that was cut short.
    pub connect: Option<ConnectEvidence>,
    /// How the source answered our own sends; `null` for a step that was cut short.
    pub source: Option<SourceEvidence>,
    /// What Prometheus showed, by signal; empty where it was not read.
    pub panels: Vec<PanelDocument>,
    /// Which hop saturates; `null` for a step that is GO, was cut short, or was not looked at.
    pub attribution: Option<Attribution>,
    /// One for each criterion.
    pub findings: Vec<Finding>,
    /// Mean of CPU cores that measuring used.
    pub own_cpu_cores: Option<f64>,
    /// Largest resident set of the measuring process, bytes.
    pub own_rss_max_bytes: Option<u64>,
}

/// A step's level and the criterion that decided it.
#[derive(Debug, Clone, Serialize)]
pub struct StepVerdictDocument {
    /// `GO`, `WARN`, `INCONCLUSIVE` or `STOP`.
    pub level: Level,
    /// A criterion's name, or a phrase.
    pub reason: String,
}

/// Percentiles, milliseconds.
#[derive(Debug, Clone, Default, Serialize)]
pub struct QuantilesDocument {
    /// Median.
    pub p50: Option<f64>,
    /// 90th percentile.
    pub p90: Option<f64>,
    /// 99th percentile.
    pub p99: Option<f64>,
    /// 99.9th percentile.
    pub p999: Option<f64>,
    /// Largest.
    pub max: Option<f64>,
    /// Mean.
    pub mean: Option<f64>,
    /// How many records.
    pub count: Option<u64>,
    /// Why they are `null`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Missing>,
}

/// Delay of our own sends, milliseconds.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SlipDocument {
    /// 99th percentile.
    pub p99: Option<f64>,
    /// Largest.
    pub max: Option<f64>,
    /// Why one is `null`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Missing>,
}

/// Records of a step.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CountsDocument {
    /// Handed to the client.
    pub sent: Option<u64>,
    /// Acknowledged.
    pub acked: Option<u64>,
    /// Failed for good.
    pub failed: Option<u64>,
    /// Distinct records received.
    pub received: Option<u64>,
    /// Shown to be lost.
    pub lost: Option<u64>,
    /// Missing at the recovery limit.
    pub unseen: Option<u64>,
    /// Sightings beyond the first.
    pub duplicates: Option<u64>,
    /// First sightings behind a later one.
    pub reordered: Option<u64>,
    /// Arrived changed.
    pub corrupt: Option<u64>,
    /// Why one is `null`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts_why: Option<Missing>,
}

/// Acknowledged and not yet received, records.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BacklogDocument {
    /// The most, recovery included.
    pub max: Option<u64>,
    /// When the load went off.
    pub at_load_off: Option<u64>,
    /// When the audit closed.
    pub end: Option<u64>,
    /// Why one is `null`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Missing>,
}

/// How the chain came back after the load.
#[derive(Debug, Clone, Serialize)]
pub struct RecoveryDocument {
    /// Until the backlog was under 1 000 to stay.
    pub seconds: Option<f64>,
    /// Whether it came back within the limit.
    pub recovered: bool,
    /// Why `seconds` is `null`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<NotRecovered>,
}

/// What the chain was shown to carry.
#[derive(Debug, Clone, Serialize)]
pub struct CapacityDocument {
    /// The figures.
    #[serde(flatten)]
    pub capacity: Capacity,
    /// Why they are `null`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<&'static str>,
}

impl RunDocument {
    /// The document of a run as far as it is.
    pub fn of(run: &Run) -> Self {
        let outcome = run.outcome();
        let none_validated = outcome.capacity.validated_per_sec.is_none();
        let started = run.started.clone();
        Self {
            schema: SCHEMA,
            run_id: started.run_id,
            phase: started.phase,
            tool_version: started.tool_version,
            chain: started.chain,
            plan: started.plan,
            started_at: rfc3339(run.started_at_ms),
            ended_at: run.ended.as_ref().map(|ended| rfc3339(ended.at_ms)),
            complete: run.complete(),
            verdict: Verdict {
                level: outcome.level,
                reason: outcome.reason.to_string(),
                code: outcome.reason,
            },
            exit_code: run.ended.as_ref().map(|ended| ended.exit_code),
            steps: run.steps.iter().map(StepDocument::of).collect(),
            not_held: run.not_held().map(str::to_owned).collect(),
            capacity: CapacityDocument {
                capacity: outcome.capacity,
                why: none_validated.then_some("no step validated"),
            },
            prometheus: PrometheusDocument::of(run),
            signals: run.signals.as_ref().map(SignalsDocument::of),
            catch_up: run.catch_up.as_ref().map(CatchUpDocument::of),
            troubles: run.troubles.iter().map(|trouble| trouble.text.clone()).collect(),
        }
    }

    /// As it stands in `run.json`.
    ///
    /// # Errors
    /// [`EvidenceError::NotKept`], which is a bug.
    pub fn to_json(&self) -> Result<String, EvidenceError> {
        let not_kept = |source| EvidenceError::NotKept { line: self.run_id.clone(), source };
        serde_json::to_string_pretty(self).map(|json| json + "\n").map_err(not_kept)
    }
}

impl StepDocument {
    fn of(held: &StepRun) -> Self {
        let figures = held.figures();
        let ended = held.ended.as_ref();
        Self {
            name: held.step.name.clone(),
            attempt: held.attempt,
            asked_per_sec: held.step.rate_per_sec,
            achieved_per_sec: figures.achieved_per_sec.clone().ok(),
            p99_limit_ms: held.step.p99_limit_ms,
            hold_s: figures.hold_s,
            verdict: StepVerdictDocument { level: held.level(), reason: held.reason_name().to_owned() },
            counts: CountsDocument::of(&figures),
            e2e_ms: figures.e2e_ms.into(),
            e2e_from_actual_ms: figures.e2e_from_actual_ms.into(),
            slip_ms: figures.slip.into(),
            backlog: figures.backlog.into(),
            recovery: RecoveryDocument {
                seconds: figures.recovery_s.clone().ok(),
                recovered: figures.recovery_s.is_ok(),
                why: figures.recovery_s.err(),
            },
            connect: ended.map(|ended| ended.evidence.connect.clone()),
            source: ended.map(|ended| ended.evidence.source),
            panels: ended.iter().flat_map(|ended| &ended.panels).map(PanelDocument::of).collect(),
            attribution: ended.and_then(|ended| ended.attribution.clone()),
            findings: ended.map(|ended| ended.verdict.findings.clone()).unwrap_or_default(),
            own_cpu_cores: ended.and_then(|ended| ended.own_cpu_cores),
            own_rss_max_bytes: ended.and_then(|ended| ended.own_rss_max_bytes),
        }
    }
}

impl CountsDocument {
    fn of(figures: &Figures) -> Self {
        let load = figures.load.as_ref();
        let audit = figures.audit.as_ref();
        let cut_short = || audit.is_ok_and(|a| a.unseen.is_none()).then_some(Missing::Interrupted);
        Self {
            sent: load.ok().map(|l| l.sent),
            acked: load.ok().map(|l| l.acked),
            failed: load.ok().map(|l| l.failed),
            received: audit.ok().map(|a| a.received),
            lost: audit.ok().map(|a| a.lost),
            unseen: audit.ok().and_then(|a| a.unseen),
            duplicates: audit.ok().map(|a| a.duplicates),
            reordered: audit.ok().map(|a| a.reordered),
            corrupt: audit.ok().map(|a| a.corrupt),
            counts_why: audit.err().or(load.err()).cloned().or_else(cut_short),
        }
    }
}

impl From<Result<Quantiles, Missing>> for QuantilesDocument {
    fn from(quantiles: Result<Quantiles, Missing>) -> Self {
        match quantiles {
            Err(why) => Self { why: Some(why), ..Self::default() },
            Ok(q) => Self {
                p50: Some(q.p50),
                p90: Some(q.p90),
                p99: Some(q.p99),
                p999: Some(q.p999),
                max: Some(q.max),
                mean: Some(q.mean),
                count: Some(q.count),
                why: None,
            },
        }
    }
}

impl From<Result<Slip, Missing>> for SlipDocument {
    fn from(slip: Result<Slip, Missing>) -> Self {
        match slip {
            Err(why) => Self { why: Some(why), ..Self::default() },
            Ok(Slip { p99_ms, max_ms }) => {
                Self { p99: p99_ms, max: Some(max_ms), why: p99_ms.is_none().then_some(Missing::Interrupted) }
            }
        }
    }
}

impl From<Result<Backlog, Missing>> for BacklogDocument {
    fn from(backlog: Result<Backlog, Missing>) -> Self {
        match backlog {
            Err(why) => Self { why: Some(why), ..Self::default() },
            Ok(Backlog { max, at_load_off, end }) => {
                Self { max: Some(max), at_load_off, end, why: end.is_none().then_some(Missing::Interrupted) }
            }
        }
    }
}

/// A time as RFC 3339 in UTC; `at_ms` is milliseconds since the Unix epoch.
pub fn rfc3339(at_ms: u64) -> String {
    let at_ms = i64::try_from(at_ms).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::MAX).to_string()
}
