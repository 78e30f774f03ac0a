//! Tails and quantiles of the distributions: normal, Student's t, beta.
//!
//! The incomplete beta is our own. The common ones take the difference of log-gammas, which has lost all
//! its digits at the counts of a day: of 432 millions in 864 they gave a lower bound above one half. Here
//! the log-gammas' large parts are cancelled by hand before anything is rounded.

#![expect(clippy::many_single_char_names, reason = "the formulas' own letters")]

use libm::{erfc, lgamma};

/// Bisections of (0, 1): 2^-200 is smaller than any share that can be observed.
const BISECTIONS: u32 = 200;
/// Terms of the continued fraction. A quantile of 10^10 needs 100; more are only needed nearer to the
/// middle of the distribution than bisection has to know.
const TERMS: u32 = 5_000;

/// Share of a standard normal distribution above `z`, 0 to 1; NaN of NaN.
pub fn normal_above(z: f64) -> f64 {
    0.5 * erfc(z / std::f64::consts::SQRT_2)
}

/// The value below which `probability` of a standard normal distribution lies.
///
/// ±∞ at 0 and 1, NaN outside of them.
pub fn normal_quantile(probability: f64) -> f64 {
    // 1 − p is exact for a p above one half, and the tail below is the one with the digits.
    match probability {
        p if !(0.0..=1.0).contains(&p) => f64::NAN,
        p if p > 0.5 => -normal_quantile(1.0 - p),
        p if p >= 0.5 => 0.0,
        p if p <= 0.0 => f64::NEG_INFINITY,
        // Beyond 39 the tail is below the smallest f64.
        p => -bisect(0.0, 39.0, |z| normal_above(z) > p),
    }
}

/// The value below which `probability` of Student's t distribution with `degrees` of freedom lies.
///
/// ±∞ at 0 and 1; NaN outside of them, or for degrees of freedom that are not a finite number above 0.
pub fn student_t_quantile(probability: f64, degrees: f64) -> f64 {
    if !(degrees.is_finite() && degrees > 0.0) {
        return f64::NAN;
    }
    // t² / (degrees + t²) follows a beta distribution (Abramowitz & Stegun 26.7.1). It and its complement
    // are each precise where they are small.
    match probability {
        p if !(0.0..=1.0).contains(&p) => f64::NAN,
        p if p > 0.5 => -student_t_quantile(1.0 - p, degrees),
        p if p >= 0.5 => 0.0,
        p if p >= 0.25 => {
            let y = beta_quantile(0.5, degrees / 2.0, 1.0 - 2.0 * p);
            -(degrees * y / (1.0 - y)).sqrt()
        }
        p => {
            let x = beta_quantile(degrees / 2.0, 0.5, 2.0 * p);
            -(degrees * (1.0 - x) / x).sqrt()
        }
    }
}

/// The value below which `probability` of the beta distribution lies; `a` and `b` finite and above 0.
///
/// Against scipy to 1e-11 of the value or 1e-16, whichever is more, up to counts of 10^10: nearer to 0 the
/// value is lost in 1 − x.
pub(crate) fn beta_quantile(a: f64, b: f64, probability: f64) -> f64 {
    bisect(0.0, 1.0, |x| beta_below(a, b, x) < probability)
}

/// The regularised incomplete beta function I_x(a, b): the share of the beta distribution below `x`.
///
/// Continued fraction 8.17.22 of the DLMF by Lentz's method.
fn beta_below(a: f64, b: f64, x: f64) -> f64 {
    let front = beta_front(a, b, x);
    if x < (a + 1.0) / (a + b + 2.0) {
        front * continued_fraction(a, b, x) / a
    } else {
        1.0 - front * continued_fraction(b, a, 1.0 - x) / b
    }
}

/// x^a (1−x)^b / B(a, b), by C. Loader's way of the binomial (2000).
///
/// With Γ(z) = √(2π/z) (z/e)^z e^δ(z) all powers of e and of n = a + b cancel, and what is left is small:
/// √(ab / 2πn) exp(a·g(d/a) + b·g(−d/b) + δ(n) − δ(a) − δ(b)), d = xn − a, g(t) = ln(1 + t) − t.
fn beta_front(a: f64, b: f64, x: f64) -> f64 {
    let n = a + b;
    let d = x * n - a;
    // Far below the mean 1 + t is the ratio that it came from, and has more digits.
    let g = |t: f64, ratio: f64| if ratio < 0.5 { ratio.ln() - t } else { t.ln_1p() - t };
    let exponent = a * g(d / a, x * n / a) + b * g(-d / b, (1.0 - x) * n / b) + stirling_error(n)
        - stirling_error(a)
        - stirling_error(b);
    (a / n * b / std::f64::consts::TAU).sqrt() * exponent.exp()
}

/// δ(z) = ln Γ(z) − (z − ½) ln z + z − ½ ln 2π.
fn stirling_error(z: f64) -> f64 {
    if z < 15.0 {
        return lgamma(z) - (z - 0.5) * z.ln() + z - 0.5 * std::f64::consts::TAU.ln();
    }
    // Stirling's series: the first term left out is below 1e-15.
    let square = z * z;
    let series = 1.0 / 1_680.0 - 1.0 / (1_188.0 * square);
    let series = 1.0 / 1_260.0 - series / square;
    (1.0 / 12.0 - (1.0 / 360.0 - series / square) / square) / z
}

fn continued_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let not_zero = |t: f64| if t.abs() < TINY { TINY } else { t };
    let mut c = 1.0;
    let mut d = 1.0 / not_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for term in 1..TERMS {
        let m = f64::from(term);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        for coefficient in [even, odd] {
            d = 1.0 / not_zero(1.0 + coefficient * d);
            c = not_zero(1.0 + coefficient / c);
            fraction *= c * d;
        }
        if (c * d - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    fraction
}

/// Where `before` turns from true to false between `low` and `high`, to the last bit.
fn bisect(mut low: f64, mut high: f64, before: impl Fn(f64) -> bool) -> f64 {
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
    low.midpoint(high)
}
