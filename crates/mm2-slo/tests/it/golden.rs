//! The statistics against scipy and pymannkendall, by the vectors of `scripts/golden-vectors.py`.
//!
//! `cargo test -p mm2-slo golden -- --nocapture` prints how many there are and the worst difference.

use mm2_slo::stats::{
    clopper_pearson_at, hamed_rao, mann_kendall, normal_quantile, student_t_quantile, theil_sen,
    theil_sen_with,
};
use serde_json::Value;

/// Cases of a family and the worst difference seen in each of its figures.
struct Family {
    name: &'static str,
    cases: Vec<Value>,
    worst: Vec<(&'static str, f64)>,
}

impl Family {
    fn read(name: &'static str, text: &str) -> Self {
        let mut file: Value = serde_json::from_str(text).unwrap();
        let Value::Array(cases) = file["cases"].take() else { panic!("{name} has no cases") };
        assert!(cases.len() >= 50, "{name}: {} cases", cases.len());
        Self { name, cases, worst: Vec::new() }
    }

    /// Holds each of `figures` (name, ours, the library's, tolerance) against the other, relative to the
    /// library's; an absence must be an absence.
    fn check(&mut self, of: impl Fn(&Value) -> Vec<(&'static str, f64, Option<f64>, f64)>) {
        for case in &self.cases {
            for (figure, got, want, tolerance) in of(case) {
                let off = match want {
                    Some(want) if (got - want).abs() <= 0.0 => 0.0,
                    Some(want) => ((got - want) / want).abs(),
                    None if got.is_infinite() => 0.0,
                    None => f64::INFINITY,
                };
                assert!(off <= tolerance, "{}: {figure} is {got}, want {want:?}, in {case}", self.name);
                match self.worst.iter_mut().find(|(name, _)| *name == figure) {
                    Some((_, worst)) => *worst = worst.max(off),
                    None => self.worst.push((figure, off)),
                }
            }
        }
        let worst: Vec<_> = self.worst.iter().map(|(name, off)| format!("{name} {off:.1e}")).collect();
        println!(
            "{}: {} vectors, worst relative difference: {}",
            self.name,
            self.cases.len(),
            worst.join(", ")
        );
    }
}

fn numbers(values: &Value) -> Vec<f64> {
    values.as_array().unwrap().iter().map(|value| value.as_f64().unwrap_or(f64::NAN)).collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// Whole numbers are exact; the rest differs by the rounding of a few dozen operations, and p by that of
/// erfc, 1e-15 of the value by its authors.
#[test]
fn mann_kendall_is_pymannkendalls() {
    Family::read("Mann-Kendall", include_str!("../golden/mann_kendall.json")).check(|case| {
        let test = mann_kendall(&numbers(&case["values"])).unwrap();
        vec![
            ("S", test.s as f64, case["s"].as_f64(), 0.0),
            ("variance", test.variance, case["variance"].as_f64(), 1e-14),
            ("z", test.z, case["z"].as_f64(), 1e-14),
            // A relative error of z counts z² times in the tail.
            ("p", test.p_increase, case["p_increase"].as_f64(), 1e-12),
            ("tau", test.tau, case["tau"].as_f64(), 1e-14),
        ]
    });
}

/// The inflation before the clamp: sums of a hundred products that partly cancel.
#[test]
fn hamed_rao_is_pymannkendalls_where_there_are_no_gaps() {
    Family::read("Hamed-Rao", include_str!("../golden/hamed_rao.json")).check(|case| {
        let values = numbers(&case["values"]);
        let (plain, test) = (mann_kendall(&values).unwrap(), hamed_rao(&values).unwrap());
        let inflation = number(&case["inflation"]);
        vec![
            ("inflation", test.inflation, Some(inflation), 1e-12),
            ("variance", test.variance, Some(plain.variance * inflation.max(1.0)), 1e-12),
        ]
    });
}

/// Slopes and ranks are the same operations as scipy's, so the last bits are all that may differ.
#[test]
fn theil_sen_is_scipys() {
    Family::read("Theil-Sen", include_str!("../golden/theil_sen.json")).check(|case| {
        let points: Vec<_> = numbers(&case["x"]).into_iter().zip(numbers(&case["y"])).collect();
        let confidence = number(&case["confidence"]);
        // With ties in x the variance is not Mann-Kendall's; Sen's is inside of `theil_sen`.
        let at_95 = theil_sen(&points).unwrap();
        let variance = sens_variance(&points);
        let line = theil_sen_with(&points, variance, confidence).unwrap();
        if (confidence - 0.95).abs() < 1e-9 {
            assert_eq!((line.lower, line.upper), (at_95.lower, at_95.upper), "{case}");
        }
        vec![
            ("slope", line.slope, case["slope"].as_f64(), 1e-14),
            // y − slope · x of an outlier cancels most of its digits.
            ("intercept", line.intercept, case["intercept"].as_f64(), 1e-11),
            ("lower", line.lower, case["lower"].as_f64(), 1e-14),
            ("upper", line.upper, case["upper"].as_f64(), 1e-14),
        ]
    });
}

fn sens_variance(points: &[(f64, f64)]) -> f64 {
    let weight = |t: f64| t * (t - 1.0) * (2.0 * t + 5.0);
    let ties = |of: fn(&(f64, f64)) -> f64| {
        let mut values: Vec<f64> = points.iter().map(of).collect();
        values.sort_unstable_by(f64::total_cmp);
        values.chunk_by(|a, b| a.total_cmp(b).is_eq()).map(|group| weight(group.len() as f64)).sum::<f64>()
    };
    (weight(points.len() as f64) - ties(|p| p.0) - ties(|p| p.1)) / 18.0
}

/// 1e-16 besides: above one half of the distribution 1 − x is all that is known of an x near 0. No share
/// that can be counted is that small.
#[test]
fn clopper_pearson_is_scipys() {
    Family::read("Clopper-Pearson", include_str!("../golden/clopper_pearson.json")).check(|case| {
        let bounds = clopper_pearson_at(number(&case["k"]), number(&case["n"]), number(&case["confidence"]));
        vec![
            ("lower", rounded(bounds.lower, &case["lower"]), case["lower"].as_f64(), 1e-11),
            ("upper", rounded(bounds.upper, &case["upper"]), case["upper"].as_f64(), 1e-11),
        ]
    });
}

/// The value itself where the difference is more than rounding of numbers near 1 explains.
fn rounded(got: f64, want: &Value) -> f64 {
    let want = number(want);
    if (got - want).abs() <= 1e-16 { want } else { got }
}

/// Bisected to the last bit of functions that are good to 1e-14.
#[test]
fn quantiles_are_scipys() {
    Family::read("Quantiles", include_str!("../golden/quantiles.json")).check(|case| {
        let probability = number(&case["probability"]);
        let got = match case["degrees"].as_f64() {
            Some(degrees) => student_t_quantile(probability, degrees),
            None => normal_quantile(probability),
        };
        vec![("quantile", got, case["value"].as_f64(), 1e-12)]
    });
}
