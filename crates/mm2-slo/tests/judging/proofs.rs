//! What is proved rather than read off: percentiles, growth, trends; and partitions.

use mm2_slo::evidence::Block;
use mm2_slo::observations::{Histogram, Partition};
use mm2_slo::{
    Criteria, Finding, Latency, Missing, Observation, Observations, Outcome, Quantity, Reason, Sampled, Setting,
    Source, Unit,
};

use crate::support::{every, gauge, judged, one};

fn of(criteria: &Criteria, window_s: f64, observation: Observation) -> Finding {
    of_setting(criteria, window_s, observation, Setting::default())
}

fn of_setting(criteria: &Criteria, window_s: f64, observation: Observation, setting: Setting) -> Finding {
    let seen = Observations::over(window_s).with("s", observation).in_setting(setting);
    criteria.judge(&seen).findings.remove(0)
}

fn p99() -> Criteria {
    one("unit = \"ms\"\nrule = \"claim\"\nover_time = \"p99\"\ngo = \"< 1 s\"\nstop = \"otherwise\"")
}

#[test]
fn a_percentile_is_proved_by_records() {
    let records = |late: u64| (0..60_000_u64).map(move |i| (i, if i % 1_000 < late { 1_000.0 } else { 40.0 }));
    let check = |late, expect: Outcome| {
        let finding = of(&p99(), 60.0, Observation::Latency(Latency::of_records(1_000.0, records(late))));
        assert_eq!(finding.outcome, expect, "{late} of 1 000 late: {finding:?}");
        assert_eq!((finding.n, finding.limit), (Some(60_000), Some(1_000.0)));
    };
    check(5, Outcome::Go);
    check(20, Outcome::Stop);
    check(10, Outcome::Inconclusive);
}

#[test]
fn a_record_that_never_came_is_late() {
    let records = (0..60_000).map(|i| (i, if i % 50 == 0 { f64::NAN } else { 40.0 }));
    assert_eq!(of(&p99(), 60.0, Observation::Latency(Latency::of_records(1_000.0, records))).outcome, Outcome::Stop);
}

#[test]
fn records_counted_against_another_limit_prove_nothing() {
    let counted = Latency::in_blocks(2_000.0, vec![Block { records: 1_000, over: 0 }; 60]);
    let finding = of(&p99(), 60.0, Observation::Latency(counted.clone()));
    assert_eq!(finding.reason, Reason::NotMeasured { why: Missing::OtherLimit });
    let incomplete = Latency::in_blocks(1_000.0, vec![Block { records: 1_000, over: 0 }; 60]).incomplete();
    assert_eq!(of(&p99(), 60.0, Observation::Latency(incomplete)).outcome, Outcome::Inconclusive);
}

/// 1 000 records a scrape for a minute, of which `over` per mille are above each bound.
fn histogram(bounds: &[f64], over: &[f64]) -> Observation {
    let scrapes = (0..61_u64).map(|i| {
        let mut counts: Vec<f64> = over.iter().map(|over| i as f64 * (1_000.0 - over)).collect();
        counts.push(i as f64 * 1_000.0);
        (i * 1_000, counts)
    });
    Observation::Histogram(Histogram::new(Unit::S, bounds.to_vec(), scrapes.collect()))
}

#[test]
fn a_histogram_is_judged_by_its_buckets() {
    let check = |bounds: &[f64], over: &[f64], expect: Outcome| {
        let finding = of(&p99(), 60.0, histogram(bounds, over));
        assert_eq!(finding.outcome, expect, "{bounds:?} {over:?}: {finding:?}");
        finding
    };
    check(&[0.5, 1.0, 2.0], &[50.0, 2.0, 0.0], Outcome::Go);
    check(&[0.5, 1.0, 2.0], &[50.0, 20.0, 0.0], Outcome::Stop);
    // The limit lies between bounds: GO must hold at the lower, STOP at the upper one.
    check(&[0.8, 1.6], &[2.0, 0.0], Outcome::Go);
    check(&[0.8, 1.6], &[50.0, 20.0], Outcome::Stop);
    check(&[0.8, 1.6], &[50.0, 2.0], Outcome::Inconclusive);
    // histogram_quantile would say 0.5 s here for ever.
    let coarse = check(&[0.25, 0.5], &[900.0, 800.0], Outcome::Inconclusive);
    assert_eq!(coarse.reason, Reason::NotMeasured { why: Missing::BucketTooCoarse });
}

#[test]
fn a_histogram_that_began_again_is_not_negative() {
    let counts = |i: u64| vec![i as f64 * 990.0, i as f64 * 999.0, i as f64 * 1_000.0];
    let scrapes = (0..60_u64).map(|i| (i * 1_000, counts(if i < 30 { i } else { i - 29 })));
    let finding = of(&p99(), 60.0, Observation::Histogram(Histogram::new(Unit::S, vec![0.5, 1.0], scrapes.collect())));
    assert_eq!((finding.outcome, finding.n), (Outcome::Go, Some(59_000)));
}

