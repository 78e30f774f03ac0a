//! What one signal showed in one window.

use std::collections::BTreeMap;

use mm2_evidence::signals::Panel;
use mm2_slo::finding::Missing;
use mm2_slo::observations::{Sampled, Total};
use mm2_slo::{Signal, Unit};
use serde::Serialize;

/// What one signal showed in one window.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Which.
    pub signal: Signal,
    /// Its samples, in the catalogue's unit, milliseconds since the window began; or why there are none.
    pub observed: Result<Sampled, Missing>,
    /// The same as one number for the window, for criteria that judge one: what a counter was increased by over all
    /// series, or a share of two such. `None` for gauges.
    pub total: Option<Total>,
    /// The figures to show.
    pub panel: Panel,
    /// What Prometheus answered, for the evidence.
    pub raw: RawSeries,
}

/// What Prometheus answered for a signal, before anything was made of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RawSeries {
    /// Which signal.
    pub signal: Signal,
    /// The PromQL that was asked; `None` where no metric of it is known.
    pub query: Option<String>,
    /// Unit of the samples, as they are in Prometheus.
    pub unit: Unit,
    /// Warnings in the answer (data may be missing), and why the query failed.
    pub warnings: Vec<String>,
    /// The series.
    pub series: Vec<RawLine>,
}

/// A series as Prometheus has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RawLine {
    /// Its labels, `__name__` among them.
    pub labels: BTreeMap<String, String>,
    /// Unix milliseconds on our clock, and the value; `null` where it is no finite number.
    pub samples: Vec<(u64, Option<f64>)>,
}
