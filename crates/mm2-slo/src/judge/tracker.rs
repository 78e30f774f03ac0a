//! A signal that is sampled, followed tick by tick: series become lines, lines become a value.
//!
//! The same code judges a whole window at once and one that is still running, so both give the same answer. A tick
//! is a sample's place on the grid of its series: every scrape has its own phase, and jitter of up to half a tick is
//! none.

use super::Context;
use super::line::Line;
use crate::bands::Worse;
use crate::criterion::{Measure, OverTime};
use crate::finding::{Finding, Missing, Outcome, Reason};
use crate::level::Level;
use crate::observations::{Kind, Source};
use crate::wire::v1::OverSeries;

/// Ticks that are open at once. Samples that come in order of time are never more than two ticks apart, and a whole
/// window is fed in pieces of one tick, which makes it three.
const OPEN: u64 = 4;
/// As many slots.
const SLOTS: usize = 4;
/// So many ticks may be missing in a row,
const LONGEST_GAP_TICKS: u64 = 3;
/// or this share of the window, whichever is more: a scraper that restarts once does not spoil 24 h.
const LONGEST_GAP_SHARE: f64 = 0.01;

#[derive(Debug, Clone)]
pub(crate) struct Tracker {
    over_series: Option<OverSeries>,
    coverage: f64,
    expected: Option<usize>,
    every_ms: u64,
    ticks_per_ms: f64,
    settle_ms: u64,
    factor: f64,
    /// A new line; each series has its own, or one is for all.
    blank: Line,
    lanes: Vec<Lane>,
    /// For the series that become one tick by tick.
    merged: Option<Merged>,
    /// A sample was not finite.
    broken: bool,
}

#[derive(Debug, Clone)]
struct Lane {
    name: String,
    phase_ms: Option<u64>,
    line: Line,
}

#[derive(Debug, Clone)]
struct Merged {
    by: OverSeries,
    line: Line,
    /// Whether a tick that lacks series still counts: only where the missing ones could not make it better.
    partial_counts: bool,
    open_from: Option<u64>,
    /// For each open tick, by its number modulo [`OPEN`], the values by lane (NaN: not there) and the newest time.
    slots: [Slot; SLOTS],
    fewest: Option<u64>,
    most: u64,
}

#[derive(Debug, Clone, Default)]
struct Slot {
    values: Vec<f64>,
    at_ms: u64,
}

impl Tracker {
    pub(super) fn new(context: &Context<'_>, measure: &Measure, source: Source) -> Result<Self, Missing> {
        let over_time = measure.over_time.ok_or(Missing::OtherForm)?;
        let counts = matches!(over_time, OverTime::Rate | OverTime::Increase);
        if counts != (source.kind == Kind::Counter) {
            return Err(Missing::OtherForm);
        }
        let unit = context.criterion.unit();
        let mut factor = source.unit.factor_to(unit).ok_or(Missing::OtherUnit)?;
        if matches!(over_time, OverTime::Rate | OverTime::Slope) {
            factor *= unit.per_second().map_or(1.0, |(_, factor)| factor);
        }
        // Each sample of a share, a rate or a slope is in another unit than the bands.
        let tick_is_judged = !counts
            && !matches!(over_time, OverTime::Slope | OverTime::ShareAbove(_) | OverTime::ShareBelow(_));
        let go = context.bands.go_test(tick_is_judged);
        let worse = if tick_is_judged { context.bands.worse() } else { Worse::Either };
        let blank = Line::new(measure, over_time, go, worse);
        let merged = match measure.over_series {
            Some(by @ (OverSeries::Max | OverSeries::Min | OverSeries::Sum | OverSeries::Avg)) if !counts => {
                let partial_counts = match (by, over_time) {
                    (OverSeries::Max | OverSeries::Sum, OverTime::Max) => {
                        context.bands.stops_beyond(Worse::Up)
                    }
                    (OverSeries::Min, OverTime::Min) => context.bands.stops_beyond(Worse::Down),
                    _ => false,
                };
                Some(Merged {
                    by,
                    line: blank.clone(),
                    partial_counts,
                    open_from: None,
                    slots: std::array::from_fn(|_| Slot::default()),
                    fewest: None,
                    most: 0,
                })
            }
            _ => None,
        };
        let every_ms = source.every_ms.max(1);
        let settle_ms = crate::number::ceil(context.settle_s * 1_000.0).unwrap_or(u64::MAX);
        Ok(Self {
            over_series: measure.over_series,
            coverage: measure.coverage,
            expected: measure.series.or(source.expected),
            every_ms,
            ticks_per_ms: 1.0 / every_ms as f64,
            settle_ms: settle_ms.max(source.looks_back_ms),
            factor,
            blank,
            lanes: Vec::new(),
            merged,
            broken: false,
        })
    }

