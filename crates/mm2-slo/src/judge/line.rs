//! One line of ticks: what it comes to over time, and how much of it is there. Ticks come in order.
//!
//! Not here: how several series become one line (`tracker`), and bands (`super`).

use std::collections::VecDeque;

use crate::bands::{GoTest, Worse};
use crate::criterion::{Measure, OverTime};

/// A tick missing does not end a row of ticks that a value must hold; more of them do.
const LONGEST_HOLE: u64 = 3;

#[derive(Debug, Clone)]
pub(super) struct Line {
    statistic: Statistic,
    go: GoTest,
    worse: Worse,
    pub(super) first: Option<u64>,
    pub(super) last: Option<u64>,
    /// The last tick of which a value was taken, complete or not.
    taken: Option<u64>,
    /// Ticks with every series in them.
    pub(super) ticks: u64,
    /// Values taken, of ticks that lack series too.
    values: u64,
    /// The longest run of missing ticks between two that are there.
    pub(super) longest_hole: u64,
    pub(super) first_breach_ms: Option<u64>,
    worst: f64,
    worst_ms: Option<u64>,
}

/// Memory: a few numbers, but for `Percentile` (8 bytes a tick) and `Held` (16 bytes for each of `for` ticks).
#[derive(Debug, Clone)]
enum Statistic {
    Avg { sum: f64, n: f64 },
    Max(f64),
    Min(f64),
    Held { up: bool, ticks: usize, row: VecDeque<f64>, best: f64 },
    Last(f64),
    Percentile { rank: f64, values: Vec<f64> },
    Share { above: bool, limit: f64, hits: f64, n: f64 },
    Slope { n: f64, at: f64, value: f64, spread: f64, together: f64 },
    Counted { previous: f64, total: f64, first_ms: u64, last_ms: u64, per_second: bool },
}

impl Line {
    pub(super) fn new(measure: &Measure, over_time: OverTime, go: GoTest, worse: Worse) -> Self {
        let ticks = measure.for_ticks;
        let held = |up| Statistic::Held { up, ticks, row: VecDeque::with_capacity(ticks), best: f64::NAN };
        let counted = |per_second| Statistic::Counted {
            previous: f64::NAN,
            total: f64::NAN,
            first_ms: 0,
            last_ms: 0,
            per_second,
        };
        let statistic = match over_time {
            OverTime::Avg => Statistic::Avg { sum: 0.0, n: 0.0 },
            OverTime::Max if ticks > 1 => held(true),
            OverTime::Min if ticks > 1 => held(false),
            OverTime::Max => Statistic::Max(f64::NAN),
            OverTime::Min => Statistic::Min(f64::NAN),
            OverTime::Last => Statistic::Last(f64::NAN),
            OverTime::Percentile(rank) => Statistic::Percentile { rank, values: Vec::new() },
            OverTime::ShareAbove(limit) => Statistic::Share { above: true, limit, hits: 0.0, n: 0.0 },
            OverTime::ShareBelow(limit) => Statistic::Share { above: false, limit, hits: 0.0, n: 0.0 },
            OverTime::Slope => Statistic::Slope { n: 0.0, at: 0.0, value: 0.0, spread: 0.0, together: 0.0 },
            OverTime::Rate => counted(true),
            OverTime::Increase => counted(false),
        };
        Self {
            statistic,
            go,
            worse,
            first: None,
            last: None,
            taken: None,
            ticks: 0,
            values: 0,
            longest_hole: 0,
            first_breach_ms: None,
            worst: f64::NAN,
            worst_ms: None,
        }
    }

    /// Takes the value of tick `index`. A second value of a tick counts only where it is worse, or newer for what
    /// goes by the newest; one of an earlier tick is too late. `complete`: every series was in it.
    #[inline]
    pub(super) fn tick(&mut self, index: u64, at_ms: u64, value: f64, complete: bool) {
        let ahead = match self.taken {
            None => 1,
            Some(taken) if index < taken => return,
            Some(taken) => index - taken,
        };
        if let (true, Statistic::Held { row, .. }) = (ahead > LONGEST_HOLE + 1, &mut self.statistic) {
            row.clear();
        }
        self.taken = Some(index);
        if complete && self.last != Some(index) {
            let hole = self.last.map_or(0, |last| index - last - 1);
            self.longest_hole = self.longest_hole.max(hole);
            self.first.get_or_insert(index);
            self.last = Some(index);
            self.ticks += 1;
        }
        if ahead == 0 {
            self.statistic.take_again(at_ms, value);
        } else {
            self.values += 1;
            self.statistic.take(at_ms, value);
        }
        self.remember(at_ms, value);
    }

