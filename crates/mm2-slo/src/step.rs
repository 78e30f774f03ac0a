//! A step of the ladder: what is asked of the chain and for how long.

use serde::{Deserialize, Serialize};

/// One step (French: palier): a rate held for a time, and the limits that it is judged by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// `P1` … `P5`.
    pub name: String,
    /// The asked rate, records per second, all topics together.
    pub rate_per_sec: u64,
    /// Limit of the 99th percentile of the end-to-end latency, milliseconds.
    pub p99_limit_ms: u64,
    /// What the panel "MM2 latency avg" should stay under, milliseconds (judged once Prometheus is read).
    pub mm2_avg_limit_ms: u64,
    /// What the panel "MM2 latency max" should stay under, milliseconds (judged once Prometheus is read).
    pub mm2_max_limit_ms: u64,
}
