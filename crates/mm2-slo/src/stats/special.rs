//! Quantiles and tails of the distributions: normal, Student's t, beta.
//!
//! statrs has quantiles too, but its inverse of the beta never returns for 1 of 864 000 000 (a day at
//! 10 000 a second), and Student's t is built on it. Here they are bisections of the distribution.

use statrs::function::beta::checked_beta_reg;
use statrs::function::erf::erfc;

/// Bisections of (0, 1): 2^-200 is smaller than any share that can be observed.
const BISECTIONS: u32 = 200;

/// Share of a standard normal distribution above `z`, 0 to 1; NaN of NaN.
pub fn normal_above(z: f64) -> f64 {
    0.5 * erfc(z / std::f64::consts::SQRT_2)
}

/// The value below which `probability` of a standard normal distribution lies.
///
/// ±∞ at 0 and 1, NaN outside of them.
pub fn normal_quantile(probability: f64) -> f64 {
    if probability.is_nan() || !(0.0..=1.0).contains(&probability) {
        return f64::NAN;
    }
    if probability > 0.5 {
        // 1 − p is exact there, and the tail below is the one with the digits.
        return -normal_quantile(1.0 - probability);
    }
    if probability == 0.0 {
        return f64::NEG_INFINITY;
    }
    // Beyond 39 the tail is below the smallest f64.
    bisect(0.0, 39.0, |z| normal_above(z) > probability).map_or(f64::NAN, |z| -z)
}

/// The value below which `probability` of Student's t distribution with `degrees` of freedom lies.
///
/// ±∞ at 0 and 1; NaN outside of them, or for degrees of freedom that are not a finite number above 0.
pub fn student_t_quantile(probability: f64, degrees: f64) -> f64 {
    let usable = degrees.is_finite() && degrees > 0.0 && (0.0..=1.0).contains(&probability);
    if !usable {
        return f64::NAN;
    }
    if probability > 0.5 {
        return -student_t_quantile(1.0 - probability, degrees);
    }
    // P(T < −t) = I_x(degrees/2, 1/2) / 2 with x = degrees / (degrees + t²) (Abramowitz & Stegun 26.7.1).
    let x = beta_quantile(degrees / 2.0, 0.5, 2.0 * probability);
    -(degrees * (1.0 - x) / x).sqrt()
}

/// The value below which `probability` of the beta distribution lies; `a` and `b` above 0.
///
/// 1e-9 of the value, or better, against scipy up to counts of 10^10.
pub(crate) fn beta_quantile(a: f64, b: f64, probability: f64) -> f64 {
    bisect(0.0, 1.0, |x| checked_beta_reg(a, b, x).is_ok_and(|below| below < probability)).unwrap_or(f64::NAN)
}

/// Where `before` turns from true to false between `low` and `high`, to the last bit.
fn bisect(mut low: f64, mut high: f64, before: impl Fn(f64) -> bool) -> Option<f64> {
    for _ in 0..BISECTIONS {
        let middle = low.midpoint(high);
        if middle <= low || middle >= high {
            break;
        }
        if before(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    let found = low.midpoint(high);
    found.is_finite().then_some(found)
}
