//! What holds for any samples at all.

use std::fmt::Write as _;

use mm2_slo::{
    Bands, Criteria, Level, Observation, Observations, Quantity, Sampled, Series, Setting, Source, Stream,
    Unit, Verdict,
};
use proptest::prelude::*;

use crate::support::one;

const OVER_TIME: [&str; 12] = [
    "avg",
    "max",
    "min",
    "last",
    "p50",
    "p95",
    "p99",
    "rate",
    "increase",
    "slope",
    "share > 50 records",
    "share < 50 records",
];
const OVER_SERIES: [&str; 6] = ["each", "max", "min", "sum", "avg", ""];

/// A criterion of any kind on records.
fn criterion() -> impl Strategy<Value = (Criteria, bool)> {
    let limits = (1.0..100.0_f64, 1.0..4.0_f64);
    (0..OVER_TIME.len(), 0..OVER_SERIES.len(), limits, 1..4_u32, 0..3_u64, any::<bool>()).prop_map(
        |(time, series, (go, times), for_ticks, settle, falls)| {
            let over_time = OVER_TIME[time];
            let unit = match over_time {
                "rate" | "slope" => "records/s",
                share if share.starts_with("share") => "%",
                _ => "records",
            };
            let (go_band, stop_band) = if falls {
                (format!("> {} {unit}", go * times), format!("< {go} {unit}"))
            } else {
                (format!("< {go} {unit}"), format!("> {} {unit}", go * times))
            };
            let mut text = format!(
                "unit = \"records\"\nover_time = \"{over_time}\"\ngo = \"{go_band}\"\nwarn = \"otherwise\"\nstop = \"{stop_band}\"\nsettle = \"{settle} s\"\n"
            );
            if !OVER_SERIES[series].is_empty() {
                writeln!(text, "over_series = \"{}\"", OVER_SERIES[series]).unwrap();
            }
            if matches!(over_time, "max" | "min") {
                writeln!(text, "for = {for_ticks}").unwrap();
            }
            (one(&text), matches!(over_time, "rate" | "increase"))
        },
    )
}

/// Up to four series of a window of up to two minutes, with holes, jitter, phases and values that are none.
fn samples() -> impl Strategy<Value = (u64, Vec<Vec<(u64, f64)>>)> {
    let value = prop_oneof![8 => 0.0..120.0_f64, 1 => Just(f64::NAN), 1 => Just(0.0)];
    let sample = (prop_oneof![9 => Just(true), 1 => Just(false)], 0..400_u64, value);
    let series = (0..1_000_u64, prop::collection::vec(sample, 0..120));
    prop::collection::vec(series, 0..4).prop_map(|series| {
        let of_one = |(phase, samples): (u64, Vec<(bool, u64, f64)>)| {
            let there = (0_u64..).zip(samples).filter(|(_, (there, ..))| *there);
            there.map(|(i, (_, jitter, value))| (phase + i * 1_000 + jitter, value)).collect()
        };
        (120, series.into_iter().map(of_one).collect())
    })
}

fn source(counter: bool) -> Source {
    if counter { Source::counter(Unit::Records, 1_000) } else { Source::gauge(Unit::Records, 1_000) }
}

fn sampled(counter: bool, series: &[Vec<(u64, f64)>], order: impl Iterator<Item = usize>) -> Sampled {
    source(counter).series(order.map(|i| Series::new(format!("{i}"), series[i].clone())))
}

fn batch(criteria: &Criteria, window_s: u64, sampled: Sampled) -> Verdict {
    criteria.judge(&Observations::over(window_s as f64).with("s", Observation::Sampled(sampled)))
}

