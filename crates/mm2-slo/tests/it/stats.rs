//! What holds for the statistics whatever they are given.

use mm2_slo::stats::{
    Line, MOST_POINTS, clopper_pearson, clopper_pearson_at, design_effect, hamed_rao, mann_kendall,
    normal_above, normal_quantile, slope_of_many, student_t_quantile, theil_sen, theil_sen_with,
};
use proptest::prelude::*;

#[test]
fn nothing_known_bounds_nothing() {
    for (k, n) in
        [(0.0, 0.0), (1.0, 0.0), (0.0, -5.0), (f64::NAN, 10.0), (1.0, f64::NAN), (1.0, f64::INFINITY)]
    {
        let bounds = clopper_pearson(k, n);
        assert_eq!((bounds.lower, bounds.upper), (0.0, 1.0), "{k} of {n}");
    }
    assert_eq!(
        (clopper_pearson(12.0, 10.0), clopper_pearson(-2.0, 10.0)),
        (clopper_pearson(10.0, 10.0), clopper_pearson(0.0, 10.0))
    );
    for confidence in [0.0, 1.0, -1.0, f64::NAN] {
        let bounds = clopper_pearson_at(3.0, 10.0, confidence);
        assert_eq!((bounds.lower, bounds.upper), (0.0, 1.0), "at {confidence}");
    }
    assert_eq!(mann_kendall(&[1.0]), None);
    assert_eq!(mann_kendall(&[1.0, f64::NAN, f64::INFINITY]), None);
    assert_eq!(hamed_rao(&[1.0, 2.0]), None);
    assert_eq!(theil_sen(&[(1.0, 2.0)]), None);
    assert_eq!(theil_sen(&[(1.0, 2.0), (1.0, 3.0)]), None, "no two different x");
    assert_eq!(slope_of_many(&[(1.0, 2.0), (1.0, 3.0)]), None);
    assert_eq!(Line::through(&[1.0, 2.0], 1.0), None);
}

#[test]
fn half_of_a_days_records_lies_within_its_bounds() {
    // The difference of log-gammas put the lower bound above one half here.
    let bounds = clopper_pearson(432_000_000.0, 864_000_000.0);
    assert!(0.499_97 < bounds.lower && bounds.lower < 0.5 && 0.5 < bounds.upper && bounds.upper < 0.500_03);
}

#[test]
fn equal_values_are_no_trend() {
    let test = mann_kendall(&[4.0; 9]).unwrap();
    assert_eq!((test.s, test.variance, test.z, test.p_increase), (0, 0.0, 0.0, 0.5));
}

/// A negative correlation would make the test surer than independent values do.
#[test]
fn a_negative_autocorrelation_does_not_narrow_the_variance() {
    let swings: Vec<f64> = (0..40).map(|i| f64::from(i % 2 * 10) + f64::from(i * 7 % 5)).collect();
    let (plain, corrected) = (mann_kendall(&swings).unwrap(), hamed_rao(&swings).unwrap());
    assert!(corrected.inflation < 1.0, "{corrected:?}");
    assert_eq!((corrected.s, corrected.variance), (plain.s, plain.variance));
}

#[test]
fn a_value_after_a_gap_is_as_far_as_it_is_in_time() {
    // A wave of eight: four places apart it is its opposite.
    let wave = |i: usize| [3.0, 2.0, 0.0, -2.0, -3.0, -2.0, 0.0, 2.0][i % 8] + (i * 5 % 7) as f64 * 0.01;
    let mut values: Vec<f64> = (0..64).map(wave).collect();
    let whole = hamed_rao(&values).unwrap();
    values[30..34].fill(f64::NAN);
    let closed: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let (gap, closed) = (hamed_rao(&values).unwrap(), hamed_rao(&closed).unwrap());
    let off = |test: &mm2_slo::stats::MannKendall| (test.lag_one - whole.lag_one).abs();
    assert!(off(&gap) < off(&closed), "{} {} {}", whole.lag_one, gap.lag_one, closed.lag_one);
}

