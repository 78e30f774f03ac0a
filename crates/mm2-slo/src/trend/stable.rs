//! Is a backlog stable over half an hour, or growing?

use serde::{Deserialize, Serialize};

use super::NotJudged;
use crate::stats::{Line, block_minima};

/// Blocks of equal time that the window is cut into, as in [`crate::sustained`].
const BLOCKS: usize = 8;

/// Growth of a signal over a window, in the signal's own unit: records for a backlog.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Drift {
    /// Growth over the whole window.
    pub growth: f64,
    /// One-sided 95 % lower bound.
    pub lower: f64,
    /// One-sided 95 % upper bound: below what is tolerated, the signal is shown to be stable.
    pub upper: f64,
}

/// The growth of a signal from `start_ms` to `end_ms`: a least-squares line through the lowest values of
/// eight equal blocks, with t bounds (6 degrees of freedom), as the test of a step does it.
///
/// `samples` are milliseconds on the window's clock and values, in any order; those outside of the window
/// and those that are not finite are left out. Meant for some 30 min of samples every few seconds.
///
/// # Errors
///
/// [`NotJudged::Window`] for a window that ends before it starts, [`NotJudged::EmptyBlock`] when one of
/// the eight blocks has no sample, [`NotJudged::NotFinite`] when figures overflow.
///
/// ```
/// use mm2_slo::trend::stable;
///
/// let backlog = (0..1_800).map(|s| (s * 1_000, 400.0 + (s * 37 % 100) as f64)).collect::<Vec<_>>();
/// let drift = stable(&backlog, 0, 1_800_000)?;
/// assert!(drift.upper < 1_000.0, "not a thousand records in half an hour: {drift:?}");
/// # Ok::<(), mm2_slo::trend::NotJudged>(())
/// ```
pub fn stable(samples: &[(u64, f64)], start_ms: u64, end_ms: u64) -> Result<Drift, NotJudged> {
    if end_ms <= start_ms {
        return Err(NotJudged::Window { blocks: 0 });
    }
    let window_ms = (end_ms - start_ms) as f64;
    let inside = samples.iter().filter(|(at_ms, _)| (start_ms..=end_ms).contains(at_ms));
    let placed = inside.map(|(at_ms, value)| ((at_ms - start_ms) as f64 / window_ms, *value));
    let minima = block_minima::<BLOCKS>(placed).ok_or(NotJudged::EmptyBlock { of: BLOCKS })?;
    // The window as the unit of distance: the slope is the growth over it.
    let line = Line::through(&minima, 1.0 / BLOCKS as f64).ok_or(NotJudged::NotFinite)?;
    let bounds = line.bounds();
    let finite = bounds.lower.is_finite() && bounds.upper.is_finite();
    let drift = Drift { growth: line.slope, lower: bounds.lower, upper: bounds.upper };
    finite.then_some(drift).ok_or(NotJudged::NotFinite)
}