    #[inline]
    fn remember(&mut self, at_ms: u64, value: f64) {
        if self.first_breach_ms.is_none() && !self.go.has(value) {
            self.first_breach_ms = Some(at_ms);
        }
        let worse = match self.worse {
            Worse::Up => value > self.worst,
            Worse::Down => value < self.worst,
            Worse::Either => false,
        };
        if worse || self.worst.is_nan() {
            self.worst = value;
            self.worst_ms = Some(at_ms);
        }
    }

    /// When the worst value was, where one direction is worse.
    pub(super) fn worst_ms(&self) -> Option<u64> {
        self.worst_ms.filter(|_| self.worse != Worse::Either)
    }

    /// What the line comes to; `None` with too little of it.
    pub(super) fn value(&self) -> Option<f64> {
        self.statistic.value().filter(|value| value.is_finite())
    }

    /// How many values there are and the fewest that say anything, where there are too few.
    pub(super) fn too_few(&self) -> Option<(u64, u64)> {
        let need = match &self.statistic {
            // A p99 of 40 ticks is their maximum by another name.
            Statistic::Percentile { rank, .. } => {
                crate::number::ceil(1.0 / (1.0 - rank) - 1e-6).unwrap_or(u64::MAX)
            }
            Statistic::Held { ticks, .. } => *ticks as u64,
            Statistic::Slope { .. } => 8,
            Statistic::Counted { .. } => 2,
            _ => 1,
        };
        (self.values < need).then_some((self.values, need))
    }
}

impl Statistic {
    /// A second value of a tick, which must not weigh twice.
    fn take_again(&mut self, at_ms: u64, value: f64) {
        match self {
            Self::Max(_) | Self::Min(_) | Self::Last(_) | Self::Counted { .. } => self.take(at_ms, value),
            Self::Held { up, row, .. } => {
                if let Some(newest) = row.back_mut() {
                    *newest = if *up { newest.max(value) } else { newest.min(value) };
                }
            }
            Self::Avg { .. } | Self::Percentile { .. } | Self::Share { .. } | Self::Slope { .. } => {}
        }
    }

    #[inline]
    fn take(&mut self, at_ms: u64, value: f64) {
        match self {
            Self::Avg { sum, n } => {
                *sum += value;
                *n += 1.0;
            }
            // f64::max leaves a NaN, here the start, out.
            Self::Max(best) => *best = best.max(value),
            Self::Min(best) => *best = best.min(value),
            Self::Last(last) => *last = value,
            Self::Percentile { values, .. } => values.push(value),
            Self::Share { above, limit, hits, n } => {
                let hit = if *above { value > *limit } else { value < *limit };
                *hits += f64::from(u8::from(hit));
                *n += 1.0;
            }
            Self::Held { up, ticks, row, best } => {
                if row.len() == *ticks {
                    row.pop_front();
                }
                row.push_back(value);
                if row.len() == *ticks {
                    // What held for the whole row is its least bad value.
                    let held = row.iter().copied().fold(f64::NAN, if *up { f64::min } else { f64::max });
                    *best = if *up { best.max(held) } else { best.min(held) };
                }
            }
            // Welford's update: no sum of squares that would swallow a small slope.
            Self::Slope { n, at, value: mean, spread, together } => {
                let seconds = at_ms as f64 / 1_000.0;
                *n += 1.0;
                let ahead = seconds - *at;
                *at += ahead / *n;
                *mean += (value - *mean) / *n;
                *spread += ahead * (seconds - *at);
                *together += ahead * (value - *mean);
            }
            Self::Counted { previous, total, first_ms, last_ms, .. } => {
                if previous.is_nan() {
                    *first_ms = at_ms;
                    *total = 0.0;
                } else {
                    // A count that fell began again at 0.
                    *total += if value >= *previous { value - *previous } else { value };
                }
                *last_ms = at_ms;
                *previous = value;
            }
        }
    }

    fn value(&self) -> Option<f64> {
        match self {
            // With no tick these are NaN, which is no value.
            Self::Avg { sum, n } => Some(sum / n),
            Self::Share { hits, n, .. } => Some(hits * 100.0 / n),
            Self::Max(value) | Self::Min(value) | Self::Last(value) | Self::Held { best: value, .. } => {
                Some(*value)
            }
            // The nearest rank: a value that was there, with at least that share at or under it.
            Self::Percentile { rank, values } => {
                let mut values = values.clone();
                let at = crate::number::ceil(rank * values.len() as f64 - 1e-9)?.max(1) - 1;
                let at = usize::try_from(at).ok().filter(|at| *at < values.len())?;
                Some(*values.select_nth_unstable_by(at, f64::total_cmp).1)
            }
            Self::Slope { spread, together, .. } => (*spread > 0.0).then(|| together / spread),
            Self::Counted { total, per_second: false, .. } => Some(*total),
            Self::Counted { total, first_ms, last_ms, .. } => {
                (last_ms > first_ms).then(|| total * 1_000.0 / (last_ms - first_ms) as f64)
            }
        }
    }
}
