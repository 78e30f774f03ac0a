//! The figures that hold on every step; those that differ by step are in [`Step`](crate::Step).

use serde::{Deserialize, Serialize};

/// Limits common to all steps. Defaults are the runbook's, or the design's where the runbook has none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Thresholds {
    /// Growth of the backlog that is proven to be unsustained, per cent of the asked rate.
    /// 0.5: the design (a chain capped 1 % under the rate must not pass).
    pub sustained_growth_percent: f64,
    /// Share of the due records that must be sent and acknowledged in time, per cent. 99: the design.
    pub delivered_percent: f64,
    /// 99th percentile of our own sends' lateness, milliseconds. 50: the design.
    pub slip_p99_ms: f64,
    /// Backlog above this is WARN, records. 10 000: the runbook's panel "Active Records (Lag)".
    pub backlog_warn: u64,
    /// Backlog above this is STOP, records. 50 000: the same panel.
    pub backlog_stop: u64,
    /// The rate up to which the backlog limits hold as they are, records per second; beyond it they
    /// grow with the rate. 10 000: the runbook's P5, the last step that the panel was made for.
    pub backlog_rate_per_sec: u64,
    /// `offset.flush.interval.ms` where it cannot be read, milliseconds. 60 000: Connect's default.
    pub flush_interval_default_ms: u64,
    /// What a restart may replay beyond one flush interval, milliseconds of load. 10 000: the design.
    pub replay_grace_ms: u64,
    /// The chain has recovered when its backlog is under this, records. 1 000: the runbook.
    pub recovered_below: u64,
    /// ... and stays there this long, milliseconds. 10 000: the design.
    pub recovered_stay_ms: u64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            sustained_growth_percent: 0.5,
            delivered_percent: 99.0,
            slip_p99_ms: 50.0,
            backlog_warn: 10_000,
            backlog_stop: 50_000,
            backlog_rate_per_sec: 10_000,
            flush_interval_default_ms: 60_000,
            replay_grace_ms: 10_000,
            recovered_below: 1_000,
            recovered_stay_ms: 10_000,
        }
    }
}

/// A threshold that makes no sense.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ThresholdError {
    /// Not a finite number in its range.
    #[error("threshold {name} is {value}; it must be a number from {min} to {max}")]
    OutOfRange {
        /// The field.
        name: &'static str,
        /// What it was set to.
        value: f64,
        /// Smallest value that makes sense.
        min: f64,
        /// Largest value that makes sense.
        max: f64,
    },
    /// STOP would come before WARN.
    #[error(
        "threshold backlog_warn ({warn}) is above backlog_stop ({stop}); lower the one or raise the other"
    )]
    WarnAboveStop {
        /// `backlog_warn`.
        warn: u64,
        /// `backlog_stop`.
        stop: u64,
    },
    /// The backlog limits would grow from nothing.
    #[error("threshold backlog_rate_per_sec is 0; give the rate that backlog_warn and backlog_stop are for")]
    RateZero,
}

impl Thresholds {
    /// Checks what serde cannot: finite, in range, in order.
    ///
    /// # Errors
    /// The first field that makes no sense.
    pub fn validate(&self) -> Result<(), ThresholdError> {
        for (name, value, min, max) in [
            ("sustained_growth_percent", self.sustained_growth_percent, 0.0, 100.0),
            ("delivered_percent", self.delivered_percent, 0.0, 100.0),
            ("slip_p99_ms", self.slip_p99_ms, 0.0, 86_400_000.0),
        ] {
            if !(min..=max).contains(&value) {
                return Err(ThresholdError::OutOfRange { name, value, min, max });
            }
        }
        if self.backlog_warn > self.backlog_stop {
            return Err(ThresholdError::WarnAboveStop { warn: self.backlog_warn, stop: self.backlog_stop });
        }
        if self.backlog_rate_per_sec == 0 {
            return Err(ThresholdError::RateZero);
        }
        Ok(())
    }
}
