//! The one place where a real number becomes a whole one.

/// `x` rounded up; `None` where it is not a finite number of at least 0 that fits.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the guard leaves only whole numbers from 0 to 2^53, which an f64 holds exactly"
)]
pub(crate) fn ceil(x: f64) -> Option<u64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (0.0..=EXACT).contains(&x).then(|| x.ceil() as u64)
}

/// The nearest whole number, where it is not negative; 0 where `x` is, or is not a number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float becomes the nearest number that fits, and 0 where it is not one"
)]
pub(crate) fn nearest(x: f64) -> u64 {
    x.round() as u64
}
