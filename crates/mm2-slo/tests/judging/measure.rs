//! A value over series and over time.

use mm2_slo::{Level, Missing, Outcome, Reason, Sampled, Series, Source, Unit};

use crate::support::{every, gauge, judged, one};

const LATENCY: &str = "unit = \"ms\"\ngo = \"< 500 ms\"\nwarn = \"otherwise\"\nstop = \"> 1 s\"\n";

fn latency(over: &str) -> mm2_slo::Criteria {
    one(&format!("{LATENCY}{over}"))
}

#[test]
fn a_window_comes_to_one_value() {
    // 100 samples: 1, 2, … 100.
    let ramp = || every(1_000, (1..=100).map(f64::from));
    let check = |over_time: &str, expect: f64| {
        let finding = judged(
            &one(&format!("unit = \"records\"\ngo = \"< 1 records\"\nstop = \"otherwise\"\nover_time = \"{over_time}\"")),
            100.0,
            gauge(Unit::Records, 1_000, &[("", ramp())]),
        );
        assert_eq!(finding.value, Some(expect), "{over_time}: {finding:?}");
    };
    check("avg", 50.5);
    check("max", 100.0);
    check("min", 1.0);
    check("last", 100.0);
    check("p50", 50.0);
    check("p95", 95.0);
    check("p99", 99.0);
    let slope = one("unit = \"records\"\nover_time = \"slope\"\ngo = \"<= 0.5 records/s\"\nstop = \"otherwise\"");
    let finding = judged(&slope, 100.0, gauge(Unit::Records, 1_000, &[("", ramp())]));
    assert!((finding.value.unwrap() - 1.0).abs() < 1e-12, "{finding:?}");
    assert_eq!((finding.outcome, finding.unit), (Outcome::Stop, Unit::RecordsPerSec));
    let share = one("unit = \"records\"\nover_time = \"share > 90 records\"\ngo = \"<= 5 %\"\nstop = \"otherwise\"");
    let finding = judged(&share, 100.0, gauge(Unit::Records, 1_000, &[("", ramp())]));
    assert_eq!((finding.value, finding.unit, finding.outcome), (Some(10.0), Unit::Percent, Outcome::Stop));
}

#[test]
fn a_percentile_of_few_ticks_is_no_percentile() {
    let few = judged(&latency("over_time = \"p99\""), 60.0, gauge(Unit::Ms, 1_000, &[("", every(1_000, vec![9.0; 60]))]));
    assert_eq!(few.reason, Reason::TooFew { have: 60, need: 100, hold_needed_s: None });
    assert_eq!(few.outcome, Outcome::Inconclusive);
}

#[test]
fn a_counter_that_begins_again_has_not_gone_backwards() {
    let counter = |samples| Source::counter(Unit::Records, 1_000).series([Series::new("", samples)]);
    // 10 a second; after 30 s its process starts again at 0.
    let reset = every(1_000, (0..60).map(|i| f64::from(if i < 30 { 500 + i * 10 } else { (i - 30) * 10 })));
    let rate = one("unit = \"records\"\nover_time = \"rate\"\ngo = \"> 9 records/s\"\nstop = \"otherwise\"");
    let finding = judged(&rate, 60.0, counter(reset.clone()));
    assert_eq!(finding.outcome, Outcome::Go, "{finding:?}");
    let increase = one("unit = \"records\"\nover_time = \"increase\"\ngo = \"= 0 records\"\nstop = \"otherwise\"");
    // 29 steps of 10, one to 0 that counts nothing, 29 steps of 10.
    assert_eq!(judged(&increase, 60.0, counter(reset)).value, Some(580.0));
}

#[test]
fn a_gauge_is_not_a_counter() {
    let rate = one("unit = \"records\"\nover_time = \"rate\"\ngo = \"> 9 records/s\"\nstop = \"otherwise\"");
    let finding = judged(&rate, 60.0, gauge(Unit::Records, 1_000, &[("", every(1_000, vec![1.0; 60]))]));
    assert_eq!(finding.reason, Reason::NotMeasured { why: Missing::OtherForm });
}

#[test]
fn series_become_one_as_the_criterion_says() {
    let two = || {
        gauge(Unit::Ms, 1_000, &[("a", every(1_000, vec![100.0; 60])), ("b", every(1_000, vec![700.0; 60]))])
    };
    let check = |over: &str, outcome: Outcome, value: Option<f64>| {
        let finding = judged(&latency(&format!("over_time = \"avg\"\n{over}")), 60.0, two());
        assert_eq!((finding.outcome, finding.value), (outcome, value), "{over}");
        finding
    };
    check("over_series = \"max\"", Outcome::Warn, Some(700.0));
    check("over_series = \"min\"", Outcome::Go, Some(100.0));
    check("over_series = \"avg\"", Outcome::Go, Some(400.0));
    check("over_series = \"sum\"", Outcome::Warn, Some(800.0));
    let each = check("over_series = \"each\"", Outcome::Warn, Some(700.0));
    assert_eq!(each.series.as_deref(), Some("b"));
    let unsaid = check("", Outcome::Inconclusive, None);
    assert_eq!(unsaid.reason, Reason::SeveralSeries { seen: 2 });
}

