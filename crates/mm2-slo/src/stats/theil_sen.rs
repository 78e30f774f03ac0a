//! Theil–Sen: the slope of a line that a quarter of wild points cannot bend, with bounds by ranks.

use super::mann_kendall::inversions;
use super::special::normal_quantile;
use super::{CONFIDENCE, kendall_weight, median, middle_of, pairs, same, ties};

/// The most points for which all pairwise slopes are held: two millions of them, 16 MB.
pub const MOST_POINTS: usize = 2_000;
const SIGN: u64 = 1 << 63;

/// A line through the middle of points.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct TheilSen {
    /// The median of the slopes of all pairs: unit of y a unit of x.
    pub slope: f64,
    /// Where the line is at x = 0: the median of y − slope · x (scipy's "joint" method), unit of y.
    pub intercept: f64,
    /// Lower one-sided bound of the slope; −∞ where there are too few points for one.
    pub lower: f64,
    /// Upper one-sided bound of the slope; +∞ where there are too few points for one.
    pub upper: f64,
}

/// The line with one-sided 95 % bounds for noise without autocorrelation.
///
/// H. Theil (1950); P. K. Sen, J. Am. Stat. Assoc. 63 (1968). Points in any order; those that are not
/// finite are left out. `None` when fewer than two different x are left, or more than [`MOST_POINTS`]
/// points ([`slope_of_many`] then still gives the slope). Quadratic in points, time and memory.
///
/// ```
/// use mm2_slo::stats::theil_sen;
///
/// let mut points: Vec<(f64, f64)> = (0..20).map(|x| (f64::from(x), 3.0 * f64::from(x) + 1.0)).collect();
/// points[7].1 = 1e6; // does not matter
/// let line = theil_sen(&points).unwrap();
/// assert_eq!((line.slope, line.intercept), (3.0, 1.0));
/// ```
pub fn theil_sen(points: &[(f64, f64)]) -> Option<TheilSen> {
    let points = finite(points);
    line(&points, variance(&points), CONFIDENCE)
}

/// The line with bounds for a variance of Kendall's S that the caller knows, e.g. [`super::hamed_rao`]'s,
/// and a one-sided confidence (0.5 to 1; 0.95 is scipy's two-sided 0.9).
///
/// With N slopes in order and C = z √variance the bounds are the slopes of rank (N − C)/2 and
/// (N + C)/2 + 1, rounded half to even as scipy does. Where a rank does not exist there is no bound, ±∞
/// (scipy gives the outermost slope there, which is too sure of itself). A variance or confidence that
/// makes no sense bounds nothing either.
pub fn theil_sen_with(points: &[(f64, f64)], variance_of_s: f64, confidence: f64) -> Option<TheilSen> {
    line(&finite(points), variance_of_s, confidence)
}