/// How often the lower bound of the slope of 88 flat values, each with a share of the one before, is above
/// 0: once in twenty cases is what it claims.
#[test]
fn bounds_of_persistent_noise_err_as_often_as_they_claim() {
    let mut rng = fastrand::Rng::with_seed(1);
    let (mut hamed_rao_errs, mut persistent_errs) = (0, 0);
    for _ in 0..1_000 {
        let mut drift = 0.0;
        let points: Vec<(f64, f64)> = (0..100)
            .map(|i| {
                drift = 0.6 * drift + rng.f64() - rng.f64();
                (f64::from(i), drift)
            })
            .skip(12)
            .collect();
        let test = hamed_rao(&points.iter().map(|(_, y)| *y).collect::<Vec<_>>()).unwrap();
        let above = |variance| i32::from(theil_sen_with(&points, variance, 0.95).unwrap().lower > 0.0);
        hamed_rao_errs += above(test.variance);
        persistent_errs += above(test.persistent().variance);
    }
    assert!(hamed_rao_errs >= 70, "why persistent is there: {hamed_rao_errs} of 1 000");
    assert!((25..=65).contains(&persistent_errs), "{persistent_errs} of 1 000");
}

#[test]
fn independent_noise_is_hardly_taken_for_persistent() {
    let independent: Vec<f64> = (0..96).map(|i| f64::from(i * 37 % 97)).collect();
    let test = hamed_rao(&independent).unwrap();
    assert!(test.persistent().variance < 1.5 * test.variance, "{test:?}");
}

#[test]
fn points_too_far_apart_for_a_slope_are_no_pair() {
    // The outer two are an infinity apart either way; the slopes to the middle one are 1.5 and 0.5.
    let line = theil_sen(&[(-1e308, -1e308), (0.0, 5e307), (1e308, 1e308)]).unwrap();
    assert!((line.slope - 1.0).abs() < 1e-9, "{line:?}");
}

#[test]
fn too_few_points_have_a_slope_without_bounds() {
    let line = theil_sen(&[(0.0, 1.0), (1.0, 2.0), (2.0, 4.0)]).unwrap();
    assert_eq!((line.slope, line.lower, line.upper), (1.5, f64::NEG_INFINITY, f64::INFINITY));
    for (variance, confidence) in
        [(f64::NAN, 0.95), (-1.0, 0.95), (f64::INFINITY, 0.95), (9.0, 0.2), (9.0, 1.0)]
    {
        let points: Vec<_> = (0..30).map(|x| (f64::from(x), f64::from(x * 7 % 11))).collect();
        let line = theil_sen_with(&points, variance, confidence).unwrap();
        assert_eq!((line.lower, line.upper), (f64::NEG_INFINITY, f64::INFINITY), "{variance} {confidence}");
    }
}

#[test]
fn more_points_than_pairs_can_be_held_for_have_a_slope() {
    let points: Vec<_> =
        (0..10_000_u32).map(|x| (f64::from(x), 0.25 * f64::from(x) + f64::from(x * 7_919 % 101))).collect();
    assert_eq!(theil_sen(&points), None);
    assert!(points.len() > MOST_POINTS);
    assert!((slope_of_many(&points).unwrap() - 0.25).abs() < 1e-5);
}

#[test]
fn clumps_of_any_length_divide_the_counts() {
    let clumps_of = |length: usize| -> Vec<(u64, u64)> {
        (0..512).map(|i| (1_000, if i / length % 16 == 5 { 160 } else { 0 })).collect()
    };
    let even = vec![(1_000, 10); 512];
    assert!((design_effect(&even) - 1.0).abs() < 1e-9);
    let effects = [1, 2, 4, 8].map(|length| design_effect(&clumps_of(length)));
    // As long again, as many independent stretches less.
    assert!(effects.windows(2).all(|pair| pair[1] > 1.7 * pair[0]), "{effects:?}");
    for blocks in [&[][..], &[(0, 0); 20], &[(5, 5); 20], &[(5, 0); 20], &[(0, 9); 20], &[(9, 1)]] {
        assert_eq!(Some(design_effect(blocks)), Some(1.0), "{blocks:?}");
    }
}