#[test]
fn the_maximum_does_not_shrink_when_a_series_goes() {
    // The slow one is only there for the first half.
    let half = |value| every(1_000, vec![value; 30]);
    let sampled = |slow: f64| {
        Source::gauge(Unit::Ms, 1_000)
            .expect(2)
            .series([Series::new("a", every(1_000, vec![100.0; 60])), Series::new("b", half(slow))])
    };
    let max = latency("over_time = \"max\"\nover_series = \"max\"");
    let gone = judged(&max, 60.0, sampled(200.0));
    assert_eq!((gone.outcome, &gone.reason), (Outcome::Inconclusive, &Reason::FewerSeries { seen: 1, expected: 2 }));
    let breached = judged(&max, 60.0, sampled(2_000.0));
    assert_eq!(breached.outcome, Outcome::Stop, "what was seen is bad however much is missing");
    // A series that is missing cannot make a maximum smaller, so one that is over counts by itself.
    let late = Source::gauge(Unit::Ms, 1_000).expect(2).series([Series::new("a", every(1_000, vec![5_000.0; 60]))]);
    assert_eq!(judged(&max, 60.0, late).outcome, Outcome::Stop);
    // But it does make a sum smaller: no STOP for a rate of which half is missing.
    let rate = one(
        "unit = \"records/s\"\nover_series = \"sum\"\nover_time = \"avg\"\ngo = \"> 900 records/s\"\nstop = \"otherwise\"",
    );
    let half_there = Source::gauge(Unit::RecordsPerSec, 1_000)
        .expect(2)
        .series([Series::new("a", every(1_000, vec![500.0; 60]))]);
    assert_eq!(judged(&rate, 60.0, half_there).outcome, Outcome::Inconclusive);
}

#[test]
fn a_value_must_hold_for_as_many_ticks_as_the_criterion_says() {
    let spikes = |length: usize| {
        let mut values = vec![100.0; 60];
        values[20..20 + length].fill(3_000.0);
        gauge(Unit::Ms, 1_000, &[("", every(1_000, values))])
    };
    let for_3 = latency("over_time = \"max\"\nfor = 3");
    assert_eq!(judged(&for_3, 60.0, spikes(2)).outcome, Outcome::Go);
    let three = judged(&for_3, 60.0, spikes(3));
    assert_eq!((three.outcome, three.value, three.first_breach_s), (Outcome::Stop, Some(3_000.0), Some(20.0)));
    assert_eq!(judged(&latency("over_time = \"max\""), 60.0, spikes(1)).outcome, Outcome::Stop);
    // A tick that is missing in the middle neither confirms nor ends it.
    let mut samples = every(1_000, vec![100.0; 60]);
    samples[20].1 = 3_000.0;
    samples[22].1 = 3_000.0;
    samples[23].1 = 3_000.0;
    samples.remove(21);
    assert_eq!(judged(&for_3, 60.0, gauge(Unit::Ms, 1_000, &[("", samples)])).outcome, Outcome::Stop);
}

#[test]
fn the_beginning_can_be_left_out() {
    let mut values = vec![100.0; 120];
    values[..30].fill(9_000.0);
    let samples = || every(1_000, values.clone());
    let cold = latency("over_time = \"max\"");
    assert_eq!(judged(&cold, 120.0, gauge(Unit::Ms, 1_000, &[("", samples())])).outcome, Outcome::Stop);
    let settled = latency("over_time = \"max\"\nsettle = \"30 s\"");
    let finding = judged(&settled, 120.0, gauge(Unit::Ms, 1_000, &[("", samples())]));
    assert_eq!((finding.outcome, finding.coverage_percent, finding.n), (Outcome::Go, Some(100.0), Some(90)));
    // A windowed maximum tells of what was before the window for as long as it looks back.
    let looks_back = Sampled::single(Source::gauge(Unit::Ms, 1_000).looks_back(30_000), samples());
    assert_eq!(judged(&cold, 120.0, looks_back).outcome, Outcome::Go);
}

#[test]
fn jitter_and_phase_of_a_scrape_are_no_gaps() {
    // Two workers, scraped every 15 s at different moments, each up to 7 s early or late.
    let jitter = |phase: u64| -> Vec<(u64, f64)> {
        (0..40_u64).map(|i| (phase + i * 15_000 + (i * 7_919) % 7_000, 100.0)).collect()
    };
    let sampled = gauge(Unit::Ms, 15_000, &[("a", jitter(200)), ("b", jitter(7_700))]);
    let finding = judged(&latency("over_time = \"max\"\nover_series = \"max\""), 600.0, sampled);
    assert_eq!((finding.outcome, finding.n), (Outcome::Go, Some(40)), "{finding:?}");
}