/// The Theil–Sen slope of any number of points: O(n log n) for each of some 60 halvings, no pairs held.
///
/// For a slope m the pairs that are flatter than m are the ones that change order when y − m·x is
/// sorted; halving finds the m that half of the pairs are flatter than. Exact but for the rounding of
/// y − m·x. `None` when fewer than two different x are left.
pub fn slope_of_many(points: &[(f64, f64)]) -> Option<f64> {
    let mut points = finite(points);
    // Points of equal x are no pair: in rising order of y they never change order, whatever the slope.
    points.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let same_x: u64 = points.chunk_by(|a, b| same(a.0, b.0)).map(|group| pairs(group.len())).sum();
    let slopes = pairs(points.len()) - same_x;
    let (x0, y0) = *points.first()?;
    // From the first point on: times since 1970 would leave y − m·x no digits.
    for (x, y) in &mut points {
        (*x, *y) = (*x - x0, *y - y0);
    }
    let (least, most) = points.iter().fold((0.0_f64, 0.0_f64), |(a, b), (_, y)| (a.min(*y), b.max(*y)));
    let steps = points.iter().zip(points.iter().skip(1)).map(|(a, b)| b.0 - a.0);
    let steepest = (most - least) / steps.filter(|step| *step > 0.0).fold(f64::INFINITY, f64::min);
    if slopes == 0 || !steepest.is_finite() {
        return None;
    }
    let flatter = |slope: f64| inversions(&mut points.iter().map(|(x, y)| y - slope * x).collect::<Vec<_>>());
    // The slope of a rank from 0: the first that more than `rank` pairs are flatter than, less one bit.
    let at_rank = |rank: u64| {
        let (mut low, mut high) = (place_of(-steepest), place_of(steepest));
        while low < high {
            let middle = low.midpoint(high);
            if flatter(float_at(middle + 1)) > rank {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        float_at(low)
    };
    let upper = at_rank(slopes / 2);
    let lower = if slopes % 2 == 0 { at_rank(slopes / 2 - 1) } else { upper };
    Some(middle_of(lower, upper)).filter(|slope| slope.is_finite())
}

/// The slope alone, of at most [`MOST_POINTS`] finite points.
pub(crate) fn slope_of(points: &[(f64, f64)]) -> Option<f64> {
    median(&mut pair_slopes(points)).filter(|slope| slope.is_finite())
}

/// The slope of values at whole positions, however many.
pub(super) fn slope_at_positions(placed: &[(usize, f64)]) -> Option<f64> {
    let points: Vec<(f64, f64)> = placed.iter().map(|(at, value)| (*at as f64, *value)).collect();
    if points.len() > MOST_POINTS {
        return slope_of_many(&points);
    }
    slope_of(&points)
}

fn finite(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    points.iter().copied().filter(|(x, y)| x.is_finite() && y.is_finite()).collect()
}

fn line(points: &[(f64, f64)], variance_of_s: f64, confidence: f64) -> Option<TheilSen> {
    if points.len() > MOST_POINTS {
        return None;
    }
    let mut slopes = pair_slopes(points);
    let slope = median(&mut slopes)?;
    let intercept = median(&mut points.iter().map(|(x, y)| y - slope * x).collect::<Vec<_>>())?;
    if !slope.is_finite() || !intercept.is_finite() {
        return None;
    }
    let half_width = normal_quantile(confidence) * variance_of_s.sqrt();
    let usable = half_width.is_finite() && half_width >= 0.0;
    let count = slopes.len() as f64;
    // Ranks from 1: the bounds are symmetric, the same number of slopes is outside of either.
    let below = (0.5 * (count - half_width)).round_ties_even();
    let above = (0.5 * (count + half_width)).round_ties_even() + 1.0;
    let lower = if usable { at_rank(&mut slopes, below) } else { None };
    let upper = if usable { at_rank(&mut slopes, above) } else { None };
    Some(TheilSen {
        slope,
        intercept,
        lower: lower.unwrap_or(f64::NEG_INFINITY),
        upper: upper.unwrap_or(f64::INFINITY),
    })
}

/// The slope of a rank from 1; `None` where there is no such rank.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number from 1 to the number of slopes"
)]
fn at_rank(slopes: &mut [f64], rank: f64) -> Option<f64> {
    let exists = rank >= 1.0 && rank <= slopes.len() as f64;
    exists.then(|| *slopes.select_nth_unstable_by(rank as usize - 1, f64::total_cmp).1)
}

/// Slopes of all pairs with different x.
fn pair_slopes(points: &[(f64, f64)]) -> Vec<f64> {
    let mut slopes = Vec::with_capacity(points.len() * points.len().saturating_sub(1) / 2);
    for (i, (x0, y0)) in points.iter().enumerate() {
        let later = points.get(i + 1..).unwrap_or_default();
        let other_x = later.iter().filter(|(x, _)| !same(*x, *x0));
        slopes.extend(other_x.map(|(x, y)| (y - y0) / (x - x0)).filter(|slope| !slope.is_nan()));
    }
    slopes
}

/// Sen's equation 2.6: Kendall's variance with ties in y and in x.
fn variance(points: &[(f64, f64)]) -> f64 {
    let (in_x, _) = ties(points.iter().map(|p| p.0).collect());
    let (in_y, _) = ties(points.iter().map(|p| p.1).collect());
    ((kendall_weight(points.len()) - in_x - in_y) / 18.0).max(0.0)
}

/// A float's place among all floats, so that neighbours differ by one.
fn place_of(x: f64) -> u64 {
    let bits = x.to_bits();
    if x.is_sign_negative() { !bits } else { bits | SIGN }
}

/// The float at a place: the inverse of [`place_of`].
fn float_at(place: u64) -> f64 {
    f64::from_bits(if place & SIGN == 0 { !place } else { place & !SIGN })
}
