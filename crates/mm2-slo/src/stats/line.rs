//! A least-squares line through values at equal distances, and how sure its slope is.

use super::special::student_t_quantile;
use super::{Bounds, CONFIDENCE};

/// Slope of a line and its standard error, both in the values' unit a unit of distance.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Line {
    /// The slope.
    pub slope: f64,
    /// Its standard error, from the residuals.
    pub standard_error: f64,
    /// Degrees of freedom of that error: values minus two.
    pub degrees: f64,
}

impl Line {
    /// The line through values in order, `distance` apart. `None` of fewer than three values, a distance
    /// that is not above 0, or figures that are not finite.
    pub fn through(values: &[f64], distance: f64) -> Option<Self> {
        let count = values.len() as f64;
        if values.len() < 3 || distance.is_nan() || distance <= 0.0 {
            return None;
        }
        let mean = values.iter().sum::<f64>() / count;
        let centred: Vec<(f64, f64)> = values
            .iter()
            .enumerate()
            .map(|(i, value)| ((i as f64 - (count - 1.0) / 2.0) * distance, value - mean))
            .collect();
        let sxx: f64 = centred.iter().map(|(x, _)| x * x).sum();
        let slope = centred.iter().map(|(x, y)| x * y).sum::<f64>() / sxx;
        let residual: f64 = centred.iter().map(|(x, y)| (y - slope * x).powi(2)).sum();
        let degrees = count - 2.0;
        let standard_error = (residual / degrees / sxx).sqrt();
        (slope.is_finite() && standard_error.is_finite()).then_some(Self { slope, standard_error, degrees })
    }

    /// Half of the width between the slope's bounds: one-sided 95 % of Student's t each way.
    pub fn margin(&self) -> f64 {
        student_t_quantile(CONFIDENCE, self.degrees) * self.standard_error
    }

    /// One-sided 95 % bounds of the slope each way.
    pub fn bounds(&self) -> Bounds {
        Bounds { lower: self.slope - self.margin(), upper: self.slope + self.margin() }
    }
}

/// The lowest of the values in each of `N` equal blocks of a window; `None` when a block has none.
///
/// Each value comes with its place in the window, 0 to 1; places beyond and values that are not finite
/// are left out. The lowest, because a backlog rises with each batch and comes back: what does not come
/// back is the growth.
pub(crate) fn block_minima<const N: usize>(placed: impl Iterator<Item = (f64, f64)>) -> Option<[f64; N]> {
    let mut minima = [f64::INFINITY; N];
    for (place, value) in placed.filter(|(place, value)| (0.0..=1.0).contains(place) && value.is_finite()) {
        let block = (1..N).take_while(|b| place * N as f64 >= *b as f64).count();
        if let Some(lowest) = minima.get_mut(block) {
            *lowest = lowest.min(value);
        }
    }
    minima.iter().all(|lowest| lowest.is_finite()).then_some(minima)
}
