//! What somebody found who looked for a wrong GO, and for a STOP that goes away.

use mm2_slo::evidence::{ConnectEvidence, LoadEvidence};
use mm2_slo::observations::{Duplicates, Histogram, Partition};
use mm2_slo::{
    Criteria, Finding, Latency, Level, Missing, Observation, Observations, Outcome, Reason, Sampled, Series,
    Setting, Source, Stream, Unit,
};

use crate::support::{every, judged, one};

const LAG: &str = "unit = \"records\"\nover_series = \"max\"\nover_time = \"max\"\ngo = \"<= 10000 records\"\nwarn = \"otherwise\"\nstop = \"> 50000 records\"\n";

fn two(p0: Vec<(u64, f64)>, p1: Vec<(u64, f64)>) -> Sampled {
    Source::gauge(Unit::Records, 15_000).expect(2).series([Series::new("p0", p0), Series::new("p1", p1)])
}

fn of(criteria: &Criteria, window_s: f64, observation: Observation) -> Finding {
    criteria.judge(&Observations::over(window_s).with("s", observation)).findings.remove(0)
}

fn p99() -> Criteria {
    one("unit = \"ms\"\nrule = \"claim\"\nover_time = \"p99\"\ngo = \"< 1 s\"\nstop = \"otherwise\"")
}

#[test]
fn a_scrape_that_is_lost_does_not_end_what_holds() {
    let low = || every(15_000, vec![1.0; 40]);
    let lag = |for_ticks: u32| one(&format!("{LAG}for = {for_ticks}"));
    // Five bad ticks, one scrape of the bad series lost among them.
    let bad =
        (0..40).filter(|i| *i != 22).map(|i| (i * 15_000, if (20..25).contains(&i) { 6e4 } else { 1.0 }));
    assert_eq!(judged(&lag(4), 600.0, two(low(), bad.collect())).outcome, Outcome::Stop);
    // Each third scrape of it is lost.
    let holes = every(15_000, vec![6e4; 40]).into_iter().filter(|(at, _)| at / 15_000 % 3 != 2);
    assert_eq!(judged(&lag(3), 600.0, two(low(), holes.collect())).outcome, Outcome::Stop);
    // The other one dies first.
    let rises = every(15_000, (0..40).map(|i| if i < 10 { 1.0 } else { 6e4 }));
    assert_eq!(judged(&lag(6), 600.0, two(rises, every(15_000, vec![1.0; 10]))).outcome, Outcome::Stop);
}

#[test]
fn times_and_numbers_that_cannot_be_are_no_trouble() {
    let lag = one(LAG);
    let source = Source::gauge(Unit::Records, 1);
    let end = source.series([Series::new("a", vec![(0, 1.0), (u64::MAX, 1.0)])]);
    assert_eq!(judged(&lag, f64::MAX, end).outcome, Outcome::Inconclusive);
    let huge = source.expect(usize::MAX).series([Series::new("a", every(1, [1.0, 2.0]))]);
    assert_eq!(judged(&lag, 10.0, huge).outcome, Outcome::Inconclusive);
    let mut stream = Stream::new(&lag, &Setting::default());
    let id = stream.series("s", source.looks_back(u64::MAX), "a");
    stream.push(id, u64::MAX, 1.0);
    assert_eq!(stream.verdict(10.0).level, Level::Inconclusive);
}

#[test]
fn records_from_after_the_window_do_not_dilute_those_of_it() {
    let late = (0..6_000_u64).map(|i| (i * 100, if i % 20 == 0 { 2_000.0 } else { 10.0 }));
    let later = (0..594_000_u64).map(|i| (600_000 + i, 10.0));
    let seen = Latency::of_records(1_000.0, late.chain(later));
    assert_eq!(of(&p99(), 600.0, Observation::Latency(seen)).outcome, Outcome::Stop);
    let never = (0..60_000).map(|i| (i, f64::NEG_INFINITY));
    assert_eq!(
        of(&p99(), 60.0, Observation::Latency(Latency::of_records(1_000.0, never))).outcome,
        Outcome::Stop
    );
}

