//! The statistics that the criteria rest on: pure functions of numbers, each with its source.
//!
//! None of them panics, whatever it is given; where there is no answer it says `None` (or a bound that
//! bounds nothing, which is said where it can happen). Every bound is one-sided: at 95 % confidence it
//! errs in one case of twenty. Not here: what a bound means for a chain (`proof`, `sustained`, `trend`).
//!
//! Checked against scipy and pymannkendall by the vectors in `tests/golden`.

mod line;
mod mann_kendall;
mod share;
mod special;
mod theil_sen;

pub use line::Line;
pub(crate) use line::block_minima;
pub use mann_kendall::{MannKendall, hamed_rao, mann_kendall};
pub use share::{clopper_pearson, clopper_pearson_at, design_effect};
pub use special::{normal_above, normal_quantile, student_t_quantile};
pub(crate) use theil_sen::slope_of;
pub use theil_sen::{MOST_POINTS, TheilSen, slope_of_many, theil_sen, theil_sen_with};

/// Each bound errs in one case of twenty, unless another confidence is asked for.
pub const CONFIDENCE: f64 = 0.95;

/// Two one-sided bounds of a quantity, in its own unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The true value is below this in one case of twenty at most.
    pub lower: f64,
    /// The true value is above this in one case of twenty at most.
    pub upper: f64,
}

/// The middle of `values`, the mean of the two middle ones of an even number; `None` of none.
///
/// Reorders `values`. Values that are no numbers must have been left out.
pub(crate) fn median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    let even = values.len() % 2 == 0;
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let upper = *upper;
    if !even {
        return Some(upper);
    }
    let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Some(middle_of(lower, upper))
}

/// Halfway between two values; two equal infinities stay what they are.
fn middle_of(lower: f64, upper: f64) -> f64 {
    if same(lower, upper) { upper } else { lower.midpoint(upper) }
}

/// A tie: not nearly equal, equal.
#[expect(clippy::float_cmp, reason = "ties are equal values; a tolerance would make them depend on the unit")]
fn same(a: f64, b: f64) -> bool {
    a == b
}

/// How many values share each value, as Σ over groups of t(t−1)(2t+5) and the pairs that are ties.
///
/// The sum is what ties take from 18 times the variance of Kendall's S.
fn ties(mut values: Vec<f64>) -> (f64, u64) {
    values.sort_unstable_by(f64::total_cmp);
    let groups = values.chunk_by(|a, b| same(*a, *b)).map(<[f64]>::len);
    groups.fold((0.0, 0), |(weight, tied), t| (weight + kendall_weight(t), tied + pairs(t)))
}

/// t(t−1)(2t+5), in floats: it passes 2^64 from three millions on.
fn kendall_weight(t: usize) -> f64 {
    let t = t as f64;
    t * (t - 1.0) * (2.0 * t + 5.0)
}

/// Pairs among so many.
fn pairs(count: usize) -> u64 {
    let count = count as u64;
    count.saturating_mul(count.saturating_sub(1)) / 2
}
