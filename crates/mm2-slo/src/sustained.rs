//! Does the chain keep up? The slope of the backlog over the hold, with bounds.
//!
//! A ratio received ÷ acknowledged is no test: it fails healthy chains by latency ÷ hold. The lowest
//! backlog of each of eight blocks leaves batches and pauses out; a line through the eight says what
//! the chain loses per second, and how sure that is. Not here: which finding it becomes (`judge`).

use crate::finding::{Missing, Outcome, Reason};
use crate::number;

/// Blocks of equal time that the window is cut into.
const BLOCKS: usize = 8;
/// 95 % quantile of Student's t with 8 − 2 degrees of freedom.
const T_95: f64 = 1.943_180_280_515_303;
/// A shorter window shows batches, not a trend.
const SHORTEST_WINDOW_S: f64 = 8.0;
/// The share of a hold that belongs to its start.
const START_SHARE: f64 = 0.2;
/// A longer hold than a day is no advice.
const LONGEST_HOLD_S: u64 = 86_400;

/// What a step asked, as far as the test needs it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asked {
    /// Records per second.
    pub rate_per_sec: u64,
    /// How long the load was on, seconds.
    pub hold_s: f64,
    /// The step's p99 limit, seconds: until then a chain may still be filling up.
    pub p99_limit_s: f64,
}

/// What the test came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Sustained {
    /// Growth of the backlog, per cent of the asked rate; `None` when no line could be drawn.
    pub growth_percent: Option<f64>,
    /// GO, STOP or INCONCLUSIVE.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
}

/// Tests `samples` (milliseconds since the load went on, backlog in records; any order) for growth above
/// `limit_percent` of the asked rate.
pub fn test(samples: &[(u64, u64)], asked: Asked, limit_percent: f64) -> Sustained {
    let start_s = (START_SHARE * asked.hold_s).max(asked.p99_limit_s);
    let window_s = asked.hold_s - start_s;
    if !window_s.is_finite() || asked.rate_per_sec == 0 {
        return undecided(Reason::NotMeasured { why: Missing::NotFinite });
    }
    if window_s < SHORTEST_WINDOW_S {
        let hold = hold_for_window(SHORTEST_WINDOW_S, asked.p99_limit_s);
        return undecided(Reason::TooShort { hold_needed_s: number::ceil(hold).unwrap_or(LONGEST_HOLD_S) });
    }
    let Some(minima) = block_minima(samples, start_s, window_s) else {
        return undecided(Reason::NotMeasured { why: Missing::Gap });
    };
    let line = Line::through(&minima, window_s / BLOCKS as f64);
    let percent = 100.0 / asked.rate_per_sec as f64;
    let growth = line.slope * percent;
    let margin = T_95 * line.standard_error * percent;
    let (lower_percent, upper_percent) = (growth - margin, growth + margin);

    let (outcome, reason) = if lower_percent > limit_percent {
        (Outcome::Stop, Reason::ProvenBeyond { lower_percent, upper_percent })
    } else if upper_percent <= limit_percent {
        (Outcome::Go, Reason::ProvenWithin { lower_percent, upper_percent })
    } else {
        // With as much noise in the minima, the margin shrinks as the window grows.
        let longer = margin / (limit_percent - growth).abs();
        let hold_needed_s = number::ceil(hold_for_window(window_s * longer, asked.p99_limit_s))
            .filter(|hold| *hold <= LONGEST_HOLD_S);
        (Outcome::Inconclusive, Reason::NotProven { lower_percent, upper_percent, hold_needed_s })
    };
    Sustained { growth_percent: Some(growth), outcome, reason }
}

fn undecided(reason: Reason) -> Sustained {
    Sustained { growth_percent: None, outcome: Outcome::Inconclusive, reason }
}

/// The hold that leaves `window_s` after its start.
fn hold_for_window(window_s: f64, p99_limit_s: f64) -> f64 {
    (window_s / (1.0 - START_SHARE)).max(window_s + p99_limit_s)
}

/// The lowest backlog of each block; `None` when a block has no sample.
fn block_minima(samples: &[(u64, u64)], start_s: f64, window_s: f64) -> Option<[f64; BLOCKS]> {
    let mut minima = [None; BLOCKS];
    for &(at_ms, backlog) in samples {
        let share = (at_ms as f64 / 1_000.0 - start_s) / window_s;
        if (0.0..=1.0).contains(&share) {
            let block = (0..BLOCKS - 1).find(|b| share * (BLOCKS as f64) < (b + 1) as f64);
            let lowest = &mut minima[block.unwrap_or(BLOCKS - 1)];
            *lowest = Some(lowest.map_or(backlog, |seen: u64| seen.min(backlog)));
        }
    }
    let mut all = [0.0; BLOCKS];
    for (value, lowest) in all.iter_mut().zip(minima) {
        *value = lowest? as f64;
    }
    Some(all)
}

/// A least-squares line through values at equal distances.
struct Line {
    slope: f64,
    standard_error: f64,
}

impl Line {
    fn through(values: &[f64; BLOCKS], distance: f64) -> Self {
        let count = BLOCKS as f64;
        let mean = values.iter().sum::<f64>() / count;
        let centred: Vec<(f64, f64)> = values
            .iter()
            .enumerate()
            .map(|(i, value)| ((i as f64 - (count - 1.0) / 2.0) * distance, value - mean))
            .collect();
        let sxx: f64 = centred.iter().map(|(x, _)| x * x).sum();
        let slope = centred.iter().map(|(x, y)| x * y).sum::<f64>() / sxx;
        let residual: f64 = centred.iter().map(|(x, y)| (y - slope * x).powi(2)).sum();
        Self { slope, standard_error: (residual / (count - 2.0) / sxx).sqrt() }
    }
}