#[test]
fn two_scrapes_in_the_middle_do_not_show_a_window() {
    let seen = |times: [u64; 2]| {
        let scrapes = times.iter().enumerate().map(|(i, at)| (*at, vec![i as f64 * 1e5; 3])).collect();
        of(&p99(), 600.0, Observation::Histogram(Histogram::new(Unit::S, vec![0.5, 1.0], scrapes))).outcome
    };
    assert_eq!(seen([257_000, 343_000]), Outcome::Inconclusive);
    assert_eq!(seen([0, 150_000]), Outcome::Inconclusive);
    assert_eq!(seen([5_000, 595_000]), Outcome::Go);
}

#[test]
fn what_comes_twice_counts_once() {
    let same = || every(15_000, vec![1.0; 40]);
    for over in ["max", "each", "sum"] {
        let lag = one(&LAG.replace("\"max\"\nover_time", &format!("\"{over}\"\nover_time")));
        let twice = Source::gauge(Unit::Records, 15_000)
            .expect(2)
            .series([Series::new("p0", same()), Series::new("p0", same())]);
        assert_eq!(judged(&lag, 600.0, twice).reason, Reason::NotMeasured { why: Missing::SameName });
    }
    let mut slow = every(15_000, vec![5_000.0; 40]);
    slow.extend(vec![(300_000, 1.0); 1_000]);
    for over_time in ["avg", "p95"] {
        let avg = one(&format!(
            "unit = \"records\"\nover_time = \"{over_time}\"\ngo = \"< 500 records\"\nstop = \"otherwise\""
        ));
        let sampled = Sampled::single(Source::gauge(Unit::Records, 15_000), slow.clone());
        assert_eq!(judged(&avg, 600.0, sampled).outcome, Outcome::Stop, "{over_time}");
    }
}

#[test]
fn partitions_that_are_not_there_do_not_make_the_others_uniform() {
    let uniform = |extra: &str| {
        one(&format!("unit = \"ms\"\nrule = \"uniform\"\ngo = \"< 10\"\nstop = \"otherwise\"\n{extra}"))
    };
    let partitions = |names: &[(&str, f64)]| {
        let one = |(name, latency_ms): &(&str, f64)| Partition {
            name: (*name).to_owned(),
            latency_ms: *latency_ms,
            records: 1_000,
        };
        Observation::Partitions(names.iter().map(one).collect())
    };
    let outcome = |extra, names: &[(&str, f64)]| of(&uniform(extra), 60.0, partitions(names)).outcome;
    assert_eq!(outcome("", &[("p0", 10_000.0), ("p1", 10.0)]), Outcome::Stop);
    assert_eq!(outcome("", &[("p0", 10_000.0), ("p0", 10_000.0), ("p1", 10.0)]), Outcome::Inconclusive);
    assert_eq!(outcome("", &[("p0", 10_000.0)]), Outcome::Inconclusive);
    assert_eq!(outcome("series = 3", &[("p0", 10.0), ("p1", 10.0)]), Outcome::Inconclusive);
    // Found by the fuzzer: a ratio that is no number was "too small to matter".
    assert_eq!(outcome("", &[("p0", -1.7e308), ("p1", -1.7e308)]), Outcome::Inconclusive);
}

#[test]
fn a_key_that_nobody_would_read_is_refused() {
    let total = "unit = \"records\"\ngo = \"= 0 records\"\nstop = \"> 0 records\"\n";
    for key in ["over_series = \"sum\"", "series = 3", "coverage = \"100 %\"", "settle = \"60 s\""] {
        let text = format!("[[criterion]]\nname = \"c\"\nsignal = \"s\"\n{total}{key}");
        let error = Criteria::from_toml(&text).unwrap_err();
        assert!(error.to_string().contains("is not read by this rule"), "{key}: {error}");
    }
}

#[test]
fn growth_that_was_hardly_looked_at_is_not_shown() {
    let growth = one("unit = \"records\"\nrule = \"growth\"\ngo = \"<= 300 records\"\nstop = \"otherwise\"");
    let rare = every(30_000, vec![10.0; 20]);
    let sparse = Sampled::single(Source::gauge(Unit::Records, 1_000), rare);
    assert_eq!(judged(&growth, 600.0, sparse).outcome, Outcome::Inconclusive);
    let before = Sampled::single(
        Source::gauge(Unit::Records, 1_000).looks_back(10_000_000),
        every(1_000, vec![10.0; 600]),
    );
    assert_eq!(judged(&growth, 600.0, before).outcome, Outcome::Inconclusive);
}