fn any_values(most: usize) -> impl Strategy<Value = Vec<f64>> {
    let value =
        prop_oneof![3 => -5.0..5.0_f64, 2 => (-3..3_i32).prop_map(f64::from), 1 => prop::num::f64::ANY];
    prop::collection::vec(value, 0..most)
}

proptest! {
    #[test]
    fn s_is_pairs_that_rise_minus_pairs_that_fall(values in any_values(60)) {
        let finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        let mut s = 0_i64;
        for (i, earlier) in finite.iter().enumerate() {
            for later in &finite[i + 1..] {
                s += i64::from(later > earlier) - i64::from(later < earlier);
            }
        }
        let test = mann_kendall(&values);
        prop_assert_eq!(test.is_some(), finite.len() >= 2);
        if let Some(test) = test {
            prop_assert_eq!((test.s, test.n), (s, finite.len()));
            prop_assert!((0.0..=1.0).contains(&test.p_increase) && test.tau.abs() <= 1.0);
        }
        if let Some(corrected) = hamed_rao(&values) {
            prop_assert!(corrected.variance >= test.unwrap().variance);
            prop_assert!(corrected.persistent().variance >= corrected.variance);
        }
    }

    #[test]
    fn the_slope_of_many_is_the_median_of_the_pairs(
        points in prop::collection::vec((0..40_i32, -50..50_i32), 2..60), scale in 0.001..1_000.0_f64,
    ) {
        let points: Vec<(f64, f64)> =
            points.iter().map(|(x, y)| (f64::from(*x) * 0.37, f64::from(*y) * scale)).collect();
        match (theil_sen(&points), slope_of_many(&points)) {
            (Some(line), Some(slope)) => prop_assert!(
                (line.slope - slope).abs() <= 1e-9 * (scale + slope.abs()), "{} {}", line.slope, slope
            ),
            (line, slope) => prop_assert!(line.is_none() && slope.is_none(), "{:?} {:?}", line, slope),
        }
    }

    #[test]
    fn no_numbers_make_a_panic_or_a_bound_on_the_wrong_side(
        xs in any_values(40), ys in any_values(40), a in prop::num::f64::ANY, b in prop::num::f64::ANY,
    ) {
        let points: Vec<(f64, f64)> = xs.iter().copied().zip(ys.iter().copied()).collect();
        if let Some(line) = theil_sen(&points) {
            prop_assert!(line.slope.is_finite() && line.lower <= line.slope && line.slope <= line.upper);
        }
        let _ = (theil_sen_with(&points, a, b), slope_of_many(&points), hamed_rao(&ys));
        let bounds = clopper_pearson_at(a, b, 0.95);
        prop_assert!(0.0 <= bounds.lower && bounds.lower <= bounds.upper && bounds.upper <= 1.0);
        let _ = clopper_pearson_at(a.abs(), b.abs(), a.fract().abs());
        let _ = (normal_quantile(a), student_t_quantile(a, b), student_t_quantile(a.fract().abs(), b.abs()));
        prop_assert!(a.is_nan() || (0.0..=1.0).contains(&normal_above(a)));
        if let Some(line) = Line::through(&ys, a) {
            prop_assert!(line.slope.is_finite() && line.margin() >= 0.0);
        }
    }

    #[test]
    fn quantiles_undo_what_they_are_quantiles_of(p in 1e-9..1.0_f64) {
        prop_assert!((1.0 - normal_above(normal_quantile(p)) - p).abs() < 1e-14);
        prop_assert!((student_t_quantile(p, 1e9) - normal_quantile(p)).abs() < 1e-4 * (1.0 + normal_quantile(p).abs()));
    }

    #[test]
    fn the_design_effect_never_narrows(blocks in prop::collection::vec((0..2_000_u64, any::<u64>()), 0..200)) {
        prop_assert!(design_effect(&blocks) >= 1.0);
    }
}