    pub(super) fn every_ms(&self) -> u64 {
        self.every_ms
    }

    pub(super) fn lane(&mut self, name: &str) -> usize {
        self.lanes.push(Lane { name: name.to_owned(), phase_ms: None, line: self.blank.clone() });
        self.lanes.len() - 1
    }

    #[inline]
    pub(super) fn push(&mut self, lane: usize, at_ms: u64, value: f64) {
        if at_ms < self.settle_ms {
            return;
        }
        let value = value * self.factor;
        if !value.is_finite() {
            self.broken = true;
            return;
        }
        let Some(known) = self.lanes.get_mut(lane) else { return };
        let phase_ms = *known.phase_ms.get_or_insert(at_ms % self.every_ms);
        let index = crate::number::nearest(at_ms.saturating_sub(phase_ms) as f64 * self.ticks_per_ms);
        match &mut self.merged {
            None => known.line.tick(index, at_ms, value, true),
            Some(merged) => {
                let series = self.expected.unwrap_or(self.lanes.len());
                merged.put(index, lane, at_ms, value, series);
            }
        }
    }

    pub(super) fn finish(&self, context: &Context<'_>, window_s: f64) -> Finding {
        let Some(window_ms) = crate::number::ceil(window_s * 1_000.0) else {
            return context.not_measured(Missing::NotFinite);
        };
        let seen = self.lanes.len();
        if seen == 0 {
            return context.not_measured(Missing::NoData);
        }
        if seen > 1 && self.over_series.is_none() {
            let reason = Reason::SeveralSeries { seen: seen as u64 };
            return context.finding(Outcome::Inconclusive, reason);
        }
        let expected = self.expected.unwrap_or(seen) as u64;
        let grid = Grid { every_ms: self.every_ms, settle_ms: self.settle_ms, window_ms };
        if let Some(merged) = &self.merged {
            let mut merged = merged.clone();
            merged.close_all(expected);
            let fewer = merged.fewest.map_or(0, |fewest| fewest.min(expected)).min(merged.most);
            let fewer = Reason::FewerSeries { seen: fewer, expected };
            return self.judge(context, &grid, &merged.line, merged.line.value(), Some(fewer));
        }
        let fewer = (seen as u64) < expected;
        let fewer = fewer.then_some(Reason::FewerSeries { seen: seen as u64, expected });
        if let Some(by @ (OverSeries::Max | OverSeries::Min | OverSeries::Sum | OverSeries::Avg)) =
            self.over_series
        {
            return self.counted_together(context, &grid, by, fewer);
        }
        let each = self.lanes.iter().map(|lane| {
            let mut finding = self.judge(context, &grid, &lane.line, lane.line.value(), None);
            if finding.outcome != Outcome::Stop {
                if let Some(reason) = &fewer {
                    finding.outcome = Outcome::Inconclusive;
                    finding.reason = reason.clone();
                }
            }
            finding.series = Some(lane.name.clone()).filter(|name| !name.is_empty());
            finding
        });
        // The worst; of two, the one that is further out.
        each.reduce(|worst, next| {
            let rank =
                |finding: &Finding| (finding.level(), finding.margin.map_or(f64::INFINITY, |margin| -margin));
            let (a, b) = (rank(&worst), rank(&next));
            let worse = b.0 > a.0 || (b.0 == a.0 && b.1 > a.1);
            if worse { next } else { worst }
        })
        .unwrap_or_else(|| context.not_measured(Missing::NoData))
    }

