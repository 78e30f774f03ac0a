//! One figure of a signal for the whole hold, or none. Not here: what it says of a hop.

use crate::evidence::StepEvidence;
use crate::number;
use crate::observations::{Kind, Observation, Observations, Sampled, Series};
use crate::step::Step;
use crate::unit::Unit;
use crate::verdict::Verdict;

/// A step and everything that is known of it.
pub(super) struct Case<'a> {
    pub(super) step: &'a Step,
    pub(super) evidence: &'a StepEvidence,
    pub(super) seen: &'a Observations,
    pub(super) verdict: &'a Verdict,
}

/// A signal as one number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Figure {
    pub(super) value: f64,
    /// Whether all of it was seen: a part can show that something is there, not that it is not.
    pub(super) is_whole: bool,
}

/// How the samples of one series become one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OverTime {
    /// For windowed means.
    Mean,
    /// For windowed maxima and what must never happen.
    Max,
    /// The largest value that two samples in a row reached: one scrape is no state.
    Held,
}

/// How the series become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OverSeries {
    /// The worst task or worker: the slowest of them holds up its partitions.
    Max,
    /// All of them together.
    Sum,
}

/// So much of what should have been sampled must be there to say that something is not, as a share of the ticks.
/// Looser than a criterion's 90 %: a calm figure excludes a cause, it passes no step.
const ENOUGH: f64 = 0.5;

/// The signal in `unit`, over the part of the hold that its samples tell of alone.
pub(super) fn panel(
    seen: &Observations,
    signal: &str,
    unit: Unit,
    over_time: OverTime,
    over_series: OverSeries,
) -> Option<Figure> {
    let Ok(Observation::Sampled(sampled)) = seen.get(signal) else { return None };
    if sampled.source.kind != Kind::Gauge {
        return None;
    }
    let factor = sampled.source.unit.factor_to(unit)?;
    let window_ms = number::nearest(seen.window_s() * 1e3);
    let each: Vec<(f64, bool)> =
        sampled.series.iter().filter_map(|series| of_series(sampled, series, window_ms, over_time)).collect();
    let values = each.iter().map(|(value, _)| *value);
    let value = match over_series {
        OverSeries::Max => values.reduce(f64::max)?,
        OverSeries::Sum => values.reduce(|a, b| a + b)?,
    };
    let expected = sampled.source.expected.unwrap_or(1).max(sampled.series.len());
    let is_whole = each.len() >= expected && each.iter().all(|(_, is_whole)| *is_whole);
    Some(Figure { value: value * factor, is_whole }).filter(|figure| figure.value.is_finite())
}

fn of_series(sampled: &Sampled, series: &Series, window_ms: u64, over_time: OverTime) -> Option<(f64, bool)> {
    let from_ms = sampled.source.looks_back_ms;
    let within = series.samples.iter().filter(|(at_ms, _)| (from_ms..=window_ms).contains(at_ms));
    let values: Vec<f64> = within.map(|(_, value)| *value).filter(|value| value.is_finite()).collect();
    let max = values.iter().copied().reduce(f64::max)?;
    let value = match over_time {
        OverTime::Max => max,
        OverTime::Mean => values.iter().sum::<f64>() / values.len() as f64,
        OverTime::Held => values.windows(2).map(|two| two[0].min(two[1])).reduce(f64::max).unwrap_or(max),
    };
    let ticks = window_ms.saturating_sub(from_ms) as f64 / sampled.source.every_ms as f64;
    Some((value, values.len() as f64 >= ticks * ENOUGH))
}

/// How many series of a signal were seen.
pub(super) fn series(seen: &Observations, signal: &str) -> Option<usize> {
    match seen.get(signal) {
        Ok(Observation::Sampled(sampled)) => Some(sampled.series.len()).filter(|series| *series > 0),
        _ => None,
    }
}
