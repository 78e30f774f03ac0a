//! From blocks to a [`Trend`].

use super::blocks::{Block, TrendBlocks};
use super::settle::{MAD_TO_SIGMA, SHORTEST_HOURS, plateau, slope};
use super::{Class, Growth, Jump, NotJudged, Trend};
use crate::stats::{CONFIDENCE, MannKendall, TheilSen, hamed_rao, median, theil_sen_with};

const HOUR_MS: f64 = 3_600_000.0;
/// Shorter windows show starts, not trends.
const SHORTEST_WINDOW_HOURS: f64 = 8.0;
/// Fewer blocks leave the later half of the later half nothing to be judged on.
const LEAST_BLOCKS: usize = 32;
/// At most this share of the blocks may be missing.
const MISSING_SHARE: f64 = 0.1;
/// At most so many of them in a row: a hole of an hour once passed as 4 % of a day.
const LONGEST_HOLE: usize = 3;
/// A growth is one at this level, one-sided, and still one in a half at the second.
pub(super) const ALPHA: f64 = 0.01;
/// Bounds of the halves. They are a second look: at 95 % they would cost one flat series in ten its GO,
/// and growth at the limit passes in less than 5 % of the cases with these (simulated).
const HALF_CONFIDENCE: f64 = 0.9;
/// Bounds of a later half that is judged because it is slower: chosen for that, it looks slower than it is.
const CHOSEN_CONFIDENCE: f64 = 0.99;
/// Blocks on either side that a jump, or a rise at the end, is seen by: an hour of 15 min blocks.
const BESIDE: usize = 4;
/// A jump stands out from this many standard deviations of the changes between neighbouring hours.
const STANDS_OUT: f64 = 6.0;

/// A block as the statistics see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    pub(super) hours: f64,
    pub(super) value: f64,
}

/// A line through blocks and what is known of it, in the signal's unit an hour.
struct Fit {
    line: TheilSen,
    test: MannKendall,
    middle_hours: f64,
}

impl TrendBlocks {
    /// What the samples so far show of the whole window.
    ///
    /// # Errors
    ///
    /// [`NotJudged`] says what is missing. Nothing is filled in.
    pub fn analyse(&self) -> Result<Trend, NotJudged> {
        let window_hours = self.window.end_ms.saturating_sub(self.window.start_ms) as f64 / HOUR_MS;
        let block_hours = self.window.block_ms as f64 / HOUR_MS;
        let need_hours = SHORTEST_WINDOW_HOURS.max(LEAST_BLOCKS as f64 * block_hours);
        if window_hours < need_hours {
            return Err(NotJudged::TooShort { have_hours: window_hours, need_hours });
        }
        let blocks = self.by_place();
        complete(&blocks, block_hours, window_hours)?;
        let point = |block: Block| Point { hours: block.at_ms / HOUR_MS, value: block.value };
        let blocks: Vec<Option<Point>> = blocks.into_iter().map(|block| block.map(point)).collect();
        trend(&blocks, block_hours, window_hours).map(|trend| Trend { restarts: self.restarts, ..trend })
    }
}

/// Enough blocks, no large hole, and the end.
fn complete(blocks: &[Option<Block>], block_hours: f64, window_hours: f64) -> Result<(), NotJudged> {
    let missing = blocks.iter().filter(|block| block.is_none()).count();
    let last = blocks.iter().rposition(Option::is_some);
    if blocks.last().is_none_or(Option::is_none) {
        let last_hours = last.map_or(0.0, |last| (last + 1) as f64 * block_hours);
        return Err(NotJudged::EndMissing { last_hours, window_hours });
    }
    let holes = blocks.chunk_by(|a, b| a.is_none() == b.is_none());
    let longest = holes.filter(|run| run.first().is_some_and(Option::is_none)).map(<[_]>::len).max();
    let longest = longest.unwrap_or(0);
    if missing as f64 > MISSING_SHARE * blocks.len() as f64 || longest > LONGEST_HOLE {
        return Err(NotJudged::Gaps { missing, expected: blocks.len(), longest });
    }
    Ok(())
}

fn trend(blocks: &[Option<Point>], block_hours: f64, window_hours: f64) -> Result<Trend, NotJudged> {
    let half = blocks.len() / 2;
    let plateau = plateau(blocks, block_hours);
    let shortest = (1..half).find(|count| *count as f64 * block_hours >= SHORTEST_HOURS).unwrap_or(half);
    let from = plateau.map_or(half, |plateau| plateau.max(shortest)).min(half);
    let settled = blocks.get(from..).unwrap_or_default();
    let middle = settled.len() / 2;
    let (early_part, late_part) = settled.split_at(middle);
    let (all, early, late) =
        (fit(settled, CONFIDENCE)?, fit(early_part, HALF_CONFIDENCE)?, fit(late_part, HALF_CONFIDENCE)?);

    let class = class(&all, &early, &late);
    let (judged, judged_from, judged_part) = match class {
        Class::Saturating => (&fit(late_part, CHOSEN_CONFIDENCE)?, from + middle, late_part),
        _ => (&all, from, settled),
    };
    let judged_from_hours = judged_from as f64 * block_hours;
    // Where the start was left out because it was something else, its line must not be drawn back into it.
    let level_at = if judged_from > shortest { judged_from_hours } else { 0.0 };
    let range = range(blocks);
    let level = judged.level(judged.line.slope, level_at, range.0);
    if level.is_nan() || level <= 0.0 {
        return Err(NotJudged::LevelNotAboveZero { level });
    }
    let percent = 100.0 / level;
    let end = last_hour(judged_part).map_or(0.0, |(hours, value)| value - judged.at(hours));
    let start = blocks.get(..from).filter(|_| from > shortest).and_then(slope);
    let jump = jump(judged_part, judged.line.slope * block_hours);
    let trend = Trend {
        class,
        growth: judged.growth(|slope| judged.level(slope, level_at, range.0)),
        late: late.growth(|_| level),
        slope_per_hour: judged.line.slope,
        slope_per_hour_upper: Some(judged.line.upper).filter(|upper| upper.is_finite()),
        level,
        level_at_end: judged.at(window_hours),
        started_steeper: start.is_some_and(|slope| slope > judged.line.slope),
        p: judged.test.p_increase,
        window_hours,
        judged_from_hours,
        plateau_after_hours: plateau.map(|plateau| plateau as f64 * block_hours),
        blocks: blocks.iter().flatten().count(),
        blocks_expected: blocks.len(),
        quarter_medians: quarters(blocks),
        range,
        end_above_line_percent: end * percent,
        jump: jump.map(|(at_hours, by)| Jump { at_hours, percent: by * percent }),
        restarts: 0,
    };
    let by = trend.jump.map_or(0.0, |jump| jump.percent);
    let (growth, late) = (trend.growth.percent_per_day, trend.late.percent_per_day);
    let figures = [growth, late, trend.slope_per_hour, trend.level_at_end, trend.end_above_line_percent, by];
    figures.iter().all(|figure| figure.is_finite()).then_some(trend).ok_or(NotJudged::NotFinite)
}

