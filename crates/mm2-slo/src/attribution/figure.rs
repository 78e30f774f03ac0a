//! One figure of a signal for the whole hold, or none. Not here: what it says of a hop.

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::StepEvidence;
use crate::finding::{Finding, Reason};
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

impl<'a> Case<'a> {
    /// The findings that made the verdict what it is.
    pub(super) fn deciding(&self) -> impl Iterator<Item = &'a Finding> {
        let level = self.verdict.level;
        self.verdict.findings.iter().filter(move |finding| finding.level() == Some(level))
    }

    /// The finding of this criterion, where it is one of them.
    pub(super) fn decided_by(&self, criterion: &str) -> Option<&'a Finding> {
        self.deciding().find(|finding| finding.criterion == *criterion)
    }

    /// Whether the judge says that the source did not take the load.
    pub(super) fn is_source_limited(&self) -> bool {
        self.deciding().any(|finding| finding.reason == Reason::SourceLimited)
    }
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
    /// All of them together, tick by tick: each may have its peak when the others have none.
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
    let each: Vec<Vec<(u64, f64)>> =
        sampled.series.iter().map(|series| within(sampled, series, window_ms)).collect();
    let value = match over_series {
        OverSeries::Max => each.iter().filter_map(|samples| over(samples, over_time)).reduce(f64::max)?,
        OverSeries::Sum => over(&summed(&each, sampled.source.every_ms), over_time)?,
    };
    let ticks =
        window_ms.saturating_sub(sampled.source.looks_back_ms) as f64 / sampled.source.every_ms as f64;
    let expected = sampled.source.expected.unwrap_or(1).max(sampled.series.len());
    let whole = each.iter().filter(|samples| !samples.is_empty() && samples.len() as f64 >= ticks * ENOUGH);
    let is_whole = whole.count() >= expected;
    Some(Figure { value: value * factor, is_whole }).filter(|figure| figure.value.is_finite())
}

/// The samples that tell of the hold alone.
fn within(sampled: &Sampled, series: &Series, window_ms: u64) -> Vec<(u64, f64)> {
    let from_ms = sampled.source.looks_back_ms;
    let within = |(at_ms, value): &&(u64, f64)| (from_ms..=window_ms).contains(at_ms) && value.is_finite();
    series.samples.iter().filter(within).copied().collect()
}

fn over(samples: &[(u64, f64)], over_time: OverTime) -> Option<f64> {
    let values = || samples.iter().map(|(_, value)| *value);
    let max = values().reduce(f64::max)?;
    Some(match over_time {
        OverTime::Max => max,
        OverTime::Mean => values().sum::<f64>() / samples.len() as f64,
        OverTime::Held => {
            samples.windows(2).map(|two| two[0].1.min(two[1].1)).reduce(f64::max).unwrap_or(max)
        }
    })
}

/// All series together, a sample a tick. One that has none in a tick counts with that of the tick before: scrapes are
/// not on the beat. One that has none there either counts for nothing, so that the sum is at most what there was.
fn summed(each: &[Vec<(u64, f64)>], every_ms: u64) -> Vec<(u64, f64)> {
    let tick = |at_ms: u64| at_ms / every_ms.max(1);
    let mut latest: Vec<BTreeMap<u64, f64>> = Vec::new();
    for samples in each {
        latest.push(samples.iter().map(|(at_ms, value)| (tick(*at_ms), *value)).collect());
    }
    let ticks: BTreeSet<u64> = latest.iter().flat_map(|series| series.keys().copied()).collect();
    let at = |tick: u64| {
        let values = latest
            .iter()
            .filter_map(|series| series.get(&tick).or_else(|| series.get(&tick.checked_sub(1)?)).copied());
        (tick.saturating_mul(every_ms), values.sum())
    };
    ticks.into_iter().map(at).collect()
}

/// How many series of a signal were seen.
pub(super) fn series(seen: &Observations, signal: &str) -> Option<usize> {
    match seen.get(signal) {
        Ok(Observation::Sampled(sampled)) => Some(sampled.series.len()).filter(|series| *series > 0),
        _ => None,
    }
}