#[test]
fn a_source_that_failed_is_not_made_good_by_what_it_said_before() {
    let lag = one(LAG);
    let mut stream = Stream::new(&lag, &Setting::default());
    let id = stream.series("s", Source::gauge(Unit::Records, 1_000), "a");
    (0..60).for_each(|i| stream.push(id, i * 1_000, 1.0));
    assert_eq!(stream.verdict(60.0).level, Level::Go);
    stream.series("s", Source::gauge(Unit::Records, 1_000), "b");
    assert_eq!(stream.verdict(60.0).level, Level::Inconclusive, "b never came");
    let mut other = stream.clone();
    other.series("s", Source::gauge(Unit::Bytes, 5_000), "c");
    assert_eq!(other.verdict(60.0).findings[0].reason, Reason::NotMeasured { why: Missing::OtherForm });
    stream.observe("s", Err(Missing::QueryFailed));
    assert_eq!(stream.verdict(60.0).findings[0].reason, Reason::NotMeasured { why: Missing::QueryFailed });
}

#[test]
fn a_slip_that_nobody_judges_excuses_nothing() {
    let criteria = Criteria::from_toml(
        "[[criterion]]\nname = \"slip\"\nsignal = \"load\"\nunit = \"ms\"\nrule = \"slip\"\ngo = \"<= 50 ms\"\n\
         stop = \"> 50 ms\"\noff = \"not here\"\n\
         [[criterion]]\nname = \"lost\"\nsignal = \"s\"\nunit = \"records\"\ngo = \"= 0 records\"\n\
         stop = \"> 0 records\"\nvoid_if_slip = true\n",
    )
    .unwrap();
    let load = LoadEvidence {
        due: 1_000,
        sent: 1_000,
        acked: 1_000,
        acked_in_time: 1_000,
        failed: 0,
        slip_p99_ms: Some(5_000.0),
        slip_max_ms: None,
        source_blocked_ms: 0.0,
        source_refused: false,
    };
    let lost = mm2_slo::Total::new(7.0, Unit::Records);
    let seen =
        Observations::over(60.0).with("load", Observation::Load(load)).with("s", Observation::Total(lost));
    assert_eq!(criteria.judge(&seen).level, Level::Stop);
}

#[test]
fn duplicates_that_a_restart_explains_are_not_all_there_is_where_not_all_was_counted() {
    let duplicates =
        one("unit = \"records\"\nrule = \"duplicates\"\ngo = \"= 0 records\"\nstop = \"> 0 records\"");
    let outcome = |complete| {
        let connect = ConnectEvidence::Absent { why: "none".to_owned() };
        let seen = Observation::Duplicates(Duplicates { count: 5, complete, connect });
        let seen = Observations::over(60.0).with("s", seen).in_setting(Setting::default().asked(1_000.0));
        duplicates.judge(&seen).level
    };
    assert_eq!((outcome(true), outcome(false)), (Level::Warn, Level::Inconclusive));
}

#[test]
fn counters_are_as_whole_as_the_thinnest_of_them() {
    let sum = one(
        "unit = \"records\"\nover_series = \"sum\"\nover_time = \"increase\"\ngo = \"<= 10 records\"\nstop = \"otherwise\"",
    );
    let counters = |a: Vec<(u64, f64)>, b: Vec<(u64, f64)>| {
        Source::counter(Unit::Records, 1_000).expect(2).series([Series::new("a", a), Series::new("b", b)])
    };
    let flat = |n: usize| every(1_000, vec![5.0; n]);
    let scattered = flat(100).into_iter().filter(|(at, _)| at / 1_000 % 10 != 3).collect();
    assert_eq!(judged(&sum, 100.0, counters(scattered, flat(92))).outcome, Outcome::Inconclusive);
    assert_eq!(judged(&sum, 100.0, counters(flat(100), flat(100))).outcome, Outcome::Go);
    let climbs = every(1_000, (0..100).map(|i| f64::from(i) * 1_000.0));
    assert_eq!(judged(&sum, 100.0, counters(climbs, vec![(0, 1.0)])).outcome, Outcome::Stop);
}
