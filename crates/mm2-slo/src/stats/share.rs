//! Bounds of a share of which a sample was counted.

use super::special::beta_quantile;
use super::{Bounds, CONFIDENCE};

/// Clopper–Pearson bounds of a share (0 to 1) seen as `k` of `n`, one-sided 95 % each way.
///
/// C. J. Clopper, E. S. Pearson, Biometrika 26 (1934), in its beta form: whole numbers give the textbook
/// interval, and the form holds for the fractions that a division by a design effect leaves. `k` beyond
/// 0 to `n` counts as the end that it is beyond. An `n` of 0 or less, or counts that are not finite, show
/// nothing: bounds 0 and 1.
///
/// ```
/// use mm2_slo::stats::clopper_pearson;
///
/// assert!(clopper_pearson(0.0, 299.0).upper < 0.01); // none of 299 proves fewer than 1 %
/// assert!(clopper_pearson(0.0, 298.0).upper > 0.01);
/// ```
pub fn clopper_pearson(k: f64, n: f64) -> Bounds {
    clopper_pearson_at(k, n, CONFIDENCE)
}

/// [`clopper_pearson`] at another confidence of each bound than 95 %; one that is not above 0 and below 1
/// gives the bounds 0 and 1.
pub fn clopper_pearson_at(k: f64, n: f64, confidence: f64) -> Bounds {
    let anything = Bounds { lower: 0.0, upper: 1.0 };
    let usable = k.is_finite() && n.is_finite() && n > 0.0 && confidence > 0.0 && confidence < 1.0;
    if !usable {
        return anything;
    }
    let k = k.clamp(0.0, n);
    let lower = if k <= 0.0 { 0.0 } else { beta_quantile(k, n - k + 1.0, 1.0 - confidence) };
    let upper = if k >= n { 1.0 } else { beta_quantile(k + 1.0, n - k, confidence) };
    // Beyond the counts that f64 holds the quantile may have no digits left.
    Bounds {
        lower: if lower.is_finite() { lower } else { anything.lower },
        upper: if upper.is_finite() { upper } else { anything.upper },
    }
}