#[test]
fn growth_is_held_against_the_asked_rate_or_in_records() {
    let backlog = |per_s: f64| {
        let samples = every(100, (0..600).map(|i| 100.0 + per_s * f64::from(i) / 10.0));
        Observation::Sampled(Sampled::single(Source::gauge(Unit::Records, 100), samples))
    };
    let share = one("unit = \"records\"\nrule = \"growth\"\ngo = \"<= 0.5 %\"\nstop = \"otherwise\"");
    let asked = || Setting::default().asked(1_000.0);
    assert_eq!(of_setting(&share, 60.0, backlog(2.0), asked()).outcome, Outcome::Go);
    let grows = of_setting(&share, 60.0, backlog(8.0), asked());
    assert_eq!((grows.outcome, grows.unit), (Outcome::Stop, Unit::Percent));
    assert!((grows.value.unwrap() - 0.8).abs() < 1e-9);
    let unasked = of(&share, 60.0, backlog(2.0));
    assert_eq!(unasked.reason, Reason::NotMeasured { why: Missing::NotKnown("the asked rate".to_owned()) });
    let records = one("unit = \"records\"\nrule = \"growth\"\ngo = \"<= 300 records\"\nstop = \"otherwise\"");
    let slow = of(&records, 60.0, backlog(2.0));
    assert_eq!((slow.outcome, slow.unit), (Outcome::Go, Unit::Records));
    assert!((slow.value.unwrap() - 120.0).abs() < 1e-6, "2 records/s over a minute: {slow:?}");
    assert_eq!(of(&records, 60.0, backlog(8.0)).outcome, Outcome::Stop);
}

#[test]
fn a_day_of_growth_is_a_trend() {
    let trend = one(
        "unit = \"bytes\"\nrule = \"trend\"\nblock_by = \"floor\"\ngo = \"< 10 %\"\nwarn = \"otherwise\"\nstop = \">= 50 %\"",
    );
    let heap = |percent_a_day: f64, hours: u32| {
        let minutes = hours * 60;
        let value = move |minute: u32| {
            let live = 1e9 * (1.0 + percent_a_day / 100.0 * f64::from(minute) / 1_440.0);
            live + f64::from(minute * 7 % 40) * 2e7
        };
        gauge(Unit::Bytes, 60_000, &[("", every(60_000, (0..=minutes).map(value)))])
    };
    let day = 86_400.0;
    let check = |percent, outcome| {
        let finding = judged(&trend, day, heap(percent, 24));
        assert_eq!((finding.outcome, finding.unit), (outcome, Unit::Percent), "{percent} % a day: {finding:?}");
    };
    check(0.0, Outcome::Go);
    check(20.0, Outcome::Warn);
    check(60.0, Outcome::Stop);
    let short = judged(&trend, day / 2.0, heap(0.0, 12));
    assert_eq!(short.reason, Reason::TooShort { hold_needed_s: 86_400 });
    let ended_early = judged(&trend, day, heap(0.0, 20));
    assert_eq!(ended_early.outcome, Outcome::Inconclusive, "{ended_early:?}");
}

#[test]
fn a_hot_partition_is_many_times_the_median_and_slow_enough_to_matter() {
    let uniform = one(
        "unit = \"ms\"\nrule = \"uniform\"\nat_least = \"500 ms\"\nmin_records = 300\ngo = \"< 10\"\nstop = \"otherwise\"",
    );
    let check = |figures: &[(f64, u64)], expect: Outcome| {
        let partitions = figures.iter().enumerate().map(|(i, (latency_ms, records))| Partition {
            name: format!("t-{i}"),
            latency_ms: *latency_ms,
            records: *records,
        });
        let finding = of(&uniform, 60.0, Observation::Partitions(partitions.collect()));
        assert_eq!(finding.outcome, expect, "{figures:?}: {finding:?}");
        finding
    };
    check(&[(40.0, 500), (50.0, 500), (60.0, 500)], Outcome::Go);
    check(&[(2.0, 500), (2.0, 500), (30.0, 500)], Outcome::Go);
    let hot = check(&[(40.0, 500), (50.0, 500), (600.0, 500)], Outcome::Stop);
    assert_eq!(hot.series.as_deref(), Some("t-2"));
    check(&[(50.0, 500), (500.0, 500)], Outcome::Stop);
    check(&[(50.0, 500), (499.0, 500)], Outcome::Go);
    check(&[(40.0, 299), (50.0, 500), (60.0, 500)], Outcome::Inconclusive);
    check(&[(40.0, 10), (50.0, 500), (60.0, 500), (900.0, 500)], Outcome::Stop);
    check(&[], Outcome::Inconclusive);
    check(&[(f64::NAN, 500), (50.0, 500)], Outcome::Inconclusive);
}

#[test]
fn a_limit_that_depends_on_a_baseline_needs_one() {
    let slower = one("unit = \"ms\"\nover_time = \"avg\"\ngo = \"<= baseline + 100 ms\"\nstop = \"otherwise\"");
    let seen = || Observation::Sampled(gauge(Unit::Ms, 1_000, &[("", every(1_000, vec![120.0; 60]))]));
    let without = of(&slower, 60.0, seen());
    assert_eq!(without.reason, Reason::NotMeasured { why: Missing::NotKnown("baseline".to_owned()) });
    let with = |ms| Setting::default().baseline("c", Quantity::new(ms, Unit::Ms).unwrap());
    assert_eq!(of_setting(&slower, 60.0, seen(), with(40.0)).outcome, Outcome::Go);
    assert_eq!(of_setting(&slower, 60.0, seen(), with(10.0)).outcome, Outcome::Stop);
}
