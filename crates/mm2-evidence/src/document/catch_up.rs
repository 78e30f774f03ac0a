//! How a chain catches up after an outage, for scripts.

use serde::Serialize;

use crate::run::CatchUpRun;

/// How a chain catches up after an outage of its connector. What was not measured is `null`, and `why` says why.
#[derive(Debug, Clone, Serialize)]
pub struct CatchUpDocument {
    /// The load during outage and drain, records per second.
    pub rate_per_sec: u64,
    /// From the pause to the resumption, seconds: as measured, or as planned where the run was cut short.
    pub outage_s: f64,
    /// Backlog at the resumption, records.
    pub backlog_at_resume: Option<u64>,
    /// The largest backlog, records.
    pub backlog_max: Option<u64>,
    /// What counts as caught up, records.
    pub caught_up_below: Option<u64>,
    /// Whether the chain caught up within the limit.
    pub caught_up: bool,
    /// From the resumption until it had, seconds.
    pub drain_s: Option<f64>,
    /// How long the drain was waited for, seconds.
    pub limit_s: Option<f64>,
    /// Records that MM2 replicated per second while it caught up.
    pub drain_per_sec: Option<f64>,
    /// Proven lost, records.
    pub lost: Option<u64>,
    /// Neither seen nor proven lost when the audit ended, records.
    pub unseen: Option<u64>,
    /// Records that arrived more than once.
    pub duplicates: Option<u64>,
    /// How long the source keeps a record at this load, seconds; `null` where it keeps them for ever, or does not say.
    pub retention_s: Option<f64>,
    /// How many times outage and drain together that is: under 1, records are deleted before MM2 reads them.
    pub retention_factor: Option<f64>,
    /// The drain: milliseconds since the resumption, and the backlog then.
    pub curve: Vec<(u64, u64)>,
    /// Why `drain_s` is `null`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<NotCaughtUp>,
}

/// Why there is no drain time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NotCaughtUp {
    /// The run was cut short.
    Interrupted,
    /// The limit came first.
    NotWithinLimit,
}

impl CatchUpDocument {
    pub(super) fn of(run: &CatchUpRun) -> Self {
        let ended = run.ended.as_ref();
        let drain_s = ended.and_then(|ended| ended.drain_s);
        Self {
            rate_per_sec: run.rate_per_sec,
            outage_s: ended.map_or(run.outage_s, |ended| ended.outage_s),
            backlog_at_resume: ended.map(|ended| ended.backlog_at_resume).or(run.backlog_at_resume),
            backlog_max: ended.map(|ended| ended.backlog_max).or(run.progress.backlog_max()),
            caught_up_below: ended.map(|ended| ended.caught_up_below),
            caught_up: drain_s.is_some(),
            drain_s,
            limit_s: ended.map(|ended| ended.limit_s),
            drain_per_sec: ended.and_then(|ended| ended.drain_per_sec),
            lost: ended.and_then(|ended| ended.lost),
            unseen: ended.and_then(|ended| ended.unseen),
            duplicates: ended.and_then(|ended| ended.duplicates),
            retention_s: ended.and_then(|ended| ended.retention_s),
            retention_factor: ended.and_then(crate::event::CatchUp::retention_factor),
            curve: ended.map(|ended| ended.curve.clone()).unwrap_or_default(),
            why: match (ended, drain_s) {
                (None, _) => Some(NotCaughtUp::Interrupted),
                (Some(_), None) => Some(NotCaughtUp::NotWithinLimit),
                (Some(_), Some(_)) => None,
            },
        }
    }
}