#[test]
fn missing_parts_withhold_go_and_do_not_excuse_stop() {
    let avg = latency("over_time = \"avg\"");
    let with = |keep: &dyn Fn(usize) -> bool, value: f64| {
        let samples = every(1_000, vec![value; 100]).into_iter().enumerate();
        let samples = samples.filter(|(i, _)| keep(*i)).map(|(_, sample)| sample).collect();
        judged(&avg, 100.0, gauge(Unit::Ms, 1_000, &[("", samples)]))
    };
    let check = |keep: &dyn Fn(usize) -> bool, expect: Outcome| {
        assert_eq!(with(keep, 100.0).outcome, expect);
        assert_eq!(with(keep, 5_000.0).outcome, Outcome::Stop);
    };
    check(&|_| true, Outcome::Go);
    check(&|i| i % 20 != 0, Outcome::Go); // 5 % missing, here and there
    check(&|i| i % 5 != 0, Outcome::Inconclusive); // 20 % missing
    check(&|i| !(40..45).contains(&i), Outcome::Inconclusive); // five in a row
    check(&|i| i < 95, Outcome::Inconclusive); // the end
    check(&|i| i > 5, Outcome::Inconclusive); // the beginning
}

#[test]
fn values_that_are_no_numbers_are_missing() {
    let avg = latency("over_time = \"avg\"");
    let all = |value| judged(&avg, 60.0, gauge(Unit::Ms, 1_000, &[("", every(1_000, vec![value; 60]))]));
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(all(value).reason, Reason::NotMeasured { why: Missing::NotFinite });
    }
    assert_eq!(all(100.0).outcome, Outcome::Go);
}

#[test]
fn a_window_that_is_too_short_is_not_judged_good() {
    let daily = latency("over_time = \"avg\"\nnot_before = \"2 min\"");
    let after = |seconds: usize, value: f64| {
        judged(&daily, seconds as f64, gauge(Unit::Ms, 1_000, &[("", every(1_000, vec![value; seconds]))]))
    };
    assert_eq!(after(119, 1.0).reason, Reason::TooShort { hold_needed_s: 120 });
    assert_eq!(after(120, 1.0).outcome, Outcome::Go);
    assert_eq!(after(10, 5_000.0).level(), Some(Level::Stop));
}

#[test]
fn units_are_converted_where_they_are_of_a_kind_and_refused_where_not() {
    let avg = latency("over_time = \"avg\"");
    let seconds = judged(&avg, 60.0, gauge(Unit::S, 1_000, &[("", every(1_000, vec![0.7; 60]))]));
    assert_eq!((seconds.outcome, seconds.value, seconds.unit), (Outcome::Warn, Some(700.0), Unit::Ms));
    let bytes = judged(&avg, 60.0, gauge(Unit::Bytes, 1_000, &[("", every(1_000, vec![0.7; 60]))]));
    assert_eq!(bytes.reason, Reason::NotMeasured { why: Missing::OtherUnit });
    // Connect's percentages are fractions of 1.
    let failures = one("unit = \"ratio\"\nover_time = \"avg\"\ngo = \"< 1 %\"\nstop = \"otherwise\"");
    let ratio = judged(&failures, 60.0, gauge(Unit::Ratio, 1_000, &[("", every(1_000, vec![0.02; 60]))]));
    assert_eq!((ratio.outcome, ratio.limit), (Outcome::Stop, Some(0.01)));
}

#[test]
fn a_finding_says_when_and_by_how_much() {
    let mut values = vec![100.0; 60];
    values[10] = 600.0;
    values[40] = 1_500.0;
    let finding =
        judged(&latency("over_time = \"max\""), 60.0, gauge(Unit::Ms, 1_000, &[("", every(1_000, values))]));
    assert_eq!(finding.outcome, Outcome::Stop);
    assert_eq!((finding.value, finding.limit, finding.margin), (Some(1_500.0), Some(1_000.0), Some(-1_000.0)));
    assert_eq!((finding.first_breach_s, finding.worst_at_s, finding.n), (Some(10.0), Some(40.0), Some(60)));
    assert_eq!(finding.band.as_deref(), Some("> 1 s"));
    assert_eq!(finding.sentence(), "c is 1,500 ms, which is STOP (> 1 s), first after 10 s");
}

#[test]
fn an_advisory_stop_is_a_warning_and_missing_data_is_not_excused() {
    let advisory = latency("over_time = \"avg\"\nadvisory = true");
    let of = |value| judged(&advisory, 60.0, gauge(Unit::Ms, 1_000, &[("", every(1_000, vec![value; 60]))]));
    assert_eq!((of(5_000.0).outcome, of(5_000.0).advisory), (Outcome::Warn, true));
    assert_eq!(of(f64::NAN).outcome, Outcome::Inconclusive);
}

#[test]
fn what_is_switched_off_is_said_and_alone_is_never_go() {
    let off = latency("over_time = \"avg\"\noff = \"no such panel here\"");
    let seen = mm2_slo::Observations::over(60.0);
    let verdict = off.judge(&seen);
    assert_eq!((verdict.level, verdict.findings[0].outcome), (Level::Inconclusive, Outcome::Skipped));
    assert_eq!(verdict.sentence(), "INCONCLUSIVE: nothing was judged (1 skipped)");
}