    /// Counters become one after each was followed by itself: a reset of one is not a reset of their sum.
    fn counted_together(
        &self,
        context: &Context<'_>,
        grid: &Grid,
        by: OverSeries,
        fewer: Option<Reason>,
    ) -> Finding {
        let values: Vec<f64> = self.lanes.iter().filter_map(|lane| lane.line.value()).collect();
        let value = reduce(by, &values).filter(|_| values.len() == self.lanes.len());
        let thinnest = self.lanes.iter().map(|lane| &lane.line).min_by_key(|line| line.ticks);
        let Some(thinnest) = thinnest else { return context.not_measured(Missing::NoData) };
        let mut finding = self.judge(context, grid, thinnest, value, None);
        // As for gauges: a series that is missing adds to a sum and leaves the largest as large, but it could make
        // a sum that is too small, a smallest one or a mean better.
        let stays = match by {
            OverSeries::Max | OverSeries::Sum => context.bands.stops_beyond(Worse::Up),
            OverSeries::Min => context.bands.stops_beyond(Worse::Down),
            OverSeries::Each | OverSeries::Avg => false,
        };
        if let Some(reason) = fewer.filter(|_| !stays || finding.outcome != Outcome::Stop) {
            finding.outcome = Outcome::Inconclusive;
            finding.reason = reason;
        }
        finding
    }

    fn judge(
        &self,
        context: &Context<'_>,
        grid: &Grid,
        line: &Line,
        value: Option<f64>,
        fewer: Option<Reason>,
    ) -> Finding {
        let there = grid.there(line);
        let mut finding = match (value, line.too_few()) {
            (Some(value), None) => {
                let gap_allowed =
                    LONGEST_GAP_TICKS.max(crate::number::nearest(grid.expected() as f64 * LONGEST_GAP_SHARE));
                let thin = there.share < self.coverage || there.longest_gap > gap_allowed;
                let low = thin.then(|| Reason::LowCoverage {
                    coverage_percent: there.share * 100.0,
                    needed_percent: self.coverage * 100.0,
                    longest_gap_s: (there.longest_gap * self.every_ms) as f64 / 1_000.0,
                });
                let low = match (low, fewer) {
                    (Some(_), Some(fewer @ Reason::FewerSeries { seen, expected })) if seen < expected => {
                        Some(fewer)
                    }
                    (low, _) => low,
                };
                let no_window = grid.is_shorter_than_a_tick().then(|| {
                    let needed_ms = self.settle_ms.saturating_add(self.every_ms);
                    Reason::TooShort { hold_needed_s: needed_ms.div_ceil(1_000) }
                });
                let too_early = || context.too_early(grid.window_ms as f64 / 1_000.0);
                context.by_bands(value, no_window.or(low).or_else(too_early))
            }
            (_, Some((have, need))) if have > 0 => {
                context.finding(Outcome::Inconclusive, Reason::TooFew { have, need, hold_needed_s: None })
            }
            _ => match fewer {
                Some(fewer @ Reason::FewerSeries { seen, expected }) if 0 < seen && seen < expected => {
                    context.finding(Outcome::Inconclusive, fewer)
                }
                _ if self.broken => context.not_measured(Missing::NotFinite),
                _ => context.not_measured(Missing::NoData),
            },
        };
        finding.n = Some(line.ticks);
        finding.coverage_percent = Some(there.share * 100.0);
        let seconds = |ms: u64| ms as f64 / 1_000.0;
        if finding.value.is_some() {
            let breached = finding.outcome.level().is_some_and(|level| level != Level::Go);
            finding.first_breach_s = line.first_breach_ms.filter(|_| breached).map(seconds);
            finding.worst_at_s = line.worst_ms().map(seconds);
        }
        finding
    }
}

/// What should be there.
#[expect(clippy::struct_field_names, reason = "the unit belongs to each name")]
struct Grid {
    every_ms: u64,
    settle_ms: u64,
    window_ms: u64,
}