/// What changes only how often a thing is said, not what.
fn quantity(value: f64) -> Quantity {
    Quantity::new(value, Unit::Records).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_stream_says_what_the_whole_window_says(
        (criteria, counter) in criterion(),
        (window_s, series) in samples(),
    ) {
        let whole = batch(&criteria, window_s, sampled(counter, &series, 0..series.len()));
        let mut stream = Stream::new(&criteria, &Setting::default());
        let ids: Vec<_> =
            (0..series.len()).map(|i| stream.series("s", source(counter), &format!("{i}"))).collect();
        let mut in_time: Vec<(u64, usize, f64)> = Vec::new();
        for (i, samples) in series.iter().enumerate() {
            in_time.extend(samples.iter().map(|(at, value)| (*at, i, *value)));
        }
        in_time.sort_by_key(|(at, i, _)| (*at, *i));
        for (at, i, value) in in_time.into_iter().filter(|(at, ..)| *at <= window_s * 1_000) {
            stream.push(ids[i], at, value);
        }
        let streamed = stream.verdict(window_s as f64);
        // A signal that never had a series is missing in both, in other words.
        if !series.is_empty() {
            prop_assert_eq!(&streamed, &whole);
        }
        prop_assert_eq!(streamed.level, whole.level);
    }

    #[test]
    fn the_order_of_series_does_not_matter(
        (criteria, counter) in criterion(),
        (window_s, series) in samples(),
    ) {
        let forward = batch(&criteria, window_s, sampled(counter, &series, 0..series.len()));
        let backward = batch(&criteria, window_s, sampled(counter, &series, (0..series.len()).rev()));
        prop_assert_eq!(forward, backward);
    }

    #[test]
    fn a_wider_limit_is_never_worse(
        (_, series) in samples(),
        limit in 1.0..100.0_f64,
        more in 0.0..100.0_f64,
        time in 0..7_usize,
    ) {
        let level = |limit: f64| {
            let text = format!(
                "unit = \"records\"\nover_series = \"max\"\nover_time = \"{}\"\ngo = \"< {limit} records\"\nstop = \"otherwise\"",
                OVER_TIME[time]
            );
            batch(&one(&text), 120, sampled(false, &series, 0..series.len())).level
        };
        prop_assert!(level(limit + more) <= level(limit));
    }

    #[test]
    fn less_data_is_never_better(
        (criteria, counter) in criterion(),
        (window_s, series) in samples(),
        part in 0..4_usize,
    ) {
        // Everything of one series taken away: what was not GO does not become it.
        let before = batch(&criteria, window_s, sampled(counter, &series, 0..series.len()).clone());
        let kept: Vec<usize> = (0..series.len()).filter(|i| *i != part).collect();
        let expect = source(counter).expect(series.len());
        let fewer = expect.series(kept.iter().map(|i| Series::new(format!("{i}"), series[*i].clone())));
        let after = batch(&criteria, window_s, fewer);
        if kept.len() < series.len() {
            prop_assert_ne!(after.level, Level::Go);
        } else {
            prop_assert_eq!(after.level, before.level);
        }
    }

    #[test]
    fn verdicts_add_up_in_any_grouping(
        kinds in prop::collection::vec(criterion(), 3),
        (window_s, series) in samples(),
    ) {
        let verdicts: Vec<Verdict> = kinds
            .iter()
            .map(|(criteria, counter)| batch(criteria, window_s, sampled(*counter, &series, 0..series.len())))
            .collect();
        let [a, b, c] = [&verdicts[0], &verdicts[1], &verdicts[2]].map(Clone::clone);
        prop_assert_eq!(a.clone().and(b.clone()).and(c.clone()), a.clone().and(b.clone().and(c.clone())));
        prop_assert_eq!(a.clone().and(b.clone()).and(c).level, verdicts.iter().map(|v| v.level).max().unwrap());
    }

    #[test]
    fn calibrated_bands_hold_the_nominal_value(nominal in 1e-6..1e12_f64) {
        let bands = Bands::calibrated(quantity(nominal)).unwrap();
        prop_assert!(bands.stop().is_some() && bands.warn().is_some());
    }
}
