//! When did a series' start end: the warm-up that is measured, not assumed.
//!
//! A fixed warm-up of 10 % once made a flat process drift by 13 %, because its plateau came at 7.5 h.

use super::analyse::Point;
use crate::stats::{median, slope_of};

/// The shortest warm-up, hours.
pub(super) const SHORTEST_HOURS: f64 = 2.0;
/// Slopes are taken over this many hours, and must stay within noise for as long.
const SPAN_HOURS: f64 = 2.0;
/// Noise, in standard deviations of the slopes of the window's later half.
const NOISE: f64 = 2.5;
/// Makes a median absolute deviation a standard deviation of normal noise.
pub(super) const MAD_TO_SIGMA: f64 = 1.4826;
/// A slope this much off the later one, as a share of it, is no start of another kind.
const ALIKE: f64 = 0.25;
/// Nor is one that is off by less than 1 % of the highest level a day. Without noise nothing else would be
/// alike.
const NEGLIGIBLE_AN_HOUR: f64 = 0.01 / 24.0;

/// The first block after which the slope over two hours stays, for two hours, within the noise around the
/// slope of the window's later half. `None` when there is none in the earlier half.
///
/// Around that slope and not around zero: a leak has a slope from the start, and no warm-up.
pub(super) fn plateau(blocks: &[Option<Point>], block_hours: f64) -> Option<usize> {
    let span = span(block_hours);
    let half = blocks.len() / 2;
    let slopes: Vec<Option<f64>> = blocks.windows(span).map(slope).collect();
    let mut late: Vec<f64> = slopes.get(half..)?.iter().flatten().copied().collect();
    let usual = median(&mut late)?;
    let mut off: Vec<f64> = late.iter().map(|slope| (slope - usual).abs()).collect();
    let height = blocks.iter().flatten().fold(0.0_f64, |height, point| height.max(point.value.abs()));
    // What the later half does itself is noise, too: with few wild blocks the median does not see them.
    let widest = off.iter().copied().fold(0.0, f64::max);
    let noise = widest.max(NOISE * MAD_TO_SIGMA * median(&mut off)?);
    let noise = noise + ALIKE * usual.abs() + NEGLIGIBLE_AN_HOUR * height;
    // A span with too few values says nothing against the plateau.
    let settled = |slope: &Option<f64>| slope.is_none_or(|slope| (slope - usual).abs() <= noise);
    (0..=half).find(|from| slopes.iter().skip(*from).take(span + 1).all(settled))
}

/// Two hours of blocks, but not fewer than four (three values make a slope of anything) and not more
/// than 24, so that shorter blocks do not make it quadratic.
fn span(block_hours: f64) -> usize {
    (4..24_u8).find(|blocks| f64::from(*blocks) * block_hours >= SPAN_HOURS).unwrap_or(24).into()
}

/// Theil–Sen slope of blocks, unit an hour; `None` when fewer than half of them are there.
pub(super) fn slope(blocks: &[Option<Point>]) -> Option<f64> {
    let points: Vec<(f64, f64)> = blocks.iter().flatten().map(|point| (point.hours, point.value)).collect();
    if points.len() < blocks.len().div_ceil(2) {
        return None;
    }
    slope_of(&points)
}