struct There {
    share: f64,
    longest_gap: u64,
}

impl Grid {
    fn is_shorter_than_a_tick(&self) -> bool {
        self.window_ms.saturating_sub(self.settle_ms) < self.every_ms
    }

    fn expected(&self) -> u64 {
        (self.window_ms.saturating_sub(self.settle_ms) / self.every_ms).max(1)
    }

    /// How much of a line is there, and its longest hole, ends included. A grid's phase can cost a tick at each end.
    fn there(&self, line: &Line) -> There {
        let (first, last) =
            (self.settle_ms / self.every_ms, (self.window_ms / self.every_ms).saturating_sub(1));
        let before = line.first.map_or(u64::MAX, |at| at.saturating_sub(first + 1));
        let after = line.last.map_or(u64::MAX, |at| last.saturating_sub(at));
        let longest_gap = line.longest_hole.max(before).max(after).min(self.expected());
        There { share: (line.ticks as f64 / self.expected() as f64).min(1.0), longest_gap }
    }
}

impl Merged {
    fn put(&mut self, index: u64, lane: usize, at_ms: u64, value: f64, series: usize) {
        // One before: the first sample to come need not be of the first tick.
        let mut from = *self.open_from.get_or_insert(index.saturating_sub(1));
        if index < from {
            return;
        }
        if index - from >= 2 * OPEN {
            self.close_until(from + OPEN, series);
            from = index - OPEN + 1;
        }
        while index >= from + OPEN {
            self.close(from, series);
            from += 1;
        }
        self.open_from = Some(from);
        let by = self.by;
        let slot = self.slot(index);
        if slot.values.len() <= lane {
            slot.values.resize(series.max(lane + 1), f64::NAN);
        }
        let known = &mut slot.values[lane];
        // Of two samples in a tick the worse one for what is looked for; else the first.
        *known = match by {
            OverSeries::Max => known.max(value),
            OverSeries::Min => known.min(value),
            _ if known.is_nan() => value,
            _ => *known,
        };
        slot.at_ms = slot.at_ms.max(at_ms);
    }

    fn slot(&mut self, index: u64) -> &mut Slot {
        // A remainder of OPEN fits.
        let at = usize::try_from(index % OPEN).unwrap_or_default();
        &mut self.slots[at]
    }

    fn close_until(&mut self, end: u64, series: usize) {
        let from = self.open_from.unwrap_or(end);
        for index in from..end {
            self.close(index, series);
        }
    }

    fn close_all(&mut self, series: u64) {
        if let Some(from) = self.open_from {
            self.close_until(from + OPEN, usize::try_from(series).unwrap_or(usize::MAX));
        }
    }

    fn close(&mut self, index: u64, series: usize) {
        let slot = self.slot(index);
        let mut there = 0;
        let (mut max, mut min, mut sum) = (f64::NAN, f64::NAN, 0.0);
        for value in &mut slot.values {
            if !value.is_nan() {
                there += 1;
                max = max.max(*value);
                min = min.min(*value);
                sum += *value;
                *value = f64::NAN;
            }
        }
        let at_ms = std::mem::take(&mut slot.at_ms);
        if there == 0 {
            return;
        }
        let value = match self.by {
            OverSeries::Max => max,
            OverSeries::Min => min,
            OverSeries::Avg => sum / there as f64,
            OverSeries::Sum | OverSeries::Each => sum,
        };
        let complete = there >= series;
        self.fewest = Some(self.fewest.map_or(there as u64, |fewest| fewest.min(there as u64)));
        self.most = self.most.max(there as u64);
        if complete || self.partial_counts {
            self.line.tick(index, at_ms, value, complete);
        }
    }
}

fn reduce(by: OverSeries, values: &[f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    Some(match by {
        OverSeries::Max => values.iter().copied().fold(f64::NAN, f64::max),
        OverSeries::Min => values.iter().copied().fold(f64::NAN, f64::min),
        OverSeries::Sum | OverSeries::Each => values.iter().sum(),
        OverSeries::Avg => values.iter().sum::<f64>() / values.len() as f64,
    })
}