fn class(all: &Fit, early: &Fit, late: &Fit) -> Class {
    // Whether two slopes differ: their margins add up as errors do, not as lengths.
    let margin = (early.line.slope - early.line.lower).hypot(late.line.upper - late.line.slope);
    let slower = late.line.slope <= 0.5 * early.line.slope && early.line.slope - late.line.slope > margin;
    if early.line.lower > 0.0 && slower {
        return Class::Saturating;
    }
    if all.test.p_increase < ALPHA && all.line.lower > 0.0 {
        let still = late.line.lower > 0.0 && late.line.slope >= 0.5 * all.line.slope;
        return if still { Class::Growing } else { Class::Unknown };
    }
    if all.test.p_increase > 1.0 - ALPHA && all.line.upper < 0.0 {
        return Class::Shrinking;
    }
    Class::Flat
}

fn fit(part: &[Option<Point>], confidence: f64) -> Result<Fit, NotJudged> {
    let values: Vec<f64> = part.iter().map(|point| point.map_or(f64::NAN, |point| point.value)).collect();
    let points: Vec<(f64, f64)> = part.iter().flatten().map(|point| (point.hours, point.value)).collect();
    let test = hamed_rao(&values).ok_or(NotJudged::NotFinite)?.persistent();
    let line = theil_sen_with(&points, test.variance, confidence).ok_or(NotJudged::NotFinite)?;
    let (middle_hours, _) = middle(part).ok_or(NotJudged::NotFinite)?;
    Ok(Fit { line, test, middle_hours })
}

impl Fit {
    fn at(&self, hours: f64) -> f64 {
        self.line.intercept + self.line.slope * hours
    }

    /// Where a line of this slope through the middle of the blocks is at `hours`, but not below `lowest`.
    fn level(&self, slope: f64, hours: f64, lowest: f64) -> f64 {
        (self.at(self.middle_hours) - slope * (self.middle_hours - hours)).max(lowest)
    }

    /// A steeper line also starts lower: each bound is a share of its own line's level.
    fn growth(&self, level: impl Fn(f64) -> f64) -> Growth {
        let a_day = |slope: f64| slope * 24.0 / level(slope) * 100.0;
        let bound = |slope: f64| Some(a_day(slope)).filter(|growth| slope.is_finite() && growth.is_finite());
        Growth {
            percent_per_day: a_day(self.line.slope),
            lower: bound(self.line.lower),
            upper: bound(self.line.upper),
        }
    }
}

/// Middle of the last hour's blocks: when, and how high.
fn last_hour(part: &[Option<Point>]) -> Option<(f64, f64)> {
    middle(part.get(part.len().saturating_sub(BESIDE)..)?)
}

fn middle(part: &[Option<Point>]) -> Option<(f64, f64)> {
    let hours = median(&mut part.iter().flatten().map(|point| point.hours).collect::<Vec<_>>())?;
    let value = median(&mut part.iter().flatten().map(|point| point.value).collect::<Vec<_>>())?;
    Some((hours, value))
}

/// The largest change between an hour and the next, beyond what `slope` a block explains, if it stands
/// out from the other changes: when, and by how much.
fn jump(part: &[Option<Point>], slope: f64) -> Option<(f64, f64)> {
    let changes: Vec<(f64, f64)> = part
        .windows(2 * BESIDE)
        .filter_map(|blocks| {
            let (before, after) = blocks.split_at(BESIDE);
            let ((from, low), (to, high)) = (middle(before)?, middle(after)?);
            Some((from.midpoint(to), high - low - slope * BESIDE as f64))
        })
        .collect();
    let noise = median(&mut changes.iter().map(|(_, by)| by.abs()).collect::<Vec<_>>())?;
    let largest = changes.into_iter().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))?;
    (largest.1.abs() > STANDS_OUT * MAD_TO_SIGMA * noise).then_some(largest)
}

fn quarters(blocks: &[Option<Point>]) -> [f64; 4] {
    let cut = |quarter: usize| blocks.len() * quarter / 4;
    [0, 1, 2, 3].map(|quarter| {
        let part = blocks.get(cut(quarter)..cut(quarter + 1)).unwrap_or_default();
        middle(part).map_or(0.0, |(_, value)| value)
    })
}

fn range(blocks: &[Option<Point>]) -> (f64, f64) {
    let values = blocks.iter().flatten().map(|point| point.value);
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
}
